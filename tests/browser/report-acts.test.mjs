// What a reader does with the picture, by mouse, keys and fingers, and what the page answers.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { HIGH, TOGETHER, assertQuiet, baseOf, countOf, detail, element, expandAll, facts, frames, from, json, labelOf, report, rowNamed, rowsOf, useReports } from './report.mjs';

/** Does something, lets the page draw, and gives the rows then. */
async function after(page, act) {
  await act();
  await frames(page);
  return rowsOf(page);
}

const NODE_LOST = ['audit.jsonl', 'events.jsonl', 'raw-watch.jsonl'].map((name) => `tests/captures/node-lost/${name}.zst`);
const podsOf = (rows) => rows.filter(({ kind }) => kind === 'pod').map(({ name }) => name);

/** A wide interval of a row, and where it lies: `nth` counts those that are wide. */
const wideBar = (rows, pod, label, nth = 0) => rowNamed(rows, pod, label).bars.filter(({ width }) => width > 40)[nth] ?? assert.fail(`no wide bar in ${label}`);

/** Clicks on an interval. */
async function clickBar(page, row, bar) {
  await element(page, row).locator(`.bar[data-from="${bar.from}"][data-value="${bar.value}"]`).first().click();
  await frames(page);
}

/** How many pixels a second takes. */
const scaleOf = (rows, pod, label) => { const bar = wideBar(rows, pod, label); return bar.width / (bar.until - bar.from) * 1000; };

describe('opening and closing', TOGETHER, () => {
  const reports = useReports();
  const isOpen = (rows, pod) => rowNamed(rows, pod).expanded === 'true' && rows.some(({ kind, pod: of }) => kind === 'lane' && of === rowNamed(rows, pod).title);
  const isShut = (rows, pod) => rowNamed(rows, pod).expanded === 'false' && !rows.some(({ kind, pod: of }) => kind === 'lane' && of === rowNamed(rows, pod).title);

  test('a click on the sign before a pod', async (t) => {
    const { page, ...opened } = await reports.show(t, 'crashloop');
    const head = () => page.locator('.row.pod', { hasText: 'completes' }).locator('.twisty').click();
    assert.ok(isOpen(await rowsOf(page), 'completes'));
    assert.ok(isShut(await after(page, head), 'completes'));
    assert.ok(isOpen(await after(page, head), 'completes'));
    await assertQuiet(opened);
  });

  test('the arrow keys', async (t) => {
    const { page, ...opened } = await reports.show(t, 'crashloop');
    const press = (key) => after(page, () => page.keyboard.press(key));
    const focused = () => page.evaluate(() => document.activeElement.querySelector('.name')?.textContent);
    await page.locator('.row.pod', { hasText: 'completes' }).focus();
    assert.ok(isShut(await press('ArrowLeft'), 'completes'));
    assert.ok(isOpen(await press('ArrowRight'), 'completes'));
    await press('ArrowRight');
    assert.equal(await focused(), 'phase');
    await press('ArrowDown');
    assert.equal(await focused(), 'PodReadyToStartContainers');
    await press('ArrowLeft');
    assert.equal(await focused(), 'completes');
    assert.ok(isShut(await press('ArrowLeft'), 'completes'));
    assert.equal(await focused(), 'completes');
    const rows = await press('ArrowLeft');
    assert.match(await focused(), /no owner/);
    assert.equal(podsOf(rows).length, 3);
    assert.deepEqual(podsOf(await press('ArrowLeft')), []);
    assert.equal(podsOf(await press('ArrowRight')).length, 3);
    await press('End');
    assert.equal(await focused(), 'completes');
    await press('Home');
    assert.match(await focused(), /no owner/);
    await assertQuiet(opened);
  });

  test('the button for all, and its key', async (t) => {
    const { page } = await reports.show(t, 'node-lost', HIGH);
    const lanes = (rows) => rows.filter(({ kind }) => kind === 'lane').length;
    const button = page.locator('#expand');
    assert.ok(lanes(await after(page, () => button.click())) > 80);
    assert.equal(await button.textContent(), 'Collapse all');
    assert.equal(lanes(await after(page, () => button.click())), 0);
    assert.equal(await button.textContent(), 'Expand all');
    assert.ok(lanes(await after(page, () => page.keyboard.press('e'))) > 80);
  });

  test('the button for all says what it will do', async (t) => {
    const { page } = await reports.show(t, 'readiness-gate', HIGH);
    assert.deepEqual((await rowsOf(page)).filter(({ kind }) => kind === 'pod').map(({ expanded }) => expanded), ['true']);
    assert.equal(await page.locator('#expand').textContent(), 'Collapse all');
    await after(page, () => page.locator('.row.pod .twisty').click());
    assert.equal(await page.locator('#expand').textContent(), 'Expand all');
    assert.equal(await page.locator('#count').textContent(), '1 pod');
  });
});

