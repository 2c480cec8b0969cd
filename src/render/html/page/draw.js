// Draws rows: a head with the name, a track with intervals. Text of a recording only ever becomes text.

const GLYPHS = { good: "●", done: "✓", waiting: "◌", bad: "✕", neutral: "", unknown: "?" };
const NOTE_SIGNS = { warning: "▲", normal: "•", node: "◆" };
const FLAG_SIGNS = { info: "i", warning: "?", error: "!", difference: "≠" };
const LABEL_PIXELS = 18;
const MARK_PIXELS = 9;
// Rows with more intervals than this are drawn pixel by pixel: the worst of each stands for it.
const CROWD = 400;

function element(tag, classes, text) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  if (text !== undefined) made.textContent = text;
  return made;
}

function rowElement(row, index) {
  const made = element("div", `row ${row.kind}`);
  made.style.top = `${row.top}px`;
  made.style.height = `${row.height}px`;
  made.dataset.id = row.id;
  made.setAttribute("role", "row");
  made.setAttribute("aria-level", row.level);
  made.setAttribute("aria-rowindex", index + 1);
  made.tabIndex = -1;
  if (row.kind !== "lane") made.setAttribute("aria-expanded", row.isOpen);
  const head = element("div", "head");
  head.setAttribute("role", "rowheader");
  const track = element("div", "track");
  track.setAttribute("role", "gridcell");
  track.append(element("div", "layer"));
  fillHead(head, row);
  made.append(head, track);
  if (row.lane?.expected.length) made.classList.add("has-expected");
  track.setAttribute("aria-label", spoken(row));
  return made;
}

function fillHead(head, row) {
  if (row.kind === "lane") {
    const [first, ...rest] = row.lane.label.split(" ");
    head.append(rest.length ? element("span", "", first) : "", element("span", "name", rest.join(" ") || first));
    head.title = row.lane.label;
    return;
  }
  const twisty = element("button", "twisty", row.isOpen ? "▾" : "▸");
  twisty.type = "button";
  twisty.tabIndex = -1;
  twisty.setAttribute("aria-hidden", "true");
  const name = element("span", "name", row.kind === "group" ? row.label : row.pod.label);
  head.append(twisty, name, element("span", "push"));
  head.title = row.kind === "group" ? row.label : `${row.pod.namespace}/${row.pod.name}, uid ${row.pod.uid}`;
  const badge = (text, kind, title) => {
    const made = element("span", `badge ${kind}`, text);
    made.title = title;
    head.append(made);
  };
  if (row.kind === "group") return badge(`${row.members.length}`, "", "pods");
  if (row.pod.errors) badge(`! ${row.pod.errors}`, "error", "broken rules");
  if (row.pod.warnings) badge(`? ${row.pod.warnings}`, "warning", "allowed but suspicious");
  if (row.pod.restarts) badge(`↻ ${row.pod.restarts}`, "", "restarts");
}

// What a screen reader says of a row.
function spoken(row) {
  if (row.kind === "group") return `${row.members.length} pods`;
  const told = row.lane.bars.slice(0, 12).map((bar) => `${bar.value} from ${moment(bar.from)} for ${length(bar.until - bar.from)}`);
  const more = row.lane.bars.length - told.length;
  const marks = row.lane.notes.length ? [`${row.lane.notes.length} events`] : [];
  const flags = row.lane.flags.map((flag) => `finding ${flag.rule} ${flag.name}`);
  const count = row.pod.gaps.length;
  const gaps = count ? [`${count} ${count === 1 ? "stretch" : "stretches"} not recorded`] : [];
  return [...told, ...(more > 0 ? [`and ${more} more`] : []), ...flags, ...marks, ...gaps].join("; ") || "nothing";
}

