// That the picture shows what the other commands tell of the same recording, to the millisecond.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HIGH, TOGETHER, RECORDINGS, assertQuiet, baseOf, countOf, expandAll, from, json, labelOf, rowsOf, useReports } from './report.mjs';

/** Fields of a pod that have no row: src/picture/row.rs. */
const WITHOUT_ROW = new Set(['qosClass', 'startTime', 'hostIP', 'podIPs', 'message', 'observedGeneration']);

describe('the report draws what is recorded:', TOGETHER, () => {
  const reports = useReports();

  for (const name of RECORDINGS) {
    test(name, async (t) => {
      const [timeline, history, recordings, check] = await Promise.all(
        ['timeline', 'history', 'recordings', 'check'].map((command) => json(command, ...from(name))));
      const opened = await reports.show(t, name, HIGH);
      await expandAll(opened.page);
      const rows = await rowsOf(opened.page);
      const base = baseOf(rows);
      const pods = new Map(timeline.pods.map((pod) => [pod.uid, pod]));
      assert.deepEqual(uidsOf(rows), [...pods.keys()].sort());
      for (const { uid, events } of history.pods) {
        const end = endOf(events, pods.get(uid), recordings);
        assert.deepEqual(drawn(rows, uid, base), expected(pods.get(uid), events, end));
        assertGaps(rows, pods.get(uid), base, end);
      }
      assertFlags(rows, check.findings);
      assertPlaces(rows);
      await assertTicks(opened.page, rows, base);
      await assertQuiet(opened);
    });
  }
});

const uidsOf = (rows) => rows.filter(({ kind }) => kind === 'pod').map(({ uid }) => uid).sort();

/** What the page shows of a pod: for each row its intervals. */
function drawn(rows, uid, base) {
  return Object.fromEntries(rows.filter((row) => row.uid === uid).map((row) => {
    const bars = row.bars.map(({ from, until, value, kinds }) =>
      ({ from: base + from, until: base + until, value, end: ['gone', 'open'].find((end) => kinds.includes(end)) ?? 'changed' }));
    if (row.kind === 'pod') bars.forEach((bar, index) => { bar.health = row.bars[index].kinds[1]; });
    return [row.kind === 'pod' ? 'STATUS' : row.title, bars];
  }).filter(([label]) => label !== 'Events'));
}

/** The same, computed from the transitions and the events of the JSON. What only later stamps prove is unknown until the proof. */
function expected(pod, events, end) {
  const rows = {};
  const told = pod.transitions.filter(({ subject }) => !(subject.kind === 'pod' && WITHOUT_ROW.has(subject.type)));
  const change = (subject, value, at, { stamp, inferred, seq }) => {
    const bars = (rows[labelOf(subject)] ??= []);
    const open = bars.at(-1);
    let from = at;
    if (open && open.until === null) {
      if (open.value === value) return;
      if (open.inferred && open.from <= stamp && stamp <= at) from = stamp;
      Object.assign(open, { until: from, end: 'changed' });
    }
    if (value !== null) bars.push({ from, until: null, value, end: null, inferred, seq });
  };
  told.forEach(({ subject, to, at, atLatest, inferred, seq, stamped, lastTransitionTime }, index) => {
    const mark = { stamp: Date.parse(stamped ?? lastTransitionTime), inferred, seq };
    const [first, last] = [Date.parse(at), Date.parse(atLatest)];
    const isUnplaced = inferred && Number.isNaN(mark.stamp) && !(last - first <= 1000);
    if (!isUnplaced && !(inferred && to === null)) return change(subject, to, first, mark);
    change(subject, 'unknown', first, mark);
    const label = labelOf(subject);
    const goesOn = told.slice(index + 1).some((it) => it.seq === seq && labelOf(it.subject) === label);
    if (to !== null && !goesOn) change(subject, to, Number.isNaN(last) ? first : last, mark);
  });
  rows.STATUS = mainBars(events, rows, end);
  for (const bar of Object.values(rows).flat()) {
    delete bar.inferred;
    delete bar.seq;
    if (bar.until === null) Object.assign(bar, { until: end.at, end: end.how });
  }
  return rows;
}

