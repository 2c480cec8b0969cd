// Rows that are of many: the states of a group's pods, stacked over time, and the state of a node.

const STACK = HEALTHS;
const AREA_BIN = 4;
const NAMES = { good: "ready", done: "completed", neutral: "neutral", ending: "ending", waiting: "starting", unknown: "unknown", unready: "not ready", bad: "failing" };

// How many pods were in each state in each stretch of the axis.
function statesOf(members, from, width, count) {
  const steps = Object.fromEntries(STACK.map((health) => [health, new Float64Array(count + 1)]));
  for (const pod of members) {
    for (const bar of pod.main) {
      // The state in the middle of a stretch stands for it; what is bad is seen however short it was.
      const middle = (at) => Math.min(count, Math.max(0, Math.ceil((at - from) / width - 0.5)));
      const first = middle(bar.from), isOdd = bar.health === "bad" || bar.health === "unready";
      const last = Math.max(middle(bar.until), isOdd ? Math.min(first + 1, count) : 0);
      if (last <= first || bar.until < from || bar.from > from + width * count) continue;
      steps[bar.health][first] += 1;
      steps[bar.health][last] -= 1;
    }
  }
  for (const counts of Object.values(steps)) for (let bin = 1; bin <= count; bin += 1) counts[bin] += counts[bin - 1];
  return steps;
}

function areaOf(row) {
  const [from, until] = drawn();
  const width = AREA_BIN / scale(), count = Math.ceil((until - from) / width);
  const states = statesOf(row.members, from, width, count);
  const height = row.height - 6;
  const sums = Array.from({ length: count }, (_, bin) => STACK.reduce((sum, health) => sum + states[health][bin], 0));
  const most = Math.max(1, ...sums);
  const area = element("div", "area");
  area.style.width = `${count * AREA_BIN}px`;
  area.style.height = `${height}px`;
  area.style.left = `${pixel(from).toFixed(1)}px`;
  const base = new Float64Array(count);
  const y = (value) => (height - (value / most) * height).toFixed(1);
  for (const health of STACK) {
    const counts = states[health];
    let path = "", first = 0;
    for (let bin = 1; bin <= count; bin += 1) {
      if (bin < count && counts[bin] === counts[first] && base[bin] === base[first]) continue;
      if (counts[first] > 0) path += `M${first * AREA_BIN} ${y(base[first] + counts[first])}H${bin * AREA_BIN}V${y(base[first])}H${first * AREA_BIN}Z`;
      first = bin;
    }
    for (let bin = 0; bin < count; bin += 1) base[bin] += counts[bin];
    if (!path) continue;
    const made = element("div", health);
    made.style.clipPath = `path("${path}")`;
    area.append(made);
  }
  return area;
}

// The states of a group at a moment, for whoever points at it.
function areaTip(row, at) {
  const counts = new Map();
  for (const pod of row.members) {
    const bar = pod.main.find((bar) => bar.from <= at && bar.until > at);
    if (bar) counts.set(bar.health, (counts.get(bar.health) ?? 0) + 1);
  }
  const told = [...STACK].reverse().filter((health) => counts.has(health)).map((health) => `${counts.get(health)} ${NAMES[health]}`);
  return `${row.label}, ${moment(at)}\n${told.join(", ") || "no pods"}`;
}

// A node: ready, lost, back, as far as that is recorded; and what else changed of it.
function bandOf(node) {
  const pieces = [];
  let from = view.whole[0], state = null, told = "";
  const until = (end) => {
    if (state === null) return;
    const made = element("div", `bar node-band ${state}`);
    const width = across(made, from, end);
    if (width >= LABEL_PIXELS) made.append(element("span", "label", fitting(formsOf(GLYPHS[state], told), width)));
    Object.assign(made.dataset, { from, until: end, value: told, tip: `node ${node.name}: ${told}\n${iso(incident.base + from)} to ${iso(incident.base + end)}, ${length(end - from)}` });
    pieces.push(made);
  };
  const readiness = node.turns.filter((turn) => turn.ready >= 0 || turn.text === "deleted");
  // Before the first change it was what that says that it was.
  const first = /^Ready (\w+) →/.exec(readiness[0]?.text ?? "");
  if (first) [state, told] = [first[1] === "True" ? "good" : "unready", first[1] === "True" ? "Ready" : `not Ready (${first[1]})`];
  for (const turn of readiness) {
    until(turn.at);
    if (turn.ready < 0) { state = null; continue; }
    [from, state, told] = [turn.at, NODE_STATES[turn.ready], turn.ready === 0 ? "Ready" : turn.text.replace(/^Ready \w+ → /, "not Ready: ")];
  }
  until(incident.until);
  node.turns.forEach((turn, index) => {
    const taint = /^tainted (.*)$/.exec(turn.text)?.[1];
    if (!taint) return;
    const end = node.turns.slice(index).find((it) => it.text === `taint ${taint} removed`)?.at ?? incident.until;
    const made = element("div", "taint");
    across(made, turn.at, end);
    made.dataset.tip = `node ${node.name}: tainted ${taint}\n${iso(incident.base + turn.at)} to ${iso(incident.base + end)}, ${length(end - turn.at)}${turn.by ? `\nby ${turn.by}` : ""}`;
    pieces.push(made);
  });
  for (const { first: turn, count } of gathered(node.turns.map((turn) => ({ ...turn, kind: "node" })))) {
    const made = element("button", "mark node", "◆");
    made.type = "button";
    made.tabIndex = -1;
    made.style.left = `${pixel(turn.at).toFixed(1)}px`;
    made.setAttribute("aria-label", `node ${node.name}: ${turn.text}`);
    made.dataset.tip = `${moment(turn.at)}  node ${node.name}: ${turn.text}${turn.by ? `\nby ${turn.by}` : ""}${count > 1 ? `\nand ${count - 1} more` : ""}`;
    pieces.push(made);
  }
  return pieces;
}
