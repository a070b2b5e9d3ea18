// One person with several tabs.
import { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

test('what is read in one tab is read in all of them', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await ada.say('before');
  await bob.has('before');
  const hidden = new RoomPage(await bob.page.context().newPage());
  await hidden.page.goto(bob.page.url());
  await hidden.isLive();
  await hidden.hide(true);
  await bob.hide(true);
  for (const text of ['while away', 'and again']) await ada.say(text);
  for (const tab of [bob, hidden]) await expect(tab.page).toHaveTitle(/^\(2\) /);

  await bob.hide(false);
  for (const tab of [bob, hidden]) await expect(tab.page).not.toHaveTitle(/^\(/);
  await expect(bob.log.locator('[data-line="unread"]')).toHaveText('New');

  await bob.hide(true);
  await ada.say('once more');
  for (const tab of [bob, hidden]) await expect(tab.page).toHaveTitle(/^\(1\) /);
  await hidden.hide(false);
  for (const tab of [bob, hidden]) await expect(tab.page).not.toHaveTitle(/^\(/);
  const lines = await hidden.log.locator('.message .text, [data-line="unread"]').allInnerTexts();
  expect(lines).toEqual(['before', 'while away', 'and again', 'New', 'once more']);
});

test('what another person reads stays unread', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await bob.hide(true);
  await ada.say('for Bob');
  await expect(bob.page).toHaveTitle(/^\(1\) /);
  await ada.hide(true);
  await ada.hide(false);
  await ada.say('are you there?');
  await expect(bob.page).toHaveTitle(/^\(2\) /);
});
