// Files on their way into the store, whatever page is shown; what is refused, and by keyboard alone.
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessible, open, settled, shot, start, stop, visit } from './browser.mjs';

before(start);
after(stop);

function flow(name, run) {
  test(name, async () => {
    const { page, faults, close } = await open();
    try {
      await run(page);
      assert.deepEqual(faults, []);
    } catch (error) {
      await shot(page, `broken-${name.replace(/\W+/g, '-').slice(0, 60)}`);
      throw error;
    } finally {
      await close();
    }
  });
}

const button = (page, name) => page.getByRole('button', { name, exact: true });
const file = (name, bytes, mimeType = 'application/octet-stream') => ({ name, mimeType, buffer: Buffer.alloc(bytes, 7) });
const choose = (page, files) => page.locator('input[type=file]').first().setInputFiles(files);

/** A bucket of the test's own, open. */
async function bucket(page, name) {
  await visit(page, '/data/s3');
  await button(page, 'Create bucket').first().click();
  await page.getByLabel('Bucket name').fill(name);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByText('Nothing here yet').waitFor();
}

/** Holds requests that store bytes back until the function that it gives is called. */
async function held(page) {
  let release;
  const gate = new Promise((resolve) => (release = resolve));
  await page.route('**/mr/aws/s3/**', async (route) => {
    if (route.request().method() === 'PUT') await gate;
    await route.continue();
  });
  return release;
}

/** Drops files as a desktop would; folders cannot be made so. */
async function drop(page, files) {
  const transfer = await page.evaluateHandle((given) => {
    const data = new DataTransfer();
    for (const { name, text, type } of given) data.items.add(new File([text], name, { type }));
    return data;
  }, files);
  for (const kind of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('#content', kind, { dataTransfer: transfer });
}

flow('files that are dropped anywhere on the page are stored, with their progress', async (page) => {
  await bucket(page, 'dropped');
  const transfer = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(['a,b\n1,2\n'], 'rows.csv', { type: 'text/csv' }));
    return data;
  });
  await page.dispatchEvent('#content', 'dragenter', { dataTransfer: transfer });
  await page.getByText('Drop here to store in s3://dropped/').waitFor();
  await page.dispatchEvent('#content', 'dragleave', { dataTransfer: transfer });
  await page.getByText('Drop here to store in s3://dropped/').waitFor({ state: 'detached' });
  await drop(page, [{ name: 'rows.csv', text: 'a,b\n1,2\n', type: 'text/csv' }, { name: 'two.txt', text: 'two', type: 'text/plain' }]);
  await page.getByText('Uploads: 2 of 2').waitFor();
  await page.getByRole('link', { name: 'rows.csv' }).click();
  await page.getByRole('cell', { name: 'b', exact: true }).waitFor();
  assert.match(page.url(), /object=rows\.csv/);
});

