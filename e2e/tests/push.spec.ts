// Server push and early hints, seen from clients that take them (RFC 9113 section 8.4, RFC 8297).
import { Http2Client } from '../fixtures/http2.ts';
import { Server } from '../fixtures/server.ts';
import { expect, test } from '../fixtures/test.ts';

const AS_A_BROWSER = { accept: 'text/html', 'accept-encoding': 'gzip, br' };

test('a client that takes pushes gets script, wasm and style sheet with the page', async ({ server }) => {
  const client = new Http2Client(server.url, { push: true });
  const page = await client.get('/', AS_A_BROWSER);
  client.close();

  expect(page.status).toBe(200);
  const kinds = [...page.pushed.keys()].map((path) => path.split('.').at(-1)).sort();
  expect(kinds).toEqual(['css', 'js', 'wasm']);
  for (const [path, response] of page.pushed) expect(response.status, path).toBe(200);
  expect(page.hints, 'who is pushed to needs no hints').toEqual([]);
});

test('pushed bytes and header fields are those of the normal response', async ({ server }) => {
  const client = new Http2Client(server.url, { push: true });
  const page = await client.get('/', AS_A_BROWSER);

  expect(page.pushed.size).toBeGreaterThan(0);
  for (const [path, pushed] of page.pushed) {
    const { 'accept-encoding': encodings } = AS_A_BROWSER;
    const asked = await client.get(path, { 'accept-encoding': encodings });
    expect(pushed.body.equals(asked.body), path).toBe(true);
    expect(withoutDate(pushed.headers), path).toEqual(withoutDate(asked.headers));
    expect(pushed.headers['content-encoding'], path).toBe('br');
    expect(pushed.headers['cache-control'], path).toContain('immutable');
  }
  client.close();
});

test('a client that refuses pushes gets one 103 that names the same files', async ({ server }) => {
  const taking = new Http2Client(server.url, { push: true });
  const pushed = [...(await taking.get('/', AS_A_BROWSER)).pushed.keys()].sort();
  taking.close();

  const refusing = new Http2Client(server.url, { push: false });
  const page = await refusing.get('/', AS_A_BROWSER);
  refusing.close();

  expect(page.pushed.size).toBe(0);
  expect(page.hints).toHaveLength(1);
  const links = String(page.hints[0]?.['link']);
  const hinted = [...links.matchAll(/<([^>]+)>/g)].map((match) => match[1]).sort();
  expect(hinted).toEqual(pushed);
});

test('a client that comes back with what it was given is neither pushed to nor hinted', async ({ server }) => {
  for (const push of [true, false]) {
    const client = new Http2Client(server.url, { push });
    const first = await client.get('/', AS_A_BROWSER);
    const cookies = (first.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]);
    const again = await client.get('/', {
      ...AS_A_BROWSER,
      'if-none-match': String(first.headers.etag),
      ...(cookies.length > 0 ? { cookie: cookies.join('; ') } : {}),
    });
    client.close();

    expect(again.status).toBe(304);
    expect(again.pushed.size).toBe(0);
    expect(again.hints).toEqual([]);
  }
});

test('the program alone, without a build beside it, serves and pushes the whole page', async ({ server }) => {
  const alone = await Server.start({ alone: true });
  const pages = [];
  for (const { url } of [server, alone]) {
    const client = new Http2Client(url, { push: true });
    pages.push(await client.get('/', AS_A_BROWSER));
    client.close();
  }
  await alone.dispose();

  const [beside, copied] = pages;
  expect(copied?.status).toBe(200);
  expect(copied?.body.equals(beside!.body)).toBe(true);
  expect([...copied!.pushed.keys()].sort()).toEqual([...beside!.pushed.keys()].sort());
  for (const [path, { body }] of copied!.pushed) {
    expect(body.equals(beside!.pushed.get(path)!.body), path).toBe(true);
  }
});

function withoutDate(headers: Record<string, unknown>): Record<string, unknown> {
  const { date: _, ...others } = headers;
  return others;
}
