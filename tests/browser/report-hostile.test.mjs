// That text of a recording stays text: no markup, no script and no template of it becomes part of the page.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { HIGH, TOGETHER, assertQuiet, expandAll, frames, report, rowsOf, useReports } from './report.mjs';

const NOBODY = 'http://127.0.0.1:9/asked';
const RUN = 'window.ran=1';

const TEXTS = [
  `<script>${RUN}</script>`,
  `"><img src=x onerror=${RUN}>`,
  `'><img src="${NOBODY}" onload='${RUN}'>`,
  `</script><script>${RUN}</script>`,
  `</title></style></textarea><svg/onload=${RUN}>`,
  `--><script>${RUN}//<!--`,
  `]]><iframe src="${NOBODY}"></iframe>`,
  `" autofocus onfocus="${RUN}`,
  `javascript:${RUN}`,
  `\${${RUN}}`,
  '{{title}}{{data}}{{script}}',
  '&lt;b&gt;&amp;&#60;i&#62;',
  `<style>*{display:none!important}</style><base href="${NOBODY}">`,
  `<meta http-equiv=refresh content="0;url=${NOBODY}">`,
  `<a href="${NOBODY}" ping="${NOBODY}">press</a><form action="${NOBODY}"><input type=image src="${NOBODY}"></form>`,
  'abc\u202etxt.exe\u2066\u200f',
  'a\u0000b\u001b[31m\u009b\u0007\r\tc',
  '__proto__', 'constructor', 'hasOwnProperty', 'toString',
  '"]{color:red}#picture{display:none',
  '\ud83d\ude00 Grüße 東京', 'a+b c%20d?#&=',
];

const IS_DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** As the page spells text out. */
const spelled = (text) => [...text].map((letter) => ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' }[letter]
  ?? (IS_DANGEROUS.test(letter) ? `\\u{${letter.codePointAt(0).toString(16)}}` : letter))).join('');

/** What a watch tells of one pod, in which everything that can be named is called `evil`; and an Event about it. */
function watch(evil, number) {
  const at = (second) => `2026-11-20T15:09:${String(10 + second).padStart(2, '0')}Z`;
  const condition = (second) => ({ type: evil, status: evil, reason: evil, message: `${evil} ${second}`, lastTransitionTime: at(second) });
  const container = (state) => ({ name: evil, image: evil, ready: false, restartCount: number, state });
  const pod = (version, phase, containerStatuses, second) => ({
    kind: 'Pod', apiVersion: 'v1',
    metadata: { name: evil, namespace: evil, uid: `${number} ${evil}`, resourceVersion: String(number * 10 + version), creationTimestamp: at(0),
      labels: Object.fromEntries([[evil, evil], ['app', `${evil}${version}`]]), annotations: Object.fromEntries([[evil, `${evil} ${version}`]]),
      ownerReferences: [{ apiVersion: 'v1', kind: evil, name: evil, uid: evil, controller: true }] },
    spec: { nodeName: evil, containers: [{ name: evil, image: evil }] },
    status: { phase, reason: evil, message: evil, nominatedNodeName: evil, startTime: at(second), conditions: [condition(second), { type: 'Ready', status: 'False', reason: evil, message: evil, lastTransitionTime: at(second) }], containerStatuses },
  });
  const event = { kind: 'Event', apiVersion: 'v1', metadata: { name: evil, namespace: evil, uid: `e${number}`, resourceVersion: String(number * 10 + 9), creationTimestamp: at(4) },
    involvedObject: { kind: 'Pod', namespace: evil, name: evil, uid: `${number} ${evil}` }, reason: evil, message: evil, type: 'Warning',
    firstTimestamp: at(4), lastTimestamp: at(5), count: 2, source: { component: evil, host: evil }, reportingComponent: evil };
  return [
    ['ADDED', pod(1, 'Pending', [container({ waiting: { reason: evil, message: evil } })], 1)],
    ['MODIFIED', pod(2, evil, [container({ terminated: { exitCode: 1, reason: evil, message: evil, startedAt: at(1), finishedAt: at(2) } })], 2)],
    ['MODIFIED', pod(3, 'Running', [container({ running: { startedAt: at(3) } })], 3)],
    ['ADDED', event],
  ].map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join('');
}

