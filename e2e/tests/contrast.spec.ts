// Fields can be seen, and what stands in them read: measured by the pixels on the screen, which axe does not do.
import type { Page } from '@playwright/test';

import { contrast, edge, textColours } from '../fixtures/pixels.ts';
import { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

/** What tells a person where a field is (WCAG 2.2, 1.4.11), and what they read (1.4.3). */
const MIN_EDGE = 3;
const MIN_TEXT = 4.5;

/** Below this size Safari on a phone zooms into a field that gets the focus. */
const MIN_FONT_PX = 16;

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    // Letters are thin: only magnified do they have pixels of their full colour.
    test.use({ colorScheme, deviceScaleFactor: 4, contextOptions: { reducedMotion: 'reduce' } });

    test('the fields of the page of primes stand out', async ({ page, primes }) => {
      await primes.open();
      await primes.showsAtLeast(1);
      await standsOut(page, ['[name=from]', '[name=count]', '[name=interval]']);
    });

    test('the field of the list of rooms stands out, and its example is readable', async ({ page }) => {
      await page.goto('/rooms');
      await expect(page.locator('[data-state="live"]')).toBeVisible();
      await standsOut(page, ['#new-room']);
      await isReadable(page, '#new-room');
    });

    test('the fields of a room stand out, and what is to be written there is readable', async ({ page, room }) => {
      const ada = new RoomPage(page);
      await ada.open(room);
      await page.locator('#skip').focus();
      await standsOut(page, ['#your-name']);
      await ada.skip.click();
      await page.locator('.messages').focus();
      await standsOut(page, ['.write']);
      await isReadable(page, '#message');
    });
  });
}

async function standsOut(page: Page, fields: readonly string[]): Promise<void> {
  for (const field of fields) {
    const seen = await edge(page.locator(field));
    expect(contrast(seen.edge, seen.outside), `${field}: its edge and its card`).toBeGreaterThanOrEqual(MIN_EDGE);
    expect(contrast(seen.edge, seen.inside), `${field}: its edge and its inside`).toBeGreaterThanOrEqual(MIN_EDGE);
  }
  const sizes = await page
    .locator('input, select, textarea')
    .evaluateAll((all) => all.map((field) => Number.parseFloat(getComputedStyle(field).fontSize)));
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(MIN_FONT_PX);
}

async function isReadable(page: Page, field: string): Promise<void> {
  const { text, ground } = await textColours(page.locator(field));
  expect(contrast(text, ground), `${field}: its placeholder`).toBeGreaterThanOrEqual(MIN_TEXT);
}
