// `roomcast load` asks for the same files as Chromium does, page by page: each page is one rule.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

import { expect, test as base, type Page } from '@playwright/test';

import { PAGES } from '../fixtures/load-pages/index.ts';
import { Site } from '../fixtures/load-pages/site.ts';
import { BINARY } from '../fixtures/server.ts';

/** How long nothing must happen on a page until it is loaded. */
const QUIET_MS = 300;

/** Requests that Chromium reports and does not make end with one of these. */
const NOT_MADE = ['csp', 'mixed-content', 'net::ERR_BLOCKED_BY_CLIENT'];

const ALL = Object.values(PAGES).flat();

const test = base.extend<object, { site: Site }>({
  site: [
    async ({}, use) => {
      const site = await Site.start(ALL);
      await use(site);
      await site.stop();
    },
    { scope: 'worker' },
  ],
  // The window of `roomcast load`, and a user who set nothing.
  viewport: { width: 1280, height: 720 },
  contextOptions: { reducedMotion: 'no-preference' },
  trace: 'off',
});

/** The addresses that Chromium asks for until it is quiet. */
async function askedByChromium(page: Page, address: string): Promise<Set<string>> {
  const asked = new Set<string>();
  const open = new Set<unknown>();
  let last = performance.now();
  const moved = (): void => {
    last = performance.now();
  };
  page.on('request', (request) => {
    asked.add(request.url());
    open.add(request);
    moved();
  });
  page.on('requestfinished', (request) => {
    open.delete(request);
    moved();
  });
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    if (NOT_MADE.includes(why)) asked.delete(request.url());
    open.delete(request);
    moved();
  });
  await page.goto(address, { waitUntil: 'load' });
  await expect.poll(() => performance.now() - last > QUIET_MS, { intervals: [50] }).toBe(true);
  return asked;
}

/** The addresses that `roomcast load` asks for, the icon aside: Playwright hides Chromium's request for it. */
async function askedByUs(address: string): Promise<Set<string>> {
  const { stdout } = await promisify(execFile)(BINARY, ['load', '--json', address], { maxBuffer: 1e8 });
  const { files } = JSON.parse(stdout) as { files: { url: string; is_icon: boolean }[] };
  return new Set(files.filter((file) => !file.is_icon).map((file) => file.url));
}

test.beforeAll(() => {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there. Build it by 'make server'.`);
});

for (const [kind, pages] of Object.entries(PAGES)) {
  test.describe(kind, () => {
    for (const page of pages) {
      test(page.rule, async ({ page: tab, site }) => {
        const address = site.address(page);
        const [chromium, ours] = await Promise.all([askedByChromium(tab, address), askedByUs(address)]);
        const short = (asked: Set<string>): string[] => [...asked].map((url) => site.short(page, url)).sort();
        expect(short(ours)).toEqual(short(chromium));
      });
    }
  });
}
