// That the page tells the story first, and that every way into it ends at the place and time that it tells.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { HIGH, TOGETHER, assertQuiet, baseOf, detail, element, expandAll, frames, json, rowNamed, rowsOf, useReports } from './report.mjs';

const CAPTURE = (name, ...files) => files.map((file) => `tests/captures/${name}/${file}.zst`);
const NODE_LOST = CAPTURE('node-lost', 'audit.jsonl', 'events.jsonl', 'raw-watch.jsonl');
const WHOLE = (name) => ['audit', 'events', 'nodes', 'raw-watch', 'workloads-watch'].map((part) => `tests/stories/${name}/${part}.jsonl.zst`);
const DRAIN = CAPTURE('drain-eviction-pdb', 'audit.jsonl', 'raw-watch.jsonl');
const from = (files) => files.flatMap((name) => ['-f', name]);

describe('the story above the picture', TOGETHER, () => {
  const reports = useReports();

  for (const [name, files] of [['node lost', NODE_LOST], ['drain', DRAIN], ['crash loop', ['recordings/crashloop/watch.jsonl.zst']]]) {
    test(`is that of the command: ${name}`, async (t) => {
      const { page, ...opened } = await reports.show(t, files);
      const { sentences } = await json('story', ...from(files));
      const told = await page.locator('#story li').evaluateAll((all) => all.map((it) => ({ kind: it.className, text: it.querySelector('.words').textContent, time: it.querySelector('time').textContent })));
      assert.deepEqual(told.map(({ text }) => text), sentences.map(({ text }) => text));
      assert.deepEqual(told.map(({ kind }) => kind), sentences.map(({ severity }) => severity));
      assert.deepEqual(told.map(({ time }) => time), sentences.map(({ at }) => at.slice(11, 19)));
      assert.doesNotMatch(await page.locator('h1').textContent(), /\/|\.zst|jsonl/, 'a title is no path');
      await assertQuiet(opened);
    });
  }

  test('the title says what it is about, and the story stands between it and the picture', async (t) => {
    const { page } = await reports.show(t, NODE_LOST);
    for (const title of [await page.title(), await page.locator('h1').textContent()]) {
      assert.equal(title, '10 pods in cap-16-node-lost, 20 Nov 2026 15:16:57 to 15:18:46 UTC');
    }
    const tops = await page.evaluate(() => ['h1', '#story', '#tools', '#stage', '#pods'].map((it) => document.querySelector(it).getBoundingClientRect().top));
    assert.deepEqual(tops, [...tops].sort((left, right) => left - right));
    assert.ok(tops[3] < 600, `the picture begins at ${tops[3]} of 800 pixels`);
  });

  test('the worst sentences are bold, and have their sign', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const told = await page.locator('#story li').evaluateAll((all) => all.map((it) => [it.querySelector('.sign').textContent, getComputedStyle(it.querySelector('.words')).fontWeight]));
    assert.deepEqual(told, [['', '400'], ['!', '550'], ['!', '550'], ['!', '550'], ['·', '400']]);
  });

  test('a guide goes through all rows', async (t) => {
    const { page } = await reports.show(t, NODE_LOST, HIGH);
    const [guides, rows] = await page.evaluate(() => ['.guide', '#rows > .row'].map((kind) => [...document.querySelectorAll(kind)].map((it) => it.getBoundingClientRect()).map(({ top, bottom }) => ({ top, bottom }))));
    const [first, last] = [Math.min(...rows.map(({ top }) => top)), Math.max(...rows.map(({ bottom }) => bottom))];
    assert.ok(guides.length === 11 && rows.length > 12, `${guides.length} guides, ${rows.length} rows`);
    for (const { top, bottom } of guides) assert.ok(top <= first && bottom >= last, `${top} to ${bottom}, rows from ${first} to ${last}`);
  });

  test('a click on a sentence shows its time, and opens its row', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    await page.click('#expand');
    for (const key of '++++++') await page.keyboard.press(key);
    await frames(page);
    assert.deepEqual((await rowsOf(page)).map(({ expanded }) => expanded), ['true', 'false', 'false', 'false']);
    await page.locator('#story button').nth(4).click();
    await frames(page);
    assert.deepEqual((await rowsOf(page)).filter(({ kind }) => kind === 'pod').map(({ name, expanded }) => [name, expanded]), [['logsmsg', 'false'], ['crash', 'true'], ['completes', 'false']]);
    const [guide, track] = await Promise.all(['.guide.chosen', '#axis .track'].map((it) => page.locator(it).boundingBox()));
    assert.ok(guide.x > track.x && guide.x < track.x + track.width, `${guide.x} in ${JSON.stringify(track)}`);
  });

  test('every sentence has a guide at its time, with its number', async (t) => {
    const { page } = await reports.show(t, NODE_LOST, HIGH);
    const { sentences } = await json('story', ...from(NODE_LOST));
    const rows = await rowsOf(page);
    const base = baseOf(rows);
    const bars = rows.filter(({ uid }) => uid).flatMap(({ bars }) => bars);
    const wide = bars.reduce((one, other) => (other.width > one.width ? other : one));
    const place = (at) => wide.left + (Date.parse(at) - base - wide.from) * (wide.width / (wide.until - wide.from));
    const guides = await page.locator('.guide').evaluateAll((all) => all.map((it) => it.getBoundingClientRect().left));
    const numbers = await page.locator('#numbers .guide-number').allTextContents();
    assert.deepEqual(numbers, sentences.map((_, index) => `${index + 1}`));
    sentences.forEach(({ at }, index) => assert.ok(Math.abs(guides[index] - place(at)) < 2, `${at} stands at ${guides[index]}, expected ${place(at)}`));
  });

  test('a click on a sentence goes to its pod and its time, and says why and who', async (t) => {
    const { page, ...opened } = await reports.show(t, DRAIN);
    const { sentences } = await json('story', ...from(DRAIN));
    const index = sentences.findIndex(({ kind }) => kind === 'eviction-refused');
    await page.locator('#story button').nth(index).click();
    await frames(page);
    assert.match(await detail(page).innerText(), /disruption budget/);
    assert.match(await detail(page).innerText(), /by kubernetes-admin/);
    assert.match(await detail(page).innerText(), /shown by .*audit\.jsonl\.zst:\d+/);
    const row = rowNamed(await rowsOf(page), sentences[index].pods[0].name);
    assert.equal(row.expanded, 'true');
    assert.equal(await page.locator('.guide.chosen').count(), 1);
    assert.equal(await page.locator('#story button.chosen').count(), 1);
    await page.locator('#detail .list button').first().click();
    await frames(page);
    assert.match(await page.locator('#detail h3').innerText(), new RegExp(sentences[index].pods[0].name));
    await assertQuiet(opened);
  });

  test('what was refused is marked where it was asked', async (t) => {
    const { page } = await reports.show(t, DRAIN, HIGH);
    const marks = await page.evaluate(() => [...document.querySelectorAll('.row.pod .mark.refused')].map((it) => it.dataset.tip));
    const evictions = marks.filter((tip) => /^refused eviction 429: .*disruption budget/.test(tip));
    const creations = marks.filter((tip) => /^refused create 403: pods "web-7f6cc6d748-" is forbidden/.test(tip));
    assert.ok(evictions.length >= 3 && creations.length === 1 && marks.length === evictions.length + 1, marks.join('\n'));
  });

  test('a creation that was refused is marked at the pod that was made in its place', async (t) => {
    const { page } = await reports.show(t, WHOLE('1.20-quota'), HIGH);
    const marked = await page.evaluate(() => [...document.querySelectorAll('.row.pod')].map((row) => row.querySelectorAll('.mark.refused').length));
    const { sentences } = await json('story', ...from(WHOLE('1.20-quota')));
    const refused = sentences.find(({ kind }) => kind === 'create-refused');
    const made = sentences.findLast(({ kind }) => kind === 'ready').pods.map(({ name }) => name);
    const rows = (await rowsOf(page)).filter(({ kind }) => kind === 'pod');
    assert.ok(refused && marked.filter((marks) => marks > 0).length === 1, JSON.stringify(marked));
    assert.ok(made.includes(rows[marked.findIndex((marks) => marks > 0)].name), JSON.stringify([made, marked]));
  });

  test('what the story calls broken comes first, and its marks are explained', async (t) => {
    const { page } = await reports.show(t, WHOLE('1.20-preemption'), HIGH);
    const { sentences } = await json('story', ...from(WHOLE('1.20-preemption')));
    const [first] = (await rowsOf(page)).filter(({ kind }) => kind === 'pod');
    assert.equal(first.name, sentences.find(({ severity }) => severity === 'broken').pods[0].name);
    assert.equal(await page.locator('p.marks').innerText(), '! broken   · trouble, or somebody intervened');
  });

  test('the panel of an event says what the story says of it, before the clocks', async (t) => {
    const { page } = await reports.show(t, NODE_LOST, HIGH);
    const row = rowNamed(await rowsOf(page), 'probed');
    await element(page, row).locator('.bar.unready').first().click();
    await frames(page);
    const text = await detail(page).innerText();
    assert.match(text, /by node-controller|by .*controller/);
    assert.ok(text.indexOf('not ready for up to') > 0 && text.indexOf('not ready for up to') < text.indexOf('observed'), text);
    assert.ok(text.indexOf('by node-controller') > 0 && text.indexOf('by node-controller') < text.indexOf('not ready for up to'), text);
    assert.match(text, /Events around it[^]*NodeNotReady/);
  });
});

