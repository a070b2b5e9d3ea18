// Roomcast's release binary, as a server among its peers.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { temporaryFolder } from './certificate.mjs';

const ROOT = resolve(import.meta.dirname, '../..');

/** The release binary. */
export const BINARY =
  process.env.ROOMCAST_BINARY ??
  join(resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target'), 'release/roomcast');

/** Its command line for an address, a certificate and, if given, a folder of files to serve. */
export function roomcast({ host, port, cert, key, assets }) {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there. Build it by 'make server'.`);
  const args = ['serve', '--listen', `${host}:${port}`, '--cert', cert, '--key', key];
  args.push('--data', temporaryFolder());
  if (assets) args.push('--assets', assets);
  return [BINARY, args];
}
