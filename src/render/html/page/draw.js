// Draws rows: a head with the name, a track with intervals. Text of a recording only ever becomes text.

const GLYPHS = { good: "●", done: "✓", ending: "◍", waiting: "◌", unready: "◐", bad: "✕", neutral: "", unknown: "?" };
const NOTE_SIGNS = { warning: "▲", normal: "•", node: "◆", refused: "⊘" };
const FLAG_SIGNS = { info: "i", warning: "?", error: "!", difference: "≠" };
const LABEL_PIXELS = 18;
const MARK_PIXELS = 11;
// Rows with more intervals than this are drawn pixel by pixel: the worst of each stands for it.
const CROWD = 400;

function element(tag, classes, text) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  if (text !== undefined) made.textContent = text;
  return made;
}

// How wide texts are, letter by letter: measured once for each font.
const ruler = document.createElement("canvas").getContext("2d");
const widths = new Map();
function widthOf(text, font) {
  if (ruler.font !== font) ruler.font = font;
  const key = `${font}\n${text}`;
  if (!widths.has(key)) {
    if (widths.size > 20_000) widths.clear();
    widths.set(key, ruler.measureText(text).width);
  }
  return widths.get(key);
}
const BAR_FONT = '500 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif';

const NAME_FONT = '14px system-ui, "Segoe UI", "DejaVu Sans", sans-serif', GROUP_FONT = `600 ${NAME_FONT}`;

// A label in the longest form that there is room for: whole, most of it with …, its sign alone, or nothing. Never half a letter.
function fitting(forms, room, font = BAR_FONT) {
  const free = room - 8;
  const whole = forms.find((form) => widthOf(form, font) <= free);
  if (whole !== undefined) return whole;
  const letters = [...forms[0]];
  const kept = Math.floor((letters.length * free) / widthOf(forms[0], font)) - 1;
  const cut = `${letters.slice(0, kept).join("").trimEnd()}…`;
  return kept >= letters.length * 0.7 && widthOf(cut, font) <= free ? cut : "";
}

// The forms of a value: whole, its heart, its sign.
function formsOf(sign, value, short = value) {
  const inner = /^\w+\((.*)\)$/.exec(value)?.[1] ?? short;
  const ended = /^terminated\(.*?(-?\d+)\)$/.exec(value)?.[1];
  const note = /, ([a-z ]+)$/.exec(value)?.[1];
  const plain = statusOf(value);
  const forms = [value, ended === undefined ? inner : "", ended === undefined ? "" : `exit ${ended}`, note ?? plain].filter(Boolean);
  return [...forms.map((form) => (sign ? `${sign} ${form}` : form)), ...(sign ? [sign] : [])];
}

// A name that is too long loses its middle: what tells pods apart is their end.
function elided(name, room, font = NAME_FONT) {
  if (widthOf(name, font) <= room) return name;
  const letters = [...name];
  let kept = letters.length - 1;
  const cut = () => { const tail = Math.ceil(kept * 0.6); return `${letters.slice(0, kept - tail).join("")}…${letters.slice(letters.length - tail).join("")}`; };
  while (kept > 4 && widthOf(cut(), font) > room) kept -= 1;
  return cut();
}

