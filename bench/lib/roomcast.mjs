// Roomcast's release binary, as a server among its peers.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { temporaryFolder } from './certificate.mjs';

const ROOT = resolve(import.meta.dirname, '../..');

/** The release binary. */
export const BINARY =
  process.env.ROOMCAST_BINARY ??
  join(resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target'), 'release/roomcast');

/** Its command line for an address, a certificate if there is to be TLS, and, if given, a folder to serve. */
export function roomcast({ host, port, cert, key, assets }) {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there. Build it by 'make server'.`);
  const args = ['serve', '--listen', `${host}:${port}`];
  args.push(...(cert ? ['--cert', cert, '--key', key] : ['--plain']));
  args.push('--data', temporaryFolder());
  if (assets) args.push('--assets', assets);
  return [BINARY, args];
}
