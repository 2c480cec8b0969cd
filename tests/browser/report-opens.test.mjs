// That the report stands alone: it opens quietly, without a script, on paper, in other colours, and for who has no mouse.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HIGH, TOGETHER, RECORDINGS, assertQuiet, detail, element, expandAll, facts, frames, from, report, rowNamed, rowsOf, useReports } from './report.mjs';

describe('the report opens quietly:', TOGETHER, () => {
  const reports = useReports();

  for (const name of RECORDINGS) {
    for (const colorScheme of ['light', 'dark']) {
      test(`${name}, ${colorScheme}`, async (t) => {
        const opened = await reports.show(t, name, { colorScheme });
        assert.ok(await opened.page.locator('#rows .bar').count() > 0);
        assert.ok(await opened.page.locator('#broken').isHidden());
        await assertQuiet(opened);
        assert.deepEqual(opened.console, []);
      });
    }
  }
});

describe('its colours', TOGETHER, () => {
  const reports = useReports();
  const paper = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

  test('follow the system, and the button turns them', async (t) => {
    const { page, ...opened } = await reports.show(t, 'crashloop', { colorScheme: 'light' });
    const light = await paper(page);
    await page.click('#theme');
    const dark = await paper(page);
    assert.notEqual(dark, light);
    await page.keyboard.press('d');
    assert.equal(await paper(page), light);
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await paper(page), light, 'who has chosen keeps what was chosen');
    const other = await reports.show(t, 'crashloop', { colorScheme: 'dark' });
    assert.equal(await paper(other.page), dark);
    await assertQuiet(opened);
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`can be read: ${colorScheme}`, async (t) => {
      const { page } = await reports.show(t, 'crashloop', { colorScheme, ...HIGH });
      await expandAll(page);
      await page.click('#help');
      await page.locator('.row.pod .bar').last().click();
      await frames(page);
      assert.deepEqual(await faintTexts(page), []);
    });

    test(`can be read: ${colorScheme}, findings`, async (t) => {
      const { page } = await reports.show(t, 'external-status-writes', { colorScheme, ...HIGH });
      await expandAll(page);
      await page.locator('.row.lane .flag').first().click();
      await frames(page);
      assert.deepEqual(await faintTexts(page), []);
    });
  }

  for (const forcedColors of ['active', 'none']) {
    test(`forced colours: ${forcedColors}`, async (t) => {
      const { page, ...opened } = await reports.show(t, 'external-status-writes', { forcedColors });
      await page.locator('.row .flag').first().click();
      await frames(page);
      assert.ok(await detail(page).isVisible());
      await assertQuiet(opened);
    });
  }

  test('forced colours leave the states their own, in a frame', async (t) => {
    const { page } = await reports.show(t, 'crashloop', { forcedColors: 'active' });
    const bars = await page.evaluate(() => Object.fromEntries([...document.querySelectorAll('.row.pod .bar')].map((it) => { const { backgroundColor, borderLeftStyle } = getComputedStyle(it); return [it.classList[1], `${backgroundColor} ${borderLeftStyle}`]; })));
    assert.deepEqual(bars, {
      good: 'rgb(207, 234, 219) solid', waiting: 'rgb(253, 241, 207) solid', unready: 'rgb(138, 75, 18) solid', bad: 'rgb(249, 207, 205) solid', ending: 'rgb(227, 230, 234) solid',
    });
  });

  test('nothing moves for who wants no motion', async (t) => {
    for (const [reducedMotion, wanted] of [['reduce', ['0s']], ['no-preference', ['0.1s', '0s']]]) {
      const { page } = await reports.show(t, 'crashloop', { reducedMotion });
      await page.locator('.row.pod .bar').last().click();
      await frames(page);
      const times = await page.evaluate(() => [...document.querySelectorAll('*')].flatMap((it) => { const { transitionDuration, animationDuration } = getComputedStyle(it); return [transitionDuration, animationDuration]; }));
      assert.deepEqual([...new Set(times)].sort(), wanted);
    }
  });
});