function rowElement(row, index) {
  const made = element("div", `row ${row.kind}${row.kind === "group" && row.height === AREA ? " folded" : ""}`);
  made.style.top = `${row.top}px`;
  made.style.height = `${row.height}px`;
  made.dataset.id = row.id;
  made.setAttribute("role", "row");
  made.setAttribute("aria-level", row.level);
  made.setAttribute("aria-rowindex", index + 1);
  made.tabIndex = -1;
  if (row.kind === "group" || row.kind === "pod") made.setAttribute("aria-expanded", row.isOpen);
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
  const room = (taken) => Math.max(60, headWidth() - taken);
  if (row.kind === "line") return head.append(element("span", "name", row.label));
  if (row.kind === "node") {
    head.title = `node ${row.node.name}`;
    return head.append(element("span", "", "node"), element("span", "name", elided(row.node.name, room(90))));
  }
  if (row.kind === "lane") {
    const [first, ...rest] = row.lane.label.split(" ");
    head.append(rest.length ? element("span", "", first) : "", element("span", "name", elided(rest.join(" ") || first, room(rest.length ? 60 + widthOf(first, NAME_FONT) : 60))));
    head.title = row.lane.label;
    return;
  }
  const twisty = element("button", "twisty", row.isOpen ? "▾" : "▸");
  twisty.type = "button";
  twisty.tabIndex = -1;
  twisty.setAttribute("aria-hidden", "true");
  const badges = [];
  const badge = (text, kind, title) => {
    const made = element("span", `badge ${kind}`, text);
    made.title = title;
    badges.push(made);
  };
  if (row.kind === "group") {
    const restarts = row.members.reduce((sum, pod) => sum + pod.restarts, 0);
    if (restarts) badge(`↻ ${restarts}`, "", "restarts");
    badge(`${row.count ?? row.members.length}`, "", row.count === undefined ? "pods" : "nodes");
  } else {
    if (row.pod.differences) badge(`≠ ${row.pod.differences}`, "difference", "differences from the expectation");
    if (row.pod.errors) badge(`! ${row.pod.errors}`, "error", "broken rules");
    if (row.pod.warnings) badge(`? ${row.pod.warnings}`, "warning", "allowed but suspicious");
    if (row.pod.restarts) badge(`↻ ${row.pod.restarts}`, "", "restarts");
  }
  // On a phone there is room for the name alone.
  const seen = isNarrow() ? [] : badges;
  const taken = (isNarrow() ? 40 : 64) + seen.reduce((sum, made) => sum + 14 + 7 * made.textContent.length, 0) + (row.kind === "pod" && !isNarrow() ? 20 : 0);
  const name = element("span", "name", elided(row.kind === "group" ? row.label : row.pod.label, room(taken), row.kind === "group" ? GROUP_FONT : NAME_FONT));
  name.dataset.whole = row.kind === "group" ? row.label : row.pod.label;
  head.append(twisty, name, element("span", "push"), ...badges);
  head.title = row.kind === "group" ? row.label : `${place(row.pod)}/${row.pod.name}, uid ${row.pod.uid}`;
  if (row.kind !== "pod") return;
  const pin = element("button", `pin${row.pod.isPinned ? " is-on" : ""}`, "⚲");
  pin.type = "button";
  pin.tabIndex = -1;
  pin.title = row.pod.isPinned ? "Unpin (i)" : "Pin to the top (i)";
  pin.setAttribute("aria-label", row.pod.isPinned ? "Unpin" : "Pin to the top");
  head.append(pin);
}

// What a screen reader says of a row.
function spoken(row) {
  if (row.kind === "line") return row.label;
  if (row.kind === "node") return row.node.turns.map((turn) => `${turn.text} at ${moment(turn.at)}`).join("; ");
  if (row.kind === "group") return row.count === undefined ? many(row.members.length, "pod") : many(row.count, "node");
  const told = row.lane.bars.slice(0, 12).map((bar) => `${NAMES[bar.health] && row.kind === "pod" ? `${NAMES[bar.health]}, ` : ""}${bar.value} from ${moment(bar.from)} for ${length(bar.until - bar.from)}`);
  const more = row.lane.bars.length - told.length;
  const marks = row.lane.notes.length ? [`${row.lane.notes.length} events`] : [];
  const flags = row.lane.flags.map((flag) => `finding ${flag.rule} ${flag.name}`);
  const count = row.pod.gaps.length;
  const gaps = count ? [`${count} ${count === 1 ? "stretch" : "stretches"} not recorded`] : [];
  return [...told, ...(more > 0 ? [`and ${more} more`] : []), ...flags, ...marks, ...gaps].join("; ") || "nothing";
}