/** What the pod was to its users: STATUS, Ready, the phase, a disruption and the deletion together; one interval until one of them turns. */
function mainBars(events, rows, end) {
  const turns = events.filter(({ type }) => type !== 'DELETED').map(({ at, seq, status, ready }) => ({ at: Date.parse(at), seq, columns: { status, ready } }));
  for (const { from, value, seq } of rows.Ready ?? []) turns.push({ at: from, seq, isReady: value === 'unknown' ? null : value === 'True' });
  const first = (label, key, ...values) => {
    const bar = rows[label]?.find(({ value }) => values.includes(value));
    if (bar) turns.push({ at: bar.from, seq: bar.seq, [key]: true });
  };
  first('phase', 'isFinished', 'Succeeded');
  first('phase', 'isFailed', 'Failed');
  for (const { from, value, seq } of rows.DisruptionTarget ?? []) turns.push({ at: from, seq, isDisrupted: value === 'True' });
  first('pod', 'isEnding', 'deleting');
  turns.sort((left, right) => left.at - right.at || left.seq - right.seq);
  const bars = [], told = { wasReady: false };
  turns.forEach(({ at, seq, ...turn }, index) => {
    Object.assign(told, turn);
    told.wasReady ||= turn.isReady === true;
    const next = turns[index + 1];
    if (!told.columns || next && next.at === at && next.seq === seq) return;
    const health = serviceOf(told);
    const { status, ready } = told.columns;
    const [count, total] = ready.split('/');
    const ofRunning = { unready: count === total ? ', not ready' : '', waiting: count === total ? ', not ready' : '', unknown: ', readiness unknown', ending: ', terminating' }[health];
    const note = (status === 'Running' && ofRunning) || (health === 'bad' && told.isDisrupted && (told.isFailed || told.isFinished) && status !== 'Evicted' ? ', evicted' : '');
    const value = `${status === '' ? 'unknown' : status === 'Running' ? `${status} ${ready}` : status}${status === '' ? '' : note}`;
    if (bars.at(-1)?.value === value && bars.at(-1).health === health) return;
    if (bars.length) bars.at(-1).until = at;
    bars.push({ from: at, until: null, value, end: 'changed', health });
  });
  return bars.map((bar) => (bar.until === null ? { ...bar, until: end.at, end: end.how } : bar));
}

function serviceOf({ columns: { status, ready }, isReady, wasReady, isFinished, isFailed, isDisrupted, isEnding }) {
  const [count, total] = ready.split('/');
  const plain = healthOf(status) === 'good' && count < total ? 'waiting' : healthOf(status);
  if (isEnding) return 'ending';
  if (status === '' || status === 'Unknown') return 'unknown';
  if (isFailed) return 'bad';
  if (plain === 'done' && isFinished) return isDisrupted ? 'bad' : 'done';
  if (!['good', 'waiting', 'done'].includes(plain)) return plain;
  if (isReady === null) return 'unknown';
  if (plain === 'good' && (isReady ?? true)) return 'good';
  return wasReady ? 'unready' : 'waiting';
}

function healthOf(status) {
  const word = status.replace(/^Init:/, '');
  if (word === '') return 'neutral';
  if (word === 'Running') return 'good';
  if (['Completed', 'Succeeded'].includes(word)) return 'done';
  if (word === 'Terminating') return 'ending';
  return ['Pending', 'ContainerCreating', 'PodInitializing', 'NotReady', 'SchedulingGated'].includes(word) || word.includes('/') ? 'waiting' : 'bad';
}

/** When a pod ends: when it was deleted, when it had vanished, or when its recording ends. */
function endOf(events, pod, { recordings }) {
  const isDeleted = events.at(-1).type === 'DELETED';
  const vanished = pod.gaps.find(({ kind }) => kind === 'vanished');
  const at = isDeleted ? events.at(-1).at : vanished?.from ?? recordings[0].until;
  return { at: Date.parse(at), how: isDeleted || vanished ? 'gone' : 'open' };
}

