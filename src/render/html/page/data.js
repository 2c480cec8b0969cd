// What the page carries: JSON, deflated and in base64. Here it gets names; times are milliseconds since `base`.

const HEALTHS = ["unknown", "neutral", "good", "done", "waiting", "bad"];
const ENDS = ["changed", "gone", "open"];
const SEVERITIES = ["info", "warning", "error", "difference"];
const NOTES = ["normal", "warning", "node"];
const AGREEMENTS = ["same", "lawful", "against"];

async function unpacked(text) {
  const letters = atob(text.trim());
  const packed = new Uint8Array(letters.length);
  for (let index = 0; index < letters.length; index += 1) packed[index] = letters.charCodeAt(index);
  const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(plain).json();
}

function incidentOf(raw) {
  const text = (index) => (index < 0 ? "" : raw.texts[index]);
  const bar = ([from, until, value, health, end, event, reason, message, stamped, restarts, inferred]) => ({
    from, until, value: text(value), health: HEALTHS[health], end: ENDS[end], event,
    reason: text(reason), message: text(message), stamped, restarts, inferred: inferred === 1,
  });
  const expected = ([from, until, value, agreement, event]) =>
    ({ from, until, value: text(value), agreement: AGREEMENTS[agreement], event });
  const event = ([at, latest, kind, version, clock, status, source, object, changes, by]) => ({
    at, latest, kind: text(kind), version: text(version), clock: text(clock), status: text(status),
    source: text(source), object: text(object), changes: triples(changes).map(([path, before, after]) =>
      ({ path: text(path), before: before < 0 ? null : text(before), after: after < 0 ? null : text(after) })),
    by: text(by),
  });
  const note = ([at, last, kind, reason, message, count, source]) =>
    ({ at, last, kind: NOTES[kind], reason: text(reason), message: text(message), count, source: text(source) });
  const flag = ([lane, event, at, severity, rule, name, about, wanted, actual, message, count]) => ({
    lane, event, at, severity: SEVERITIES[severity], rule: text(rule), name: text(name), about: text(about),
    expected: text(wanted), actual: text(actual), message: text(message), count,
  });
  const gap = ([from, until, what, lane]) => ({ from, until, what: text(what), lane });
  const pods = raw.pods.map((pod, index) => {
    const [namespace, name, uid, cluster, owner, node, status, label] = pod.words.map(text);
    const lanes = pod.lanes.map(([kind, label, bars, track], place) => ({
      kind: text(kind), label: text(label), place, bars: bars.map(bar), expected: track.map(expected), flags: [], notes: [],
    }));
    const whole = {
      index, namespace, name, label, uid, cluster, owner, node, status, health: HEALTHS[pod.health], lived: pod.lived, begins: pod.begins,
      errors: pod.errors, warnings: pod.warnings, restarts: pod.restarts, lanes, events: pod.events.map(event),
      gaps: pod.gaps.map(gap), notes: pod.notes.map(note), flags: pod.flags.map(flag), isOpen: false,
    };
    place(whole);
    return whole;
  });
  const rules = Object.fromEntries(raw.rules.map(([id, page]) => [text(id), text(page)]));
  return { base: raw.base, from: raw.from, until: raw.until, pods, rules };
}

// Puts what is told of a pod onto the rows where it belongs. A pod of which nothing has a time has one row, and nothing on it.
function place(pod) {
  if (!pod.lanes.length) pod.lanes.push({ kind: "status", label: "status", place: 0, bars: [], expected: [], flags: [], notes: [] });
  for (const flag of pod.flags) (pod.lanes[flag.lane] ?? pod.lanes[0]).flags.push(flag);
  const node = pod.lanes.find((lane) => lane.kind === "node");
  const events = { kind: "events", label: "Events", place: -1, bars: [], expected: [], flags: [], notes: [] };
  for (const note of pod.notes) (note.kind === "node" && node ? node : events).notes.push(note);
  if (events.notes.length) pod.lanes.push(events);
  const words = pod.lanes[0].bars.map((bar) => bar.value.replace(/ \d+\/\d+$/, ""));
  pod.ready = pod.lanes.find((lane) => lane.kind === "condition" && lane.label === "Ready")?.bars ?? [];
  pod.statuses = new Set(words.filter(Boolean));
  pod.haystack = [pod.namespace, pod.name, pod.uid, pod.owner, pod.node, pod.cluster, pod.status, ...pod.statuses].join("\n").toLowerCase();
}

function triples(flat) {
  const all = [];
  for (let index = 0; index < flat.length; index += 3) all.push(flat.slice(index, index + 3));
  return all;
}