function drawTrack(made, row) {
  const layer = made.querySelector(".layer");
  if (row.kind === "line") return layer.replaceChildren();
  if (row.kind === "node") return layer.replaceChildren(...bandOf(row.node));
  if (row.kind === "group") {
    const pieces = row.node ? bandOf(row.node) : [];
    if (row.height === AREA) pieces.push(areaOf(row));
    return layer.replaceChildren(...pieces);
  }
  const [from, until] = drawn();
  const isShown = (it) => it.until >= from && it.from <= until;
  const isOfRow = (gap) => gap.lane < 0 || gap.lane === row.lane.place;
  const pieces = row.pod.gaps.filter((gap) => isShown(gap) && isOfRow(gap)).map((gap) => gapElement(gap, row));
  for (const bar of thinned(row.lane.bars.filter(isShown), badness)) pieces.push(barElement(bar, row));
  for (const track of thinned(row.lane.expected.filter(isShown), (track) => AGREEMENTS.indexOf(track.agreement))) pieces.push(expectedElement(track));
  layer.replaceChildren(...pieces, ...marks(row, from, until));
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
  if (width >= LABEL_PIXELS) {
    // The label stays in sight where the interval began further left.
    const hidden = Math.max(0, Math.min(-pixel(bar.from), view.width));
    const end = row.kind === "pod" && bar.health === "bad" ? endOf(row.pod, bar) : undefined;
    const value = end && !bar.value.includes(end) ? `${bar.value}, ${end}` : bar.value;
    const label = fitting(formsOf(GLYPHS[bar.health], value, end), Math.min(pixel(bar.until), view.width * 2) - Math.max(pixel(bar.from), 0));
    if (label) {
      const text = element("span", "label", label);
      if (hidden > 0) text.style.marginLeft = `${hidden.toFixed(0)}px`;
      made.append(text);
    }
  } else made.classList.add("narrow");
  made.dataset.tip = [`${row.lane.label === "status" ? "" : `${row.lane.label}: `}${bar.value}${bar.reason ? ` (${bar.reason})` : ""}`,
    `${iso(incident.base + bar.from)} to ${iso(incident.base + bar.until)}, ${length(bar.until - bar.from)}`,
    ...(row.kind === "pod" && NAMES[bar.health] ? [[NAMES[bar.health], bar.health === "bad" && endOf(row.pod, bar)].filter(Boolean).join(": ")] : []),
    ...(bar.end === "open" ? ["what is shown ends here"] : bar.end === "gone" ? ["the pod was gone"] : []),
    ...(bar.inferred ? ["no event shows this; a later one proves it"] : [])].join("\n");
  Object.assign(made.dataset, { from: bar.from, until: bar.until, value: bar.value, event: bar.event });
  if (chosen.pod === row.pod && chosen.event === bar.event) made.classList.add("chosen");
  return made;
}

// Why the pod, or else a container, ended with the event of an interval.
function endOf(pod, bar) {
  const ends = pod.ends.filter((end) => end.event === bar.event);
  return (ends.find((end) => end.about === "reason") ?? ends[0])?.word;
}

const isNarrower = (it) => pixel(it.until) - pixel(it.from) < 1;

// Of a crowd the worst of each pixel.
function thinned(all, badness) {
  if (all.length <= CROWD) return all;
  const kept = [];
  let column = -1;
  for (const it of all) {
    const own = Math.floor(pixel(it.until));
    const last = kept.at(-1);
    // What can be seen by itself stays.
    if (own === column && last && isNarrower(it) && isNarrower(last)) {
      if (badness(it) > badness(last)) kept[kept.length - 1] = it;
    } else kept.push(it);
    column = own;
  }
  return kept;
}

