// What a user does on the pages, one flow a test, against real jobs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { endpoint, open, settled, shot, start, stop, visit } from './browser.mjs';

before(start);
after(stop);

/** Opens signed in, runs, and finds no fault. */
function flow(name, run, options = {}) {
  test(name, async () => {
    const { page, faults, close } = await open(options);
    try {
      await run(page);
      assert.deepEqual(faults, []);
      assert.equal(await page.evaluate(() => window.hacked), undefined, 'markup was run');
    } catch (error) {
      await shot(page, `broken-${name.replace(/\W+/g, '-').slice(0, 60)}`);
      throw error;
    } finally {
      await close();
    }
  });
}

const field = (page, label) => page.getByLabel(label, { exact: true }).first();

async function fill(page, label, text) {
  await field(page, label).fill(text);
}

/** Types into a field with suggestions and takes what was typed. */
async function suggest(page, label, text) {
  await field(page, label).fill(text);
  await field(page, label).press('Escape');
}

async function choose(page, label, option) {
  await page.getByLabel(label).first().click();
  await page.getByRole('option', { name: option }).first().click();
}

flow('the printed link signs in once, and its token leaves the address', async (page) => {
  await page.goto(process.env.MILLRACE_LINK);
  await settled(page);
  assert.equal(new URL(page.url()).hash, '');
  assert.match(await page.title(), /Millrace/);
  await page.getByRole('heading', { name: 'Welcome to Millrace' }).waitFor();
  await page.context().clearCookies();
  await page.goto('about:blank');
  await page.goto(process.env.MILLRACE_LINK);
  await page.getByText('Signing in failed').waitFor();
}, { signedIn: false });

flow('a wrong key is refused in words, the right one signs in, and signing out ends it', async (page) => {
  await visit(page, '/training/jobs');
  await fill(page, 'Access key ID', 'AKIAWRONG');
  await fill(page, 'Secret access key', 'wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Signing in failed').waitFor();
  await fill(page, 'Access key ID', process.env.AWS_ACCESS_KEY_ID);
  await fill(page, 'Secret access key', process.env.AWS_SECRET_ACCESS_KEY);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'learned-a-line' }).waitFor();
  const [cookie] = (await page.context().cookies()).filter((one) => one.name === 'millrace-session');
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, 'Strict']);
  await page.getByRole('button', { name: 'operator' }).first().click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
}, { signedIn: false });

flow('a session that ends leaves the page behind a form and goes on after it', async (page) => {
  await visit(page, '/training/jobs');
  await page.getByRole('link', { name: 'learned-a-line' }).waitFor();
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'learned-a-line' }).click();
  await page.getByText('The session has ended. Sign in again to go on.').waitFor();
  await fill(page, 'Access key ID', process.env.AWS_ACCESS_KEY_ID);
  await fill(page, 'Secret access key', process.env.AWS_SECRET_ACCESS_KEY);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'learned-a-line' }).waitFor();
  await page.getByText('Model artifact').waitFor();
});

flow('the table filters, sorts and keeps both over a reload; a failure is in its row', async (page) => {
  await visit(page, '/training/jobs');
  await page.getByText('ValueError: fraction must be in (0, 1]').waitFor();
  const filter = page.getByLabel('Filter jobs by name, status, algorithm, tag or day');
  await filter.fill('learned');
  await filter.press('Enter');
  await page.getByText('1 job', { exact: true }).first().waitFor();
  assert.equal(new URL(page.url()).searchParams.get('name'), 'learned');
  await page.reload();
  await page.getByText('1 job', { exact: true }).first().waitFor();
  await visit(page, '/training/jobs?tag=Project%3DLines');
  await page.getByText('1 job', { exact: true }).first().waitFor();
  await visit(page, '/training/jobs?sort=Name&order=ascending');
  await page.getByRole('link', { name: 'failed-on-purpose' }).waitFor();
  const names = await page.locator('tbody th a').allInnerTexts();
  assert.deepEqual(names, [...names].sort());
  await page.getByRole('button', { name: /^Created/ }).click();
  await page.waitForFunction(() => new URL(location.href).searchParams.get('sort') === 'CreationTime');
  await page.getByRole('columnheader', { name: 'Created' }).and(page.locator('[aria-sort=ascending]')).waitFor();
  const today = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  await visit(page, `/training/jobs?before=${today}`);
  await page.getByRole('link', { name: 'learned-a-line' }).waitFor(); // a day that jobs are created up to has all of that day
  await visit(page, `/training/jobs?after=${today}&before=2001-01-01`);
  await page.getByText('No job matches the filter').waitFor();
});

