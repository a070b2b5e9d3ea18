// Clients that we did not write: npm's ws, curl, and websocat where there is one.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';

import NodeWebSocket from 'ws';

import { publish } from '../fixtures/http.ts';
import { Program } from '../fixtures/process.ts';
import { expect, test } from '../fixtures/test.ts';

const WEBSOCAT = process.env['WEBSOCAT'] ?? 'websocat';

interface Message {
  readonly type: string;
  readonly text?: string;
  readonly nonce?: string;
  readonly position?: string;
}

test("npm's ws talks with a person in a browser, and goes on after a position", async ({ enter, room, server }) => {
  const ada = await enter('Ada');
  const bot = await Talk.open(server.url, `rooms/${room}?name=bot`);
  const welcome = await bot.next('welcome');
  expect(bot.socket.protocol).toBe('roomcast.v1');

  bot.send({ type: 'say', nonce: 'n-1', text: 'from ws' });
  const said = await bot.next('said');
  expect(said.nonce).toBe('n-1');
  await ada.has('from ws');
  await expect(ada.message('from ws')).toContainText('bot');
  await ada.say('from Ada');
  expect(await bot.message('from Ada')).toMatchObject({ type: 'message' });

  // The same nonce once more is the same message.
  bot.send({ type: 'say', nonce: 'n-1', text: 'from ws' });
  expect((await bot.next('said')).position).toBe(said.position);
  bot.socket.close(1000);
  expect((await once(bot.socket, 'close'))[0]).toBe(1000);

  const back = await Talk.open(server.url, `api/rooms/${room}/socket?from=${welcome.position}`);
  expect((await back.next('message')).text).toBe('from ws');
  expect((await back.next('message')).text).toBe('from Ada');
  await back.next('caught-up');
  back.socket.close();
});

test('what is no message gets an error, and the WebSocket goes on', async ({ room, server }) => {
  const bot = await Talk.open(server.url, `api/rooms/${room}/socket`);
  bot.socket.send('{"type":"dance"}');
  expect(await bot.next('error')).toMatchObject({ code: 'invalid' });
  bot.send({ type: 'say', nonce: 'n', text: '' });
  expect(await bot.next('error')).toMatchObject({ code: 'invalid-text', nonce: 'n' });
  bot.send({ type: 'say', nonce: 'm', text: 'all the same' });
  expect((await bot.next('said')).nonce).toBe('m');

  bot.socket.send(Buffer.from([1, 2, 3]));
  expect((await once(bot.socket, 'close'))[0]).toBe(1003);
});

test('curl reads a room as lines, and writes into it', async ({ enter, room, server }) => {
  const ada = await enter('Ada');
  const address = `${server.url}rooms/${room}`;
  const reader = new Program('curl', ['--insecure', '--silent', '--no-buffer', address]);
  const writer = new Program('curl', ['-sk', '-d', 'deploy finished', '-H', 'Roomcast-Name: ci', address]);
  const [, readers] = await writer.printed(/"readers":(\d+)\}/);
  expect(Number(readers)).toBeGreaterThanOrEqual(1);
  await ada.has('deploy finished');
  await ada.say('thanks');
  await reader.printed(/^ci: deploy finished\nAda: thanks\n$/);
  expect(await reader.stop()).toBeNull();
});

test('curl reads a room as an event stream that says where to go on', async ({ room, server }) => {
  await publish(server.url, room, 'ci', ['one', 'two']);
  const stream = (id: string) =>
    new Program('curl', ['-skN', '-H', 'Accept: text/event-stream', '-H', `Last-Event-ID: ${id}`, `${server.url}rooms/${room}`]);
  const all = new Program('curl', ['-skN', `${server.url}api/rooms/${room}/events`]);
  const [, id] = await all.printed(/id: (\S+-1)\ndata: .*"text":"one"/);
  await all.printed(/event: caught-up/);
  await all.stop();

  const rest = stream(String(id));
  await rest.printed(/event: caught-up/);
  await rest.stop();
  expect(rest.output).toContain('"text":"two"');
  expect(rest.output).not.toContain('"text":"one"');
});

test('websocat talks in a room', async ({ enter, room, server }) => {
  test.skip(spawnSync(WEBSOCAT, ['--version']).status !== 0, 'websocat is not installed');
  const ada = await enter('Ada');
  const address = new URL(`rooms/${room}?name=cat`, server.url.replace('http', 'ws')).href;
  const say = '{"type":"say","nonce":"1","text":"meow"}\n';
  const args = ['--insecure', '--no-close', '--protocol', 'roomcast.v1', address];
  const cat = new Program(WEBSOCAT, args, process.env, say);
  await cat.printed(/"type":"said","nonce":"1"|"nonce":"1".*"type":"said"/);
  await ada.has('meow');
  await expect(ada.message('meow')).toContainText('cat');
  await ada.say('hello cat');
  await cat.printed(/"text":"hello cat"/);
  await cat.stop();
});

/** A WebSocket of npm's ws whose messages are taken one by one. */
class Talk {
  readonly socket: NodeWebSocket;
  readonly #arrived: Message[] = [];
  #wake = () => {};

  private constructor(socket: NodeWebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#arrived.push(JSON.parse(data.toString()) as Message);
      this.#wake();
    });
  }

  static async open(server: string, path: string): Promise<Talk> {
    const address = new URL(path, server.replace('http', 'ws'));
    const talk = new Talk(new NodeWebSocket(address, 'roomcast.v1', { rejectUnauthorized: false }));
    await once(talk.socket, 'open');
    return talk;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Waits for the message with this text. */
  async message(text: string): Promise<Message> {
    for (;;) {
      const message = await this.next('message');
      if (message.text === text) return message;
    }
  }

  /** Waits for the next message of this type; those before it count as read. */
  async next(type: string): Promise<Message> {
    for (;;) {
      while (this.#arrived.length === 0) await new Promise<void>((done) => (this.#wake = done));
      const message = this.#arrived.shift();
      if (message?.type === type) return message;
    }
  }
}