describe('zooming and panning', TOGETHER, () => {
  const reports = useReports();
  const [POD, LABEL] = ['crash', 'container app'];
  const scale = async (page, act) => scaleOf(await after(page, act), POD, LABEL);

  for (const [what, closer, away] of [
    ['buttons', (page) => page.click('#zoom-in'), (page) => page.click('#zoom-out')],
    ['keys', (page) => page.keyboard.press('+'), (page) => page.keyboard.press('-')],
    ['Ctrl and the wheel', (page) => wheel(page, 'Control', -90), (page) => wheel(page, 'Control', 90)],
  ]) {
    test(what, async (t) => {
      const { page, ...opened } = await reports.show(t, 'crashloop');
      const first = await scale(page, () => {});
      const near = await scale(page, () => closer(page));
      assert.ok(near > first * 1.4, `${near} after ${first}`);
      const nearer = await scale(page, () => closer(page));
      assert.ok(nearer > near * 1.4, `${nearer} after ${near}`);
      assert.ok(Math.abs(await scale(page, () => away(page)) / near - 1) < 0.03);
      assert.ok(Math.abs(await scale(page, () => page.keyboard.press('0')) / first - 1) < 0.01);
      assert.ok(Math.abs(await scale(page, () => away(page)) / first - 1) < 0.01, 'no further out than the whole');
      await closer(page);
      assert.ok(Math.abs(await scale(page, () => page.click('#zoom-fit')) / first - 1) < 0.01);
      await assertQuiet(opened);
    });
  }

  test('zooming with the wheel keeps what is under the mouse', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const bar = wideBar(await rowsOf(page), POD, LABEL, 2);
    const box = await page.locator(`.bar[data-from="${bar.from}"][data-value="${bar.value}"]`).first().boundingBox();
    await page.mouse.move(bar.left, box.y + 5);
    await page.keyboard.down('Control');
    const rows = await after(page, () => page.mouse.wheel(0, -100));
    await page.keyboard.up('Control');
    const moved = rowNamed(rows, POD, LABEL).bars.find(({ from, value }) => from === bar.from && value === bar.value);
    assert.ok(moved.width > bar.width * 1.5);
    assert.ok(Math.abs(moved.left - bar.left) < 3, `${bar.left} became ${moved.left}`);
  });

  /** Zooms in, does something, and tells by how many pixels an interval went to the right, at least by one. */
  async function moved(page, act) {
    for (const key of '+++') await page.keyboard.press(key);
    await frames(page);
    const phase = (rows) => rowNamed(rows, POD, LABEL).bars;
    const before = phase(await rowsOf(page)).filter(({ left, width }) => left > 100 && left < 1_500 && width > 3);
    const behind = phase(await after(page, act));
    const ways = before.flatMap((bar) => behind.filter(({ from, value }) => from === bar.from && value === bar.value).map(({ left }) => left - bar.left));
    assert.ok(ways.length > 0 && Math.max(...ways) - Math.min(...ways) < 1, JSON.stringify(ways));
    return ways[0];
  }

  for (const [what, wanted, act] of [
    ['Shift and dragging to the left', -150, (page) => drag(page, 900, 750)],
    ['Shift and dragging to the right', 120, (page) => drag(page, 700, 820)],
    ['Shift and the wheel', -100, (page) => wheel(page, 'Shift', 100)],
    ['the wheel across', 80, (page) => across(page, -80)],
    ['the key h', 180, (page) => page.keyboard.press('h')],
    ['the key l', -180, (page) => page.keyboard.press('l')],
    ['Shift and an arrow', -180, async (page) => { await page.locator('.row').nth(2).focus(); await page.keyboard.press('Shift+ArrowRight'); }],
  ]) {
    test(what, async (t) => {
      const { page, ...opened } = await reports.show(t, 'crashloop');
      const way = await moved(page, () => act(page));
      assert.ok(Math.abs(way - wanted) < 12, `went by ${way}, expected ${wanted}`);
      assert.ok(await detail(page).isHidden(), 'a drag is no click');
      await assertQuiet(opened);
    });
  }

  test('no further than what is recorded', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const left = async () => wideBar(await rowsOf(page), POD, 'phase').left;
    const first = await left();
    await after(page, () => drag(page, 700, 900));
    assert.ok(Math.abs(await left() - first) < 1, 'at the whole there is nowhere to go');
    await page.keyboard.press('+');
    for (let times = 0; times < 10; times += 1) await page.keyboard.press('h');
    await frames(page);
    const scroller = await page.locator('.row .track').first().boundingBox();
    assert.ok(await left() - scroller.x < 60, 'the beginning stays in sight');
  });

  test('rows that come into sight after that stand on the same scale', async (t) => {
    const { page, ...opened } = await reports.show(t, 'kubelet-eviction', { viewport: { width: 1280, height: 600 } });
    await expandAll(page);
    for (const key of '++') await page.keyboard.press(key);
    await frames(page);
    await page.keyboard.press('h');
    const before = new Set((await rowsOf(page)).map(({ id }) => id));
    const rows = await after(page, () => page.evaluate(() => { document.getElementById('scroller').scrollTop += 500; }));
    assert.ok(rows.filter(({ id, bars }) => !before.has(id) && bars.length).length > 5, 'new rows are there');
    const inside = rows.flatMap(({ track, bars }) => bars.filter(({ left, right, width }) => left > track.left && right < track.right && width > 6));
    const [one] = inside;
    const scale = one.width / (one.until - one.from);
    for (const { left, from, title } of inside) assert.ok(Math.abs(left - one.left - (from - one.from) * scale) < 4, `${title} at ${left}`);
    await assertQuiet(opened);
  });

  test('one finger', async (t) => {
    const { page, ...opened } = await reports.show(t, 'crashloop', { hasTouch: true });
    const fingers = await touch(page);
    const way = await moved(page, () => fingers([[900, 400]], [[870, 400]], [[800, 400]], [[700, 400]]));
    assert.ok(Math.abs(way + 200) < 35, `went by ${way}`);
    await assertQuiet(opened);
  });

  test('two fingers', async (t) => {
    const { page, ...opened } = await reports.show(t, 'crashloop', { hasTouch: true });
    const fingers = await touch(page);
    const first = await scale(page, () => {});
    const near = await scale(page, () => fingers([[750, 400], [850, 400]], [[720, 400], [880, 400]], [[700, 400], [900, 400]], [[650, 400], [950, 400]]));
    assert.ok(near > first * 2 && near < first * 3.5, `${near} after ${first}`);
    await assertQuiet(opened);
  });
});

