// The axis of time that all rows share: ticks, how much happened when, the numbers of the story, and the whole in small.

const BIN_PIXELS = 5, MINI_BINS = 240, TICK_ROOM = 130;
const TICK_FONT = '12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif';

function drawAxis(ticks, grid) {
  const step = stepFor(scale(), 90);
  const [from, until] = drawn();
  const labels = [], lines = [];
  const shift = offset(incident.base);
  let lastDay = day(incident.base + Math.max(view.from, from));
  for (let moment = Math.ceil((incident.base + from + shift) / step) * step - shift; moment <= incident.base + until; moment += step) {
    const left = pixel(moment - incident.base), x = `${left.toFixed(1)}px`;
    const isNewDay = day(moment) !== lastDay;
    lastDay = day(moment);
    const text = isNewDay || step >= DAY ? `${day(moment)}${step >= DAY ? "" : ` ${clock(moment, step)}`}` : clock(moment, step);
    // A time that an edge would cut is left out.
    const isCut = left < 0 && left > -TICK_ROOM || left < view.width && left + widthOf(text, TICK_FONT) + 6 > view.width;
    const label = element("div", `tick${isNewDay ? " day" : ""}`, isCut ? "" : text);
    const line = element("div", "line");
    label.style.left = line.style.left = x;
    labels.push(label);
    lines.push(line);
  }
  ticks.replaceChildren(...labels);
  grid.replaceChildren(...lines);
}

// When something happened, by how bad it was: all that is counted in the histogram.
function momentsOf(pods) {
  const moments = { info: [], trouble: [], broken: [] };
  for (const pod of pods) {
    for (const at of pod.times) if (at !== null) moments.info.push(at);
    for (const bar of pod.main) {
      if (bar.health === "bad") moments.broken.push(bar.from);
      else if (bar.health === "unready" || bar.health === "unknown") moments.trouble.push(bar.from);
    }
  }
  return moments;
}

function binned(moments, from, width, count) {
  const bins = new Array(count).fill(0);
  for (const at of moments) {
    const bin = Math.floor((at - from) / width);
    if (bin >= 0 && bin < count) bins[bin] += 1;
  }
  return bins;
}

function drawCrowd(place, moments) {
  const [from, until] = drawn();
  const width = BIN_PIXELS / scale(), count = Math.ceil((until - from) / width);
  const bins = Object.fromEntries(Object.entries(moments).map(([kind, all]) => [kind, binned(all, from, width, count)]));
  const hits = new Set(search.hits.map((hit) => Math.floor((hit.at - from) / width)));
  const most = Math.max(1, ...bins.info.map((number, bin) => Math.max(number, bins.trouble[bin] + bins.broken[bin])));
  const made = [];
  const high = (number) => `${(Math.sqrt(number / most) * 100).toFixed(0)}%`;
  for (let bin = 0; bin < count; bin += 1) {
    const [info, trouble, broken] = [bins.info[bin], bins.trouble[bin], bins.broken[bin]];
    if (!info && !trouble && !broken && !hits.has(bin)) continue;
    const column = element("div", "bin");
    column.style.left = `${(pixel(from + bin * width)).toFixed(1)}px`;
    Object.assign(column.dataset, { from: Math.floor(from + bin * width), until: Math.ceil(from + (bin + 1) * width),
      tip: `${moment(from + bin * width)} for ${length(width)}\n${many(info, "event")}${broken ? `, ${broken} bad` : ""}${trouble ? `, ${trouble} no longer ready or unknown` : ""}` });
    for (const [kind, number] of [["info", info], ["trouble", trouble + broken], ["broken", broken]]) {
      if (!number) continue;
      const part = element("div", kind);
      part.style.height = high(number);
      column.append(part);
    }
    if (hits.has(bin)) column.append(element("div", "found"));
    made.push(column);
  }
  place.replaceChildren(...made);
}

// The whole recording in small: what of it is shown, and where it was bad.
function drawMini(place, moments) {
  const [first, last] = view.whole;
  const width = (last - first) / MINI_BINS;
  const made = [];
  for (const [kind, all] of Object.entries(moments)) {
    const bins = binned(all, first, width, MINI_BINS), most = Math.max(1, ...bins);
    bins.forEach((number, bin) => {
      if (!number) return;
      const part = element("div", kind);
      part.style.left = `${((bin / MINI_BINS) * 100).toFixed(2)}%`;
      part.style.height = `${(20 + Math.sqrt(number / most) * 80).toFixed(0)}%`;
      made.push(part);
    });
  }
  place.replaceChildren(...made, element("div", "window"));
  drawWindow(place);
}

function drawWindow(place) {
  const [first, last] = view.whole, window = place.querySelector(".window");
  if (!window) return;
  window.style.left = `${(((view.from - first) / (last - first)) * 100).toFixed(2)}%`;
  window.style.width = `${((span() / (last - first)) * 100).toFixed(2)}%`;
}

// The times of the story, numbered, through all rows. Numbers that would lie on each other stand beside.
const NUMBER_PIXELS = 17, DIGIT_PIXELS = 5;

function drawGuides(numbers, lines) {
  const [from, until] = drawn();
  const shownNow = incident.sentences.filter((it) => it.at !== null && it.at >= from && it.at <= until);
  const width = (it) => NUMBER_PIXELS + (it.index >= 9 ? DIGIT_PIXELS : 0);
  // Beside the one before; and back from the right edge, for those in sight.
  const lefts = [];
  shownNow.forEach((it, place) => lefts.push(Math.max(pixel(it.at) - 8, place ? lefts[place - 1] + width(shownNow[place - 1]) : -Infinity)));
  for (let place = lefts.length - 1, edge = view.width; place >= 0; place -= 1) {
    if (pixel(shownNow[place].at) > view.width) continue;
    lefts[place] = Math.min(lefts[place], edge - width(shownNow[place]));
    edge = lefts[place];
  }
  if (lefts[0] < 0 && pixel(shownNow[0].at) >= 0) lefts[0] = 0;
  const made = [], drawnLines = [];
  shownNow.forEach((sentence, place) => {
    const kind = `${sentence.weight}${chosen.sentence === sentence.index ? " chosen" : ""}`;
    const line = element("div", `guide ${kind}`);
    line.style.left = `${pixel(sentence.at).toFixed(1)}px`;
    drawnLines.push(line);
    const number = element("button", `guide-number ${kind}`, `${sentence.index + 1}`);
    number.type = "button";
    number.tabIndex = -1;
    number.style.left = `${lefts[place].toFixed(1)}px`;
    number.setAttribute("aria-label", `sentence ${sentence.index + 1}`);
    Object.assign(number.dataset, { sentence: sentence.index, tip: `${moment(sentence.at)}  ${sentence.text}` });
    made.push(number);
  });
  numbers.replaceChildren(...made);
  lines.replaceChildren(...drawnLines);
}
