// Joins the parts: which rows there are, what is drawn when, and what the controls do.

let incident = null;
let shown = { rows: [], height: 0 };
let focused = "";
let moments = { info: [], trouble: [], broken: [] };
const openGroups = new Set();
const made = new Map();
const byId = (id) => document.getElementById(id);
const isNarrow = () => matchMedia("(max-width: 50rem)").matches;
const headWidth = () => byId("axis").querySelector(".corner").offsetWidth;

async function start() {
  const raw = await unpacked(byId("data").textContent);
  byId("data").textContent = "";
  incident = incidentOf(raw);
  incident.isOfSeveralClusters = new Set(incident.pods.map((pod) => pod.cluster)).size > 1;
  incident.isOfSeveralPlaces = new Set(incident.pods.map((pod) => `${pod.cluster}\n${pod.namespace}`)).size > 1;
  setWhole(incident.from, incident.until);
  const { pod, event, sentence } = recall();
  readSearch();
  openTheFirst();
  byId("picture").hidden = false;
  byId("pods").hidden = false;
  byId("rows").prepend(element("div", "grid"));
  byId("rows").firstChild.append(element("div", "layer lines"), element("div", "layer guides"));
  makeTable();
  listen();
  setControls();
  turnedZone();
  new ResizeObserver(measure).observe(byId("scroller"));
  measure();
  filter();
  setTimeout(() => guarded(readAhead), 500);
  if (sentence) showSentence(sentence, true); else if (pod?.events[event]) { openGroups.add(groupOf(pod)); pod.isOpen = true; filter(); goTo(pod, event); }
}

// What was in trouble is open at first: a small incident whole, of a large one the worst.
const FEW = 4, SMALL = 24, GROUPS_OPEN = 6, ROWS_AT_FIRST = 12;

function openTheFirst() {
  openGroups.clear();
  const groups = ordered(incident.pods);
  let opened = 0;
  for (const [key, members] of groups) {
    if (incident.pods.length > SMALL && (opened >= GROUPS_OPEN || !members.some(isTroubled))) continue;
    openGroups.add(key);
    opened += 1;
  }
  if (incident.nodes.filter((node) => node.turns.length).length <= 8) openGroups.add("nodes");
  // Rows of a pod only where the main rows of all leave room for them on a first screen.
  let room = (incident.pods.length <= FEW ? SMALL : ROWS_AT_FIRST) - incident.pods.length;
  for (const pod of incident.pods) {
    pod.isOpen = false;
    if (room <= 0 || !isTroubled(pod) && incident.pods.length > 1) continue;
    room -= pod.lanes.filter((lane) => !isSteady(lane)).length;
    pod.isOpen = room >= 0 || pod.index === 0 && incident.pods.length <= FEW;
  }
}

function setControls() {
  byId("find").value = filters.find;
  byId("flagged").checked = filters.flagged;
  byId("group").value = filters.group;
  byId("order").value = filters.order;
  byId("zone").textContent = zone.isLocal ? "local" : "UTC";
}

// Anew: which rows there are.
function filter() {
  readSearch();
  const fitting = incident.pods.filter(fits);
  moments = momentsOf(fitting);
  const asked = `${filters.flagged} ${search.text}`;
  if (search.of !== asked) { findHits(fitting); search.of = asked; }
  layOut();
  tellCount(fitting);
  byId("nothing").hidden = fitting.length > 0;
  byId("nothing").textContent = search.error || "No pod fits what is asked for. Escape in the field empties it.";
  byId("expand").textContent = isAllOpen() ? "Collapse all" : "Expand all";
  fillTable();
  drawMini(byId("mini-bins"), moments);
}

function layOut() {
  shown = rowsOf(incident.pods, openGroups);
  byId("rows").style.height = `${Math.max(shown.height, 40)}px`;
  byId("rows").setAttribute("aria-rowcount", shown.rows.length);
  const hadFocus = byId("rows").contains(document.activeElement);
  for (const old of made.values()) old.remove();
  made.clear();
  redraw();
  if (hadFocus) focusRow(shown.rows.some((row) => row.id === focused) ? focused : focused.replace(/^l:(\d+):.*/, "p:$1"));
}

function tellCount(fitting = incident.pods.filter(fits)) {
  const pods = many(incident.pods.length, "pod");
  const hit = search.hits.length ? `, ${search.at >= 0 ? `${search.at + 1} of ` : ""}${search.hits.length > HITS_MAX ? "more than " : ""}${many(Math.min(search.hits.length, HITS_MAX), "hit")}` : "";
  byId("count").textContent = `${fitting.length === incident.pods.length ? pods : `${fitting.length} of ${pods}`}${hit}`;
}

function measure() {
  // It tells the time of a place that has moved.
  byId("cursor").hidden = true;
  const board = trackBox();
  const track = byId("rows").clientWidth - headWidth();
  view.width = Math.max(track > 0 ? track : board.width, 50);
  redraw();
}

let isDue = false;
function redraw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => { isDue = false; guarded(drawAll); });
}