describe('what a row shows', TOGETHER, () => {
  const reports = useReports();

  test('seven pods on a lost node go dark at one moment', async (t) => {
    const { page } = await reports.show(t, NODE_LOST, HIGH);
    const pods = (await rowsOf(page)).filter(({ kind }) => kind === 'pod');
    const dark = pods.flatMap(({ name, bars }) => bars.filter(({ kinds }) => kinds.includes('unready')).slice(0, 1).map(({ left }) => ({ name, left })));
    assert.equal(dark.length, 7, JSON.stringify(dark));
    const places = dark.map(({ left }) => left);
    assert.ok(Math.max(...places) - Math.min(...places) < 3, JSON.stringify(dark));
  });

  test('a pod that the kubelet evicted is not green, and says so', async (t) => {
    const { page } = await reports.show(t, 'kubelet-eviction', HIGH);
    const { sentences } = await json('story', '-f', 'recordings/kubelet-eviction/watch.jsonl.zst');
    const evicted = new Set(sentences.filter(({ kind }) => kind === 'evicted').flatMap(({ pods }) => pods.map(({ name }) => name)));
    assert.ok(evicted.size > 0);
    await expandAll(page);
    const rows = (await rowsOf(page)).filter(({ kind, name }) => kind === 'pod' && evicted.has(name));
    assert.equal(rows.length, evicted.size);
    for (const { name, bars, ends } of rows) {
      const last = bars.filter(({ kinds }) => !kinds.includes('ending')).at(-1);
      assert.ok(last.kinds.includes('bad'), `${name}: ${last.kinds} ${last.title}`);
      assert.ok([...bars, ...ends].some(({ title }) => /evicted/i.test(title)), `${name}: ${bars.map(({ title }) => title)}`);
    }
  });

  test('why a container ended stands where it happened', async (t) => {
    const { page } = await reports.show(t, 'oom', HIGH);
    const texts = await page.evaluate(() => [...document.querySelectorAll('.row.pod .bar, .row.pod .end')].map((it) => `${it.textContent} ${it.dataset.tip}`));
    assert.ok(texts.some((text) => text.includes('OOMKilled')), texts.join('\n'));
  });

  test('the bar of a pod that fails says why', async (t) => {
    const { page } = await reports.show(t, 'crashloop', { viewport: { width: 1600, height: 800 } });
    const labels = await page.locator('.row.pod', { hasText: 'crash' }).first().locator('.bar.bad .label').allTextContents();
    assert.ok(labels.includes('✕ Error, exit 1'), labels.join('\n'));
  });

  test('a bar has the sign of its state', async (t) => {
    const told = {};
    for (const names of [NODE_LOST, DRAIN, 'crashloop']) {
      const { page } = await reports.show(t, names, HIGH);
      for (const [state, sign] of await page.evaluate(() => [...document.querySelectorAll('.row.pod .bar')].filter((it) => it.textContent).map((it) => [it.classList[1], it.textContent[0]]))) (told[state] ??= new Set()).add(sign);
    }
    assert.deepEqual(Object.fromEntries(Object.entries(told).map(([state, signs]) => [state, [...signs].join('')])),
      { good: '●', unready: '◐', ending: '◍', done: '✓', waiting: '◌', bad: '✕' });
  });

  test('a node is ready, lost and back; taints are stripes beneath', async (t) => {
    const { page } = await reports.show(t, ['tests/stories/1.34-node-lost-back'], HIGH);
    const bands = await page.locator('.row.node .node-band').evaluateAll((all) => all.map((it) => `${it.classList[2]} ${it.dataset.value}`));
    assert.deepEqual(bands, ['good Ready', 'unready not Ready: Unknown (NodeStatusUnknown)', 'good Ready']);
    const taints = await page.locator('.row.node .taint').evaluateAll((all) => all.map((it) => it.dataset.tip));
    assert.deepEqual(taints, [
      'node node-c: tainted node.kubernetes.io/unreachable:NoSchedule\n2026-11-28T10:42:50.702Z to 2026-11-28T10:43:36.728Z, 46s\nby node-controller',
      'node node-c: tainted node.kubernetes.io/unreachable:NoExecute\n2026-11-28T10:42:50.764Z to 2026-11-28T10:43:36.832Z, 46s\nby node-controller',
    ]);
    const [lost, taint] = await Promise.all(['.row.node .node-band.unready', '.row.node .taint'].map((it) => page.locator(it).first().boundingBox()));
    assert.ok(Math.abs(taint.x - lost.x) < 2 && Math.abs(taint.width - lost.width) < 2 && taint.y > lost.y, `${JSON.stringify(taint)} under ${JSON.stringify(lost)}`);
  });

  test('a cordon is a mark on its node', async (t) => {
    const at = (second) => `2026-11-20T15:00:${second}Z`;
    const node = (version, second, spec) => ({ type: version === '1' ? 'ADDED' : 'MODIFIED', object: { kind: 'Node', apiVersion: 'v1',
      metadata: { name: 'n1', uid: 'u9', resourceVersion: version, creationTimestamp: at('00'), managedFields: [{ manager: 'kubectl', operation: 'Update', time: at(second), fieldsType: 'FieldsV1', fieldsV1: {} }] },
      spec, status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: at(second), lastTransitionTime: at('00') }] } } });
    const pod = (version, second) => ({ type: version === '2' ? 'ADDED' : 'MODIFIED', object: { kind: 'Pod', apiVersion: 'v1',
      metadata: { name: 'p', namespace: 'ns', uid: 'u1', resourceVersion: version, creationTimestamp: at('00'), labels: { version }, managedFields: [{ manager: 'kubectl', operation: 'Update', time: at(second), fieldsType: 'FieldsV1', fieldsV1: {} }] },
      spec: { nodeName: 'n1', containers: [{ name: 'c' }] }, status: { phase: 'Pending' } } });
    const file = reports.folder('cordon.jsonl');
    writeFileSync(file, [node('1', '01', {}), pod('2', '02'), node('3', '20', { unschedulable: true }), node('4', '40', {}), pod('5', '50')].map((line) => `${JSON.stringify(line)}\n`).join(''));
    const { page } = await reports.show(t, file);
    assert.deepEqual(await page.locator('.row.node .mark').evaluateAll((all) => all.map((it) => it.dataset.tip.split('\n')[0])), ['15:00:20  node n1: cordoned', '15:00:40  node n1: uncordoned']);
  });

  test('the state of a node stands above its pods', async (t) => {
    const { page, ...opened } = await reports.show(t, ['tests/stories/1.34-node-lost-back'], HIGH);
    const bands = await page.evaluate(() => [...document.querySelectorAll('.row.node .node-band')].map((it) => it.dataset.tip));
    assert.ok(bands.some((tip) => /not Ready/.test(tip)) && bands.some((tip) => /: Ready\n/.test(tip)), bands.join('\n'));
    await page.selectOption('#group', 'node');
    await frames(page);
    const groups = await page.evaluate(() => [...document.querySelectorAll('.row.group')].map((it) => ({ name: it.querySelector('.name').dataset.whole, bands: it.querySelectorAll('.node-band').length })));
    assert.ok(groups.some(({ name, bands }) => /^node /.test(name) && bands > 1), JSON.stringify(groups));
    await assertQuiet(opened);
  });

  test('of a crowd no wide interval is left out', async (t) => {
    const at = (second) => new Date(Date.UTC(2026, 10, 20, 10) + second * 1000).toISOString().replace('.000Z', 'Z');
    const pod = (version, second, isReady) => JSON.stringify({ type: version === 1 ? 'ADDED' : 'MODIFIED', object: { kind: 'Pod', apiVersion: 'v1',
      metadata: { name: 'p', namespace: 'ns', uid: 'u1', resourceVersion: `${version}`, creationTimestamp: at(0), managedFields: [{ manager: 'kubelet', operation: 'Update', subresource: 'status', time: at(second), fieldsType: 'FieldsV1', fieldsV1: {} }] },
      spec: { nodeName: 'n', containers: [{ name: 'c' }] }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: at(second) }],
        containerStatuses: [{ name: 'c', ready: isReady, restartCount: 0, state: { running: { startedAt: at(0) } } }] } } });
    const file = reports.folder('crowd.jsonl');
    writeFileSync(file, [pod(1, 0, true), ...Array.from({ length: 600 }, (_, index) => pod(index + 2, 36_000 + index, index % 2 === 1))].join('\n') + '\n');
    const { page } = await reports.show(t, file);
    const [{ bars }] = (await rowsOf(page)).filter(({ kind }) => kind === 'pod');
    assert.ok(bars.some(({ from, width, kinds }) => from === 0 && width > 700 && kinds.includes('good')), JSON.stringify(bars.slice(0, 3)));
  });

  test('rows in which nothing changed are one line, until it is pressed', async (t) => {
    const { page } = await reports.show(t, 'crashloop', HIGH);
    const line = page.locator('.row.line', { hasText: 'steady rows' }).first();
    const count = Number(/^(\d+) steady/.exec(await line.innerText())[1]);
    const before = (await rowsOf(page)).filter(({ kind }) => kind === 'lane').length;
    await line.click();
    await frames(page);
    assert.equal((await rowsOf(page)).filter(({ kind }) => kind === 'lane').length, before + count);
  });
});