describe('the states of pods', TOGETHER, () => {
  const reports = useReports();

  for (const colorScheme of ['light', 'dark']) {
    test(`can be told apart by everybody: ${colorScheme}`, async (t) => {
      const { page } = await reports.show(t, 'crashloop', { colorScheme });
      const states = await page.evaluate(() => [...document.querySelectorAll('#legend .bar')].map((it) => {
        const style = getComputedStyle(it);
        const color = (text) => { const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true }); canvas.fillStyle = getComputedStyle(document.body).backgroundColor; canvas.fillRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
        return { name: it.className, fill: color(style.backgroundColor), edge: color(style.borderBottomColor), shape: `${style.borderBottomStyle} ${style.backgroundImage.split('(')[0]} ${style.borderLeftWidth} ${it.textContent}` };
      }));
      assert.equal(states.length, 7);
      for (const [kind, seen] of Object.entries(SEEN)) {
        for (const [place, one] of states.entries()) {
          for (const other of states.slice(place + 1)) {
            const apart = Math.max(distance(seen(one.fill), seen(other.fill)), distance(seen(one.edge), seen(other.edge)));
            // Without colours shape and sign carry it.
            assert.ok(apart > 10 || one.shape !== other.shape, `${one.name} and ${other.name}, ${kind}: ${apart.toFixed(1)}`);
            assert.notEqual(one.shape, other.shape, `${one.name} and ${other.name} without colours`);
          }
        }
        // What matters most is told by its colours alone: ready, no longer ready, failing.
        const [good, unready, bad] = ['good', 'unready', 'bad'].map((name) => states.find((state) => state.name.endsWith(name)));
        for (const [one, other] of [[good, unready], [unready, bad], [good, bad]]) {
          const apart = Math.max(distance(seen(one.fill), seen(other.fill)), distance(seen(one.edge), seen(other.edge)));
          assert.ok(apart > 15, `${one.name} and ${other.name}, ${kind}: ${apart.toFixed(1)}`);
        }
      }
    });
  }
});

/** Colours as people see them who lack one kind of cone (Machado, Oliveira and Fernandes, 2009, severity 1), in linear light. */
const MATRICES = {
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};
const linear = (part) => { const value = part / 255; return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
const SEEN = { everybody: (color) => color.map(linear), ...Object.fromEntries(Object.entries(MATRICES).map(([kind, matrix]) =>
  [kind, (color) => { const light = color.map(linear); return matrix.map((row) => Math.min(1, Math.max(0, row.reduce((sum, weight, index) => sum + weight * light[index], 0)))); }])) };

/** How different two colours look: CIE 1976, of linear sRGB. */
function distance(one, other) {
  const lab = ([red, green, blue]) => {
    const xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]].map((row) => row[0] * red + row[1] * green + row[2] * blue);
    const [x, y, z] = xyz.map((value, index) => value / [0.95047, 1, 1.08883][index]).map((value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116));
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const [left, right] = [lab(one), lab(other)];
  return Math.hypot(...left.map((value, index) => value - right[index]));
}

/** Texts with a contrast below 4.5 to what is behind them; stripes are held to count as much as their strongest colour. */
const faintTexts = (page) => page.evaluate(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (text) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = ([red, green, blue, alpha], under) => [red, green, blue].map((part, index) => part * alpha + under[index] * (1 - alpha)).concat(1);
  const luminance = (color) => color.slice(0, 3).map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const contrast = (one, other) => { const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b); return (light + 0.05) / (dark + 0.05); };
  // What may be behind a text: the plain ground, and each colour of a pattern on it.
  const grounds = (it) => {
    const under = it.parentElement ? grounds(it.parentElement) : [[255, 255, 255, 1]];
    const style = getComputedStyle(it);
    const plain = under.map((ground) => over(rgba(style.backgroundColor), ground));
    const stripes = style.backgroundImage.match(/(?:rgba?|color)\([^)]*\)/g) ?? [];
    return [...plain, ...stripes.flatMap((stripe) => plain.map((ground) => over(rgba(stripe), ground)))];
  };
  const found = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const it = text.parentElement;
    const { width, height } = it.getBoundingClientRect();
    if (!text.data.trim() || !width || !height || it.closest('script, style, noscript, option, select, :disabled')) continue;
    const color = getComputedStyle(it).color;
    const worst = Math.min(...grounds(it).map((ground) => contrast(over(rgba(color), ground), ground)));
    const kind = `${it.closest('.bar, .flag, .gap')?.className ?? it.className} ${it.tagName}`;
    if (worst < 4.5 && !(found.get(kind)?.worst <= worst)) found.set(kind, { worst, text: text.data.slice(0, 20), color });
  }
  return [...found].map(([kind, { worst, text, color }]) => `${kind} ${JSON.stringify(text)} ${color}: ${worst.toFixed(2)}`);
});

