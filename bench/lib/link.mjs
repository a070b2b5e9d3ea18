// A network link with a round-trip time and a bandwidth, and a namespace behind it for servers.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { onEnd } from './processes.mjs';

const NAMESPACE = `roomcast-${process.pid}`;
const NEAR = `rcnear${process.pid % 100_000}`;
const FAR = `rcfar${process.pid % 100_000}`;

/** The server's address behind the link. The range is the one for benchmarks (RFC 2544). */
export const FAR_ADDRESS = '198.18.77.2';
const NEAR_ADDRESS = '198.18.77.1';

/** Why no link can be emulated here, or undefined when it can. */
export function whyNot() {
  if (process.platform !== 'linux') return 'a link is emulated on Linux only';
  if (process.getuid() !== 0) return 'to emulate a link takes root (sudo make bench)';
  if (!existsSync('/dev/net/tun')) return 'to emulate a link takes /dev/net/tun';
  for (const program of ['ip', 'python3']) {
    try {
      execFileSync(program, ['-V'], { stdio: 'ignore' });
    } catch {
      return `to emulate a link takes '${program}'`;
    }
  }
  return undefined;
}

export class Link {
  #emulator;
  #lines;

  /** Makes the link and the namespace behind it; both go when this program ends. */
  static async open() {
    const link = new Link();
    ip('netns', 'add', NAMESPACE);
    onEnd(() => ip('netns', 'del', NAMESPACE));
    const script = join(import.meta.dirname, '../link.py');
    link.#emulator = spawn('python3', [script, NEAR, FAR, '0', '1000'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onEnd(() => link.#emulator.kill());
    link.#lines = createInterface(link.#emulator.stdout)[Symbol.asyncIterator]();
    await link.#ready();

    ip('addr', 'add', `${NEAR_ADDRESS}/30`, 'dev', NEAR);
    ip('link', 'set', NEAR, 'up');
    ip('link', 'set', FAR, 'netns', NAMESPACE);
    ip('-n', NAMESPACE, 'addr', 'add', `${FAR_ADDRESS}/30`, 'dev', FAR);
    ip('-n', NAMESPACE, 'link', 'set', FAR, 'up');
    ip('-n', NAMESPACE, 'link', 'set', 'lo', 'up');
    return link;
  }

  /** From now on the link has this round-trip time and this bandwidth. */
  async set({ rttMs, mbit }) {
    this.#emulator.stdin.write(`${rttMs} ${mbit}\n`);
    await this.#ready();
  }

  async #ready() {
    const { value } = await this.#lines.next();
    if (value !== 'ready') throw new Error('the emulated link did not start');
  }
}

/** A command line that runs a program behind the link. */
export function behindLink(command, args) {
  return ['ip', ['netns', 'exec', NAMESPACE, command, ...args]];
}

function ip(...args) {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
