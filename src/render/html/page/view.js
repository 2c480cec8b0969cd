// What part of the time is shown, and how wide: everything that turns times into pixels and back.

const view = { from: 0, until: 1, width: 800, shift: 0, whole: [0, 1] };
// What is drawn reaches this many widths beyond both edges, so that panning moves it without drawing anew.
const MARGIN = 1;
const SHORTEST = 20;

function setWhole(from, until) {
  const room = Math.max((until - from) * 0.02, 250);
  view.whole = [from - room, until + room];
  [view.from, view.until] = view.whole;
}

const span = () => view.until - view.from;
const scale = () => view.width / span();
const pixel = (moment) => (moment - view.from) * scale();
const momentAt = (x) => view.from + x / scale();

// Zooms around a pixel; never further out than the whole.
function zoom(factor, x = view.width / 2) {
  const fixed = momentAt(x);
  const wanted = Math.min(Math.max(span() / factor, SHORTEST), view.whole[1] - view.whole[0]);
  const from = fixed - (x / view.width) * wanted;
  return moveTo(from, from + wanted);
}

// Moves by pixels; true if what is drawn does not reach far enough any more.
function pan(pixels) {
  const before = view.from;
  moveTo(view.from - pixels / scale(), view.until - pixels / scale());
  view.shift += (before - view.from) * scale();
  return Math.abs(view.shift) > view.width * MARGIN * 0.9;
}

function moveTo(from, until) {
  const length = Math.min(until - from, view.whole[1] - view.whole[0]);
  const first = Math.min(Math.max(from, view.whole[0]), view.whole[1] - length);
  [view.from, view.until] = [first, first + length];
}

// What is drawn: the part that is shown, with a margin on both sides.
const drawn = () => [view.from - span() * MARGIN, view.until + span() * MARGIN];

// What the reader sees, in the fragment of the address: a link shows another reader the same, and "back" returns.
const kept = { last: "", depth: 0, timer: 0 };

function fragment() {
  const parts = [];
  const add = (key, value) => { if (value) parts.push(`${key}=${encodeURIComponent(value).replaceAll("%2C", ",")}`); };
  if (view.from !== view.whole[0] || view.until !== view.whole[1]) add("t", `${Math.round(view.from)},${Math.round(view.until)}`);
  add("q", filters.find);
  if (filters.flagged) add("findings", "1");
  if (filters.group !== "owner") add("group", filters.group);
  if (filters.order !== "worst") add("order", filters.order);
  add("pin", incident.pods.filter((pod) => pod.isPinned).map((pod) => pod.index).join(","));
  if (zone.isLocal) add("zone", "local");
  if (chosen.pod && chosen.event !== null) add("event", `${chosen.pod.index},${chosen.event}`);
  if (chosen.sentence !== null) add("story", String(chosen.sentence + 1));
  return parts.join("&");
}

// Notes a step that "back" returns from. Browsers take no more than a few of them a second.
const REMEMBER_MS = 300;

function remember() {
  clearTimeout(kept.timer);
  kept.timer = setTimeout(() => guarded(noteStep), REMEMBER_MS);
}

function noteStep() {
  const text = fragment();
  if (text === kept.last) return;
  kept.last = text;
  history.pushState({ depth: kept.depth += 1 }, "", text ? `#${text}` : location.href.split("#")[0]);
}

// Shows what a fragment says; whatever it does not say is as at first. What nobody wrote is not believed.
function recall() {
  clearTimeout(kept.timer);
  kept.last = location.hash.replace(/^#/, "");
  kept.depth = history.state?.depth ?? 0;
  const said = new Map(kept.last.split("&").map((part) => { const [key, ...rest] = part.split("="); return [key, decoded(rest.join("="))]; }));
  const numbers = (key) => (said.get(key) ?? "").split(",").filter(Boolean).map(Number);
  const [from, until] = numbers("t");
  if (from < until) moveTo(from, Math.max(until, from + SHORTEST)); else moveTo(...view.whole);
  const oneOf = (key, id, fallback) => ([...document.getElementById(id).options].some((option) => option.value === said.get(key)) ? said.get(key) : fallback);
  Object.assign(filters, { find: said.get("q") ?? "", flagged: said.get("findings") === "1", group: oneOf("group", "group", "owner"), order: oneOf("order", "order", "worst") });
  zone.isLocal = said.get("zone") === "local";
  const pinned = new Set(numbers("pin"));
  for (const pod of incident.pods) pod.isPinned = pinned.has(pod.index);
  const [pod, event] = numbers("event");
  const [sentence] = numbers("story");
  return { pod: incident.pods[pod], event, sentence: incident.sentences[sentence - 1] };
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return ""; }
}