// Which pods lie outside of what is shown: their rows are one line.
let outside = "";
function drawAll() {
  view.shift = 0;
  applyShift();
  const now = incident.pods.filter((pod) => pod.until < view.from || pod.from > view.until).map((pod) => pod.index).join();
  if (now !== outside) { outside = now; layOut(); }
  drawAxis(byId("ticks"), byId("rows").querySelector(".grid > .lines"));
  drawGuides(byId("numbers"), byId("rows").querySelector(".grid > .guides"));
  byId("axis").querySelector(".corner").textContent = `${day(incident.base + view.from)}  ${zoneName(incident.base + view.from)}`;
  drawCrowd(byId("crowd"), moments);
  drawWindow(byId("mini-bins"));
  mountRows();
  for (const row of shown.rows) if (made.has(row.id)) drawTrack(made.get(row.id), row);
}

const applyShift = () => { byId("board").style.setProperty("--shift", `${view.shift.toFixed(1)}px`); drawWindow(byId("mini-bins")); };

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
  const rows = shown.rows;
  let begin = 0;
  for (let end = rows.length; begin < end;) {
    const middle = (begin + end) >> 1;
    if (rows[middle].top + rows[middle].height < first) begin = middle + 1; else end = middle;
  }
  const mount = (row, index) => {
    wanted.add(row.id);
    if (made.has(row.id)) return;
    const dom = rowElement(row, index);
    made.set(row.id, dom);
    byId("rows").append(dom);
    added.push(row);
  };
  for (let index = begin; index < rows.length && rows[index].top <= last; index += 1) mount(rows[index], index);
  if (focused && !wanted.has(focused)) {
    const index = rows.findIndex((row) => row.id === focused);
    if (index >= 0) mount(rows[index], index);
  }
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

const rowOf = (target) => { const id = target.closest?.(".row")?.dataset.id; return id === undefined ? undefined : shown.rows.find((row) => row.id === id); };

