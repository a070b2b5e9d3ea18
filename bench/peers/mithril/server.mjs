// Serves the Mithril page over HTTP/2 and TLS, in one of two forms:
//   node server.mjs book|tuned HOST PORT CERT KEY
// `book` is as the book's example has it: Mithril unminified, as it comes, in two scripts. `tuned` is
// what somebody would do with that page who cares: one minified script, brotli, cached for ever.
import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { brotliCompressSync } from 'node:zlib';

const [form, host, port, cert, key] = process.argv.slice(2);
const tuned = form === 'tuned';
const mithril = dirname(createRequire(import.meta.url).resolve('mithril/package.json'));
const own = (name) => readFileSync(join(import.meta.dirname, name));

const files = new Map([
  ['/', [tuned ? own('tuned.html') : own('index.html'), 'text/html']],
  ['/app.css', [own('app.css'), 'text/css']],
  ['/mithril.js', [readFileSync(join(mithril, 'mithril.js')), 'text/javascript']],
  ['/app.js', [own('app.js'), 'text/javascript']],
  ['/bundle.js', [Buffer.concat([readFileSync(join(mithril, 'mithril.min.js')), own('app.js')]), 'text/javascript']],
]);
const compressed = new Map([...files].map(([path, [bytes]]) => [path, brotliCompressSync(bytes)]));

const server = createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) });
server.on('stream', (stream, headers) => {
  const path = headers[':path'];
  if (path === '/prime') return primes(stream);
  const file = files.get(path);
  if (!file) return stream.respond({ ':status': 404 }, { endStream: true });
  const [bytes, type] = file;
  stream.respond({
    'content-type': type,
    'cache-control': path === '/' ? 'no-cache' : 'public, max-age=31536000, immutable',
    ...(tuned ? { 'content-encoding': 'br' } : {}),
  });
  stream.end(tuned ? compressed.get(path) : bytes);
});
server.listen(Number(port), host);

function primes(stream) {
  stream.respond({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const found = [];
  const send = () => {
    let number = (found.at(-1) ?? 1) + 1;
    while (found.some((prime) => number % prime === 0)) number += 1;
    found.push(number);
    stream.write(`id: ${found.length}\ndata: {"id":${found.length},"number":${number}}\n\n`);
  };
  send();
  const timer = setInterval(send, 1000);
  stream.on('close', () => clearInterval(timer)).on('error', () => {});
}