function drawTrack(made, row) {
  const layer = made.querySelector(".layer");
  const pieces = [];
  if (row.kind === "group") return layer.replaceChildren();
  const [from, until] = drawn();
  const isShown = (it) => it.until >= from && it.from <= until;
  const isOfRow = (gap) => gap.lane < 0 || gap.lane === row.lane.place;
  for (const gap of row.pod.gaps.filter((gap) => isShown(gap) && isOfRow(gap))) pieces.push(gapElement(gap, row));
  for (const bar of thinned(row.lane.bars.filter(isShown), (bar) => HEALTHS.indexOf(bar.health))) pieces.push(barElement(bar, row));
  if (row.kind === "pod") for (const bar of thinned(row.pod.ready.filter(isShown), (bar) => HEALTHS.indexOf(bar.health))) pieces.push(stripElement(bar));
  for (const track of thinned(row.lane.expected.filter(isShown), (track) => AGREEMENTS.indexOf(track.agreement))) pieces.push(expectedElement(track));
  pieces.push(...marks(row, from, until));
  layer.replaceChildren(...pieces);
}

// From an edge to an edge, no further than what is drawn: a browser does not paint boxes of millions of pixels well.
function across(made, from, until) {
  const [first, last] = drawn();
  const left = pixel(Math.max(from, first)), right = pixel(Math.min(until, last));
  made.style.left = `${left.toFixed(1)}px`;
  made.style.width = `${Math.max(right - left, 0).toFixed(1)}px`;
  return right - left;
}

function barElement(bar, row) {
  const made = element("div", `bar ${bar.health}`);
  const width = across(made, bar.from, bar.until);
  if (bar.end !== "changed") made.classList.add(bar.end);
  if (bar.inferred) made.classList.add("inferred");
  if (width >= LABEL_PIXELS) made.append(labelOf(bar, pixel(bar.from)));
  else made.classList.add("narrow");
  made.title = [`${bar.value}${bar.reason ? ` (${bar.reason})` : ""}`,
    `${iso(incident.base + bar.from)} to ${iso(incident.base + bar.until)}, ${length(bar.until - bar.from)}`,
    ...(bar.end === "open" ? ["what is shown ends here"] : bar.end === "gone" ? ["the pod was gone"] : []),
    ...(bar.inferred ? ["no event shows this; a later one proves it"] : [])].join("\n");
  Object.assign(made.dataset, { from: bar.from, until: bar.until, value: bar.value, event: bar.event });
  if (chosen.pod === row.pod && chosen.event === bar.event) made.classList.add("chosen");
  return made;
}

// The label stays in sight where the interval began further left.
function labelOf(bar, left) {
  const label = element("span", "", [GLYPHS[bar.health], bar.value].filter(Boolean).join(" "));
  if (left < 0) label.style.marginLeft = `${Math.min(-left, view.width).toFixed(0)}px`;
  return label;
}

// Of a crowd the worst of each pixel.
function thinned(all, badness) {
  if (all.length <= CROWD) return all;
  const kept = [];
  let column = -1;
  for (const it of all) {
    const own = Math.floor(pixel(it.until));
    const last = kept.at(-1);
    if (own === column && last && pixel(it.until) - pixel(it.from) < 1) {
      if (badness(it) > badness(last)) kept[kept.length - 1] = it;
    } else kept.push(it);
    column = own;
  }
  return kept;
}

// The readiness of a pod, beneath its status.
function stripElement(bar) {
  const made = element("div", `strip ${bar.health}`);
  across(made, bar.from, bar.until);
  made.title = `Ready ${bar.value}${bar.reason ? ` (${bar.reason})` : ""}\n${iso(incident.base + bar.from)} to ${iso(incident.base + bar.until)}, ${length(bar.until - bar.from)}`;
  Object.assign(made.dataset, { from: bar.from, until: bar.until, value: bar.value, event: bar.event });
  return made;
}

function expectedElement(track) {
  const made = element("div", `expected ${track.agreement}`);
  across(made, track.from, track.until);
  made.title = { same: `Kubernetes computes ${track.value}: as recorded`,
    lawful: `Kubernetes computes ${track.value}; what is recorded is lawful too`,
    against: `expected ${track.value}: a finding says more` }[track.agreement];
  Object.assign(made.dataset, { from: track.from, until: track.until, value: track.value, event: track.event });
  return made;
}

function gapElement(gap, row) {
  const made = element("div", "gap");
  const width = across(made, gap.from, gap.until);
  made.title = gap.what;
  made.dataset.gap = row.pod.gaps.indexOf(gap);
  if (width > 90) made.append(element("span", "", gap.lane < 0 ? "not recorded" : "runs not recorded"));
  return made;
}