const OVER = 400;

async function wheel(page, key, amount) {
  await page.mouse.move(800, OVER);
  await page.keyboard.down(key);
  await page.mouse.wheel(0, amount);
  await frames(page);
  await page.keyboard.up(key);
}

async function across(page, amount) {
  await page.mouse.move(800, OVER);
  await page.mouse.wheel(amount, 0);
  await frames(page);
}

async function drag(page, begin, end, key = 'Shift') {
  await page.mouse.move(begin, OVER);
  if (key) await page.keyboard.down(key);
  await page.mouse.down();
  await page.mouse.move(end, OVER, { steps: 8 });
  await page.mouse.up();
  if (key) await page.keyboard.up(key);
}

/** Fingers on the page: a function of where they are at each step. */
async function touch(page) {
  const session = await page.context().newCDPSession(page);
  const send = (type, points) => session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  return async (first, ...others) => {
    await send('touchStart', first);
    for (const points of others) { await send('touchMove', points); await frames(page); }
    await send('touchEnd', []);
    await frames(page);
  };
}

describe('finding', TOGETHER, () => {
  const reports = useReports();
  const shownTable = (page) => page.evaluate(() => [...document.querySelectorAll('#pods tbody tr')].map((row) => row.cells[0].textContent.split('/')[1]).sort());

  for (const [what, recording, act, wanted] of [
    ['a name', 'node-lost', (page) => page.fill('#find', 'endsmean'), ['endsmeanwhile']],
    ['a name in capitals', 'node-lost', (page) => page.fill('#find', 'PATIENT'), ['patient']],
    ['an owner', 'node-lost', (page) => page.fill('#find', 'statefulset'), ['db-0@56b651a6', 'db-0@79a135ae']],
    ['two words', 'node-lost', (page) => page.fill('#find', 'Deployment nnctl'), ['web-695d5df99b-nnctl']],
    ['nothing', 'node-lost', (page) => page.fill('#find', 'no such pod'), []],
    ['a status', 'crashloop', (page) => page.fill('#find', 'status:Completed'), ['completes']],
    ['a pattern', 'node-lost', (page) => page.fill('#find', '/^d.-\\d@7/'), ['db-0@79a135ae']],
    ['a word of one kind', 'node-lost', (page) => page.fill('#find', 'owner:statefulset uid:56b'), ['db-0@56b651a6']],
    ['a node', 'node-lost', (page) => page.fill('#find', 'node:node-a'), ['web-695d5df99b-d2fh5', 'web-695d5df99b-nnctl']],
    ['who wrote', 'node-lost', (page) => page.fill('#find', 'actor:"no such actor"'), []],
    ['an address', 'node-lost', (page) => page.fill('#find', 'ip:10.244.2.41'), ['patient']],
    ['a reason', 'node-lost', (page) => page.fill('#find', 'reason:PodCompleted'), ['bare', 'db-0@56b651a6', 'endsmeanwhile']],
    ['a message', 'crashloop', (page) => page.fill('#find', 'message:"panic: boom"'), ['logsmsg']],
    ['an Event', NODE_LOST, (page) => page.fill('#find', 'event:NodeNotReady'), ['bare', 'db-0@56b651a6', 'endsmeanwhile', 'patient', 'probed', 'web-695d5df99b-7l8zk', 'web-695d5df99b-cjqkg']],
    ['what has findings', 'kubelet-eviction', (page) => page.check('#flagged'), null],
  ]) {
    test(what, async (t) => {
      const { page, ...opened } = await reports.show(t, recording, HIGH);
      await expandAll(page);
      const all = podsOf(await rowsOf(page)).length;
      const found = podsOf(await after(page, () => act(page))).sort();
      assert.deepEqual(found, wanted ?? await withFindings(recording));
      assert.deepEqual(await shownTable(page), found);
      assert.equal((await page.locator('#count').textContent()).split(',')[0], found.length === all ? `${all} pods` : `${found.length} of ${all} pods`);
      await assertQuiet(opened);
    });
  }

  async function withFindings(recording) {
    const { findings } = await json('check', ...from(recording));
    return [...new Set(findings.filter(({ severity }) => severity !== 'info').map(({ pod }) => pod))].sort();
  }

  test('Escape empties what is looked for', async (t) => {
    const { page } = await reports.show(t, 'node-lost', HIGH);
    await page.locator('.row.pod').first().focus();
    await page.keyboard.press('/');
    await page.keyboard.type('patient');
    assert.deepEqual(podsOf(await after(page, () => {})), ['patient']);
    assert.equal(podsOf(await after(page, () => page.keyboard.press('Escape'))).length, 10);
    assert.equal(await page.inputValue('#find'), '');
  });

  for (const [by, wanted] of [
    ['owner', { 'no owner · cap-02-crashloop': 3, 'no owner · cap-08-oom': 3 }],
    ['namespace', { 'cap-02-crashloop': 3, 'cap-08-oom': 3 }],
    ['node', { 'node node-a': 6 }],
    ['status', { Error: 1, 'Error, deleted': 1, Completed: 1, OOMKilled: 3 }],
  ]) {
    test(`groups by ${by}`, async (t) => {
      const { page } = await reports.show(t, ['crashloop', 'oom'], HIGH);
      const groups = {};
      let last;
      for (const { kind, name } of await after(page, () => page.selectOption('#group', by))) {
        if (kind === 'group') groups[last = name] = 0;
        if (kind === 'pod') groups[last] += 1;
      }
      assert.deepEqual(groups, wanted);
    });
  }

  test('the order', async (t) => {
    const { page } = await reports.show(t, 'node-lost', HIGH);
    const groups = (rows) => {
      const all = [];
      for (const row of rows) {
        if (row.kind === 'group') all.push([]);
        if (row.kind === 'pod') all.at(-1).push(row);
      }
      return all;
    };
    const isSorted = (all, key) => all.every((it, index) => index === 0 || key(all[index - 1]) <= key(it));
    const worst = await rowsOf(page);
    const byName = groups(await after(page, () => page.selectOption('#order', 'name')));
    assert.ok(byName.length === 3 && byName.every((pods) => isSorted(pods, ({ name }) => name)));
    assert.ok(!groups(worst).every((pods) => isSorted(pods, ({ name }) => name)), 'it was another order before');
    const byTime = groups(await after(page, () => page.selectOption('#order', 'time')));
    const begin = ({ bars }) => Math.min(...bars.map(({ from }) => from));
    assert.ok(byTime.every((pods) => isSorted(pods, begin)) && isSorted(byTime.map(([pod]) => pod), begin));
    assert.deepEqual(podsOf(await after(page, () => page.selectOption('#order', 'worst'))), podsOf(worst));
  });

  test('worst first is the order of the table', async (t) => {
    const { page } = await reports.show(t, 'crashloop', HIGH);
    const table = await page.evaluate(() => [...document.querySelectorAll('#pods tbody td:first-child')].map((it) => it.textContent.split('/')[1]));
    assert.deepEqual(podsOf(await rowsOf(page)), table);
  });
});

