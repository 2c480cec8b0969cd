// Joins the parts: which rows there are, what is drawn when, and what the controls do.

let incident = null;
let shown = { rows: [], height: 0 };
let focused = "";
const closedGroups = new Set();
const made = new Map();
const byId = (id) => document.getElementById(id);

async function start() {
  const raw = await unpacked(byId("data").textContent);
  byId("data").textContent = "";
  incident = incidentOf(raw);
  setWhole(incident.from, incident.until);
  openTheFirst();
  fillStatuses();
  byId("picture").hidden = false;
  byId("rows").prepend(element("div", "grid"));
  byId("rows").firstChild.append(element("div", "layer"));
  listen();
  new ResizeObserver(measure).observe(byId("scroller"));
  measure();
  filter();
}

// As many of the worst pods are open as fit on a screen.
function openTheFirst() {
  let room = 24 - incident.pods.length;
  for (const pod of incident.pods) {
    room -= pod.lanes.length;
    if (room < 0 && pod.index > 0) break;
    pod.isOpen = pod.index === 0 || isTroubled(pod);
  }
}

const isTroubled = (pod) => pod.flags.some((flag) => flag.severity !== "info") || pod.health === "bad" || pod.restarts > 0 || pod.errors > 0 || pod.lanes.some((lane) => lane.bars.some((bar) => bar.health === "bad"));

function fillStatuses() {
  const words = new Set(incident.pods.flatMap((pod) => [...pod.statuses]));
  for (const word of [...words].sort()) byId("status").append(new Option(word, word));
}

// Anew: which rows there are.
function filter() {
  shown = rowsOf(incident.pods, closedGroups);
  byId("rows").style.height = `${Math.max(shown.height, 40)}px`;
  byId("rows").setAttribute("aria-rowcount", shown.rows.length);
  byId("nothing").hidden = shown.rows.length > 0;
  const fitting = new Set(incident.pods.filter(fits).map((pod) => pod.index));
  const pods = incident.pods.length === 1 ? "1 pod" : `${incident.pods.length} pods`;
  byId("count").textContent = fitting.size === incident.pods.length ? pods : `${fitting.size} of ${pods}`;
  byId("expand").textContent = isAllOpen() ? "Collapse all" : "Expand all";
  for (const row of document.querySelectorAll("#pods tbody tr")) row.hidden = !fitting.has(Number(row.dataset.pod));
  const hadFocus = byId("rows").contains(document.activeElement);
  for (const old of made.values()) old.remove();
  made.clear();
  redraw();
  if (hadFocus) focusRow(shown.rows.some((row) => row.id === focused) ? focused : focused.replace(/^l:(\d+):.*/, "p:$1"));
}

function measure() {
  // It tells the time of a place that has moved.
  byId("cursor").hidden = true;
  const board = byId("axis").querySelector(".track").getBoundingClientRect();
  const track = byId("rows").clientWidth - byId("axis").querySelector(".corner").offsetWidth;
  view.width = Math.max(track > 0 ? track : board.width, 50);
  redraw();
}

let isDue = false;
function redraw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => { isDue = false; guarded(drawAll); });
}

function drawAll() {
  view.shift = 0;
  applyShift();
  drawAxis(byId("ticks"), byId("rows").querySelector(".grid > .layer"));
  byId("axis").querySelector(".corner").textContent = `${day(incident.base + view.from)}  UTC`;
  drawCrowd(byId("crowd"), incident.pods.filter(fits));
  mountRows();
  for (const row of shown.rows) if (made.has(row.id)) drawTrack(made.get(row.id), row);
}

const applyShift = () => byId("board").style.setProperty("--shift", `${view.shift.toFixed(1)}px`);

// Shows the rows that came into sight. What is drawn fits what is shown only while nothing was moved.
function showRows() {
  if (view.shift) return drawAll();
  for (const row of mountRows()) drawTrack(made.get(row.id), row);
}

