// Draws docs/images/report-*.png: what a browser shows of the reports that the documents speak of. Called by scripts/picture.
//
//     node tests/browser/screenshots.mjs PODREPLAY FOLDER

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { findChromium } from './browser.mjs';

const PICTURES = {
  'report-light': { recording: 'node-lost', scheme: 'light', act: () => {} },
  'report-dark': { recording: 'crashloop', scheme: 'dark', act: (page) => page.locator('#rows .row.lane .bar.bad:not(.narrow)').first().click({ position: { x: 4, y: 8 } }) },
};

const [podreplay, folder] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'podreplay-'));
const browser = await chromium.launch({ executablePath: findChromium(process.env), args: ['--no-sandbox'] });
for (const [name, { recording, scheme, act }] of Object.entries(PICTURES)) {
  const file = join(scratch, `${recording}.html`);
  execFileSync(podreplay, ['report', '-f', `recordings/${recording}/watch.jsonl.zst`, '--title', recording, '-o', file]);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: scheme });
  await page.goto(pathToFileURL(file).href);
  await page.locator('#rows .bar').first().waitFor();
  await act(page);
  await page.mouse.move(0, 0);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
await browser.close();
rmSync(scratch, { recursive: true });