/** Who wrote an event of a bare watch, as the panel says it. */
const writerOf = ({ by }) => (by ? `${by.agent} (managedFields)` : undefined);

describe('the panel of an event', TOGETHER, () => {
  const reports = useReports();

  test('a click on an interval tells its event', async (t) => {
    const { page, ...opened } = await reports.show(t, 'crashloop');
    const { pods } = await json('history', ...from('crashloop'));
    const { pods: [{ transitions }] } = await json('timeline', 'crash', ...from('crashloop'));
    const rows = await rowsOf(page);
    const [row, bar] = [rowNamed(rows, 'crash', 'Ready'), wideBar(rows, 'crash', 'Ready', 1)];
    await clickBar(page, row, bar);
    const event = pods.find(({ name }) => name === 'crash').events[bar.event];
    const own = transitions.filter(({ resourceVersion }) => resourceVersion === event.resourceVersion);
    assert.equal(Date.parse(event.at), baseOf(rows) + bar.from);
    const told = await facts(page);
    assert.deepEqual(told, {
      event: `${event.type}, resourceVersion ${event.resourceVersion}`,
      observed: `${event.at} or later, up to ${event.atLatest}`,
      clock: "the API server's clock, in managedFields, whole seconds",
      stamped: told.stamped,
      by: writerOf(event),
      status: `${event.ready} ${event.status}`,
      recorded: `crashloop/watch.jsonl.zst:${event.sources[0].line}`,
    });
    const stamp = own.find(({ subject }) => subject.type === 'Ready').lastTransitionTime;
    assert.ok(stamp && told.stamped.split('\n').includes(`Ready ${stamp}`), told.stamped);
    assert.equal(await page.locator('#detail h3').textContent(), 'cap-02-crashloop/crash');
    const happened = await page.locator('#detail table tr').evaluateAll((all) => all.map(({ cells: [name, what] }) => `${name.textContent}: ${what.firstChild.textContent}${what.querySelector('span').textContent}`));
    assert.ok(happened.includes('Ready: True → False'), happened.join('\n'));
    assert.match(await page.locator('#detail').textContent(), /ContainersNotReady: containers with unready status: \[app\]/);
    assert.ok((await page.locator('.bar.chosen').count()) >= 1);
    await assertQuiet(opened);
  });

  for (const [recording, pod] of [['crashloop', 'crash'], ['external-status-writes', 'p3']]) {
    test(`every event of ${pod}, and what it changed as show has it`, async (t) => {
      const { page, ...opened } = await reports.show(t, recording);
      const { pods: [{ events }] } = await json('history', pod, ...from(recording));
      const objects = await Promise.all(events.map(({ resourceVersion }) => json('show', pod, ...from(recording), '--resource-version', resourceVersion)));
      const rows = await rowsOf(page);
      await clickBar(page, rowNamed(rows, pod), rowNamed(rows, pod).bars.find(({ width }) => width > 12));
      for (let index = 0; index < events.length; index += 1) await page.keyboard.press('p');
      for (const [index, event] of events.entries()) {
        await frames(page);
        const told = await facts(page);
        assert.equal(told.event, `${event.type}, resourceVersion ${event.resourceVersion}`);
        assert.equal(told.by, writerOf(event));
        assert.equal(await page.locator('#detail .moves span').textContent(), `event ${index + 1} of ${events.length}`);
        const changes = await changesOf(page);
        if (index === 0) assert.deepEqual(changes, []);
        else assert.deepEqual(leavesOf(changes), differences(objects[index - 1], objects[index]));
        await page.keyboard.press('n');
      }
      assert.equal((await facts(page)).event, `${events.at(-1).type}, resourceVersion ${events.at(-1).resourceVersion}`, 'the last one stays');
      await assertQuiet(opened);
    });
  }

  test('the buttons for the next and the earlier one', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const { pods: [{ events }] } = await json('history', 'crash', ...from('crashloop'));
    const rows = await rowsOf(page);
    const bar = wideBar(rows, 'crash', 'container app');
    await clickBar(page, rowNamed(rows, 'crash', 'container app'), bar);
    const version = async () => (await facts(page)).event.split(' ').at(-1);
    assert.equal(await version(), events[bar.event].resourceVersion);
    await page.getByRole('button', { name: 'later' }).click();
    assert.equal(await version(), events[bar.event + 1].resourceVersion);
    await page.getByRole('button', { name: 'earlier' }).click();
    await page.getByRole('button', { name: 'earlier' }).click();
    assert.equal(await version(), events[bar.event - 1].resourceVersion);
    for (let index = bar.event - 1; index > 0; index -= 1) await page.getByRole('button', { name: 'earlier' }).click();
    assert.ok(await page.getByRole('button', { name: 'earlier' }).isDisabled());
  });

  test('what is not in sight is brought into it', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    for (const key of '++++++++') await page.keyboard.press(key);
    const rows = await rowsOf(page);
    await element(page, rowNamed(rows, 'crash')).focus();
    await after(page, () => page.keyboard.press('n'));
    const { observed } = await facts(page);
    const tick = await page.locator('.row.pod .bar.chosen').boundingBox();
    assert.match(observed, /^2026-11-20T15:09:47Z/);
    assert.ok(tick.x + tick.width > 340 && tick.x < 900, JSON.stringify(tick));
  });

  test('Escape closes it and gives the focus back', async (t) => {
    const { page, ...opened } = await reports.show(t, 'crashloop');
    const rows = await rowsOf(page);
    const row = rowNamed(rows, 'crash', 'container app');
    await clickBar(page, row, wideBar(rows, 'crash', 'container app'));
    assert.ok(await detail(page).isVisible());
    await page.locator('#detail .close').focus();
    await after(page, () => page.keyboard.press('Escape'));
    assert.ok(await detail(page).isHidden());
    assert.equal(await page.evaluate(() => document.activeElement.dataset.id), row.id);
    assert.equal(await page.locator('.bar.chosen').count(), 0);
    await assertQuiet(opened);
  });

  test('its own button closes it', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const rows = await rowsOf(page);
    await clickBar(page, rowNamed(rows, 'crash'), rowNamed(rows, 'crash').bars.find(({ width }) => width > 40));
    await page.locator('#detail .close').click();
    assert.ok(await detail(page).isHidden());
  });

  test('what moves between events keeps the focus', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const { pods: [{ events }] } = await json('history', 'crash', ...from('crashloop'));
    const rows = await rowsOf(page);
    const bar = wideBar(rows, 'crash', 'container app');
    await clickBar(page, rowNamed(rows, 'crash', 'container app'), bar);
    await page.getByRole('button', { name: 'later' }).focus();
    for (const by of [1, 2, 3]) {
      await page.keyboard.press('Enter');
      assert.equal((await facts(page)).event.split(' ').at(-1), events[bar.event + by].resourceVersion);
    }
  });
});

