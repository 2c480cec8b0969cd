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
  const length = until - from;
  const first = Math.min(Math.max(from, view.whole[0]), view.whole[1] - length);
  [view.from, view.until] = [first, first + length];
}

// What is drawn: the part that is shown, with a margin on both sides.
const drawn = () => [view.from - span() * MARGIN, view.until + span() * MARGIN];
