// The panel beside the rows: why something happened and who did it, what an event changed, and by which clock it is told.

const chosen = { pod: null, event: null, sentence: null };

const CLOCKS = {
  audit: "the API server's audit log", received: "when the recorder received it", managedFields: "the API server's clock, in managedFields, whole seconds",
  status: "the newest time in the status, whole seconds", inherited: "the event before: it left no time of its own", none: "nothing tells",
};

const when = (at) => (at === null ? "not known" : iso(incident.base + at));

function facts(pairs) {
  const list = element("dl");
  for (const [name, value, title] of pairs.filter(([, value]) => value !== "" && value !== null && value !== undefined)) {
    const told = element("dd", "", value);
    if (title) told.title = title;
    list.append(element("dt", "", name), told);
  }
  return list;
}

function panel(title, ...parts) {
  const close = element("button", "close", "✕");
  close.type = "button";
  close.title = "Close (Escape)";
  close.setAttribute("aria-label", "Close details");
  close.addEventListener("click", closeDetail);
  const detail = byId("detail");
  const held = detail.contains(document.activeElement) ? document.activeElement : null;
  detail.replaceChildren(close, element("h3", "", title), ...parts.flat().filter(Boolean));
  const wasHidden = detail.hidden;
  detail.hidden = false;
  detail.scrollTop = 0;
  if (wasHidden) measure();
  if (isNarrow()) detail.scrollIntoView({ block: "nearest" });
  if (held) keepFocus(detail, held.title);
}

// What is told anew takes the focus from nobody: the same button has it, or the panel.
function keepFocus(detail, title) {
  const same = [...detail.querySelectorAll("button")].find((button) => title && button.title === title && !button.disabled);
  (same ?? detail).focus({ preventScroll: true });
}

function closeDetail() {
  byId("detail").hidden = true;
  Object.assign(chosen, { pod: null, event: null, sentence: null });
  measure();
  focusRow(focused);
  remember();
}

// What the story says of a pod at an event: sentences that it proves, or that tell of that moment.
function sentencesOf(pod, index) {
  const event = pod.events[index];
  const isNear = (it) => it.pods.includes(pod.index) && it.at !== null && event.at !== null
    && it.at >= event.at - SECOND && it.at <= Math.max(event.latest ?? 0, event.at) + SECOND;
  return incident.sentences.filter((it) => it.evidence.some(([place, of]) => place === pod.index && of === index) || isNear(it));
}

function because(sentences) {
  return sentences.map((it) => {
    const told = element("div", `because ${it.weight}`);
    const go = element("button", "guide-number", `${it.index + 1}`);
    go.type = "button";
    go.title = "This sentence of the story";
    go.addEventListener("click", () => showSentence(it));
    told.append(go, element("span", "words", it.text));
    for (const cause of it.causes) told.append(element("div", "cause", `because: ${cause.text}`), element("div", "faint", [cause.rule, cause.records].filter(Boolean).join(", ")));
    if (it.records) told.append(element("div", "faint", `shown by ${it.records}`));
    return told;
  });
}

// Events and refusals within half a minute.
function notesNear(pod, at) {
  if (at === null) return null;
  const near = pod.notes.filter((note) => Math.abs(note.at - at) <= MINUTE / 2 || note.last !== null && note.at < at && note.last >= at - MINUTE / 2);
  if (!near.length) return null;
  const list = element("div", "list");
  for (const note of near.slice(0, 20)) {
    const made = element("button", "", `${moment(note.at)}  ${NOTE_SIGNS[note.kind]} ${note.reason}: ${note.message}`);
    made.type = "button";
    made.addEventListener("click", () => showNote(pod, note));
    list.append(made);
  }
  return [element("h4", "", "Events around it"), list];
}

