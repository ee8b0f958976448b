// A static HTTP server on loopback that remembers what was asked of it.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

export interface ServedRequest {
  method: string;
  /** With the query, as it was asked. */
  url: string;
  status: number;
}

export interface StaticServer extends AsyncDisposable {
  /** "http://127.0.0.1:40123". */
  origin: string;
  requests: ServedRequest[];
  /** URLs that were answered with 404. */
  missing: () => string[];
  /** Waits until nobody is connected. */
  idle: () => Promise<void>;
  close: () => Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.mpd': 'application/dash+xml',
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.m4s': 'video/iso.segment',
  '.mp4': 'video/mp4',
  '.ts': 'video/mp2t',
};

/** A folder behind a path prefix that ends with a slash, or one file behind a whole path. */
export type Mount = { folder: string } | { file: string };

/**
 * Serves folders and files. CORS is open, nothing is cached, byte ranges are answered.
 * @param mounts Path prefix ("/out/") to a folder, or a whole path ("/page.html") to a file.
 */
export async function serve(mounts: Readonly<Record<string, Mount>>): Promise<StaticServer> {
  const requests: ServedRequest[] = [];
  const server = createServer((request, response) => {
    response.on('close', () => {
      const { method = '', url = '' } = request;
      requests.push({ method, url, status: response.statusCode });
    });
    answer(request, response, mounts).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.keepAliveTimeout = 0; // however slow the client is
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    missing: () => requests.filter(({ status }) => status === 404).map(({ url }) => url),
    idle: () => untilIdle(server),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Waits until nobody is connected; fails after half a minute. */
export async function untilIdle(server: Server): Promise<void> {
  const end = performance.now() + 30_000;
  for (;;) {
    const count = await new Promise<number>((resolve, reject) => {
      server.getConnections((error, open) => {
        if (error === null) resolve(open);
        else reject(error);
      });
    });
    if (count === 0) return;
    if (performance.now() > end) throw new Error(`${count} connections are still open after 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  mounts: Readonly<Record<string, Mount>>,
): Promise<void> {
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Allow-Headers', '*');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream');
  if (request.method === 'OPTIONS') {
    response.writeHead(204).end();
    return;
  }
  const prefix = Object.keys(mounts).find(
    (mount) => mount === path || (mount.endsWith('/') && path.startsWith(mount)),
  );
  const mount = prefix === undefined ? undefined : mounts[prefix];
  if (mount === undefined || prefix === undefined) {
    response.writeHead(404).end();
  } else {
    const file = 'file' in mount ? mount.file : inside(mount.folder, path.slice(prefix.length));
    await sendFile(file, request, response);
  }
}

/** undefined when the path leads out of the folder. */
function inside(folder: string, path: string): string | undefined {
  const file = join(folder, path);
  return file.startsWith(normalize(folder + sep)) ? file : undefined;
}

async function sendFile(
  path: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (path === undefined || found?.isFile() !== true) {
    response.writeHead(404).end();
    return;
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(
    found.size - 1,
    range?.[2] === undefined || range[2] === '' ? Infinity : Number(range[2]),
  );
  response.setHeader('Content-Length', Math.max(0, end - start + 1));
  if (range !== null) response.setHeader('Content-Range', `bytes ${start}-${end}/${found.size}`);
  response.writeHead(range === null ? 200 : 206);
  if (request.method === 'HEAD' || found.size === 0) response.end();
  else {
    const file = createReadStream(path, { start, end });
    response.once('close', () => file.destroy()); // whoever asked may have left
    file.pipe(response);
  }
}