/** What no text may change: which elements there are, which scripts, and which attributes they have. */
const made = (page) => page.evaluate(() => {
  const all = [...document.querySelectorAll('*')];
  const sorted = (values) => [...new Set(values)].sort();
  return {
    scripts: document.scripts.length, styles: document.querySelectorAll('style').length, metas: document.querySelectorAll('meta').length,
    elements: sorted(all.map((it) => it.localName)), attributes: sorted(all.flatMap((it) => it.getAttributeNames())),
    ran: globalThis.ran, polluted: Object.keys(Object.prototype), isShown: document.querySelector('#picture').getClientRects().length > 0,
  };
});

describe('a hostile recording', TOGETHER, () => {
  const reports = useReports();
  const file = reports.folder(`<img src=x onerror=${RUN}> {{data}} "'&\u202e.jsonl`);
  writeFileSync(file, TEXTS.map(watch).join(''));

  /** The same acts on every row: what they show is as hostile as the rest. Gives the texts of all panels. */
  async function useAll(page) {
    await expandAll(page);
    const shown = await page.evaluate(() => {
      const panels = new Set();
      const note = () => panels.add(document.querySelector('#detail').textContent);
      for (const row of document.querySelectorAll('.row:not(.line)')) {
        row.focus();
        row.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
        note();
        for (const entry of document.querySelectorAll('#detail .list button')) { entry.click(); note(); }
        for (const piece of row.querySelectorAll('.bar, .end, .expected, .flag, .mark, .gap')) { piece.click(); note(); }
        for (const details of document.querySelectorAll('#detail details')) details.open = true;
      }
      return [...panels];
    });
    await frames(page);
    return shown;
  }

  async function harmless(page, opened) {
    const { elements, attributes, ...told } = await made(page);
    assert.deepEqual(told, { scripts: 2, styles: 1, metas: 5, ran: undefined, polluted: [], isShown: true });
    for (const name of ['img', 'svg', 'iframe', 'base', 'form', 'textarea', 'a', 'i']) assert.ok(!elements.includes(name), `<${name}>`);
    assert.deepEqual(attributes.filter((name) => /^on|^(src|href|action|ping|autofocus)$/.test(name)), []);
    assert.ok(!IS_DANGEROUS.test((await page.locator('body').innerText()).replaceAll(/[\n\t]/g, '')), 'every sign is spelled out');
    await assertQuiet(opened);
  }

  test('is shown as text', async (t) => {
    const opened = await reports.open(t, await report(reports.folder('text.html'), '-f', file), HIGH);
    const { page } = opened;
    const shown = await useAll(page);
    assert.ok(shown.length > TEXTS.length * 5, `${shown.length} panels`);
    const rows = await rowsOf(page);
    const names = rows.filter(({ kind }) => kind === 'pod').map(({ name }) => name);
    assert.deepEqual([...names].sort(), TEXTS.map(spelled).sort());
    const table = await page.locator('#pods tbody td:first-child').allTextContents();
    assert.deepEqual(table.sort(), TEXTS.map((text) => `${spelled(text)}/${spelled(text)}`).sort());
    for (const text of TEXTS.map(spelled)) {
      const own = rows.filter(({ pod }) => pod?.startsWith(`${text}/${text}, uid `));
      const labels = own.map(({ title }) => title);
      for (const label of [text, `container ${text}`, 'node', 'Events', 'reason']) assert.ok(labels.includes(label), `${label} in ${labels}`);
      assert.deepEqual(own.find(({ title }) => title === 'node').bars.map(({ value }) => value), [text]);
      assert.ok(own.find(({ title }) => title === 'phase').bars.some(({ value }) => value === text));
      assert.ok(own.find(({ title }) => title === `container ${text}`).bars.some(({ value }) => value === `terminated(${text}, 1)`));
      assert.ok(own.find(({ title }) => title === text).bars[0].title.includes(`${text} (${text})`));
      assert.ok(own.find(({ title }) => title === 'Events').marks[0].title.includes(`${text}: ${text}`));
      assert.ok(shown.some((panel) => panel.includes(`+ ${text} 2`) && panel.includes(`- ${text} 1`)), `the change of ${text}`);
    }
    assert.match(await page.locator('h1').textContent(), /^\d+ pods in \d+ namespaces, /);
    assert.equal(await page.title(), await page.locator('h1').textContent());
    await harmless(page, opened);
  });

  test('is found by its own words', async (t) => {
    const opened = await reports.open(t, await report(reports.folder('found.html'), '-f', file), HIGH);
    const { page } = opened;
    for (const text of ['__proto__', 'constructor', `javascript:${RUN}`, '</script><script>window.ran=1</script>']) {
      await page.fill('#find', text);
      await frames(page);
      const names = (await rowsOf(page)).filter(({ kind }) => kind === 'pod').map(({ name }) => name);
      assert.deepEqual(names, [text]);
    }
    await page.fill('#find', '');
    for (const group of ['node', 'namespace', 'status', 'owner']) {
      await page.selectOption('#group', group);
      await frames(page);
      assert.ok((await rowsOf(page)).length > TEXTS.length, group);
    }
    await harmless(page, opened);
  });

  test('a log in which nothing has a time has rows, and nothing on them', async (t) => {
    const file = reports.folder('timeless.jsonl');
    const pod = { kind: 'Pod', metadata: { name: 'timeless', namespace: 'shop', uid: 'u-1', resourceVersion: '1' }, status: { phase: 'Running' } };
    writeFileSync(file, `${JSON.stringify({ type: 'ADDED', object: pod })}\n`);
    const { page, ...opened } = await reports.open(t, await report(reports.folder('timeless.html'), '-f', file));
    assert.equal(await page.locator('#rows .row.pod').count(), 1);
    await page.locator('#rows .row.pod .name').click();
    assert.match(await page.locator('#detail').textContent(), /timeless/);
    assert.ok(await page.locator('#broken').isHidden());
    await assertQuiet(opened);
  });

  test('with a hostile title, expectation and whole objects', async (t) => {
    const claims = TEXTS.map((text) => `- pod: '*'\n  expect:\n  - never: {phase: Pending}\n  - finally: {container: ${JSON.stringify(text)}, reason: ${JSON.stringify(`x${text}`)}}\n`);
    const expectation = reports.folder(`expect "><script>${RUN}<!--.yaml`);
    writeFileSync(expectation, `version: 1\npods:\n${claims.slice(0, 15).join('')}`);
    const title = TEXTS.filter((text) => !text.includes('\u0000')).join(' ');
    const options = ['--title', title, '--expect', expectation, '--with-objects'];
    const opened = await reports.open(t, await report(reports.folder('all.html'), '-f', file, ...options), HIGH);
    const { page } = opened;
    const shown = await useAll(page);
    assert.equal(await page.locator('h1').textContent(), spelled(title));
    assert.ok(shown.some((panel) => panel.includes('The whole object') && panel.includes('apiVersion')));
    const claimed = await page.locator('.claims').textContent();
    for (const text of TEXTS.slice(0, 10)) assert.ok(claimed.includes(text), `${text} in ${claimed}`);
    await harmless(page, opened);
  });

  test('without a script too', async (t) => {
    const opened = await reports.open(t, await report(reports.folder('plain.html'), '-f', file), { javaScriptEnabled: false });
    const table = await opened.page.locator('noscript td:first-child').allTextContents();
    assert.deepEqual(table.sort(), TEXTS.map((text) => `${spelled(text)}/${spelled(text)}`).sort());
    await assertQuiet(opened);
  });
});
