// A small FTP server on loopback: as much of RFC 959 as storing a file takes.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { basename, join } from 'node:path';

export interface FtpServer extends AsyncDisposable {
  port: number;
  /** Names of the files that were stored, in their order. */
  stored: string[];
}

interface Login {
  user: string;
  password: string;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** One control connection: a line in, a line out. */
function serveControl(control: Socket, login: Login, keep: (name: string, bytes: Buffer) => void) {
  let user = '';
  let data: Server | undefined;
  let connection: Promise<Socket> | undefined; // may come before the command that uses it
  const reply = (line: string): void => void control.write(`${line}\r\n`);
  /** Takes a file over the data connection that was prepared. */
  const store = (name: string): void => {
    reply('150 go on');
    void connection?.then((socket) => {
      const chunks: Buffer[] = [];
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('close', () => {
        keep(basename(name), Buffer.concat(chunks));
        data?.close();
        reply('226 stored');
      });
    });
  };
  const answer = async (command: string, value: string): Promise<void> => {
    switch (command) {
      case 'USER':
        user = value;
        reply('331 password?');
        break;
      case 'PASS':
        reply(user === login.user && value === login.password ? '230 welcome' : '530 no');
        break;
      case 'PASV': {
        data = createServer();
        connection = once(data, 'connection').then(([socket]) => socket as Socket);
        const port = await listen(data);
        reply(`227 here (127,0,0,1,${port >> 8},${port & 255})`);
        break;
      }
      case 'STOR':
        store(value);
        break;
      case 'PWD':
        reply('257 "/"');
        break;
      case 'TYPE':
        reply('200 fine');
        break;
      case 'CWD':
        reply('250 fine');
        break;
      default:
        reply('502 unknown');
    }
  };
  control.on('error', () => undefined);
  control.on('close', () => data?.close());
  let rest = '';
  control.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) void answer(line.slice(0, 4).trim(), line.slice(5).trim());
  });
  reply('220 ready');
}

/** Keeps what is stored in `folder`. */
export async function ftpServer(folder: string, login: Login): Promise<FtpServer> {
  const controls = new Set<Socket>();
  const stored: string[] = [];
  const server = createServer((control) => {
    controls.add(control);
    serveControl(control, login, (name, bytes) => {
      writeFileSync(join(folder, name), bytes);
      stored.push(name);
    });
  });
  const port = await listen(server);
  return {
    port,
    stored,
    [Symbol.asyncDispose]: async () => {
      for (const control of controls) control.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
