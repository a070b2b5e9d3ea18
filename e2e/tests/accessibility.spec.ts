import { AxeBuilder } from '@axe-core/playwright';

import { publish } from '../fixtures/http.ts';
import { expect, test } from '../fixtures/test.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('axe finds nothing on the page of primes', async ({ page, primes }) => {
      await primes.open();
      await primes.showsAtLeast(2);
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    });

    test('axe finds nothing in the list of rooms', async ({ page, room, server }) => {
      await publish(server.url, room, 'ci', ['x']);
      await page.goto('/rooms');
      await expect(page.getByRole('link', { name: new RegExp(room) })).toBeVisible();
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      await page.getByRole('button', { name: 'Open' }).click();
      await expect(page.getByRole('alert').filter({ hasText: 'Write a name' })).toBeVisible();
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    });

    test('axe finds nothing in a room in which something is going on', async ({ enter }) => {
      const [ada, bob] = [await enter('Ada'), await enter('Bob')];
      await bob.say('hello **Ada**, see https://example.org and `code`');
      await bob.say('> quoted\n\n- one\n- two');
      await ada.say('fine');
      await bob.has('fine');
      await bob.box.pressSequentially('and');
      await expect(ada.typing).toContainText('Bob');
      await ada.say('```\n' + 'let wide = "code";'.repeat(20) + '\n```');
      await bob.has('let wide');
      await bob.page.setViewportSize({ width: 360, height: 740 });
      await expect(bob.log.getByRole('group', { name: 'Code' })).toHaveAttribute('tabindex', '0');
      await ada.nameButton.click();
      for (const person of [ada, bob]) {
        const { violations } = await new AxeBuilder({ page: person.page }).analyze();
        expect(violations).toEqual([]);
      }
    });
  });
}

for (const path of ['/', '/rooms', '/rooms/keyboard']) {
  test(`everything on ${path} is reached by the keyboard, in the order in which it is read`, async ({ page }) => {
    // Who was here before is not asked for a name, which would take the focus.
    await page.addInitScript(() => localStorage.setItem('roomcast.name', 'Ada'));
    await page.goto(path);
    await expect(page.locator('[data-state="live"]').first()).toBeVisible();

    const selector = 'a[href], button:not([disabled]), input, select, textarea, [tabindex="0"]';
    const wanted = await page.locator(selector).evaluateAll((elements) => {
      // What is clicked first decides where the keyboard begins.
      (document.activeElement as HTMLElement | null)?.blur();
      return elements.filter((element) => element.checkVisibility()).map((element, place) => {
        element.setAttribute('data-place', String(place));
        return String(place);
      });
    });
    expect(wanted.length).toBeGreaterThan(0);

    const reached: (string | null)[] = [];
    for (let press = 0; press < wanted.length; press += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(() => document.activeElement?.getAttribute('data-place') ?? null));
    }
    expect(reached).toEqual(wanted);
  });
}

test('each message is heard, also one that says the same as the last', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await expect(ada.people).toContainText(['Ada', 'Bob']);
  const heard = ada.page.locator('main [aria-live="polite"] > *');
  for (let said = 1; said <= 3; said += 1) {
    await bob.say('ok');
    await expect(heard).toHaveText(Array<string>(said).fill('Bob: ok'));
  }
});

test('what is written from right to left stands so', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('דנה')];
  await bob.box.fill('שלום!');
  await expect(bob.box).toHaveCSS('direction', 'rtl');
  await bob.box.press('Enter');
  await bob.say('**שלום** לכולם!');
  await ada.say('hello!');
  await ada.has('לכולם');
  const directions = ['rtl', 'rtl', 'ltr'];
  await expect(ada.messages).toHaveCount(directions.length);
  for (const [place, direction] of directions.entries())
    await expect(ada.messages.nth(place).locator('.text')).toHaveCSS('direction', direction);
  await expect(ada.people.locator('.person-name', { hasText: 'דנה' })).toHaveCSS('direction', 'rtl');
});

test('code is reached by the keyboard where it is wider than the list, and not elsewhere', async ({ enter }) => {
  const ada = await enter('Ada');
  const code = ada.log.locator('pre');
  await ada.say('```\n' + '0123456789'.repeat(6) + '\n```');
  await ada.say('```\nshort\n```');
  await ada.has('short');
  await expect(code).toHaveCount(2);
  for (const width of [1280, 360, 1280]) {
    await ada.page.setViewportSize({ width, height: 740 });
    const reached = width === 360 ? 1 : 0;
    await expect(ada.log.locator('pre[tabindex="0"][role="group"][aria-label="Code"]')).toHaveCount(reached);
    await expect(ada.log.locator('pre:is([tabindex], [role], [aria-label])')).toHaveCount(reached);
  }
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
