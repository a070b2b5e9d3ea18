// Days in a room that stays open.
import { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

test('what was said today was said yesterday once it is midnight', async ({ page, room }) => {
  await page.clock.install();
  const ada = new RoomPage(page);
  await ada.open(room);
  await ada.say('hello');
  await ada.has('hello');
  const day = ada.log.locator('[data-line="day"]');
  await expect(day).toHaveText('Today');
  await page.clock.fastForward('24:00:00');
  await expect(day).toHaveText('Yesterday');
  await page.clock.fastForward('24:00:00');
  await expect(day).not.toHaveText('Yesterday');
  await expect(day).toHaveText(/\d{4}/);
  expect(await ada.texts()).toEqual(['hello']);
});
