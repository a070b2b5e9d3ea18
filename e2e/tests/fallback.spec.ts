// What people and programs get when something is not there.
import { join } from 'node:path';

import { request } from '@playwright/test';

import { expect, test } from '../fixtures/test.ts';

/** What is of no use without the client. */
const DEAD = 'button, input, select, textarea, progress, canvas, .state, main.room';

test.describe('without JavaScript', () => {
  // What was hinted is then not used, and Chromium says so.
  test.use({ javaScriptEnabled: false, allowedInConsole: [/preloaded using link preload/] });

  test('the page says what it needs and where the primes are all the same', async ({ page }) => {
    await page.goto('/');
    // Playwright leaves noscript out of what it takes for text, shown or not.
    await expect(page.locator('noscript')).toBeVisible();
    const words = await page.locator('noscript').innerHTML();
    expect(words).toContain('JavaScript');
    expect(words).toContain('href="/prime"');
  });

  for (const path of ['/', '/rooms', '/rooms/still']) {
    test(`nothing on ${path} looks as if it could be used or were on its way`, async ({ page }) => {
      await page.goto(path);
      await expect(page.locator('noscript')).toBeVisible();
      await expect(page.locator(DEAD).filter({ visible: true })).toHaveCount(0);
      await expect(page.getByText('Connecting').filter({ visible: true })).toHaveCount(0);
      const picture = `no-script${path.replaceAll('/', '-')}.png`;
      await page.screenshot({ path: join(import.meta.dirname, '../test-results', picture) });
    });
  }
});

test.describe('an unknown path', () => {
  // Chromium reports the 404 of a document as an error.
  test.use({ allowedInConsole: [/status of 404/] });

  test('is a page with a way home for people', async ({ page }) => {
    const response = await page.goto('/no-such-page');
    expect(response?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.getByRole('link').first().click();
    await expect(page).toHaveURL('/');
  });

  test('is problem+json for programs', async ({ server }) => {
    const client = await request.newContext({ ignoreHTTPSErrors: true, baseURL: server.url });
    const response = await client.get('/no-such-page', { headers: { accept: 'application/json' } });
    expect(response.status()).toBe(404);
    expect(response.headers()['content-type']).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status: 404 });
    await client.dispose();
  });
});
