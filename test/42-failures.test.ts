// What goes wrong outside of the caller's reach: disks, encoders, filters, servers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { AdaptiveStream, StreamError, StreamGear } from '../src/index.js';
import type { AdaptiveStreamOptions, EndEvent } from '../src/index.js';
import { childMessages } from './support/child.js';
import { decodeErrors } from './support/ffprobe.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import {
  ABORT_LIMIT,
  endsOf,
  heavyFrame,
  heavyOptions,
  rejection,
  smallFrame,
  smallOptions,
} from './support/small.js';
import { smallDisk } from './support/small-disk.js';

const { ENOSPC, ENOENT, ECONNREFUSED } = constants.errno;

/** Pushes pictures until the stream fails. */
async function pushUntilFailure(push: () => Promise<unknown>): Promise<StreamError> {
  for (let count = 0; count < 2000; count++) {
    try {
      await push();
    } catch (error) {
      if (error instanceof StreamError) return error;
      throw error;
    }
  }
  throw new Error('Expected a failure but 2000 pictures were taken');
}

/** Milliseconds that a promise takes. */
async function timeOf(promise: Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await promise;
  return performance.now() - begin;
}

/** A server in a process that does nothing. */
async function deafServer(): Promise<{ port: number; end: () => void }> {
  const script = fileURLToPath(new URL('fixtures/deaf-server.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { port: Number(line.toString()), end: () => void child.kill('SIGKILL') };
}

/** A server that stores nothing. */
async function refusingServer(): Promise<{ url: string } & AsyncDisposable> {
  const server = createHttpServer((request, response) => {
    request.resume().on('end', () => response.writeHead(403).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/out.mpd`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('When something fails', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => (folder = await temporaryFolder()));
  afterEach(() => folder[Symbol.asyncDispose]());

  it('tells whoever asks when its files are closed: the next stream may write there', async () => {
    await using server = await refusingServer();
    for (let round = 0; round < 3; round++) {
      const stream = await AdaptiveStream.open(heavyOptions('', { output: server.url }));
      const ends = endsOf(stream);
      const early: unknown[] = [];
      const writes: Promise<unknown>[] = [];
      while (ends.length === 0) {
        writes.push(
          stream.write(heavyFrame()).catch((error: unknown) => {
            if (ends.length === 0) early.push(error);
          }),
        );
        await nextTurn();
      }
      await Promise.all(writes);
      expect(early).to.be.empty;
    }
  });

  describe('a folder without permission', () => {
    it('is refused at once, or fails the stream when the permission goes later', async () => {
      mkdirSync(join(folder.path, 'locked'));
      mkdirSync(join(folder.path, 'open'));
      chmodSync(folder.path, 0o755);
      chmodSync(join(folder.path, 'locked'), 0o555);
      chmodSync(join(folder.path, 'open'), 0o777);
      const [locked, deep, later, after] = await childMessages('unwritable', {
        args: [folder.path],
      });
      for (const error of [locked, deep]) {
        expect(error).to.have.property('code', 'INVALID_OPTIONS');
        expect(error).to.have.nested.property('issues[0].path', 'output');
        expect(error)
          .to.have.nested.property('issues[0].message')
          .that.matches(/^Expected a writable path \(EACCES.*\) for output but received ".*mpd"$/);
      }
      expect(later).to.include({
        code: 'WRITE_FAILED',
        stage: 'packager',
        averror: -constants.errno.EACCES,
      });
      expect(after).to.deep.equal(later);
    });

    it('such as /proc, which nobody may write to, is refused too', async () => {
      const error = await rejection(AdaptiveStream.open(smallOptions('/proc/streamgear')));
      expect(error.code).to.equal('INVALID_OPTIONS');
      expect(error.message).to.match(/^Expected a writable path/);
    });
  });

  describe('a full disk', () => {
    it('fails the stream with ENOSPC, and leaves whole segments and no half of one', async () => {
      await using disk = await smallDisk(folder.path, ['chunk-stream0-00003.m4s']);
      const stream = await AdaptiveStream.open(
        heavyOptions(disk.path, { video: { preset: 'ultrafast' } }),
      );
      const written: string[] = [];
      stream.on('segment', ({ path }) => written.push(path));
      const error = await pushUntilFailure(() => stream.write(heavyFrame()));
      expect(error).to.include({ code: 'WRITE_FAILED', stage: 'packager', averror: -ENOSPC });
      expect(error.message).to.match(/^Could not write .*: No space left on device$/);
      expect(await rejection(stream.finish())).to.equal(error);
      const files = readdirSync(disk.path).map((name) => join(disk.path, name));
      expect(files.filter((name) => name.endsWith('.tmp'))).to.deep.equal([]);
      expect(files).to.include.members(written);
      expect(existsSync(stream.output)).to.be.false;
    });

    it('leaves a live playlist that lists what is there, and nothing else', async () => {
      await using disk = await smallDisk(folder.path, ['chunk-stream-004.ts']);
      const gear = new StreamGear({
        output: join(disk.path, 'live.m3u8'),
        format: 'hls',
        streamParams: {
          '-livestream': true,
          '-hls_time': 0.4,
          '-hls_list_size': 0,
          '-preset': 'ultrafast',
          '-b:v': '2M',
        },
      });
      const error = await pushUntilFailure(() => gear.stream(heavyFrame()));
      expect(error).to.include({ code: 'WRITE_FAILED', averror: -ENOSPC });
      expect(await rejection(gear.close())).to.equal(error);
      const playlist = readFileSync(gear.output, 'utf8');
      const listed = playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      expect(listed).not.to.be.empty;
      expect(readdirSync(disk.path)).to.include.members(listed);
      expect(playlist).not.to.contain('EXT-X-ENDLIST');
      expect(await decodeErrors(join(disk.path, String(listed[0])))).to.equal('');
    });
  });

  it('a folder that disappears fails a live stream, with the path that could not be written', async () => {
    const output = join(folder.path, 'gone', 'live.m3u8');
    const gear = new StreamGear({
      output,
      format: 'hls',
      streamParams: { '-livestream': true, '-hls_time': 0.4, '-preset': 'ultrafast' },
    });
    const ends: EndEvent[] = [];
    gear.on('end', (event) => ends.push(event));
    for (let index = 0; index < 25; index++) await gear.stream(smallFrame(index));
    // At one stroke: while it is emptied, the stream would put new files into it.
    await rename(join(folder.path, 'gone'), join(folder.path, 'elsewhere'));
    await rm(join(folder.path, 'elsewhere'), { recursive: true });
    const error = await pushUntilFailure(() => gear.stream(smallFrame(0)));
    expect(error).to.include({ code: 'WRITE_FAILED', stage: 'packager', averror: -ENOENT });
    expect(error.message).to.contain(join(folder.path, 'gone'));
    expect(await rejection(gear.close())).to.equal(error);
    await gear.abort(); // waits for the threads
    expect(ends).to.deep.equal([{ reason: 'failed', error }]);
    expect(existsSync(join(folder.path, 'gone'))).to.be.false;
  });

  describe('an encoder that cannot open', () => {
    const impossible: Partial<AdaptiveStreamOptions> = {
      // Any text is a level for libavcodec; x264 knows better when it opens.
      renditions: [{ height: 180 }, { height: 90, options: { level: 'banana' } }],
    };

    it('makes open() reject with the rendition, libav’s code and what it said', async () => {
      const error = await rejection(AdaptiveStream.open(smallOptions(folder.path, impossible)));
      expect(error).to.include({ code: 'ENCODER_OPEN_FAILED', stage: 'encoder', rendition: 1 });
      expect(error.averror).to.be.lessThan(0);
      expect(error.log).to.contain('level').and.to.contain('banana');
      expect(readdirSync(folder.path)).to.deep.equal([]);
    });

    it('makes stream() or close() of a StreamGear reject with it', async () => {
      const gear = new StreamGear({
        output: join(folder.path, 'out.mpd'),
        streamParams: { '-level': 'banana' },
      });
      const error = await pushUntilFailure(() => gear.stream(smallFrame(0)));
      expect(error).to.include({ code: 'ENCODER_OPEN_FAILED', stage: 'encoder', rendition: 0 });
      expect(await rejection(gear.close())).to.equal(error);
      await gear.abort();
    });
  });

  it('a filter that fails while it runs names its stage', async () => {
    // Fine for the first pictures; the size of the fourth is none.
    const filter = "scale=w='if(lt(n,3),320,0/0)':h=180:eval=frame";
    const stream = await AdaptiveStream.open(
      smallOptions(folder.path, { video: { preset: 'ultrafast', filter } }),
    );
    const error = await pushUntilFailure(() => stream.write(smallFrame(0)));
    expect(error).to.include({ stage: 'filter' });
    expect(error.averror).to.be.lessThan(0);
    expect(await rejection(stream.finish())).to.equal(error);
  });

  it('a filter that changes the size of its pictures says so', async () => {
    const filter = "scale=w='320-16*n':h='180-8*n':eval=frame";
    const stream = await AdaptiveStream.open(
      smallOptions(folder.path, { video: { preset: 'ultrafast', filter } }),
    );
    const error = await pushUntilFailure(() => stream.write(smallFrame(0)));
    expect(error).to.include({ code: 'FILTER_FAILED', stage: 'filter' });
    expect(error.message).to.match(/^Expected pictures of 320x180 .* received one of 304x172$/);
    expect(await rejection(stream.finish())).to.equal(error);
  });

  describe('an output URL', () => {
    const servers: Server[] = [];
    const sockets = new Set<Socket>();
    afterEach(async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(
        servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
      );
    });

    async function listen(server: Server): Promise<number> {
      servers.push(server);
      server.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined); // the other side hangs up
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as AddressInfo).port;
    }

    /** Segments of tens of megabytes: no socket's buffer swallows them. */
    const huge: Partial<AdaptiveStreamOptions> = {
      input: { width: 1280, height: 720, pixelFormat: 'gray', frameRate: 25 },
      renditions: [{}],
      video: { preset: 'ultrafast', options: { qp: 1 } },
    };

    const optionsTo = (port: number, more: object = {}): AdaptiveStreamOptions =>
      smallOptions('', { output: `http://127.0.0.1:${port}/live/out.mpd`, ...more });

    it('that nobody listens to rejects with ECONNREFUSED', async () => {
      const server = createServer();
      const port = await listen(server);
      await new Promise((resolve) => server.close(resolve));
      const stream = await AdaptiveStream.open(optionsTo(port)).catch((error: unknown) => error);
      const error =
        stream instanceof AdaptiveStream
          ? await pushUntilFailure(() => stream.write(smallFrame(0)))
          : stream;
      expect(error).to.include({
        code: 'WRITE_FAILED',
        stage: 'packager',
        averror: -ECONNREFUSED,
      });
      expect(error).to.have.property('message').that.contains(`http://127.0.0.1:${port}/live/`);
    });

    it('whose server refuses is a failure too', async () => {
      const port = await listen(
        createHttpServer((request, response) => {
          request.resume().on('end', () => response.writeHead(403).end());
        }),
      );
      const stream = await AdaptiveStream.open(optionsTo(port)).catch((error: unknown) => error);
      const error =
        stream instanceof AdaptiveStream
          ? await pushUntilFailure(() => stream.write(smallFrame(0)))
          : stream;
      expect(error).to.include({ code: 'WRITE_FAILED', stage: 'packager' });
      expect(error).to.have.property('averror').that.is.lessThan(0);
    });

    const live = { packaging: { live: true, segmentDuration: 2 } };

    /** Aborts while the server holds everything up, in both ways. */
    async function itIsLeft(options: AdaptiveStreamOptions): Promise<void> {
      const stream = await AdaptiveStream.open(options);
      // More than all queues hold: when they are full, everything waits for the server.
      const writes = Array.from({ length: 300 }, () => stream.write(heavyFrame()));
      const settled = Promise.allSettled(writes);
      const finished = rejection(stream.finish());
      await standstill(stream);
      expect(await timeOf(stream.abort('it hangs'))).to.be.lessThan(ABORT_LIMIT);
      expect(await finished).to.include({ code: 'ABORTED', cause: 'it hangs' });
      expect((await settled).at(-1)).to.have.nested.property('reason.code', 'ABORTED');
    }

    /** Waits until nothing has been encoded for half a second. */
    async function standstill(stream: AdaptiveStream): Promise<void> {
      for (let last = -1, now = 0; last !== now; now = stream.stats().framesEncoded) {
        last = now;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      expect(stream.stats().framesEncoded).to.be.lessThan(300);
    }

    it('whose server does not even accept is left by abort() within two seconds', async () => {
      const { port, end } = await deafServer();
      try {
        await itIsLeft(heavyOptions('', { ...optionsTo(port, live), ...huge }));
      } finally {
        end();
      }
    });

    it('whose server accepts and never reads is left by abort() within two seconds', async () => {
      const port = await listen(createServer({ pauseOnConnect: true }));
      await itIsLeft(heavyOptions('', { ...optionsTo(port, live), ...huge }));
    });

    it('whose server reads and never answers is left by abort() within two seconds', async () => {
      const port = await listen(createServer((socket) => socket.resume()));
      const packaging = { ...live.packaging, protocolOptions: { send_expect_100: 1 } };
      await itIsLeft(heavyOptions('', { ...optionsTo(port, { packaging }), ...huge }));
    });

    it('whose server hangs is left when a signal says so', async () => {
      const port = await listen(createServer({ pauseOnConnect: true }));
      const control = new AbortController();
      const { signal } = control;
      const options = { ...optionsTo(port, live), ...huge, signal };
      const stream = await AdaptiveStream.open(heavyOptions('', options));
      const writes = Array.from({ length: 300 }, () => stream.write(heavyFrame()));
      const settled = Promise.allSettled(writes);
      await standstill(stream);
      control.abort('deadline');
      expect(await timeOf(settled)).to.be.lessThan(ABORT_LIMIT);
      expect((await settled).at(-1)).to.have.nested.property('reason.cause', 'deadline');
    });
  });
});