/** A log of 16 StatefulSets with 13 pods each, ready from the first second on; one container of `broken` crashes once. */
function fleet() {
  const at = (second) => `2026-11-20T10:00:${String(second).padStart(2, '0')}Z`;
  let version = 0;
  const line = (type, set, index, second, state, restartCount, since = second) => {
    const ready = 'running' in state;
    const condition = (type) => (ready || !type.endsWith('Ready') ? { type, status: 'True', lastTransitionTime: at(type.endsWith('Ready') ? since : 0) }
      : { type, status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [c]', lastTransitionTime: at(since) });
    return JSON.stringify({ type, object: { kind: 'Pod', apiVersion: 'v1',
      metadata: { name: `${set}-${index}`, namespace: 'ns', uid: `${set}-${index}`, resourceVersion: `${version += 1}`, creationTimestamp: at(0),
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: set, uid: set, controller: true }],
        managedFields: [{ manager: 'kubelet', operation: 'Update', subresource: 'status', time: at(second), fieldsType: 'FieldsV1', fieldsV1: {} }] },
      spec: { nodeName: 'n', containers: [{ name: 'c' }] },
      status: { phase: 'Running', startTime: at(0), conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map(condition),
        containerStatuses: [{ name: 'c', ready, restartCount, state }] } } });
  };
  const running = (second) => ({ running: { startedAt: at(second) } });
  const sets = ['broken', ...Array.from({ length: 15 }, (_, index) => `quiet${index}`)];
  const lines = sets.flatMap((set) => Array.from({ length: 13 }, (_, index) => line('ADDED', set, index, 1, running(1), 0)));
  lines.push(line('MODIFIED', 'broken', 0, 20, { terminated: { exitCode: 1, reason: 'Error', startedAt: at(1), finishedAt: at(20) } }, 0));
  lines.push(line('MODIFIED', 'broken', 0, 40, running(40), 1), line('MODIFIED', 'quiet0', 0, 59, running(1), 0, 1));
  return `${lines.join('\n')}\n`;
}

