// Which rows there are: groups by namespace and owner, their pods, and the rows of pods that are open.

const GROUP = 26, POD = 28, LANE = 24;
const filters = { find: "", status: "", flagged: false, order: "worst" };

function fits(pod) {
  const words = filters.find.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => pod.haystack.includes(word))
    && (!filters.status || pod.statuses.has(filters.status))
    && (!filters.flagged || pod.flags.some((flag) => flag.severity !== "info"));
}

const groupOf = (pod) => [pod.cluster, pod.namespace, pod.owner].join("\n");

// Pods come worst first from the file; groups stand where their first pod stands.
function ordered(pods) {
  const name = (pod) => `${pod.namespace}\n${pod.owner}\n${pod.name}`;
  const compare = {
    worst: (left, right) => left.index - right.index,
    name: (left, right) => (name(left) < name(right) ? -1 : 1),
    time: (left, right) => left.lived[0] - right.lived[0] || left.index - right.index,
  }[filters.order];
  const groups = new Map();
  for (const pod of [...pods].sort(compare)) {
    const key = groupOf(pod);
    groups.get(key)?.push(pod) ?? groups.set(key, [pod]);
  }
  return groups;
}

function rowsOf(pods, closedGroups) {
  const rows = [];
  let top = 0;
  const add = (row, height) => { rows.push({ ...row, top, height }); top += height; };
  const severalClusters = new Set(pods.map((pod) => pod.cluster)).size > 1;
  for (const [key, members] of ordered(pods.filter(fits))) {
    const { cluster, namespace, owner } = members[0];
    const label = `${owner || "no owner"} · ${severalClusters ? `${cluster}/` : ""}${namespace || "(no namespace)"}`;
    const isOpen = !closedGroups.has(key);
    add({ kind: "group", id: `g:${key}`, key, label, members, isOpen, level: 1 }, GROUP);
    for (const pod of isOpen ? members : []) {
      add({ kind: "pod", id: `p:${pod.index}`, pod, lane: pod.lanes[0], isOpen: pod.isOpen, level: 2 }, POD);
      for (const lane of pod.isOpen ? pod.lanes.slice(1) : []) {
        add({ kind: "lane", id: `l:${pod.index}:${pod.lanes.indexOf(lane)}`, pod, lane, level: 3 }, LANE);
      }
    }
  }
  return { rows, height: top };
}
