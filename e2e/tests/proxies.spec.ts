// Behind a proxy that is set up wrongly, the room works or the page says what is wrong and what to set.
import type { Page } from '@playwright/test';

import { publish } from '../fixtures/http.ts';
import { HOST, Nginx, UPGRADE, type NginxOptions } from '../fixtures/nginx.ts';
import { RoomPage } from '../fixtures/room-page.ts';
import { Server } from '../fixtures/server.ts';
import { expect, test as base } from '../fixtures/test.ts';

const RIGHT: NginxOptions = { location: HOST + UPGRADE };
const NO_UPGRADE: NginxOptions = { location: HOST };

interface Fixtures {
  /** A server behind nginx, without TLS. */
  behind: Server;
  /** Starts nginx in front of it. */
  startNginx: (options: NginxOptions) => Promise<Nginx>;
}

const test = base.extend<Fixtures>({
  behind: async ({}, use) => {
    const server = await Server.start({ plain: true });
    await use(server);
    await server.dispose();
  },
  startNginx: async ({ behind, page }, use) => {
    const started: Nginx[] = [];
    await use(async (options) => {
      const nginx = await Nginx.start(behind.port, options);
      started.push(nginx);
      return nginx;
    });
    // The page would look for the server when that is gone.
    await page.goto('about:blank');
    for (const nginx of started) await nginx.dispose();
  },
});

test.skip(!Nginx.isInstalled(), 'nginx is not installed');

// Chromium reports each try that fails.
test.use({ allowedInConsole: [/WebSocket connection to|status of \d{3}|ERR_|EventSource's response|Connecting to 'https:\/\/login/] });

/** What the banner above the field says. */
function banner(page: Page) {
  return page.getByRole('status');
}

/** What the banner says to the operator, once it is unfolded. */
function advice(page: Page) {
  return page.locator('.banner details');
}

/** Opens a room, and waits until it is live over an event stream. */
async function openOverStream(page: Page, url: string, room: string): Promise<RoomPage> {
  const person = new RoomPage(page);
  await page.goto(`${url}rooms/${room}`);
  await expect(person.state).toHaveText('Live over an event stream');
  return person;
}

/** Lets the page try a WebSocket now, as when the network has changed. */
async function changeNetwork(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
}

test('through a proxy that is set up rightly there is a WebSocket and nothing to say', async ({
  page,
  room,
  startNginx,
  behind,
}) => {
  const nginx = await startNginx(RIGHT);
  const ada = new RoomPage(page);
  await ada.open(room, nginx.url);
  await ada.say('hello');
  await ada.has('hello');
  await expect(ada.state).toHaveText('Live');
  await expect(banner(page)).toHaveText('');
  expect(behind.output).not.toContain('refused');
});

test('Host without the port: the room can be read, and the page says what to set until it is set', async ({
  page,
  room,
  startNginx,
  behind,
}) => {
  const nginx = await startNginx({ location: `proxy_set_header Host $host; ${UPGRADE}` });
  const ada = await openOverStream(page, nginx.url, room);
  const origin = `http://127.0.0.1:${nginx.port}`;
  await expect(banner(page)).toContainText('You can read here, but not write.');
  await expect(banner(page)).toContainText('takes this page for one of another site.');
  await expect(banner(page), 'short for readers').not.toContainText('nginx');
  await advice(page).getByText('For the operator').click();
  for (const part of [
    `from ${origin},`,
    'asked as 127.0.0.1.',
    'proxy_set_header Host $http_host;',
    `--allow-origin ${origin}.`,
  ]) {
    await expect(advice(page)).toContainText(part);
  }
  await expect(page.locator('#way p').first()).toHaveText('Live over an event stream.');
  await expect(page.locator('#way details'), 'said once').toBeHidden();
  await publish(behind.url, room, 'Bob', ['readable']);
  await ada.has('readable');
  await ada.say('waits');
  await expect(ada.message('waits')).toHaveAttribute('data-state', 'sending');
  const line = behind.output.split('\n').filter((line) => line.includes('refused a page of another origin'));
  expect(line, 'once a minute').toHaveLength(1);
  expect(line[0]).toContain(`origin=${origin}`);
  expect(line[0]).toContain('host=127.0.0.1');
  expect(line[0]).toContain('127.0.0.0');

  await nginx.change(RIGHT);
  await ada.has('waits');
  await changeNetwork(page);
  await expect(ada.state).toHaveText('Live');
  await expect(banner(page)).toHaveText('');
  expect(await ada.texts()).toEqual(['readable', 'waits']);
});

