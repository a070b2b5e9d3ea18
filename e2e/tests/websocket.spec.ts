// WebSockets at /api/echo: over HTTP/2 in Chromium (RFC 8441), over HTTP/1.1 with npm's ws.
import { once } from 'node:events';

import NodeWebSocket from 'ws';

import { expect, test } from '../fixtures/test.ts';

test('Chromium echoes text and binary over HTTP/2 and sees the close code', async ({ page }) => {
  await page.goto('/');
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  const handshake = new Promise<number>((done) => {
    network.once('Network.webSocketHandshakeResponseReceived', ({ response }) => done(response.status));
  });

  const seen = await page.evaluate(async () => {
    const socket = new WebSocket(new URL('/api/echo', location.href));
    socket.binaryType = 'arraybuffer';
    const next = () =>
      new Promise<MessageEvent>((done, failed) => {
        socket.addEventListener('message', done, { once: true });
        socket.addEventListener('close', () => failed(new Error('closed')), { once: true });
      });
    await new Promise((done, failed) => {
      socket.addEventListener('open', done, { once: true });
      socket.addEventListener('error', () => failed(new Error('not opened')), { once: true });
    });

    socket.send('primes: 2, 3, 5 — ∞');
    const text: unknown = (await next()).data;
    socket.send(Uint8Array.from({ length: 70_000 }, (_, place) => place % 251));
    const binary = new Uint8Array((await next()).data as ArrayBuffer);
    const closed = new Promise<CloseEvent>((done) => socket.addEventListener('close', done));
    socket.close(4321, 'enough');
    const { code, wasClean } = await closed;
    return {
      text,
      length: binary.length,
      intact: binary.every((byte, place) => byte === place % 251),
      close: { code, wasClean },
    };
  });

  expect(seen).toEqual({
    text: 'primes: 2, 3, 5 — ∞',
    length: 70_000,
    intact: true,
    close: { code: 4321, wasClean: true },
  });
  // An upgrade over HTTP/1.1 answers 101, an extended CONNECT over HTTP/2 answers 200.
  expect(await handshake).toBe(200);
});

test("npm's ws echoes text, binary, ping and the close code over HTTP/1.1", async ({ server }) => {
  const socket = new NodeWebSocket(new URL('/api/echo', server.url), { rejectUnauthorized: false });
  const [[response]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')]);
  expect([response.statusCode, response.httpVersion]).toEqual([101, '1.1']);

  socket.send('primes: 2, 3, 5 — ∞');
  const [text, textIsBinary] = (await once(socket, 'message')) as [Buffer, boolean];
  expect([text.toString(), textIsBinary]).toEqual(['primes: 2, 3, 5 — ∞', false]);

  const bytes = Buffer.from(Uint8Array.from({ length: 70_000 }, (_, place) => place % 251));
  socket.send(bytes);
  const [binary, binaryIsBinary] = (await once(socket, 'message')) as [Buffer, boolean];
  expect([binary.equals(bytes), binaryIsBinary]).toEqual([true, true]);

  socket.ping('alive?');
  const [pong] = (await once(socket, 'pong')) as [Buffer];
  expect(pong.toString()).toBe('alive?');

  socket.close(4321, 'enough');
  expect((await once(socket, 'close'))[0]).toBe(4321);
});

test('a WebSocket is closed with 1001 when the server stops', async ({ stoppable }) => {
  const socket = new NodeWebSocket(new URL('/api/echo', stoppable.url), { rejectUnauthorized: false });
  await once(socket, 'open');

  const closed = once(socket, 'close');
  expect(await stoppable.stop()).toBe(0);
  expect((await closed)[0]).toBe(1001);

  await stoppable.startAgain();
});