function expectedElement(track) {
  const made = element("div", `expected ${track.agreement}`);
  across(made, track.from, track.until);
  made.dataset.tip = { same: `Kubernetes computes ${track.value}: as recorded`,
    lawful: `Kubernetes computes ${track.value}; what is recorded is lawful too`,
    against: `expected ${track.value}: a finding says more` }[track.agreement];
  Object.assign(made.dataset, { from: track.from, until: track.until, value: track.value, event: track.event });
  return made;
}

function gapElement(gap, row) {
  const made = element("div", "gap");
  const width = across(made, gap.from, gap.until);
  Object.assign(made.dataset, { tip: gap.what, gap: row.pod.gaps.indexOf(gap) });
  const label = fitting([gap.lane < 0 ? "not recorded" : "runs not recorded"], width);
  if (label) made.append(element("span", "", label));
  return made;
}

// How containers ended, Events, findings, and what was looked for. Those that would lie on each other are one, with their number.
function marks(row, from, until) {
  const isShown = (it) => it.at >= from && it.at <= until;
  const isPod = row.kind === "pod";
  const made = [];
  const add = (kind, text, at, tip, data) => {
    const piece = element("button", kind, text);
    piece.type = "button";
    piece.tabIndex = -1;
    piece.style.left = `${pixel(at).toFixed(1)}px`;
    piece.setAttribute("aria-label", tip.split("\n")[0]);
    Object.assign(piece.dataset, { tip, ...data });
    made.push(piece);
  };
  if (isPod) {
    // Where STATUS does not say it: the run that ended left the pod as it was.
    const told = new Set(row.lane.bars.filter((bar) => bar.health === "bad").map((bar) => bar.event));
    const ends = gathered([...row.pod.ends.filter((end) => !told.has(end.event)), ...row.pod.restartMarks].filter(isShown));
    ends.forEach(({ first, count, x }, index) => {
      const room = Math.min(ends[index + 1]?.x ?? Infinity, pixel(row.pod.until)) - x;
      const word = `${first.word}${count > 1 ? ` ×${count}` : ""}`;
      const forms = first.kind === "bad" ? [`✕ ${word}`, "✕"] : ["↻"];
      add(`end ${first.kind}`, fitting(forms, room + 4), first.at, `${moment(first.at)}  ${first.about}: ${first.word}${count > 1 ? `\nand ${count - 1} more` : ""}`, { event: first.event });
    });
  }
  for (const { first, count } of gathered((isPod ? row.pod.notes : row.lane.notes).filter(isShown))) {
    add(`mark ${first.kind}`, `${NOTE_SIGNS[first.kind]}${count > 1 ? count : ""}`, first.at, `${first.reason}: ${first.message}${count > 1 ? `\nand ${count - 1} more` : ""}`, { note: row.pod.notes.indexOf(first) });
  }
  const flags = isPod ? row.pod.flags.filter((flag) => flag.severity !== "info") : row.lane.flags;
  for (const { first, count } of gathered(flags.filter(isShown))) {
    const about = `${first.rule} ${first.name}${first.about ? `, ${first.about}` : ""}: expected ${first.expected}${first.actual ? `, recorded ${first.actual}` : ""}`;
    add(`flag ${first.severity}`, `${FLAG_SIGNS[first.severity]}${count > 1 ? ` +${count - 1}` : ""}`, first.at, about, { flag: row.pod.flags.indexOf(first) });
  }
  if (isPod && search.hits.length) {
    const own = search.hits.filter((hit) => hit.pod === row.pod && isShown(hit));
    const addHit = (kind, at) => {
      const piece = element("div", kind);
      piece.style.left = `${pixel(at).toFixed(1)}px`;
      made.push(piece);
    };
    for (const { first } of gathered(own.map((hit) => ({ ...hit, kind: "normal" })))) addHit("hit", first.at);
    if (own.includes(search.hits[search.at])) addHit("hit chosen", search.hits[search.at].at);
  }
  return made;
}

const RANK = { restart: 0, normal: 0, info: 0, node: 1, warning: 2, refused: 3, difference: 3, error: 4, bad: 4 };

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
