// Hands on the picture: ranges, the way back, the whole in small, pins, hits, zones, what is under the mouse and under the keys.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HIGH, TOGETHER, assertQuiet, detail, element, frames, rowNamed, rowsOf, useReports } from './report.mjs';

/** Waits until the page has noted a step in its address. */
const noted = (page, part) => page.waitForFunction((part) => location.hash.includes(part), part);
const shown = (page) => page.evaluate(() => document.querySelector('#mini-bins .window').style.width);
const hash = (page) => page.evaluate(() => location.hash);

async function drag(page, begin, end, y) {
  await page.mouse.move(begin, y);
  await page.mouse.down();
  await page.mouse.move(end, y, { steps: 6 });
  await page.mouse.up();
  await frames(page);
}

/** The middle of a row's track. */
async function trackOf(page, row) {
  const box = await element(page, row).locator('.track').boundingBox();
  return { ...box, y: box.y + box.height / 2 };
}

describe('hands', TOGETHER, () => {
  const reports = useReports();

  test('dragging selects a range, "back" and Escape return from it', async (t) => {
    const { page, ...opened } = await reports.show(t, 'crashloop');
    const row = rowNamed(await rowsOf(page), 'crash');
    const { x, y, width } = await trackOf(page, row);
    const bar = rowNamed(await rowsOf(page), 'crash').bars.find(({ width }) => width > 60);
    await drag(page, bar.left, bar.right, y);
    await noted(page, 't=');
    const near = rowNamed(await rowsOf(page), 'crash').bars.find(({ from, value }) => from === bar.from && value === bar.value);
    assert.ok(Math.abs(near.left - x) < 8 && Math.abs(near.width - width) < 16, `${near.left}, ${near.width} of ${x}, ${width}`);
    assert.match(await hash(page), /^#t=-?\d+,\d+$/);
    await page.goBack();
    await frames(page);
    assert.equal(await shown(page), '100%');
    await drag(page, bar.left, bar.right, y);
    await noted(page, 't=');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('#mini-bins .window').style.width === '100%');
    await assertQuiet(opened);
  });

  test('a double click shows an interval from end to end', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const row = rowNamed(await rowsOf(page), 'crash');
    const bar = row.bars.find(({ width }) => width > 60);
    await element(page, row).locator(`.bar[data-from="${bar.from}"]`).first().dblclick();
    await noted(page, 't=');
    // The first click opened the panel; its button closes it, whatever a key would close.
    await page.locator('#detail .close').click();
    await frames(page);
    const near = rowNamed(await rowsOf(page), 'crash').bars.find(({ from, value }) => from === bar.from && value === bar.value);
    const { width } = await trackOf(page, rowNamed(await rowsOf(page), 'crash'));
    assert.ok(near.width > width * 0.85 && near.width < width, `${near.width} of ${width}`);
  });

  test('a click into the histogram selects that stretch', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const bin = await page.locator('#crowd .bin').nth(3).evaluate((it) => ({ ...it.dataset }));
    await page.locator('#crowd .bin').nth(3).click();
    await noted(page, 't=');
    assert.equal(await hash(page), `#t=${bin.from},${bin.until}`);
    assert.ok(Number.parseFloat(await shown(page)) < 3, await shown(page));
  });

  test('the histogram tells how bad it was', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const bins = await page.locator('#crowd .bin').evaluateAll((all) => all.map((it) => ({ tip: it.dataset.tip, parts: [...it.children].map((part) => part.className).join(' ') })));
    assert.equal(bins.reduce((sum, { tip }) => sum + Number(/(\d+) bad/.exec(tip)?.[1] ?? 0), 0), 24);
    const parts = (isBad, isUnready) => [...new Set(bins.filter(({ tip }) => / bad/.test(tip) === isBad && /no longer ready/.test(tip) === isUnready).map(({ parts }) => parts))];
    assert.deepEqual([parts(false, false), parts(false, true), parts(true, false)], [['info'], ['info trouble'], ['info trouble broken']]);
  });

  test('the whole in small moves what is shown', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    for (const key of '+++') await page.keyboard.press(key);
    await frames(page);
    const left = () => page.evaluate(() => Number.parseFloat(document.querySelector('#mini-bins .window').style.left));
    const box = await page.locator('#mini-bins').boundingBox();
    await page.mouse.click(box.x + 5, box.y + 5);
    await frames(page);
    assert.ok(await left() < 1);
    await page.mouse.click(box.x + box.width - 5, box.y + 5);
    await frames(page);
    assert.ok(await left() > 60, `${await left()}`);
    await drag(page, box.x + box.width - 5, box.x + 5, box.y + 5);
    assert.ok(await left() < 1, 'and a drag takes it along');
  });

  test('a link shows the same time, the same findings and the same sentence', async (t) => {
    const { page, ...opened } = await reports.show(t, 'kubelet-eviction', { hash: 't=60000,90000&findings=1' });
    const frame = await page.evaluate(() => { const { left, width } = document.querySelector('#mini-bins .window').style; return { left, width }; });
    assert.deepEqual(frame, { left: '13.94%', width: '6.01%' });
    assert.ok(await page.isChecked('#flagged'));
    await page.keyboard.press('l');
    await noted(page, 't=66000,96000');
    assert.equal(await hash(page), '#t=66000,96000&findings=1');
    await page.locator('#story button').nth(1).click();
    await noted(page, 'story=2');
    const other = await reports.show(t, 'kubelet-eviction', { hash: 'story=2' });
    assert.deepEqual(await other.page.locator('#story .chosen .number').allTextContents(), ['2']);
    const all = await reports.show(t, 'kubelet-eviction', { hash: 't=60000,90000&findings=1&story=2' });
    assert.deepEqual(await all.page.locator('#story .chosen .number').allTextContents(), ['2']);
    assert.ok(await all.page.isChecked('#flagged'));
    assert.equal(await hash(all.page), '#t=60000,90000&findings=1&story=2');
    await assertQuiet(opened);
  });

  test('what is pinned stands on top, and a link shows it and all else', async (t) => {
    const { page, ...opened } = await reports.show(t, 'node-lost');
    const row = rowNamed(await rowsOf(page), 'patient');
    await element(page, row).focus();
    await page.keyboard.press('i');
    await page.selectOption('#group', 'node');
    await page.selectOption('#order', 'time');
    await page.fill('#find', 'patient');
    await page.click('#zone');
    await frames(page);
    await element(page, rowNamed(await rowsOf(page), 'patient')).locator('.bar.unready').first().click();
    await noted(page, 'event=');
    const told = await hash(page);
    for (const part of ['q=patient', 'group=node', 'order=time', 'pin=', 'zone=local', 'event=']) assert.ok(told.includes(part), `${part} in ${told}`);
    const other = await reports.open(t, (await page.evaluate(() => decodeURIComponent(location.pathname))));
    await other.page.goto('about:blank');
    await other.page.goto(`${await page.evaluate(() => location.href.split('#')[0])}${told}`);
    await other.page.waitForSelector('#rows .row');
    await frames(other.page);
    assert.equal(await other.page.locator('#zone').textContent(), 'local');
    const rows = await rowsOf(other.page);
    assert.equal(rows[0].name, 'Pinned');
    assert.equal(rows[1].name, 'patient');
    assert.equal(await other.page.inputValue('#find'), 'patient');
    assert.equal(await other.page.inputValue('#group'), 'node');
    assert.match(await detail(other.page).innerText(), /patient/);
    await assertQuiet(opened);
  });

  test('what a link says that no page wrote does no harm', async (t) => {
    const { page, ...opened } = await reports.show(t, 'crashloop');
    for (const text of ['t=a,b', 't=9e99,-1', 't=1,2', 'pin=-1,99,x', 'event=7,7', 'story=99', 'group=<b>', 'q=%', 'q=%2F(%2F', '__proto__=1']) {
      await page.evaluate((hash) => { location.hash = hash; }, text);
      await frames(page);
      assert.ok(await page.locator('#broken').isHidden(), text);
    }
    await assertQuiet(opened);
  });

  test('hits are marked in rows and in the histogram, n and p walk them', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    await page.fill('#find', 'status:Error');
    await frames(page);
    const count = Number(/(\d+) hits/.exec(await page.locator('#count').textContent())[1]);
    assert.ok(count > 5 && await page.locator('.row.pod .hit').count() > 3 && await page.locator('#crowd .found').count() > 3);
    await page.locator('.row.pod').first().focus();
    const walked = [];
    for (let times = 0; times < 3; times += 1) {
      await page.keyboard.press('n');
      await frames(page);
      walked.push(/(\d+) of \d+ hits/.exec(await page.locator('#count').textContent())?.[1]);
      assert.match(await detail(page).innerText(), /Error/);
    }
    await page.keyboard.press('p');
    await frames(page);
    assert.deepEqual([...walked, /(\d+) of/.exec((await page.locator('#count').textContent()).split(',')[1])[1]], ['1', '2', '3', '2']);
    assert.equal(await page.locator('.hit.chosen').count(), 1);
  });

  test('what the box leaves out is no hit', async (t) => {
    const { page } = await reports.show(t, 'node-lost');
    await page.fill('#find', 'status:Running');
    await page.check('#flagged');
    await frames(page);
    assert.equal(await page.locator('#count').textContent(), '0 of 10 pods');
    await page.uncheck('#flagged');
    await frames(page);
    assert.match(await page.locator('#count').textContent(), /hits$/);
    await page.locator('.row.pod').first().focus();
    await page.keyboard.press('p');
    await frames(page);
    const [, at, all] = /(\d+) of (\d+) hits/.exec(await page.locator('#count').textContent());
    assert.equal(at, all, 'the first step back goes to the last');
  });

  test('a pattern that is none is told, and finds nothing', async (t) => {
    const { page, ...opened } = await reports.show(t, 'crashloop');
    await page.fill('#find', '/(/');
    await frames(page);
    assert.match(await page.locator('#nothing').innerText(), /no pattern/);
    await assertQuiet(opened);
  });

  test('pods at other times are one line', async (t) => {
    const { page } = await reports.show(t, 'kubelet-eviction', HIGH);
    await page.click('#expand');
    await page.click('#expand');
    const bin = page.locator('#crowd .bin').first();
    await bin.click();
    await frames(page);
    const line = page.locator('.row.line', { hasText: 'outside this window' });
    assert.match(await line.first().innerText(), /^\d+ pods? outside this window$/);
    await line.first().click();
    await frames(page);
    assert.equal(await page.locator('.row.line', { hasText: 'outside this window' }).count(), 0);
  });

  test('times in the zone of the reader', async (t) => {
    const { page, ...opened } = await reports.show(t, 'crashloop', { timezoneId: 'Asia/Kolkata' });
    const corner = () => page.locator('.corner').textContent();
    assert.match(await corner(), /UTC$/);
    const utc = await page.locator('#story time').first().textContent();
    await page.click('#zone');
    await frames(page);
    assert.match(await corner(), /local, UTC\+05:30$/);
    assert.equal(utc, '15:09:47');
    assert.equal(await page.locator('#story time').first().textContent(), '20:39:47');
    const ticks = await page.locator('#ticks .tick').allTextContents();
    assert.ok(ticks.filter(Boolean).every((text) => /^(20|21):/.test(text)), ticks.join());
    await assertQuiet(opened);
  });

  test('what is under the mouse is told at once, and under the keys too', async (t) => {
    const { page } = await reports.show(t, 'crashloop');
    const row = rowNamed(await rowsOf(page), 'crash');
    const bar = row.bars.find(({ width }) => width > 60);
    const tip = page.locator('#tip');
    await element(page, row).locator(`.bar[data-from="${bar.from}"]`).first().hover({ position: { x: 30, y: 8 } });
    assert.match(await tip.innerText(), /exit 1|Error|CrashLoopBackOff/);
    assert.match(await tip.innerText(), /2026-11-20T15:.* to 2026-11-20T15:.*, \d+/);
    assert.match(await tip.innerText(), /by kubelet/);
    await page.mouse.move(5, 5);
    assert.ok(await tip.isHidden());
    const ready = rowNamed(await rowsOf(page), 'crash', 'Ready');
    await element(page, ready).locator('.bar').nth(8).hover();
    const told = 'Ready: False (ContainersNotReady)\n2026-11-20T15:10:37Z to 2026-11-20T15:11:30Z, 53s\nby kubelet (managedFields)';
    assert.equal(await tip.innerText(), told);
    await page.mouse.move(5, 5);
    await element(page, ready).focus();
    for (let presses = 0; presses < 9; presses += 1) await page.keyboard.press('.');
    assert.equal(await tip.innerText(), told, 'the keys tell the same');
    await element(page, row).focus();
    await page.keyboard.press('.');
    await page.keyboard.press('.');
    assert.match(await tip.innerText(), /2026-11-20T15:09:4/);
    await page.keyboard.press('Enter');
    await frames(page);
    assert.match(await detail(page).innerText(), /cap-02-crashloop\/crash/);
  });
});

