import { firstPrimes } from '../fixtures/primes-page.ts';
import { expect, test } from '../fixtures/test.ts';

test('primes appear, the newest on top', async ({ primes }) => {
  await primes.open();
  await primes.showsAtLeast(5);

  const shown = await primes.numbers();
  expect(shown).toEqual(firstPrimes(shown.length));
  await expect(primes.state).toContainText(/live/i);
});

test('the page goes on where it stopped when the server starts again', async ({ primes, stoppable }) => {
  await primes.open(stoppable.url);
  await primes.showsAtLeast(3);

  await stoppable.stop();
  await expect(primes.state).toContainText(/reconnecting/i);
  const before = await primes.items.count();
  await stoppable.startAgain();
  await primes.showsAtLeast(before + 3);

  const shown = await primes.numbers();
  expect(shown, 'no prime is missing and none is there twice').toEqual(firstPrimes(shown.length));
  await expect(primes.state).toContainText(/live/i);
});