flow('several jobs are stopped at once, and one that refuses keeps none of the others', async (page) => {
  await visit(page, '/training/jobs');
  const box = (name) => page.getByRole('checkbox', { name: `Select ${name}` });
  await box('still-running').check({ force: true });
  // By now it has ended, though the table has not heard of it.
  await page.route('**/mr/aws/sagemaker/', (route) =>
    route.request().postData()?.includes('still-running') && route.request().headers()['x-amz-target']?.endsWith('StopTrainingJob')
      ? route.fulfill({ status: 400, contentType: 'application/x-amz-json-1.1', body: JSON.stringify({ __type: 'ValidationException', message: 'The job has ended.' }) })
      : route.fallback(),
  );
  await page.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: 'Stop' }).click();
  await page.getByTestId('confirm').click();
  await page.getByText('still-running was not stopped').waitFor();
  await page.getByText('The job has ended.').waitFor();
});

flow('the form takes the procedure step by step and makes the job', async (page) => {
  await visit(page, '/training/jobs');
  await page.getByRole('link', { name: 'Create training job' }).first().click();
  await settled(page);

  await fill(page, 'Job name', 'made_in the browser');
  await page.getByText('Some printed guides also list').waitFor();
  await page.getByRole('button', { name: 'Use made-in-the-browser' }).click();
  await page.getByRole('button', { name: 'Built-in algorithm' }).click();
  await page.getByRole('option', { name: /^linear-learner/ }).click();
  await choose(page, 'predictor_type', 'regressor');
  await page.getByRole('button', { name: /further hyperparameters/ }).click();
  await page.getByLabel(/^mini_batch_size/).first().fill('none');
  await page.getByText(/expected .*whole number/i).first().waitFor();
  await page.getByLabel(/^mini_batch_size/).first().fill('50');
  await page.getByRole('button', { name: 'Next' }).click();

  await page.getByLabel('Maximum runtime (seconds)').waitFor();
  await page.getByRole('button', { name: 'Next' }).click();

  await page.getByRole('button', { name: 'Add channel', exact: true }).click();
  assert.equal(await field(page, 'Channel name').inputValue(), 'train');
  await suggest(page, 'S3 location', 's3://console-data/train/');
  await page.getByText('1 object,').waitFor();
  await page.getByLabel(/^Content type/).first().fill('text/csv');
  await page.getByLabel(/^Content type/).first().press('Escape');
  await page.getByRole('button', { name: 'Done with channel train' }).click();
  await page.getByText('s3://console-data/train/ · text/csv').waitFor();
  await page.getByRole('button', { name: 'Next' }).click();

  await suggest(page, 'S3 output path', 's3://console-data/out');
  await page.getByText('s3://console-data/out/made-in-the-browser/output/model.tar.gz').waitFor();
  await page.reload();
  await settled(page);
  assert.equal(await field(page, 'S3 output path').inputValue(), 's3://console-data/out', 'the draft did not survive a reload');
  await page.getByRole('button', { name: 'Next' }).click();

  await page.getByRole('button', { name: 'Add new tag' }).click();
  await page.getByPlaceholder('Enter key').fill('Project');
  await page.getByPlaceholder('Enter key').press('Escape');
  await page.getByPlaceholder('Enter value').fill('Home value forecasts');
  await page.getByPlaceholder('Enter value').press('Escape');
  await page.getByRole('button', { name: 'Next' }).click();

  await page.getByText('The service has no objection.').waitFor();
  await page.getByRole('tab', { name: 'Command line (aws)' }).click();
  await page.getByText('aws sagemaker create-training-job').waitFor();
  await page.getByRole('tab', { name: 'Python (boto3)' }).click();
  await page.getByText('sagemaker.create_training_job(').waitFor();
  await page.getByRole('button', { name: 'Create training job' }).click();
  await page.getByRole('heading', { level: 1, name: 'made-in-the-browser' }).waitFor();
  await page.getByText('Starting the training job').or(page.getByText('Downloading input data')).or(page.getByText('Training job completed')).first().waitFor();
});

