// What a user waits for, seen from inside the browser: one JSON line per figure, for bench/console_browser.py.
import { endpoint, open, start, stop } from '../../tests/console/browser.mjs';

const rounds = Number(process.env.ROUNDS ?? 7);
const job = process.env.BENCH_JOB;
const list = process.env.BENCH_LIST;

const sorted = (values) => [...values].sort((a, b) => a - b);
const at = (values, share) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))];
const median = (values) => at(values, 0.5);
const tell = (what, figures) => console.log(JSON.stringify({ what, ...figures }));

/** Notes when what `ready` looks for is first on the screen: the frame after the one that finds it. */
function watching(ready) {
  return `(() => {
    const ready = ${ready};
    const look = () => {
      if (document.body && ready()) requestAnimationFrame(() => { window.painted = performance.now(); });
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })()`;
}

const painted = (page) => page.waitForFunction(() => window.painted).then((value) => value.jsonValue());
const hasChart = () => Number(document.querySelector('.mr-chart')?.dataset.points) > 0;
const hasLines = () => /\] epoch \d/.test(document.querySelector('.mr-log')?.textContent ?? '');

/** Scrolls an element a little every frame and tells how long frames took. */
async function scrolled(page, selector, step, seconds = 4) {
  return page.evaluate(
    async ([chosen, pixels, time]) => {
      const element = document.querySelector(chosen);
      const next = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const frames = [];
      let last = await next();
      for (const end = last + time * 1000; last < end; ) {
        element.scrollTop += pixels;
        const now = await next();
        frames.push(now - last);
        last = now;
      }
      return frames;
    },
    [selector, step, seconds],
  );
}

const framesOf = (frames) => ({ median: median(frames), p95: at(frames, 0.95), worst: at(frames, 1), slow: frames.filter((frame) => frame > 50).length, frames: frames.length });

async function firstLoad() {
  const [first, whole, scripts] = [[], [], []];
  for (let round = 0; round < rounds; ++round) {
    // A context of its own has an empty cache.
    const { page, close } = await open({ guarded: false });
    await page.addInitScript(watching(`() => document.querySelector('h1') && !document.querySelector('[class*="awsui_spinner"]')`));
    await page.goto(`${endpoint}/console/`);
    whole.push(await painted(page));
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
    const seen = await page.evaluate(() => ({
      first: performance.getEntriesByName('first-contentful-paint')[0].startTime,
      script: performance.getEntriesByType('resource').filter((one) => one.name.endsWith('.js')).reduce((sum, one) => sum + one.encodedBodySize, 0),
    }));
    first.push(seen.first);
    scripts.push(seen.script);
    await close();
  }
  tell('first', { first: median(first), whole: median(whole), worst: at(whole, 1), bytes: median(scripts) });
}

async function chart() {
  const [address, click, request] = [[], [], []];
  const { page, close } = await open({ guarded: false });
  await page.goto(`${endpoint}/console/training/jobs/${job}`);
  await page.waitForFunction(hasChart); // the first look builds the daemon's pyramid
  for (let round = 0; round < rounds; ++round) {
    const other = await page.context().newPage();
    await other.addInitScript(watching(hasChart));
    await other.goto(`${endpoint}/console/training/jobs/${job}`);
    address.push(await painted(other));
    request.push(await other.evaluate(() => window.painted - Math.min(...performance.getEntriesByType('resource').filter((one) => one.name.includes('/tile')).map((one) => one.startTime))));
    await other.close();
  }
  for (let round = 0; round < rounds; ++round) {
    await page.goto(`${endpoint}/console/training/jobs?name=${job}`);
    const link = page.getByRole('link', { name: job, exact: true });
    await link.waitFor();
    await page.waitForTimeout(500);
    await page.evaluate(`window.painted = undefined; document.addEventListener('click', () => { window.clicked = performance.now(); ${watching(hasChart)} }, { capture: true, once: true })`);
    await link.click();
    await painted(page);
    click.push(await page.evaluate(() => window.painted - window.clicked));
  }
  tell('chart', { address: median(address), click: median(click), request: median(request), worst: at(click, 1) });
  const marks = await page.evaluate(() => performance.getEntriesByType('resource').filter((one) => one.startTime > window.clicked).map((one) => `${one.name.replace(location.origin, '')} ${Math.round(one.startTime - window.clicked)}+${Math.round(one.duration)}`));
  if (process.env.VERBOSE) console.error(marks.join('\n'));
  await close();
}

