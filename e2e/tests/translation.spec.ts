// Others change the page as well: a browser that translates it, and extensions.
import { expect, test } from '../fixtures/test.ts';
import { translate, watchTextNodes } from '../fixtures/translate.ts';

// Chromium reports each try that fails.
test.use({ allowedInConsole: [/ERR_|WebSocket connection to/] });

test('a translated page of primes goes on', async ({ page, primes }) => {
  const changedInPlace = await watchTextNodes(page);
  await primes.open();
  await primes.showsAtLeast(2);
  await translate(page);
  const seen = await primes.seen();
  await primes.showsAtLeast(seen + 2);
  await expect(page.locator('#gaps-note')).toHaveText(/^The newest is \d+/);
  const newest = await primes.newest.innerText();
  await expect.poll(() => primes.newest.innerText()).not.toBe(newest);

  await primes.press('Pause');
  await expect(primes.state).toHaveText('Paused');
  await translate(page);
  await primes.press('Resume');
  await expect(primes.state).toHaveText('Live');
  await primes.start.fill('x');
  await primes.press('Restart');
  await expect(page.locator('#start-advice')).not.toBeEmpty();
  await primes.start.fill('90');
  await primes.press('Restart');
  await expect(page.locator('#start-advice')).toBeEmpty();
  await expect(primes.newest).toHaveText('97');
  await expect(page.locator('#spiral-note')).toContainText('from 90');
  expect(await changedInPlace()).toEqual([]);
});

test('a translated list of rooms goes on', async ({ page, enter, room }) => {
  const changedInPlace = await watchTextNodes(page);
  const ada = await enter('Ada');
  await page.goto('/rooms');
  const listed = page.getByRole('link', { name: new RegExp(room) });
  await expect(listed).toContainText('1 person');
  await translate(page);
  await ada.say('hello');
  await enter('Bob');
  await expect(listed).toContainText('2 people');
  await expect(listed).toContainText('now');
  await page.context().setOffline(true);
  await expect(page.getByRole('status')).toHaveText('Reconnecting');
  await page.context().setOffline(false);
  await expect(page.getByRole('status')).toHaveText('Live');

  await page.getByLabel('Make a room').fill('a!');
  await page.keyboard.press('Enter');
  await expect(page.locator('#new-room-advice')).toContainText('take out “!”');
  await translate(page);
  await page.getByLabel('Make a room').fill('a?');
  await page.keyboard.press('Enter');
  await expect(page.locator('#new-room-advice')).toContainText('take out “?”');
  expect(await changedInPlace()).toEqual([]);
});

test('a translated room goes on', async ({ page, enter, room }) => {
  const changedInPlace = await watchTextNodes(page);
  const ada = await enter('Ada');
  await ada.say('before');
  await page.goto(`/rooms/${room}`);
  const status = page.locator('#status');
  await expect(status).toHaveText(/^Live/);
  await expect(page.locator('#people-count')).toHaveText('2');
  await translate(page);

  await ada.say('after');
  await expect(page.getByRole('log')).toContainText('after');
  const bob = await enter('Bob');
  await expect(page.locator('#people-count')).toHaveText('3');
  await bob.box.pressSequentially('hm');
  await expect(page.locator('#typing')).toContainText('Bob');
  await translate(page);
  await bob.box.press('Enter');
  await expect(page.locator('#typing')).toBeEmpty();

  await translate(page);
  await page.context().setOffline(true);
  await expect(status).not.toHaveText(/^Live/);
  const box = page.getByRole('textbox', { name: 'Message', exact: true });
  await box.fill('x'.repeat(4_001));
  await expect(page.locator('#advice')).toContainText('take out 1 character,');
  await translate(page);
  await box.fill('x'.repeat(4_002));
  await expect(page.locator('#advice')).toContainText('take out 2 characters,');
  await box.fill('');
  await translate(page);
  await page.context().setOffline(false);
  await expect(status).toHaveText(/^Live/);
  await ada.say('and again');
  await expect(page.getByRole('log')).toContainText('and again');
  expect(await changedInPlace()).toEqual([]);
});

test('a translation is left alone while nothing changes', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await expect(ada.people).toHaveCount(2);
  // With the first message the words at the top of the list change.
  await bob.say('first');
  await ada.has('first');
  await translate(ada.page);
  await ada.page.locator('#status font').first().waitFor();
  await bob.say('news');
  await ada.has('news');
  for (const words of ['#status', '#share', '#alone', '.people h2', '.message-rows .line']) {
    await expect(ada.page.locator(`${words} font font`).first()).toBeAttached();
  }
});

test('what an extension changes in a room stops nothing', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  for (const text of ['one', 'two', 'three']) await ada.say(text);
  await bob.has('three');
  await bob.page.evaluate(() => {
    document.body.prepend(document.createElement('extension-root'));
    document.head.append(document.createElement('meta'));
    document.documentElement.setAttribute('data-theme', 'dark');
    document.querySelector('#message')?.setAttribute('data-gramm', 'true');
    document.querySelector('#message')?.after(document.createElement('grammar-check'));
    document.querySelectorAll('.message')[1]?.remove();
    document.querySelector('#people-list li')?.remove();
    document.querySelector('#newest')?.remove();
    document.querySelector('#alone')?.remove();
    for (const row of document.querySelectorAll<HTMLElement>('.message-rows > *')) row.style.color = 'red';
  });
  await ada.say('four');
  await bob.has('four');
  expect(await bob.texts()).toEqual(['one', 'two', 'three', 'four']);
  await enter('Eve');
  await expect(bob.people.filter({ hasText: 'Eve' })).toHaveCount(1);
  await bob.say('five');
  await ada.has('five');
});
