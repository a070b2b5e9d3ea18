// The stream of primes as fast as the socket takes it: /prime?interval=0&count=0 over one HTTP/2
// connection and TLS, read by curl.
import { spawn } from 'node:child_process';

import { makeCertificate } from './lib/certificate.mjs';
import { isInstalled } from './lib/peers.mjs';
import { cpuSeconds, freePort, startServer } from './lib/processes.mjs';
import { roomcast } from './lib/roomcast.mjs';
import { median, table } from './lib/table.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = 5;

/** Reads for some seconds; gives bytes, and events by their `data:` lines. */
function read(url) {
  return new Promise((done, failed) => {
    const script = 'curl --silent --insecure --http2 --no-buffer --max-time "$1" "$2" | LC_ALL=C wc -lc';
    const shell = spawn('sh', ['-c', script, 'sh', String(SECONDS), url], { stdio: ['ignore', 'pipe', 'inherit'] });
    let counted = '';
    shell.stdout.on('data', (text) => (counted += text));
    shell.once('error', failed);
    shell.once('close', () => {
      const [lines, bytes] = counted.trim().split(/\s+/).map(Number);
      const LINES_PER_EVENT = 3; // id, data, and the empty line that ends it
      done({ events: lines / LINES_PER_EVENT, bytes });
    });
  });
}

if (!isInstalled('curl')) {
  console.log('primes: skipped: curl is not installed (apt install curl).');
  process.exit(0);
}
const host = '127.0.0.1';
const port = await freePort();
const server = await startServer(...roomcast({ host, port, ...makeCertificate([host]) }), { host, port });
const rounds = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const before = cpuSeconds(server.pid);
  const { events, bytes } = await read(`https://${host}:${port}/prime?interval=0&count=0`);
  const cpu = cpuSeconds(server.pid) - before;
  rounds.push([events / SECONDS / 1e6, bytes / SECONDS / 1e6, (cpu / events) * 1e6]);
}
const [events, megabytes, cpu] = [0, 1, 2].map((column) => median(rounds.map((round) => round[column])));
table(
  `Primes: /prime?interval=0&count=0, one HTTP/2 connection over TLS, ${SECONDS} s, median of ${ROUNDS}`,
  ['million events/s', 'MB/s', 'server CPU-s per million events'],
  [[events.toFixed(2), megabytes.toFixed(0), cpu.toFixed(3)]],
);
process.exit(0);
