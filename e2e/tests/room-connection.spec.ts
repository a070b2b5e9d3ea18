// A room whose server or network goes away and comes back: nothing is lost, nothing is there twice.
import { publish, withClient } from '../fixtures/http.ts';
import { Server } from '../fixtures/server.ts';
import { TcpLink } from '../fixtures/tcp-link.ts';
import { expect, test } from '../fixtures/test.ts';

// Chromium reports each try that fails.
test.use({ allowedInConsole: [/ERR_|WebSocket connection to/] });

// They stop one server, so they come one after the other.
test.describe.configure({ mode: 'default' });

test('after a restart of the server everything is there once', async ({ enter, stoppable }) => {
  const [ada, bob] = [await enter('Ada', stoppable.url), await enter('Bob', stoppable.url)];
  await ada.say('before');
  await bob.has('before');

  await stoppable.stop();
  await expect(bob.state).toHaveText(/^Reconnecting/);
  await expect(ada.state).toHaveText(/^Reconnecting/);
  await ada.say('while it was down');
  await expect(ada.message('while it was down')).toHaveAttribute('data-state', 'sending');
  await stoppable.startAgain();

  await ada.has('while it was down');
  await bob.has('while it was down');
  await bob.say('after');
  await ada.has('after');
  const said = ['before', 'while it was down', 'after'];
  expect(await ada.texts()).toEqual(said);
  expect(await bob.texts()).toEqual(said);
  await bob.page.reload();
  await bob.isLive();
  await expect(bob.messages).toHaveCount(3);
  expect(await bob.texts()).toEqual(said);
});

test('what was said while one was offline is there once one is back', async ({ enter, room, stoppable }) => {
  const link = await TcpLink.to(stoppable.port);
  const [ada, bob] = [await enter('Ada', stoppable.url), await enter('Bob', link.url)];
  await ada.say('before');
  await bob.has('before');

  link.cut();
  await expect(bob.state).toHaveText(/^(Reconnecting|Offline)/);
  const missed = Array.from({ length: 120 }, (_, number) => `missed ${number + 1}.`);
  await publish(stoppable.url, room, 'Ada', missed);
  await bob.say('typed offline');
  link.mend();

  await bob.has('typed offline');
  await ada.has('typed offline');
  const { offsets, texts } = await history(stoppable.url, room);
  expect(texts).toEqual(['before', ...missed, 'typed offline']);
  expect(offsets).toEqual(texts.map((_, place) => place + 1));
  // The window shows the newest ones: none is missing among them.
  const seen = await bob.texts();
  expect(seen.length).toBeGreaterThan(2);
  expect(seen).toEqual(texts.slice(-seen.length));
  await link.close();
});

test('a message whose answer was lost is published once', async ({ enter, room, stoppable }) => {
  const link = await TcpLink.to(stoppable.port);
  const bob = await enter('Bob', link.url);
  for (let turn = 1; turn <= 5; turn += 1) {
    await bob.say(`turn ${turn}.`);
    // The message may be on its way, taken, or answered: each time it must be there once.
    link.cut();
    await expect(bob.state).toHaveText(/^(Reconnecting|Offline)/);
    link.mend();
    await bob.has(`turn ${turn}.`);
  }
  const { texts } = await history(stoppable.url, room);
  expect(texts).toEqual([1, 2, 3, 4, 5].map((turn) => `turn ${turn}.`));
  await link.close();
});

test('after the server has lost everything only the messages of its new store are shown', async ({ enter, room }) => {
  // What is kept in memory alone is gone with a restart.
  const server = await Server.start({ plain: true, args: ['--ephemeral'] });
  try {
    await publish(server.url, room, 'Ada', ['old one', 'old two', 'old three']);
    const bob = await enter('Bob', server.url);
    await bob.has('old three');
    await server.stop();
    await expect(bob.state).toHaveText(/^Reconnecting/);
    await server.startAgain();
    await publish(server.url, room, 'Ada', ['new one', 'new two']);

    await bob.has('new two');
    expect(await bob.texts()).toEqual(['new one', 'new two']);
    await expect(bob.log).toContainText('The server has a new store');
    await publish(server.url, room, 'Ada', ['new three', 'new four']);
    await bob.has('new four');
    expect(await bob.texts()).toEqual(['new one', 'new two', 'new three', 'new four']);
  } finally {
    await server.dispose();
  }
});

