// Texts that are far too long: refused with a sentence, and without a standstill.
import type { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

const MEGABYTE = 'lorem ipsum dolor\n'.repeat(58_000);

/** Far below what a field with `dir="auto"` takes for each key of such a text (5 s), and far above a busy machine. */
const SLOW_MILLISECONDS = 1_000;

/** Pastes a text into the field that has the focus, as a person does. */
async function paste({ page }: RoomPage, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press('Control+V');
}

/** The longest time that the page took for a key, in milliseconds. */
async function slowestKey({ page, box }: RoomPage): Promise<number> {
  await box.focus();
  const slowest = await page.evaluateHandle(() => {
    const slowest = { milliseconds: 0 };
    let start = 0;
    addEventListener('keydown', () => (start = performance.now()), true);
    addEventListener('input', () => {
      requestAnimationFrame(() => setTimeout(() => {
        slowest.milliseconds = Math.max(slowest.milliseconds, performance.now() - start);
      }));
    });
    return slowest;
  });
  for (const key of 'typing') {
    await page.keyboard.press(key);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))));
  }
  return (await slowest.jsonValue()).milliseconds;
}

test('a paste of a megabyte is refused with a sentence, and typing goes on', async ({ enter }) => {
  const ada = await enter('Ada');
  await ada.box.fill('before ');
  await paste(ada, MEGABYTE);
  await expect(ada.page.locator('#advice')).toHaveText(/^Too long: a message has at most 4000 characters/);
  await expect(ada.box).toHaveValue('before ');
  expect(await slowestKey(ada)).toBeLessThan(SLOW_MILLISECONDS);
  await expect(ada.box).toHaveValue('before typing');
  await expect(ada.page.locator('#advice')).toBeHidden();
});

test('a megabyte that comes without a paste is taken back', async ({ enter }) => {
  const ada = await enter('Ada');
  await ada.box.fill('before ');
  await ada.box.evaluate((box: HTMLTextAreaElement, text) => {
    box.value += text;
    box.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }, MEGABYTE);
  await expect(ada.page.locator('#advice')).toHaveText(/^Too long: /);
  await expect(ada.box).toHaveValue('before ');
});

test('a text over the limit can be pasted and cut down', async ({ enter }) => {
  const ada = await enter('Ada');
  await ada.box.focus();
  await paste(ada, 'lorem ipsum '.repeat(5_000));
  await expect(ada.page.locator('#advice')).toHaveText('Too long: take out 55999 characters, or send it in parts.');
  expect(await slowestKey(ada)).toBeLessThan(SLOW_MILLISECONDS);
  await ada.box.press('Enter');
  await expect(ada.messages).toHaveCount(0);
  await ada.page.reload();
  await ada.isLive();
  await expect(ada.page.locator('#advice')).toHaveText(/^Too long: take out/);
  await ada.box.fill('short');
  await expect(ada.page.locator('#advice')).toBeHidden();
});

test('no field of long texts asks the browser for their direction', async ({ enter }) => {
  const ada = await enter('Ada');
  await expect(ada.page.locator('textarea[dir="auto"]')).toHaveCount(0);
  await expect(ada.page.locator('input[dir="auto"]:not([maxlength])')).toHaveCount(0);
  for (const [text, direction] of [['hello', 'ltr'], ['1. שלום', 'rtl'], ['', 'ltr'], ['مرحبا hello', 'rtl']] as const) {
    await ada.box.fill(text);
    await expect(ada.box).toHaveCSS('direction', direction);
  }
});

test('a megabyte pasted as a name stops nothing', async ({ enter }) => {
  const ada = await enter('Ada');
  await ada.nameButton.click();
  await ada.name.fill('');
  await paste(ada, MEGABYTE);
  await ada.name.press('Enter');
  await expect(ada.page.locator('#name-advice')).toHaveText(/^Use at most/);
  await ada.page.keyboard.press('Escape');
  expect(await slowestKey(ada)).toBeLessThan(SLOW_MILLISECONDS);
});
