// What reaches people who look at something else.
import type { Page } from '@playwright/test';

import { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

interface Notice {
  readonly title: string;
  readonly body: string;
}

interface ShownNotice extends Notice {
  readonly tag: string;
  readonly notification: { onclick?: () => void };
}

declare global {
  interface Window {
    notices: ShownNotice[];
  }
}

test('a mention that nobody sees is a notification, and nothing else is', async ({ page, enter, room }) => {
  await stubNotifications(page, 'granted');
  const bob = new RoomPage(page);
  await bob.open(room);
  await bob.takeName('Bob');
  const ada = await enter('Ada');
  await expect(ada.people.filter({ hasText: 'Bob' })).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Notify me of mentions' })).toBeHidden();

  await ada.say('@Bob, can you see this?');
  await bob.has('@Bob, can you see this?');
  expect(await notices(page), 'he looks').toEqual([]);

  await bob.hide(true);
  await ada.say('bobsleighs are fast');
  await ada.say('and where is @bob now?');
  await expect.poll(() => notices(page)).toEqual([{ title: room, body: 'Ada: and where is @bob now?' }]);
});

test('without being asked for, nobody is notified', async ({ page, enter, room }) => {
  await stubNotifications(page, 'default');
  const bob = new RoomPage(page);
  await bob.open(room);
  await bob.takeName('Bob');
  const ada = await enter('Ada');
  await expect(ada.people.filter({ hasText: 'Bob' })).toHaveCount(1);
  await bob.hide(true);
  await ada.say('@Bob?');
  await expect(page).toHaveTitle(/^\(1\) /);
  expect(await notices(page)).toEqual([]);

  await bob.hide(false);
  const ask = page.getByRole('button', { name: 'Notify me of mentions' });
  await ask.click();
  await expect(ask).toBeHidden();
  await bob.hide(true);
  await ada.say('@Bob!');
  await expect.poll(() => notices(page)).toEqual([{ title: room, body: 'Ada: @Bob!' }]);
});

test('each mention is a notification of its own', async ({ page, enter, room }) => {
  await stubNotifications(page, 'granted');
  const [bob, ada] = await together(page, enter, room);
  await bob.hide(true);
  for (const text of ['@Bob one', '@Bob two']) await ada.say(text);
  await expect.poll(async () => (await notices(page)).map(({ body }) => body)).toEqual(['Ada: @Bob one', 'Ada: @Bob two']);
});

test('a click on a notification leads to the message', async ({ page, enter, room }) => {
  await stubNotifications(page, 'granted');
  const [bob, ada] = await together(page, enter, room);
  await bob.hide(true);
  await ada.say('@Bob, look here');
  for (let line = 1; line <= 4; line += 1) await ada.say(`${line}${'\nmore'.repeat(12)}`);
  await expect.poll(() => notices(page)).toHaveLength(1);
  await bob.hide(false);
  await bob.log.evaluate((log) => log.scrollTo(0, log.scrollHeight));
  const mention = bob.message('@Bob, look here');
  await expect(mention).not.toBeInViewport();
  const focused = await page.evaluate(() => {
    let focused = false;
    window.focus = () => (focused = true);
    window.notices[0]?.notification.onclick?.();
    return focused;
  });
  expect(focused).toBe(true);
  await expect(mention).toBeInViewport();
  await expect(mention).toHaveAttribute('data-found');
  expect(await notices(page), 'it is closed').toEqual([]);
  await expect(mention).not.toHaveAttribute('data-found');
});

test('two tabs of a room notify once', async ({ page, enter, room }) => {
  await stubNotifications(page, 'granted');
  const [bob, ada] = await together(page, enter, room);
  const tab = await page.context().newPage();
  await stubNotifications(tab, 'granted');
  const second = new RoomPage(tab);
  await second.open(room);
  for (const one of [bob, second]) await one.hide(true);
  for (const text of ['@Bob one', '@Bob two', '@Bob three']) await ada.say(text);
  const all = async () => [...(await notices(page)), ...(await notices(tab))].map(({ body }) => body).sort();
  await expect.poll(all).toEqual(['Ada: @Bob one', 'Ada: @Bob three', 'Ada: @Bob two']);

  await second.hide(false);
  await ada.say('@Bob, you see this');
  await second.has('@Bob, you see this');
  await second.hide(true);
  await ada.say('@Bob four');
  await expect.poll(all).toContain('Ada: @Bob four');
  expect(await all()).toHaveLength(4);
});

test('that notifications are blocked stays to be seen', async ({ page, enter, room }) => {
  await stubNotifications(page, 'default', 'denied');
  const [bob] = await together(page, enter, room);
  const blocked = page.getByText("Notifications are blocked in the browser's settings.");
  await expect(blocked).toBeHidden();
  await page.getByRole('button', { name: 'Notify me of mentions' }).click();
  await expect(blocked).toBeVisible();
  await expect(page.getByRole('button', { name: 'Notify me of mentions' })).toBeHidden();
  await page.evaluate(() => ((window.Notification as { permission: string }).permission = 'granted'));
  await bob.hide(true);
  await bob.hide(false);
  await expect(blocked).toBeHidden();
});

/** Bob, at `page`, and Ada. */
async function together(
  page: Page,
  enter: (name: string) => Promise<RoomPage>,
  room: string,
): Promise<[RoomPage, RoomPage]> {
  const bob = new RoomPage(page);
  await bob.open(room);
  await bob.takeName('Bob');
  const ada = await enter('Ada');
  await expect(ada.people.filter({ hasText: 'Bob' })).toHaveCount(1);
  return [bob, ada];
}

/** Stands in for the browser's notifications; who is asked gives this answer. */
async function stubNotifications(
  page: Page,
  permission: NotificationPermission,
  answer: NotificationPermission = 'granted',
): Promise<void> {
  await page.addInitScript(([permission, answer]) => {
    window.notices = [];
    window.Notification = class {
      static permission = permission;
      static async requestPermission(): Promise<NotificationPermission> {
        return (this.permission = answer);
      }
      onclick?: () => void;
      constructor(title: string, { body = '', tag = '' }: NotificationOptions = {}) {
        // Two of one tag are one.
        window.notices = [...window.notices.filter((notice) => notice.tag !== tag), { title, body, tag, notification: this }];
      }
      close() {
        window.notices = window.notices.filter((notice) => notice.notification !== this);
      }
    } as unknown as typeof Notification;
  }, [permission, answer] as const);
}

function notices(page: Page): Promise<Notice[]> {
  return page.evaluate(() => window.notices.map(({ title, body }) => ({ title, body })));
}
