// Servers of the machine itself that take a connection and never answer: a sound server, an X display.
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

import { nativeBinding } from '../../src/native/native.js';
import { until } from './small.js';

/** Takes connections and says nothing. */
export class SilentServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      this.#sockets.push(socket);
    });
  }

  static async listen(where: string | number): Promise<SilentServer> {
    const server = createServer();
    const silent = new SilentServer(server);
    if (typeof where === 'string') server.listen(where);
    else server.listen(where, '127.0.0.1');
    await once(server, 'listening');
    return silent;
  }

  /** Somebody waits for an answer. */
  async asked(): Promise<void> {
    await until(() => this.#sockets.length > 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await until(() => nativeBinding().liveObjects().leftBehind === 0);
  }
}

/** An X display on a port that is free, and its name. */
export async function silentDisplay(): Promise<{ display: string; server: SilentServer }> {
  for (let number = 70; ; number++) {
    try {
      const server = await SilentServer.listen(6000 + number);
      return { display: `127.0.0.1:${String(number)}`, server };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}
