// What is under the mouse, or under the keys, in words: value, from, until, length, reason, who.

function showTip(piece, row, x, y) {
  const tip = byId("tip");
  const lines = piece.dataset.tip.split("\n");
  const event = row?.pod?.events[Number(piece.dataset.event)];
  if (event?.by) lines.push(`by ${event.by}`);
  tip.replaceChildren(...lines.map((line, index) => element("div", index ? "" : "first", line)));
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 8))}px`;
  tip.style.top = `${y + 18 + height > innerHeight ? Math.max(4, y - height - 10) : y + 18}px`;
}

const hideTip = () => { byId("tip").hidden = true; };

function hovered(event) {
  if (event.pointerType === "touch" || pointers.size) return hideTip();
  const row = rowOf(event.target);
  const piece = event.target.closest?.("[data-tip]");
  if (piece) return showTip(piece, row, event.clientX, event.clientY);
  if (row?.kind === "group" && row.height === AREA && event.target.closest(".track")) {
    const made = element("div");
    made.dataset.tip = areaTip(row, momentAt(xOf(event)));
    return showTip(made, null, event.clientX, event.clientY);
  }
  hideTip();
}

// With the keys: one interval of the row after the other, as if pointed at.
const under = { row: "", place: -1 };

function walkIntervals(row, by) {
  if (!row?.lane) return;
  const bars = row.lane.bars;
  if (under.row !== row.id) Object.assign(under, { row: row.id, place: by > 0 ? -1 : bars.length });
  under.place = Math.min(Math.max(under.place + by, 0), bars.length - 1);
  const bar = bars[under.place];
  if (!bar) return;
  if (bar.until < view.from || bar.from > view.until) { moveTo(bar.from - span() / 2, bar.from + span() / 2); drawAll(); }
  const piece = [...(made.get(row.id)?.querySelectorAll(".bar") ?? [])].find((it) => Number(it.dataset.from) === bar.from && it.dataset.value === bar.value);
  if (!piece) return;
  for (const old of document.querySelectorAll(".bar.under")) old.classList.remove("under");
  piece.classList.add("under");
  const box = piece.getBoundingClientRect();
  showTip(piece, row, Math.max(box.left, byId("board").getBoundingClientRect().left + headWidth()), box.top);
}