function showEvent(pod, index) {
  const event = pod.events[index];
  if (!event) return;
  Object.assign(chosen, { pod, event: index, sentence: null });
  const window = event.at === null ? "not known"
    : event.latest !== null && event.latest > event.at ? `${when(event.at)} or later, up to ${when(event.latest)}` : when(event.at);
  const stamps = transitionsOf(pod, index).filter(({ bar }) => bar.stamped !== null);
  panel(`${place(pod)}/${pod.name}`,
    moves(pod, index),
    event.by ? element("p", "who", `by ${event.by}`) : element("p", "who faint", "who wrote it is not recorded"),
    because(sentencesOf(pod, index)),
    findings(pod.flags.filter((flag) => flag.event === index)),
    transitionList(pod, index),
    changeList(pod, event, index),
    notesNear(pod, event.at),
    facts([
      ["status", event.status],
      ["event", `${event.kind}${event.version ? `, resourceVersion ${event.version}` : ""}`],
      ["observed", window], ["clock", CLOCKS[event.clock] ?? event.clock],
      ["stamped", [...new Set(stamps.map(({ lane, bar }) => `${lane.label} ${when(bar.stamped)}`))].join("\n"), "what the cluster wrote into the object"],
      ["recorded", event.source],
    ]),
    event.object && objectOf(event));
  redraw();
  remember();
}

function moves(pod, index) {
  const made = element("div", "moves");
  const button = (text, target, title) => {
    const it = element("button", "", text);
    it.type = "button";
    it.title = title;
    it.disabled = !pod.events[target];
    it.addEventListener("click", () => goTo(pod, target));
    made.append(it);
  };
  button("◂ earlier", index - 1, "The event before (p)");
  made.append(element("span", "faint", `event ${index + 1} of ${pod.events.length}`));
  button("later ▸", index + 1, "The next event (n)");
  return made;
}

// The interval that ends where another begins: there is none where nothing was told in between.
function before(lane, place) {
  const earlier = lane.bars[place - 1];
  return earlier && earlier.until === lane.bars[place].from ? earlier.value : earlier ? "(none)" : null;
}

// The intervals that an event began.
function transitionsOf(pod, index) {
  if (!pod.begun) {
    pod.begun = new Map();
    for (const lane of pod.lanes.slice(1)) lane.bars.forEach((bar, place) => {
      if (!pod.begun.has(bar.event)) pod.begun.set(bar.event, []);
      pod.begun.get(bar.event).push({ lane, bar, before: before(lane, place) });
    });
  }
  return pod.begun.get(index) ?? [];
}

function transitionList(pod, index) {
  const all = transitionsOf(pod, index);
  if (!all.length) return null;
  const table = element("table");
  for (const { lane, bar, before } of all) {
    const row = element("tr");
    const words = element("td");
    words.append(before ? `${before} → ` : "", element("span", `word-${bar.health}`, bar.value),
      bar.restarts ? ` #${bar.restarts}` : "", bar.inferred ? " (no event shows it; this one proves it)" : "");
    if (bar.reason || bar.message) words.append(element("div", "faint", [bar.reason, bar.message].filter(Boolean).join(": ")));
    row.append(element("th", "", lane.label), words);
    table.append(row);
  }
  return [element("h4", "", "What happened"), table];
}

function changeList(pod, event, index) {
  if (!event.changes.length) {
    return index === 0 && pod.begins ? element("p", "faint", "The first event that is recorded of this pod: there is nothing to compare it with.") : null;
  }
  const told = event.changes.flatMap(({ path, before, after }) => [
    element("div", "path", path),
    ...(before === null ? [] : [element("del", "removed", `- ${before}`)]),
    ...(after === null ? [] : [element("ins", "added", `+ ${after}`)]),
  ]);
  return [element("h4", "", "What changed in the object"), ...told];
}

function objectOf(event) {
  const made = element("details");
  made.append(element("summary", "", "The whole object"), element("pre", "", event.object));
  return made;
}

