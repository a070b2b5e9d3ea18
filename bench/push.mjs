// A document and what is pushed with it, over a link of 60 ms and 50 Mbit/s: ms from the start of the
// connection until the document is there, and until everything is.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';

import { makeCertificate, temporaryFolder } from './lib/certificate.mjs';
import { FAR_ADDRESS, Link, behindLink, whyNot } from './lib/link.mjs';
import { servers } from './lib/peers.mjs';
import { startServer } from './lib/processes.mjs';
import { median, table } from './lib/table.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const SETTING = { rttMs: 60, mbit: 50 };
// Named as Trunk names them, so that a server that knows hashed names treats them so.
const SCRIPT = { path: '/app-0123456789abcdef.js', bytes: 30 * 1024 };
const WASM = { path: '/app-0123456789abcdef_bg.wasm', bytes: 120 * 1024 };
const DOCUMENT = `<!doctype html><html><head><title>bench</title>
<link rel="modulepreload" href="${SCRIPT.path}" crossorigin="anonymous">
<link rel="preload" href="${WASM.path}" crossorigin="anonymous" as="fetch" type="application/wasm">
</head><body></body></html>`;

/** One visit: what came when. */
function visit(port) {
  return new Promise((done, failed) => {
    const start = performance.now();
    const seen = { document: 0, all: 0, pushed: [] };
    const session = connect(`https://${FAR_ADDRESS}:${port}`, {
      rejectUnauthorized: false,
      settings: { enablePush: true, initialWindowSize: 1 << 20 },
    });
    session.once('error', failed);
    session.once('connect', () => session.setLocalWindowSize(1 << 22));
    let open = 1;
    const ended = () => {
      open -= 1;
      if (open > 0) return;
      seen.all = performance.now() - start;
      session.destroy();
      done(seen);
    };
    session.on('stream', (stream, headers) => {
      open += 1;
      seen.pushed.push(headers[':path']);
      stream.on('error', failed).on('end', ended).resume();
    });
    const stream = session.request({ ':path': '/', accept: 'text/html' });
    stream.on('error', failed).on('end', () => {
      seen.document = performance.now() - start;
      ended();
    });
    stream.resume();
  });
}

const obstacle = whyNot();
if (obstacle) {
  console.log(`push: skipped: ${obstacle}.`);
  process.exit(0);
}
const host = FAR_ADDRESS;
const folder = temporaryFolder();
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'index.html'), DOCUMENT);
for (const { path, bytes } of [SCRIPT, WASM]) writeFileSync(join(folder, path), randomBytes(bytes));

const link = await Link.open();
const push = [SCRIPT.path, WASM.path];
const running = [];
for (const { name, port, command } of await servers({ host, ...makeCertificate([host]), folder, push })) {
  await startServer(...behindLink(...command), { host, port });
  running.push({ name, port, visits: [] });
}
await link.set(SETTING);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { port, visits } of running) visits.push(await visit(port));
}
const ms = (visits, what) => Math.round(median(visits.map((one) => one[what])));
table(
  `Push: document + 30 KiB + 120 KiB, ${SETTING.rttMs} ms, ${SETTING.mbit} Mbit/s, ms, median of ${ROUNDS}`,
  ['server', 'document', 'all', 'pushed files'],
  running.map(({ name, visits }) => [name, ms(visits, 'document'), ms(visits, 'all'), visits[0].pushed.length]),
);
process.exit(0);
