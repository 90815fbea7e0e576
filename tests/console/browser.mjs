// Debian's Chromium on the daemon's console: signed in, alone with the daemon, and watched for what a page must not do.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../console/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const endpoint = process.env.MILLRACE_ENDPOINT;
const screenshots = process.env.MILLRACE_SCREENSHOTS ?? '';

export const widths = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

/** Whether a sweep over all pages takes this look: each theme and each width once; with MILLRACE_CONSOLE_SWEEP=all all four. */
export function swept(theme, width) {
  return process.env.MILLRACE_CONSOLE_SWEEP === 'all' || (theme === 'light') === (width === 'wide');
}

let browser;
export async function start() {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

export async function stop() {
  await browser?.close();
}

let cookies;

/**
 * Opens a page of its own; `faults` collects requests to other hosts, script errors and refusals of the content policy.
 * Not guarded, for measuring: the look at every request takes longer than many of them.
 */
export async function open({ theme = 'light', width = 'wide', language = 'en', signedIn = true, guarded = true } = {}) {
  const context = await browser.newContext({
    locale: 'en-US',
    colorScheme: theme,
    reducedMotion: 'reduce', // what fades in would be looked at half transparent
    viewport: widths[width],
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const faults = [];
  if (guarded) {
    await context.route('**/*', (route) => {
      const url = new URL(route.request().url());
      if (url.origin === endpoint || url.protocol === 'blob:' || url.protocol === 'data:') return route.continue();
      faults.push(`asked ${url.origin}`);
      return route.abort();
    });
  }
  await context.addInitScript((chosen) => {
    // Pages without an origin, as about:blank, have no storage.
    if (location.origin !== 'null') localStorage.setItem('millrace.language', chosen);
  }, language);
  if (signedIn) await context.addCookies(cookies ?? (cookies = await sessionCookies()));
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' || /status of 4\d\d/.test(message.text())) return;
    // A session has so many event streams and no more; a page that gets none asks by itself.
    if (message.location().url.includes('/mr/events')) return;
    faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  return { page, context, faults, close: () => context.close() };
}

async function sessionCookies() {
  const context = await browser.newContext();
  const answer = await context.request.post(`${endpoint}/mr/session`, {
    data: { AccessKeyId: process.env.AWS_ACCESS_KEY_ID, SecretAccessKey: process.env.AWS_SECRET_ACCESS_KEY },
    headers: { Origin: endpoint },
  });
  assert.equal(answer.status(), 200, await answer.text());
  const found = await context.cookies();
  await context.close();
  return found;
}

export async function visit(page, path) {
  await page.goto(`${endpoint}/console${path}`);
  await settled(page);
}

/** Nothing is loading any more: no spinner, no skeleton. */
export async function settled(page) {
  await page.waitForSelector('h1');
  await page.waitForFunction(() => document.querySelector('[class*="awsui_spinner"], [class*="awsui_root_"][class*="skeleton"]') === null, undefined, { timeout: 30_000 });
}

/** axe's rules of WCAG 2.2 AA; serious and critical faults fail. */
export async function accessible(page, what) {
  // Evaluated, not added as a script element, which the content policy rightly refuses.
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
  const grave = result.violations
    .filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .map((one) => `${one.id}: ${one.help}\n  ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 200)} ${node.failureSummary?.replace(/\s+/g, ' ').slice(0, 200)}`).join('\n  ')}`);
  assert.deepEqual(grave, [], `${what}: ${grave.join('\n')}`);
}

/** The page is no wider than its window. */
export async function fits(page, what) {
  const [content, view] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= view, `${what} is ${content} pixels wide in a window of ${view}`);
}

export async function shot(page, name) {
  if (screenshots === '') return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}