function findings(flags) {
  return flags.map((flag) => {
    const made = element("div", `finding ${flag.severity}`);
    const more = flag.count > 1 ? ` (shown by ${flag.count} events)` : "";
    made.append(element("b", "", `${flag.rule} ${flag.name}${flag.about ? `: ${flag.about}` : ""}`), ` ${flag.severity === "difference" ? "" : flag.severity}${more}`,
      facts([["expected", flag.expected], ["recorded", flag.actual]]), element("div", "", flag.message));
    const page = incident.rules[flag.rule];
    if (page) {
      const about = element("details");
      about.append(element("summary", "", "About this rule"), element("pre", "", page));
      made.append(about);
    }
    return made;
  });
}

function showNote(pod, note) {
  Object.assign(chosen, { pod, event: null, sentence: null });
  const title = { node: "Node", warning: "Event, Warning", refused: "Refused", normal: "Event" }[note.kind];
  panel(`${place(pod)}/${pod.name}`, facts([
    [title, note.reason], ["at", when(note.at)], ["last", note.last !== null && note.last > note.at ? when(note.last) : ""],
    ["count", note.count > 1 ? note.count : ""], ["source", note.source],
  ]), note.message && element("pre", "", note.message));
  redraw();
}

function showFlag(pod, flag) {
  if (flag.event >= 0) return showEvent(pod, flag.event);
  Object.assign(chosen, { pod, event: null, sentence: null });
  panel(`${place(pod)}/${pod.name}`, findings([flag]));
  redraw();
}

function showGap(pod, gap) {
  Object.assign(chosen, { pod, event: null, sentence: null });
  panel(`${place(pod)}/${pod.name}`, facts([["from", when(gap.from)], ["until", when(gap.until)]]), element("p", "", gap.what));
  redraw();
}

// What an event did, in a few words.
function summary(pod, index) {
  const changed = [...new Set(transitionsOf(pod, index).map(({ lane, bar }) => `${lane.label} ${bar.value}`))];
  if (changed.length) return `  ${changed.slice(0, 3).join(", ")}${changed.length > 3 ? ` and ${changed.length - 3} more` : ""}`;
  const paths = pod.events[index].changes.map(({ path }) => path);
  return paths.length ? `  ${paths.slice(0, 2).join(", ")}${paths.length > 2 ? ` and ${paths.length - 2} more` : ""}` : "";
}

// All events of a pod, or all intervals of a row, as a list: the same as the picture, for reading.
function showRow(row) {
  if (row.kind !== "pod" && row.kind !== "lane") return;
  const { pod, lane } = row;
  Object.assign(chosen, { pod, event: null, sentence: null });
  const list = element("div", "list"), told = [];
  const entry = (at, text, act) => {
    const made = element("button", "", `${at === null ? "time not known" : moment(at)}  ${text}`);
    made.type = "button";
    made.addEventListener("click", act);
    list.append(made);
  };
  if (row.kind === "pod") pod.events.forEach((event, index) => { told.push([event.at, `${event.kind}  ${event.status}${summary(pod, index)}`, () => goTo(pod, index)]); });
  else lane.bars.forEach((bar, place) => { if (before(lane, place) === "(none)") told.push([lane.bars[place - 1].until, "not told", () => goTo(pod, bar.event)]); });
  if (row.kind !== "pod") for (const bar of lane.bars) told.push([bar.from, `${bar.value}, ${length(bar.until - bar.from)}${bar.reason ? ` (${bar.reason})` : ""}`, () => goTo(pod, bar.event)]);
  for (const note of row.kind === "pod" ? pod.notes : lane.notes) told.push([note.at, `${NOTE_SIGNS[note.kind]} ${note.reason}: ${note.message}`, () => showNote(pod, note)]);
  for (const [at, text, act] of told.sort(([left], [right]) => (left ?? -Infinity) - (right ?? -Infinity))) entry(at, text, act);
  const flags = row.kind === "pod" ? pod.flags : lane.flags;
  panel(`${place(pod)}/${pod.name}: ${lane.label}`,
    row.kind === "pod" && because(incident.sentences.filter((it) => it.pods.includes(pod.index))),
    row.kind === "pod" && facts([["at the end", pod.status], ["owner", pod.owner], ["node", pod.node], ["IP", pod.ip], ["uid", pod.uid]]),
    list, findings(flags));
  redraw();
}
