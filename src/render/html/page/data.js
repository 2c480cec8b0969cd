// What the page carries: tables column by column, deflated and in base64. Here they become rows again, each when it is first asked
// for: a first picture needs few of them. Times are milliseconds since `base`.

// From the best to the worst.
const HEALTHS = ["neutral", "good", "done", "ending", "waiting", "unknown", "unready", "bad"];
const ENDS = ["changed", "gone", "open"];
const SEVERITIES = ["info", "warning", "error", "difference"];
const NOTES = ["normal", "warning", "node", "refused"];
const AGREEMENTS = ["same", "lawful", "against"];
const WEIGHTS = ["info", "trouble", "broken"];
const NODE_STATES = ["good", "unready", "unready"];
const badness = (bar) => HEALTHS.indexOf(bar.health);

async function unpacked(text) {
  const letters = atob(text.trim());
  const packed = new Uint8Array(letters.length);
  for (let index = 0; index < letters.length; index += 1) packed[index] = letters.charCodeAt(index);
  const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(plain).json();
}

// A value that is made when it is first read.
function lazily(object, name, make) {
  Object.defineProperty(object, name, { configurable: true, enumerable: true, get() {
    const value = make();
    Object.defineProperty(object, name, { value, writable: true, enumerable: true });
    return value;
  } });
}

// Some rows of a table, as objects.
function rowsOfTable(table, from, count, change) {
  const names = Object.keys(table).filter((name) => name !== "rows");
  return Array.from({ length: count }, (_, index) => {
    const row = {};
    for (const name of names) row[name] = table[name][from + index];
    return change ? change(row, index) : row;
  });
}

// Where the rows of each parent begin, by how many each has.
function startsOf(counts) {
  let next = 0;
  return counts.map((count) => { const start = next; next += count; return start; });
}

function incidentOf(raw) {
  const text = (index) => (index < 0 ? "" : raw.texts[index]);
  const texts = (row, ...names) => { for (const name of names) row[name] = text(row[name]); return row; };
  const start = {
    lanes: startsOf(raw.pods.lanes), events: startsOf(raw.pods.events), gaps: startsOf(raw.pods.gaps),
    notes: startsOf(raw.pods.notes), ends: startsOf(raw.pods.ends), flags: startsOf(raw.pods.flags), bars: startsOf(raw.lanes.bars),
    tracks: startsOf(raw.lanes.tracks), sources: startsOf(raw.events.sources), changes: startsOf(raw.events.changes),
  };
  const near = (pod, rows) => {
    for (const row of rows) row.from += pod.times[row.event] ?? pod.from;
    rows.forEach((row, index) => { row.until += rows[index + 1]?.from ?? pod.until; });
    return rows;
  };
  const barsOf = (pod, lane) => near(pod, rowsOfTable(raw.bars, start.bars[lane], raw.lanes.bars[lane], (row) => {
    row.health = HEALTHS[row.health];
    row.end = ENDS[row.end];
    row.inferred = row.inferred === 1;
    return texts(row, "value", "reason", "message");
  })).map((bar) => { if (bar.stamped !== null) bar.stamped += bar.from; return bar; });
  const tracksOf = (pod, lane) => near(pod, rowsOfTable(raw.tracks, start.tracks[lane], raw.lanes.tracks[lane], (row) => {
    row.agreement = AGREEMENTS[row.agreement];
    return texts(row, "value");
  }));
  const lanesOf = (pod, first, count) => rowsOfTable(raw.lanes, first, count, (row, place) => {
    const lane = { kind: text(row.kind), label: text(row.label), place, flags: [], notes: [] };
    lazily(lane, "bars", () => barsOf(pod, first + place));
    lazily(lane, "expected", () => tracksOf(pod, first + place));
    lane.count = row.bars;
    return lane;
  });
  const eventsOf = (pod, first, count) => rowsOfTable(raw.events, first, count, (row, index) => {
    const [source, sources, change, changes] = [start.sources[first + index], row.sources, start.changes[first + index], row.changes];
    row.at = pod.times[index];
    row.latest = row.latest === null ? null : row.latest + (row.at ?? pod.lasts[index]);
    row.version = String(row.version);
    lazily(row, "source", () => rowsOfTable(raw.sources, source, sources, ({ file, line }) => `${text(file)}:${line}`).join(", "));
    lazily(row, "changes", () => rowsOfTable(raw.changes, change, changes, ({ path, before, after }) =>
      ({ path: text(path), before: before < 0 ? null : text(before), after: after < 0 ? null : text(after) })));
    return texts(row, "kind", "clock", "status", "object", "by");
  });
  const pods = rowsOfTable(raw.pods, 0, raw.pods.rows, (pod, index) => {
    texts(pod, "namespace", "cluster", "owner", "node", "status", "symptom");
    pod.label ||= pod.name;
    const counts = { lanes: pod.lanes, events: pod.events, gaps: pod.gaps, notes: pod.notes, flags: pod.flags, ends: pod.ends };
    Object.assign(pod, { index, until: pod.from + pod.length, health: HEALTHS[pod.health], begins: pod.begins === 1, isOpen: false, isPinned: false, showsSteady: false });
    pod.trouble = pod.trouble === null ? null : pod.trouble + pod.from;
    // When each event was; and the last time that was known before it.
    [pod.times, pod.lasts] = [[], []];
    let last = pod.from;
    for (let event = start.events[index]; event < start.events[index] + counts.events; event += 1) {
      const after = raw.events.at[event];
      pod.lasts.push(last);
      pod.times.push(after === null ? null : last + after);
      last += after ?? 0;
    }
    lazily(pod, "events", () => eventsOf(pod, start.events[index], counts.events));
    const shift = (row, ...names) => { for (const name of names) if (row[name] !== null) row[name] += pod.from; return row; };
    lazily(pod, "gaps", () => rowsOfTable(raw.gaps, start.gaps[index], counts.gaps, (row) => texts(shift(row, "from", "until"), "what")));
    lazily(pod, "notes", () => rowsOfTable(raw.notes, start.notes[index], counts.notes, (row) => {
      row.kind = NOTES[row.kind];
      return texts(shift(row, "at", "last"), "reason", "message", "source");
    }));
    lazily(pod, "flags", () => rowsOfTable(raw.flags, start.flags[index], counts.flags, (row) => {
      row.severity = SEVERITIES[row.severity];
      return texts(shift(row, "at"), "rule", "name", "about", "expected", "actual", "message");
    }));
    lazily(pod, "lanes", () => placed(pod, lanesOf(pod, start.lanes[index], counts.lanes)));
    lazily(pod, "main", () => (counts.lanes ? barsOf(pod, start.lanes[index]) : []));
    lazily(pod, "ends", () => rowsOfTable(raw.ends, start.ends[index], counts.ends, (row) => texts(Object.assign(shift(row, "at"), { kind: "bad" }), "word", "about")));
    lazily(pod, "restartMarks", () => restartMarksOf(pod));
    lazily(pod, "haystack", () => haystackOf(pod));
    return pod;
  });
  const turnStarts = startsOf(raw.nodes.turns), causeStarts = startsOf(raw.sentences.causes);
  const nodes = rowsOfTable(raw.nodes, 0, raw.nodes.rows, (node, index) => {
    node.turns = rowsOfTable(raw.turns, turnStarts[index], node.turns, (row) => texts(row, "text", "by"));
    return texts(node, "cluster", "name");
  });
  const sentences = rowsOfTable(raw.sentences, 0, raw.sentences.rows, (row, index) => {
    row.causes = rowsOfTable(raw.causes, causeStarts[index], row.causes, (cause) => texts(cause, "rule", "text", "records"));
    let last = 0;
    Object.assign(row, { index, weight: WEIGHTS[row.weight], pods: row.pods.map((step) => { last += step; return last; }) });
    return texts(row, "kind", "text", "by", "records");
  });
  const rules = Object.fromEntries(raw.rules.map(([id, page]) => [text(id), text(page)]));
  return { base: raw.base, from: 0, until: raw.until, pods, nodes, sentences, rules };
}