flow('what the service would refuse is said at its field before anything is made', async (page) => {
  await visit(page, '/training/jobs/create?clone=learned-a-line');
  assert.equal(await field(page, 'Job name').inputValue(), 'learned-a-line-2');
  await fill(page, 'Job name', 'learned-a-line');
  await page.getByRole('button', { name: 'Skip to Review' }).click();
  await page.getByText('Training job names must be unique').first().waitFor();
  await visit(page, '/training/jobs/create?clone=learned-a-line&step=input');
  await page.getByRole('button', { name: /^train/ }).first().click();
  await suggest(page, 'S3 location', 's3://console-data/nothing-here/');
  await page.getByText('No S3 objects found under S3 URL').first().waitFor();
});

flow('a draft for an algorithm survives a reload, and one that another took the place of comes back', async (page) => {
  await visit(page, '/training/jobs/create?algorithm=kmeans');
  await fill(page, 'Job name', 'half-done');
  await page.waitForFunction(() => !location.search.includes('algorithm'));
  await page.reload();
  await settled(page);
  assert.equal(await field(page, 'Job name').inputValue(), 'half-done');
  await visit(page, '/training/jobs/create?clone=learned-a-line');
  await page.getByText('The draft half-done that was here is kept.').waitFor();
  assert.equal(await field(page, 'Job name').inputValue(), 'learned-a-line-2');
  await page.getByRole('button', { name: 'Back to it' }).click();
  await page.waitForFunction(() => [...document.querySelectorAll('input')].some((one) => one.value === 'half-done'));
});

flow('a request that could not be checked is not said to be without objection', async (page) => {
  await page.route('**/mr/training-jobs/check', (route) => route.fulfill({ status: 429, contentType: 'application/json', body: '{"__type":"TooManyRequests","message":"busy"}' }));
  await visit(page, '/training/jobs/create?clone=learned-a-line&step=review');
  await page.getByText('The request could not be checked').waitFor();
  assert.equal(await page.getByText('The service has no objection.').count(), 0);
  await page.unroute('**/mr/training-jobs/check');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('The service has no objection.').waitFor();
});

flow('tags are changed, and found by the filter', async (page) => {
  await visit(page, '/training/jobs/failed-on-purpose?tab=details');
  const edit = async (work) => {
    await page.getByRole('button', { name: 'Edit tags' }).click();
    await work(page.getByRole('dialog'));
    await page.getByTestId('confirm').click();
    await page.getByText('The tags of failed-on-purpose are saved').first().waitFor();
  };
  await edit(async (dialog) => {
    await dialog.getByRole('button', { name: 'Add new tag' }).click();
    await dialog.getByPlaceholder('Enter key').last().fill('Team');
    await dialog.getByPlaceholder('Enter key').last().press('Escape');
    await dialog.getByPlaceholder('Enter value').last().fill('Mills and Races');
    await dialog.getByPlaceholder('Enter value').last().press('Escape');
  });
  await page.getByRole('table', { name: 'Tags' }).getByText('Mills and Races').waitFor();
  await visit(page, '/training/jobs?tag=Team%3DMills%20and%20Races');
  await page.getByText('1 job', { exact: true }).first().waitFor();
  await visit(page, '/training/jobs/failed-on-purpose?tab=details');
  // The service lists tags by key: capital letters come first.
  await edit((dialog) => dialog.getByRole('button', { name: 'Remove' }).first().click());
  await page.getByRole('table', { name: 'Tags' }).getByText('Mills and Races').waitFor({ state: 'detached' });
});

