// The story above the picture: a click on a sentence goes to its place and time, and draws its guide through all rows.

// A link keeps the stretch and the filters that it says.
function showSentence(sentence, isOfLink = false) {
  const first = sentence.evidence.find(([pod]) => incident.pods[pod]) ?? [sentence.pods[0], null];
  const pod = incident.pods[first[0]];
  Object.assign(chosen, { pod: null, event: null, sentence: sentence.index });
  if (pod) {
    if (!isOfLink && !fits(pod)) clearFilters();
    openGroups.add(groupOf(pod));
    pod.isOpen = true;
  }
  if (!isOfLink && sentence.at !== null && (sentence.at < view.from || sentence.at > view.until)) moveTo(sentence.at - span() / 2, sentence.at + span() / 2);
  filter();
  if (pod) bringIntoSight(pod);
  const more = sentence.pods.length;
  panel(sentence.at === null ? "time not known" : moment(sentence.at),
    because([sentence]),
    sentence.by && element("p", "who", `by ${sentence.by}`),
    more > 0 && [element("h4", "", many(more, "pod")), podList(sentence.pods.slice(0, 40), sentence)],
    more > 40 && element("p", "faint", `and ${more - 40} more`));
  markSentence();
  redraw();
  remember();
}

// The pods of a sentence, each with the event that shows it.
function podList(places, sentence) {
  const list = element("div", "list");
  for (const index of places) {
    const pod = incident.pods[index];
    const event = sentence.evidence.find(([of]) => of === index)?.[1];
    const made = element("button", "", `${place(pod)}/${pod.label}`);
    made.type = "button";
    made.addEventListener("click", () => { pod.isOpen = true; openGroups.add(groupOf(pod)); filter(); if (event !== undefined) return goTo(pod, event); showPod(index); showRow(shown.rows.find((row) => row.id === `p:${index}`)); });
    list.append(made);
  }
  return list;
}

function markSentence() {
  for (const item of document.querySelectorAll("#story [data-sentence]")) {
    const isChosen = Number(item.dataset.sentence) === chosen.sentence;
    item.classList.toggle("chosen", isChosen);
    item.setAttribute("aria-pressed", isChosen);
  }
}

// The times of the sentences in the zone that is chosen.
function timeStory() {
  for (const item of document.querySelectorAll("#story [data-sentence]")) {
    const { at } = incident.sentences[Number(item.dataset.sentence)] ?? {};
    if (at !== null && at !== undefined) item.querySelector("time").textContent = moment(at);
  }
}
