// @ts-check
// A service that streams what it draws, with Hono: /live/live.m3u8 plays, /health tells how it does.
// Usage: node examples/service/hono.mjs [folder] [port]

import { relative } from 'node:path';
import { serve } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { startCamera } from './camera.mjs';
import { mediaHeaders } from './media-headers.mjs';

const folder = process.argv[2] ?? 'out/service-hono';
const port = Number(process.argv[3] ?? 8080);

const camera = startCamera(folder);
const app = new Hono();
app.use(
  '/live/*',
  serveStatic({
    root: relative('.', folder) || '.',
    rewriteRequestPath: (path) => path.replace(/^\/live/, ''),
    onFound(path, context) {
      for (const [name, value] of Object.entries(mediaHeaders(path))) context.header(name, value);
    },
  }),
);
app.get('/health', (context) => {
  const { framesIn, framesDropped, renditions } = camera.stats();
  return context.json({ framesIn, framesDropped, renditions: renditions.length });
});

// A camera that failed is no service: whoever runs this starts it anew.
camera.ended.catch((error) => {
  console.error(error);
  process.exit(1);
});
await camera.ready();
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (address) => {
  console.log(`http://127.0.0.1:${address.port}/live/live.m3u8`);
});
process.once('SIGTERM', async () => {
  await camera.stop();
  server.close();
});
