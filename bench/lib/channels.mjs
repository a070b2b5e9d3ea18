// Servers that pass on what is published to everybody who listens, each set up as its makers advise.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder } from './certificate.mjs';
import { isInstalled } from './peers.mjs';
import { roomcast } from './roomcast.mjs';

const HOST = '127.0.0.1';
const NCHAN_MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';
const BUN = join(import.meta.dirname, '../node_modules/.bin/bun');

/** Nothing of the load is to meet a limit: those are for strangers. */
const ROOMCAST_LIMITS = [
  ...['--max-connections', '30000', '--max-connections-per-address', '30000'],
  ...['--max-members-per-room', '30000', '--max-concurrent-streams', '1000'],
  ...['--messages-per-second', '1000000', '--message-burst', '1000000'],
];

/**
 * Servers as { name, roads, tls, command(port, certificate), subscribe, publish }. Paths are
 * functions of the road. Says who is missing.
 */
export function channels() {
  const found = [roomcastChannel('Roomcast', ['--durability', 'full'])];
  found.push(roomcastChannel('Roomcast ephemeral', ['--ephemeral']));
  if (existsSync(BUN)) found.push(bun());
  else console.log('Bun is not installed: left out (npm install --prefix bench).');
  if (isInstalled('nginx') && existsSync(NCHAN_MODULE)) found.push(nchan());
  else console.log('nginx with nchan is not installed: left out (apt install nginx-light libnginx-mod-nchan).');
  return found;
}

function roomcastChannel(name, options) {
  return {
    name,
    roads: ['websocket', 'sse', 'sse-http2'],
    subscribe: (road) => `/api/rooms/bench/${road === 'websocket' ? 'socket' : 'events'}?from=now`,
    publish: () => '/api/rooms/bench/messages',
    command(port, certificate) {
      const [binary, args] = roomcast({ host: HOST, port, ...(certificate ?? {}), assets: emptyClient() });
      return [binary, [...args, ...ROOMCAST_LIMITS, ...options, '--log', 'warn']];
    },
  };
}

/** A client to serve, so that the benchmark needs none that is built. */
function emptyClient() {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'index.html'), '<!doctype html><html><head><title>-</title></head><body></body></html>');
  return folder;
}

function bun() {
  return {
    name: 'Bun',
    roads: ['websocket'],
    subscribe: () => '/',
    publish: () => '/',
    command(port, certificate) {
      const script = join(import.meta.dirname, '../peers/bun/server.mjs');
      return [BUN, [script, HOST, String(port), ...(certificate ? [certificate.cert, certificate.key] : [])]];
    },
  };
}

function nchan() {
  return {
    name: 'nchan',
    roads: ['websocket', 'sse'],
    subscribe: () => '/subscribe',
    publish: () => '/publish',
    command(port, certificate) {
      const own = temporaryFolder();
      const file = join(own, 'nginx.conf');
      const tls = certificate
        ? `ssl_certificate ${certificate.cert}; ssl_certificate_key ${certificate.key};`
        : '';
      writeFileSync(file, `
        load_module ${NCHAN_MODULE};
        daemon off;
        worker_processes 2;
        worker_rlimit_nofile 60000;
        pid ${own}/pid;
        error_log stderr error;
        events { worker_connections 20000; }
        http {
          access_log off;
          tcp_nodelay on;
          keepalive_requests 100000000;
          client_body_temp_path ${own}/body; proxy_temp_path ${own}/proxy; fastcgi_temp_path ${own}/fastcgi;
          uwsgi_temp_path ${own}/uwsgi; scgi_temp_path ${own}/scgi;
          nchan_shared_memory_size 256M;
          server {
            listen ${HOST}:${port} ${certificate ? 'ssl' : ''} backlog=4096;
            ${tls}
            location = /subscribe {
              nchan_subscriber websocket eventsource;
              nchan_channel_id bench;
              nchan_subscriber_first_message newest;
            }
            location = /publish {
              nchan_publisher;
              nchan_channel_id bench;
              nchan_message_buffer_length 10000;
            }
          }
        }`);
      return ['nginx', ['-c', file, '-p', own, '-e', 'stderr']];
    },
  };
}