/** What was not recorded is hatched on every row of the pod, but for what was over when the picture begins. */
function assertGaps(rows, pod, base, end) {
  const hatched = rows.filter(({ uid }) => uid === pod.uid);
  const first = Math.min(...hatched.flatMap(({ bars }) => bars.map(({ from }) => base + from)));
  assert.ok(first <= end.at);
  const begin = Math.min(...rows.filter(({ kind }) => kind === 'pod').flatMap(({ bars }) => bars.map(({ from }) => base + from)));
  const wanted = pod.gaps.filter(({ from, until }) => from === until || Date.parse(until) > begin);
  for (const { gaps, title } of hatched) {
    assert.equal(gaps.length, wanted.length, `${pod.name} ${title}`);
    for (const gap of gaps) assert.match(gap.title, /^not recorded between [0-9:]{8} and [0-9:]{8} /);
  }
}

/** Every finding has its flag, on the row of its subject; what is only info stands there alone. */
function assertFlags(rows, findings) {
  const wanted = {}, shown = {};
  const add = (counts, uid, label, count) => { counts[`${uid} ${label}`] = (counts[`${uid} ${label}`] ?? 0) + count; };
  for (const { uid, subject, severity } of findings) {
    const labels = rows.filter((row) => row.uid === uid && row.kind === 'lane').map(({ title }) => title);
    add(wanted, uid, labels.includes(labelOf(subject)) ? labelOf(subject) : labels[0], 1);
    if (severity !== 'info') add(wanted, uid, 'STATUS', 1);
  }
  for (const row of rows.filter(({ flags }) => flags.length)) add(shown, row.uid, row.kind === 'pod' ? 'STATUS' : row.title, countOf(row.flags));
  assert.deepEqual(shown, wanted);
}

/** All bars lie on one scale: what is twice as long is twice as wide, and what is at once stands at one place. */
function assertPlaces(rows) {
  const bars = rows.filter(({ uid }) => uid).flatMap(({ bars }) => bars);
  const first = bars.reduce((one, other) => (other.from < one.from ? other : one));
  const last = bars.reduce((one, other) => (other.until > one.until || (other.until === one.until && other.from < one.from) ? other : one));
  const scale = (last.right - first.left) / (last.until - first.from);
  for (const { left, right, from, until, title, kinds } of bars) {
    const [begin, end] = [from, until].map((at) => first.left + (at - first.from) * scale);
    assert.ok(Math.abs(left - begin) < 1, `${title}: begins at ${left}, expected ${begin}`);
    if (end - begin > 7) assert.ok(Math.abs(right - end) < 1.5, `${title} (${kinds}): ends at ${right}, expected ${end}`);
  }
  for (const { track, bars } of rows) for (const { left, right } of bars) assert.ok(left >= track.left && right <= track.right + 3);
}

/** The axis tells the times at which the bars stand. */
async function assertTicks(page, rows, base) {
  const bars = rows.filter(({ uid }) => uid).flatMap(({ bars }) => bars);
  const first = bars.reduce((one, other) => (other.from < one.from ? other : one));
  const last = bars.reduce((one, other) => (other.until > one.until || (other.until === one.until && other.from < one.from) ? other : one));
  const ticks = await page.evaluate(() => [...document.querySelectorAll('#ticks .tick')].map((it) => ({ text: it.textContent, left: it.getBoundingClientRect().left })));
  const inSight = ticks.filter(({ text, left }) => text && left >= first.left && left <= last.right);
  assert.ok(inSight.length >= 2, JSON.stringify(ticks));
  for (const { text, left } of inSight) {
    const moment = base + first.from + ((left - first.left) / (last.right - first.left)) * (last.until - first.from);
    const [time] = /[0-9:.]+$/.exec(text);
    const told = Date.parse(`${new Date(moment + 1_000).toISOString().slice(0, 11)}${time.length === 5 ? `${time}:00` : time}Z`);
    const perPixel = (last.until - first.from) / (last.right - first.left);
    assert.ok(Math.abs(told - moment) <= 2 * perPixel, `${text} stands at ${new Date(moment).toISOString()}`);
  }
}
