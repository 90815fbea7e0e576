// Opens a list in the console, scrolls it and jumps about in it; a line of JSON for each thing that was measured.
import { open, start, stop, visit } from '../tests/console/browser.mjs';

const source = process.argv[2];
const turns = 300;
const jumps = 12;

/** CPU seconds that the page's processes have used so far: unlike the time between frames, hardly different on a busy machine. */
async function cpu(page) {
  const session = await page.context().browser().newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.reduce((sum, one) => sum + one.cpuTime, 0);
}

const say = (found) => console.log(JSON.stringify(found));
const waiting = () => document.querySelectorAll('.mr-thumb').length > 0 && document.querySelectorAll('.mr-thumb-waiting').length === 0;

/** Times between frames while the wheel turns, a notch a frame. */
async function wheel(page) {
  const box = await page.getByRole('grid').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.evaluate(() => {
    globalThis.frames_ = [];
    let last = performance.now();
    const next = (now) => {
      globalThis.frames_.push(now - last);
      last = now;
      globalThis.running_ = requestAnimationFrame(next);
    };
    globalThis.running_ = requestAnimationFrame(next);
  });
  const before = await cpu(page);
  for (let turn = 0; turn < turns; ++turn) await page.mouse.wheel(0, 120);
  const frames = await page.evaluate(() => {
    cancelAnimationFrame(globalThis.running_);
    return globalThis.frames_.slice(1);
  });
  return { frames, cpu: ((await cpu(page)) - before) / frames.length };
}

/** Milliseconds until what was jumped to is there: `ready` is a function of the page. */
async function jump(page, share, ready) {
  const began = await page.evaluate((to) => {
    const grid = document.querySelector('.mr-grid');
    grid.scrollTop = to * grid.scrollHeight;
    return performance.now();
  }, share);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await page.waitForFunction(ready, undefined, { polling: 'raf' });
  return (await page.evaluate(() => performance.now())) - began;
}

await start();
try {
  const { page } = await open();
  await visit(page, `/data/lists?open=${encodeURIComponent(source)}`);
  const began = Date.now();
  await page.getByTestId('confirm').click();
  await page.locator('.mr-grid').waitFor();
  const opened = Date.now() - began;
  await page.waitForFunction(waiting);
  say({ what: 'opened', times: [opened], demanded: '< 1 s' });
  say({ what: 'first thumbnails after opening', times: [Date.now() - began], demanded: '' });
  say({ what: 'pictures', ...(await wheel(page)) });
  const times = [];
  for (let i = 1; i <= jumps; ++i) times.push(await jump(page, ((i * 5) % jumps) / jumps, waiting));
  say({ what: 'every thumbnail after a jump', times, demanded: '< 300 ms for the first' });
  await page.getByRole('button', { name: 'Table', exact: true }).or(page.getByRole('radio', { name: 'Table' })).first().click();
  await page.locator('.mr-line').first().waitFor();
  say({ what: 'table', ...(await wheel(page)) });
  const rows = () => document.querySelectorAll('.mr-line').length > 0 && document.querySelectorAll('.mr-line-path').length === document.querySelectorAll('.mr-line').length;
  const lines = [];
  for (let i = 1; i <= jumps; ++i) lines.push(await jump(page, ((i * 5) % jumps) / jumps, rows));
  say({ what: 'every line after a jump', times: lines, demanded: '' });
  const heap = await page.evaluate(() => performance.memory?.usedJSHeapSize ?? 0);
  console.error(`heap ${Math.round(heap / 1e6)} MB`);
} finally {
  await stop();
}
