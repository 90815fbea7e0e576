// Every state of the lists' pages in light at 1440 and in dark at 390 pixels (MILLRACE_CONSOLE_SWEEP=all: in all four):
// no serious fault of accessibility, nothing wider than the window, no script error, no request to another host.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, fits, open, shot, start, stop, swept, visit } from './browser.mjs';
import { cell, draftSays, openList, thumbnails } from './people.mjs';

before(start);
after(stop);

for (const theme of ['light', 'dark']) {
  for (const width of ['wide', 'narrow']) {
    if (!swept(theme, width)) continue;
    test(`${theme}, ${width}`, async (context) => {
      const { page, faults, close } = await open({ theme, width });
      const look = (name, prepare) =>
        context.test(name, async () => {
          faults.length = 0;
          await prepare();
          await page.waitForTimeout(300);
          await shot(page, `lists-${name}-${theme}-${width}`);
          await fits(page, name);
          await accessible(page, name);
          assert.deepEqual(faults, []);
        });
      const list = await openList(page, 's3://pets/train.lst');
      const impact = await openList(page, 's3://pets/impact.lst');
      await look('lists', () => visit(page, '/data/lists'));
      await look('open', async () => {
        await visit(page, '/data/lists?open=s3://pets/train.lst');
        await page.getByRole('dialog').waitFor();
      });
      await look('missing', () => visit(page, '/data/lists/999999'));
      await look('grid', async () => {
        await visit(page, `/data/lists/${list}`);
        await thumbnails(page);
      });
      await look('file-system', async () => {
        await openList(page, 'fs-c0de3680:/small.lst');
        await thumbnails(page);
        assert.equal(await page.getByText('no picture').count(), 0);
      });
      await look('edited', async () => {
        await visit(page, `/data/lists/${list}`);
        await cell(page, 'cat/0000.jpg').first().click();
        await page.keyboard.press('1');
        await draftSays(page, '~ 2 relabelled'); // the picture is listed twice
        await page.keyboard.press('Shift+ArrowRight');
        await page.keyboard.type('fo');
        await page.getByTestId('relabel').waitFor();
        await thumbnails(page);
      });
      await look('table', async () => {
        await visit(page, `/data/lists/${list}?as=table`);
        await thumbnails(page);
      });
      await look('query-help', async () => {
        await visit(page, `/data/lists/${list}`);
        await page.getByText('Help', { exact: true }).last().click();
        await page.getByText('The language of queries').waitFor();
      });
      await look('save', async () => {
        await visit(page, `/data/lists/${list}`);
        await page.getByRole('button', { name: 'Save as new version' }).click();
        await page.getByRole('dialog').waitFor();
      });
      await look('draft-changes', async () => {
        await visit(page, `/data/lists/${list}`);
        await page.getByRole('button', { name: 'See changes' }).click();
        await page.getByRole('grid').waitFor();
        await thumbnails(page);
      });
      await look('discarded', async () => {
        await visit(page, `/data/lists/${list}`);
        await page.getByRole('button', { name: 'Discard' }).click();
        await page.getByTestId('confirm').click();
        await page.getByText('The draft is discarded').waitFor();
      });
      await look('classes', () => visit(page, `/data/lists/${list}?tab=classes`));
      await look('problems', () => visit(page, `/data/lists/${list}?tab=problems`));
      await look('history', () => visit(page, `/data/lists/${impact}?tab=history`));
      await look('old-version', () => visit(page, `/data/lists/${impact}?version=1`));
      await look('diff', async () => {
        await visit(page, `/data/lists/diff?a=${impact}@1&b=${impact}@2`);
        await page.getByRole('grid').waitFor();
        await thumbnails(page);
      });
      await look('diff-empty', () => visit(page, '/data/lists/diff'));
      await look('proposals', () => visit(page, '/data/proposals?state=all'));
      await look('proposal', async () => {
        await visit(page, '/data/proposals/1');
        await thumbnails(page);
      });
      await look('impact', () => visit(page, '/data/impact?a=before-change&b=after-change'));
      await look('impact-empty', () => visit(page, '/data/impact'));
      await close();
    });
  }
}
