// Prints the sizes of the files of each page's first load, as brotli sends them, and fails above the limit.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

// The whole first load of a page, in bytes over the wire: 100 KB.
const LIMIT_BYTES = 100_000;

const dist = process.argv[2] ?? 'dist';
const built = readFileSync(join(dist, 'index.html'), 'utf8');

/** The document of a page, as the server makes it: with the page's own templates, unpacked. */
function documentOf(page) {
  return built.replace(/<template\b[^>]*\bdata-page=(?:"([^"]*)"|([\w-]+))[^>]*>(.*?)<\/template>/gs, (_, quoted, word, part) =>
    (quoted ?? word).split(' ').includes(page) ? part : '',
  );
}

/** The bytes of a content as it is sent. */
function sent(content) {
  const compressed = brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 22,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  }).length;
  // A server sends a file as it is where that is smaller.
  return Math.min(content.length, compressed);
}

let isTooLarge = false;
for (const page of ['primes', 'rooms', 'room']) {
  const document = documentOf(page);
  // What the document links to is what a browser asks for at the first load.
  // What only an installed page or a phone's home screen needs, browsers fetch then.
  const links = [...document.matchAll(/<link\b[^>]*>/g)].map(([tag]) => tag);
  const first = links.filter((tag) => !/\brel=["']?(manifest|apple-touch-icon)\b/.test(tag));
  const linked = first.flatMap((tag) => /\bhref=["']?\/?([^\s"'>]+)/.exec(tag)?.[1] ?? []);
  const scripts = [...document.matchAll(/<script\b[^>]*\bsrc=["']?\/?([^\s"'>]+)/g)].map(([, path]) => path);
  const files = new Map([['index.html', Buffer.from(document)]]);
  for (const path of [...linked, ...scripts]) files.set(path, readFileSync(join(dist, path)));

  console.log(`${page}:`);
  let total = 0;
  for (const [path, content] of files) {
    total += sent(content);
    console.log(`${String(sent(content)).padStart(8)} bytes of ${String(content.length).padStart(8)}  ${path}`);
  }
  console.log(`${String(total).padStart(8)} bytes: the whole first load; at most ${LIMIT_BYTES} are allowed`);
  isTooLarge ||= total > LIMIT_BYTES;
}
if (isTooLarge) {
  console.error('A first load is too large: see what grew above.');
  process.exit(1);
}
