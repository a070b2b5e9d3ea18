import { AxeBuilder } from '@axe-core/playwright';

import { expect, test } from '../fixtures/test.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('axe finds nothing on the page of primes', async ({ page, primes }) => {
      await primes.open();
      await primes.showsAtLeast(2);
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    });
  });
}

test('everything that can be used is reached by the keyboard, in the order in which it is read', async ({
  page,
  primes,
}) => {
  await primes.open();
  await primes.showsAtLeast(1);

  const selector = 'a[href], button:not([disabled]), input, select, textarea, [tabindex="0"]';
  const wanted = await page.locator(selector).evaluateAll((elements) =>
    elements.filter((element) => element.checkVisibility()).map((element, place) => {
      element.setAttribute('data-place', String(place));
      return String(place);
    }),
  );
  expect(wanted.length).toBeGreaterThan(0);

  const reached: (string | null)[] = [];
  for (let press = 0; press < wanted.length; press += 1) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate(() => document.activeElement?.getAttribute('data-place') ?? null));
  }
  expect(reached).toEqual(wanted);
});

test('the element with the focus can be seen', async ({ page, primes }) => {
  await primes.open();
  await page.keyboard.press('Tab');
  const outline = await page.evaluate(() => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement ?? document.body);
    return { outlineStyle, outlineWidth, boxShadow };
  });
  const hasOutline = outline.outlineStyle !== 'none' && outline.outlineWidth !== '0px';
  expect(hasOutline || outline.boxShadow !== 'none', JSON.stringify(outline)).toBe(true);
});
