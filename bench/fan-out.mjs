// One room, many subscribers: deliveries a second, how late they are, and what they cost the server in
// processor time and memory, beside peers, in turns. SCENARIOS, SERVERS and ROUNDS narrow or widen it.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

import { makeCertificate } from './lib/certificate.mjs';
import { channels } from './lib/channels.mjs';
import { freePort, startServer } from './lib/processes.mjs';
import { BINARY } from './lib/roomcast.mjs';
import { median, table } from './lib/table.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 1);
const HOST = '127.0.0.1';
const LOAD_GENERATOR = join(BINARY, '../roomcast-load-generator');

/** How many open files a run takes at most, beside the subscribers. */
const SPARE_FILES = 500;

/** Messages are 128 bytes; a rate of 0 publishes as fast as it is answered. */
const SCENARIOS = [
  { name: 'ws-1000', title: 'WebSocket, 1,000 subscribers, 50 messages/s', road: 'websocket', subscribers: 1000, messages: 250, rate: 50 },
  { name: 'ws-10000', title: 'WebSocket, 10,000 subscribers, 5 messages/s', road: 'websocket', subscribers: 10_000, messages: 25, rate: 5, settle: 8000 },
  { name: 'ws-flood', title: 'WebSocket, 1,000 subscribers, as fast as it goes', road: 'websocket', subscribers: 1000, messages: 2000, rate: 0 },
  { name: 'ws-tls-1000', title: 'WebSocket over TLS, 1,000 subscribers, 50 messages/s', road: 'websocket', tls: true, subscribers: 1000, messages: 250, rate: 50 },
  { name: 'ws-tls-flood', title: 'WebSocket over TLS, 1,000 subscribers, as fast as it goes', road: 'websocket', tls: true, subscribers: 1000, messages: 2000, rate: 0 },
  { name: 'sse-1000', title: 'Event streams over HTTP/1.1, 1,000 subscribers, 50 messages/s', road: 'sse', subscribers: 1000, messages: 250, rate: 50 },
  { name: 'sse-http2-1000', title: 'Event streams over HTTP/2 and TLS, 250 a connection, 1,000 subscribers, 50 messages/s', road: 'sse-http2', tls: true, subscribers: 1000, messages: 250, rate: 50 },
  { name: 'sse-http2-flood', title: 'Event streams over HTTP/2 and TLS, 250 a connection, 1,000 subscribers, as fast as it goes', road: 'sse-http2', tls: true, subscribers: 1000, messages: 2000, rate: 0 },
];

/** Runs the load generator once against a server that is started for it. */
async function measure(server, scenario, certificate) {
  const port = await freePort();
  const running = await startServer(...server.command(port, scenario.tls && certificate), { host: HOST, port });
  try {
    const args = [
      ...['--url', `${scenario.tls ? 'https' : 'http'}://${HOST}:${port}`, '--process', String(running.pid)],
      ...['--road', scenario.road, '--subscribe', server.subscribe(scenario.road), '--publish', server.publish()],
      ...['--subscribers', String(scenario.subscribers), '--messages', String(scenario.messages)],
      ...['--rate', String(scenario.rate), '--settle', String(scenario.settle ?? 2000)],
    ];
    return JSON.parse(await output(LOAD_GENERATOR, args));
  } finally {
    await running.stop();
  }
}

function output(command, args) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, complaint] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (complaint += text));
    child.once('error', failed);
    child.once('close', (code) => (code === 0 ? done(out) : failed(new Error(complaint.trim()))));
  });
}

function row(name, rounds) {
  const middle = (value) => median(rounds.map(value));
  const sum = (value) => rounds.reduce((total, round) => total + value(round), 0);
  return [
    name,
    Math.round(middle((round) => round.deliveries / round.seconds)).toLocaleString('en'),
    `${middle((round) => round.p50_ms).toFixed(1)} / ${middle((round) => round.p99_ms).toFixed(1)}`,
    middle((round) => (round.cpu_seconds / round.deliveries) * 1e6).toFixed(2),
    middle((round) => round.kib_per_subscriber).toFixed(1),
    `${sum((round) => round.lost)} / ${sum((round) => round.doubles)} / ${sum((round) => round.broken)}`,
  ];
}

const named = (list, names) => list.filter(({ name }) => !names || names.split(',').includes(name));

if (process.platform !== 'linux') {
  console.log('fan-out: skipped: what a server costs is read from /proc, which Linux has.');
  process.exit(0);
}
if (!existsSync(LOAD_GENERATOR)) throw new Error(`${LOAD_GENERATOR} is not there. Build it by 'make bench ARGS=fan-out'.`);
const openFiles = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }));
const certificate = makeCertificate([HOST]);
const servers = named(channels(), process.env.SERVERS);
for (const scenario of named(SCENARIOS, process.env.SCENARIOS)) {
  if (openFiles < scenario.subscribers + SPARE_FILES) {
    console.log(`\n${scenario.title}: skipped: only ${openFiles} open files are allowed (ulimit -n 20000).`);
    continue;
  }
  const competitors = servers.filter((server) => server.roads.includes(scenario.road));
  const rounds = new Map(competitors.map((server) => [server.name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const server of competitors) {
      try {
        rounds.get(server.name).push(await measure(server, scenario, certificate));
      } catch (error) {
        console.log(`${server.name}: ${scenario.name} failed: ${error.message}`);
      }
    }
  }
  const rows = competitors.filter(({ name }) => rounds.get(name).length > 0).map(({ name }) => row(name, rounds.get(name)));
  const heading = ['server', 'deliveries/s', 'p50 / p99, ms', 'server CPU-s per million', 'KiB per idle subscriber', 'lost / doubled / cut off'];
  const load = loadavg()[0].toFixed(1);
  table(`${scenario.title}; median of ${ROUNDS}; ${cpus().length} cores for servers and load, load average ${load}`, heading, rows);
}
process.exit(0);