describe('a fleet', TOGETHER, () => {
  const reports = useReports();
  const file = reports.folder('fleet.jsonl');
  writeFileSync(file, fleet());
  const groups = async (page) => (await rowsOf(page)).filter(({ kind }) => kind === 'group').map(({ name, expanded }) => `${name} ${expanded}`);

  test('only what was in trouble is open, and in it pods without trouble are one line', async (t) => {
    const { page, ...opened } = await reports.show(t, file, HIGH);
    assert.deepEqual(await groups(page), ['StatefulSet broken true', ...Array.from({ length: 15 }, (_, index) => `StatefulSet quiet${index} false`).sort()]);
    const names = (await rowsOf(page)).filter(({ kind }) => kind === 'pod' || kind === 'line').map(({ name }) => name);
    assert.deepEqual(names, ['broken-0', '12 pods without trouble']);
    await page.locator('.row.line').click();
    await frames(page);
    assert.equal((await rowsOf(page)).filter(({ kind }) => kind === 'pod').length, 13);
    await assertQuiet(opened);
  });

  test('a folded owner shows its restarts, and how many of its pods were in which state', async (t) => {
    const { page } = await reports.show(t, file, HIGH);
    const owner = page.locator('.row.group', { hasText: 'broken' });
    await owner.locator('.twisty').click();
    await frames(page);
    assert.deepEqual(await owner.locator('.badge').allTextContents(), ['↻ 1', '13']);
    assert.deepEqual(await owner.locator('.area > div').evaluateAll((all) => all.map((it) => it.className)), ['good', 'bad']);
    const box = await owner.locator('.track').boundingBox();
    const told = [];
    for (const part of [0.2, 0.5]) {
      await page.mouse.move(box.x + box.width * part, box.y + 20);
      told.push((await page.locator('#tip').innerText()).split('\n').at(-1));
    }
    assert.deepEqual(told, ['13 ready', '1 failing, 12 ready']);
  });

  test('of the table only the rows in sight are there', async (t) => {
    const { page } = await reports.show(t, file);
    const shown = () => page.locator('#pods tr[data-pod]').evaluateAll((all) => all.map((it) => Number(it.dataset.pod)));
    const first = await shown();
    assert.ok(first[0] === 0 && first.length < 60, `${first.length} rows`);
    await page.locator('#table-scroller').evaluate((it) => { it.scrollTop = it.scrollHeight; });
    await frames(page);
    const last = await shown();
    assert.ok(last.at(-1) === 207 && last.length < 60, `${last.length} rows`);
  });

  test('without a script the worst 50 are in a table', async (t) => {
    const { page } = await reports.show(t, file, { javaScriptEnabled: false });
    const names = await page.locator('noscript tbody td:first-child').allInnerTexts();
    assert.deepEqual([names.length, names[0]], [50, 'ns/broken-0']);
    assert.match(await page.locator('noscript').innerText(), /158 more pods are not in this table/);
  });
});
