// What people do in a room together, each in a browser of their own.
import { expect, test } from '../fixtures/test.ts';

test('two people talk', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await ada.say('hello Bob');
  await bob.has('hello Bob');
  await bob.say('hello Ada');
  await ada.has('hello Ada');

  await expect(bob.message('hello Bob')).toContainText('Ada');
  expect(await ada.texts()).toEqual(['hello Bob', 'hello Ada']);
  expect(await bob.texts()).toEqual(['hello Bob', 'hello Ada']);
});

test('Enter sends, Shift+Enter breaks the line', async ({ enter }) => {
  const ada = await enter('Ada');
  await ada.box.fill('one');
  await ada.box.press('Shift+Enter');
  await ada.box.pressSequentially('two');
  await ada.box.press('Enter');
  await ada.has('one');
  expect(await ada.texts()).toEqual(['one\ntwo']);
  await expect(ada.box).toHaveValue('');
});

test('a name is kept, shown to others, and changed', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await expect(bob.people.filter({ hasText: 'Ada' })).toHaveCount(1);

  await ada.takeName('Countess');
  await expect(bob.people.filter({ hasText: 'Countess' })).toHaveCount(1);
  await expect(bob.people.filter({ hasText: 'Ada' })).toHaveCount(0);

  await ada.page.reload();
  await ada.isLive();
  await ada.say('still me');
  await bob.has('still me');
  await expect(bob.message('still me')).toContainText('Countess');
});

test('who writes is seen by the others, and not for ever', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await ada.box.pressSequentially('hel');
  await expect(bob.typing).toContainText('Ada');
  await expect(ada.typing).toHaveText('');
  await ada.box.press('Enter');
  await expect(bob.typing).toHaveText('');
});

test('who stopped writing without sending anything is not seen to write for ever', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await bob.box.pressSequentially('hm');
  await expect(ada.typing).toContainText('Bob');
  await expect(ada.typing).toHaveText('');
  await expect(ada.messages).toHaveCount(0);
});

test('one person in three tabs counts once', async ({ enter, room }) => {
  const ada = await enter('Ada');
  const bob = await enter('Bob');
  for (const _ of [2, 3]) {
    const tab = await ada.page.context().newPage();
    await tab.goto(ada.page.url());
    await expect(tab.locator('#status')).toHaveText(/^Live/);
  }
  await expect(bob.people).toHaveCount(2);

  await bob.page.goto(new URL('/rooms', bob.page.url()).href);
  const listed = bob.page.getByRole('link', { name: new RegExp(room) });
  await expect(listed).toContainText(/[12] pe/);
});

test('a reload keeps what was said', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  for (const text of ['one', 'two', 'three']) {
    await ada.say(text);
    await bob.has(text);
  }
  await bob.page.reload();
  await bob.isLive();
  await expect(bob.messages).toHaveCount(3);
  expect(await bob.texts()).toEqual(['one', 'two', 'three']);
});

test('what is written is shown, and never run', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  const texts = [
    '<img src=x onerror="document.title = 1"><script>document.title = 1</script><b>raw</b>',
    '[run me](javascript:document.title=1) and [me](data:text/html,1)',
    '**bold** _italic_ `code` https://example.org/a?b=1&c=2',
    '> quoted\n\n- one\n- two',
  ];
  for (const text of texts) await ada.say(text);
  await bob.has('raw');
  await expect(bob.messages).toHaveCount(texts.length);

  await expect(bob.messages.nth(0)).toContainText('<img src=x');
  await expect(bob.log.locator('img, script, b')).toHaveCount(0);
  await expect(bob.log.locator('.message strong', { hasText: 'bold' })).toBeVisible();
  await expect(bob.log.locator('.text em')).toHaveText('italic');
  await expect(bob.log.locator('.text code')).toHaveText('code');
  await expect(bob.log.locator('blockquote')).toContainText('quoted');
  await expect(bob.log.locator('.text li')).toHaveText(['one', 'two']);

  const link = bob.log.getByRole('link', { name: 'https://example.org/a?b=1&c=2' });
  await expect(link).toHaveAttribute('href', 'https://example.org/a?b=1&c=2');
  await expect(link).toHaveAttribute('rel', /noopener/);
  await expect(link).toHaveAttribute('target', '_blank');
  for (const href of await bob.log.locator('a').evaluateAll((links) => links.map((a) => a.getAttribute('href')))) {
    expect(href).toMatch(/^https?:/);
  }
  expect(await bob.page.title()).not.toBe('1');
});

test('a message with my name stands out', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await ada.say('has anybody seen @bob?');
  await ada.say('bob sleds');
  await ada.say('bobsleighs are fast, @bobby');
  await bob.has('bobsleighs');
  await expect(bob.message('seen @bob')).toHaveAttribute('data-mention');
  await expect(bob.message('bobsleighs')).not.toHaveAttribute('data-mention');
  await expect(bob.message('bob sleds')).not.toHaveAttribute('data-mention');
  await expect(ada.message('seen @bob')).not.toHaveAttribute('data-mention');
});

