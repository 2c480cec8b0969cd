// The table of all pods, of which only the rows in sight are there.

const TABLE_ROW = 30, TABLE_VIRTUAL = 200, TABLE_MARGIN = 12;
const COLUMNS = [
  { name: "Pod", text: (pod) => `${place(pod)}/${pod.label}`, value: (pod) => `${place(pod)}/${pod.label}` },
  { name: "Owner", text: (pod) => pod.owner, value: (pod) => pod.owner },
  { name: "Last status", text: (pod) => pod.status, value: (pod) => pod.status, kind: (pod) => `word-${pod.health}` },
  { name: "Restarts", text: (pod) => String(pod.restarts), value: (pod) => pod.restarts, isNumber: true },
  { name: "Failed runs", text: (pod) => String(pod.failed), value: (pod) => pod.failed, isNumber: true },
  { name: "Unready", text: (pod) => length(Math.floor(pod.unready / SECOND) * SECOND), value: (pod) => pod.unready, isNumber: true },
  { name: "Findings", text: findingsText, value: (pod) => (pod.differences * 1e5 + pod.errors) * 1e5 + pod.warnings, isNumber: true, kind: (pod) => (pod.errors ? "word-bad" : pod.warnings ? "word-waiting" : "") },
  { name: "First sign of trouble", text: (pod) => (pod.trouble === null ? "" : `${moment(pod.trouble)} ${pod.symptom}`), value: (pod) => pod.trouble ?? Infinity, isEarliestFirst: true },
];
const table = { column: -1, isDown: true, pods: [], first: -1, last: -1 };

function findingsText(pod) {
  const parts = [pod.differences && `≠ ${pod.differences}`, pod.errors && `! ${pod.errors}`, pod.warnings && `? ${pod.warnings}`].filter(Boolean);
  return parts.join(" ") || "0";
}

function makeTable() {
  const head = element("tr");
  COLUMNS.forEach((column, place) => {
    const cell = element("th", column.isNumber ? "number" : "");
    cell.scope = "col";
    const button = element("button", "", column.name);
    button.type = "button";
    button.addEventListener("click", () => { table.isDown = table.column === place ? !table.isDown : !column.isEarliestFirst; table.column = place; fillTable(); });
    cell.append(button);
    head.append(cell);
  });
  byId("table-head").replaceChildren(head);
  byId("table-scroller").addEventListener("scroll", () => mountTable());
}

function fillTable() {
  const compare = (value, sign) => (left, right) => {
    const [one, other] = [value(left), value(right)];
    return (one < other ? -1 : one > other ? 1 : 0) * sign || left.index - right.index;
  };
  table.pods = incident.pods.filter(fits);
  if (table.column >= 0) table.pods.sort(compare(COLUMNS[table.column].value, table.isDown ? -1 : 1));
  [...byId("table-head").querySelectorAll("th")].forEach((cell, place) => {
    if (place === table.column) cell.setAttribute("aria-sort", table.isDown ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  });
  byId("table-scroller").classList.toggle("is-long", table.pods.length > TABLE_VIRTUAL);
  table.first = -1;
  mountTable();
}

// Of a short table all rows are there; of a long one those in sight, each of one height.
function mountTable(isForPrint = false) {
  const scroller = byId("table-scroller"), count = table.pods.length;
  const isLong = count > TABLE_VIRTUAL && !isForPrint;
  const first = isLong ? Math.max(0, Math.floor(scroller.scrollTop / TABLE_ROW) - TABLE_MARGIN) : 0;
  const last = isLong ? Math.min(count, Math.ceil((scroller.scrollTop + scroller.clientHeight) / TABLE_ROW) + TABLE_MARGIN) : Math.min(count, isForPrint ? PRINTED_MAX : count);
  if (first === table.first && last === table.last) return;
  [table.first, table.last] = [first, last];
  const space = (rows) => {
    const made = element("tr", "space");
    made.setAttribute("aria-hidden", "true");
    made.style.height = `${rows * TABLE_ROW}px`;
    return rows > 0 ? [made] : [];
  };
  byId("table-body").replaceChildren(...space(first), ...table.pods.slice(first, last).map(tableRow), ...space(isLong ? count - last : 0));
}

function tableRow(pod) {
  const row = element("tr");
  row.dataset.pod = pod.index;
  for (const column of COLUMNS) {
    const text = column.text(pod);
    const cell = element("td", [column.isNumber ? "number" : "", column.isNumber && !column.value(pod) ? "faint" : column.kind?.(pod) ?? ""].filter(Boolean).join(" "));
    cell.dataset.name = column.name;
    if (column.isNumber) cell.dataset.value = column.value(pod);
    if (column === COLUMNS[0]) {
      const button = element("button", "", text);
      button.type = "button";
      button.title = `uid ${pod.uid}`;
      button.addEventListener("click", () => showPod(pod.index));
      cell.append(button);
    } else {
      cell.textContent = text;
      cell.title = text;
    }
    row.append(cell);
  }
  return row;
}
