// Servers that serve the same folder over HTTP/2 and TLS, each set up as its makers advise.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder } from './certificate.mjs';
import { freePort } from './processes.mjs';
import { roomcast } from './roomcast.mjs';

/** Processes or threads of each server. */
const WORKERS = 2;

/**
 * The servers that are installed, as { name, command }, for `folder` with its index.html, which a
 * GET of / answers and with which the files `push` (paths) go along. Says who is missing.
 */
export async function servers({ host, cert, key, folder, push = [] }) {
  const all = [
    ['Roomcast', undefined, (port) => roomcast({ host, port, cert, key, assets: folder })],
    ['nginx', 'nginx', (port) => nginx({ host, port, cert, key, folder, push })],
    ['nghttpd', 'nghttpd', (port) => nghttpd({ host, port, cert, key, folder, push })],
    ['h2o', 'h2o', (port) => h2o({ host, port, cert, key, folder, push })],
  ];
  const found = [];
  for (const [name, program, command] of all) {
    if (program && !isInstalled(program)) {
      console.log(`${name} is not installed: left out.`);
      continue;
    }
    const port = await freePort();
    found.push({ name, port, command: command(port) });
  }
  return found;
}

export function isInstalled(program) {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function nginx({ host, port, cert, key, folder, push }) {
  const own = temporaryFolder();
  const file = join(own, 'nginx.conf');
  writeFileSync(file, `
    daemon off;
    worker_processes ${WORKERS};
    pid ${own}/pid;
    error_log stderr error;
    events { worker_connections 1024; }
    http {
      access_log off;
      sendfile on;
      tcp_nodelay on;
      open_file_cache max=100;
      keepalive_requests 100000000;
      types { text/html html; text/javascript js; application/wasm wasm; text/css css; }
      client_body_temp_path ${own}/body; proxy_temp_path ${own}/proxy; fastcgi_temp_path ${own}/fastcgi;
      uwsgi_temp_path ${own}/uwsgi; scgi_temp_path ${own}/scgi;
      server {
        listen ${host}:${port} ssl http2;
        ssl_certificate ${cert};
        ssl_certificate_key ${key};
        http2_max_concurrent_streams 256;
        root ${folder};
        location = / { ${push.map((path) => `http2_push ${path};`).join(' ')} try_files /index.html =404; }
      }
    }`);
  return ['nginx', ['-c', file, '-p', own, '-e', 'stderr']];
}

function nghttpd({ host, port, cert, key, folder, push }) {
  const pushes = push.length > 0 ? [`--push=/=${push.join(',')}`] : [];
  return ['nghttpd', ['-a', host, '-d', folder, '-n', String(WORKERS), '-m', '256', ...pushes, String(port), key, cert]];
}

function h2o({ host, port, cert, key, folder, push }) {
  const own = temporaryFolder();
  const file = join(own, 'h2o.conf');
  // h2o pushes what a handler names in a link header field before the file is served (status 399).
  const links = push.map((path) => `<${path}>; rel=preload`).join('\\n');
  const pusher = `Proc.new { |env| [399, env["PATH_INFO"] == "/" ? { "link" => "${links}" } : {}, []] }`;
  writeFileSync(file, `
${process.getuid() === 0 ? 'user: root' : ''}
num-threads: ${WORKERS}
listen:
  host: ${host}
  port: ${port}
  ssl: { certificate-file: ${cert}, key-file: ${key} }
hosts:
  default:
    paths:
      "/":
${links ? `        mruby.handler: |\n          ${pusher}` : ''}
        file.dir: ${folder}
`);
  return ['h2o', ['-m', 'worker', '-c', file]];
}
