// @ts-check
// A service that streams what it draws, with Fastify: /live/live.m3u8 plays, /health tells how it does.
// Usage: node examples/service/fastify.mjs [folder] [port]

import { resolve } from 'node:path';
import files from '@fastify/static';
import { fastify } from 'fastify';
import { startCamera } from './camera.mjs';
import { mediaHeaders } from './media-headers.mjs';

const folder = process.argv[2] ?? 'out/service-fastify';
const port = Number(process.argv[3] ?? 8080);

const camera = startCamera(folder);
const app = fastify();
await app.register(files, {
  root: resolve(folder),
  prefix: '/live/',
  cacheControl: false, // ours below
  setHeaders(reply, path) {
    void reply.headers(mediaHeaders(path));
  },
});
app.get('/health', () => {
  const { framesIn, framesDropped, renditions } = camera.stats();
  return { framesIn, framesDropped, renditions: renditions.length };
});
// close() of the server ends the stream, too.
app.addHook('onClose', () => camera.stop());

// A camera that failed is no service: whoever runs this starts it anew.
camera.ended.catch((error) => {
  console.error(error);
  process.exit(1);
});
await camera.ready();
const address = await app.listen({ host: '127.0.0.1', port });
console.log(`${address}/live/live.m3u8`);
process.once('SIGTERM', () => app.close());
