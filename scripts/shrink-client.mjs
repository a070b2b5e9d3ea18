#!/usr/bin/env node
// Makes the client that was built smaller: what cannot run goes, names get short, and wasm-opt and esbuild do the
// rest. Then each program gets a name that holds its hash. Trunk runs it at the end of each build, and says by
// variables which kind of build it is and where the files are until they are all there.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What compilers of Rust 1.95 use, and every browser that the server's pages run in has. */
const FEATURES = [
  'bulk-memory',
  'bulk-memory-opt',
  'nontrapping-float-to-int',
  'sign-ext',
  'mutable-globals',
  'reference-types',
  'multivalue',
].map((feature) => `--enable-${feature}`);

/**
 * The functions of a crate that leptos brings along, for streams between a server's functions and the page, of which
 * there are none. The crate exports them all, so that the linker has to keep them and what they need.
 */
const NEVER_CALLED = /\bwasm_streams\[\w+\]::/;

/** The names of the exports that the glue uses. */
function exportsIn(glue) {
  return new Set([...glue.matchAll(/\bwasm\.(\w+)/g)].map(([, name]) => name));
}

/** The glue without classes that nothing in it makes: pages use none of a program, and only start it. */
function withoutUnusedClasses(glue) {
  for (const [whole, name] of glue.matchAll(/^export class (\w+) \{\n[^]*?^\}\n/gm)) {
    const finalization = new RegExp(`^const ${name}Finalization = [^;]*;\\n`, 'm');
    const disposal = new RegExp(`^if \\(Symbol\\.dispose\\) ${name}\\..*\\n`, 'm');
    const rest = glue.replace(whole, '').replace(finalization, '').replace(disposal, '');
    if (!new RegExp(`\\b${name}\\b`).test(rest)) glue = rest;
  }
  return glue.replace(/^export \{ initSync, /m, 'export { ');
}

/** The text of a module without exports that nothing uses, and with a trap in the place of what nobody calls. */
function withoutTheUnused(text, used) {
  let removes = false;
  return text
    .split('\n')
    .flatMap((line) => {
      const exported = /^ \(export "([^"]+)"/.exec(line);
      if (exported) return used.has(exported[1]) ? [line] : [];
      const func = /^ \(func \$(?:"((?:[^"\\]|\\.)*)"|(\S+))/.exec(line);
      if (func && NEVER_CALLED.test(nameOf(func))) {
        removes = true;
        return [line, '  (unreachable)'];
      }
      if (line === ' )') removes = false;
      return removes ? [] : [line];
    })
    .join('\n');
}

/** A function's name, from the text of a module, where all but plain characters are numbers. */
function nameOf([, quoted, bare]) {
  return (quoted ?? bare).replace(/\\([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

/** The glue with the names that wasm-opt gave, and without imports that the module does not ask for. */
function renamed(glue, { imports, exports }) {
  const asked = new Map(imports.map(([, name, short]) => [name, short]));
  glue = glue.replace(/^ {8}(\w+): ([^]*?)(?=^ {8}\w+: |^ {4}\};)/gm, (whole, name, value) => {
    if (name === '__proto__') return whole;
    return asked.has(name) ? `        ${asked.get(name)}: ${value}` : '';
  });
  const offered = new Map(exports);
  glue = glue.replace(/\bwasm\.(\w+)/g, (whole, name) => (offered.has(name) ? `wasm.${offered.get(name)}` : whole));
  return glue.replace(/^ {8}"\.\/[\w-]+_bg\.js": /m, '        a: ');
}

async function shrink(program) {
  const [script, module, text] = [`${program}.js`, `${program}_bg.wasm`, `${program}.wat`];
  let glue = withoutUnusedClasses(await readFile(script, 'utf8'));

  await run('wasm-opt', [module, ...FEATURES, '--emit-text', '--output', text]);
  await writeFile(text, withoutTheUnused(await readFile(text, 'utf8'), exportsIn(glue)));
  // What a first turn has freed, a second one finds.
  const shorten = ['--low-memory-unused', '-Oz', '-Oz', '--minify-imports-and-exports-and-modules'];
  const { stdout } = await run('wasm-opt', [text, ...FEATURES, ...shorten, '--output', module]);
  await rm(text);

  glue = renamed(glue, JSON.parse(stdout));
  await writeFile(script, glue);
  const options = ['--minify', '--tree-shaking=true', '--format=esm', '--target=es2022', '--log-level=warning'];
  await run('esbuild', [script, ...options, '--allow-overwrite', `--outfile=${script}`]);
}

/**
 * Names a program by what is in its two files, which are made for each other: a browser must never run one with an
 * older other. Trunk's own hash is of the module before all this, and programs but the first one have none.
 */
async function nameByContent(folder, program) {
  const files = [`${program}.js`, `${program}_bg.wasm`].map((file) => join(folder, file));
  const contents = await Promise.all(files.map((file) => readFile(file)));
  const hash = createHash('sha256').update(Buffer.concat(contents)).digest('hex').slice(0, 16);
  const named = `${program.replace(/-[0-9a-f]{16}$/, '')}-${hash}`;
  await rename(files[0], join(folder, `${named}.js`));
  await rename(files[1], join(folder, `${named}_bg.wasm`));
  return { program, named };
}

async function shrinkAll(folder) {
  const files = await readdir(folder);
  const programs = files.filter((file) => file.endsWith('_bg.wasm')).map((file) => file.slice(0, -'_bg.wasm'.length));
  await Promise.all(programs.map((program) => shrink(join(folder, program))));

  const document = join(folder, 'index.html');
  let html = await readFile(document, 'utf8');
  for (const { program, named } of await Promise.all(programs.map((program) => nameByContent(folder, program)))) {
    html = html.replaceAll(`/${program}.js`, `/${named}.js`).replaceAll(`/${program}_bg.wasm`, `/${named}_bg.wasm`);
  }
  await writeFile(document, html);
}

if (process.env.TRUNK_PROFILE === 'release') {
  try {
    await shrinkAll(process.env.TRUNK_STAGING_DIR);
  } catch (error) {
    const isMissing = error.code === 'ENOENT' && error.syscall?.startsWith('spawn');
    console.error(isMissing ? `shrink-client: ${error.path} is missing. 'make client' installs it.` : error);
    process.exit(1);
  }
}
