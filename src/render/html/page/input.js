// What the mouse, fingers and keys do to the picture.

const trackBox = () => byId("axis").querySelector(".track").getBoundingClientRect();
const xOf = (event) => event.clientX - trackBox().left;

function wheeled(event) {
  const isAcross = Math.abs(event.deltaX) > Math.abs(event.deltaY);
  if (event.ctrlKey || event.metaKey || event.altKey) {
    event.preventDefault();
    zoom(Math.exp(-Math.max(-100, Math.min(event.deltaY, 100)) / 180), xOf(event));
    redraw();
    remember();
  } else if (isAcross || event.shiftKey) {
    event.preventDefault();
    panned(-(isAcross ? event.deltaX : event.deltaY));
  }
}

function panned(pixels) {
  if (pan(pixels)) redraw();
  else applyShift();
  remember();
}

// One pointer selects a range, with Shift it pans; a finger pans, two zoom. A touch that goes up or down is the browser's, for scrolling.
const pointers = new Map();
let wasDragged = false, mode = "";

function pressed(event) {
  if (event.button !== 0 || !event.target.closest(".track")) return;
  pointers.set(event.pointerId, { x: event.clientX, began: event.clientX });
  wasDragged = false;
  mode = event.pointerType === "touch" || event.shiftKey ? "pan" : "select";
  hideTip();
}

function moved(event) {
  showCursor(event);
  const pointer = pointers.get(event.pointerId);
  if (!pointer) return hovered(event);
  if (!wasDragged && Math.abs(event.clientX - pointer.began) > 4) {
    wasDragged = true;
    byId("board").classList.add(mode === "pan" ? "panning" : "selecting");
    byId("board").setPointerCapture(event.pointerId);
  }
  if (!wasDragged) return;
  const others = [...pointers.entries()].filter(([id]) => id !== event.pointerId).map(([, other]) => other);
  if (others.length) {
    const left = trackBox().left;
    const before = Math.abs(pointer.x - others[0].x), after = Math.abs(event.clientX - others[0].x);
    if (before > 10 && after > 10) { zoom(after / before, (event.clientX + others[0].x) / 2 - left); redraw(); }
  } else if (mode === "pan") panned(event.clientX - pointer.x);
  else showSelection(pointer.began, event.clientX);
  pointer.x = event.clientX;
}

function showSelection(began, now) {
  const board = byId("board").getBoundingClientRect(), box = trackBox(), made = byId("selection");
  const [left, right] = [Math.min(began, now), Math.max(began, now)].map((x) => Math.min(Math.max(x, box.left), box.right));
  made.hidden = false;
  made.style.left = `${left - board.left}px`;
  made.style.width = `${right - left}px`;
  made.firstChild.textContent = length((right - left) / scale());
}

function released(event) {
  const pointer = pointers.get(event.pointerId);
  pointers.delete(event.pointerId);
  if (pointers.size) return;
  byId("board").classList.remove("panning", "selecting");
  byId("selection").hidden = true;
  if (!wasDragged || !pointer) return;
  if (mode === "select" && event.type === "pointerup" && Math.abs(pointer.x - pointer.began) > 4) {
    const left = trackBox().left;
    zoomTo(momentAt(Math.max(Math.min(pointer.x, pointer.began) - left, 0)), momentAt(Math.min(Math.max(pointer.x, pointer.began) - left, view.width)));
  } else { redraw(); remember(); }
  setTimeout(() => { wasDragged = false; });
}

// A double click on an interval shows it from end to end: that of the first click, as what this opens may move all others.
let pressedFirst = null;

function notePressed(event, row) {
  if (event.detail > 1) return;
  const piece = event.target.closest(".bar, .gap");
  pressedFirst = !piece || !row ? null
    : piece.dataset.gap === undefined ? { from: Number(piece.dataset.from), until: Number(piece.dataset.until) } : row.pod.gaps[piece.dataset.gap];
}

function doubled() {
  if (!pressedFirst) return;
  const { from, until } = pressedFirst;
  const room = Math.max((until - from) * 0.05, SHORTEST / 2);
  zoomTo(from - room, until + room);
}

// The whole in small: a click or a drag there shows that part.
function movedMini(event) {
  if (event.type === "pointerdown") { byId("mini").setPointerCapture(event.pointerId); hideTip(); } else if (!event.buttons) return;
  const box = byId("mini-bins").getBoundingClientRect();
  const at = view.whole[0] + ((event.clientX - box.left) / box.width) * (view.whole[1] - view.whole[0]);
  moveTo(at - span() / 2, at + span() / 2);
  redraw();
  remember();
}

