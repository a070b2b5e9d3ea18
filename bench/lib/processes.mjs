// Programs that a benchmark runs, and what they cost.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';

const endings = [];

/** Runs `action` when this program ends, the last one first. */
export function onEnd(action) {
  endings.unshift(action);
}

process.on('exit', () => {
  for (const action of endings) {
    try {
      action();
    } catch {
      // What is gone already needs no cleaning.
    }
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/** How long a server may take until it accepts connections. */
const START_DEADLINE_MS = 15_000;

/** Starts a server and waits until it accepts connections at the address and port. */
export async function startServer(command, args, { host, port, env = {} }) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (complaint = (complaint + text).slice(-2000)));
  child.once('error', (error) => (complaint += error.message));
  onEnd(() => child.kill('SIGKILL'));
  const deadline = Date.now() + START_DEADLINE_MS;
  while (!(await accepts(host, port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${command} did not start: ${complaint.trim()}`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  return {
    pid: child.pid,
    async stop() {
      const exited = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      const impatient = setTimeout(() => child.kill('SIGKILL'), 3000);
      await exited;
      clearTimeout(impatient);
    },
  };
}

/** A port of this machine that nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

function accepts(host, port) {
  return new Promise((done) => {
    const socket = connect({ host, port });
    socket.once('connect', () => done(true)).once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Seconds of processor time that a process and its children have used so far (Linux). */
export function cpuSeconds(pid) {
  const TICKS_PER_SECOND = 100;
  let ticks = 0;
  for (const process of [pid, ...childrenOf(pid)]) {
    const fields = readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1].split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_PER_SECOND;
}

function childrenOf(pid) {
  const found = [];
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const children = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim();
    for (const child of children.split(' ').filter(Boolean)) found.push(child, ...childrenOf(child));
  }
  return found;
}
