// That the harness notices what it is there for: each page does one forbidden thing, and the first one none.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { findChromium, podreplay, useBrowser, useFolder } from './browser.mjs';

const NOBODY = 'http://127.0.0.1:9/';
const STRICT = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`;

describe('the harness', () => {
  const browser = useBrowser();
  const folder = useFolder();
  let pages = 0;

  async function show(body, { head = '', ...options } = {}) {
    const file = folder(`page-${++pages}.html`);
    writeFileSync(file, `<!doctype html><html lang="en"><meta charset="utf-8">${head}<title>t</title>${body}`);
    return browser.open(file, options);
  }

  /** Opens a page that must be noticed: some problem fits the pattern. */
  async function assertNoticed(pattern, body, options) {
    const problems = await (await show(body, options)).problems();
    assert.ok(problems.some((problem) => pattern.test(problem)), `${pattern} in ${JSON.stringify(problems)}`);
  }

  test('is silent about a page that stands alone', async () => {
    const pixel = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';
    const opened = await show(`<p>calm</p><a href="${NOBODY}">a link</a><img alt="" src="${pixel}">
      <script>console.log('said')</script>`, { hash: 'part' });
    assert.deepEqual(await opened.problems(), []);
    assert.deepEqual(opened.console.map(({ text }) => text), ['said']);
    assert.equal(new URL(opened.page.url()).hash, '#part');
  });

  test('is silent about a policy that is kept', async () => {
    const opened = await show('<style>p { color: red }</style><p>calm</p>', { head: STRICT });
    assert.deepEqual(await opened.problems(), []);
  });

  test('notices a console error', () => assertNoticed(/^console error: broken$/, '<script>console.error("broken")</script>'));

  test('notices a console warning', () => assertNoticed(/^console warning: odd$/, '<script>console.warn("odd")</script>'));

  test('notices a script error', () => assertNoticed(/^script error: .*fell over/, '<script>throw new Error("fell over")</script>'));

  test('notices a promise that nobody catches', () =>
    assertNoticed(/^script error: .*left alone/, '<script>Promise.reject(new Error("left alone"))</script>'));

  for (const [what, body] of Object.entries({
    'an image': `<img alt="" src="${NOBODY}asked">`,
    'a style sheet': `<link rel="stylesheet" href="${NOBODY}asked">`,
    'a font': `<style>@font-face { font-family: f; src: url(${NOBODY}asked) } p { font-family: f }</style><p>text</p>`,
    'a script': `<script src="${NOBODY}asked"></script>`,
    'a frame': `<iframe src="${NOBODY}asked"></iframe>`,
    'fetch': `<script>fetch('${NOBODY}asked').catch(() => {})</script>`,
    'a beacon': `<script>navigator.sendBeacon('${NOBODY}asked')</script>`,
    'a socket': `<script>new WebSocket('ws://127.0.0.1:9/asked')</script>`,
    'a file beside it': '<img alt="" src="asked">',
  })) {
    test(`notices a request: ${what}`, () => assertNoticed(/^request: .*\/asked$/, body));
  }

  test('notices a request after a click', async () => {
    const opened = await show(`<button onclick="new Image().src = '${NOBODY}asked'">ask</button>`);
    assert.deepEqual(await opened.problems(), []);
    await opened.page.click('button');
    assert.ok((await opened.problems()).includes(`request: ${NOBODY}asked`));
  });

  for (const [directive, body] of Object.entries({
    'script-src-elem': '<script>document.title = "ran"</script>',
    'script-src-attr': '<p onclick="void 0">text</p>',
    'img-src': `<img alt="" src="${NOBODY}asked">`,
  })) {
    test(`notices what the policy forbids: ${directive}`, () =>
      assertNoticed(new RegExp(`^policy: ${directive} forbids`), body, { head: STRICT }));
  }

  test('notices a dialog', () => assertNoticed(/^dialog: alert boo$/, '<script>alert("boo")</script>'));

  test('notices a window that opens', async () => {
    const opened = await show('<button onclick="window.open(\'about:blank\')">open</button>');
    await opened.page.click('button');
    assert.deepEqual(await opened.problems(), ['a window opened']);
  });

  test('shows what the options say', async () => {
    const opened = await show('<p>text</p>', {
      viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, colorScheme: 'dark',
    });
    const seen = await opened.page.evaluate(() => ({
      width: innerWidth, scale: devicePixelRatio, dark: matchMedia('(prefers-color-scheme: dark)').matches,
      offset: new Date(0).getTimezoneOffset(),
    }));
    assert.deepEqual(seen, { width: 390, scale: 3, dark: true, offset: 0 });
  });

  test('opens a page without scripts', async () => {
    const opened = await show('<noscript>plain</noscript><script>document.title = "ran"</script>', { javaScriptEnabled: false });
    assert.equal(await opened.page.title(), 't');
    assert.deepEqual(await opened.problems(), []);
  });
});

describe('the helpers', () => {
  test('say where Chromium was looked for', () => {
    assert.throws(() => findChromium({ PATH: '/nowhere' }), /chromium-browser.*PODREPLAY_CHROMIUM/);
    assert.throws(() => findChromium({ PODREPLAY_CHROMIUM: '/nowhere/chromium' }), /\/nowhere\/chromium/);
  });

  test('run the program that was built', async () => {
    const { code, stdout } = await podreplay('--version');
    assert.equal(code, 0);
    assert.match(stdout, /^podreplay /);
  });
});