/** What the panel says that an event changed: path, before, after; null where there was nothing. */
const changesOf = (page) => page.evaluate(() => [...document.querySelectorAll('#detail .path')].map((it) => {
  const told = { path: it.textContent, before: null, after: null };
  for (let next = it.nextElementSibling; next && ['DEL', 'INS'].includes(next.tagName); next = next.nextElementSibling) {
    told[next.tagName === 'DEL' ? 'before' : 'after'] = next.textContent.slice(2);
  }
  return told;
}));

/** What tells the items of a list apart. */
const ITEM_KEY = { conditions: 'type', hostIPs: 'ip', podIPs: 'ip', ownerReferences: 'uid', tolerations: 'key', volumeMounts: 'mountPath' };

/** The values of a part of an object, each by its path as the panel writes it. Of no account is what has no value. */
function leaves(value, path = '', found = {}) {
  const list = /(?:^|\.)([^.[\]]+)$/.exec(path)?.[1];
  if (value === null || value === undefined) return found;
  if (Array.isArray(value) && value.every((item) => typeof item === 'object')) {
    for (const [index, item] of value.entries()) leaves(item, `${path}[${item[ITEM_KEY[list] ?? 'name'] ?? index}]`, found);
  } else if (typeof value === 'object' && !Array.isArray(value)) {
    for (const [key, part] of Object.entries(value)) {
      if (path === 'metadata' && ['managedFields', 'resourceVersion'].includes(key)) continue;
      leaves(part, /^[\w$-]+$/.test(key) ? `${path}${path && '.'}${key}` : `${path}[${key}]`, found);
    }
  } else found[path] = typeof value === 'string' ? value || '""' : JSON.stringify(value);
  return found;
}

