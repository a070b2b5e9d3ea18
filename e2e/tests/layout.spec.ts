// The page on narrow and wide screens; leaves pictures of it in test-results/.
import { join } from 'node:path';

import { expect, test } from '../fixtures/test.ts';

const SCREENS = {
  narrow: { width: 360, height: 740 },
  wide: { width: 1440, height: 900 },
};

for (const [name, viewport] of Object.entries(SCREENS)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${name}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test('nothing has to be scrolled sideways', async ({ page, primes }) => {
        await primes.open();
        await primes.showsAtLeast(4);

        const overhang = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overhang).toBe(0);
        const picture = join(import.meta.dirname, `../test-results/primes-${name}-${colorScheme}.png`);
        await page.screenshot({ path: picture, fullPage: true });
      });
    });
  }
}
