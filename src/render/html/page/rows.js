// Which rows there are: what is pinned, nodes, groups of pods, their pods, and the rows of pods that are open.

const GROUP = 28, AREA = 44, POD = 28, LANE = 24, LINE = 22;
// Of larger groups the pods that nothing happened to are one line.
const QUIET_MIN = 12;

const GROUPS = {
  owner: { key: (pod) => [pod.cluster, pod.namespace, pod.owner], label: (pod) => `${pod.owner || "no owner"}${ofPlace(pod)}` },
  node: { key: (pod) => [pod.cluster, pod.node], label: (pod) => `${pod.node ? `node ${pod.node}` : "no node"}${ofSeveral(pod)}` },
  namespace: { key: (pod) => [pod.cluster, pod.namespace], label: (pod) => place(pod) },
  status: { key: (pod) => [pod.status], label: (pod) => pod.status },
};
const ofSeveral = (pod) => (incident.isOfSeveralClusters ? ` · ${pod.cluster}` : "");
// All of one namespace need not say so: the title does.
const ofPlace = (pod) => (incident.isOfSeveralPlaces ? ` · ${place(pod)}` : "");
const place = (pod) => `${incident.isOfSeveralClusters ? `${pod.cluster}/` : ""}${pod.namespace || "(no namespace)"}`;
const groupOf = (pod) => `${filters.group}\n${GROUPS[filters.group].key(pod).join("\n")}`;

const isTroubled = (pod) => pod.health === "bad" || pod.restarts > 0 || pod.errors > 0 || pod.warnings > 0 || pod.differences > 0
  || pod.failed > 0 || pod.trouble !== null || pod.main.some((bar) => bar.health === "bad" || bar.health === "unready");

// Pods come worst first from the file; groups stand where their first pod stands.
function ordered(pods) {
  const name = (pod) => `${pod.namespace}\n${pod.owner}\n${pod.name}`;
  const compare = {
    worst: (left, right) => left.index - right.index,
    name: (left, right) => (name(left) < name(right) ? -1 : 1),
    time: (left, right) => left.from - right.from || left.index - right.index,
  }[filters.order];
  const groups = new Map();
  for (const pod of [...pods].sort(compare)) {
    const key = groupOf(pod);
    groups.get(key)?.push(pod) ?? groups.set(key, [pod]);
  }
  return groups;
}

// Rows of a pod in which something happened; the others are one line until it is opened.
const isSteady = (lane) => lane.count < 2 && !lane.flags.length && !lane.notes.length && !lane.expected.some((track) => track.agreement === "against");

function rowsOf(pods, openGroups) {
  const rows = [];
  let top = 0;
  const add = (row, height) => { rows.push({ ...row, top, height }); top += height; };
  const addPod = (pod, prefix) => {
    add({ kind: "pod", id: `${prefix}:${pod.index}`, pod, lane: pod.lanes[0], isOpen: pod.isOpen, level: 2 }, POD);
    if (!pod.isOpen) return;
    const lanes = pod.lanes.slice(1), steady = lanes.filter(isSteady);
    const isFolded = steady.length > 1 && !pod.showsSteady;
    for (const lane of isFolded ? lanes.filter((lane) => !isSteady(lane)) : lanes) {
      add({ kind: "lane", id: `${prefix === "p" ? "l" : "m"}:${pod.index}:${pod.lanes.indexOf(lane)}`, pod, lane, level: 3 }, LANE);
    }
    if (steady.length > 1) add({ kind: "line", id: `s:${prefix}:${pod.index}`, what: "steady", pod, label: isFolded ? `${steady.length} steady rows` : "fold steady rows", level: 3 }, LINE);
  };
  const pinned = pods.filter((pod) => pod.isPinned);
  if (pinned.length) {
    add({ kind: "group", id: "g:pinned", key: "pinned", label: "Pinned", members: pinned, isOpen: true, level: 1 }, GROUP);
    for (const pod of pinned) addPod(pod, "q");
  }
  const turned = incident.nodes.filter((node) => node.turns.length);
  if (turned.length && filters.group !== "node" && !search.terms.length) {
    const isOpen = openGroups.has("nodes");
    add({ kind: "group", id: "g:nodes", key: "nodes", label: "Nodes", members: [], count: turned.length, isOpen, level: 1 }, GROUP);
    for (const node of isOpen ? turned : []) add({ kind: "node", id: `n:${node.cluster}/${node.name}`, node, level: 2 }, LANE);
  }
  for (const [key, members] of ordered(pods.filter(fits))) {
    const isOpen = openGroups.has(key) || search.terms.length > 0 && !openGroups.has(`-${key}`);
    const node = filters.group === "node" ? incident.nodes.find((node) => node.name === members[0].node && node.cluster === members[0].cluster) : undefined;
    add({ kind: "group", id: `g:${key}`, key, label: GROUPS[filters.group].label(members[0]), members, node, isOpen, level: 1 }, isOpen || members.length < 2 ? GROUP : AREA);
    if (!isOpen) continue;
    const isInside = (pod) => pod.until >= view.from && pod.from <= view.until;
    const inside = members.filter(isInside), outside = members.filter((pod) => !isInside(pod));
    const isFolding = members.length >= QUIET_MIN && !openGroups.has(`all ${key}`) && !search.terms.length;
    const quiet = isFolding ? inside.filter((pod) => !isTroubled(pod) && !pod.isOpen) : [];
    const folded = quiet.length > 1 ? new Set(quiet) : new Set();
    for (const pod of inside) if (!folded.has(pod)) addPod(pod, "p");
    if (folded.size) add({ kind: "line", id: `u:${key}`, what: "quiet", key, label: `${folded.size} pods without trouble`, level: 2 }, LINE);
    if (outside.length) add({ kind: "line", id: `o:${key}`, what: "outside", key, label: `${many(outside.length, "pod")} outside this window`, level: 2 }, LINE);
  }
  return { rows, height: top };
}
