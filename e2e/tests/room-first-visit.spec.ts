// The card that asks for a name: once, before the first message.
import { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

test('the first visit asks for a name, and Enter joins with it', async ({ page, enter, room }) => {
  const bob = await enter('Bob');
  const ada = new RoomPage(page);
  await ada.open(room);
  const card = page.getByRole('dialog', { name: 'What should people call you?' });
  await expect(card).toContainText(`You are about to join #${room}.`);
  await expect(ada.name).toBeFocused();
  await page.keyboard.type('Ada');
  await page.keyboard.press('Enter');
  await expect(card).toBeHidden();
  await expect(bob.people.filter({ hasText: 'Ada' })).toHaveCount(1);

  await expect(ada.box).toBeFocused();
  await page.keyboard.type('hello');
  await page.keyboard.press('Enter');
  await bob.has('hello');
  await expect(bob.message('hello')).toContainText('Ada');
});

test('who joins as a guest is not asked again, in no room', async ({ page, room }) => {
  const ada = new RoomPage(page);
  await ada.open(room);
  await expect(ada.skip).toHaveText(/^Join as Guest \w{4}$/);
  await ada.skip.click();
  await expect(ada.name).toBeHidden();
  await expect(ada.box).toBeFocused();
  await page.goto('/rooms/another');
  await ada.isLive();
  await expect(ada.name).toBeHidden();
});

test('Escape goes on as a guest', async ({ page, room }) => {
  const ada = new RoomPage(page);
  await ada.open(room);
  await expect(ada.name).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(ada.name).toBeHidden();
});

test('who writes without an answer has joined as a guest', async ({ page, room }) => {
  const ada = new RoomPage(page);
  await ada.open(room);
  await ada.say('hello');
  await ada.has('hello');
  await expect(ada.name).toBeHidden();
  await expect(ada.message('hello')).toContainText('Guest');
});

test('a name that cannot be taken is refused where it is written', async ({ page, room }) => {
  const ada = new RoomPage(page);
  await ada.open(room);
  const refused = page.getByRole('dialog').getByRole('alert');
  for (const [name, advice] of [['', 'that people can see'], ['a'.repeat(41), 'at most 40 characters']] as const) {
    await ada.name.fill(name);
    await ada.name.press('Enter');
    await expect(refused).toContainText(advice);
    await expect(ada.name).toHaveAttribute('aria-invalid', 'true');
    await expect(ada.name).toBeFocused();
  }
});

test('an answer in one tab is an answer in all', async ({ page, room }) => {
  const first = new RoomPage(page);
  await first.open(room);
  const second = new RoomPage(await page.context().newPage());
  await second.open(room);
  await expect(second.name).toBeVisible();
  await first.takeName('Ada');
  await expect(second.name).toBeHidden();
  await expect(second.nameButton).toHaveAccessibleName(/: Ada\./);
});

test('later the name is changed by the picture beside the field', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await ada.nameButton.click();
  await expect(ada.name).toBeFocused();
  await expect(ada.name).toHaveValue('Ada');
  await ada.page.keyboard.type('Countess');
  await ada.page.getByRole('button', { name: 'Cancel' }).click();
  await expect(ada.nameButton).toHaveAccessibleName(/: Ada\./);

  await ada.nameButton.click();
  await ada.page.keyboard.type('Countess');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(bob.people.filter({ hasText: 'Countess' })).toHaveCount(1);
});

test('the card is reached whole on the smallest screens', async ({ page, room }) => {
  const ada = new RoomPage(page);
  for (const viewport of [{ width: 320, height: 568 }, { width: 640, height: 320 }]) {
    await page.setViewportSize(viewport);
    await ada.open(room);
    await ada.skip.scrollIntoViewIfNeeded();
    await expect(ada.skip).toBeInViewport({ ratio: 1 });
    await ada.name.scrollIntoViewIfNeeded();
    await expect(ada.name).toBeInViewport({ ratio: 1 });
  }
});
