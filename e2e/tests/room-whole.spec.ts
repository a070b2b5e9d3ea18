// A list that has only what is in sight as elements behaves as a whole: for selecting, copying, finding, printing.
import type { Page } from '@playwright/test';

import { publish } from '../fixtures/http.ts';
import type { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

const MESSAGES = 300;
const TEXTS = Array.from({ length: MESSAGES }, (_, number) => `message ${number + 1}.`);

/** Bob in a room with much history, of which the newest part is loaded. */
async function bobInLongRoom(enter: (name: string, server?: string) => Promise<RoomPage>, room: string, server: string) {
  await publish(server, room, 'Ada', TEXTS);
  const bob = await enter('Bob', server);
  await bob.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await bob.has(`message ${MESSAGES}.`);
  return bob;
}

/** Loads all history, and goes to the end again. */
async function loadAll(bob: RoomPage): Promise<void> {
  await expect(async () => {
    await bob.log.evaluate((log) => log.scrollTo(0, 0));
    await expect(bob.log.getByText('message 1.', { exact: true })).toHaveCount(1, { timeout: 250 });
  }).toPass({ intervals: [50] });
}

async function scroll(bob: RoomPage, to: 'top' | 'bottom'): Promise<void> {
  await bob.log.evaluate((log, to) => log.scrollTo(0, to === 'top' ? 0 : log.scrollHeight), to);
  const text = to === 'top' ? 'message 1.' : `message ${MESSAGES}.`;
  await expect(bob.log.getByText(text, { exact: true })).toBeInViewport();
}

async function copied(page: Page): Promise<string> {
  await page.evaluate(() => navigator.clipboard.writeText('nothing'));
  await page.keyboard.press('Control+C');
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The texts in a copy, each on a line with time and name. */
function textsOf(copy: string): string[] {
  const lines = copy.split('\n').filter((line) => line.startsWith('['));
  return lines.map((line) => /^\[\d+:\d\d( [AP]M)?\] Ada: (.*)$/.exec(line)?.[2] ?? `not a message: ${line}`);
}

/** Where on the page the text of a message begins, and a little inside of it. */
async function at(bob: RoomPage, text: string): Promise<{ x: number; y: number }> {
  const box = await bob.log.getByText(text, { exact: true }).boundingBox();
  return { x: (box?.x ?? 0) + 1, y: (box?.y ?? 0) + 12 };
}

test('a selection that was dragged on while scrolling is copied whole', async ({ enter, room, stoppable }) => {
  const bob = await bobInLongRoom(enter, room, stoppable.url);
  await loadAll(bob);
  await scroll(bob, 'top');
  const from = await at(bob, 'message 3.');
  await bob.page.mouse.move(from.x, from.y);
  await bob.page.mouse.down();
  const end = bob.log.getByText('message 200.', { exact: true });
  await bob.page.mouse.move(from.x, from.y + 40);
  await expect(async () => {
    await bob.page.mouse.wheel(0, 900);
    await expect(end).toBeInViewport({ timeout: 100 });
  }).toPass({ intervals: [50] });
  const box = await end.boundingBox();
  await bob.page.mouse.move((box?.x ?? 0) + 400, (box?.y ?? 0) + 12, { steps: 4 });
  await bob.page.mouse.up();
  expect(await bob.messages.count()).toBeLessThan(120);
  expect(textsOf(await copied(bob.page))).toEqual(TEXTS.slice(2, 200));
});

test('a selection stays while its rows are out of sight, and is there again with them', async ({ enter, room, stoppable }) => {
  const bob = await bobInLongRoom(enter, room, stoppable.url);
  await loadAll(bob);
  await scroll(bob, 'bottom');
  // From the second word of one message to the first of another.
  await bob.log.evaluate((log) => {
    const text = (words: string) => {
      const rows = [...log.querySelectorAll('.text')];
      return rows.find((row) => row.textContent === words)?.firstChild as Node;
    };
    getSelection()?.setBaseAndExtent(text('message 290.'), 8, text('message 293.'), 7);
  });
  const selected = () => bob.page.evaluate(() => getSelection()?.toString() ?? '');
  const before = await selected();
  expect(before).toContain('message 291.');
  await bob.log.focus();
  await scroll(bob, 'top');
  const copy = ['290.', 'message 291.', 'message 292.', 'message'];
  expect(textsOf(await copied(bob.page))).toEqual(copy);
  await scroll(bob, 'bottom');
  await expect.poll(selected).toBe(before);
  expect(textsOf(await copied(bob.page))).toEqual(copy);

  // A part of one message is copied as any other text is.
  await bob.log.evaluate((log) => {
    const text = [...log.querySelectorAll('.text')].at(-1)?.firstChild as Node;
    getSelection()?.setBaseAndExtent(text, 0, text, 7);
  });
  expect(await copied(bob.page)).toBe('message');
});

test('all loaded messages are selected and copied by Ctrl+A in the list', async ({ enter, room, stoppable }) => {
  const bob = await bobInLongRoom(enter, room, stoppable.url);
  await loadAll(bob);
  await bob.log.focus();
  await bob.page.keyboard.press('Control+A');
  expect(textsOf(await copied(bob.page))).toEqual(TEXTS);
  await scroll(bob, 'bottom');
  const copy = await copied(bob.page);
  expect(textsOf(copy)).toEqual(TEXTS);
  expect(copy.split('\n')[0], 'the day').toBe('Today');

  // In the field the same keys mean the field.
  await bob.box.fill('a draft');
  await bob.page.keyboard.press('Control+A');
  expect(await copied(bob.page)).toBe('a draft');
});

test('a copy of the whole page has all loaded messages', async ({ enter, room, stoppable }) => {
  const bob = await bobInLongRoom(enter, room, stoppable.url);
  await loadAll(bob);
  await bob.page.evaluate(() => {
    (document.activeElement as HTMLElement).blur();
    getSelection()?.selectAllChildren(document.body);
  });
  expect(textsOf(await copied(bob.page))).toEqual(TEXTS);
});

test('history that is loaded above keeps what is selected', async ({ enter, room, stoppable }) => {
  const bob = await bobInLongRoom(enter, room, stoppable.url);
  let letThemCome = () => {};
  const mayCome = new Promise<void>((resolve) => (letThemCome = resolve));
  await bob.page.route(/messages\?/, async (route) => {
    await mayCome;
    await route.continue();
  });
  const first = `message ${MESSAGES - 49}.`;
  await bob.log.evaluate((log) => log.scrollTo(0, 0));
  await expect(bob.log.getByText(first, { exact: true })).toBeInViewport();
  await bob.log.evaluate((log, first) => {
    const rows = [...log.querySelectorAll('.text')];
    const place = rows.findIndex((row) => row.textContent === first);
    getSelection()?.setBaseAndExtent(rows[place]?.firstChild as Node, 8, rows[place + 2]?.firstChild as Node, 7);
  }, first);
  letThemCome();
  await expect(bob.log.getByText(`message ${MESSAGES - 50}.`, { exact: true })).toHaveCount(1);
  const copy = ['251.', 'message 252.', 'message'];
  await expect.poll(async () => textsOf(await copied(bob.page))).toEqual(copy);
  // The name above the first message has gone, and its text is selected all the same.
  const selected = await bob.page.evaluate(() => getSelection()?.toString() ?? '');
  expect(selected.split('\n')[0]).toBe('251.');
});

test('the search of the browser finds all loaded messages', async ({ enter, room, stoppable }) => {
  const bob = await bobInLongRoom(enter, room, stoppable.url);
  await loadAll(bob);
  await scroll(bob, 'bottom');
  expect(await bob.messages.count()).toBeLessThan(120);
  const finds = (text: string) =>
    bob.page.evaluate((text) => (window as unknown as { find: (text: string) => boolean }).find(text), text);
  await bob.page.keyboard.press('Control+F');
  await expect(bob.messages).toHaveCount(MESSAGES);
  await bob.page.evaluate(() => getSelection()?.collapse(document.body, 0));
  expect(await finds('message 7.')).toBe(true);
  // The browser's own search scrolls to what it has found; the function does not.
  await bob.page.evaluate(() => getSelection()?.anchorNode?.parentElement?.scrollIntoView({ block: 'center' }));
  await expect(bob.log.getByText('message 7.', { exact: true })).toBeInViewport();
  await bob.say('done');
  await bob.has('done');
  expect(await bob.messages.count()).toBeLessThan(120);
});

test('a button shows all messages, and loads what is not there yet', async ({ enter, room, stoppable }) => {
  const bob = await bobInLongRoom(enter, room, stoppable.url);
  const button = bob.page.getByRole('button', { name: 'Show all messages' });
  await button.focus();
  await bob.page.keyboard.press('Enter');
  await expect(bob.messages).toHaveCount(MESSAGES);
  expect(await bob.texts()).toEqual(TEXTS);
  await expect(bob.page.getByText(`${MESSAGES} messages are loaded.`)).toBeVisible();
  await expect(button).toBeHidden();
});

test('a print has all loaded messages', async ({ enter, room, stoppable }) => {
  const bob = await bobInLongRoom(enter, room, stoppable.url);
  await loadAll(bob);
  const pages = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  const printed = await bob.page.evaluateHandle(() => {
    const printed: number[] = [];
    addEventListener('beforeprint', () => printed.push(document.querySelectorAll('.message').length));
    return printed;
  });
  // 300 messages have no place on five pages.
  expect(pages(await bob.page.pdf())).toBeGreaterThan(5);
  expect(await printed.jsonValue()).toEqual([MESSAGES]);
  await expect.poll(() => bob.messages.count()).toBeLessThan(120);

  await bob.page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await bob.page.emulateMedia({ media: 'print' });
  await expect(bob.messages).toHaveCount(MESSAGES);
  const cut = await bob.log.evaluate((log) => log.scrollHeight - log.clientHeight);
  expect(cut).toBe(0);
  await expect(bob.box).toBeHidden();
});

test('the list of primes is found in and printed as a whole', async ({ page, primes }) => {
  await primes.open();
  await primes.count.selectOption('1000');
  await primes.speed.selectOption('0');
  await primes.press('Restart');
  await primes.showsAtLeast(1_000);
  expect(await primes.rows.count()).toBeLessThan(60);
  await page.keyboard.press('Control+F');
  await expect(primes.rows).toHaveCount(1_000);
});