describe('without a script', TOGETHER, () => {
  const reports = useReports();

  test('what stands above the picture, and the table', async (t) => {
    const { page, ...opened } = await reports.show(t, 'crashloop', { javaScriptEnabled: false });
    assert.match(await page.locator('header').innerText(), /^3 pods in cap-02-crashloop, 20 Nov 2026 15:09:47 to 15:13:\d\d UTC\s[^]*restarts[^]*15:09:\d\d[^]*exit 1/);
    assert.match(await page.locator('noscript .notice').innerText(), /scripts are off here/);
    assert.deepEqual(await page.locator('noscript td:first-child').allInnerTexts(), ['logsmsg', 'crash', 'completes'].map((name) => `cap-02-crashloop/${name}`));
    assert.ok(await page.locator('noscript table').isVisible());
    for (const hidden of ['#picture', '#pods']) assert.ok(await page.locator(hidden).isHidden());
    assert.match(await page.locator('footer').innerText(), /Drawn by podreplay/);
    await assertQuiet(opened);
  });

  test('with one, no notice is there', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    assert.ok(!(await page.locator('body').innerText()).includes('scripts are off'));
    assert.ok(await page.locator('#picture').isVisible());
  });
});

describe('on paper', TOGETHER, () => {
  const reports = useReports();

  test('all rows are there, those out of sight too', async (t) => {
    const { page, ...opened } = await reports.show(t, 'kubelet-eviction', { viewport: { width: 1280, height: 500 } });
    await page.click('#expand');
    const total = Number(await page.locator('#rows').getAttribute('aria-rowcount'));
    const mounted = () => page.locator('#rows > .row').count();
    assert.ok(total > 300 && await mounted() < 100);
    await page.evaluate(() => {
      globalThis.printed = [];
      addEventListener('beforeprint', () => { globalThis.printed.push(document.querySelectorAll('#rows > .row').length); });
    });
    const paper = await page.pdf({ landscape: true });
    assert.deepEqual(await page.evaluate(() => globalThis.printed), [total]);
    assert.equal(paper.subarray(0, 5).toString(), '%PDF-');
    const pages = paper.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
    assert.ok(pages > 5, `${pages} pages for ${total} rows`);
    await frames(page);
    assert.ok(await mounted() < 100, 'and gone again after it');
    await assertQuiet(opened);
  });

  test('who reads in the dark prints on white', async (t) => {
    const { page } = await reports.show(t, 'crashloop', { colorScheme: 'dark' });
    const ink = () => page.evaluate(() => getComputedStyle(document.body).color);
    const dark = await ink();
    await page.emulateMedia({ media: 'print', colorScheme: 'light' });
    const printed = await ink();
    assert.notEqual(printed, dark);
    for (const theme of ['light', 'dark']) {
      await page.evaluate((theme) => { document.documentElement.dataset.theme = theme; }, theme);
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ media: 'print', colorScheme });
        assert.equal(await ink(), printed, `${theme} chosen, ${colorScheme} system`);
      }
    }
  });

  test('the colours of the states are printed', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    await page.emulateMedia({ media: 'print' });
    assert.deepEqual(await page.evaluate(() => ['.bar.good', '.flag', '.gap'].map((kind) => getComputedStyle(document.querySelector(kind)).printColorAdjust)), ['exact', 'exact', 'exact']);
  });

  test('no row is cut off, and nothing to click is left', async (t) => {
    const { page } = await reports.show(t, 'kubelet-eviction', { viewport: { width: 1280, height: 500 } });
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    assert.equal(await page.locator('#scroller').evaluate((it) => it.scrollHeight - it.clientHeight), 0);
    const [row, scroller] = [await page.locator('#rows > .row').last().boundingBox(), await page.locator('#scroller').boundingBox()];
    assert.ok(row.y + row.height <= scroller.y + scroller.height + 1);
    for (const hidden of ['#tools', '#detail', '.twisty']) assert.ok(await page.locator(hidden).first().isHidden(), hidden);
    for (const shown of ['h1', '#legend', '#pods table', '.row .bar']) assert.ok(await page.locator(shown).first().isVisible(), shown);
    const isCut = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.ok(!isCut, 'nothing hangs over the edge');
  });
});

