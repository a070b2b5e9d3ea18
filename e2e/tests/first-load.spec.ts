// How the page's files get into Chromium: hinted, downloaded once, and not at all the second time.
import { chromium, type Browser, type BrowserContextOptions, type Page } from '@playwright/test';

import { chromium as anyChromium } from '../fixtures/chromium.ts';
import { listenToConsole } from '../fixtures/console.ts';
import { NetLog } from '../fixtures/net-log.ts';
import { PrimesPage } from '../fixtures/primes-page.ts';
import { expect, test as base } from '../fixtures/test.ts';

interface Fixtures {
  /** A Chromium of this test alone; `log` closes it and tells what it sent and received. */
  logged: { readonly browser: Browser; log(): Promise<NetLog> };
}

const test = base.extend<Fixtures>({
  logged: async ({ launchOptions }, use, testInfo) => {
    const file = testInfo.outputPath('net-log.json');
    const args = [...(launchOptions.args ?? []), NetLog.argument(file)];
    const browser = await chromium.launch({ ...launchOptions, args });
    const log = async () => {
      await browser.close();
      return NetLog.read(file);
    };
    await use({ browser, log });
    await browser.close();
  },
});

test('the page comes over HTTP/2 after one 103, and each file is asked for once', async ({ server, logged }) => {
  const page = await logged.browser.newPage();
  const heard = listenToConsole(page);
  const primes = new PrimesPage(page);
  await primes.open(server.url);
  // Chromium complains of a preload that nobody used some seconds after the page has loaded: so many
  // primes take longer than that.
  await primes.showsAtLeast(7);
  const { protocol, hinted } = await navigation(page);
  expect(protocol).toBe('h2');
  expect(hinted).toBe(true);
  expect(heard).toEqual([]);

  const log = await logged.log();
  expect(log.statuses.filter((status) => status === 103)).toHaveLength(1);
  const files = Object.keys(log.timesAsked()).filter((path) => path.includes('.'));
  const kinds = new Set(files.map((path) => path.split('.').at(-1)));
  expect([...kinds].sort()).toEqual(['css', 'js', 'svg', 'wasm']);
  for (const [path, times] of Object.entries(log.timesAsked())) expect(times, path).toBe(1);
});

test('a second visit is not hinted and asks for no file again', async ({ server, logged }) => {
  const context = await logged.browser.newContext();
  const first = new PrimesPage(await context.newPage());
  await first.open(server.url);
  await first.showsAtLeast(2);
  await first.page.close();

  const second = new PrimesPage(await context.newPage());
  await second.open(server.url);
  await second.showsAtLeast(2);
  expect((await navigation(second.page)).hinted).toBe(false);

  const log = await logged.log();
  expect(log.statuses.filter((status) => status === 103)).toHaveLength(1);
  const files = Object.entries(log.timesAsked()).filter(([path]) => path.includes('.'));
  for (const [path, times] of files) expect(times, path).toBe(1);
  expect(log.timesAsked()['/']).toBe(2);
});

/** Pages that a person goes through, each with files of its own. */
const VISITS = ['', 'rooms/lobby', 'rooms', 'rooms/lobby'];

/** Opens the pages one after the other, each in a tab of its own; whether each was hinted. */
async function visit(browser: Browser, url: string, contextOptions: BrowserContextOptions): Promise<boolean[]> {
  const context = await browser.newContext(contextOptions);
  const hinted = [];
  for (const path of VISITS) {
    const page = await context.newPage();
    const heard = listenToConsole(page);
    await page.goto(url + path);
    await page.waitForFunction(() => {
      const names = performance.getEntriesByType('resource').map((entry) => entry.name);
      return names.some((name) => name.endsWith('.wasm'));
    });
    hinted.push((await navigation(page)).hinted);
    expect(heard, path).toEqual([]);
    await page.close();
  }
  await context.close();
  return hinted;
}

test('a browser that keeps no files asks for each once a visit, but for the one that showed it', async ({
  server,
}, testInfo) => {
  // With a certificate that a person accepted in spite of a warning, Chromium keeps cookies but no files:
  // hence a browser without the switch that makes it trust ours.
  const file = testInfo.outputPath('net-log.json');
  const options = anyChromium();
  const browser = await chromium.launch({
    ...options,
    args: [...(options.args ?? []), NetLog.argument(file)],
  });
  const hinted = await visit(browser, server.url, { ignoreHTTPSErrors: true });
  // A page that asks while the fetch for the hint is on its way shares it: then the second visit shows it.
  expect(hinted[0]).toBe(true);
  expect(hinted.slice(2), 'it is hinted until it has shown that it keeps nothing').toEqual([false, false]);
  await browser.close();
  const log = await NetLog.read(file);
  const asked = log.timesAsked();
  expect(asked).toMatchObject({ '/': 1, '/rooms': 1, '/rooms/lobby': 2 });
  for (const [path, times] of Object.entries(asked)) {
    if (path.endsWith('.css')) expect(times, path).toBe(VISITS.length);
    if (path.endsWith('.wasm')) expect(times, path).toBe(path.includes('-room-') ? 2 : 1);
    // A script is what may show it, and is asked for once more then.
    const visits = path.includes('-room-') ? 2 : 1;
    if (path.endsWith('.js')) expect([visits, visits + 1], path).toContain(times);
  }
});

test('a browser that keeps files asks for each once in four visits', async ({ server, logged }) => {
  await visit(logged.browser, server.url, {});
  const asked = (await logged.log()).timesAsked();
  expect(asked).toMatchObject({ '/': 1, '/rooms': 1, '/rooms/lobby': 2 });
  const files = Object.entries(asked).filter(([path]) => /\.(css|js|wasm)$/.test(path));
  expect(files.length).toBeGreaterThan(4);
  for (const [path, times] of files) expect(times, path).toBe(1);
});

async function navigation(page: Page): Promise<{ protocol: string; hinted: boolean }> {
  return page.evaluate(() => {
    const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const interim = (entry as unknown as Record<string, unknown>)['firstInterimResponseStart'];
    return { protocol: entry?.nextHopProtocol ?? '', hinted: Number(interim) > 0 };
  });
}