flow('a whole folder keeps its structure', async (page) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-upload-'));
  try {
    mkdirSync(join(folder, 'cats/small'), { recursive: true });
    writeFileSync(join(folder, 'cats/1.txt'), 'one');
    writeFileSync(join(folder, 'cats/small/2.txt'), 'two');
    await bucket(page, 'folders');
    await page.locator('input[webkitdirectory]').setInputFiles(join(folder, 'cats'));
    await page.getByText('Uploads: 2 of 2').waitFor();
    await page.getByRole('link', { name: 'cats/', exact: true }).click();
    await page.getByRole('link', { name: 'small/', exact: true }).click();
    await page.getByRole('link', { name: '2.txt' }).waitFor();
    // A row that was chosen in one folder is not deleted from another.
    await page.getByRole('checkbox').nth(1).check({ force: true });
    assert.equal(await button(page, 'Delete').isEnabled(), true);
    await page.getByRole('link', { name: 'cats', exact: true }).click();
    await page.getByRole('link', { name: 'small/', exact: true }).waitFor();
    assert.equal(await button(page, 'Delete').isEnabled(), false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

flow('uploads go on when the page is left, and say so on every page', async (page) => {
  await bucket(page, 'left-behind');
  const release = await held(page);
  await choose(page, [file('one.bin', 1000), file('two.bin', 2000)]);
  await page.getByTestId('uploads').getByText('s3://left-behind/one.bin').waitFor();
  await page.getByRole('link', { name: 'Models', exact: true }).click();
  await page.getByRole('progressbar').first().waitFor();
  await page.getByText('Uploads: 0 of 2').first().waitFor();
  await accessible(page, 'uploads elsewhere');
  await shot(page, 'uploads-elsewhere');

  // Closing the tab would lose them: the browser asks first.
  let asked = 0;
  page.on('dialog', (dialog) => {
    ++asked;
    void dialog.dismiss();
  });
  await page.mouse.click(700, 500); // a page that nobody has touched may not ask
  await page.close({ runBeforeUnload: true });
  await page.waitForTimeout(500);
  assert.equal(asked, 1);

  release();
  await page.getByText('2 files are stored').waitFor();
  await page.getByRole('link', { name: 'Show', exact: true }).click();
  await page.getByRole('link', { name: 'one.bin' }).waitFor();
  await page.unroute('**/mr/aws/s3/**');
});

flow('one that fails says why and is sent again; one that is not wanted is cancelled', async (page) => {
  await bucket(page, 'again');
  let refuse = true;
  await page.route('**/mr/aws/s3/again/bad.bin', (route) =>
    refuse && route.request().method() === 'PUT' ? route.fulfill({ status: 403, body: '<Error><Code>AccessDenied</Code><Message>no such right</Message></Error>' }) : route.continue(),
  );
  await choose(page, [file('bad.bin', 100)]);
  await page.getByTestId('uploads').getByText('no such right').waitFor();
  await accessible(page, 'uploads');
  await shot(page, 'uploads-failed');
  refuse = false;
  await button(page, 'Upload bad.bin again').click();
  await page.getByText('Uploads: 1 of 1').waitFor();
  await page.getByRole('link', { name: 'bad.bin' }).waitFor();

  const release = await held(page);
  await choose(page, [file('never.bin', 100)]);
  await button(page, 'Cancel the upload of never.bin').click();
  await page.getByTestId('uploads').getByText('Cancelled').waitFor();
  release();
  await button(page, 'Clear finished').click();
  await page.getByTestId('uploads').waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('link', { name: 'never.bin' }).count(), 0);
});

flow('a session that ends in the middle of an upload is signed in to again, and the upload goes on', async (page) => {
  await bucket(page, 'signed-out');
  await page.context().clearCookies();
  await choose(page, [file('late.bin', 17 * 1024 * 1024)]);
  await page.getByText('The session has ended. Sign in again to go on.').waitFor();
  await page.getByLabel('Access key ID', { exact: true }).fill(process.env.AWS_ACCESS_KEY_ID);
  await page.getByLabel('Secret access key', { exact: true }).fill(process.env.AWS_SECRET_ACCESS_KEY);
  await button(page, 'Sign in').click();
  await page.getByText('Uploads: 1 of 1').waitFor();
  const size = await page.evaluate(async () => (await fetch('/mr/aws/s3/signed-out/late.bin', { method: 'HEAD' })).headers.get('content-length'));
  assert.equal(Number(size), 17 * 1024 * 1024);
});

flow('a folder of thousands is deleted in few requests, keys full of markup and empty names among them', async (page) => {
  await bucket(page, 'many-objects');
  await page.evaluate(async () => {
    const { CsrfToken } = await (await fetch('/mr/session')).json();
    const names = [...Array.from({ length: 1200 }, (_, i) => `${i}.txt`), '<b>&"\'.txt', 'a b+c%20.txt', '/nameless.txt', 'bell\u0007.txt'];
    for (let from = 0; from < names.length; from += 100)
      await Promise.all(names.slice(from, from + 100).map((name) =>
        fetch(`/mr/aws/s3/many-objects/all/${name.split('/').map(encodeURIComponent).join('/')}`, { method: 'PUT', body: 'x', headers: { 'X-Millrace-CSRF': CsrfToken } })));
  });
  // A folder without a name is on the way, and leads to itself.
  await visit(page, `/data/s3/many-objects?prefix=${encodeURIComponent('all//')}`);
  await page.getByRole('link', { name: 'nameless.txt' }).waitFor();
  await page.getByRole('navigation', { name: 'Folder' }).getByRole('link', { name: 'all', exact: true }).click();
  await page.getByRole('link', { name: '0.txt', exact: true }).waitFor();
  await page.getByRole('navigation', { name: 'Folder' }).getByRole('link', { name: 'many-objects' }).click();
  await page.getByRole('link', { name: 'all/', exact: true }).waitFor();
  const asked = [];
  page.on('request', (request) => asked.push(request.method()));
  await page.getByRole('checkbox').nth(1).check({ force: true });
  await button(page, 'Delete').click();
  await page.getByTestId('confirm').click();
  await page.getByText('all/ is deleted').waitFor();
  await page.getByText('Nothing here yet').waitFor();
  assert.deepEqual([asked.filter((method) => method === 'POST').length, asked.filter((method) => method === 'DELETE').length], [2, 1]);
});

flow('the keyboard alone makes a bucket, opens, looks at and deletes', async (page) => {
  await visit(page, '/data/s3');
  const to = async (locator) => {
    await locator.focus();
    await page.keyboard.press('Enter');
  };
  /** What is typed goes into the field of the dialog by itself. */
  const inField = () => page.waitForFunction(() => document.activeElement?.closest('[role=dialog] input') !== null && document.activeElement?.tagName === 'INPUT');
  await to(button(page, 'Create bucket').first());
  await inField();
  await page.keyboard.type('by-keys');
  await page.keyboard.press('Enter');
  await to(page.getByRole('link', { name: 'by-keys' }));
  await to(button(page, 'Create folder'));
  await inField();
  await page.keyboard.type('inner');
  await page.keyboard.press('Enter');
  await to(page.getByRole('link', { name: 'inner/' }));
  await page.getByRole('heading', { level: 1, name: 'by-keys' }).waitFor();
  await choose(page, [{ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('read me') }]);
  await to(page.getByRole('link', { name: 'note.txt' }));
  await page.getByTestId('object').getByText('read me').waitFor();
  await to(page.getByTestId('object').getByRole('button', { name: 'Delete' }));
  await to(page.getByTestId('confirm'));
  await page.getByRole('link', { name: 'note.txt' }).waitFor({ state: 'detached' });
});

flow('an endpoint is tried by dropping a file, and is deleted with its own configuration', async (page) => {
  await visit(page, '/inference/models/create?job=learned-a-line');
  await page.getByLabel('Model name').fill('to-be-tried');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'to-be-tried' }).waitFor();
  await page.getByRole('link', { name: 'Create endpoint' }).click();
  await settled(page);
  await page.getByLabel('Endpoint name').focus();
  await page.keyboard.press('Enter');
  await page.getByText('InService').first().waitFor({ timeout: 120_000 });
  await drop(page, [{ name: 'ask.csv', text: '0.25,0.25', type: 'text/csv' }]);
  await page.getByText('ask.csv').first().waitFor();
  assert.equal(await page.getByLabel('Content type').first().inputValue(), 'text/csv');
  await page.getByLabel('Accept', { exact: true }).fill('application/json');
  await page.getByLabel('Accept', { exact: true }).press('Escape');
  await button(page, 'Invoke').click();
  const answer = page.getByTestId('answer');
  await answer.getByText(/1\.\d+/).first().waitFor();
  await page.getByText(/^[\d,.]+ ms$/).first().waitFor();
  await answer.getByRole('tab', { name: 'Command line (aws)' }).click();
  await answer.getByText("--accept 'application/json'").waitFor();
  await shot(page, 'endpoint-tried');
  await button(page, 'Delete').click();
  await page.getByRole('checkbox', { name: /Also delete its configuration to-be-tried-/ }).waitFor();
  assert.equal(await page.getByRole('checkbox', { name: /Also delete its configuration/ }).isChecked(), true);
  await page.getByTestId('confirm').click();
  await page.getByText('to-be-tried is deleted').waitFor();
  const left = await page.evaluate(async () => {
    const { CsrfToken } = await (await fetch('/mr/session')).json();
    const headers = { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'SageMaker.ListEndpointConfigs', 'X-Millrace-CSRF': CsrfToken };
    return (await (await fetch('/mr/aws/sagemaker/', { method: 'POST', headers, body: '{"NameContains":"to-be-tried"}' })).json()).EndpointConfigs;
  });
  assert.deepEqual(left, []);
});
