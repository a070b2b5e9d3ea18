// Input methods: while one composes, keys are its own.
import type { CDPSession, Locator, Page } from '@playwright/test';

import { expect, test } from '../fixtures/test.ts';

/** Composes a word in the field that has the focus, and takes it by Enter, as browsers but Safari report it. */
async function compose(page: Page, word: string): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  for (let length = 1; length <= word.length; length += 1) {
    await cdp.send('Input.imeSetComposition', {
      text: word.slice(0, length),
      selectionStart: length,
      selectionEnd: length,
    });
  }
  await pressComposing(cdp);
  await cdp.send('Input.insertText', { text: word });
}

async function pressComposing(cdp: CDPSession): Promise<void> {
  const key = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 };
  await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...key });
  await cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
}

/** Ends a composition as Safari reports it: first its end, and then the key that ended it. */
async function pressAsSafari(field: Locator): Promise<void> {
  await field.evaluate((field) => {
    field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
    field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: 'やまだ' }));
    const press = { key: 'Enter', keyCode: 229, isComposing: false, bubbles: true, cancelable: true };
    field.dispatchEvent(new KeyboardEvent('keydown', press));
  });
}

test('the Enter that ends a composition takes no name', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await ada.nameButton.click();
  await ada.name.fill('');
  await compose(ada.page, 'やまだ');
  await expect(ada.name).toBeFocused();
  await pressAsSafari(ada.name);
  await expect(ada.name).toBeFocused();
  await compose(ada.page, 'さん');
  await expect(ada.name).toHaveValue('やまださん');
  await expect(ada.box).toHaveValue('');
  await ada.name.press('Enter');
  await expect(ada.name).toBeHidden();
  await expect(bob.people.filter({ hasText: 'やまださん' })).toHaveCount(1);
});

test('the Enter that ends a composition sends no message', async ({ enter }) => {
  const ada = await enter('Ada');
  await ada.box.focus();
  await compose(ada.page, 'やまだ');
  await pressAsSafari(ada.box);
  await compose(ada.page, 'さん');
  await expect(ada.box).toHaveValue('やまださん');
  await expect(ada.messages).toHaveCount(0);
  await ada.box.press('Enter');
  await ada.has('やまださん');
  await expect(ada.messages).toHaveCount(1);
});

test('the Enter that ends a composition opens no room', async ({ page }) => {
  await page.goto('/rooms');
  const field = page.getByLabel('Make a room');
  await field.focus();
  await compose(page, 'やまだ');
  await pressAsSafari(field);
  await expect(field).toHaveValue('やまだ');
  expect(new URL(page.url()).pathname).toBe('/rooms');
  await field.press('Enter');
  await expect(page).toHaveURL(/\/rooms\/./);
});

test('the Enter that ends a composition starts no run', async ({ page, primes }) => {
  await primes.open();
  await primes.showsAtLeast(1);
  await primes.start.fill('');
  await primes.start.focus();
  await compose(page, '90');
  await pressAsSafari(primes.start);
  await expect(primes.start).toHaveValue('90');
  await expect(page.locator('#spiral-note')).toContainText('from 2 on');
  await primes.start.press('Enter');
  await expect(page.locator('#spiral-note')).toContainText('from 90 on');
});

test('no handler of keys hears of a composition', async ({ enter }) => {
  const ada = await enter('Ada');
  const heard = await ada.page.evaluateHandle(() => {
    const heard: string[] = [];
    for (const target of [window, document, document.querySelector('#message')]) {
      for (const capture of [true, false]) {
        target?.addEventListener('keydown', (event) => heard.push((event as KeyboardEvent).key), { capture });
      }
    }
    return heard;
  });
  await ada.box.evaluate((field) => {
    for (const press of [{ isComposing: true }, { keyCode: 229 }]) {
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, ...press }));
    }
  });
  expect(await heard.jsonValue()).toEqual([]);
});
