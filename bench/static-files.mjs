// A 120 KB file over HTTP/2 and TLS, 16 connections with 32 streams each: requests a second, and
// what they cost the server.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeCertificate, temporaryFolder } from './lib/certificate.mjs';
import { isInstalled, servers } from './lib/peers.mjs';
import { cpuSeconds, startServer } from './lib/processes.mjs';
import { median, table } from './lib/table.mjs';

const REQUESTS = 20_000;
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const FILE_BYTES = 120 * 1024;

if (!isInstalled('h2load')) {
  console.log('static files: skipped: h2load is not installed (apt install nghttp2-client).');
  process.exit(0);
}
const host = '127.0.0.1';
const folder = temporaryFolder();
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>bench</title>');
// Random bytes do not shrink: every server sends the same amount.
writeFileSync(join(folder, 'file.bin'), randomBytes(FILE_BYTES));

const running = [];
for (const { name, port, command } of await servers({ host, ...makeCertificate([host]), folder })) {
  running.push({ name, port, server: await startServer(...command, { host, port }), rates: [], costs: [] });
}
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { port, server, rates, costs } of running) {
    const before = cpuSeconds(server.pid);
    const report = execFileSync('h2load', [
      ...['-n', String(REQUESTS), '-c', '16', '-m', '32', '-t', '1'],
      `https://${host}:${port}/file.bin`,
    ], { encoding: 'utf8' });
    const succeeded = Number(report.match(/(\d+) succeeded/)?.[1]);
    const codes = Number(report.match(/status codes: (\d+) 2xx/)?.[1]);
    if (succeeded !== REQUESTS || codes !== REQUESTS) throw new Error(`not all were answered:\n${report}`);
    rates.push(Number(report.match(/([\d.]+) req\/s/)[1]));
    costs.push(((cpuSeconds(server.pid) - before) / REQUESTS) * 100_000);
  }
}
table(
  `Static files: ${FILE_BYTES / 1024} KiB over HTTP/2 and TLS, 16 connections × 32 streams, median of ${ROUNDS}`,
  ['server', 'requests/s', 'server CPU-s per 100,000'],
  running.map(({ name, rates, costs }) => [name, Math.round(median(rates)), median(costs).toFixed(1)]),
);
process.exit(0);
