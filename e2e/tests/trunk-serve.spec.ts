// `trunk serve`, with which one works on the page: it must show what the server shows.
import { once } from 'node:events';
import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import NodeWebSocket from 'ws';

import { ROOT } from '../fixtures/process.ts';
import { RoomPage } from '../fixtures/room-page.ts';
import { expect, test as base } from '../fixtures/test.ts';
import { TrunkServe } from '../fixtures/trunk.ts';

/** The first build of the client in debug may take that long. */
const BUILD_TIMEOUT_MS = 10 * 60_000;

const test = base.extend<object, { trunk: TrunkServe }>({
  trunk: [
    async ({}, use) => {
      const trunk = await TrunkServe.start();
      await use(trunk);
      await trunk.dispose();
    },
    { scope: 'worker', timeout: BUILD_TIMEOUT_MS },
  ],
});

// One after the other: they share one Trunk, which builds for a while.
test.describe.configure({ mode: 'default', timeout: BUILD_TIMEOUT_MS });

test('the page loads and primes appear', async ({ primes, trunk }) => {
  await primes.open(trunk.url);
  await primes.showsAtLeast(3);
});

test('its proxy does not hold the stream back', async ({ trunk }) => {
  // The second event comes after an hour: a proxy that gathers would show nothing until then.
  const stream = await fetch(new URL('/prime?interval=3600s', trunk.url));
  expect(stream.headers.get('content-type')).toContain('text/event-stream');

  let text = '';
  for await (const part of stream.body ?? []) {
    text += Buffer.from(part).toString();
    if (text.includes('\n\n')) break;
  }
  expect(text).toContain('data: {"id":1,"number":2}');
});

test('its proxy carries WebSockets', async ({ trunk }) => {
  const socket = new NodeWebSocket(new URL('/api/echo', trunk.url.replace('http', 'ws')));
  await once(socket, 'open');
  socket.send('2, 3, 5');
  const [text] = (await once(socket, 'message')) as [Buffer];
  expect(text.toString()).toBe('2, 3, 5');
  socket.close();
});

test('pages of rooms are Trunk’s own, and what they ask for is proxied', async ({ page, room, trunk }) => {
  await page.goto(new URL('/rooms', trunk.url).href);
  await expect(page.getByRole('status')).toHaveText('Live');
  const ada = new RoomPage(page);
  await ada.open(room, trunk.url);
  await ada.say('hello');
  await ada.has('hello');
});

test('a changed component reloads the page', async ({ page, primes, trunk }) => {
  const component = join(ROOT, 'frontend/src/app.rs');
  const [{ atime, mtime }, source] = await Promise.all([stat(component), readFile(component)]);
  await primes.open(trunk.url);
  await primes.showsAtLeast(1);
  await page.evaluate(() => document.documentElement.setAttribute('data-before-the-change', ''));

  try {
    // Written anew, the same bytes count as a change.
    await writeFile(component, source);
    await expect(page.locator('html[data-before-the-change]')).toHaveCount(0, { timeout: BUILD_TIMEOUT_MS });
    await primes.showsAtLeast(1);
  } finally {
    await utimes(component, atime, mtime);
  }
});