function showCursor(event) {
  const x = xOf(event);
  const cursor = byId("cursor");
  cursor.hidden = x < 0 || x > view.width || event.pointerType === "touch";
  if (cursor.hidden) return;
  cursor.style.left = `${event.clientX - byId("board").getBoundingClientRect().left}px`;
  cursor.classList.toggle("flip", x > view.width - 110);
  cursor.firstChild.textContent = clock(incident.base + momentAt(x), span() < 20 * SECOND ? 1 : SECOND);
}

const KEYS = {
  "+": () => zoomed(1.6), "=": () => zoomed(1.6), "-": () => zoomed(1 / 1.6), 0: fitAll,
  "/": () => byId("find").focus(), "?": turnLegend, d: turnTheme, e: expandAll, z: turnZone,
  n: () => step(1), p: () => step(-1), h: () => panned(view.width / 5), l: () => panned(-view.width / 5),
};
const ROW_KEYS = {
  ArrowDown: (place) => focusPlace(place + 1), ArrowUp: (place) => focusPlace(place - 1),
  Home: () => focusPlace(0), End: () => focusPlace(shown.rows.length - 1),
  PageDown: (place) => focusPlace(place + 10), PageUp: (place) => focusPlace(place - 10),
  ArrowRight: (place, row) => (row.isOpen === false ? toggle(row, true) : focusPlace(place + 1)),
  ArrowLeft: (place, row) => (row.isOpen ? toggle(row, false) : focusPlace(shown.rows.findLastIndex((it, index) => index < place && it.level < row.level))),
  Enter: (place, row) => (row.kind === "line" ? unfold(row) : openUnder(row)), " ": (place, row) => (row.kind === "line" ? unfold(row) : toggle(row, !row.isOpen)),
  ".": (place, row) => walkIntervals(row, 1), ",": (place, row) => walkIntervals(row, -1),
  i: (place, row) => row.pod && pin(row.pod),
};

// The interval that the keys walked to, else the row as a list.
function openUnder(row) {
  if (under.row === row.id && row.lane?.bars[under.place]) showEvent(row.pod, row.lane.bars[under.place].event);
  else showRow(row);
}

function typed(event) {
  if (event.key === "Escape") {
    if (event.target.id === "find" && event.target.value) { clearFilters(); filter(); remember(); }
    else if (event.target.id === "find") focusPlace(0);
    else if (!byId("tip").hidden) hideTip();
    else if (!byId("keys").hidden) turnLegend();
    else if (!byId("detail").hidden) closeDetail();
    else if (span() < view.whole[1] - view.whole[0]) { if (kept.depth > 0) history.back(); else fitAll(); }
    return;
  }
  if (event.key === "Enter" && event.target.id === "find") return search.hits.length ? step(1) : focusPlace(0);
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea")) return;
  const row = event.target.classList?.contains("row") ? rowOf(event.target) : null;
  if (row && event.shiftKey && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
    event.preventDefault();
    return panned(event.key === "ArrowLeft" ? view.width / 5 : -view.width / 5);
  }
  if (row && ROW_KEYS[event.key]) {
    event.preventDefault();
    return ROW_KEYS[event.key](shown.rows.indexOf(row), row);
  }
  if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
}

function focusPlace(place) {
  focusRow(shown.rows[Math.min(Math.max(place, 0), shown.rows.length - 1)]?.id);
}

// The next or the earlier hit of a search; without one the next or the earlier event of the pod that was chosen last.
function step(by) {
  if (search.hits.length) return goToHit(by);
  const pod = chosen.pod ?? shown.rows.find((row) => row.id === focused)?.pod ?? incident.pods[0];
  if (pod) goTo(pod, Math.min(Math.max((chosen.event ?? (by > 0 ? -1 : pod.events.length)) + by, 0), pod.events.length - 1));
}

function goToHit(by) {
  const last = search.hits.length;
  search.at = search.at < 0 ? (by > 0 ? 0 : last - 1) : (search.at + by + last) % last;
  const { pod, at, event } = search.hits[search.at];
  if (at < view.from || at > view.until) moveTo(at - span() / 2, at + span() / 2);
  openGroups.add(groupOf(pod));
  filter();
  bringIntoSight(pod);
  tellCount();
  if (event !== null && event >= 0) showEvent(pod, event); else { redraw(); remember(); }
}
