// That the page tells the story first, and that every way into it ends at the place and time that it tells.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { HIGH, TOGETHER, assertQuiet, baseOf, detail, element, expandAll, frames, json, rowNamed, rowsOf, useReports } from './report.mjs';

const CAPTURE = (name, ...files) => files.map((file) => `tests/captures/${name}/${file}.zst`);
const NODE_LOST = CAPTURE('node-lost', 'audit.jsonl', 'events.jsonl', 'raw-watch.jsonl');
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
    assert.ok(marks.length >= 3 && marks.every((tip) => /^refused eviction 429: .*disruption budget/.test(tip)), marks.join('\n'));
  });

  test('the panel of an event says what the story says of it, before the clocks', async (t) => {
    const { page } = await reports.show(t, NODE_LOST, HIGH);
    const row = rowNamed(await rowsOf(page), 'probed');
    await element(page, row).locator('.bar.unready').first().click();
    await frames(page);
    const text = await detail(page).innerText();
    assert.match(text, /by node-controller|by .*controller/);
    assert.ok(text.indexOf('not ready for up to') > 0 && text.indexOf('not ready for up to') < text.indexOf('observed'), text);
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
