// Lighthouse's marks of the pages, on its emulated phone and on a desktop, several times each.
import { execFileSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';

import * as chromeLauncher from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';

import { makeCertificate } from './lib/certificate.mjs';
import { freePort, startServer } from './lib/processes.mjs';
import { roomcast } from './lib/roomcast.mjs';
import { median, table } from './lib/table.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 5);

/** How many messages the full room has. */
const MESSAGES = 350;

const HOST = '127.0.0.1';

const FORMS = { phone: undefined, desktop: desktopConfig };

/** Marks from 0 to 100 that are wanted at least. */
const WANTED = { performance: 98, accessibility: 100, 'best-practices': 100, seo: 100 };

/** What is told beside the marks, and how. */
const METRICS = {
  'cumulative-layout-shift': (value) => value.toFixed(3),
  'total-blocking-time': (value) => `${Math.round(value)} ms`,
  'largest-contentful-paint': (value) => `${(value / 1000).toFixed(1)} s`,
};

async function fill(url) {
  for (let number = 1; number <= MESSAGES; number += 1) {
    const body = JSON.stringify({ text: `message ${number}.${' more of it'.repeat(number % 40)}`, name: 'Ada' });
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const response = await fetch(`${url}api/rooms/full/messages`, request);
    if (response.status !== 201) throw new Error(`a message was answered ${response.status}: ${await response.text()}`);
  }
}

/** Looks at a page in a browser that was never there. Gives the marks, the metrics and what lost a mark. */
async function look(address, config, executablePath, publicKeyHash) {
  const chrome = await chromeLauncher.launch({
    chromePath: executablePath,
    chromeFlags: [
      ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic'],
      `--ignore-certificate-errors-spki-list=${publicKeyHash}`,
    ],
  });
  try {
    const { lhr } = await lighthouse(address, { port: chrome.port, logLevel: 'silent' }, config);
    const lost = Object.values(lhr.categories).flatMap((category) =>
      category.auditRefs
        .filter(({ id, weight }) => weight > 0 && category.id !== 'performance' && (lhr.audits[id].score ?? 1) < 1)
        .map(({ id }) => id),
    );
    return {
      marks: Object.keys(WANTED).map((id) => Math.round(lhr.categories[id].score * 100)),
      metrics: Object.keys(METRICS).map((id) => lhr.audits[id].numericValue),
      lost,
    };
  } finally {
    chrome.kill();
  }
}

// The certificate is made here, and is no secret: only this program and its browser use it.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');
const port = await freePort();
const { cert, key, publicKeyHash } = makeCertificate([HOST]);
const [command, args] = roomcast({ host: HOST, port, cert, key });
const unlimited = ['--messages-per-second', '1000000', '--message-burst', '1000000'];
await startServer(command, [...args, ...unlimited], { host: HOST, port });
const url = `https://${HOST}:${port}/`;
await fill(url);
const script = join(import.meta.dirname, '../scripts/chromium.sh');
const executablePath = execFileSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();

const pages = { '/': '', '/rooms': 'rooms', 'an empty room': 'rooms/empty', [`${MESSAGES} messages`]: 'rooms/full' };
const [rows, lost] = [[], new Set()];
let isEnough = true;
const before = loadavg()[0];
for (const [page, path] of Object.entries(pages)) {
  for (const [form, config] of Object.entries(FORMS)) {
    const looks = [];
    for (let round = 0; round < ROUNDS; round += 1) looks.push(await look(url + path, config, executablePath, publicKeyHash));
    for (const { lost: audits } of looks) for (const audit of audits) lost.add(`${page}, ${form}: ${audit}`);
    const column = (list, place) => looks.map((seen) => seen[list][place]);
    const marks = Object.values(WANTED).map((wanted, place) => {
      const all = column('marks', place);
      isEnough &&= median(all) >= wanted;
      return `${median(all)} (${Math.min(...all)}–${Math.max(...all)})`;
    });
    const metrics = Object.values(METRICS).map((shown, place) => shown(median(column('metrics', place))));
    rows.push([page, form, ...marks, ...metrics]);
  }
}
const load = `load of the machine ${before.toFixed(1)} before and ${loadavg()[0].toFixed(1)} after`;
table(
  `Lighthouse: median (least–most) of ${ROUNDS}; ${load}`,
  ['page', 'form', ...Object.keys(WANTED), ...Object.keys(METRICS)],
  rows,
);
for (const audit of lost) console.log(`not full: ${audit}`);
console.log(isEnough ? 'All marks are as wanted.' : `Wanted: ${JSON.stringify(WANTED)}`);
process.exit(isEnough ? 0 : 1);
