// What the server does not take is marked, and can be sent again.
import { Between, unavailable, type Sent } from '../fixtures/between.ts';
import { RoomPage } from '../fixtures/room-page.ts';
import { Server } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';

test('messages that come too fast are sent by themselves, each once', async ({ enter }) => {
  const ada = await enter('Ada');
  // A person may say 20 things at once and 5 in a second from then on.
  const texts = Array.from({ length: 40 }, (_, number) => `number ${number + 1}.`);
  for (const text of texts) await ada.say(text);
  await expect(ada.message('number 40.')).toHaveAttribute('data-state', 'sent', { timeout: 40_000 });
  const seen = await ada.texts();
  expect(seen, 'in their order').toEqual(texts.slice(-seen.length));
});

test('a message that is refused says so, and is sent by trying again', async ({ page, room }) => {
  const between = await Between.of(page);
  between.answer = refuseFirst();
  const ada = new RoomPage(page);
  await ada.open(room);
  await ada.say('hello');
  const hello = ada.message('hello');
  await expect(hello).toHaveAttribute('data-state', 'failed');
  await expect(hello).toContainText('Not sent: the disk is full.');
  await expect(page.locator('#heard')).toHaveText('Not sent: the disk is full.');
  await ada.say('and the next one goes on');
  await ada.has('and the next one goes on');

  await hello.getByRole('button', { name: 'Try again' }).click();
  await ada.has('hello');
  expect(await ada.texts()).toEqual(['and the next one goes on', 'hello']);
});

test('a message that is refused can be written anew, before what one is writing', async ({ page, room }) => {
  const between = await Between.of(page);
  between.answer = refuseFirst();
  const ada = new RoomPage(page);
  await ada.open(room);
  await ada.say('helo');
  await expect(ada.message('helo')).toHaveAttribute('data-state', 'failed');
  await ada.box.fill('how are you?');

  await ada.message('helo').getByRole('button', { name: 'Edit' }).click();
  await expect(ada.box).toHaveValue('helo\nhow are you?');
  await expect(ada.box).toBeFocused();
  await expect(ada.messages).toHaveCount(0);
});

test('after an end for good nothing pretends to be on its way, and trying again connects anew', async ({
  page,
  room,
}) => {
  const between = await Between.of(page);
  between.answer = (message, socket) => {
    if (message.type === 'say') void socket.close({ code: 1008, reason: 'too many fragments' });
    return message.type === 'say' ? {} : undefined;
  };
  const ada = new RoomPage(page);
  await ada.open(room);
  await ada.say('the last word');
  await expect(ada.state).toHaveText('Disconnected');
  const last = ada.message('the last word');
  await expect(last).toHaveAttribute('data-state', 'failed');
  await ada.say('too late');
  await expect(ada.message('too late')).toHaveAttribute('data-state', 'failed');

  between.answer = () => undefined;
  await last.getByRole('button', { name: 'Try again' }).click();
  await ada.isLive();
  await ada.has('the last word');
  await expect(ada.message('too late')).toHaveAttribute('data-state', 'failed');
});

test('a text that is too long is counted in characters, not cut, and not sent', async ({ enter }) => {
  const ada = await enter('Ada');
  const excess = ada.page.getByRole('alert').filter({ hasText: 'Too long' });
  await ada.box.fill('🦀'.repeat(4_002));
  await expect(excess).toContainText('take out 2 characters');
  await ada.box.press('Enter');
  await expect(ada.box).toHaveValue('🦀'.repeat(4_002));
  await expect(ada.messages).toHaveCount(0);

  await ada.box.fill('🦀'.repeat(4_000));
  await expect(excess).toHaveCount(0);
  await ada.box.press('Enter');
  await ada.has('🦀');
});

test('a server that takes longer or shorter texts is believed', async ({ page, room }) => {
  const server = await Server.start({ plain: true, args: ['--max-text-chars', '10'] });
  try {
    await page.goto(`${server.url}rooms/${room}`);
    const ada = new RoomPage(page);
    await ada.isLive();
    await ada.box.fill('🦀'.repeat(11));
    const excess = page.getByRole('alert').filter({ hasText: 'Too long' });
    await expect(excess).toContainText('take out 1 character');
    await ada.box.press('Backspace');
    await expect(excess).toHaveCount(0);
    await ada.box.press('Enter');
    await ada.has('🦀');
    // The page would look for the server when that is gone.
    await page.goto('about:blank');
  } finally {
    await server.dispose();
  }
});

test.describe('a room that is full', () => {
  // Chromium reports each try that fails.
  test.use({ allowedInConsole: [/WebSocket connection to|status of 429|ERR_CONNECTION_REFUSED/] });

  test('says so, and lets one in when there is a place', async ({ page, enter, room }) => {
    const server = await Server.start({ plain: true, args: ['--max-members-per-room', '1'] });
    try {
      const ada = await enter('Ada', server.url);
      await page.goto(`${server.url}rooms/${room}`);
      const bob = new RoomPage(page);
      await expect(bob.banner).toContainText('is full');
      await expect(bob.state).toHaveText(/^Reconnecting/);

      await ada.page.close();
      await expect(bob.state).toHaveText(/^Live/, { timeout: 30_000 });
      await expect(bob.banner).toHaveText('');
    } finally {
      await server.dispose();
    }
  });
});

test('a page whose WebSockets alone are cut off works over an event stream, and comes back', async ({ page, room }) => {
  let isCut = true;
  await page.routeWebSocket(/\/rooms\//, async (socket) => {
    if (isCut) await socket.close({ code: 1011 });
    else socket.connectToServer();
  });
  const ada = new RoomPage(page);
  await page.goto(`/rooms/${room}`);
  await expect(ada.state).toHaveText('Live over an event stream');
  await expect(page.locator('#way')).toContainText('WebSockets are blocked on the way here.');
  await ada.say('by POST');
  await ada.has('by POST');
  isCut = false;
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(ada.state).toHaveText('Live');
  await ada.say('by WebSocket');
  await ada.has('by WebSocket');
  expect(await ada.texts()).toEqual(['by POST', 'by WebSocket']);
});

/** Refuses the first message that is said, and lets all others through. */
function refuseFirst(): (message: Sent) => object | undefined {
  let refused = false;
  return (message) => {
    if (refused || message.type !== 'say') return undefined;
    refused = true;
    return unavailable(message);
  };
}