flow('a channel named model takes an earlier job’s artifact from a list', async (page) => {
  await visit(page, '/training/jobs/create?clone=learned-a-line&step=input');
  await page.getByRole('button', { name: 'Add channel', exact: true }).click();
  await suggest(page, 'Channel name', 'model').catch(() => undefined);
  const names = page.getByLabel('Channel name', { exact: true });
  const last = names.nth((await names.count()) - 1);
  await last.fill('model');
  await last.press('Escape');
  await page.getByLabel(/Model of an earlier job/).click();
  await page.getByRole('option', { name: /learned-a-line/ }).first().click();
  const places = page.getByLabel('S3 location', { exact: true });
  const place = places.nth((await places.count()) - 1);
  await page.waitForFunction(() => [...document.querySelectorAll('input')].some((one) => one.value.endsWith('/learned-a-line/output/model.tar.gz')));
  assert.match(await place.inputValue(), /learned-a-line\/output\/model\.tar\.gz$/);
});

flow('a running job shows its metrics and its log as they grow, and stops', async (page) => {
  await visit(page, '/training/jobs/still-running');
  const chart = page.locator('.mr-chart').first();
  await chart.locator('canvas').waitFor();
  const points = async () => Number(await chart.getAttribute('data-points'));
  await page.waitForFunction(() => Number(document.querySelector('.mr-chart')?.dataset.points) > 100);
  const before = await points();
  await page.waitForFunction((known) => Number(document.querySelector('.mr-chart')?.dataset.points) > known, before);

  const box = await chart.locator('.u-over').boundingBox();
  await page.mouse.move(box.x + box.width * 0.3, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Show all' }).first().waitFor();
  await page.getByRole('button', { name: 'Show all' }).first().click();
  const frame = page.getByRole('group', { name: 'loss' }).first();
  assert.match(await page.locator(`[id="${(await frame.getAttribute('aria-describedby')).split(' ')[0]}"]`).innerText(), /train:loss: last [\d.]+, from [\d.]+ to [\d.]+/);
  await frame.press('+');
  await page.getByRole('button', { name: 'Show all' }).first().waitFor();
  await frame.press('ArrowLeft');
  await frame.press('0');
  await page.getByRole('button', { name: 'Show all' }).first().waitFor({ state: 'detached' });
  await page.getByText('As a table').first().click();
  await page.getByRole('table', { name: 'loss' }).first().waitFor();
  await page.getByText('As a table').first().click();

  await page.getByRole('tab', { name: 'Logs' }).click();
  const log = page.getByRole('log');
  await log.getByText(/step \d+ loss/).first().waitFor();
  await page.getByText('Follow').click();
  await log.evaluate((element) => element.scrollTo(0, 0));
  await log.getByText('<script>window.hacked=1</script><b>not bold</b>').waitFor();
  const ready = log.getByText('ready', { exact: true });
  assert.equal(await ready.evaluate((element) => getComputedStyle(element.closest('span[style]') ?? element).fontWeight), '700');
  await page.getByLabel('Search the log').fill('step 123 ');
  await page.getByLabel('Search the log').press('Enter');
  await log.locator('mark', { hasText: 'step 123 ' }).first().waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
  assert.match(download.suggestedFilename(), /^still-running.*\.log$/);

  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByTestId('confirm').click();
  await page.getByRole('tab', { name: 'Overview' }).click();
  await page.getByText('Stopped', { exact: true }).first().waitFor({ timeout: 60_000 });
});

flow('a failure comes first: in words, in full, with the last lines', async (page) => {
  await visit(page, '/training/jobs/failed-on-purpose');
  const failure = page.getByTestId('failure');
  await failure.getByText('The program ended with an error.').waitFor();
  await failure.getByText('ValueError: fraction must be in (0, 1], exit code: 3').waitFor();
  await failure.getByText('Exit code 3').waitFor();
  await failure.getByText('about to fail').waitFor();
});

flow('a job’s request is copied as JSON, command and Python', async (page) => {
  await visit(page, '/training/jobs/learned-a-line');
  const copied = async (name) => {
    await page.getByRole('button', { name: 'Copy as' }).click();
    await page.getByRole('menuitem', { name }).click();
    await page.getByText('Copied to the clipboard').first().waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const request = JSON.parse(await copied('JSON request'));
  assert.equal(request.TrainingJobName, 'learned-a-line');
  assert.deepEqual(request.Tags, [{ Key: 'Project', Value: 'Lines' }]);
  const command = await copied('Command line (aws)');
  assert.match(command, /^aws sagemaker create-training-job/);
  assert.ok(command.includes(`--endpoint-url ${endpoint} `), command);
  assert.match(await copied('Python (boto3)'), /sagemaker\.create_training_job\(/);
  for (const [path, wanted] of [
    ['/training/jobs/compare?a=learned-a-line&b=failed-on-purpose', /describe_training_job[^]*describe_training_job/],
    ['/data/s3/console-data?prefix=pictures/', /s3\.list_objects_v2\([^]*Prefix="pictures\/"/],
  ]) {
    await visit(page, path);
    await page.getByRole('button', { name: 'Copy as' }).waitFor();
    assert.match(await copied('Python (boto3)'), wanted);
  }
});

flow('copying works on a page that was reached by plain http from another machine', async (page) => {
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined, configurable: true }));
  await visit(page, '/training/jobs/learned-a-line');
  await page.getByRole('button', { name: 'Copy as' }).click();
  await page.getByRole('menuitem', { name: 'Command line (aws)' }).click();
  await page.getByText('Copied to the clipboard').first().waitFor();
  await page.getByRole('tab', { name: 'Logs' }).click();
  await page.getByLabel('Search the log').focus();
  await page.keyboard.press('Control+V');
  assert.match(await page.getByLabel('Search the log').inputValue(), /^aws sagemaker create-training-job/);
});

flow('a model is made of a job, deployed, asked, and deleted', async (page) => {
  await visit(page, '/training/jobs/learned-a-line');
  await page.getByRole('link', { name: 'Create model' }).click();
  await settled(page);
  assert.match(await field(page, 'Model data').inputValue(), /learned-a-line\/output\/model\.tar\.gz$/);
  await page.getByRole('button', { name: 'Create model' }).click();
  await page.getByRole('heading', { level: 1, name: 'learned-a-line' }).waitFor();
  await page.getByRole('link', { name: 'Create endpoint' }).click();
  await settled(page);
  assert.equal(await field(page, 'Endpoint name').inputValue(), 'learned-a-line');
  await page.getByRole('button', { name: 'Create endpoint' }).click();
  await page.getByText('InService').first().waitFor({ timeout: 120_000 });
  await page.getByLabel('Request body (CSV, JSON)').fill('0.25,0.25');
  await page.getByRole('button', { name: 'Invoke' }).click();
  const answer = page.getByTestId('answer');
  await answer.getByRole('cell', { name: /^1\.\d+/ }).or(answer.getByText(/1\.\d+/)).first().waitFor();
  await page.getByText('p99').waitFor();
  await shot(page, 'endpoint-answered');
  await page.getByLabel('Request body (CSV, JSON)').fill('not,numbers');
  await page.getByRole('button', { name: 'Invoke' }).click();
  await page.getByText('ModelError').first().waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByTestId('confirm').click();
  await page.getByText('learned-a-line is deleted').waitFor();
});

flow('files are uploaded, looked at and deleted by name; markup in names stays text', async (page) => {
  await visit(page, '/data/s3');
  await page.getByRole('button', { name: 'Create bucket' }).first().click();
  await fill(page, 'Bucket name', 'made-by-hand');
  await page.getByTestId('confirm').click();
  await page.getByRole('link', { name: 'made-by-hand' }).click();
  await page.getByText('Nothing here yet').waitFor();
  const big = Buffer.alloc(17 * 1024 * 1024 + 5, 7);
  await page.locator('input[type=file]').first().setInputFiles([
    { name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from('a,"b,c"\n1,2\n') },
    { name: 'big.bin', mimeType: 'application/octet-stream', buffer: big },
  ]);
  await page.getByRole('link', { name: 'rows.csv' }).waitFor();
  await page.getByRole('link', { name: 'big.bin' }).waitFor({ timeout: 60_000 });
  await page.getByText('Uploads: 2 of 2').waitFor();
  await page.getByText('17.8 MB').first().waitFor();
  const size = await page.evaluate(async () => (await fetch('/mr/aws/s3/made-by-hand/big.bin', { method: 'HEAD' })).headers.get('content-length'));
  assert.equal(Number(size), big.length);
  await page.getByRole('link', { name: 'rows.csv' }).click();
  await page.getByRole('cell', { name: 'b,c' }).waitFor();

  await visit(page, '/data/s3/console-data?prefix=pictures/');
  await page.getByRole('link', { name: 'two.rec' }).click();
  await page.getByRole('img', { name: 'Picture of record 1, label 7' }).waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('.mr-thumbnail img')].every((one) => one.naturalWidth === 24));
  await page.getByRole('link', { name: 'red.png' }).click();
  await page.waitForFunction(() => document.querySelector('.mr-preview')?.naturalWidth === 32);

  await visit(page, '/data/s3/console-data?prefix=odd/');
  await page.getByText('<img src=x onerror="window.hacked=1">.csv').waitFor();
  await page.getByRole('checkbox').nth(1).check({ force: true });
  await page.getByRole('button', { name: 'Delete' }).first().click();
  await page.getByText('s3://console-data/odd/<img src=x onerror="window.hacked=1">.csv').waitFor();
  await page.getByTestId('confirm').click();
  await page.getByText('Nothing here yet').waitFor();
});