async function log() {
  const { page, close } = await open({ guarded: false });
  const shown = [];
  const jumped = [];
  for (let round = 0; round < rounds; ++round) {
    const other = await page.context().newPage();
    await other.addInitScript(watching(hasLines));
    await other.goto(`${endpoint}/console/training/jobs/${job}?tab=logs`);
    shown.push(await painted(other));
    jumped.push(
      await other.evaluate(async (share) => {
        const view = document.querySelector('.mr-log');
        const begin = performance.now();
        view.scrollTop = (view.scrollHeight - view.clientHeight) * share;
        const next = () => new Promise((resolve) => requestAnimationFrame(resolve));
        do await next();
        while (view.textContent.includes('…'));
        await next();
        return performance.now() - begin;
      }, (round + 1) / (rounds + 2)),
    );
    await other.close();
  }
  await page.goto(`${endpoint}/console/training/jobs/${job}?tab=logs`);
  await page.waitForFunction(hasLines);
  const slow = await scrolled(page, '.mr-log', 40);
  const fast = await scrolled(page, '.mr-log', 4000);
  await page.evaluate(() => (document.querySelector('.mr-log').scrollTop = 0));
  const begin = await page.evaluate(() => performance.now());
  await page.getByLabel('Search the log').fill('stands in no line');
  await page.getByLabel('Search the log').press('Enter');
  await page.getByText('No match').waitFor();
  const searched = (await page.evaluate(() => performance.now())) - begin;
  tell('log', { shown: median(shown), jumped: median(jumped), searched });
  tell('log scrolled', framesOf(slow));
  tell('log flung', framesOf(fast));
  await close();
}

async function grid() {
  const { page, close } = await open({ guarded: false });
  await page.addInitScript(watching(`() => document.querySelector('.mr-grid .mr-cell')`));
  await page.goto(`${endpoint}/console/data/lists/${list}`);
  tell('list', { shown: await painted(page) });
  await page.waitForTimeout(500);
  tell('list scrolled', framesOf(await scrolled(page, '.mr-grid', 40)));
  tell('list flung', framesOf(await scrolled(page, '.mr-grid', 4000)));
  await close();
}

async function jobs() {
  const { page, close } = await open({ guarded: false });
  const shown = [];
  const sortedBy = [];
  for (let round = 0; round < rounds; ++round) {
    const other = await page.context().newPage();
    await other.addInitScript(watching(`() => document.querySelector('a[href*="/training/jobs/job-"]')`));
    await other.goto(`${endpoint}/console/training/jobs`);
    shown.push(await painted(other));
    await other.close();
  }
  await page.goto(`${endpoint}/console/training/jobs?sort=Name&order=asc`);
  await page.getByRole('link', { name: 'job-00000', exact: true }).waitFor();
  for (let round = 0; round < rounds; ++round) {
    const wanted = round % 2 === 0 ? 'job-09999' : 'job-00000';
    const begin = await page.evaluate(() => performance.now());
    await page.getByRole('button', { name: /^Name/ }).first().press('Enter');
    await page.waitForFunction((name) => document.querySelector('a[href*="/training/jobs/job-"]')?.textContent === name, wanted);
    sortedBy.push((await page.evaluate(() => performance.now())) - begin);
  }
  tell('jobs', { shown: median(shown), sorted: median(sortedBy) });
  await page.goto(`${endpoint}/console/training/jobs`);
  await page.getByRole('link', { name: 'job-00000', exact: true }).waitFor();
  await page.waitForTimeout(1500);
  tell('jobs scrolled', framesOf(await scrolled(page, '.mr-table', 40)));
  tell('jobs flung', framesOf(await scrolled(page, '.mr-table', 2000)));
  await page.evaluate(() => (document.querySelector('.mr-table').scrollTop = 0));
  await page.waitForTimeout(500);
  const live = await page.evaluate(async () => {
    const session = await (await fetch('/mr/session')).json();
    const call = async (operation, input) => {
      const answer = await fetch('/mr/aws/sagemaker/', {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': `SageMaker.${operation}`, 'X-Millrace-CSRF': session.CsrfToken },
        body: JSON.stringify(input),
      });
      return answer.json();
    };
    const first = await call('DescribeTrainingJob', { TrainingJobName: 'first' });
    const { TrainingImage, TrainingInputMode } = first.AlgorithmSpecification;
    const begin = performance.now();
    await call('CreateTrainingJob', {
      TrainingJobName: 'appears', RoleArn: first.RoleArn, AlgorithmSpecification: { TrainingImage, TrainingInputMode },
      OutputDataConfig: { S3OutputPath: first.OutputDataConfig.S3OutputPath }, ResourceConfig: first.ResourceConfig, StoppingCondition: first.StoppingCondition,
    });
    const next = () => new Promise((resolve) => requestAnimationFrame(resolve));
    while (!document.querySelector('a[href$="/training/jobs/appears"]')) await next();
    return performance.now() - begin;
  });
  tell('jobs live', { appeared: live });
  await close();
}

const all = { firstLoad, chart, log, grid, jobs };
await start();
try {
  for (const name of (process.env.ONLY ?? Object.keys(all).join(',')).split(',')) await all[name]();
} finally {
  await stop();
}
