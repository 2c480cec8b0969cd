// What the mouse, fingers and keys do to the picture.

const xOf = (event) => event.clientX - byId("axis").querySelector(".track").getBoundingClientRect().left;

function wheeled(event) {
  const isAcross = Math.abs(event.deltaX) > Math.abs(event.deltaY);
  if (event.ctrlKey || event.metaKey || event.altKey) {
    event.preventDefault();
    zoom(Math.exp(-Math.max(-100, Math.min(event.deltaY, 100)) / 180), xOf(event));
    redraw();
  } else if (isAcross || event.shiftKey) {
    event.preventDefault();
    panned(-(isAcross ? event.deltaX : event.deltaY));
  }
}

function panned(pixels) {
  if (pan(pixels)) redraw();
  else applyShift();
}

// One pointer pans, two zoom. A touch that goes up or down is the browser's, for scrolling.
const pointers = new Map();
let wasDragged = false;

function pressed(event) {
  if (event.button !== 0 || !event.target.closest(".track")) return;
  pointers.set(event.pointerId, { x: event.clientX, began: event.clientX });
  wasDragged = false;
}

function moved(event) {
  showCursor(event);
  const pointer = pointers.get(event.pointerId);
  if (!pointer) return;
  if (!wasDragged && Math.abs(event.clientX - pointer.began) > 4) {
    wasDragged = true;
    byId("board").classList.add("panning");
    byId("board").setPointerCapture(event.pointerId);
  }
  if (!wasDragged) return;
  const others = [...pointers.entries()].filter(([id]) => id !== event.pointerId).map(([, other]) => other);
  if (others.length) {
    const left = byId("axis").querySelector(".track").getBoundingClientRect().left;
    const before = Math.abs(pointer.x - others[0].x), after = Math.abs(event.clientX - others[0].x);
    if (before > 10 && after > 10) { zoom(after / before, (event.clientX + others[0].x) / 2 - left); redraw(); }
  } else panned(event.clientX - pointer.x);
  pointer.x = event.clientX;
}

function released(event) {
  pointers.delete(event.pointerId);
  if (pointers.size) return;
  byId("board").classList.remove("panning");
  if (wasDragged) { redraw(); setTimeout(() => { wasDragged = false; }); }
}

function showCursor(event) {
  const x = xOf(event);
  const cursor = byId("cursor");
  cursor.hidden = x < 0 || event.pointerType === "touch";
  if (cursor.hidden) return;
  cursor.style.left = `${event.clientX - byId("board").getBoundingClientRect().left}px`;
  cursor.classList.toggle("flip", x > view.width - 110);
  cursor.firstChild.textContent = clock(incident.base + momentAt(x), span() < 20 * SECOND ? 1 : SECOND);
}

const KEYS = {
  "+": () => zoomed(1.6), "=": () => zoomed(1.6), "-": () => zoomed(1 / 1.6), 0: fitAll,
  "/": () => byId("find").focus(), "?": turnLegend, d: turnTheme, e: expandAll,
  n: () => step(1), p: () => step(-1), h: () => panned(view.width / 5), l: () => panned(-view.width / 5),
};
const ROW_KEYS = {
  ArrowDown: (place) => focusPlace(place + 1), ArrowUp: (place) => focusPlace(place - 1),
  Home: () => focusPlace(0), End: () => focusPlace(shown.rows.length - 1),
  PageDown: (place) => focusPlace(place + 10), PageUp: (place) => focusPlace(place - 10),
  ArrowRight: (place, row) => (row.isOpen === false ? toggle(row, true) : focusPlace(place + 1)),
  ArrowLeft: (place, row) => (row.isOpen ? toggle(row, false) : focusPlace(shown.rows.findLastIndex((it, index) => index < place && it.level < row.level))),
  Enter: (place, row) => showRow(row), " ": (place, row) => toggle(row, !row.isOpen),
};

function typed(event) {
  if (event.key === "Escape") {
    if (event.target.id === "find" && event.target.value) { clearFilters(); filter(); }
    else if (event.target.id === "find") focusPlace(0);
    else if (!byId("legend").hidden) turnLegend();
    else if (!byId("detail").hidden) closeDetail();
    return;
  }
  if (event.key === "Enter" && event.target.id === "find") return focusPlace(0);
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

// The next or the earlier event of the pod that was chosen last.
function step(by) {
  const pod = chosen.pod ?? shown.rows.find((row) => row.id === focused)?.pod ?? incident.pods[0];
  if (pod) goTo(pod, Math.min(Math.max((chosen.event ?? (by > 0 ? -1 : pod.events.length)) + by, 0), pod.events.length - 1));
}
