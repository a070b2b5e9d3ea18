// What reaches people who look at something else.
import type { Page } from '@playwright/test';

import { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

interface Notice {
  readonly title: string;
  readonly body: string;
}

declare global {
  interface Window {
    notices: Notice[];
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

  await ada.say('Bob, can you see this?');
  await bob.has('Bob, can you see this?');
  expect(await notices(page), 'he looks').toEqual([]);

  await bob.hide(true);
  await ada.say('bobsleighs are fast');
  await ada.say('and where is bob now?');
  await expect.poll(() => notices(page)).toEqual([{ title: room, body: 'Ada: and where is bob now?' }]);
});

test('without being asked for, nobody is notified', async ({ page, enter, room }) => {
  await stubNotifications(page, 'default');
  const bob = new RoomPage(page);
  await bob.open(room);
  await bob.takeName('Bob');
  const ada = await enter('Ada');
  await expect(ada.people.filter({ hasText: 'Bob' })).toHaveCount(1);
  await bob.hide(true);
  await ada.say('Bob?');
  await expect(page).toHaveTitle(/^\(1\) /);
  expect(await notices(page)).toEqual([]);

  await bob.hide(false);
  const ask = page.getByRole('button', { name: 'Notify me of mentions' });
  await ask.click();
  await expect(ask).toBeHidden();
  await bob.hide(true);
  await ada.say('Bob!');
  await expect.poll(() => notices(page)).toEqual([{ title: room, body: 'Ada: Bob!' }]);
});

/** Stands in for the browser's notifications; who is asked allows them. */
async function stubNotifications(page: Page, permission: NotificationPermission): Promise<void> {
  await page.addInitScript((permission) => {
    window.notices = [];
    window.Notification = class {
      static permission = permission;
      static async requestPermission(): Promise<NotificationPermission> {
        return (this.permission = 'granted');
      }
      constructor(title: string, options?: NotificationOptions) {
        window.notices.push({ title, body: options?.body ?? '' });
      }
    } as unknown as typeof Notification;
  }, permission);
}

function notices(page: Page): Promise<Notice[]> {
  return page.evaluate(() => window.notices);
}