for (const [name, location] of [
  ['no Upgrade and Connection', HOST],
  ['HTTP/1.0 to the server', `${HOST} ${UPGRADE.replace('1.1', '1.0')}`],
  ['buffering on, which the server turns off', `${HOST} proxy_buffering on;`],
] as const) {
  test(`${name}: the room works over an event stream, and says so`, async ({ page, room, startNginx, behind, enter }) => {
    const nginx = await startNginx({ location });
    const opened = Date.now();
    const ada = await openOverStream(page, nginx.url, room);
    // A person would call it quick.
    expect(Date.now() - opened).toBeLessThan(10_000);
    await ada.takeName('Ada');
    const bob = await enter('Bob', behind.url);
    await expect(bob.people.filter({ hasText: 'Ada' })).toHaveCount(1);
    await expect(ada.people).toHaveCount(2);

    await ada.say('over POST');
    await bob.has('over POST');
    await bob.say('over the stream');
    await ada.has('over the stream');
    await ada.box.pressSequentially('writing');
    await expect(bob.typing).toHaveText('Ada is typing…');
    await bob.box.pressSequentially('writing');
    await expect(ada.typing).toHaveText('Bob is typing…');
    expect(await ada.texts()).toEqual(['over POST', 'over the stream']);

    const hint = page.locator('#way');
    await expect(hint).toContainText('Live over an event stream: WebSockets are blocked on the way here.');
    await expect(hint).toContainText('proxy_set_header Upgrade');
    await expect(banner(page)).toHaveText('');
    expect(behind.output).toContain('refused a WebSocket at /rooms/');
    expect(behind.output).toContain('proxy_set_header Upgrade');
  });
}

