// @ts-check
// Serves a presentation with a page that plays it: dash.js for .mpd, hls.js for .m3u8. Loopback only: for looking, not for an audience.
// Usage: node examples/serve-and-watch.mjs MANIFEST [port], such as: node examples/serve-and-watch.mjs out/manifest.mpd 8080

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mediaHeaders } from './service/media-headers.mjs';

const manifest = resolve(process.argv[2] ?? 'out/manifest.mpd');
const port = Number(process.argv[3] ?? 8080);
const isDash = manifest.endsWith('.mpd');
await stat(manifest); // says what is missing

const player = fileURLToPath(import.meta.resolve(isDash ? 'dashjs' : 'hls.js/dist/hls.min.mjs'));
const source = JSON.stringify(`media/${encodeURIComponent(basename(manifest))}`);
const play = isDash
  ? `import { MediaPlayer } from './player.mjs';
     MediaPlayer().create().initialize(document.querySelector('video'), ${source}, true);`
  : `import Hls from './player.mjs';
     const hls = new Hls();
     hls.loadSource(${source});
     hls.attachMedia(document.querySelector('video'));`;
const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${isDash ? 'MPEG-DASH' : 'HLS'}</title>
<link rel="icon" href="data:,"><body style="margin:0;background:#000">
<video controls muted autoplay playsinline loop style="width:100vw;height:100vh"></video>
<script type="module">${play}</script></body></html>`;

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.writeHead(400).end());
});

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(request, response) {
  const { pathname } = new URL(`http://localhost${request.url ?? '/'}`);
  if (pathname === '/') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
    return;
  }
  if (pathname === '/player.mjs') {
    response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' });
    createReadStream(player).pipe(response);
    return;
  }
  // Only names beside the manifest: no path of a request leads elsewhere.
  const name = /^\/media\/([^/\\]+)$/.exec(pathname)?.[1];
  const file = name === undefined ? undefined : join(dirname(manifest), basename(unescaped(name)));
  const info = file === undefined ? undefined : await stat(file).catch(() => undefined);
  if (file === undefined || info?.isFile() !== true) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { ...mediaHeaders(file), 'content-length': info.size });
  createReadStream(file)
    .on('error', () => response.destroy())
    .pipe(response);
}

/** @param {string} text */
function unescaped(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

server.listen(port, '127.0.0.1', () => {
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`Playing at http://127.0.0.1:${address.port}/  (Ctrl-C ends)`);
});
