// Time from the start of the navigation to the first visible prime, over an emulated link.
import { chromium } from 'playwright-core';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

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
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const PEERS = join(import.meta.dirname, 'peers/mithril/server.mjs');

/** Runs in the page: notes when the first prime, in a list or in large type, has been painted. */
function watchForTheFirstPrime() {
  const isThere = () => [...document.querySelectorAll('li, .newest-number')].some((item) => /\d/.test(item.textContent));
  const look = () => {
    if (!isThere()) return requestAnimationFrame(look);
    // The frame of this callback paints it; the next one comes after that paint.
    requestAnimationFrame((now) => {
      window.firstPrimeVisible = now;
    });
  };
  requestAnimationFrame(look);
}

async function visit(context, url) {
  const page = await context.newPage();
  await page.addInitScript(watchForTheFirstPrime);
  await page.goto(url, { waitUntil: 'commit' });
  const visible = await page.waitForFunction(() => window.firstPrimeVisible, undefined, { timeout: 30_000 });
  // What a second visit needs must have come to its end, the stream aside, or the rest of it is in the way of
  // that visit's document: a page that shows one prime after another has everything.
  await page.waitForFunction(() => [...document.querySelectorAll('li')].filter((item) => /\d/.test(item.textContent)).length > 1);
  const time = await visible.jsonValue();
  await page.close();
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
