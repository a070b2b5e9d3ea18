// A server under a path of a host (`--base-path`), behind nginx that keeps the path or takes it off, and alone.
import { chromium, type Page } from '@playwright/test';

import { listenToConsole } from '../fixtures/console.ts';
import { publish, withClient } from '../fixtures/http.ts';
import { Http2Client } from '../fixtures/http2.ts';
import { NetLog } from '../fixtures/net-log.ts';
import { HOST, Nginx, UPGRADE, type NginxOptions } from '../fixtures/nginx.ts';
import { RoomPage } from '../fixtures/room-page.ts';
import { Server } from '../fixtures/server.ts';
import { expect, test as base } from '../fixtures/test.ts';

const PATH = '/chat/';
const OPTIONS = ['--base-path', '/chat'];

/** What the two kinds of proxies do with the path. */
const PROXIES = [
  ['keeps', false],
  ['takes off', true],
] as const;

interface Fixtures {
  /** A server without TLS for a proxy in front of it. */
  behind: Server;
  /** Starts nginx in front of it, with one location at the path. */
  startNginx: (options: NginxOptions) => Promise<Nginx>;
}

const test = base.extend<Fixtures>({
  behind: async ({}, use) => {
    const server = await Server.start({ plain: true, args: OPTIONS });
    await use(server);
    await server.dispose();
  },
  startNginx: async ({ behind, page }, use) => {
    const started: Nginx[] = [];
    await use(async (options) => {
      const nginx = await Nginx.start(behind.port, { path: PATH, ...options });
      started.push(nginx);
      return nginx;
    });
    // The page would look for the server when that is gone.
    await page.goto('about:blank');
    for (const nginx of started) await nginx.dispose();
  },
});

/** Notes what a page asks for outside of the path, and what is answered with an error. */
function misses(page: Page): string[] {
  const missed: string[] = [];
  const look = (url: string) => {
    const { protocol, pathname } = new URL(url);
    if (/^(http|ws)s?:$/.test(protocol) && !pathname.startsWith(PATH)) missed.push(pathname);
  };
  page.on('request', (request) => look(request.url()));
  page.on('websocket', (socket) => look(socket.url()));
  page.on('response', (response) => {
    if (response.status() >= 400) missed.push(`${response.status()} ${response.url()}`);
  });
  return missed;
}

/** The addresses of all links in a page, as they are written. */
async function links(page: Page): Promise<string[]> {
  return page.locator('[href], [src]').evaluateAll((elements) =>
    elements.map((element) => element.getAttribute('href') ?? element.getAttribute('src') ?? ''),
  );
}

