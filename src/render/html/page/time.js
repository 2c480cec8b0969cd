// Times and lengths in words, and the steps of the axis, in UTC or in the zone of the reader.

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
  DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY, ...[5, 10, 50, 100, 500, 1000].map((years) => years * 365 * DAY)];
const zone = { isLocal: false };

const offset = (moment) => (zone.isLocal ? -new Date(moment).getTimezoneOffset() * MINUTE : 0);

// The wall clock of the zone, written as if it were UTC.
const wall = (moment) => new Date(moment + offset(moment)).toISOString();

function zoneName(moment = incident.base) {
  const minutes = offset(moment) / MINUTE;
  if (!minutes) return zone.isLocal ? "local, UTC" : "UTC";
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  return `local, UTC${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

function iso(moment) {
  const text = wall(moment).replace(".000Z", "Z");
  return zone.isLocal ? text.replace("Z", "").replace("T", " ") : text;
}

// The time of the day as fine as a step of the axis needs it.
function clock(moment, step = SECOND) {
  const text = wall(moment).split("T")[1];
  if (step < SECOND) return text.slice(0, 12);
  return step < MINUTE ? text.slice(0, 8) : text.slice(0, 5);
}

function day(moment) {
  return wall(moment).split("T")[0];
}

// A moment of the incident: the time of the day, with the date where the days differ.
function moment(at) {
  const isOfOneDay = day(incident.base + incident.from) === day(incident.base + incident.until);
  return `${isOfOneDay ? "" : `${day(incident.base + at)} `}${clock(incident.base + at)}`;
}

function length(span) {
  const whole = Math.max(0, Math.round(span));
  if (whole < SECOND) return whole === 0 ? "0s" : `${whole}ms`;
  if (whole < 10 * SECOND) return `${+(whole / SECOND).toFixed(2)}s`;
  const parts = [[DAY, "d"], [HOUR, "h"], [MINUTE, "m"], [SECOND, "s"]].map(([unit, sign], place, all) =>
    [Math.floor((place ? whole % all[place - 1][0] : whole) / unit), sign]);
  const first = parts.findIndex(([count]) => count > 0);
  return parts.slice(first, first + 2).filter(([count]) => count > 0).map(([count, sign]) => count + sign).join("");
}

// The step that leaves at least `room` pixels between two ticks.
function stepFor(pixelsPerMs, room) {
  return STEPS.find((step) => step * pixelsPerMs >= room) ?? STEPS.at(-1);
}

const many = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
