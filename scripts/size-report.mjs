// Prints the sizes of the files of the first load, as brotli sends them, and fails above the limit.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

// The whole first load of the page, in bytes over the wire: 100 KB.
const LIMIT_BYTES = 100_000;

const dist = process.argv[2] ?? 'dist';
const page = readFileSync(join(dist, 'index.html'), 'utf8');
// What the document links to is what a browser asks for at the first load.
const linked = [...page.matchAll(/<link\b[^>]*\bhref=["']?\/?([^\s"'>]+)/g)].map(([, path]) => path);
const scripts = [...page.matchAll(/<script\b[^>]*\bsrc=["']?\/?([^\s"'>]+)/g)].map(([, path]) => path);

let total = 0;
for (const path of new Set(['index.html', ...linked, ...scripts])) {
  const content = readFileSync(join(dist, path));
  const compressed = brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  }).length;
  // A server sends a file as it is where that is smaller.
  const sent = Math.min(content.length, compressed);
  total += sent;
  console.log(`${String(sent).padStart(8)} bytes of ${String(content.length).padStart(8)}  ${path}`);
}
console.log(`${String(total).padStart(8)} bytes: the whole first load; at most ${LIMIT_BYTES} are allowed`);
if (total > LIMIT_BYTES) {
  console.error('The first load is too large: see what grew above.');
  process.exit(1);
}
