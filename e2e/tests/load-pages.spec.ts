// `roomcast load` asks for the same files as Chromium does, page by page: each page is one rule.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

import { expect, test as base, type Page, type Request } from '@playwright/test';

import { PAGES } from '../fixtures/load-pages/index.ts';
import { Site } from '../fixtures/load-pages/site.ts';
import { BINARY } from '../fixtures/server.ts';

/** How long nothing must happen on a page until it is loaded. */
const QUIET_MS = 300;

/** The same while Chromium has not asked for all that `roomcast load` asked for: a busy machine is slow. */
const PATIENCE_MS = 3_000;

/** How many pages are one test: a context of the browser for each would take most of the time. */
const PAGES_IN_A_TEST = 12;

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

/** The addresses that Chromium asks for until it is quiet, and at least until it has asked for all of `expected`. */
async function askedByChromium(page: Page, address: string, expected: Promise<Set<string>>): Promise<Set<string>> {
  const asked = new Set<string>();
  const open = new Set<unknown>();
  let last = performance.now();
  const moved = (): void => {
    last = performance.now();
  };
  const listeners = {
    request: (request: Request) => {
      asked.add(request.url());
      open.add(request);
      moved();
    },
    requestfinished: (request: Request) => {
      open.delete(request);
      moved();
    },
    requestfailed: (request: Request) => {
      const why = request.failure()?.errorText ?? '';
      if (NOT_MADE.includes(why)) asked.delete(request.url());
      open.delete(request);
      moved();
    },
  };
  page.on('request', listeners.request);
  page.on('requestfinished', listeners.requestfinished);
  page.on('requestfailed', listeners.requestfailed);
  await page.goto(address, { waitUntil: 'load' });
  const all = await expected;
  const isLoaded = (): boolean => {
    const quiet = performance.now() - last;
    return quiet > ([...all].every((url) => asked.has(url)) ? QUIET_MS : PATIENCE_MS);
  };
  await expect.poll(isLoaded, { intervals: [50] }).toBe(true);
  page.off('request', listeners.request);
  page.off('requestfinished', listeners.requestfinished);
  page.off('requestfailed', listeners.requestfailed);
  return asked;
}

/** Gives the window so many device pixels for each CSS pixel. */
async function setRatio(tab: Page, deviceScaleFactor: number): Promise<void> {
  const size = tab.viewportSize();
  if (size === null) throw new Error('The window has no size.');
  const session = await tab.context().newCDPSession(tab);
  await session.send('Emulation.setDeviceMetricsOverride', {
    ...size,
    screenWidth: size.width,
    screenHeight: size.height,
    deviceScaleFactor,
    mobile: false,
  });
}

/** The addresses that `roomcast load` asks for, the icon aside: Playwright hides Chromium's request for it. */
async function askedByUs(address: string, ratio: number): Promise<Set<string>> {
  const { stdout } = await promisify(execFile)(BINARY, ['load', '--json', '--dpr', String(ratio), address], { maxBuffer: 1e8 });
  const { files } = JSON.parse(stdout) as { files: { url: string; is_icon: boolean }[] };
  return new Set(files.filter((file) => !file.is_icon).map((file) => file.url));
}

test.beforeAll(() => {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there. Build it by 'make server'.`);
});

for (const [kind, pages] of Object.entries(PAGES)) {
  for (let first = 0; first < pages.length; first += PAGES_IN_A_TEST) {
    const some = pages.slice(first, first + PAGES_IN_A_TEST);
    test(`${kind} ${first + 1} to ${first + some.length}`, async ({ page: tab, site }) => {
      for (const page of some) {
        await test.step(page.rule, async () => {
          await tab.context().clearCookies();
          const address = site.address(page);
          const asked = askedByUs(address, page.ratio ?? 1);
          await setRatio(tab, page.ratio ?? 1);
          const chromium = await askedByChromium(tab, address, asked);
          const short = (asked: Set<string>): string[] => [...asked].map((url) => site.short(page, url)).sort();
          expect.soft(short(await asked), page.rule).toEqual(short(chromium));
        });
      }
    });
  }
}
