// The reports that the tests open, and what a page of one shows, read out of its elements.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { podreplay, useBrowser, useFolder } from './browser.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The names of the recordings that are shipped. */
export const RECORDINGS = readdirSync(new URL('../../recordings', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();

/** What names a recording to a command; anything but a shipped one is a path from the repository's root. */
export const from = (...names) => names.flatMap((name) => ['-f', RECORDINGS.includes(name) ? `recordings/${name}/watch.jsonl.zst` : name]);

/** What a command answers with `-o json`. */
export async function json(command, ...args) {
  const { code, stdout, stderr } = await podreplay(command, ...args, '-o', 'json');
  assert.ok(code <= 1, `${command} ${args.join(' ')}: exit code ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Writes a report. */
export async function report(file, ...args) {
  const { code, stderr } = await podreplay('report', ...args, '-o', file);
  assert.equal(code, 0, stderr);
  return file;
}

/**
 * Chromium and a folder for the tests of one `describe`; `show(t, names, options)` opens the report of recordings, of which
 * each is made once. The options are those of `open` in browser.mjs.
 */
export function useReports() {
  const browser = useBrowser();
  const folder = useFolder();
  const made = new Map();
  const fileOf = (...names) => {
    const key = names.join(' ');
    if (!made.has(key)) made.set(key, report(folder(`${made.size}.html`), ...from(...names)));
    return made.get(key);
  };
  const open = async (t, file, options = {}) => {
    const opened = await browser.open(file, options);
    t.after(() => opened.close());
    opened.page.setDefaultTimeout(5_000);
    if (options.javaScriptEnabled !== false) await opened.page.waitForSelector('#rows .row', { state: 'attached' });
    return opened;
  };
  const show = async (t, names, options) => open(t, await fileOf(...[names].flat()), options);
  return { folder, fileOf, open, show };
}

/** Waits for what the page has begun, and demands that it did nothing it must not. */
export async function assertQuiet(opened) {
  assert.deepEqual(await opened.problems(), []);
}

/** For a `describe` whose tests wait more than they work. */
export const TOGETHER = { concurrency: 3 };

/** As high as all rows of a shipped recording. */
export const HIGH = { viewport: { width: 1280, height: 14_000 } };

/** Shows the rows of every pod. */
export async function expandAll(page) {
  const isClosed = '.row.pod[aria-expanded="false"]';
  for (let tries = 0; tries < 2 && (tries === 0 || await page.locator(isClosed).count()); tries += 1) {
    if (await page.locator('#expand').textContent() === 'Collapse all') await page.click('#expand');
    await page.click('#expand');
    await frames(page);
  }
  assert.equal(await page.locator(isClosed).count(), 0, 'pods stay closed');
}

/** Lets the page draw. */
export const frames = (page) => page.evaluate(() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0)));
}));

/** The rows that are mounted, from top to bottom, with all that is drawn in them. */
export const rowsOf = (page) => page.evaluate(() => {
  const place = (it) => { const box = it.getBoundingClientRect(); return { left: box.left, right: box.right, width: box.width }; };
  const piece = (it) => ({
    kinds: [...it.classList], title: it.dataset.tip ?? it.title, text: it.textContent, ...place(it),
    from: Number(it.dataset.from), until: Number(it.dataset.until), value: it.dataset.value, event: Number(it.dataset.event),
  });
  const all = [...document.querySelectorAll('#rows > .row')];
  all.sort((left, right) => left.getBoundingClientRect().top - right.getBoundingClientRect().top);
  let pod = null;
  const isOfPod = (row) => row.classList.contains('pod') || row.classList.contains('lane');
  return all.map((row) => {
    const title = row.querySelector('.head').title;
    if (row.classList.contains('pod')) pod = title;
    const pieces = (kind) => [...row.querySelectorAll(kind)].map(piece);
    return {
      id: row.dataset.id, kind: ['group', 'pod', 'lane', 'node', 'line'].find((kind) => row.classList.contains(kind)),
      name: row.querySelector('.head .name').dataset.whole ?? row.querySelector('.head .name').textContent, title, pod: isOfPod(row) ? pod : null,
      uid: isOfPod(row) ? pod?.split('uid ').at(-1) : null,
      expanded: row.getAttribute('aria-expanded'), level: Number(row.getAttribute('aria-level')),
      track: place(row.querySelector('.track')),
      bars: pieces('.bar'), ends: pieces('.end'), expected: pieces('.expected'), gaps: pieces('.gap'),
      flags: pieces('.flag'), marks: pieces('.mark'),
    };
  });
});

/** How many findings, or Events, the flags or marks of a row stand for. */
export const countOf = (pieces) => pieces.reduce((sum, { text, title }) =>
  sum + 1 + Number(/ \+(\d+)$/.exec(text)?.[1] ?? /\nand (\d+) more$/.exec(title)?.[1] ?? 0), 0);

/** The moment that the page counts from, as every bar tells it: all must tell the same. */
export function baseOf(rows) {
  const told = rows.filter(({ uid }) => uid).flatMap(({ bars }) => bars).map(({ title, from, until }) => {
    const [, first, last] = /^(\S+Z) to (\S+Z), /m.exec(title) ?? assert.fail(`no times in ${JSON.stringify(title)}`);
    assert.equal(Date.parse(last) - Date.parse(first), until - from, title);
    return Date.parse(first) - from;
  });
  assert.equal(new Set(told).size, 1, `bars tell ${new Set(told).size} beginnings`);
  return told[0];
}

/** How the page calls a subject of the JSON. */
export function labelOf({ kind, type, name, role }) {
  if (kind === 'condition') return type;
  if (kind === 'container') return `${role === 'regular' ? 'container' : role} ${name}`;
  return type === 'nodeName' ? 'node' : type ?? kind;
}

/** The text of the panel beside the rows. */
export const detail = (page) => page.locator('#detail');

/** The facts that the panel tells: a list of definitions as an object. */
export const facts = (page) => page.evaluate(() => {
  const who = document.querySelector('#detail > .who:not(.faint)')?.textContent.replace(/^by /, '');
  const pairs = [...document.querySelectorAll('#detail > dl dt')].map((it) => [it.textContent, it.nextElementSibling.textContent]);
  return Object.fromEntries([...pairs, ...(who ? [['by', who]] : [])]);
});

/** The row of a name: of a pod, or of a label within a pod. */
export const rowNamed = (rows, pod, label) => {
  const place = rows.findIndex((row) => row.kind === 'pod' && row.name === pod);
  const found = label === undefined ? rows[place] : rows.slice(place + 1).find((row) => row.title === label && row.pod === rows[place].pod);
  return found ?? assert.fail(`no row ${pod} ${label ?? ''}`);
};

export const element = (page, row) => page.locator(`.row[data-id="${row.id}"]`);

export { ROOT };
