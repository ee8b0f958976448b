// @ts-check
// Serves the page, the two players from node_modules and the written presentation on loopback.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const HOST = '127.0.0.1';

const PAGE_FOLDER = fileURLToPath(new URL('page/', import.meta.url));

/** Only these files of node_modules are reachable. */
const PLAYERS = new Map([
  ['/players/dash.js', fileURLToPath(import.meta.resolve('dashjs'))],
  ['/players/hls.js', fileURLToPath(import.meta.resolve('hls.js/dist/hls.min.mjs'))],
]);

const MEDIA_TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.mpd', 'application/dash+xml'],
  ['.m3u8', 'application/vnd.apple.mpegurl'],
  ['.m4s', 'video/iso.segment'],
  ['.mp4', 'video/mp4'],
  ['.ts', 'video/mp2t'],
]);

/**
 * @param {string} folder
 * @param {string} path of a URL, already decoded
 * @returns {string | undefined} undefined when the path leads out of the folder
 */
function inside(folder, path) {
  const file = join(folder, path);
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? file : undefined;
}

/**
 * @param {string} path of the request, already decoded
 * @param {string} mediaFolder
 */
function locate(path, mediaFolder) {
  if (path === '/') return join(PAGE_FOLDER, 'index.html');
  if (path.startsWith('/players/')) return PLAYERS.get(path);
  if (path.startsWith('/media/')) return inside(mediaFolder, path.slice('/media/'.length));
  return inside(PAGE_FOLDER, path);
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {{ mediaFolder: string, figures: unknown }} content
 * @returns {Promise<void>}
 */
async function answer(request, response, { mediaFolder, figures }) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  if (request.url === '/figures.json') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(figures));
    return;
  }
  const file = locate(decodeURIComponent(request.url?.split('?')[0] ?? '/'), mediaFolder);
  const info = file === undefined ? undefined : await stat(file).catch(() => undefined);
  if (file === undefined || !info?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': MEDIA_TYPES.get(extname(file)) ?? 'application/octet-stream',
    'content-length': info.size,
    'cache-control': 'no-store',
  });
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(file)
      .on('error', () => response.destroy())
      .pipe(response);
}

/**
 * @param {{ mediaFolder: string, port: number, figures: unknown }} options `port` 0 takes any free one; `figures`
 *   are what the page shows of the renditions
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serve({ mediaFolder, port, figures }) {
  const server = createServer((request, response) => {
    answer(request, response, { mediaFolder, figures }).catch(() => {
      // Only a path that is no valid percent-encoding gets here.
      response.writeHead(400).end();
    });
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => resolve(undefined));
  });
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://${HOST}:${address.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