/** In which values two objects differ: `{ path: [before, after] }`. */
function differences(before, after) {
  const [left, right] = [leaves(before), leaves(after)];
  const paths = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((path) => left[path] !== right[path]);
  return Object.fromEntries(paths.sort().map((path) => [path, [left[path] ?? null, right[path] ?? null]]));
}

/** The changes of the panel in the same form: a part that it tells as one is taken apart. */
function leavesOf(changes) {
  const part = (text) => { try { const value = JSON.parse(text); return typeof value === 'object' ? value : text; } catch { return text; } };
  const all = changes.map(({ path, before, after }) => [before, after].map((side) => (side === null ? {} : leaves(part(side), path))));
  const [left, right] = [0, 1].map((side) => Object.assign({}, ...all.map((sides) => sides[side])));
  const paths = [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((path) => !isDeepStrictEqual(left[path], right[path]));
  return Object.fromEntries(paths.sort().map((path) => [path, [left[path] ?? null, right[path] ?? null]]));
}

describe('a report of a part of the time', TOGETHER, () => {
  const reports = useReports();

  test('tells the event of each interval, also of one that began before', async (t) => {
    const file = await report(reports.folder('part.html'), ...from('crashloop'), '--since', '15:10:30', '--until', '15:12:00');
    const { page, ...opened } = await reports.open(t, file, HIGH);
    await expandAll(page);
    const told = await page.evaluate(() => [...document.querySelectorAll('#rows .bar')].map((bar) => {
      const { event, value } = bar.dataset;
      return { event: Number(event), value };
    }));
    assert.ok(told.length > 40);
    assert.deepEqual(told.filter(({ event }) => event < 0), []);
    const early = page.locator('.row.lane', { hasText: 'PodScheduled' }).first().locator('.bar').first();
    await after(page, () => early.click());
    assert.match((await facts(page)).observed, /^2026-11-20T15:09:4/);
    assert.doesNotMatch(await page.locator('header').innerText(), /deleted/, 'what comes later is not told');
    await assertQuiet(opened);
  });
});

describe('findings, gaps and Events', TOGETHER, () => {
  const reports = useReports();

  test('a flag tells the rule, what was expected, what is recorded and why', async (t) => {
    const { page, ...opened } = await reports.show(t, 'external-status-writes', HIGH);
    const { findings } = await json('check', ...from('external-status-writes'));
    await expandAll(page);
    let told = 0;
    for (const row of (await rowsOf(page)).filter(({ kind, flags }) => kind === 'lane' && flags.length)) {
      await after(page, () => element(page, row).locator('.flag').first().click());
      const wanted = findings.filter(({ uid, subject }) => uid === row.uid && labelOf(subject) === row.title);
      for (const { rule, name, severity, expected, actual, message } of wanted) {
        const found = page.locator('#detail .finding').filter({ hasText: `${rule} ${name}` }).filter({ hasText: `expected${expected}recorded${actual}` }).first();
        assert.match(await found.textContent(), new RegExp(`^${rule} ${name}: .* ${severity}`));
        assert.ok((await found.textContent()).includes(message), message);
        assert.ok((await found.locator('details pre').textContent()).length > 100, 'the page of the rule');
        told += 1;
      }
    }
    assert.ok(told >= 10, `${told} findings were told`);
    await assertQuiet(opened);
  });

  test('findings of one event say what they are about', async (t) => {
    const { page } = await reports.show(t, 'external-status-writes', HIGH);
    await expandAll(page);
    const row = rowNamed(await rowsOf(page), 'p3', 'Ready');
    await after(page, () => element(page, row).locator('.flag').first().click());
    const told = await page.locator('#detail .finding').allTextContents();
    assert.equal(new Set(told).size, told.length, `the same finding ${told.length} times: ${told[1]}`);
  });

  test('what is not as expected has a flag, and is told above', async (t) => {
    const expectation = reports.folder('expect.yaml');
    writeFileSync(expectation, 'version: 1\npods:\n- pod: crash\n  expect:\n  - never: {statusColumn: CrashLoopBackOff}\n');
    const file = await report(reports.folder('expected.html'), ...from('crashloop'), '--expect', expectation);
    const { page, ...opened } = await reports.open(t, file, HIGH);
    assert.match(await page.locator('.claims.failed').textContent(), /^Not as .*expect\.yaml expects:line 5: .*CrashLoopBackOff/);
    const { flags } = rowNamed(await rowsOf(page), 'crash');
    assert.deepEqual(flags.map(({ kinds, text }) => [kinds.at(-1), text]), [['difference', '≠']]);
    await after(page, () => page.locator('.row.pod .flag').click());
    assert.match(await page.locator('#detail .finding.difference').textContent(), /CrashLoopBackOff.*line 5 of the expectation/);
    await assertQuiet(opened);
  });

  test('what was not recorded is hatched, and says why', async (t) => {
    const { page, ...opened } = await reports.show(t, 'watch-expired', HIGH);
    const { pods } = await json('timeline', 'survivor', ...from('watch-expired'));
    const wanted = pods[0].gaps.find(({ kind }) => kind === 'watchError');
    const row = rowNamed(await rowsOf(page), 'survivor');
    const gap = element(page, row).locator('.gap', { hasText: 'not recorded' });
    assert.match(await gap.evaluate((it) => getComputedStyle(it).backgroundImage), /^repeating-linear-gradient\(/);
    await after(page, () => gap.click());
    assert.deepEqual(await facts(page), { from: wanted.from, until: wanted.until });
    assert.match(await detail(page).textContent(), /not recorded between .*: the watch ended with an error/);
    await assertQuiet(opened);
  });

  test('Events stand where they happened', async (t) => {
    const names = ['tests/formats/watch.jsonl', 'tests/formats/events.jsonl'];
    const { page, ...opened } = await reports.show(t, names, HIGH);
    const { pods: [{ coreEvents }] } = await json('history', ...from(...names));
    const before = await rowsOf(page);
    const base = baseOf(before);
    const { x, y } = await page.locator('.row.lane .mark').first().boundingBox();
    await page.mouse.move(x + 3, y);
    await page.keyboard.down('Control');
    for (let times = 0; times < 3; times += 1) await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    await frames(page);
    const rows = await rowsOf(page);
    const { marks } = rows.find(({ title }) => title === 'Events');
    assert.ok(marks.length >= 2);
    assert.equal(countOf(rows.find(({ kind }) => kind === 'pod').marks), countOf(marks));
    const scale = scaleOf(before, before.find(({ kind }) => kind === 'pod').name, 'phase') / 1000 * Math.exp(3 * 100 / 180);
    const place = ({ title }) => Date.parse((coreEvents.find(({ reason, message }) => title.startsWith(`${reason}: ${message}`)) ?? assert.fail(title)).firstAt) - base;
    for (const mark of marks.slice(1)) {
      const way = (mark.left + mark.width / 2) - (marks[0].left + marks[0].width / 2);
      assert.ok(Math.abs(way - (place(mark) - place(marks[0])) * scale) < 3, mark.title);
    }
    await after(page, () => page.locator('.row.lane .mark').first().click());
    const told = await facts(page);
    const wanted = coreEvents.find(({ reason }) => reason === told.Event);
    assert.equal(Date.parse(told.at), Math.floor(Date.parse(wanted.at)));
    assert.equal(told.source, wanted.source);
    assert.equal(await page.locator('#detail > pre').textContent(), wanted.message);
    await assertQuiet(opened);
  });

  test('marks that would lie on each other are one, with their number', async (t) => {
    const { page } = await reports.show(t, NODE_LOST, HIGH);
    const { marks } = rowNamed(await rowsOf(page), 'patient');
    assert.deepEqual(marks.map(({ text, title }) => `${text} ${title.split(':')[0]}`), ['•4 Scheduled', '▲ NodeNotReady', '• TaintManagerEviction']);
    assert.match(marks[0].title, /\nand 3 more$/);
  });

  test('a warning is another sign than what is normal, and a node has its own', async (t) => {
    const meta = (name, uid) => ({ name, uid, namespace: name === 'n1' ? undefined : 'ns', resourceVersion: '5', creationTimestamp: '2026-11-20T15:00:00Z' });
    const pod = { kind: 'Pod', apiVersion: 'v1', metadata: meta('p', 'u1'), spec: { nodeName: 'n1', containers: [{ name: 'c' }] }, status: { phase: 'Pending' } };
    const event = (type, reason, at) => ({ kind: 'Event', apiVersion: 'v1', metadata: { ...meta(`p.${reason}`, `e${reason}`), resourceVersion: '6' },
      involvedObject: { kind: 'Pod', namespace: 'ns', name: 'p', uid: 'u1' }, reason, message: `${reason} it is`, type, firstTimestamp: at, lastTimestamp: at, count: 1, source: { component: 'kubelet' } });
    const node = (status, at, version) => ({ kind: 'Node', apiVersion: 'v1', metadata: { ...meta('n1', 'u9'), resourceVersion: version },
      status: { conditions: [{ type: 'Ready', status, reason: `Node${status}`, lastHeartbeatTime: at, lastTransitionTime: at }] } });
    const lines = [['ADDED', node('True', '2026-11-20T14:00:00Z', '1')], ['ADDED', pod], ['ADDED', event('Normal', 'Fine', '2026-11-20T15:00:10Z')],
      ['ADDED', event('Warning', 'Odd', '2026-11-20T15:00:40Z')], ['MODIFIED', node('Unknown', '2026-11-20T15:01:00Z', '9')],
      ['MODIFIED', { ...pod, metadata: { ...pod.metadata, resourceVersion: '99' }, status: { phase: 'Running', startTime: '2026-11-20T15:02:00Z' } }]];
    const file = reports.folder('marks.jsonl');
    writeFileSync(file, lines.map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join(''));
    const { page, ...opened } = await reports.show(t, file, HIGH);
    await expandAll(page);
    const rows = await rowsOf(page);
    const signs = (title) => rows.find((row) => row.kind === 'lane' && row.title === title)?.marks.map(({ text, title }) => `${text} ${title}`);
    assert.deepEqual(signs('Events'), ['• Fine: Fine it is', '▲ Odd: Odd it is']);
    const told = signs('node') ?? [];
    assert.ok(told.some((text) => /^◆ node n1 Ready True → Unknown: NodeUnknown/.test(text)), JSON.stringify(told));
    await assertQuiet(opened);
  });
});

describe('the table of pods', TOGETHER, () => {
  const reports = useReports();
  const column = (page, index) => page.evaluate((index) => [...document.querySelectorAll('#pods tbody tr')].map((row) => row.cells[index].dataset.value ?? row.cells[index].textContent), index);

  for (const [name, index, isNumber] of [['Pod', 0, false], ['Last status', 2, false], ['Restarts', 3, true], ['Failed runs', 4, true], ['Unready', 5, true], ['Findings', 6, true]]) {
    test(`sorts by ${name}, both ways`, async (t) => {
      const { page, ...opened } = await reports.show(t, 'kubelet-eviction');
      const heading = page.locator('#pods th').nth(index);
      const sorted = (all) => [...all].sort((left, right) => (isNumber ? left - right : left < right ? -1 : left > right ? 1 : 0));
      const before = await column(page, index);
      assert.ok(new Set(before).size > 1);
      await heading.getByRole('button', { name }).click();
      assert.equal(await heading.getAttribute('aria-sort'), 'descending');
      assert.deepEqual(await column(page, index), sorted(before).reverse());
      await heading.getByRole('button', { name }).click();
      assert.equal(await heading.getAttribute('aria-sort'), 'ascending');
      assert.deepEqual(await column(page, index), sorted(before));
      await page.locator('#pods th button').nth(1).click();
      assert.equal(await page.locator('#pods th[aria-sort]').count(), 1);
      await assertQuiet(opened);
    });
  }

  test('numbers are aligned to the right', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const aligned = await page.locator('#pods tr').evaluateAll((all) => all.map((row) => [...row.cells].map((it) => ({ left: 'left', start: 'left', right: 'right' })[getComputedStyle(it).textAlign])));
    assert.equal(aligned.length, 4);
    for (const row of aligned) assert.deepEqual(row, ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'left']);
  });

  test('a click on a name opens the row of the pod', async (t) => {
    const { page, ...opened } = await reports.show(t, 'kubelet-eviction', { viewport: { width: 1280, height: 500 } });
    await page.fill('#find', 'no such pod');
    await page.fill('#find', '');
    const name = await page.locator('#pods tbody tr').last().locator('button').textContent();
    const rows = await after(page, () => page.locator('#pods tbody tr').last().locator('button').click());
    const row = rowNamed(rows, name.split('/')[1]);
    assert.equal(row.expanded, 'true');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.id), row.id);
    const [box, scroller] = [await element(page, row).boundingBox(), await page.locator('#scroller').boundingBox()];
    assert.ok(box.y >= scroller.y - 1 && box.y + box.height <= Math.min(scroller.y + scroller.height, 500) + 1, `${JSON.stringify(box)} in ${JSON.stringify(scroller)}`);
    await assertQuiet(opened);
  });

  test('it holds what is found, and a click in it keeps that', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    await page.fill('#find', 'completes');
    await frames(page);
    assert.deepEqual(await page.locator('#pods tbody tr:not([hidden])').count(), 1);
    const rows = await after(page, () => page.locator('#pods tbody tr:not([hidden]) button').click());
    assert.deepEqual(podsOf(rows), ['completes']);
    assert.equal(rowNamed(rows, 'completes').expanded, 'true');
  });
});
