// Opens a file in Chromium as a reader would, and notes everything that a page which stands alone must not do.
//
//     describe('the report', () => {
//       const browser = useBrowser();
//       test('is quiet', async () => {
//         const opened = await browser.open('/tmp/report.html', { colorScheme: 'dark' });
//         await opened.page.click('summary');
//         assert.deepEqual(await opened.problems(), []);
//       });
//     });

import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

// The sandbox needs rights that a container does not give, and what is opened here is our own. The rest keeps Chromium
// from calling home; nothing it opens has a host to ask for.
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND',
];

// What a page sees unless a test says otherwise: the same on every machine.
const READER = {
  viewport: { width: 1280, height: 800 },
  deviceScaleFactor: 1,
  colorScheme: 'light',
  locale: 'en-US',
  timezoneId: 'UTC',
};

/** Where Chromium is: what PODREPLAY_CHROMIUM names, else the first of the usual names on the PATH. */
export function findChromium(environment = process.env) {
  const named = environment.PODREPLAY_CHROMIUM;
  if (named) {
    if (isProgram(named)) return named;
    throw new Error(`PODREPLAY_CHROMIUM is ${named}, which is no program; let it name Chromium's, or unset it`);
  }
  const folders = (environment.PATH ?? '').split(delimiter).filter(Boolean);
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
  if (found) return found;
  throw new Error(`no ${NAMES.join(', ')} on the PATH; install Chromium, or let PODREPLAY_CHROMIUM name it`);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Chromium for the tests of one `describe`: started before them, closed after them. */
export function useBrowser() {
  let browser;
  before(async () => {
    browser = await chromium.launch({ executablePath: findChromium(), args: ARGUMENTS });
  });
  after(() => browser?.close());
  return { open: (file, options) => open(browser, file, options) };
}

/**
 * Opens a file in a window of its own. The options are those of Playwright's `newContext`: `viewport`,
 * `deviceScaleFactor`, `colorScheme`, `javaScriptEnabled`, `reducedMotion`, `forcedColors`, ...; `hash` is the part of
 * the address after `#`.
 */
async function open(browser, file, { hash = '', ...options } = {}) {
  const address = pathToFileURL(resolve(file)).href;
  const context = await browser.newContext({ ...READER, ...options, offline: true });
  const noted = { console: [], errors: [], requests: [], violations: [], others: [] };
  await noteViolations(context, noted);
  noteRequests(context, address, noted);
  context.on('page', (page) => notePage(page, noted));
  const page = await context.newPage();
  context.on('page', () => noted.others.push('a window opened'));
  await page.goto(hash ? `${address}#${hash}` : address, { waitUntil: 'load' });
  return {
    page,
    ...noted,
    problems: async () => {
      await settle(context, options.javaScriptEnabled ?? true);
      return problems(noted);
    },
    close: () => context.close(),
  };
}

function notePage(page, noted) {
  page.on('console', (message) => {
    noted.console.push({ type: message.type(), text: message.text(), at: message.location() });
  });
  page.on('pageerror', (error) => noted.errors.push(error?.stack ?? String(error)));
  page.on('websocket', (socket) => noted.requests.push(socket.url()));
  page.on('dialog', async (dialog) => {
    noted.others.push(`dialog: ${dialog.type()} ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('crash', () => noted.others.push('the page crashed'));
}

/** Every request but the one for the file; what a page carries inside itself (`data:`, `blob:`) is none. */
function noteRequests(context, address, noted) {
  context.on('request', (request) => {
    const url = request.url();
    const own = url.split('#')[0] === address && request.isNavigationRequest();
    if (!own && !/^(data|blob):/.test(url)) noted.requests.push(url);
  });
}

/** What the page's own Content-Security-Policy forbade. */
async function noteViolations(context, noted) {
  await context.exposeBinding('noteViolation', (_source, violation) => noted.violations.push(violation));
  await context.addInitScript(() => {
    const note = globalThis.noteViolation;
    delete globalThis.noteViolation;
    document.addEventListener('securitypolicyviolation', (event) => {
      note({ directive: event.effectiveDirective, blocked: event.blockedURI, line: event.lineNumber });
    });
  });
}

/** Waits until what the page has begun has been told: two frames if it has scripts, and a round trip after them. */
async function settle(context, scripts) {
  for (const page of context.pages()) {
    await page.evaluate((frames) => frames && new Promise((done) => {
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0)));
    }), scripts);
  }
}

/** Everything noted that a page which stands alone must not do, a line each. */
function problems(noted) {
  const loud = noted.console.filter(({ type }) => ['error', 'warning', 'assert'].includes(type));
  return [
    ...loud.map(({ type, text }) => `console ${type}: ${text}`),
    ...noted.errors.map((error) => `script error: ${error}`),
    ...noted.requests.map((url) => `request: ${url}`),
    ...noted.violations.map(({ directive, blocked, line }) => `policy: ${directive} forbids ${blocked} (line ${line})`),
    ...noted.others,
  ];
}

/** A folder for the tests of one `describe`, gone after them: a function from a name to a path in it. */
export function useFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'podreplay-browser-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

/** Runs the podreplay that PODREPLAY names, in the repository's root; gives `{ code, stdout, stderr }`. */
export function podreplay(...args) {
  const program = process.env.PODREPLAY;
  if (!program) throw new Error('PODREPLAY does not name the program; run scripts/browser-test');
  const options = { cwd: fileURLToPath(new URL('../..', import.meta.url)), maxBuffer: 1 << 28 };
  return new Promise((done, failed) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') failed(error);
      else done({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}
