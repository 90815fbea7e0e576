// Every page in light at 1440 and in dark at 390 pixels (MILLRACE_CONSOLE_SWEEP=all: in all four): no serious fault of
// accessibility, nothing wider than the window, no script error, no request to another host.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, fits, open, settled, shot, start, stop, swept, visit } from './browser.mjs';

before(start);
after(stop);

const pages = {
  home: '/',
  jobs: '/training/jobs',
  'jobs-filtered-away': '/training/jobs?name=no-such-job',
  'job-completed': '/training/jobs/learned-a-line',
  'job-details': '/training/jobs/learned-a-line?tab=details',
  'job-failed': '/training/jobs/failed-on-purpose',
  'job-running': '/training/jobs/still-running',
  'job-logs': '/training/jobs/still-running?tab=logs',
  'job-instances': '/training/jobs/learned-a-line?tab=instances',
  'job-unknown': '/training/jobs/never-made',
  compare: '/training/jobs/compare?a=learned-a-line&b=failed-on-purpose',
  'create-empty': '/training/jobs/create',
  'create-algorithm': '/training/jobs/create?algorithm=linear-learner',
  'create-resources': '/training/jobs/create?step=resources',
  'create-input': '/training/jobs/create?clone=learned-a-line&step=input',
  'create-output': '/training/jobs/create?step=output',
  'create-tags': '/training/jobs/create?step=tags',
  'create-review': '/training/jobs/create?clone=learned-a-line&step=review',
  algorithms: '/training/algorithms',
  models: '/inference/models',
  'create-model': '/inference/models/create?job=learned-a-line',
  endpoints: '/inference/endpoints',
  'create-endpoint': '/inference/endpoints/create',
  buckets: '/data/s3',
  bucket: '/data/s3/console-data',
  'bucket-empty': '/data/s3/console-empty',
  'bucket-missing': '/data/s3/no-such-bucket',
  'object-picture': '/data/s3/console-data?prefix=pictures/&object=pictures/red.png',
  'object-records': '/data/s3/console-data?prefix=pictures/&object=pictures/two.rec',
  'object-rows': '/data/s3/console-data?prefix=train/&object=train/part-0.csv',
  'file-systems': '/data/filesystems',
  settings: '/system/settings',
  licences: '/licenses',
  'not-found': '/no/such/page',
};

for (const theme of ['light', 'dark']) {
  for (const width of ['wide', 'narrow']) {
    if (!swept(theme, width)) continue;
    test(`${theme}, ${width}`, async (context) => {
      const { page, faults, close } = await open({ theme, width });
      for (const [name, path] of Object.entries(pages)) {
        await context.test(name, async () => {
          faults.length = 0;
          await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('millrace.draft.')).forEach((key) => localStorage.removeItem(key))).catch(() => undefined);
          await visit(page, path);
          await page.waitForFunction(() => [...document.querySelectorAll('.mr-chart')].every((one) => Number(one.dataset.points) > 0));
          await page.waitForFunction(() => !document.querySelector('.mr-log')?.textContent.includes('…'));
          await fits(page, name);
          await accessible(page, name);
          await shot(page, `${name}-${theme}-${width}`);
          assert.deepEqual(faults, []);
        });
      }
      await close();
    });
  }
}

test('the sign-in page', async (context) => {
  for (const theme of ['light', 'dark']) {
    for (const width of ['wide', 'narrow']) {
      await context.test(`${theme}, ${width}`, async () => {
        const { page, faults, close } = await open({ theme, width, signedIn: false });
        await visit(page, '/training/jobs');
        await fits(page, 'sign-in');
        await accessible(page, 'sign-in');
        await shot(page, `sign-in-${theme}-${width}`);
        assert.deepEqual(faults, []);
        await close();
      });
    }
  }
});

for (const [language, word] of Object.entries({ en: 'Training jobs', de: 'Trainingsjobs', 'zh-CN': '训练作业', ja: 'トレーニングジョブ' })) {
  test(`in ${language} the jobs page is called ${word} and fits a narrow window`, async () => {
    const { page, faults, close } = await open({ language, width: 'narrow' });
    await visit(page, '/training/jobs');
    assert.match(await page.locator('h1').first().innerText(), new RegExp(`^${word}`));
    assert.equal(await page.evaluate(() => document.documentElement.lang), language);
    await fits(page, language);
    await shot(page, `jobs-${language}`);
    await page.goto(page.url().replace('/training/jobs', '/training/jobs/create'));
    await settled(page);
    await fits(page, `${language}, form`);
    await shot(page, `create-${language}`);
    assert.deepEqual(faults, []);
    await close();
  });
}