function focusRow(id, isQuiet = false) {
  const row = shown.rows.find((row) => row.id === id);
  if (!row) return;
  if (focused !== id) { hideTip(); under.row = ""; }
  focused = id;
  const scroller = byId("scroller");
  if (row.top < scroller.scrollTop) scroller.scrollTop = row.top;
  if (row.top + row.height > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = row.top + row.height - scroller.clientHeight;
  showRows();
  if (!isQuiet) made.get(id)?.focus({ preventScroll: true });
}

function toggle(row, isOpen) {
  if (row.isOpen === undefined || row.isOpen === isOpen || row.key === "pinned") return;
  if (row.kind === "group") {
    openGroups[isOpen ? "add" : "delete"](row.key);
    openGroups[isOpen ? "delete" : "add"](`-${row.key}`);
  } else row.pod.isOpen = isOpen;
  layOut();
  byId("expand").textContent = isAllOpen() ? "Collapse all" : "Expand all";
  focusRow(row.id, !byId("rows").contains(document.activeElement) && document.activeElement !== document.body);
}

// A line that stands for others: steady rows, pods without trouble, pods at other times.
function unfold(row) {
  if (row.what === "steady") row.pod.showsSteady = !row.pod.showsSteady;
  else if (row.what === "quiet") openGroups.add(`all ${row.key}`);
  else return fitAll();
  layOut();
}

function pin(pod) {
  pod.isPinned = !pod.isPinned;
  layOut();
  remember();
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
  openGroups.add(groupOf(pod));
  pod.isOpen = true;
  if (pod.until < view.from || pod.from > view.until) moveTo(...view.whole);
  filter();
  byId("picture").scrollIntoView({ block: "start" });
  byId("scroller").scrollTop = Math.max(shown.rows.find((row) => row.id === `p:${index}`).top - 30, 0);
  focusRow(`p:${index}`);
}

function clearFilters() {
  Object.assign(filters, { find: "", flagged: false });
  byId("find").value = "";
  byId("flagged").checked = false;
  readSearch();
}

function listen() {
  const on = (id, kind, act, options) => byId(id).addEventListener(kind, (event) => guarded(() => act(event)), options);
  on("find", "input", (event) => { filters.find = event.target.value; filter(); remember(); });
  on("flagged", "change", (event) => { filters.flagged = event.target.checked; filter(); remember(); });
  on("group", "change", (event) => { filters.group = event.target.value; openTheFirst(); filter(); remember(); });
  on("order", "change", (event) => { filters.order = event.target.value; filter(); remember(); });
  on("zoom-in", "click", () => zoomed(1.6));
  on("zoom-out", "click", () => zoomed(1 / 1.6));
  on("zoom-fit", "click", fitAll);
  on("expand", "click", expandAll);
  on("theme", "click", turnTheme);
  on("zone", "click", turnZone);
  on("help", "click", turnLegend);
  on("scroller", "scroll", showRows);
  on("rows", "click", clicked);
  on("rows", "dblclick", doubled);
  on("rows", "focusin", (event) => { const row = rowOf(event.target); if (row && focused !== row.id) { focused = row.id; showRows(); } });
  on("story", "click", (event) => { const told = event.target.closest("[data-sentence]"); if (told) showSentence(incident.sentences[told.dataset.sentence]); });
  on("axis", "click", (event) => {
    if (wasDragged) return;
    const number = event.target.closest("[data-sentence]"), bin = event.target.closest(".bin");
    if (number) showSentence(incident.sentences[number.dataset.sentence]);
    else if (bin) zoomTo(Number(bin.dataset.from), Number(bin.dataset.until));
  });
  on("board", "wheel", wheeled, { passive: false });
  on("board", "pointerdown", pressed);
  on("board", "pointermove", moved);
  for (const kind of ["pointerup", "pointercancel"]) on("board", kind, released);
  on("board", "pointerleave", () => { byId("cursor").hidden = true; hideTip(); });
  for (const kind of ["pointerdown", "pointermove"]) on("mini", kind, movedMini);
  document.addEventListener("keydown", (event) => guarded(() => typed(event)));
  window.addEventListener("beforeprint", beginPrint);
  window.addEventListener("afterprint", endPrint);
  for (const kind of ["popstate", "hashchange"]) window.addEventListener(kind, () => guarded(comeBack));
}

// "Back", or a fragment that was typed.
function comeBack() {
  if (location.hash.replace(/^#/, "") === kept.last) return;
  const { pod, event, sentence } = recall();
  Object.assign(chosen, { pod: null, event: null, sentence: null });
  byId("detail").hidden = true;
  setControls();
  turnedZone();
  filter();
  if (sentence) showSentence(sentence, true); else if (pod?.events[event]) goTo(pod, event);
  markSentence();
  clearTimeout(kept.timer);
  measure();
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
  mountTable(true);
}

function endPrint() {
  isForPrint = false;
  byId("unprinted").hidden = true;
  filter();
}

function zoomTo(from, until) {
  moveTo(from, Math.max(until, from + SHORTEST));
  redraw();
  remember();
}

// Around the event that is told, if one is in sight.
function zoomed(factor) {
  const at = chosen.event === null ? null : chosen.pod.events[chosen.event].at;
  const isInSight = at !== null && at >= view.from && at <= view.until;
  zoom(factor, isInSight ? pixel(at) : view.width / 2);
  redraw();
  remember();
}

function fitAll() {
  zoomTo(...view.whole);
}

const isAllOpen = () => incident.pods.filter(fits).every((pod) => pod.isOpen && openGroups.has(groupOf(pod)));

function expandAll() {
  const isOpen = !isAllOpen();
  for (const pod of incident.pods.filter(fits)) {
    pod.isOpen = pod.showsSteady = isOpen;
    openGroups.add(groupOf(pod));
    openGroups[isOpen ? "add" : "delete"](`all ${groupOf(pod)}`);
  }
  filter();
}

function turnTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
}

function turnZone() {
  zone.isLocal = !zone.isLocal;
  turnedZone();
  filter();
  remember();
}

function turnedZone() {
  byId("zone").textContent = zone.isLocal ? "local" : "UTC";
  timeStory();
}

function turnLegend() {
  const keys = byId("keys");
  keys.hidden = !keys.hidden;
  byId("help").setAttribute("aria-expanded", !keys.hidden);
}

function clicked(event) {
  const row = rowOf(event.target);
  notePressed(event, row);
  if (!row || wasDragged) return;
  focused = row.id;
  const { pod } = row;
  const data = (selector) => event.target.closest(selector)?.dataset;
  const bar = data(".bar, .end, .expected"), flag = data(".flag"), note = data(".mark"), gap = data(".gap");
  if (row.kind === "line") return unfold(row);
  if (event.target.closest(".pin")) return pin(pod);
  if (event.target.closest(".head")) headClicked(row, event.target);
  else if (row.kind === "group") toggle(row, !row.isOpen);
  else if (!pod) return;
  else if (flag) showFlag(pod, pod.flags[flag.flag]);
  else if (note) showNote(pod, pod.notes[note.note]);
  else if (bar) showEvent(pod, Number(bar.event));
  else if (gap) showGap(pod, pod.gaps[gap.gap]);
  markSentence();
  // A mark that had the focus is drawn anew.
  focusRow(focused);
}

// The sign in front opens and closes a pod; its name also tells all its events.
function headClicked(row, target) {
  if (row.kind === "lane") return showRow(row);
  if (row.kind === "group" || target.closest(".twisty")) return toggle(row, !row.isOpen);
  if (row.kind !== "pod") return;
  toggle(row, true);
  showRow(row);
}

function guarded(act) {
  try { act(); } catch (error) { tellBroken(error); }
}

function tellBroken(error) {
  byId("broken").textContent = `The picture cannot be drawn: ${error.message}. A browser of 2024 or newer is needed; the story above needs none.`;
  byId("broken").hidden = false;
}

start().catch(tellBroken);
