// Streams that the server refuses say why.
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { Server } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';

/** A number from which a server searches for primes, with as many searches as an address may have. */
const LARGE = '100000000000000000000000000000';

// Chromium reports each try that fails.
test.use({ allowedInConsole: [/status of (429|503|400)|ERR_/] });

test('one search for large primes too many says so, and goes on when there is a place', async ({
  page,
  primes,
  browser,
}) => {
  const server = await Server.start({ plain: true, args: ['--max-searches-per-address', '1'] });
  const other = await browser.newContext();
  try {
    const first = await other.newPage();
    await first.goto(server.url);
    const start = async (page: Page) => {
      await page.getByLabel('Start at').fill(LARGE);
      await page.getByRole('button', { name: 'Restart' }).click();
    };
    await start(first);
    await expect(first.locator('.newest-number')).toHaveText(/^10{26}/);

    await primes.open(server.url);
    await start(page);
    const why = page.getByRole('region', { name: 'Newest prime' }).getByRole('alert');
    await expect(why).toHaveText(/\S+ \S+/);
    await expect(primes.state).toHaveText('Reconnecting');
    await page.screenshot({ path: join(import.meta.dirname, '../test-results/primes-refused.png') });

    await other.close();
    await expect(primes.state).toHaveText('Live', { timeout: 40_000 });
    await expect(why).toHaveCount(0);
    await expect(primes.newest).toHaveText(/^10{26}/);
    await page.goto('about:blank');
  } finally {
    await server.dispose();
  }
});

test('what the server does not take is told in its words, and not asked for again', async ({ page, primes }) => {
  let tries = 0;
  await page.route('**/prime?*', (route) => {
    tries += 1;
    return route.fulfill({
      status: 400,
      contentType: 'application/problem+json',
      json: { status: 400, detail: 'Too far: start anew.' },
    });
  });
  await page.clock.install();
  await primes.open();
  await expect(primes.state).toHaveText('Refused');
  const why = page.getByRole('alert').filter({ hasText: 'Too far: start anew.' });
  await expect(why).toBeVisible();
  const before = tries;
  await page.clock.fastForward(60_000);
  await expect(primes.state).toHaveText('Refused');
  expect(tries).toBe(before);

  await page.unroute('**/prime?*');
  await primes.press('Try again');
  await expect(primes.state).toHaveText('Live');
  await expect(why).toHaveCount(0);
});

test('a list of rooms that is refused says why, and comes when it may', async ({ page }) => {
  await page.route('**/api/rooms/events', (route) =>
    route.fulfill({
      status: 503,
      headers: { 'retry-after': '1' },
      contentType: 'application/problem+json',
      json: { status: 503, detail: 'The server has too many readers.' },
    }),
  );
  await page.goto('/rooms');
  const why = page.getByRole('alert').filter({ hasText: 'The server has too many readers.' });
  await expect(why).toBeVisible();
  await expect(page.getByRole('status')).toHaveText('Reconnecting');
  await page.screenshot({ path: join(import.meta.dirname, '../test-results/rooms-refused.png') });
  await page.unroute('**/api/rooms/events');
  await expect(page.getByRole('status')).toHaveText('Live');
  await expect(why).toHaveCount(0);
});
