// The list of rooms.
import { publish } from '../fixtures/http.ts';
import { expect, test } from '../fixtures/test.ts';

test('a room that is made is listed at once, with people and the time of the last message', async ({
  page,
  enter,
  room,
}) => {
  await page.goto('/rooms');
  await expect(page.getByRole('status')).toHaveText('Live');
  const listed = page.getByRole('link', { name: new RegExp(room) });
  await expect(listed).toHaveCount(0);

  const ada = await enter('Ada');
  await expect(listed).toContainText('1 person');
  await expect(listed).toContainText('Nothing said yet');
  await enter('Bob');
  await expect(listed).toContainText('2 people');
  await ada.say('hello');
  await expect(listed).toContainText('just now');

  await listed.click();
  await expect(page.getByRole('log')).toContainText('hello');
});

test('the busiest room comes first, and an empty one with history stays', async ({ page, enter, room, server }) => {
  const quiet = `${room}-quiet`;
  await publish(server.url, quiet, 'ci', ['x']);
  await enter('Ada');
  await page.goto('/rooms');
  const links = page.getByRole('list', { name: 'Rooms' }).getByRole('link');
  const own = links.filter({ hasText: room });
  await expect(own).toHaveCount(2);
  await expect(own.first()).toContainText('1 person');
  await expect(own.last()).toContainText('Nobody here now');
});

test('a name with spaces becomes an address with hyphens', async ({ page, room }) => {
  await page.goto('/rooms');
  const field = page.getByRole('textbox', { name: /Make a room/ });
  await field.fill(`  Büro ${room}  2 `);
  await field.press('Enter');
  await expect(page).toHaveURL(new URL(`/rooms/${encodeURIComponent(`Büro-${room}-2`)}`, page.url()).href);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`büro-${room}-2`);
});

test('a name that no room can have is refused with a sentence', async ({ page }) => {
  await page.goto('/rooms');
  const field = page.getByRole('textbox', { name: /Make a room/ });
  const advice = page.getByRole('alert').filter({ hasText: /\S/ });
  for (const [name, sentence] of [
    ['', /Write a name/],
    ['a/b', /take out “\/”/],
    ['🦀', /take out “🦀”/],
    ['\u3164', /visible characters only: take out U\+3164/],
    ['ops\u034f', /visible characters only: take out U\+034F/],
    ['o\u{e0100}ps', /visible characters only: take out U\+E0100/],
    ['ops\u200d', /visible characters only: take out U\+200D/],
    ['\u0301a', /take out “\u0301”/],
    ['x'.repeat(65), /at most 64 characters/],
  ] as const) {
    await field.fill(name);
    await field.press('Enter');
    await expect(advice).toHaveText(sentence);
    await expect(field).toBeFocused();
    await expect(field).toHaveAttribute('aria-invalid', 'true');
  }
  await field.fill('fine');
  await expect(advice).toHaveCount(0);
  await expect(page).toHaveURL('/rooms');
});

test('without rooms the page invites to make one', async ({ page }) => {
  await page.route('**/api/rooms/events', (route) =>
    route.fulfill({
      contentType: 'text/event-stream',
      body: 'event: lobby\ndata: {"rooms":[]}\n\n',
    }),
  );
  await page.goto('/rooms');
  await expect(page.getByText('No rooms yet.')).toBeVisible();
});

test('rooms stay where they are while somebody points at one', async ({ page, enter, room, server }) => {
  const [first, second] = [`${room}-first`, `${room}-second`];
  await publish(server.url, second, 'ci', ['x']);
  await publish(server.url, first, 'ci', ['x']);
  await page.goto('/rooms');
  const own = page.getByRole('list', { name: 'Rooms' }).getByRole('link').filter({ hasText: room });
  await expect(own).toHaveCount(2);
  const before = await own.locator('.room-name').allInnerTexts();
  await own.first().focus();

  const ada = await enter('Ada');
  const last = before.at(-1) ?? '';
  await ada.open(last);
  await expect(own.filter({ hasText: last })).toContainText('1 person');
  expect((await own.locator('.room-name').allInnerTexts()).slice(0, 2)).toEqual(before);
  await expect(own.first()).toBeFocused();
});

test.describe('when the server is gone for a while', () => {
  // Chromium reports each try that fails.
  test.use({ allowedInConsole: [/ERR_/] });

  test('the list says that it reconnects, and is live again', async ({ page, room, stoppable }) => {
    await page.goto(`${stoppable.url}rooms`);
    await expect(page.getByRole('status')).toHaveText('Live');
    await stoppable.stop();
    await expect(page.getByRole('status')).toHaveText('Reconnecting');
    await stoppable.startAgain();
    await publish(stoppable.url, room, 'ci', ['x']);
    await expect(page.getByRole('link', { name: new RegExp(room) })).toBeVisible();
    await expect(page.getByRole('status')).toHaveText('Live');
  });
});

test('the navigation names the page that one is on', async ({ page }) => {
  const nav = page.getByRole('navigation', { name: 'Pages' });
  await page.goto('/');
  await nav.getByRole('link', { name: 'Rooms' }).click();
  await expect(page).toHaveURL('/rooms');
  await expect(page).toHaveTitle('Rooms · Roomcast');
  await expect(nav.locator('[aria-current="page"]')).toHaveText('Rooms');
  await nav.getByRole('link', { name: 'Primes' }).click();
  await expect(page).toHaveURL('/');
});