// Events and findings. Those that would lie on each other are one, with their number.
function marks(row, from, until) {
  const isShown = (it) => it.at >= from && it.at <= until;
  const all = row.kind === "pod" ? row.pod.notes : row.lane.notes;
  const flags = row.kind === "pod"
    ? row.pod.flags.filter((flag) => flag.severity !== "info")
    : row.lane.flags;
  const notes = gathered(all.filter(isShown)).map(({ first, count }) => {
    const made = element("button", `mark ${first.kind}`, NOTE_SIGNS[first.kind]);
    made.title = `${first.reason}: ${first.message}${count > 1 ? `\nand ${count - 1} more` : ""}`;
    made.dataset.note = row.pod.notes.indexOf(first);
    made.style.left = `${pixel(first.at).toFixed(1)}px`;
    return made;
  });
  const told = gathered(flags.filter(isShown)).map(({ first, count }) => {
    const made = element("button", `flag ${first.severity}`, `${FLAG_SIGNS[first.severity]}${count > 1 ? ` +${count - 1}` : ""}`);
    made.title = `${first.rule} ${first.name}${first.about ? `, ${first.about}` : ""}: expected ${first.expected}${first.actual ? `, recorded ${first.actual}` : ""}`;
    made.dataset.flag = row.pod.flags.indexOf(first);
    made.style.left = `${pixel(first.at).toFixed(1)}px`;
    return made;
  });
  for (const made of [...notes, ...told]) { made.type = "button"; made.tabIndex = -1; }
  return [...notes, ...told];
}

const RANK = { normal: 0, info: 0, node: 1, warning: 2, difference: 3, error: 4 };

function gathered(all) {
  const groups = [];
  for (const it of [...all].sort((left, right) => left.at - right.at)) {
    const last = groups.at(-1);
    if (last && pixel(it.at) - last.x < MARK_PIXELS) {
      last.count += 1;
      if (RANK[it.kind ?? it.severity] > RANK[last.first.kind ?? last.first.severity]) last.first = it;
    } else groups.push({ first: it, count: 1, x: pixel(it.at) });
  }
  return groups;
}

// How much happened when, under the ticks: all events, and those that brought something bad.
const BIN_PIXELS = 5;

function drawCrowd(place, pods) {
  const [from, until] = drawn();
  const all = new Map(), bad = new Map();
  const count = (bins, at) => { if (at >= from && at <= until) { const bin = Math.floor(pixel(at) / BIN_PIXELS); bins.set(bin, (bins.get(bin) ?? 0) + 1); } };
  for (const pod of pods) {
    for (const event of pod.events) if (event.at !== null) count(all, event.at);
    for (const lane of pod.lanes.slice(1)) for (const bar of lane.bars) if (bar.health === "bad") count(bad, bar.from);
  }
  const most = Math.max(1, ...all.values(), ...bad.values());
  const columns = (bins, kind) => [...bins].map(([bin, number]) => {
    const made = element("div", `bin ${kind}`);
    made.style.left = `${bin * BIN_PIXELS}px`;
    made.style.height = `${(Math.sqrt(number / most) * 100).toFixed(0)}%`;
    return made;
  });
  place.replaceChildren(...columns(all, "all"), ...columns(bad, "bad"));
}

function drawAxis(ticks, grid) {
  const step = stepFor(scale(), 90);
  const [from, until] = drawn();
  const labels = [], lines = [];
  let lastDay = day(incident.base + Math.max(view.from, from));
  for (let moment = Math.ceil((incident.base + from) / step) * step; moment <= incident.base + until; moment += step) {
    const x = `${pixel(moment - incident.base).toFixed(1)}px`;
    const isNewDay = day(moment) !== lastDay;
    lastDay = day(moment);
    const label = element("div", `tick${isNewDay ? " day" : ""}`, isNewDay || step >= DAY ? `${day(moment)}${step >= DAY ? "" : ` ${clock(moment, step)}`}` : clock(moment, step));
    const line = element("div", "line");
    label.style.left = line.style.left = x;
    labels.push(label);
    lines.push(line);
  }
  ticks.replaceChildren(...labels);
  grid.replaceChildren(...lines);
}
