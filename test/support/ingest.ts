// An HTTP origin on loopback that keeps what is sent to it and gives it back, and misbehaves as it is told.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface IngestRequest {
  method: string;
  /** As it was asked: "/live/a.mpd?key=1". */
  path: string;
  headers: IncomingHttpHeaders;
  /** Bytes of the body. */
  size: number;
  /** Number of the connection on which it came, from 0. */
  connection: number;
}

/**
 * A status, with headers and a body if need be. `hang`: never an answer. `reset`: the connection breaks in
 * the middle of the body.
 */
export type Reply =
  number | { status: number; headers?: OutgoingHttpHeaders; body?: string } | 'hang' | 'reset';

export interface IngestOptions {
  /** Key and certificate in PEM: https. */
  tls?: { key: string; cert: string };
  /** Reads this many bytes per millisecond. Default: as fast as they come. */
  bytesPerMillisecond?: number;
  /** Milliseconds after which an idle connection is closed. Default: it stays open, however slow the client is. */
  keepAliveTimeout?: number;
  /** Default 127.0.0.1. */
  host?: string;
}

export interface IngestServer extends AsyncDisposable {
  /** "http://127.0.0.1:40123". */
  origin: string;
  port: number;
  /** In the order in which they were answered, without GET. */
  requests: IngestRequest[];
  /** Bodies by path without query, as the last PUT or POST left them; a DELETE takes one away. */
  files: Map<string, Buffer>;
  /** Connections so far. */
  connections: () => number;
  /** Those of them that are open now. */
  open: () => number;
  /** Decides the next answers. Default: 201. A refused file is not kept. */
  answer: (reply: Reply | ((request: IngestRequest) => Reply)) => void;
}

/** Starts it on a free port. */
export async function ingestServer(options: IngestOptions = {}): Promise<IngestServer> {
  const { tls, host = '127.0.0.1', keepAliveTimeout = 0 } = options;
  const requests: IngestRequest[] = [];
  const files = new Map<string, Buffer>();
  const numbers = new Map<Socket, number>();
  let closed = 0;
  let decide: (request: IngestRequest) => Reply = () => 201;

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url: path = '', headers, socket } = request;
    request.on('error', () => undefined); // the other side hangs up
    if (method === 'GET') {
      const file = files.get(path);
      response.writeHead(file === undefined ? 404 : 200).end(file);
      return;
    }
    const connection = numbers.get(socket) ?? -1;
    const received: IngestRequest = { method, path, headers, size: 0, connection };
    const reply = decide(received);
    if (reply === 'reset') {
      request.once('data', () => socket.destroy());
      return;
    }
    void bodyOf(request, options.bytesPerMillisecond).then((body) => {
      received.size = body.length;
      requests.push(received);
      if (reply === 'hang') return;
      const { status, headers: extra = {}, body: text = '' } = toReply(reply);
      if (status < 300) keep(files, received, body);
      response.writeHead(status, extra).end(text);
    });
  };
  const server = tls === undefined ? createServer(onRequest) : createSecureServer(tls, onRequest);
  server.keepAliveTimeout = keepAliveTimeout;
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('close', () => closed++);
    numbers.set(socket, numbers.size);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    origin: `${tls === undefined ? 'http' : 'https'}://${name}:${port}`,
    port,
    requests,
    files,
    connections: () => numbers.size,
    open: () => numbers.size - closed,
    answer: (reply) => {
      decide = typeof reply === 'function' ? reply : () => reply;
    },
    [Symbol.asyncDispose]: async () => {
      const end = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await end;
    },
  };
}

function toReply(reply: Exclude<Reply, string>): Exclude<Reply, string | number> {
  return typeof reply === 'number' ? { status: reply } : reply;
}

function keep(files: Map<string, Buffer>, request: IngestRequest, body: Buffer): void {
  const path = request.path.replace(/\?.*/, '');
  if (request.method === 'DELETE') files.delete(path);
  else files.set(path, body);
}

async function bodyOf(request: IncomingMessage, bytesPerMillisecond = Infinity): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      const pause = chunk.length / bytesPerMillisecond;
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  } catch {
    // The other side hung up: what came is all there is.
  }
  return Buffer.concat(chunks);
}