test('once WebSockets get through, the page goes back to one without loss or double', async ({
  page,
  room,
  startNginx,
  behind,
}) => {
  const nginx = await startNginx(NO_UPGRADE);
  const ada = await openOverStream(page, nginx.url, room);
  const seen = await page.evaluateHandle(() => {
    const seen: string[] = [];
    const status = document.querySelector('#status') as HTMLElement;
    new MutationObserver(() => seen.push(status.innerText)).observe(status, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    return seen;
  });
  await publish(behind.url, room, 'Bob', ['one', 'two']);
  await ada.has('two');
  // The stream stays open, and the next handshake gets through.
  await nginx.reload(RIGHT);
  const opened = page.waitForEvent('websocket');
  await changeNetwork(page);
  await opened;
  await publish(behind.url, room, 'Bob', ['three']);
  await ada.say('four');
  await ada.has('four');
  expect(await ada.texts()).toEqual(['one', 'two', 'three', 'four']);
  // It says in its second half that there is a WebSocket again, and is live all the way.
  const states = (await seen.jsonValue()).filter((state) => !state.startsWith('Live'));
  expect(states, 'no other state on the way').toEqual([]);
});

test('buffering that the server cannot turn off is named', async ({ page, room, startNginx }) => {
  const nginx = await startNginx({
    location: `${HOST} proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;`,
  });
  await page.goto(`${nginx.url}rooms/${room}`);
  await expect(advice(page)).toContainText('proxy_buffering off', { timeout: 30_000 });
});

for (const [name, location, way] of [
  ['a WebSocket', HOST + UPGRADE, 'Live'],
  ['an event stream', HOST, 'Live over an event stream'],
] as const) {
  test(`a proxy that cuts quiet connections after 2 s: the page keeps ${name} busy`, async ({
    page,
    room,
    startNginx,
    behind,
  }) => {
    test.slow();
    const nginx = await startNginx({ location: `${location} proxy_read_timeout 2s;` });
    const ada = new RoomPage(page);
    await page.goto(`${nginx.url}rooms/${room}`);
    await ada.say('one');
    await ada.has('one');
    // It has learned once it stays for longer than the proxy's patience.
    const stays = async () => {
      for (let look = 0; look < 10; look += 1) {
        if ((await ada.state.textContent()) !== way) return false;
        await page.waitForTimeout(500);
      }
      return true;
    };
    await expect.poll(stays, { timeout: 90_000, intervals: [100] }).toBe(true);
    await publish(behind.url, room, 'Bob', ['two']);
    await ada.has('two');
    expect(await ada.texts()).toEqual(['one', 'two']);
  });
}

test('Origin taken away by a proxy is no page of another site', async ({ page, room, startNginx }) => {
  const nginx = await startNginx({ location: `${HOST} ${UPGRADE} proxy_set_header Origin "";` });
  const ada = new RoomPage(page);
  await ada.open(room, nginx.url);
  await ada.say('hello');
  await ada.has('hello');
  await expect(ada.state).toHaveText('Live');
});

test('Origin rewritten by a proxy is named as the server saw it', async ({ page, room, startNginx, behind }) => {
  const nginx = await startNginx({ location: `${HOST} ${UPGRADE} proxy_set_header Origin https://other.example;` });
  // Not even the page is given out.
  await page.goto(`${nginx.url}rooms/${room}`);
  await expect(page.locator('body')).toContainText('saw Origin: https://other.example,');
  await expect(page.locator('body')).toContainText(`asked as 127.0.0.1:${nginx.port} `);
  await expect(page.locator('body')).toContainText('Remove the line that sets it');
  await expect(page.locator('body')).not.toContainText('--allow-origin');
  expect(behind.output).toContain('origin=https://other.example');
});

test('Origin rewritten in handshakes alone: what is written arrives by POST', async ({ page, room, startNginx }) => {
  const nginx = await startNginx({
    location: `${HOST} ${UPGRADE} proxy_set_header Origin $rewritten;`,
    http: 'map $http_upgrade $rewritten { default $http_origin; websocket https://other.example; }',
  });
  const ada = await openOverStream(page, nginx.url, room);
  await expect(page.locator('#way')).toContainText('remove the line that sets Origin');
  await expect(page.locator('#way')).toContainText('saw https://other.example.');
  await expect(page.locator('#way')).not.toContainText('--allow-origin');
  await ada.say('arrives');
  await ada.has('arrives');
  await expect(banner(page)).toHaveText('');
});

for (const [name, rule, part] of [
  ['refuses', 'limit_except GET { deny all; }', 'refuses this page (HTTP 403)'],
  ['redirects', 'if ($request_method = POST) { return 302 https://login.example/; }', 'probably to sign in'],
] as const) {
  test(`a proxy that ${name} what pages send: the room can be read, and what is written arrives later`, async ({
    page,
    room,
    startNginx,
    behind,
  }) => {
    const nginx = await startNginx({ location: `${HOST} ${rule}` });
    const ada = await openOverStream(page, nginx.url, room);
    await expect(banner(page)).toContainText('You can read here, but not write.');
    await expect(banner(page)).toContainText(part);
    await publish(behind.url, room, 'Bob', ['readable']);
    await ada.has('readable');
    await ada.say('waits');
    await expect(ada.message('waits')).toHaveAttribute('data-state', 'sending');
    await nginx.reload(RIGHT);
    await changeNetwork(page);
    await ada.has('waits');
    await expect(ada.state).toHaveText('Live');
    await expect(banner(page)).toHaveText('');
  });
}

test('a list of rooms that is redirected says so, and nothing else', async ({ page, startNginx }) => {
  const redirect = 'if ($uri ~ ^/api/) { return 302 https://login.example/; }';
  const nginx = await startNginx({ location: `${HOST} ${redirect}` });
  await page.goto(`${nginx.url}rooms`);
  await expect(page.getByRole('alert').filter({ hasText: 'probably to sign in' })).toBeVisible();
  await expect(page.getByText('Looking for rooms…')).toBeHidden();
});

test('a proxy that takes only short bodies: long messages say so, short ones arrive', async ({ page, room, startNginx }) => {
  const nginx = await startNginx({ location: `${HOST} client_max_body_size 1k;` });
  const ada = await openOverStream(page, nginx.url, room);
  const long = 'long '.repeat(500).trim();
  await ada.say(long);
  const failed = ada.messages.filter({ hasText: 'client_max_body_size' });
  await expect(failed).toHaveAttribute('data-state', 'failed');
  await ada.say('short');
  await ada.has('short');
});

test('WebSockets over the limit of a proxy: an event stream does as well', async ({ page, room, startNginx, enter }) => {
  const nginx = await startNginx({
    location: `${HOST} ${UPGRADE} limit_conn sockets 1; limit_conn_status 429;`,
    http: `
      map $http_upgrade $socket { default $binary_remote_addr; '' ''; }
      limit_conn_zone $socket zone=sockets:1m;`,
  });
  const bob = await enter('Bob', nginx.url);
  const ada = await openOverStream(page, nginx.url, room);
  await expect(page.locator('#way')).toContainText('did not reach the server');
  await ada.say('over POST');
  await bob.has('over POST');
});

test('a proxy that takes no connection more says so by 503, and there is one when there is a place', async ({
  page,
  room,
  startNginx,
  enter,
}) => {
  const nginx = await startNginx({
    location: `${HOST} ${UPGRADE} limit_conn all 1;`,
    http: `
      map $http_upgrade$uri $limited { '~^(websocket|/api/)' $binary_remote_addr; default ''; }
      limit_conn_zone $limited zone=all:1m;`,
  });
  const bob = await enter('Bob', nginx.url);
  await page.goto(`${nginx.url}rooms/${room}`);
  await expect(banner(page)).toContainText('takes no more connections or requests for now (HTTP 503)');
  await expect(advice(page)).toContainText('limit_conn');
  await bob.page.close();
  const ada = new RoomPage(page);
  await expect(ada.state).toHaveText(/^Live/, { timeout: 40_000 });
  await expect(banner(page)).toHaveText('');
});

test('whatever answers in the place of the server is named, and what is written arrives in the end', async ({
  page,
  room,
  startNginx,
}) => {
  test.slow();
  const nginx = await startNginx(RIGHT);
  const ada = new RoomPage(page);
  await ada.open(room, nginx.url);
  const html = 'default_type text/html;';
  for (const [answer, part, forOperator] of [
    ['return 302 https://login.example/;', 'sends this page elsewhere, probably to sign in. Reload the page.', ''],
    ['return 401;', 'wants you to sign in', ''],
    ['return 403;', 'refuses this page', 'limit_except'],
    ['return 404;', 'Something else than Roomcast', '/api and /rooms'],
    ['return 413;', 'only shorter messages', 'client_max_body_size'],
    ['return 426;', 'Something else than Roomcast', ''],
    ['return 429;', 'too many connections', '--max-connections-per-address'],
    ['return 500;', 'has failed', 'the logs'],
    ['return 503;', 'takes no more', '--max-connections'],
    ['return 504;', 'gets no answer', 'proxy_pass'],
    [`${html} return 200 "<p>Sign in to this network</p>";`, 'sign-in page of a network', ''],
  ] as const) {
    await nginx.change({ location: '', answer });
    await expect(banner(page)).toContainText('No connection.');
    await page.locator('#try-now').click();
    await expect(banner(page), answer).toContainText(part);
    await expect(advice(page), answer).toContainText(forOperator);
  }
  await nginx.change({ location: HOST, upstream: 1 });
  await page.locator('#try-now').click();
  await expect(advice(page)).toContainText('start the server, or correct its address');
  await expect(banner(page)).toContainText('(HTTP 502)');
  await ada.say('written meanwhile');
  await expect(ada.message('written meanwhile')).toHaveAttribute('data-state', 'sending');

  await nginx.stop();
  await page.locator('#try-now').click();
  await expect(banner(page)).toContainText('The server does not answer');

  await nginx.change(RIGHT);
  await page.locator('#try-now').click();
  await ada.isLive();
  await ada.has('written meanwhile');
  await expect(banner(page)).toHaveText('');
});

for (const [name, path] of [
  ['the primes', ''],
  ['the list of rooms', 'rooms'],
] as const) {
  test(`behind a proxy that gets no answer ${name} say so, and go on later`, async ({ page, startNginx }) => {
    const nginx = await startNginx(RIGHT);
    await page.goto(nginx.url + path);
    const state = page.locator('.state').first();
    await expect(state).toHaveText('Live');
    await nginx.change({ location: HOST, upstream: 1 });
    const why = page.getByRole('alert').filter({ hasText: '(HTTP 502)' });
    await expect(why).toBeVisible({ timeout: 30_000 });
    await nginx.change(RIGHT);
    await expect(state).toHaveText('Live', { timeout: 45_000 });
    await expect(why).toHaveCount(0);
  });
}
