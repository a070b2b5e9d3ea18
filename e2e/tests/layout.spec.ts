// The pages on narrow and wide screens; leaves pictures of them in test-results/.
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { publish } from '../fixtures/http.ts';
import { expect, test } from '../fixtures/test.ts';

const SCREENS = {
  narrow: { width: 360, height: 740 },
  wide: { width: 1440, height: 900 },
};

for (const [name, viewport] of Object.entries(SCREENS)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${name}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme, contextOptions: { reducedMotion: 'reduce', viewport, colorScheme } });

      const picture = (page: string) => join(import.meta.dirname, `../test-results/${page}-${name}-${colorScheme}.png`);

      test('nothing on the page of primes has to be scrolled sideways', async ({ page, primes }) => {
        await primes.open();
        await primes.showsAtLeast(4);
        expect(await overhang(page)).toBe(0);
        await page.screenshot({ path: picture('primes'), fullPage: true });
      });

      test('nothing in the list of rooms has to be scrolled sideways', async ({ page, room, server }) => {
        await publish(server.url, `${'long-'.repeat(5)}${room}`.slice(0, 64), 'ci', ['x']);
        await page.goto('/rooms');
        await expect(page.getByRole('link', { name: /long-long/ }).first()).toBeVisible();
        expect(await overhang(page)).toBe(0);
        await page.screenshot({ path: picture('rooms'), fullPage: true });
      });

      test('nothing in a room has to be scrolled sideways', async ({ enter }) => {
        const [ada, bob] = [await enter('Ada'), await enter('Bob')];
        await bob.say('hello **Ada**, ' + 'this is a long sentence that needs some lines. '.repeat(6));
        await bob.say('https://example.org/' + 'a-long-path/'.repeat(20));
        await ada.say('```\n' + 'let wide = "code";'.repeat(10) + '\n```');
        await ada.say('> quoted\n\n- one\n- two');
        await bob.has('quoted');
        expect(await overhang(bob.page)).toBe(0);
        await expect(bob.box).toBeInViewport();
        await bob.page.screenshot({ path: picture('room') });
      });
    });
  }

  for (const path of ['/', '/rooms', '/rooms/shell']) {
    test(`${name}: what ${path} shows before the client runs stays where it is`, async ({ page }) => {
      await page.setViewportSize(viewport);
      let release = () => {};
      const held = new Promise<void>((done) => (release = done));
      await page.route('**/*.wasm', async (route) => {
        await held;
        await route.continue();
      });
      await page.goto(path);
      const before = await boxes(page);
      expect(before.length).toBeGreaterThan(4);

      release();
      await expect(page.locator('[data-state="live"]').first()).toBeVisible();
      expect(await boxes(page)).toEqual(before);
    });
  }
}

test('on the narrowest screen nothing has to be scrolled sideways either', async ({ page, room }) => {
  await page.setViewportSize({ width: 320, height: 568 });
  for (const path of ['/', '/rooms', `/rooms/${room}`]) {
    await page.goto(path);
    await expect(page.locator('[data-state="live"]').first()).toBeVisible();
    expect(await overhang(page), path).toBe(0);
  }
});

// On both sides of each change of the layout, and what is common.
const WIDTHS = [320, 360, 899, 900, 1199, 1200, 1280, 1440, 1600, 1920];
const STARTS = [1_299_709, 10_000_019, 1_000_000_007, 100_000_000_003, 1_000_000_000_039].map(String);

test('the newest prime is seen whole, whatever the width', async ({ page, primes }) => {
  for (const start of [...STARTS, `1${'0'.repeat(39)}`]) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await primes.open();
    await primes.showsAtLeast(1);
    await primes.start.fill(start);
    await primes.press('Restart');
    await expect(primes.newest).toHaveText(new RegExp(`^\\d{${start.length}}$`));
    await primes.press('Pause');
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const hidden = await primes.newest.evaluate((box) => ({
        right: box.scrollWidth - box.clientWidth,
        below: box.scrollHeight - box.clientHeight,
      }));
      expect(hidden, `${start} at ${width}`).toEqual({ right: 0, below: 0 });
    }
  }
});

test.describe('an error page', () => {
  test.use({ allowedInConsole: [/status of 404/] });

  test('stands in the middle of a wide screen', async ({ page }) => {
    await page.setViewportSize({ width: 1920, height: 900 });
    await page.goto('/nothing-here');
    const box = await page.locator('main.error').boundingBox();
    expect(box, 'there is one').not.toBeNull();
    expect(Math.abs(box!.x + box!.width / 2 - 960)).toBeLessThanOrEqual(8);
  });
});

async function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Where the parts of the page begin, and how wide they are; how high they are depends on what comes. */
async function boxes(page: Page): Promise<string[]> {
  return page.locator('.frame-header, nav a, main, h1, .card, .composer, .messages').evaluateAll((elements) =>
    elements.map((element) => {
      const { x, y, width } = element.getBoundingClientRect();
      return `${element.tagName.toLowerCase()}.${element.className} at ${x}, ${y}; ${width} wide`;
    }),
  );
}
