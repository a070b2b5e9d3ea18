// How the page's files get into Chromium: hinted, downloaded once, and not at all the second time.
import type { Page } from '@playwright/test';

import { expect, test } from '../fixtures/test.ts';

interface Load {
  readonly protocol: string;
  readonly hinted: boolean;
  /** How often each file came over the wire, by path; the stream aside. */
  readonly downloads: Record<string, number>;
}

test('the page comes over HTTP/2, hinted by a 103, and each file is downloaded once', async ({ page, primes }) => {
  await primes.open();
  // Chromium complains of a preload that nobody used some seconds after the page has loaded, and the
  // test ends with a look at the console: so many primes take longer than that.
  await primes.showsAtLeast(7);

  const { protocol, hinted, downloads } = await load(page);
  expect(protocol).toBe('h2');
  expect(hinted).toBe(true);
  const kinds = Object.keys(downloads).map((path) => path.split('.').at(-1));
  expect(kinds).toEqual(expect.arrayContaining(['css', 'js', 'wasm']));
  expect(Object.values(downloads).every((times) => times === 1), JSON.stringify(downloads)).toBe(true);
});

test('a second visit is neither hinted nor downloads a file again', async ({ page, primes }) => {
  await primes.open();
  await primes.showsAtLeast(2);
  await page.goto('about:blank');
  await primes.open();
  await primes.showsAtLeast(2);

  const { hinted, downloads } = await load(page);
  expect(hinted).toBe(false);
  expect(downloads).toEqual({});
});

async function load(page: Page): Promise<Load> {
  return page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const downloads: Record<string, number> = {};
    for (const entry of performance.getEntriesByType('resource') as PerformanceResourceTiming[]) {
      const { pathname } = new URL(entry.name);
      if (entry.transferSize === 0 || !pathname.includes('.')) continue;
      downloads[pathname] = (downloads[pathname] ?? 0) + 1;
    }
    return {
      protocol: navigation?.nextHopProtocol ?? '',
      hinted: Number((navigation as unknown as Record<string, unknown>)['firstInterimResponseStart']) > 0,
      downloads,
    };
  });
}
