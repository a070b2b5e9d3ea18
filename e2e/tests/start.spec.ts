// Pages that cannot start, and what the page of primes shows once it has.
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

for (const path of ['/', '/rooms', '/rooms/start']) {
  test.describe(`${path} where there is no WebAssembly`, () => {
    // The page reports why it does not start; and what was hinted is not used.
    test.use({ allowedInConsole: [[/WebAssembly is not defined/, /preloaded using link preload/], { scope: 'test' }] });

    test('says what it needs', async ({ page }) => {
      await page.addInitScript(() => {
        Reflect.deleteProperty(window, 'WebAssembly');
      });
      await page.goto(path);
      await expect(page.getByRole('alert').filter({ hasText: 'needs WebAssembly' })).toBeInViewport();
      await expect(page.getByText('did not arrive')).toBeHidden();
      await looksDead(page);
    });
  });

  test.describe(`${path} when a part of it does not arrive`, () => {
    test.use({
      allowedInConsole: [[/ERR_FAILED/, /Failed to fetch/, /preloaded using link preload/], { scope: 'test' }],
    });

    test('does not blame WebAssembly', async ({ page }) => {
      await page.route('**/*.wasm', (route) => route.abort());
      await page.goto(path);
      await expect(page.getByRole('alert').filter({ hasText: 'did not arrive' })).toBeInViewport();
      await expect(page.getByText('needs WebAssembly')).toBeHidden();
      await looksDead(page);
      await page.screenshot({ path: join(import.meta.dirname, `../test-results/no-client${path.replaceAll('/', '-')}.png`) });
    });
  });

  test.describe(`${path} when the client fails at its first view`, () => {
    test.use({ allowedInConsole: [/./] });

    test('says so instead of being blank', async ({ page }) => {
      // Every view is made of elements, so none can be made without them.
      await page.addInitScript(() => {
        document.createElement = () => {
          throw new Error('no elements here');
        };
        document.importNode = document.createElement as unknown as typeof document.importNode;
        Node.prototype.cloneNode = document.createElement as unknown as typeof Node.prototype.cloneNode;
      });
      await page.goto(path);
      await expect(page.getByRole('alert').filter({ hasText: 'could not start' })).toBeInViewport();
    });
  });
}

test('a page whose program is late says so until it comes', async ({ page }) => {
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await page.clock.install();
  await page.goto('/rooms', { waitUntil: 'domcontentloaded' });
  const late = page.getByRole('alert').filter({ hasText: 'has not arrived yet' });
  await expect(late).toBeHidden();
  await page.clock.fastForward(6_000);
  await expect(late).toBeInViewport();
  await expect(late.getByRole('link', { name: 'reload' })).toBeVisible();
  release();
  await expect(late).toBeHidden();
});

for (const reducedMotion of ['reduce', 'no-preference'] as const) {
  test.describe(`with motion: ${reducedMotion}`, () => {
    test.use({ contextOptions: { reducedMotion } });

    test('what connects breathes only for those who want motion, and the primes come', async ({ page, primes }) => {
      let release = () => {};
      const held = new Promise<void>((done) => (release = done));
      await page.route('**/*.wasm', async (route) => {
        await held;
        await route.continue();
      });
      await primes.open();
      const moving = await page.evaluate(() => document.getAnimations().length);
      expect(moving > 0).toBe(reducedMotion === 'no-preference');
      release();
      await primes.showsAtLeast(3);
      await expect(primes.state).toHaveText('Live');
    });
  });
}

test('the pictures of primes show something once there are some', async ({ page, primes }) => {
  await primes.open();
  await primes.showsAtLeast(4);
  await expect(page).toHaveTitle('Primes · Roomcast');
  for (const picture of ['.spiral canvas', '.gaps canvas']) {
    const painted = () =>
      page.locator(picture).evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const pixels = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
        return pixels.filter((value, place) => place % 4 === 3 && value > 0).length;
      });
    await expect.poll(painted, { message: picture }).toBeGreaterThan(10);
  }
});

test('who hears the page is told seldom', async ({ page, primes }) => {
  await primes.open();
  await primes.showsAtLeast(1);
  const said = await page.evaluateHandle(() => {
    const region = document.querySelector('[role="status"]') as HTMLElement;
    const said: string[] = [];
    const options = { childList: true, characterData: true, subtree: true };
    new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, options);
    return said;
  });
  await primes.speed.selectOption('Full speed');
  await primes.count.selectOption('10000');
  await primes.press('Restart');
  await expect(primes.progress).toHaveText('All 10000 primes have arrived.');
  const heard = await said.jsonValue();
  expect(heard.length, heard.join('\n')).toBeLessThan(10);
  expect(heard.at(-1)).toContain('10000 primes, the newest is 104729.');
});

test.describe('a part of the client that breaks', () => {
  test.use({ allowedInConsole: [/panicked at|unreachable/] });

  test('says in the console what happened and where', async ({ page, room }) => {
    const person = new RoomPage(page);
    await person.open(room);
    const told = page.waitForEvent('console', (message) => message.text().includes('panicked at'));
    await page.evaluate(() => {
      document.createElement = () => {
        throw new Error('broken on purpose');
      };
    });
    await person.say('hello');
    expect((await told).text()).toMatch(/frontend\/src\/dom\.rs:\d+:\d+:\n.*all kinds that are asked for are valid names/);
  });
});

/** Nothing on a page that did not start looks as if it could be used or were on its way. */
async function looksDead(page: Page): Promise<void> {
  await expect(page.locator('button, input, select, textarea, progress, canvas, .state')).toHaveCount(0);
  await expect(page.getByText('Connecting')).toHaveCount(0);
  await expect(page.getByRole('navigation')).toBeVisible();
}