flow('keys and search go everywhere, appearance and language are remembered', async (page) => {
  await visit(page, '/');
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Show these keys').waitFor();
  await page.keyboard.press('c');
  assert.match(page.url(), /\/console\/$/, 'a key went through the dialog');
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('j');
  await page.waitForURL(/\/console\/training\/jobs$/);
  await page.keyboard.press('/');
  await page.keyboard.type('learned-a');
  await page.getByRole('option', { name: /^learned-a-line/ }).first().click();
  await page.getByRole('heading', { level: 1, name: 'learned-a-line' }).waitFor();
  await visit(page, '/system/settings');
  await page.getByLabel('Dark').check({ force: true });
  await page.getByLabel('Compact').check({ force: true });
  await page.reload();
  await settled(page);
  assert.equal(await page.evaluate(() => document.body.className.includes('awsui-dark-mode') && document.body.className.includes('compact')), true);
});

flow('a job made elsewhere appears by itself', async (page) => {
  await visit(page, '/training/jobs');
  await page.getByRole('link', { name: 'learned-a-line' }).first().waitFor();
  const status = await page.evaluate(async () => {
    const session = await (await fetch('/mr/session')).json();
    const call = (operation, input) =>
      fetch('/mr/aws/sagemaker/', {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': `SageMaker.${operation}`, 'X-Millrace-CSRF': session.CsrfToken },
        body: JSON.stringify(input),
      });
    const job = await (await call('DescribeTrainingJob', { TrainingJobName: 'failed-on-purpose' })).json();
    const { TrainingImage, TrainingInputMode } = job.AlgorithmSpecification;
    const made = await call('CreateTrainingJob', {
      TrainingJobName: 'made-elsewhere', RoleArn: job.RoleArn, AlgorithmSpecification: { TrainingImage, TrainingInputMode },
      OutputDataConfig: { S3OutputPath: job.OutputDataConfig.S3OutputPath }, ResourceConfig: job.ResourceConfig, StoppingCondition: job.StoppingCondition,
    });
    return made.status;
  });
  assert.equal(status, 200);
  await page.getByRole('link', { name: 'made-elsewhere' }).waitFor({ timeout: 10_000 });
});

test('a write without the token against forgery is refused', async () => {
  const { page, close } = await open();
  await visit(page, '/');
  assert.equal(await page.evaluate(async () => (await fetch('/mr/aws/s3/forged', { method: 'PUT' })).status), 403);
  await close();
});

test(`nothing is asked of any host but ${endpoint}`, async () => {
  const { page, faults, close } = await open();
  await visit(page, '/');
  await page.evaluate(() => fetch('http://example.org/').catch(() => undefined));
  assert.ok(faults.length > 0, 'the guard that the other tests rely on saw nothing');
  await close();
});
