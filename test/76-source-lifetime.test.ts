// Files, sockets, threads and memory of sources and outputs: given back by the end of a stream, before its promise
// settles, and not when JavaScript's garbage collector comes round. Nothing here forces a collection.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';

import { expect } from 'chai';

import { AdaptiveStream, openFrames, probe, StreamGear } from '../src/index.js';
import { makeClip } from './support/clip.js';
import { bigBuckBunny, temporaryFolder, type TemporaryFolder } from './support/media.js';
import { run } from './support/run.js';
import { serve, untilIdle } from './support/server.js';
import { pushSmall, rejection, smallOptions, until } from './support/small.js';

/** How often this process has the file open. */
function openings(file: string): number {
  let count = 0;
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`) === file) count++;
    } catch {
      // Closed meanwhile.
    }
  }
  return count;
}

/** Threads of ours that run. */
function threads(): string[] {
  const names = readdirSync('/proc/self/task').map((id) => {
    try {
      return readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim();
    } catch {
      return ''; // ended meanwhile
    }
  });
  return names.filter((name) => name.startsWith('sg-'));
}

/** A server that answers everything well. */
async function sinkServer(): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(201).end());
  });
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` };
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('what a source or an output holds', () => {
  let folder: TemporaryFolder;
  let clip: string;
  let sound: string;
  let runs = 0;
  before(async () => {
    folder = await temporaryFolder();
    clip = join(folder.path, 'clip.ts');
    sound = join(folder.path, 'sound.m4a');
    await makeClip(clip, { seconds: 0.4, sound: true, options: ['-preset', 'ultrafast'] });
    const tone = ['-f', 'lavfi', '-i', 'sine=d=0.4'];
    await run('ffmpeg', ['-v', 'error', '-y', ...tone, '-c:a', 'aac', sound]);
  });
  after(() => folder[Symbol.asyncDispose]());

  const target = (): string => join(folder.path, `run-${String(runs++)}`, 'out.mpd');
  const small = {
    video: { preset: 'ultrafast', options: { threads: 1 } },
    renditions: [{ height: 90 }],
  };
  const open = (source: string, more: object = {}): Promise<AdaptiveStream> =>
    AdaptiveStream.transcode(source, { ...small, output: target(), ...more });

  const ends: Record<string, (source: string) => Promise<unknown>> = {
    'finish()': async (source) => (await open(source)).finish(),
    'stop()': async (source) => {
      const stream = await open(source);
      await stream.stop().catch(() => undefined); // before its first frame, when that came too late
    },
    'abort()': async (source) => (await open(source)).abort(),
    'a failure': async (source) =>
      rejection(
        open(source, { video: { ...small.video, options: { threads: 1, preset: 'none' } } }),
      ),
    'finish() of a copy': async (source) =>
      (await open(source, { renditions: undefined, video: { codec: 'copy' } })).finish(),
    'transcodeSource()': async (source) => {
      const streamParams = { '-video_source': source, '-preset': 'ultrafast' };
      await new StreamGear({ output: target(), streamParams }).transcodeSource();
    },
    'probe()': async (source) => probe(source),
    'the end of openFrames()': async (source) => {
      const frames = await openFrames(source);
      while ((await frames.next()).done !== true);
      await frames.close();
    },
    'a break out of openFrames()': async (source) => {
      for await (const frame of await openFrames(source)) {
        frame.release();
        break;
      }
    },
  };

  for (const [how, end] of Object.entries(ends)) {
    it(`${how}: the file is closed when the promise settles`, async () => {
      for (let round = 0; round < 3; round++) {
        await end(clip);
        expect(openings(clip), `after run ${String(round)}`).to.equal(0);
      }
      await until(() => threads().length === 0); // they end by themselves
    });

    it(`${how}: the server that the source came from sees the connection closed`, async () => {
      await using server = await serve({ '/': { folder: folder.path } });
      await end(`${server.origin}/clip.ts`);
      await server.idle();
    });
  }

  it('an audio file beside pushed frames is closed when the promise settles', async () => {
    for (const how of ['finish', 'abort'] as const) {
      const stream = await AdaptiveStream.open({
        ...smallOptions(join(folder.path, `audio-${how}`)),
        audio: { source: sound },
      });
      await pushSmall(stream, 3);
      await stream[how]();
      expect(openings(sound), how).to.equal(0);
    }
  });

  for (const how of ['finish', 'abort'] as const) {
    it(`${how}(): a server that took the output sees its connections closed`, async () => {
      const { server, origin } = await sinkServer();
      const stream = await AdaptiveStream.open({
        ...smallOptions(folder.path),
        output: `${origin}/out.mpd`,
      });
      await pushSmall(stream, 12);
      await stream[how]();
      await untilIdle(server);
      server.close();
    });
  }

  it('a UDP port can be opened again at once', async () => {
    const free = createSocket('udp4').bind(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address();
    free.close();
    await once(free, 'close');
    const url = `udp://127.0.0.1:${String(port)}`;
    const loop = [
      '-v',
      'error',
      '-re',
      '-stream_loop',
      '-1',
      '-i',
      clip,
      '-c',
      'copy',
      '-f',
      'mpegts',
    ];
    const sender = spawn('ffmpeg', [...loop, `${url}?pkt_size=1316`], { stdio: 'ignore' });
    try {
      for (let round = 0; round < 2; round++) {
        const frames = await openFrames(url);
        expect((await frames.next()).done).to.equal(false);
        await frames.close();
        const again = createSocket('udp4').bind(port, '127.0.0.1');
        await once(again, 'listening');
        again.close();
        await once(again, 'close');
      }
    } finally {
      sender.kill('SIGKILL');
    }
  });

  it('hundreds of runs leave nothing behind', async () => {
    const round = async (): Promise<void> => {
      const streams = await Promise.all(Array.from({ length: 4 }, () => open(clip)));
      await Promise.all(streams.map((stream) => stream.finish()));
      const frames = await openFrames(clip);
      await frames.next();
      await frames.close();
    };
    for (let warm = 0; warm < 5; warm++) await round();
    const before = process.memoryUsage.rss();
    const files = readdirSync('/proc/self/fd').length;
    for (let done = 0; done < 200; done += 4) await round();
    expect(openings(clip)).to.equal(0);
    // A thread that was joined may stand in /proc a moment longer.
    await until(() => threads().length === 0);
    expect(readdirSync('/proc/self/fd').length).to.be.at.most(files + 4);
    const grown = (process.memoryUsage.rss() - before) / 2 ** 20;
    expect(grown, 'MB more after 250 runs').to.be.below(200);
  });

  it('a film that is left early: its server sees the connection closed', async () => {
    await using server = await serve({ '/film.mp4': { file: bigBuckBunny } });
    const film = `${server.origin}/film.mp4`;
    for await (const frame of await openFrames(film, { width: 64 })) {
      frame.release();
      break;
    }
    await server.idle();
    const stream = await open(film);
    await stream.abort();
    await server.idle();
  });

  it('a film that is read in part is closed long before its end', async () => {
    const stream = await open(bigBuckBunny, { trim: { end: 0.2 } });
    await stream.finish();
    expect(openings(bigBuckBunny)).to.equal(0);
  });
});
