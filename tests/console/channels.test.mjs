// The table of a job's channels: what each has delivered, by jobs whose data is known.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, fits, open, shot, start, stop, visit } from './browser.mjs';

before(start);
after(stop);

const number = new Intl.NumberFormat('en');

/** The cells of the channel 'train' by the titles of their columns. */
async function cellsOf(page) {
  const table = page.getByRole('table', { name: 'Channels' });
  const titles = await table.getByRole('columnheader').allInnerTexts();
  const row = table.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'train' }) });
  const cells = await row.locator('th, td').all();
  return Object.fromEntries(titles.map((title, at) => [title.trim(), cells[at]]));
}

for (const [mode, expected] of Object.entries(JSON.parse(process.env.MILLRACE_JOBS))) {
  test(`a job in ${mode} mode shows its data's bytes and records`, async () => {
    const { page, faults, close } = await open();
    await visit(page, `/training/jobs/channels-${mode.toLowerCase()}`);
    await page.getByText('Delivered').waitFor();
    const cells = await cellsOf(page);
    assert.match(await cells['Input mode'].innerText(), new RegExp(`^${mode}\\s+text/csv`));
    assert.equal(await cells['Objects'].innerText(), '2');
    assert.equal(await cells['Delivered'].locator('[title]').getAttribute('title'), `${number.format(expected.bytes)} bytes`);
    const how = { File: 'in place before the start', Pipe: 'written into the pipe', FastFile: 'read by the program' }[mode];
    assert.match(await cells['Delivered'].innerText(), new RegExp(how));
    const records = await cells['Records'].innerText();
    assert.ok(records.startsWith(number.format(expected.records)), records);
    assert.match(records, new RegExp(`${expected.passes} passes of ${number.format(expected.rows)}`));
    assert.match(records, /records\/s/);
    assert.match(await cells['Throughput'].innerText(), /^mean .+\/s/);
    assert.match(await cells['Waits'].innerText(), /^program waited [\d.]+%/);
    assert.equal(/feed waited [\d.]+%/.test(await cells['Waits'].innerText()), mode === 'Pipe');
    await shot(page, `channels-${mode.toLowerCase()}`);
    assert.deepEqual(faults, []);
    await close();
  });
}

test('a job that runs shows what comes now and the mean, and that the feed waits for the program', async () => {
  const { page, faults, close } = await open();
  await visit(page, '/training/jobs/channels-running');
  await page.waitForFunction(() => /\d+(\.\d+)? (kB|byte|bytes)\/s\s+mean .+\/s/.test(document.body.innerText));
  const cells = await cellsOf(page);
  assert.match(await cells['Waits'].innerText(), /feed waited [1-9]/);
  assert.equal(await cells['Records'].innerText(), '–', 'a program that counts none');
  await shot(page, 'channels-running');
  assert.deepEqual(faults, []);
  await close();
});

for (const [theme, width] of [['light', 'wide'], ['dark', 'narrow']]) {
  test(`the table is accessible and fits, ${theme}, ${width}`, async () => {
    const { page, faults, close } = await open({ theme, width });
    await visit(page, '/training/jobs/channels-pipe');
    await page.getByText('Delivered').waitFor();
    await fits(page, 'channels');
    await accessible(page, 'channels');
    await shot(page, `channels-${theme}-${width}`);
    assert.deepEqual(faults, []);
    await close();
  });
}