// Only rows in sight are there, and a few beside, and the one that has the focus; a printer gets all.
let isForPrint = false;
function mountRows() {
  const scroller = byId("scroller");
  const first = isForPrint ? 0 : scroller.scrollTop - 120, last = isForPrint ? Infinity : scroller.scrollTop + scroller.clientHeight + 120;
  const wanted = new Set(), added = [];
  shown.rows.forEach((row, index) => {
    const isInSight = row.top + row.height >= first && row.top <= last;
    if (!isInSight && row.id !== focused) return;
    wanted.add(row.id);
    if (made.has(row.id)) return;
    const dom = rowElement(row, index);
    made.set(row.id, dom);
    byId("rows").append(dom);
    added.push(row);
  });
  for (const [id, dom] of made) {
    if (!wanted.has(id)) { dom.remove(); made.delete(id); }
  }
  for (const dom of made.values()) {
    const isFocused = dom.dataset.id === focused;
    dom.tabIndex = isFocused || (!made.has(focused) && dom === made.values().next().value) ? 0 : -1;
    dom.classList.toggle("chosen", isFocused);
  }
  return added;
}

const rowOf = (target) => shown.rows.find((row) => row.id === target.closest?.(".row")?.dataset.id);

function focusRow(id, isQuiet = false) {
  const row = shown.rows.find((row) => row.id === id);
  if (!row) return;
  focused = id;
  const scroller = byId("scroller");
  if (row.top < scroller.scrollTop) scroller.scrollTop = row.top;
  if (row.top + row.height > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = row.top + row.height - scroller.clientHeight;
  showRows();
  if (!isQuiet) made.get(id)?.focus({ preventScroll: true });
}

function toggle(row, isOpen) {
  if (row.kind === "lane" || row.isOpen === isOpen) return;
  if (row.kind === "group") closedGroups[isOpen ? "delete" : "add"](row.key);
  else row.pod.isOpen = isOpen;
  filter();
  focusRow(row.id, !byId("rows").contains(document.activeElement) && document.activeElement !== document.body);
}

// Shows an event of a pod, and brings it into sight.
function goTo(pod, index) {
  const event = pod.events[index];
  if (!event) return;
  if (event.at !== null && (event.at < view.from || event.at > view.until)) moveTo(event.at - span() / 2, event.at + span() / 2);
  bringIntoSight(pod);
  showEvent(pod, index);
}

// Scrolls to a pod of which no row is in sight.
function bringIntoSight(pod) {
  const { scrollTop, clientHeight } = byId("scroller");
  const rows = shown.rows.filter((row) => row.pod === pod);
  if (!rows.length || rows.some((row) => row.top + row.height > scrollTop && row.top < scrollTop + clientHeight)) return;
  byId("scroller").scrollTop = Math.max(rows[0].top - GROUP, 0);
}

function showPod(index) {
  const pod = incident.pods[index];
  if (!fits(pod)) clearFilters();
  closedGroups.delete(groupOf(pod));
  pod.isOpen = true;
  filter();
  byId("picture").scrollIntoView({ block: "start" });
  byId("scroller").scrollTop = Math.max(shown.rows.find((row) => row.id === `p:${index}`).top - 30, 0);
  focusRow(`p:${index}`);
}

function clearFilters() {
  Object.assign(filters, { find: "", status: "", flagged: false });
  byId("find").value = byId("status").value = "";
  byId("flagged").checked = false;
}

function listen() {
  const on = (id, kind, act, options) => byId(id).addEventListener(kind, act, options);
  on("find", "input", (event) => { filters.find = event.target.value; filter(); });
  on("status", "change", (event) => { filters.status = event.target.value; filter(); });
  on("flagged", "change", (event) => { filters.flagged = event.target.checked; filter(); });
  on("order", "change", (event) => { filters.order = event.target.value; filter(); });
  on("zoom-in", "click", () => zoomed(1.6));
  on("zoom-out", "click", () => zoomed(1 / 1.6));
  on("zoom-fit", "click", fitAll);
  on("expand", "click", expandAll);
  on("theme", "click", turnTheme);
  on("help", "click", turnLegend);
  on("scroller", "scroll", showRows);
  on("rows", "click", clicked);
  on("rows", "focusin", (event) => { const row = rowOf(event.target); if (row && focused !== row.id) { focused = row.id; showRows(); } });
  on("board", "wheel", wheeled, { passive: false });
  on("board", "pointerdown", pressed);
  on("board", "pointermove", moved);
  for (const kind of ["pointerup", "pointercancel"]) on("board", kind, released);
  on("board", "pointerleave", () => { byId("cursor").hidden = true; });
  document.addEventListener("keydown", typed);
  document.querySelector("#pods tbody")?.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row && event.target.closest("button")) showPod(Number(row.dataset.pod));
  });
  for (const [column, button] of document.querySelectorAll("#pods th button").entries()) button.addEventListener("click", () => sortTable(button.closest("th"), column));
  window.addEventListener("beforeprint", beginPrint);
  window.addEventListener("afterprint", endPrint);
}

