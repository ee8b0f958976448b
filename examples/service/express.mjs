// @ts-check
// A service that streams what it draws, with Express: /live/live.m3u8 plays, /health tells how it does.
// Usage: node examples/service/express.mjs [folder] [port]

import express from 'express';
import { startCamera } from './camera.mjs';
import { mediaHeaders } from './media-headers.mjs';

const folder = process.argv[2] ?? 'out/service-express';
const port = Number(process.argv[3] ?? 8080);

const camera = startCamera(folder);
const app = express();
app.use(
  '/live',
  express.static(folder, {
    setHeaders(response, path) {
      for (const [name, value] of Object.entries(mediaHeaders(path))) response.set(name, value);
    },
  }),
);
app.get('/health', (_request, response) => {
  const { framesIn, framesDropped, renditions } = camera.stats();
  response.json({ framesIn, framesDropped, renditions: renditions.length });
});

// A camera that failed is no service: whoever runs this starts it anew.
camera.ended.catch((error) => {
  console.error(error);
  process.exit(1);
});
await camera.ready();
const server = app.listen(port, () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${address.port}/live/live.m3u8`);
});
process.once('SIGTERM', async () => {
  await camera.stop();
  server.close();
});
