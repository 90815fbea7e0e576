// What two people do with image lists, each in a browser of their own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { settled, shot, start, stop, visit } from './browser.mjs';
import { as, cell, draftSays, openList, says, thumbnails } from './people.mjs';

before(start);
after(stop);

/** Runs with the browsers of some people, and finds no fault in any of them. */
function flow(name, people, run) {
  test(name, async () => {
    const opened = [];
    try {
      for (const person of people) opened.push(await as(person));
      await run(...opened.map((one) => one.page));
      for (const { page, faults } of opened) {
        assert.deepEqual(faults, []);
        assert.equal(await page.evaluate(() => window.hacked), undefined, 'markup was run');
      }
    } catch (error) {
      for (const [i, { page }] of opened.entries()) await shot(page, `broken-${name.replace(/\W+/g, '-').slice(0, 50)}-${i}`);
      throw error;
    } finally {
      for (const one of opened) await one.close();
    }
  });
}

const button = (page, name) => page.getByRole('button', { name, exact: true }).first();
const confirm = (page) => page.getByTestId('confirm').click();
const counts = (page) => page.getByTestId('counts').innerText();

flow('a list of the store opens as a grid of its pictures', ['ana'], async (page) => {
  await visit(page, '/data/s3/pets?object=train.lst');
  await button(page, 'Open as image list').click();
  const grid = page.getByRole('grid', { name: 'Rows of s3://pets/train.lst' });
  await grid.waitFor();
  assert.equal(await counts(page), '121 rows');
  await thumbnails(page);
  await cell(page, 'dog/0001.jpg').waitFor();
  await says(page, 'dog/0001.jpg', /^1 dog, /);
  assert.equal(await cell(page, 'fox/0005.jpg').getByText('no picture').count(), 1);
  const drawn = await cell(page, 'dog/0001.jpg').locator('.mr-thumb > div').evaluate((one) => getComputedStyle(one).backgroundImage);
  assert.match(drawn, /^url\("blob:/);
  assert.equal(await page.getByRole('img', { name: 'The picture cat/0000.jpg' }).evaluate((one) => one.decode().then(() => one.naturalWidth)), 64);
});

flow('keys move, choose, relabel, remove and undo', ['ana'], async (page) => {
  await openList(page, 's3://pets/train.lst');
  await cell(page, 'cat/0003.jpg').click();
  await page.keyboard.press('1');
  await draftSays(page, '~ 1 relabelled');
  await says(page, 'cat/0003.jpg', /^1 dog, .*relabelled$/);
  // The next picture is chosen: one key a picture.
  assert.equal(await cell(page, 'dog/0004.jpg').getAttribute('aria-selected'), 'true');
  await page.keyboard.press('2');
  await draftSays(page, '~ 2 relabelled');
  await page.keyboard.press('x');
  await draftSays(page, '− 1 removed');
  await page.waitForFunction(() => document.querySelector('[data-testid=counts]').textContent.startsWith('120 rows'));
  await page.keyboard.press('u');
  await page.keyboard.press('u');
  await page.keyboard.press('u');
  await page.getByTestId('draft').waitFor({ state: 'detached' });
  await says(page, 'cat/0003.jpg', /^0 cat, .*index 3$/);

  await cell(page, 'cat/0000.jpg').click();
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  assert.match(await counts(page), /3 chosen/);
  await cell(page, 'fox/0008.jpg').click({ modifiers: ['Control'] });
  assert.match(await counts(page), /4 chosen/);
  await cell(page, 'fox/0011.jpg').click();
  await cell(page, 'fox/0014.jpg').click({ modifiers: ['Shift'] });
  assert.match(await counts(page), /4 chosen/);
  await page.keyboard.press('Escape');
  assert.equal(await counts(page), '121 rows');

  // A name, typed ahead.
  await cell(page, 'cat/0006.jpg').click();
  await page.keyboard.type('fo');
  await page.getByTestId('relabel').getByText('→ 2 fox').waitFor();
  await page.keyboard.press('Enter');
  await draftSays(page, '~ 1 relabelled');
  await button(page, 'Discard').click();
  await confirm(page);
  await page.getByTestId('draft').waitFor({ state: 'detached' });
});

flow('the keyboard alone opens a list, relabels in a dialog, adds a row and throws the draft away', ['ana'], async (page) => {
  const to = async (locator) => {
    await locator.focus();
    await page.keyboard.press('Enter');
  };
  const inField = () => page.waitForFunction(() => document.activeElement?.tagName === 'INPUT' && document.activeElement.closest('[role=dialog]') !== null);
  await visit(page, '/data/lists?open=s3://pets/train.lst');
  await to(page.getByTestId('confirm'));
  await page.getByRole('grid', { name: 'Rows of s3://pets/train.lst' }).waitFor();
  await page.getByRole('grid').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await inField();
  await page.keyboard.type('cat');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter'); // takes the class that is offered
  await page.keyboard.press('Enter'); // and confirms
  await draftSays(page, '~ 1 relabelled');
  await says(page, 'fox/0002.jpg', /^0 cat, .*relabelled$/);
  // Back in the grid, where the next key counts.
  await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'grid');
  await page.keyboard.press('u');
  await page.getByTestId('draft').waitFor({ state: 'detached' });
  await to(button(page, 'Add row'));
  await inField();
  await page.keyboard.type('spare/added.jpg');
  await page.keyboard.press('Tab');
  await page.keyboard.type('2');
  await page.keyboard.press('Tab');
  await to(page.getByTestId('confirm'));
  await draftSays(page, '+ 1 added');
  await to(button(page, 'Discard'));
  await page.getByRole('dialog').waitFor();
  await to(page.getByTestId('confirm'));
  await page.getByTestId('draft').waitFor({ state: 'detached' });
});

flow('rows are filtered by class, path and query, ordered, and shown as a table', ['ana'], async (page) => {
  await openList(page, 's3://pets/train.lst');
  await page.getByLabel('Path', { exact: true }).fill('fox/');
  await page.waitForFunction(() => document.querySelector('[data-testid=counts]').textContent === '40 rows');
  await page.getByRole('button', { name: 'Clear filter' }).click();
  const query = page.getByRole('textbox', { name: 'Query' });
  await query.fill('index < 10 and not class = 1');
  await query.press('Enter');
  await page.waitForFunction(() => document.querySelector('[data-testid=counts]').textContent === '7 rows');
  await query.fill('colour = 1');
  await query.press('Enter');
  await page.getByText(/colour/).last().waitFor();
  await page.getByRole('button', { name: 'Clear filter' }).click();
  await page.getByRole('tab', { name: 'Classes' }).click();
  await page.getByRole('link', { name: 'Show the rows of class 2 fox' }).click();
  await page.waitForFunction(() => document.querySelector('[data-testid=counts]').textContent === '40 rows');
  await page.getByRole('radio', { name: 'Table' }).or(page.getByRole('button', { name: 'Table', exact: true })).first().click();
  await cell(page, 'fox/0002.jpg').waitFor();
  await button(page, 'Ascending; turn around').click();
  await cell(page, 'fox/0119.jpg').waitFor();
});

flow('problems name their line and lead to it', ['ana'], async (page) => {
  await openList(page, 's3://pets/train.lst');
  await page.getByRole('tab', { name: 'Problems' }).click();
  await page.getByRole('table', { name: 'Problems' }).getByText('cat/0000.jpg').first().waitFor();
  await page.getByRole('link', { name: 'Show line 121' }).click();
  const chosen = page.getByRole('region', { name: 'Row under the cursor' });
  await chosen.getByText('121', { exact: true }).waitFor();
});

flow('a row is added, and the draft saved as a copy', ['ana'], async (page) => {
  await openList(page, 's3://pets/train.lst');
  await button(page, 'Add row').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Path', { exact: true }).fill('spare/added.jpg');
  await dialog.getByLabel('Labels', { exact: true }).fill('2');
  await dialog.getByRole('heading').first().click();
  await confirm(page);
  await draftSays(page, '+ 1 added');
  await page.getByTestId('draft').getByRole('button', { name: 'More ways to save' }).click();
  await page.getByRole('menuitem', { name: 'Save as copy' }).click();
  await page.getByLabel('Address of the copy').fill('s3://pets/copy.lst');
  await page.getByLabel('Message').fill('with one more fox');
  await confirm(page);
  await page.getByRole('grid', { name: 'Rows of s3://pets/copy.lst' }).waitFor();
  assert.equal(await counts(page), '122 rows');
  await openList(page, 's3://pets/train.lst');
  await button(page, 'Discard').click();
  await confirm(page);
  await page.getByTestId('draft').waitFor({ state: 'detached' });
});

flow('ana proposes, bo looks, comments, approves and merges', ['ana', 'bo'], async (ana, bo) => {
  await openList(ana, 's3://pets/train.lst');
  await cell(ana, 'dog/0010.jpg').click();
  await cell(ana, 'dog/0013.jpg').click({ modifiers: ['Control'] });
  await ana.keyboard.press('0');
  await draftSays(ana, '~ 2 relabelled');
  await ana.getByTestId('draft').getByRole('button', { name: 'More ways to save' }).click();
  await ana.getByRole('menuitem', { name: 'Propose change' }).click();
  await ana.getByLabel('Title', { exact: true }).fill('dogs that were cats <b>bold</b>');
  await ana.getByLabel('Message').fill('both look like cats');
  await confirm(ana);
  await ana.getByRole('heading', { name: 'dogs that were cats <b>bold</b>' }).first().waitFor();
  const number = /proposals\/(\d+)/.exec(ana.url())[1];
  assert.equal(await button(ana, 'Approve').count(), 0, 'an author has no such button');
  await button(ana, 'Merge').click();
  await confirm(ana);
  await ana.getByText('not approved yet').waitFor();
  await ana.keyboard.press('Escape');

  await visit(bo, '/data/proposals');
  await bo.getByRole('link', { name: 'dogs that were cats' }).click();
  await thumbnails(bo);
  await bo.getByRole('table', { name: 'From class to class' }).waitFor();
  await bo.getByRole('gridcell', { name: /1 dog → 0 cat, dog\/0010.jpg/ }).click();
  await bo.getByLabel('Comment on dog/0010.jpg').fill('this one, yes <i>indeed</i>');
  await button(bo, 'Send comment').click();
  await bo.getByText('this one, yes <i>indeed</i>').waitFor();
  await button(bo, 'Approve').click();
  await bo.getByText('The proposal is approved').waitFor();
  await shot(bo, 'proposal-approved');

  await visit(ana, `/data/proposals/${number}`);
  await ana.getByText('this one, yes <i>indeed</i>').waitFor();
  await button(ana, 'Merge').click();
  await confirm(ana);
  await ana.getByText('The proposal is merged into').waitFor();
  await openList(ana, 's3://pets/train.lst');
  await says(ana, 'dog/0010.jpg', /^0 cat/);
  await ana.getByRole('tab', { name: 'History' }).click();
  await ana.getByText(/dogs that were cats <b>bold<\/b>/).waitFor();
});

flow('a proposal is rejected with a reason, another withdrawn', ['ana', 'bo'], async (ana, bo) => {
  for (const title of ['to be rejected', 'to be withdrawn']) {
    await openList(ana, 's3://pets/train.lst');
    await cell(ana, 'fox/0008.jpg').click();
    await ana.keyboard.press('1');
    await draftSays(ana, '~ 1 relabelled');
    await ana.getByTestId('draft').getByRole('button', { name: 'More ways to save' }).click();
    await ana.getByRole('menuitem', { name: 'Propose change' }).click();
    await ana.getByLabel('Title', { exact: true }).fill(title);
    await confirm(ana);
    await ana.getByRole('heading', { name: title }).first().waitFor();
  }
  await button(ana, 'Withdraw').click();
  await confirm(ana);
  await ana.getByText('Withdrawn').first().waitFor();
  await visit(bo, '/data/proposals');
  await bo.getByRole('link', { name: 'to be rejected' }).click();
  await button(bo, 'Reject').click();
  await bo.getByLabel('Reason').fill('it is a fox');
  await confirm(bo);
  await bo.getByText('Rejected').first().waitFor();
  await bo.getByText('it is a fox').waitFor();
});

flow('two save the same list: rows that both changed are put to choice, one by one', ['ana', 'bo'], async (ana, bo) => {
  const change = async (page, labels) => {
    for (const [path, label] of Object.entries(labels)) {
      await cell(page, path).click();
      await page.keyboard.press(label);
    }
  };
  await openList(ana, 's3://pets/clean.lst');
  await change(ana, { 'fox/0002.jpg': '1', 'cat/0003.jpg': '1' });
  await draftSays(ana, '~ 2 relabelled');
  await openList(bo, 's3://pets/clean.lst');
  await change(bo, { 'fox/0002.jpg': '0', 'cat/0003.jpg': '2' });
  await draftSays(bo, '~ 2 relabelled');
  await button(bo, 'Save as new version').click();
  await bo.getByLabel('Message').fill('as bo sees it');
  await confirm(bo);
  await bo.getByText('Version 2 is saved').waitFor();

  await button(ana, 'Save as new version').click();
  await ana.getByLabel('Message').fill('as both see it');
  await confirm(ana);
  await ana.getByTestId('conflicts').getByText('2 rows were changed by both').waitFor();
  await shot(ana, 'conflicts');
  await ana.getByLabel('What holds for cat/0003.jpg').click();
  await ana.getByRole('option', { name: 'The list' }).click();
  // The choice is in the draft when writing is refused: the next attempt does not make it twice.
  await ana.route('**/save', (route) => route.fulfill({ status: 429, json: { __type: 'Throttled', message: 'not now' } }), { times: 1 });
  await confirm(ana);
  await ana.getByText('not now').waitFor();
  await confirm(ana);
  await ana.getByText('Version 3 is saved').waitFor();
  await visit(ana, ana.url().replace(/^.*\/console/, '').replace(/\?.*/, '') + '?tab=history');
  await ana.getByText('as both see it').waitFor();
});

flow('versions are compared with their pictures, and one is restored', ['ana'], async (page) => {
  await openList(page, 's3://pets/impact.lst');
  await page.getByRole('tab', { name: 'History' }).click();
  await page.getByRole('checkbox', { name: 'Select v2' }).check({ force: true });
  await page.getByRole('tabpanel').getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('table', { name: 'From class to class' }).getByText('2', { exact: true }).waitFor();
  await page.getByRole('gridcell', { name: /^relabelled: / }).first().waitFor();
  await thumbnails(page);
  assert.equal(await page.getByRole('gridcell').count(), 2);
  await page.goBack();
  await page.getByRole('tab', { name: 'History' }).click();
  await page.getByRole('link', { name: 'v1', exact: true }).click();
  await page.getByText('Version 1, as it was').waitFor();
  assert.equal(await button(page, 'Relabel').count(), 0);
  await button(page, 'Restore').click();
  await confirm(page);
  await page.getByText('Version 3 is saved').waitFor();
});

flow('a draft is compared with what it changes, from either side, and with nothing else', ['ana'], async (page) => {
  const id = await openList(page, 's3://pets/copy.lst');
  await cell(page, 'cat/0003.jpg').click();
  await page.keyboard.press('1');
  await draftSays(page, '~ 1 relabelled');
  await button(page, 'See changes').click();
  await page.getByRole('gridcell', { name: /^relabelled: 0 cat → 1 dog/ }).waitFor();
  await button(page, 'Swap sides').click();
  await page.getByRole('gridcell', { name: /^relabelled: 1 dog → 0 cat/ }).waitFor();
  const sides = () => Object.fromEntries(new URL(page.url()).searchParams);
  assert.deepEqual(sides(), { a: `${id}@draft`, b: `${id}@1` });
  // An address that says otherwise is put right rather than shown as if it were so.
  await visit(page, `/data/lists/diff?a=${id}@draft&b=${id}@draft`);
  await page.waitForURL(/b=\d+@draft|b=\d+%40draft/);
  await page.getByRole('gridcell', { name: /^relabelled: 0 cat → 1 dog/ }).waitFor();
  assert.deepEqual(sides(), { a: `${id}@1`, b: `${id}@draft` });
  await visit(page, `/data/lists/${id}`);
  await button(page, 'Discard').click();
  await confirm(page);
  await page.getByTestId('draft').waitFor({ state: 'detached' });
});

flow('pictures that are refused are asked for a few times only, and the reason is said', ['ana'], async (page) => {
  let asked = 0;
  await page.route('**/mr/atlas?**', (route) => {
    ++asked;
    return route.fulfill({ status: 403, json: { __type: 'AccessDenied', message: 'these are not yours' } });
  });
  await openList(page, 's3://pets/many.lst');
  await page.getByText('Some pictures could not be loaded').waitFor();
  await page.getByText('these are not yours').waitFor();
  await page.getByRole('grid').focus();
  for (let i = 0; i < 5; ++i) {
    await page.keyboard.press('PageDown');
    await page.waitForTimeout(200);
  }
  assert.ok(asked <= 5, `${asked} requests`);
  await page.unroute('**/mr/atlas?**');
  await button(page, 'Try again').click();
  await thumbnails(page);
  assert.equal(await page.getByText('Some pictures could not be loaded').count(), 0);
});

flow('training with a list begins with it in its channel', ['ana'], async (page) => {
  await openList(page, 's3://pets/train.lst');
  await button(page, 'Train with this list').click();
  await page.getByRole('menuitem', { name: /train_lst/ }).click();
  await confirm(page);
  await page.waitForURL(/training\/jobs\/create/);
  await settled(page);
  await page.getByText('train_lst').first().waitFor();
  const draft = await page.evaluate(() => JSON.parse(localStorage.getItem(Object.keys(localStorage).find((key) => key.startsWith('millrace.draft.training-job.now.')))).request);
  const places = Object.fromEntries(draft.InputDataConfig.map((one) => [one.ChannelName, one.DataSource.S3DataSource.S3Uri]));
  assert.deepEqual(places, { train: 's3://pets/', train_lst: 's3://pets/train.lst' });
  assert.match(draft.AlgorithmSpecification.TrainingImage, /image-classification/);
});

flow('hundreds of thousands of rows scroll to their end', ['ana'], async (page) => {
  await openList(page, 's3://pets/many.lst');
  assert.equal(await counts(page), '200,000 rows');
  const grid = page.getByRole('grid');
  await grid.focus();
  await page.keyboard.press('Control+End');
  await page.getByRole('gridcell', { name: /index 199999$/ }).waitFor();
  await page.keyboard.press('Control+Home');
  await page.getByRole('gridcell', { name: /index 0$/ }).waitFor();
  assert.ok((await page.getByRole('gridcell').count()) < 400, 'only what is near the screen is drawn');
});