test('a short break of the network is no leaving', async ({ enter, stoppable }) => {
  const link = await TcpLink.to(stoppable.port);
  const [ada, bob] = [await enter('Ada', stoppable.url), await enter('Bob', link.url)];
  await expect(ada.people).toHaveCount(2);
  const counts = await ada.page.evaluateHandle(() => {
    const list = document.querySelector('[aria-label="People"]') as HTMLElement;
    const seen: number[] = [];
    new MutationObserver(() => seen.push(list.children.length)).observe(list, { childList: true });
    return seen;
  });
  link.cut();
  await expect(bob.state).toHaveText(/^(Reconnecting|Offline)/);
  link.mend();
  await bob.isLive();
  await ada.say('still here?');
  await bob.has('still here?');
  expect((await counts.jsonValue()).filter((count) => count !== 2)).toEqual([]);
  await link.close();
});

test('the banner of a lost connection says what happens, moves nothing, and goes by itself', async ({
  enter,
  room,
  stoppable,
}) => {
  const link = await TcpLink.to(stoppable.port);
  const bob = await enter('Bob', link.url);
  // On a phone a reason adds lines to the banner, and most of the page moves if anything does.
  await bob.page.setViewportSize({ width: 360, height: 740 });
  const texts = Array.from({ length: 15 }, (_, number) => `message ${number + 1}.`);
  await publish(stoppable.url, room, 'Ada', texts);
  await bob.has('message 15.');
  await expect(bob.banner).toHaveText('');
  const shifts = await bob.page.evaluateHandle(() => {
    const seen: number[] = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.push((entry as unknown as { value: number }).value);
    }).observe({ type: 'layout-shift' });
    return seen;
  });
  link.cut();
  await expect(bob.banner).toContainText('No connection.');
  await expect(bob.banner).toContainText('What you write is sent then.');
  await expect(bob.banner).toContainText('The server does not answer');
  await expect(bob.banner.locator('[aria-hidden="true"]')).toHaveText(/Trying again/);
  await expect(bob.page.getByRole('button', { name: 'Try now' })).toBeVisible();
  await expect(bob.page.locator('#people-list')).toHaveCSS('opacity', '0.5');
  for (const text of ['one', 'two']) await bob.say(text);
  await expect(bob.message('two')).toContainText('Sending…');
  const [start, gap, ring] = await bob.message('two').evaluate((message) => {
    const range = document.createRange();
    const box = (selector: string) => {
      range.selectNodeContents(message.querySelector(selector) as Element);
      return range.getBoundingClientRect();
    };
    const top = (selector: string) => document.querySelector(selector)!.getBoundingClientRect();
    return [box('time').left, box('.text').left - box('time').right, top('.write').top - top('.banner').bottom];
  });
  expect(start, 'the edge before the time').toBeGreaterThanOrEqual(4);
  expect(gap, 'between time and text').toBeGreaterThanOrEqual(4);
  expect(ring, 'between banner and ring').toBeGreaterThanOrEqual(5);
  link.mend();
  await bob.page.getByRole('button', { name: 'Try now' }).click();
  await bob.isLive();
  await expect(bob.banner).toHaveText('');
  await expect(bob.page.locator('#people-list')).toHaveCSS('opacity', '1');
  // As much as a page may shift while it loads.
  const total = (await shifts.jsonValue()).reduce((sum, shift) => sum + shift, 0);
  expect(total).toBeLessThanOrEqual(0.01);
  await link.close();
});

/** Every message of a room, as the server has them. */
async function history(url: string, room: string): Promise<{ offsets: number[]; texts: string[] }> {
  return withClient(url, async (client) => {
    const page = await client.get(`api/rooms/${room}/messages?from=start&limit=200`);
    const { messages } = (await page.json()) as { messages: { position: string; text: string }[] };
    return {
      offsets: messages.map(({ position }) => Number(position.split('-')[1])),
      texts: messages.map(({ text }) => text),
    };
  });
}