test.describe('behind nginx', () => {
  test.skip(!Nginx.isInstalled(), 'nginx is not installed');

  for (const [does, strips] of PROXIES) {
    test.describe(`that ${does} the path`, () => {
      const right = { location: HOST + UPGRADE, strips };

      test('every page is there with all that it asks for, and leads to the others', async ({ page, room, startNginx }) => {
        const nginx = await startNginx(right);
        const missed = misses(page);
        const heading = page.getByRole('heading', { level: 1 });
        const state = page.locator('.state').first();
        const at = (path: string) => expect(page).toHaveURL(nginx.url + path);

        await page.goto(nginx.url);
        await expect(state).toHaveText('Live');
        await page.getByRole('link', { name: 'Rooms' }).click();
        await at('rooms');
        await expect(state).toHaveText('Live');
        await page.getByRole('textbox', { name: 'Make a room' }).fill(room);
        await page.getByRole('button', { name: 'Open' }).click();
        await at(`rooms/${room}`);
        const ada = new RoomPage(page);
        await ada.isLive();
        await expect(heading).toHaveText(room);
        await ada.skip.click();
        await ada.say('hello');
        await ada.has('hello');
        await page.getByRole('link', { name: 'Rooms' }).click();
        await at('rooms');
        await page.getByRole('listitem').getByRole('link', { name: room }).click();
        await at(`rooms/${room}`);
        await ada.has('hello');
        await page.getByRole('link', { name: 'Primes' }).click();
        await at('');
        await page.getByRole('link', { name: 'Roomcast' }).click();
        await at('');
        await expect(state).toHaveText('Live');
        // An empty one means the page itself.
        for (const link of await links(page)) expect(link).toMatch(/^(\/chat\/|$)/);
        expect(missed).toEqual([]);
      });

      test('two people talk over WebSockets, and the cookie is for the path', async ({ page, room, startNginx, enter }) => {
        const nginx = await startNginx(right);
        const missed = misses(page);
        const sockets: string[] = [];
        page.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname));
        const ada = new RoomPage(page);
        await ada.open(room, nginx.url);
        await ada.takeName('Ada');
        const bob = await enter('Bob', nginx.url);
        await ada.say('from Ada');
        await bob.has('from Ada');
        await bob.say('from Bob');
        await ada.has('from Bob');
        await expect(ada.state).toHaveText('Live');
        expect(sockets).toEqual([`/chat/rooms/${room}`]);
        const cookies = await page.context().cookies(nginx.url);
        expect(cookies.map(({ path }) => path)).toEqual(['/chat']);
        expect(await page.context().cookies(new URL('/other', nginx.url).href)).toEqual([]);

        await page.reload();
        await ada.isLive();
        await expect(ada.name).toBeHidden();
        await expect(ada.people.filter({ hasText: 'Ada' })).toHaveCount(1);
        await expect(ada.people).toHaveCount(2);
        await ada.say('again from Ada');
        await expect(bob.message('again from Ada')).toContainText('Ada');
        expect(await page.evaluate(() => Object.keys(localStorage))).toContain('/chatroomcast.name');
        expect(missed).toEqual([]);
      });

      test('links to what is not there, the manifest and previews stay under the path', async ({ page, room, startNginx }) => {
        const nginx = await startNginx(right);
        await page.goto(`${nginx.url}rooms`);
        const manifest = await page.evaluate(async () => {
          const { href } = document.querySelector('link[rel=manifest]') as HTMLLinkElement;
          const { start_url, scope, icons } = await (await fetch(href)).json();
          const addresses = [start_url, scope, ...icons.map((icon: { src: string }) => icon.src)];
          return { href, addresses: addresses.map((address) => new URL(address, href).href) };
        });
        const { href, addresses } = manifest;
        expect(href).toBe(`${nginx.url}manifest.webmanifest`);
        expect(addresses.slice(0, 2)).toEqual([`${nginx.url}rooms`, nginx.url]);
        await withClient(nginx.url, async (client) => {
          for (const address of addresses) {
            expect(address.startsWith(nginx.url), address).toBe(true);
            expect((await client.get(address)).status(), address).toBe(200);
          }
          const headers = { 'user-agent': 'Slackbot', accept: 'text/html' };
          const preview = await (await client.get(`rooms/${room}`, { headers })).text();
          expect(preview).toContain(`<meta property="og:url" content="${nginx.url}rooms/${room}">`);
          expect(preview).toContain(`<meta property="og:image" content="${nginx.url}icon-512.png">`);
          const alone = await client.get(nginx.url.slice(0, -1), { maxRedirects: 0 });
          expect([301, 308]).toContain(alone.status());
          expect(new URL(alone.headers()['location'] ?? '', nginx.url).href).toBe(nginx.url);
        });
      });

      test.describe('', () => {
        // Chromium reports the 404 of a document as an error.
        test.use({ allowedInConsole: [/status of 404/] });

        test('a page that says that there is nothing leads back', async ({ page, startNginx }) => {
          const nginx = await startNginx(right);
          const response = await page.goto(`${nginx.url}no-such-page`);
          expect(response?.status()).toBe(404);
          // An empty one means the page itself.
          for (const link of await links(page)) expect(link).toMatch(/^(\/chat\/|$)/);
          await page.getByRole('link', { name: 'Back to the rooms' }).click();
          await expect(page).toHaveURL(`${nginx.url}rooms`);
          await expect(page.locator('.state').first()).toHaveText('Live');
        });
      });

      test.describe('and lets no WebSocket through', () => {
        // Chromium reports each try that fails.
        test.use({ allowedInConsole: [/WebSocket connection to|status of \d{3}/] });

        test('people talk over event streams and POST', async ({ page, room, startNginx, behind }) => {
          const nginx = await startNginx({ location: HOST, strips });
          const asked: string[] = [];
          page.on('request', (request) => asked.push(new URL(request.url()).pathname));
          const ada = new RoomPage(page);
          await page.goto(`${nginx.url}rooms/${room}`);
          await expect(ada.state).toHaveText('Live over an event stream');
          await ada.takeName('Ada');
          await ada.say('over POST');
          await ada.has('over POST');
          await publish(`${behind.url}chat/`, room, 'Bob', ['over the stream']);
          await ada.has('over the stream');
          expect(asked.filter((path) => !path.startsWith(PATH))).toEqual([]);
          expect(asked).toContain(`/chat/api/rooms/${room}/messages`);
        });
      });
    });
  }
});

test('without a proxy what goes ahead of the page has the path', async () => {
  const server = await Server.start({ args: OPTIONS });
  for (const push of [true, false]) {
    const client = new Http2Client(server.url, { push });
    const page = await client.get(PATH, { accept: 'text/html', 'accept-encoding': 'br' });
    client.close();
    const links = String(page.hints[0]?.['link'] ?? '');
    const hinted = [...links.matchAll(/<([^>]+)>/g)].map((match) => match[1] ?? '');
    const ahead = push ? [...page.pushed.keys()] : hinted;
    expect(ahead).toHaveLength(3);
    for (const path of ahead) expect(path).toMatch(/^\/chat\/[^/]+\.(css|js|wasm)$/);
    for (const [path, { status }] of page.pushed) expect(status, path).toBe(200);
  }
  expect(server.output).toContain(`https://localhost:${server.port}/chat/`);
  await server.dispose();
});

test('without a proxy each file comes once, after one 103', async ({ launchOptions }, testInfo) => {
  const server = await Server.start({ args: OPTIONS });
  const file = testInfo.outputPath('net-log.json');
  const trust = `--ignore-certificate-errors-spki-list=${await server.publicKeyHash()}`;
  const others = (launchOptions.args ?? []).filter((argument) => !argument.startsWith('--ignore-certificate-errors-spki'));
  const browser = await chromium.launch({ ...launchOptions, args: [...others, trust, NetLog.argument(file)] });
  const context = await browser.newContext();
  for (const path of ['', 'rooms', 'rooms/lobby', 'rooms/lobby']) {
    const page = await context.newPage();
    const heard = listenToConsole(page);
    await page.goto(`${server.url}chat/${path}`);
    await expect(page.locator('.state').first()).toHaveText('Live');
    expect(heard).toEqual([]);
    await page.close();
  }
  await browser.close();
  await server.dispose();
  const log = await NetLog.read(file);
  expect(log.statuses).toContain(103);
  const asked = log.timesAsked();
  const files = Object.entries(asked).filter(([path]) => /\.(css|js|wasm)$/.test(path));
  expect(files).toHaveLength(7);
  for (const [path, times] of files) expect(times, path).toBe(1);
  for (const path of Object.keys(asked)) expect(path).toMatch(/^\/chat\//);
});