describe('without a mouse', TOGETHER, () => {
  const reports = useReports();
  const active = (page, what) => page.evaluate((what) => document.activeElement.matches(what), what);

  /** Presses Tab until something has the focus. */
  async function tabTo(page, what, key = 'Tab') {
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press(key);
      if (await active(page, what)) return;
    }
    assert.fail(`no Tab reaches ${what}`);
  }

  test('the keyboard alone reaches a pod, the list of a row and an event', async (t) => {
    const { page, ...opened } = await reports.show(t, 'node-lost');
    await tabTo(page, '#find');
    await tabTo(page, '.row');
    await page.keyboard.press('End');
    const pod = await page.evaluate(() => document.activeElement.querySelector('.name').textContent);
    await page.keyboard.press('ArrowRight');
    await frames(page);
    assert.equal(rowNamed(await rowsOf(page), pod).expanded, 'true');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const row = await page.evaluate(() => document.activeElement.dataset.id);
    assert.match(await page.locator('#detail h3').innerText(), /: PodReadyToStartContainers$/);
    assert.match(await page.locator('#detail .list button').first().innerText(), /^15:18:\d\d +False, \d+/);
    await tabTo(page, '#detail .list button');
    await page.keyboard.press('Enter');
    assert.match((await facts(page)).event, /^MODIFIED, resourceVersion \d+$/);
    await page.keyboard.press('n');
    assert.match((await facts(page)).event, /^MODIFIED, /);
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.id), row);
    await tabTo(page, '#pods button');
    await assertQuiet(opened);
  });

  test('Tab leaves the rows again, and comes back to the same', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    await element(page, rowNamed(await rowsOf(page), 'logsmsg')).focus();
    await page.keyboard.press('Tab');
    assert.ok(!await active(page, '.row, .row *'));
    await page.keyboard.press('Shift+Tab');
    assert.equal(await page.evaluate(() => document.activeElement.querySelector('.name').textContent), 'logsmsg');
  });

  test('rows that go out of sight, or are made anew, keep the focus', async (t) => {
    const { page, ...opened } = await reports.show(t, 'kubelet-eviction');
    const focused = () => page.evaluate(() => document.activeElement.dataset.id);
    await page.locator('.row.pod .twisty').first().click();
    await frames(page);
    const row = rowNamed(await rowsOf(page), (await rowsOf(page)).find(({ kind }) => kind === 'pod').name, 'phase');
    await element(page, row).focus();
    await page.keyboard.press('e');
    await frames(page);
    assert.equal(await focused(), row.id);
    await page.mouse.move(600, 500);
    await page.mouse.wheel(0, 5_000);
    await page.waitForFunction(() => document.querySelector('#scroller').scrollTop > 2_000);
    await frames(page);
    assert.equal(await focused(), row.id);
    await page.keyboard.press('ArrowDown');
    assert.match(await focused(), /^l:/);
    assert.ok(await page.locator('.row:focus').isVisible() && await page.locator('#scroller').evaluate((it) => it.scrollTop) < 500);
    await assertQuiet(opened);
  });

  test('a letter in a field is a letter', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    await page.focus('#find');
    await page.keyboard.type('dehlnp+-0?');
    assert.equal(await page.inputValue('#find'), 'dehlnp+-0?');
    assert.ok(await page.locator('#keys').isHidden());
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), undefined);
  });

  test('rows, their levels and what is open are told', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const tree = await page.evaluate(() => {
      const grid = document.querySelector('[role=treegrid]');
      const attributes = (it) => ({ level: it.ariaLevel, expanded: it.ariaExpanded, index: Number(it.ariaRowIndex), header: !!it.querySelector('[role=rowheader]')?.textContent,
        cell: it.querySelector('[role=gridcell]')?.ariaLabel, kind: it.classList[1] });
      return { label: grid.ariaLabel, count: Number(grid.ariaRowCount), rows: [...grid.querySelectorAll('[role=row]')].map(attributes) };
    });
    assert.ok(tree.label);
    assert.deepEqual(tree.rows.map(({ index }) => index).sort((a, b) => a - b), tree.rows.map((_, index) => index + 1));
    assert.equal(tree.count, tree.rows.length);
    for (const { kind, level, expanded, header, cell } of tree.rows) {
      assert.equal(level, { group: '1', pod: '2', lane: '3', line: '3' }[kind]);
      assert.match(String(expanded), kind === 'lane' || kind === 'line' ? /^null$/ : /^(true|false)$/);
      assert.ok(header && cell, kind);
    }
    assert.ok(tree.rows.some(({ cell }) => /^starting, Pending from 15:09:47 for [^;]+; .*ready, Running 1\/1 from 15:09:48 for 3s; /.test(cell)), tree.rows.map(({ cell }) => cell).join('\n'));
  });

  test('one row alone is reached by Tab', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const stops = () => page.evaluate(() => [...document.querySelectorAll('#rows .row')].filter((it) => it.tabIndex === 0).length);
    assert.equal(await stops(), 1);
    await page.locator('.row').nth(3).focus();
    assert.equal(await stops(), 1);
  });

  test('there is one scale of type', async (t) => {
    const { page } = await reports.show(t, 'external-status-writes', HIGH);
    await page.locator('.row .flag').first().click();
    await page.click('#help');
    const sizes = await page.evaluate(() => {
      const texts = [...document.querySelectorAll('body *')].filter((it) => [...it.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim()));
      return [...new Set(texts.map((it) => getComputedStyle(it).fontSize))].sort();
    });
    assert.deepEqual(sizes, ['11px', '12px', '13px', '14px', '16px', '22px']);
  });

  test('marks say what they are', async (t) => {
    const { page } = await reports.show(t, 'kubelet-eviction', HIGH);
    const names = await page.locator('.row.pod .end, .row.pod .flag').evaluateAll((all) => all.map((it) => it.ariaLabel));
    assert.deepEqual(names.slice(0, 2), ['15:16:47  container app: restarted', '15:17:44  container app: restarted']);
    assert.deepEqual(names.filter((name) => !name), []);
  });

  test('everything to press has a name', async (t) => {
    const { page } = await reports.show(t, 'external-status-writes');
    await page.locator('.row .flag').first().click();
    await page.click('#help');
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const roles = ['button', 'checkbox', 'combobox', 'searchbox', 'treegrid', 'toolbar', 'region', 'complementary'];
    const pressed = nodes.filter(({ ignored, role }) => !ignored && roles.includes(role?.value));
    const names = pressed.map(({ role, name }) => `${role.value} ${name?.value ?? ''}`);
    assert.ok(names.length > 25, `${names.length}`);
    assert.deepEqual(names.filter((name) => /^\w+ [\s▸▾✕]*$/.test(name)), []);
    for (const name of ['button Zoom in', 'button Zoom out', 'button Light or dark', 'searchbox Find', 'treegrid Pods over time', 'toolbar What is shown', 'complementary Details']) {
      assert.ok(names.some((other) => other.trim() === name), `${name} in ${names.join(', ')}`);
    }
  });

  test('less than a screen is enough: a phone', async (t) => {
    const { page, ...opened } = await reports.show(t, 'node-lost', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 3 });
    await page.locator('.row.pod .bar', { hasText: 'Running' }).first().tap();
    assert.ok(await detail(page).isVisible());
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), 'nothing hangs over the edge');
    const cards = await page.evaluate(() => [...document.querySelectorAll('#pods tbody tr')].map((it) => it.getBoundingClientRect().height));
    assert.ok(cards.length === 10 && Math.max(...cards) < 280, `cards of ${Math.max(...cards)} pixels`);
    const card = await page.locator('#pods tbody tr').first().locator('td').evaluateAll((all) => all.filter((it) => it.getClientRects().length).map((it) => ({ name: getComputedStyle(it, '::before').content, top: it.getBoundingClientRect().top })));
    assert.deepEqual(card.map(({ name }) => name), ['none', '"Last status"', '"Restarts"', '"Failed runs"', '"Unready"', '"Findings"', '"First sign of trouble"']);
    assert.deepEqual(card.map(({ top }) => top), [...new Set(card.map(({ top }) => top))].sort((left, right) => left - right), 'one below the other');
    await assertQuiet(opened);
  });
});