describe('labels', TOGETHER, () => {
  const reports = useReports();

  for (const name of ['crashloop', 'node-lost']) {
    for (const [width, height] of [[1280, 800], [390, 844]]) {
      test(`of times and numbers do not hang over an edge: ${name}, ${width} pixels`, async (t) => {
        const { page } = await reports.show(t, name, { viewport: { width, height } });
        await frames(page);
        const cut = await page.evaluate(() => {
          const { left, right } = document.querySelector('#axis .track').getBoundingClientRect(), range = document.createRange();
          const box = (it) => { range.selectNodeContents(it); return (it.matches('.tick') ? range : it).getBoundingClientRect(); };
          const all = [...document.querySelectorAll('#ticks .tick, #numbers .guide-number')].filter((it) => it.textContent);
          return all.filter((it) => [left, right].some((edge) => box(it).left < edge - 1 && box(it).right > edge + 1)).map((it) => it.textContent);
        });
        assert.deepEqual(cut, []);
      });
    }
  }

  for (const [width, height] of [[1280, 800], [390, 844]]) {
    test(`what they mean stands above the picture: ${width} pixels`, async (t) => {
      const { page } = await reports.show(t, 'crashloop', { viewport: { width, height } });
      const told = await page.locator('#legend > span').evaluateAll((all) => all.filter((it) => it.getClientRects().length).map((it) => it.innerText.trim()));
      assert.deepEqual(told, ['● ready', '◌ starting', '◐ not ready any more', '✕ failing', '◍ ending', '✓ completed', '? unknown', 'not recorded', '▲• Events', '⊘ refused', '◆ node', '! breaks a rule']);
    });
  }

  for (const name of ['crashloop', 'node-lost', 'kubelet-eviction', 'edge-objects']) {
    for (const [width, height] of [[1280, 800], [390, 844]]) {
      test(`never end in the middle of a letter: ${name}, ${width} pixels`, async (t) => {
        const { page } = await reports.show(t, name, { viewport: { width, height: 3_000 } });
        await page.click('#expand');
        await frames(page);
        const cut = await page.evaluate(() => {
          const range = document.createRange();
          const over = (it, box) => { range.selectNodeContents(it); const text = range.getBoundingClientRect(); return text.right - box.right; };
          const all = [...document.querySelectorAll('.bar .label, .gap span, .end, .head .name')].filter((it) => it.textContent && it.getBoundingClientRect().width);
          return all.filter((it) => over(it, it.closest('.bar, .gap, .head, .end').getBoundingClientRect()) > 1 && getComputedStyle(it).textOverflow !== 'ellipsis').map((it) => it.textContent);
        });
        assert.deepEqual(cut, []);
      });
    }
  }

  test('a name that is too long loses its middle', async (t) => {
    const { page } = await reports.show(t, 'node-lost', { viewport: { width: 390, height: 844 } });
    const names = await page.evaluate(() => [...document.querySelectorAll('.row.pod .name')].map((it) => [it.textContent, it.dataset.whole]));
    const elided = names.filter(([text, whole]) => text !== whole);
    assert.ok(elided.length > 0);
    for (const [text, whole] of elided) assert.ok(text.includes('…') && whole.endsWith(text.split('…')[1]) && text.split('…')[1].length > 2, `${text} of ${whole}`);
  });
});
