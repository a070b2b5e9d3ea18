// Event streams that are dead without anybody having said so.
import { publish } from '../fixtures/http.ts';
import { newestFirst } from '../fixtures/primes-page.ts';
import { RoomPage } from '../fixtures/room-page.ts';
import { Server } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';

/** How long it takes until a page has asked and waited in vain, with room to spare. */
const FOUND_OUT = { timeout: 30_000 };

test.describe('when the server hangs', () => {
  // Chromium reports each try that fails.
  test.use({ allowedInConsole: [/ERR_/] });

  test.afterEach(({ stoppable }) => stoppable.thaw());

  test('the page of primes says so, and goes on without a gap once the server does', async ({ primes, stoppable }) => {
    await primes.open(stoppable.url);
    await primes.showsAtLeast(3);
    stoppable.freeze();
    await expect(primes.state).toHaveText('Reconnecting', FOUND_OUT);
    const before = await primes.seen();

    stoppable.thaw();
    await expect(primes.state).toHaveText('Live', FOUND_OUT);
    await primes.showsAtLeast(before + 3);
    const rows = await primes.rowsInSight();
    expect(rows, 'no prime is missing and none is there twice').toEqual(newestFirst(rows));
  });

  test('the list of rooms says so, and shows what is new once the server goes on', async ({ page, room, stoppable }) => {
    await page.goto(`${stoppable.url}rooms`);
    await expect(page.getByRole('status')).toHaveText('Live');
    stoppable.freeze();
    await expect(page.getByRole('status')).toHaveText('Reconnecting', FOUND_OUT);

    stoppable.thaw();
    await expect(page.getByRole('status')).toHaveText('Live', FOUND_OUT);
    await publish(stoppable.url, room, 'ci', ['x']);
    await expect(page.getByRole('link', { name: new RegExp(room) })).toBeVisible();
  });
});

test('a stream that is silent is kept as long as the server answers', async ({ page }) => {
  let opened = 0;
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/api/rooms/events')) opened += 1;
  });
  page.on('response', (response) => {
    if (response.url().endsWith('/healthz') && response.ok()) asked += 1;
  });
  // Of a list that says nothing more once it has come.
  const server = await Server.start({ plain: true });
  try {
    await page.clock.install();
    await page.goto(`${server.url}rooms`);
    await expect(page.getByRole('status')).toHaveText('Live');
    for (let turn = 1; turn <= 3; turn += 1) {
      await page.clock.fastForward(10_500);
      await expect.poll(() => asked, { message: 'asked when it is time', timeout: 5_000 }).toBe(turn);
    }
    await page.clock.fastForward(5_500);
    await expect(page.getByRole('status')).toHaveText('Live');
    expect(opened).toBe(1);
    await page.goto('about:blank');
  } finally {
    await server.dispose();
  }
});

test('a page that comes into sight asks at once, and one that is out of sight does not', async ({ page }) => {
  const server = await Server.start({ plain: true });
  try {
    let asked = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/healthz')) asked += 1;
    });
    await page.clock.install();
    await page.goto(`${server.url}rooms`);
    await expect(page.getByRole('status')).toHaveText('Live');
    const list = new RoomPage(page);
    await list.hide(true);
    await page.clock.fastForward(60_000);
    expect(asked).toBe(0);
    await list.hide(false);
    await expect.poll(() => asked).toBe(1);
    await page.goto('about:blank');
  } finally {
    await server.dispose();
  }
});
