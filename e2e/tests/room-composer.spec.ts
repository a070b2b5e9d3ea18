// The field in which a person writes.
import type { Locator } from '@playwright/test';

import { expect, test } from '../fixtures/test.ts';

test('the button sends only what can be sent', async ({ enter }) => {
  const ada = await enter('Ada');
  await expect(ada.send).toBeDisabled();
  for (const [text, can] of [
    ['hello', true],
    [' \n ', false],
    ['x'.repeat(4_001), false],
    ['/frobnicate', false],
    ['  /frobnicate now', false],
    ['/name', false],
    ['/name Ada', true],
    ['//frobnicate', true],
    ['x', true],
  ] as const) {
    await ada.box.fill(text);
    await expect(ada.send).toBeEnabled({ enabled: can });
  }
  await ada.send.click();
  await ada.has('x');
  await expect(ada.send).toBeDisabled();
});

test('the field grows by whole lines, and cuts none', async ({ enter }) => {
  const ada = await enter('Ada');
  for (const height of [900, 560, 420, 330, 260]) {
    await ada.page.setViewportSize({ width: 400, height });
    for (const lines of [1, 2, 3, 7, 8, 9, 10, 19]) {
      await ada.box.fill(Array.from({ length: lines }, (_, line) => `line ${line + 1}`).join('\n'));
      const [seen, scrolled] = await ada.box.evaluate((box) => [box.clientHeight, box.scrollTop]);
      expect(seen % 24, `${lines} lines at ${height}`).toBe(0);
      // The browser scrolls until the caret is seen, which ends some pixels above the end of its line: of the line
      // above the first one at most the space below its letters is in sight.
      const cut = (24 - (scrolled % 24)) % 24;
      expect(cut, `${lines} lines at ${height}`).toBeLessThanOrEqual(4);
    }
  }
});

test('the field has one ring', async ({ enter }) => {
  const ada = await enter('Ada');
  await ada.box.focus();
  const rings = await ada.page.locator('.write, .write textarea').evaluateAll((boxes) =>
    boxes.filter((box) => {
      const { boxShadow, outlineStyle, outlineColor } = getComputedStyle(box);
      return boxShadow !== 'none' || (outlineStyle !== 'none' && !/, 0\)$/.test(outlineColor));
    }).length,
  );
  expect(rings).toBe(1);
});

test('a command that nobody knows is held back, and two slashes send it', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await ada.say('/help');
  const hint = ada.page.getByRole('alert').filter({ hasText: 'There is no command /help' });
  await expect(hint).toBeVisible();
  for (const begun of ['/help ', '  /help']) {
    await ada.box.fill('/');
    await expect(hint).toBeHidden();
    // At once behind a space, and after a pause before one.
    await ada.box.fill(begun);
    await expect(hint).toBeVisible();
  }
  await ada.say('/help');
  await expect(hint).toContainText('write //help');
  await expect(ada.box).toHaveValue('/help');
  await expect(ada.messages).toHaveCount(0);

  await ada.box.fill('//help');
  await expect(hint).toBeHidden();
  await ada.box.press('Enter');
  await bob.has('/help');
  await ada.say('/usr/bin/env is a path');
  await bob.has('/usr/bin/env is a path');
  expect(await bob.texts()).toEqual(['/help', '/usr/bin/env is a path']);
});

test('/name takes a name, as in the terminal', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await ada.say('/name Countess of Lovelace');
  await expect(bob.people.filter({ hasText: 'Countess of Lovelace' })).toHaveCount(1);
  await expect(ada.box).toHaveValue('');
  await ada.say('/name');
  await expect(ada.page.getByRole('alert').filter({ hasText: '/name Ada' })).toBeVisible();
  await expect(ada.messages).toHaveCount(0);
});

for (const [kind, sentence] of [
  ['image/png', 'Pictures cannot be sent yet. Paste a link.'],
  ['application/pdf', 'Files cannot be sent yet. Paste a link.'],
] as const) {
  for (const way of ['paste', 'drop'] as const) {
    test(`${way} of ${kind} says what is possible instead`, async ({ enter }) => {
      const ada = await enter('Ada');
      expect(await give(way === 'paste' ? ada.box : ada.log, way, { kind }), 'the browser does nothing').toBe(false);
      await expect(ada.page.getByRole('alert').filter({ hasText: sentence })).toBeVisible();
      await ada.box.pressSequentially('so');
      await expect(ada.page.getByRole('alert').filter({ hasText: sentence })).toBeHidden();
    });
  }
}

test('a text that comes with a picture of itself is pasted', async ({ enter }) => {
  const ada = await enter('Ada');
  expect(await give(ada.box, 'paste', { kind: 'image/png', text: 'a cell' }), 'the browser pastes').toBe(true);
});

/** Pastes or drops a file, perhaps with a text; says whether the browser would go on with it. */
async function give(target: Locator, way: 'paste' | 'drop', what: { kind: string; text?: string }): Promise<boolean> {
  return target.evaluate(
    (target, { way, what }) => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'file', { type: what.kind }));
      if (what.text) data.setData('text/plain', what.text);
      const options = { bubbles: true, cancelable: true };
      const event =
        way === 'paste'
          ? new ClipboardEvent('paste', { ...options, clipboardData: data })
          : new DragEvent('drop', { ...options, dataTransfer: data });
      return target.dispatchEvent(event);
    },
    { way, what },
  );
}
