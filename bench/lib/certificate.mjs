// One certificate for all servers of a benchmark, so that TLS costs them the same.
import { execFileSync } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onEnd } from './processes.mjs';

/** A folder that is removed when the benchmark ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'roomcast-bench-'));
  chmodSync(folder, 0o755); // nginx's workers read from it as another user
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a self-signed certificate for the addresses with a P-256 key. */
export function makeCertificate(addresses) {
  const folder = temporaryFolder();
  const cert = join(folder, 'cert.pem');
  const key = join(folder, 'key.pem');
  const names = ['DNS:localhost', ...addresses.map((address) => `IP:${address}`)].join(',');
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', `subjectAltName=${names}`],
  ], { stdio: 'ignore' });
  const spki = new X509Certificate(readFileSync(cert)).publicKey.export({ type: 'spki', format: 'der' });
  /** By this hash Chromium can be told to trust it. */
  const publicKeyHash = createHash('sha256').update(spki).digest('base64');
  return { cert, key, publicKeyHash };
}