// More rows would be more pages than anybody reads.
const PRINTED_MAX = 2000;

function beginPrint() {
  const cut = shown.rows[PRINTED_MAX];
  byId("unprinted").hidden = !cut;
  if (cut) {
    byId("unprinted").textContent = `${shown.rows.length - PRINTED_MAX} more rows are not printed; find what matters, and print again.`;
    shown = { rows: shown.rows.slice(0, PRINTED_MAX), height: cut.top };
    byId("rows").style.height = `${shown.height}px`;
  }
  isForPrint = true;
  drawAll();
}

function endPrint() {
  isForPrint = false;
  byId("unprinted").hidden = true;
  filter();
}

// Around the event that is told, if one is in sight.
function zoomed(factor) {
  const at = chosen.event === null ? null : chosen.pod.events[chosen.event].at;
  const isInSight = at !== null && at >= view.from && at <= view.until;
  zoom(factor, isInSight ? pixel(at) : view.width / 2);
  redraw();
}

function fitAll() {
  moveTo(view.whole[0], view.whole[1]);
  redraw();
}

const isAllOpen = () => incident.pods.filter(fits).every((pod) => pod.isOpen);

function expandAll() {
  const isOpen = !isAllOpen();
  for (const pod of incident.pods.filter(fits)) pod.isOpen = isOpen;
  filter();
}

function turnTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
}

function turnLegend() {
  const legend = byId("legend");
  legend.hidden = !legend.hidden;
  byId("help").setAttribute("aria-expanded", !legend.hidden);
}

function clicked(event) {
  const row = rowOf(event.target);
  if (!row || wasDragged) return;
  focused = row.id;
  const { pod } = row;
  const data = (selector) => event.target.closest(selector)?.dataset;
  const bar = data(".bar, .strip, .expected"), flag = data(".flag"), note = data(".mark"), gap = data(".gap");
  if (flag) showFlag(pod, pod.flags[flag.flag]);
  else if (note) showNote(pod, pod.notes[note.note]);
  else if (bar) showEvent(pod, Number(bar.event));
  else if (gap) showGap(pod, pod.gaps[gap.gap]);
  else if (event.target.closest(".head")) headClicked(row, event.target);
  // A mark that had the focus is drawn anew.
  focusRow(focused);
}

// The sign in front opens and closes a pod; its name also tells all its events.
function headClicked(row, target) {
  if (row.kind === "lane") return showRow(row);
  if (row.kind === "group" || target.closest(".twisty")) return toggle(row, !row.isOpen);
  toggle(row, true);
  showRow(row);
}

function sortTable(heading, column) {
  const body = document.querySelector("#pods tbody");
  const isDown = heading.getAttribute("aria-sort") !== "descending";
  for (const other of document.querySelectorAll("#pods th")) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", isDown ? "descending" : "ascending");
  const value = (row) => { const cell = row.cells[column]; return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value); };
  const compare = (left, right) => (value(left) < value(right) ? -1 : value(left) > value(right) ? 1 : 0) * (isDown ? -1 : 1);
  body.append(...[...body.rows].sort((left, right) => compare(left, right) || left.dataset.pod - right.dataset.pod));
}

function guarded(act) {
  try { act(); } catch (error) { tellBroken(error); }
}

function tellBroken(error) {
  byId("broken").textContent = `The picture cannot be drawn: ${error.message}. A browser of 2024 or newer is needed; the table below needs none.`;
  byId("broken").hidden = false;
}

start().catch(tellBroken);
