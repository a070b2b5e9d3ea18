// A connection that is dead without anybody having said so.
import { Between } from '../fixtures/between.ts';
import { publish } from '../fixtures/http.ts';
import { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

test('a page that comes into sight finds out that its connection is dead, and misses nothing', async ({
  page,
  room,
  stoppable,
}) => {
  let network = Promise.resolve();
  let mend = () => {};
  const between = await Between.of(page, () => network);
  const ada = new RoomPage(page);
  await ada.open(room, stoppable.url);
  await ada.say('before');
  await ada.has('before');

  await ada.hide(true);
  between.isDead = true;
  // Nor would an event stream.
  await page.route('**/api/rooms/**', async (route) => {
    await network;
    await route.continue();
  });
  // New connections do not get through either: the page might be back before anybody has seen that it was gone.
  network = new Promise((done) => (mend = done));
  await publish(stoppable.url, room, 'Bob', ['missed']);
  await ada.hide(false);
  await expect.poll(() => between.sent).toContain('ping');
  await expect(ada.state).toHaveText(/^Live/);

  // No answer comes in the time that it has.
  await expect(ada.state).toHaveText(/^Reconnecting/, { timeout: 30_000 });
  between.isDead = false;
  mend();
  await ada.isLive();
  await ada.has('missed');
  expect(await ada.texts()).toEqual(['before', 'missed']);
});

test('a connection whose server answers is kept', async ({ page, room }) => {
  const between = await Between.of(page);
  const ada = new RoomPage(page);
  let opened = 0;
  page.on('websocket', () => (opened += 1));
  await page.clock.install();
  await ada.open(room);
  for (let turn = 1; turn <= 3; turn += 1) {
    await page.clock.fastForward(31_000);
    await expect.poll(() => between.got.filter((type) => type === 'pong').length).toBe(turn);
  }
  await page.clock.fastForward(11_000);
  await ada.say('still here');
  await ada.has('still here');
  expect(opened).toBeLessThanOrEqual(1);
});
