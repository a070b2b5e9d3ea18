// Names that are taken at moments at which nobody listens.
import { Between } from '../fixtures/between.ts';
import { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

test('a name that is taken while the page still connects is known to the others', async ({ page, enter, room }) => {
  const ada = await enter('Ada');
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await Between.of(page, () => held);
  await page.goto(`/rooms/${room}`);
  const bob = new RoomPage(page);
  await expect(bob.state).toHaveText(/^Connecting/);
  await bob.takeName('Bob');
  release();
  await bob.isLive();
  await expect(ada.people.filter({ hasText: 'Bob' })).toHaveCount(1);
  await bob.say('hello');
  await expect(ada.message('hello')).toContainText('Bob');
});

test('a name that is taken in one tab is the name in all of them', async ({ enter }) => {
  const ada = await enter('Ada');
  const other = new RoomPage(await ada.page.context().newPage());
  await other.page.goto(ada.page.url());
  await other.isLive();
  await expect(other.nameButton).toHaveAccessibleName(/: Ada\./);
  await ada.takeName('Countess');
  await expect(other.nameButton).toHaveAccessibleName(/: Countess\./);
  await other.nameButton.click();
  await expect(other.name).toHaveValue('Countess');
  await other.say('it is me');
  await expect(ada.message('it is me')).toContainText('Countess');
});

test('who takes a name like that of somebody in the room is marked in the list, and nowhere else', async ({ enter }) => {
  const ada = await enter('Ada');
  const other = await enter('Adа'); // The last letter is Cyrillic.
  const mark = ada.people.getByRole('img', { name: /written with other letters/ });
  await expect(mark).toHaveCount(1);
  await expect(mark).toHaveText(/^≈/);
  await enter('Ada');
  await expect(ada.people.getByRole('img', { name: /same person on another device/ })).toHaveCount(1);
  await expect(mark).toHaveCount(1);
  await other.say('send me the key');
  await ada.has('send me the key');
  await expect(ada.log.locator('.mark, [title]')).toHaveCount(0);

  const explanation = mark.locator('.tip');
  await expect(explanation).toBeHidden();
  await mark.hover();
  await expect(explanation).toBeVisible();
  await ada.box.hover();
  await expect(explanation).toBeHidden();
  await mark.focus();
  await expect(explanation).toBeVisible();
});

test('a person on two tabs is marked nowhere', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  const other = new RoomPage(await ada.page.context().newPage());
  await other.page.goto(ada.page.url());
  await other.isLive();
  await other.say('it is me');
  await bob.has('it is me');
  for (const person of [ada, other, bob]) await expect(person.page.locator('.look-alike')).toHaveCount(0);
});
