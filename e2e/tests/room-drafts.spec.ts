// What a person has written and not sent yet.
import { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

test('a draft is there after a reload, with the cursor at its end', async ({ enter }) => {
  const ada = await enter('Ada');
  await ada.box.fill('first line');
  await ada.box.press('Shift+Enter');
  await ada.box.pressSequentially('second');
  await ada.page.reload();
  await ada.isLive();
  await expect(ada.box).toHaveValue('first line\nsecond');
  expect(await ada.box.evaluate((box: HTMLTextAreaElement) => box.clientHeight)).toBe(2 * 24);
  await ada.box.focus();
  await ada.page.keyboard.type(' line');
  await ada.box.press('Enter');
  await ada.has('second line');

  await ada.page.reload();
  await ada.isLive();
  await expect(ada.box).toHaveValue('');
});

test('a draft is there after Back and forward', async ({ enter }) => {
  const ada = await enter('Ada');
  await ada.box.fill('half a thought');
  await ada.page.getByRole('link', { name: 'Rooms' }).click();
  await expect(ada.page.getByRole('heading', { name: 'Rooms' })).toBeVisible();
  await ada.page.goBack();
  await ada.isLive();
  await expect(ada.box).toHaveValue('half a thought');
  await ada.box.fill('a whole thought');
  await ada.page.goBack();
  await ada.page.goForward();
  await ada.isLive();
  await expect(ada.box).toHaveValue('a whole thought');
});

test('a page that comes back from a cache shows the newest draft of its tab', async ({ enter, room }) => {
  const ada = await enter('Ada');
  await ada.box.fill('old');
  // As another page of this tab would keep it, before the browser goes back to this one.
  await ada.page.evaluate((room) => {
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    sessionStorage.setItem(`roomcast.draft.${room}`, 'new');
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  }, room);
  await expect(ada.box).toHaveValue('new');
});

test('each room and each tab has a draft of its own', async ({ enter, room }) => {
  const ada = await enter('Ada');
  await ada.box.fill('for this room');
  await ada.open(`${room}-2`);
  await expect(ada.box).toHaveValue('');
  await ada.box.fill('for the other room');
  const tab = new RoomPage(await ada.page.context().newPage());
  await tab.open(room);
  await expect(tab.box).toHaveValue('');
  await ada.open(room);
  await expect(ada.box).toHaveValue('for this room');
});

test('ways to write the name of a room share its draft', async ({ enter, room }) => {
  const ada = await enter('Ada');
  await ada.open(`${room}-e\u0301`);
  await ada.box.fill('one draft');
  await ada.open(`${room}-É`.toUpperCase());
  await expect(ada.box).toHaveValue('one draft');
});

test('a draft of 4,000 characters survives', async ({ enter }) => {
  const ada = await enter('Ada');
  const text = 'é🦀 '.repeat(1_333);
  await ada.box.fill(text);
  await ada.page.reload();
  await ada.isLive();
  await expect(ada.box).toHaveValue(text);
  await expect(ada.page.locator('#advice')).toBeHidden();
});

test('without storage a room works, and keeps no draft', async ({ page, room }) => {
  await page.addInitScript(() => {
    for (const name of ['sessionStorage', 'localStorage']) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException('The operation is insecure.', 'SecurityError');
        },
      });
    }
  });
  const ada = new RoomPage(page);
  await ada.open(room);
  await ada.box.fill('said');
  await ada.box.press('Enter');
  await ada.has('said');
});

test('full storage is no error', async ({ page, room }) => {
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    };
  });
  const ada = new RoomPage(page);
  await ada.open(room);
  await ada.box.fill('said');
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide')));
  await ada.box.press('Enter');
  await ada.has('said');
});

test.describe('without a connection', () => {
  // Chromium reports each try that fails.
  test.use({ allowedInConsole: [/ERR_|WebSocket connection to/] });
  test.describe.configure({ mode: 'default' });

  test('a draft and what waits to be sent survive a reload, and are sent once', async ({ enter, stoppable }) => {
    const [ada, bob] = [await enter('Ada', stoppable.url), await enter('Bob', stoppable.url)];
    await ada.page.route('**/*', (route) => route.fallback());
    await ada.page.context().setOffline(true);
    await expect(ada.state).not.toHaveText(/^Live/);
    for (const text of ['one', 'two']) await ada.say(text);
    await ada.box.fill('a draft');
    // The server is gone in the moment in which the page is loaded anew, and comes back later.
    await ada.page.context().setOffline(false);
    await ada.page.reload();
    for (const text of ['one', 'two']) await bob.has(text);
    await ada.isLive();
    await expect(ada.box).toHaveValue('a draft');
    expect(await bob.texts()).toEqual(['one', 'two']);
    await ada.page.reload();
    await ada.isLive();
    await ada.say('three');
    await bob.has('three');
    expect(await bob.texts()).toEqual(['one', 'two', 'three']);
  });
});
