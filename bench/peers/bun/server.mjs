// The peer in Bun: a WebSocket is a subscriber, a POST is published. Arguments: host, port, and
// perhaps certificate and key.
const [host, port, cert, key] = process.argv.slice(2);

const server = Bun.serve({
  hostname: host,
  port: Number(port),
  tls: cert && { cert: Bun.file(cert), key: Bun.file(key) },
  async fetch(request, server) {
    if (request.method === 'POST') {
      server.publish('bench', await request.text());
      return new Response('published\n', { status: 201 });
    }
    return server.upgrade(request) ? undefined : new Response('a WebSocket, or POST\n', { status: 426 });
  },
  websocket: {
    open(socket) {
      socket.subscribe('bench');
    },
    message() {},
    // Slow readers wait instead of being closed.
    backpressureLimit: 1024 * 1024 * 1024,
    idleTimeout: 960,
  },
});
console.log(`listening on ${server.url}`);
