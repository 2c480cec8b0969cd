// Draws docs/images/report-*.png: what a browser shows of the reports that the documents speak of. Called by scripts/picture.
//
//     node tests/browser/screenshots.mjs PODREPLAY FOLDER        PODREPLAY_FLEET names the store of a fleet, for report-fleet.png

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { findChromium } from './browser.mjs';

const SCREEN = { width: 1280, height: 800 }, PHONE = { width: 390, height: 844 };
const NODE_LOST = ['audit.jsonl', 'events.jsonl', 'raw-watch.jsonl'].map((name) => `tests/captures/node-lost/${name}.zst`);
const WHOLE = ['audit.jsonl', 'events.jsonl', 'nodes.jsonl', 'raw-watch.jsonl', 'workloads-watch.jsonl'];
const openEvent = (page) => page.locator('#rows .row.pod .bar.bad:not(.narrow)').first().click({ position: { x: 4, y: 8 } });
const toFoldedGroups = (page) => page.evaluate(() => {
  const scroller = document.getElementById('scroller');
  for (let steps = 0; steps < 40 && !document.querySelector('.row.group.folded'); steps += 1) {
    scroller.scrollTop += 400;
    scroller.dispatchEvent(new Event('scroll'));
  }
  scroller.scrollTop = (document.querySelector('.row.group.folded')?.offsetTop ?? 0) - 120;
  document.getElementById('stage').scrollIntoView();
});
const PICTURES = {
  'report-light': { files: NODE_LOST, scheme: 'light' },
  'report-dark': { files: ['recordings/crashloop/watch.jsonl.zst'], scheme: 'dark', act: openEvent },
  'report-drain': { files: ['audit.jsonl', 'raw-watch.jsonl'].map((name) => `tests/captures/drain-eviction-pdb/${name}.zst`), scheme: 'light', act: (page) => page.locator('#story .trouble button').nth(1).click() },
  'report-preemption': { files: WHOLE.map((name) => `tests/stories/1.20-preemption/${name}.zst`), scheme: 'light' },
  ...(process.env.PODREPLAY_FLEET ? { 'report-fleet': { store: process.env.PODREPLAY_FLEET, scheme: 'light', act: toFoldedGroups } } : {}),
  'report-phone': { files: NODE_LOST, scheme: 'light', size: PHONE },
};

const [podreplay, folder] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'podreplay-'));
const browser = await chromium.launch({ executablePath: findChromium(process.env), args: ['--no-sandbox'] });
for (const [name, { files = [], store, scheme, size = SCREEN, act = () => {} }] of Object.entries(PICTURES)) {
  const file = join(scratch, `${name}.html`);
  execFileSync(podreplay, ['report', ...files.flatMap((path) => ['-f', path]), ...(store ? ['--db', store] : []), '-o', file]);
  const page = await browser.newPage({ viewport: size, colorScheme: scheme });
  await page.goto(pathToFileURL(file).href);
  await page.locator('#rows .bar').first().waitFor();
  await act(page);
  await page.mouse.move(0, 0);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
await browser.close();
rmSync(scratch, { recursive: true });
