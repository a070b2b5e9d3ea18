// Time from the start of the navigation to the first visible prime, over an emulated link.
import { chromium } from 'playwright-core';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { makeCertificate } from './lib/certificate.mjs';
import { FAR_ADDRESS, Link, behindLink, whyNot } from './lib/link.mjs';
import { startServer } from './lib/processes.mjs';
import { roomcast } from './lib/roomcast.mjs';
import { median, table } from './lib/table.mjs';

const LINKS = [
  { rttMs: 20, mbit: 50 },
  { rttMs: 60, mbit: 9 },
  { rttMs: 150, mbit: 1.6 },
];
const REST_MS = 500;
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const PEERS = join(import.meta.dirname, 'peers/mithril/server.mjs');

const FIRST = 'first prime painted at ';
const SECOND = 'second prime';

/**
 * Runs in the page: says when the first prime, in a list or in large type, has been painted, and when there are two in
 * the list. It says so in the console, because to ask the page has Chromium compile Playwright's own scripts in it
 * while it loads.
 */
function watchForPrimes([first, second]) {
  const primes = (selector) => [...document.querySelectorAll(selector)].filter((item) => /\d/.test(item.textContent));
  const lookForTwo = () => {
    if (primes('li').length < 2) return requestAnimationFrame(lookForTwo);
    console.info(second);
  };
  const look = () => {
    if (primes('li, .newest-number').length === 0) return requestAnimationFrame(look);
    // The frame of this callback paints it; a message comes after that paint.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      console.info(first + performance.now());
      requestAnimationFrame(lookForTwo);
    };
    port2.postMessage(null);
  };
  requestAnimationFrame(look);
}

async function visit(context, url) {
  const page = await context.newPage();
  await page.addInitScript(watchForPrimes, [FIRST, SECOND]);
  const says = (text) => page.waitForEvent('console', (message) => message.text().startsWith(text));
  const [visible, everything] = [says(FIRST), says(SECOND)];
  await page.goto(url, { waitUntil: 'commit' });
  const time = Number((await visible).text().slice(FIRST.length));
  // What a second visit needs must have come to its end, the stream aside, or the rest of it is in the way of
  // that visit's document: a page that shows one prime after another has everything.
  await everything;
  await page.close();
  // Two cores are soon busy: what is left of this page is not to be in the way of the next one.
  await setTimeout(REST_MS);
  return time;
}

async function measure(browser, pages) {
  const times = pages.map(() => ({ cold: [], warm: [] }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { url }] of pages.entries()) {
      // A new context has no cache, no connection and no TLS session.
      const context = await browser.newContext();
      times[index].cold.push(await visit(context, url));
      times[index].warm.push(await visit(context, url));
      await context.close();
    }
  }
  return times;
}

function mithril(form, port) {
  return ['node', [PEERS, form, host, String(port), cert, key]];
}

const obstacle = whyNot();
if (obstacle) {
  console.log(`page load: skipped: ${obstacle}.`);
  process.exit(0);
}
const { cert, key, publicKeyHash } = makeCertificate([FAR_ADDRESS]);
const link = await Link.open();
const host = FAR_ADDRESS;
const pages = [
  { name: 'Roomcast', port: 8001, command: roomcast({ host, port: 8001, cert, key }) },
  { name: "the book's page (Mithril, unminified)", port: 8002, command: mithril('book', 8002) },
  { name: 'tuned Mithril (minified, brotli)', port: 8003, command: mithril('tuned', 8003) },
].map((page) => ({ ...page, url: `https://${host}:${page.port}/` }));
for (const { command, port } of pages) {
  await startServer(...behindLink(...command), { host, port });
}
const script = join(import.meta.dirname, '../scripts/chromium.sh');
const executablePath = execFileSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const browser = await chromium.launch({
  executablePath,
  args: [
    ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
    ...['--disable-background-networking', '--disable-component-update'],
    `--ignore-certificate-errors-spki-list=${publicKeyHash}`,
  ],
});

const rows = [];
for (const setting of LINKS) {
  await link.set(setting);
  const times = await measure(browser, pages);
  for (const [index, { name }] of pages.entries()) {
    const { cold, warm } = times[index];
    const spread = (list) => `${Math.round(median(list))} (${Math.round(Math.min(...list))}–${Math.round(Math.max(...list))})`;
    rows.push([`${setting.rttMs} ms, ${setting.mbit} Mbit/s`, name, spread(cold), spread(warm)]);
  }
}
table(
  `Page load: ms to the first visible prime, median (least–most) of ${ROUNDS}`,
  ['link', 'page', 'cold', 'warm'],
  rows,
);
await browser.close();
process.exit(0);
