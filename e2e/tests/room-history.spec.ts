// Long rooms: only what is in sight exists as elements, and older messages come when they are wanted.
import { publish } from '../fixtures/http.ts';
import { Server } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';

const MESSAGES = 10_000;

// A server may go before its page does.
test.use({ allowedInConsole: [/ERR_CONNECTION_REFUSED/] });

test('thousands of messages are shown by some elements, and scrolling up loads the older ones', async ({
  enter,
  room,
}) => {
  test.setTimeout(300_000);
  // Whether each message is safe on the disk is tested elsewhere; here it would only take time.
  const unlimited = ['--messages-per-second', '1000000', '--message-burst', '1000000', '--ephemeral'];
  const server = await Server.start({ plain: true, args: unlimited });
  try {
    const texts = Array.from({ length: MESSAGES }, (_, number) => `message ${number + 1}.`);
    await publish(server.url, room, 'Ada', texts);
    const bob = await enter('Bob', server.url);
    await bob.has(`message ${MESSAGES}.`);
    expect(await bob.messages.count()).toBeLessThan(120);

    const first = bob.message('message 1.').and(bob.page.locator(':not([hidden])'));
    await expect(async () => {
      await bob.log.evaluate((log) => {
        log.scrollTop = 0;
      });
      await expect(bob.log.getByText('message 1.', { exact: true })).toHaveCount(1, { timeout: 250 });
    }).toPass({ timeout: 150_000, intervals: [50] });
    await expect(first.first()).toBeVisible();
    expect(await bob.messages.count()).toBeLessThan(120);

    const seen = await bob.texts();
    expect(seen, 'without a hole and without a double').toEqual(texts.slice(0, seen.length));

    // A new message moves nothing that is being read; a button leads to it.
    const place = await bob.log.getByText('message 1.', { exact: true }).boundingBox();
    await publish(server.url, room, 'Ada', ['and one more']);
    const down = bob.page.getByRole('button', { name: /^New messages/ });
    await expect(down).toBeVisible();
    expect(await bob.log.getByText('message 1.', { exact: true }).boundingBox()).toEqual(place);
    await down.click();
    await expect(bob.message('and one more')).toBeInViewport();
    expect(await bob.messages.count()).toBeLessThan(120);
  } finally {
    await server.dispose();
  }
});

test('a message that is read stays where it is while older ones are loaded', async ({ enter, room, stoppable }) => {
  await publish(stoppable.url, room, 'Ada', Array.from({ length: 300 }, (_, number) => `message ${number + 1}.`));
  const bob = await enter('Bob', stoppable.url);
  await bob.has('message 300.');

  // The first message in the window, and where it stands there.
  const read = () =>
    bob.log.evaluate((log) => {
      const top = log.getBoundingClientRect().top;
      const message = [...log.querySelectorAll('article')].find((one) => one.getBoundingClientRect().top >= top);
      return message && { text: message.querySelector('.text')?.textContent, at: message.getBoundingClientRect().top };
    });
  const isAtRest = async () => {
    const first = await read();
    await bob.page.evaluate(() => new Promise(requestAnimationFrame));
    return first !== undefined && JSON.stringify(first) === JSON.stringify(await read());
  };
  // Older ones come only when it is known where the others stand.
  let letThemCome = () => {};
  const mayCome = new Promise<void>((resolve) => (letThemCome = resolve));
  await bob.page.route(/messages\?/, async (route) => {
    await mayCome;
    await route.continue();
  });
  await bob.log.evaluate((log) => {
    log.scrollTop = 0;
  });
  await expect.poll(isAtRest).toBe(true);
  const before = await read();
  letThemCome();
  const older = Number(/\d+/.exec(before?.text ?? '')) - 10;
  await expect(bob.log.getByText(`message ${older}.`, { exact: true })).toHaveCount(1);
  // Others may come into sight above it, where its day and the word of loading were.
  const after = await bob.log.getByRole('article').filter({ hasText: before?.text ?? '' }).boundingBox();
  // Rows are measured in whole pixels, and there are dozens above it.
  expect(Math.abs((after?.y ?? 0) - (before?.at ?? 0))).toBeLessThan(4);
});
