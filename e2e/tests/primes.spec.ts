import { firstPrimes, newestFirst } from '../fixtures/primes-page.ts';
import { expect, test } from '../fixtures/test.ts';

const AS_FAST_AS_THEY_COME = 'Full speed';

test('primes appear, the newest on top', async ({ primes }) => {
  await primes.open();
  await primes.showsAtLeast(5);

  const rows = await primes.rowsInSight();
  expect(rows.length).toBeGreaterThanOrEqual(5);
  expect(rows).toEqual(newestFirst(rows));
  await expect(primes.state).toHaveText('Live');
});

test('paused, the page stays as it is; it goes on where it stopped', async ({ primes }) => {
  await primes.open();
  await primes.showsAtLeast(2);

  await primes.press('Pause');
  await expect(primes.state).toHaveText('Paused');
  const paused = await primes.seen();
  await primes.press('Resume');
  await primes.showsAtLeast(paused + 2);

  const rows = await primes.rowsInSight();
  expect(rows).toEqual(newestFirst(rows));
});

test('after the last prime the page says so and offers the next ones', async ({ primes }) => {
  await primes.open();
  await primes.speed.selectOption(AS_FAST_AS_THEY_COME);
  await expect(primes.state).toHaveText('Done');
  await expect(primes.progress).toHaveText('All 100 primes have arrived.');
  await expect(primes.newest).toHaveText('541');

  await primes.press('Next 100');
  await expect(primes.progress).toHaveText('All 200 primes have arrived.');
  await expect(primes.newest).toHaveText('1223');
  const rows = await primes.rowsInSight();
  expect(rows).toEqual(newestFirst(rows));
});

test('a run may start at a number far beyond 64 bits', async ({ primes }) => {
  await primes.open();
  await primes.start.fill('100000000000000000000000000000');
  await primes.press('Restart');

  // The first prime after 10^29 is 10^29 + 319. A row shortens it, a press on the row shows it whole.
  await expect(primes.newest).toHaveText(/^10{26}\d+$/);
  await primes.rows.getByRole('button', { name: /^10000000…00000319,/ }).click();
  await expect(primes.page.getByRole('dialog')).toContainText('100000000000000000000000000319');
});

test('a start that is no number is refused with a sentence, and nothing is lost', async ({ primes }) => {
  await primes.open();
  await primes.showsAtLeast(1);
  await primes.start.fill('seven');
  await primes.press('Restart');

  await expect(primes.page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
  const before = await primes.seen();
  await primes.showsAtLeast(before + 1);
});

test('ten thousand primes are shown by a handful of elements', async ({ primes }) => {
  await primes.open();
  await primes.speed.selectOption(AS_FAST_AS_THEY_COME);
  await primes.count.selectOption('10000');
  await primes.press('Restart');

  await expect(primes.progress).toHaveText('All 10000 primes have arrived.');
  await expect(primes.newest).toHaveText(String(firstPrimes(10_000).at(-1)));
  expect(await primes.rows.count()).toBeLessThan(100);
});

test.describe('when the server is gone for a while', () => {
  // Chromium reports each try that fails.
  test.use({ allowedInConsole: [/ERR_CONNECTION_REFUSED|ERR_HTTP2|ERR_CONNECTION_(CLOSED|RESET)|ERR_EMPTY_RESPONSE/] });

  test('the page says that it reconnects, and misses nothing', async ({ primes, stoppable }) => {
    await primes.open(stoppable.url);
    await primes.showsAtLeast(3);

    await stoppable.stop();
    await expect(primes.state).toHaveText('Reconnecting');
    const before = await primes.seen();
    await stoppable.startAgain();
    await primes.showsAtLeast(before + 3);

    const rows = await primes.rowsInSight();
    expect(rows, 'no prime is missing and none is there twice').toEqual(newestFirst(rows));
    await expect(primes.state).toHaveText('Live');
  });
});
