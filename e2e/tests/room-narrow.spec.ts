// Rooms on the screen of a phone.
import { join } from 'node:path';

import { publish } from '../fixtures/http.ts';
import { expect, test } from '../fixtures/test.ts';

const viewport = { width: 360, height: 740 };

test.use({ contextOptions: { reducedMotion: 'reduce', viewport } });

test('while the people cover the messages nothing is loaded and nothing counts as read', async ({
  enter,
  room,
  stoppable,
}) => {
  await publish(stoppable.url, room, 'Ada', Array.from({ length: 300 }, (_, number) => `message ${number + 1}.`));
  const bob = await enter('Bob', stoppable.url);
  await bob.has('message 300.');
  const pages: string[] = [];
  bob.page.on('request', (request) => {
    if (request.url().includes('/messages?')) pages.push(request.url());
  });

  const people = bob.page.getByRole('button', { name: /^People/ });
  await people.click();
  await expect(bob.people).toHaveCount(1);
  await expect(bob.log).toBeHidden();
  for (const text of ['while away', 'and again']) await publish(stoppable.url, room, 'Ada', [text]);
  await expect(bob.page).toHaveTitle(/^\(2\) /);
  expect(pages).toEqual([]);

  await people.click();
  await expect(bob.message('and again')).toBeInViewport();
  await expect(bob.page).not.toHaveTitle(/^\(/);
  const lines = await bob.log.locator('.message .text, [data-line="unread"]').allInnerTexts();
  expect(lines.slice(-4)).toEqual(['message 300.', 'New', 'while away', 'and again']);
  expect(pages).toEqual([]);
});

test('an empty room invites, and offers nothing more to show', async ({ enter, room, stoppable }) => {
  const ada = await enter('Ada', stoppable.url);
  await ada.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const invitation = ada.log.getByRole('button');
  await invitation.filter({ hasText: 'Copy link' }).click();
  await expect(invitation).toHaveText('Link copied');
  expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toBe(ada.page.url());
  await ada.page.setViewportSize({ width: 1920, height: 900 });
  const all = ada.page.getByRole('button', { name: 'Show all messages' });
  await expect(all).toBeHidden();
  await publish(stoppable.url, room, 'Bob', ['**left** to right', '**שלום** עולם', `Zalgo${'\u0301'.repeat(40)}`]);
  await ada.has('Zalgo');
  await expect(invitation).toHaveCount(0);
  await expect(all).toBeHidden();
  // A text from right to left stands in the same column, and accents stay in their message.
  const edges = await ada.log.locator('.text > p').evaluateAll((lines) =>
    lines.map((line) => Math.round(line.getBoundingClientRect().left)),
  );
  expect(edges).toHaveLength(2);
  expect(edges[1]).toBe(edges[0]);
  await expect(ada.message('Zalgo').locator('.text')).toHaveCSS('overflow-y', 'clip');
});

test('whoever has scrolled up finds their place again behind the people', async ({ enter, room, stoppable }) => {
  await publish(stoppable.url, room, 'Ada', Array.from({ length: 50 }, (_, number) => `message ${number + 1}.`));
  const bob = await enter('Bob', stoppable.url);
  await bob.has('message 50.');
  await bob.log.hover();
  await bob.page.mouse.wheel(0, -400);
  await expect(bob.page.getByRole('button', { name: 'Newest messages' })).toBeVisible();
  const place = () => bob.log.getByText('message 30.', { exact: true }).boundingBox();
  const before = await place();

  const people = bob.page.getByRole('button', { name: /^People/ });
  await people.click();
  await expect(bob.log).toBeHidden();
  await people.click();
  await expect(bob.log).toBeVisible();
  await expect.poll(place).toEqual(before);
});

test('above the keyboard of a phone are the field and the newest message', async ({ enter, room, stoppable }) => {
  await publish(stoppable.url, room, 'Ada', Array.from({ length: 60 }, (_, number) => `message ${number + 1}.`));
  const bob = await enter('Bob', stoppable.url);
  await bob.has('message 60.');
  await bob.box.focus();
  await bob.page.setViewportSize({ width: 360, height: 380 });
  await expect(bob.box).toBeInViewport({ ratio: 1 });
  await expect(bob.message('message 60.')).toBeInViewport({ ratio: 1 });
  await bob.box.fill('a text\nof some\nlines');
  await expect(bob.box).toBeInViewport({ ratio: 1 });
  await expect(bob.message('message 60.')).toBeInViewport({ ratio: 1 });
  await bob.say('heard above the keyboard');
  await expect(bob.message('heard above the keyboard')).toBeInViewport({ ratio: 1 });

  await bob.page.setViewportSize(viewport);
  await expect(bob.message('heard above the keyboard')).toBeInViewport({ ratio: 1 });
});

test('a draft that has its place is seen whole', async ({ enter }) => {
  const bob = await enter('Bob');
  for (const text of ['one line', 'a text\nof some\nlines', '']) {
    await bob.box.fill(text);
    expect(await bob.box.evaluate((box) => box.scrollHeight - box.clientHeight)).toBe(0);
  }
  expect((await bob.box.boundingBox())?.height).toBe(36);
});

// What the window of Chromium becomes above a keyboard; Safari's stays as it was.
for (const [height, above] of [[300, 300], [301, 301], [360, 360], [740, 300], [740, 360]] as const) {
  test(`above a keyboard that leaves ${above} of ${height} pixels a long draft leaves two lines of messages`, async ({
    enter,
  }) => {
    const [ada, bob] = [await enter('Ada'), await enter('Bob')];
    for (const text of ['one', 'two', 'three']) await ada.say(text);
    await bob.has('three');
    await bob.page.setViewportSize({ width: 360, height });
    await bob.page.evaluate((above) => {
      const sight = window.visualViewport as VisualViewport;
      Object.defineProperty(sight, 'height', { value: above });
      sight.dispatchEvent(new Event('resize'));
    }, above);
    await bob.box.fill(Array.from({ length: 10 }, (_, number) => `line ${number + 1}`).join('\n'));
    await expect.poll(async () => (await bob.log.boundingBox())?.height).toBeGreaterThanOrEqual(60);
    for (const text of ['two', 'three'])
      await expect(bob.message(text).locator('.text')).toBeInViewport({ ratio: 1 });
    const box = await bob.box.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(36);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(above);
    const hidden = await bob.box.evaluate((box) => box.scrollHeight - box.clientHeight);
    expect(hidden, 'the rest of the draft is reached by scrolling').toBeGreaterThan(100);
    await bob.page.screenshot({ path: join(import.meta.dirname, `../test-results/draft-${height}-${above}.png`) });
  });
}

for (const { width, height } of [{ width: 640, height: 200 }, { width: 1280, height: 250 }]) {
  test(`in a window of ${width} by ${height} one can write and send`, async ({ enter }) => {
    const bob = await enter('Bob');
    await bob.page.setViewportSize({ width, height });
    await bob.box.fill('a text\nof some\nlines');
    for (const part of [bob.nameButton, bob.box, bob.page.getByRole('button', { name: 'Send' })])
      await expect(part).toBeInViewport({ ratio: 1 });
    await expect(bob.page.getByRole('link', { name: 'Rooms' })).toBeHidden();

    await bob.page.setViewportSize({ width, height: 320 });
    await expect(bob.page.getByRole('link', { name: 'Rooms' })).toBeVisible();
    await expect(bob.box).toBeInViewport({ ratio: 1 });
  });
}

test('where a keyboard leaves little of a phone on its side, the field is above it', async ({ enter }) => {
  const bob = await enter('Bob');
  await bob.page.setViewportSize({ width: 640, height: 360 });
  // As Safari does: the window stays as high as it was.
  await bob.page.evaluate(() => {
    const sight = window.visualViewport as VisualViewport;
    Object.defineProperty(sight, 'height', { value: 190 });
    sight.dispatchEvent(new Event('resize'));
  });
  const bottom = () => bob.page.locator('.composer').evaluate((form) => form.getBoundingClientRect().bottom);
  await expect.poll(bottom).toBeLessThanOrEqual(190);
});

test('where the keyboard pushes the part in sight down, the page goes along', async ({ enter }) => {
  const bob = await enter('Bob');
  // As Safari does: the window stays as high as it was, and a lower part of it is seen.
  await bob.page.evaluate(() => {
    const sight = window.visualViewport as VisualViewport;
    Object.defineProperty(sight, 'height', { value: 380 });
    Object.defineProperty(sight, 'offsetTop', { value: 200 });
    sight.dispatchEvent(new Event('scroll'));
  });
  const bottom = () => bob.page.locator('.composer').evaluate((form) => form.getBoundingClientRect().bottom);
  await expect.poll(bottom).toBeLessThanOrEqual(580);
  expect(await bottom()).toBeGreaterThan(540);
});