test('the highlight of a mention lies evenly around its text', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await ada.say('first, @bob');
  await ada.say('second, @bob');
  await bob.has('second');
  for (const text of ['first', 'second']) {
    const space = await bob.message(text).evaluate((row) => {
      const box = row.getBoundingClientRect();
      const parts = [...row.querySelectorAll('.by, .text')].map((part) => part.getBoundingClientRect());
      // The highlight ends at the border, which lies between two people.
      const top = box.top + row.clientTop;
      return {
        above: Math.min(...parts.map((part) => part.top)) - top,
        below: box.bottom - Math.max(...parts.map((part) => part.bottom)),
      };
    });
    expect(Math.abs(space.above - space.below), text).toBeLessThanOrEqual(1);
  }
});

test('a picture of a person shows a whole character', async ({ enter }) => {
  const family = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}';
  for (const [name, character] of [
    [`${family} Lee`, family],
    ['\u{1f1e9}\u{1f1ea} team', '\u{1f1e9}\u{1f1ea}'],
    ['1\ufe0f\u20e3 one', '1\ufe0f\u20e3'],
    ['\u{1f44d}\u{1f3fd} yes', '\u{1f44d}\u{1f3fd}'],
    ['e\u0323\u0301a', '\u1eb9\u0301'],
    ['\u1112\u1161\u11ab a', '\ud55c'],
  ] as const) {
    const person = await enter(name);
    await person.say(`I am ${name}`);
    await person.has(`I am ${name}`);
    await expect(person.message(`I am ${name}`).locator('.avatar')).toHaveText(character);
  }
});

test('spaces and lines stay as they were written beside marks', async ({ enter }) => {
  const ada = await enter('Ada');
  await ada.say('a   **b**\n    c');
  const text = ada.log.locator('.text', { hasText: 'b' });
  await expect(text.locator('strong')).toHaveText('b');
  expect(await text.evaluate((element: HTMLElement) => element.innerText)).toBe('a   b\n    c');
});

test('what came while the tab was hidden is counted in the title, and begins with a line', async ({ enter }) => {
  const [ada, bob] = [await enter('Ada'), await enter('Bob')];
  await ada.say('before');
  await bob.has('before');

  await bob.hide(true);
  for (const text of ['while away', 'and again']) await ada.say(text);
  await expect(bob.page).toHaveTitle(/^\(2\) /);
  await bob.hide(false);
  await expect(bob.page).not.toHaveTitle(/^\(/);
  const lines = bob.log.locator('.message .text, [data-line="unread"]');
  expect(await lines.allInnerTexts()).toEqual(['before', 'New', 'while away', 'and again']);
});

test('the address is shared by a button', async ({ enter, room }) => {
  const ada = await enter('Ada');
  await ada.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await ada.page.getByRole('button', { name: 'Share' }).click();
  const copied = await ada.page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(ada.page.url());
  expect(copied).toContain(encodeURIComponent(room));
});

test('where the browser does not copy, it shows the address to be copied by hand', async ({ enter }) => {
  const ada = await enter('Ada');
  await ada.page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
  });
  const dialog = ada.page.waitForEvent('dialog');
  const share = ada.page.getByRole('button', { name: 'Share' });
  const click = share.click();
  expect((await dialog).defaultValue()).toBe(ada.page.url());
  await (await dialog).dismiss();
  await click;
  await expect(share).toHaveText('Share');
});

test('the WebSocket goes over the HTTP/2 connection of the page', async ({ page, room }) => {
  await page.goto('/rooms');
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  const handshake = new Promise<number>((done) => {
    network.once('Network.webSocketHandshakeResponseReceived', ({ response }) => done(response.status));
  });
  await page.goto(`/rooms/${room}`);
  // An upgrade over HTTP/1.1 answers 101, an extended CONNECT over HTTP/2 answers 200.
  expect(await handshake).toBe(200);
});

test('ways to write a name are one room', async ({ page, enter, room }) => {
  const ada = await enter('Ada');
  await page.goto(`/rooms/${room.toUpperCase()}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(room);
  await ada.say('same room');
  await expect(page.getByRole('log')).toContainText('same room');
});

test.describe('a name that no room can have', () => {
  // Chromium reports the 400 of a document as an error.
  test.use({ allowedInConsole: [/status of 400/] });

  test('is refused with a sentence', async ({ page }) => {
    const response = await page.goto('/rooms/a%20b');
    expect(response?.status()).toBe(400);
    await expect(page.getByRole('main')).toContainText(/letters, digits/);
  });
});
