// Two people, each with a browser of their own.
import { open, settled, visit } from './browser.mjs';

/** Opens a page signed in as a user of the test, "ana" or "bo", through the form. */
export async function as(name, path, options = {}) {
  const opened = await open({ ...options, signedIn: false });
  const { page } = opened;
  await visit(page, '/data/lists');
  await page.getByLabel('Access key ID', { exact: true }).fill(process.env[`${name.toUpperCase()}_ACCESS_KEY_ID`]);
  await page.getByLabel('Secret access key', { exact: true }).fill(process.env[`${name.toUpperCase()}_SECRET_ACCESS_KEY`]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation').first().waitFor();
  if (path !== undefined) {
    await visit(page, path);
    await settled(page);
  }
  return opened;
}

/** Opens a list by its address and waits for its rows. */
export async function openList(page, address) {
  await visit(page, `/data/lists?open=${encodeURIComponent(address)}`);
  await page.getByTestId('confirm').click();
  await page.waitForURL(/\/data\/lists\/\d+/);
  await page.getByRole('grid', { name: `Rows of ${address}` }).waitFor();
  return /lists\/(\d+)/.exec(page.url())[1];
}

/** The row that a path stands in. */
export const cell = (page, path) => page.getByRole('gridcell', { name: new RegExp(`, ${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}, index`) });

/** Waits until a screen reader would say this of the row of a path: an edit shows at once, its mark when it is answered. */
export async function says(page, path, pattern) {
  const text = cell(page, path).locator('.mr-said');
  await text.filter({ hasText: pattern }).waitFor({ state: 'attached' });
}

/** Every thumbnail in view has come, or is told to be missing. */
export async function thumbnails(page) {
  await page.waitForFunction(() => document.querySelectorAll('.mr-thumb').length > 0 && document.querySelectorAll('.mr-thumb-waiting').length === 0);
}

/** Nothing that was typed is still on its way: the draft says what it should. */
export async function draftSays(page, text) {
  await page.getByTestId('draft').getByText(text).waitFor();
}
