// What is looked for: words, /patterns/ and `key:value`, over names, owners, nodes, addresses, statuses, reasons, messages, Events and
// who wrote.

const filters = { find: "", flagged: false, group: "owner", order: "worst" };
const KEYS_OF_SEARCH = ["name", "namespace", "uid", "owner", "node", "ip", "cluster", "status", "reason", "message", "actor", "event"];
const search = { text: null, terms: [], error: "", hits: [], of: "", at: -1 };

// Each term is a test of a text, perhaps of one kind only.
function termsOf(text) {
  const terms = [];
  search.error = "";
  for (const [whole, key, pattern, quoted, word] of text.matchAll(/(?:([a-z]+):)?(?:\/((?:[^/\\]|\\.)+)\/i?|"([^"]*)"|(\S+))/g)) {
    const isKey = key && KEYS_OF_SEARCH.includes(key);
    const term = { key: isKey ? key : null };
    if (pattern !== undefined && (isKey || !key)) {
      try {
        const made = new RegExp(pattern, "im");
        term.test = (value) => made.test(value);
      } catch (error) {
        search.error = `no pattern: ${error.message}`;
        term.test = () => false;
      }
    } else {
      const wanted = (isKey || !key ? quoted ?? word ?? "" : whole).toLowerCase();
      term.test = (value) => value.toLowerCase().includes(wanted);
    }
    terms.push(term);
  }
  return terms;
}

const termFits = (term, haystack) => term.test(haystack[term.key ?? "all"]);

function readSearch() {
  if (search.text === filters.find) return;
  search.text = filters.find;
  search.terms = termsOf(filters.find);
  for (const pod of incident.pods) pod.isFound = undefined;
}

function fits(pod) {
  if (filters.flagged && !pod.flags.some((flag) => flag.severity !== "info")) return false;
  if (!search.terms.length) return true;
  pod.isFound ??= search.terms.every((term) => termFits(term, pod.haystack));
  return pod.isFound;
}

// Reads ahead what searches look through, while the reader has not asked for anything yet.
const AHEAD = 100;

function readAhead(from = 0) {
  const pods = incident.pods.slice(from, from + AHEAD);
  for (const pod of pods) pod.haystack;
  if (pods.length) setTimeout(() => guarded(() => readAhead(from + AHEAD)));
}

// Where what is looked for stands in time. Of pods that are found by their names alone: where they begin.
const HITS_MAX = 5000;

function findHits(pods) {
  [search.hits, search.at] = [[], -1];
  if (!search.terms.length) return;
  const isHit = (...pairs) => search.terms.some((term) => pairs.some(([key, value]) => value && (!term.key || term.key === key) && term.test(value)));
  for (const pod of pods) {
    const before = search.hits.length;
    const add = (at, event) => { if (at !== null && search.hits.length <= HITS_MAX) search.hits.push({ pod, at, event }); };
    const seen = new Set();
    for (const lane of pod.lanes) {
      for (const bar of lane.bars) {
        const status = lane.kind === "status" ? statusOf(bar.value) : lane.kind === "container" ? bar.value : "";
        if (!seen.has(bar.event) && isHit(["status", status], ["reason", bar.reason], ["message", bar.message])) { seen.add(bar.event); add(bar.from, bar.event); }
      }
    }
    for (const note of pod.notes) if (isHit(["event", note.reason], ["message", note.message], ["actor", note.source])) add(note.at, null);
    pod.events.forEach((event, index) => { if (!seen.has(index) && isHit(["actor", event.by])) add(event.at, index); });
    if (search.hits.length === before) add(pod.from, null);
  }
  search.hits.sort((left, right) => left.at - right.at || left.pod.index - right.pod.index);
}