// Puts what is told of a pod onto the rows where it belongs. A pod of which nothing has a time has one row, and nothing on it.
function placed(pod, lanes) {
  if (!lanes.length) lanes.push({ kind: "status", label: "status", place: 0, count: 0, bars: [], expected: [], flags: [], notes: [] });
  lazily(lanes[0], "bars", () => pod.main);
  for (const flag of pod.flags) (lanes[flag.lane] ?? lanes[0]).flags.push(flag);
  const node = lanes.find((lane) => lane.kind === "node");
  const events = { kind: "events", label: "Events", place: -1, count: 0, bars: [], expected: [], flags: [], notes: [] };
  for (const note of pod.notes) (note.kind === "node" && node ? node : events).notes.push(note);
  if (events.notes.length) lanes.push(events);
  return lanes;
}

// Where a container ran again after a run that did not end badly: a probe that failed, a program that ends too soon.
function restartMarksOf(pod) {
  const marks = [];
  for (const lane of pod.lanes.filter((lane) => lane.kind === "container")) {
    let before = null, run = null;
    for (const bar of lane.bars) {
      if (before && bar.restarts > before.restarts && before.health !== "bad" && run?.health !== "bad") {
        marks.push({ at: bar.from, word: "restarted", about: lane.label, kind: "restart", event: bar.event });
      }
      if (bar.value === "running" || bar.value.startsWith("terminated(")) run = bar;
      before = bar;
    }
  }
  return marks;
}

const statusOf = (value) => value.replace(/, [a-z ]+$/, "").replace(/ [\d?]+\/[\d?]+$/, "");

// All words of a pod that a search looks through, by what they are: a line each, in small letters.
function haystackOf(pod) {
  const of = { status: new Set([statusOf(pod.status)]), reason: new Set(), message: new Set(), actor: new Set(), event: new Set() };
  for (const bar of pod.main) of.status.add(statusOf(bar.value));
  for (const lane of pod.lanes.slice(1)) {
    for (const bar of lane.bars) {
      if (lane.kind === "container") of.status.add(bar.value);
      if (bar.reason) of.reason.add(bar.reason);
      if (bar.message) of.message.add(bar.message);
    }
  }
  for (const note of pod.notes) { of.event.add(note.reason); of.message.add(note.message); of.actor.add(note.source); }
  for (const event of pod.events) of.actor.add(event.by);
  for (const flag of pod.flags) of.reason.add(`${flag.rule} ${flag.name}`);
  const lines = (words) => [...words].filter(Boolean).join("\n").toLowerCase();
  const words = { name: [pod.name, pod.label], namespace: [pod.namespace], uid: [pod.uid], owner: [pod.owner], node: [pod.node], ip: [pod.ip], cluster: [pod.cluster], ...of };
  const haystack = Object.fromEntries(Object.entries(words).map(([key, all]) => [key, lines(all)]));
  haystack.all = lines(Object.values(haystack));
  return haystack;
}
