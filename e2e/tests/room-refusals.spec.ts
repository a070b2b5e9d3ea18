// What the server does not take is marked, and can be sent again.
import { expect, test } from '../fixtures/test.ts';

test('messages that come too fast are marked and sent by trying again', async ({ enter }) => {
  const ada = await enter('Ada');
  // A person may say 20 things at once and 5 in a second from then on.
  const texts = Array.from({ length: 40 }, (_, number) => `number ${number + 1}.`);
  for (const text of texts) await ada.say(text);

  const again = ada.page.getByRole('button', { name: 'Try again' });
  const unsent = ada.messages.and(ada.page.locator('[data-state="failed"]'));
  await expect(async () => {
    while ((await again.count()) > 0) await again.first().click({ timeout: 1_000 });
    await expect(unsent).toHaveCount(0, { timeout: 1_000 });
    await ada.has('number 40.');
  }).toPass({ timeout: 40_000 });
  const seen = await ada.texts();
  expect(new Set(seen).size, 'none is there twice').toBe(seen.length);
});
