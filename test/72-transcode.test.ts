// Single-Source Mode: real files, URLs and devices become presentations, by AdaptiveStream and by StreamGear.
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect } from 'chai';

import {
  AdaptiveStream,
  InvalidOptionsError,
  InvalidStateError,
  StreamError,
  StreamGear,
  listDevices,
  probe,
} from '../src/index.js';
import type { ProgressEvent, SourceOptions, StreamParams, WarningEvent } from '../src/index.js';
import { defer } from '../src/base/deferred.js';
import { nativeBinding } from '../src/native/native.js';
import { awkward } from './support/awkward.js';
import { runChild } from './support/child.js';
import { decodeErrors, keyTimes, packets, presentationTimes, streams } from './support/ffprobe.js';
import type { Packet } from './support/ffprobe.js';
import { bigBuckBunny, temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { faults } from './support/presentation.js';
import { psnr } from './support/psnr.js';
import { output as textOf } from './support/run.js';
import { serve } from './support/server.js';
import {
  ABORT_LIMIT,
  endsOf,
  issuesOf,
  rejection,
  smallFrame,
  thrown,
  until,
} from './support/small.js';
import { makeTones } from './support/tones.js';

const SIZE = { width: 320, height: 180 };
const RATE = 24;
const FRAMES = 96;
const SECONDS = FRAMES / RATE;

/** How often a film is played where it must not end by itself. */
const TIMES = 50_000;

const FAST = { video: { preset: 'ultrafast' } } as const;
/** A picture without an end, at the speed of a clock. */
const CAMERA = ['-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=25,realtime'];

let base: TemporaryFolder;
/** Film with B-frames, a key frame each second, and stereo sound. */
let clip: string;
let made = 0;

before(async () => {
  base = await temporaryFolder();
  clip = join(base.path, 'clip.mp4');
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'fast',
    '-crf',
    '12',
    '-bf',
    '2',
    '-g',
    String(RATE),
  ];
  const audio = ['-c:a', 'aac', '-ac', '2', '-b:a', '96k', '-metadata:s:a:0', 'language=eng'];
  await textOf('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-ss', '10', '-t', String(SECONDS), '-i', bigBuckBunny],
    ...[
      '-vf',
      `scale=${SIZE.width}:${SIZE.height}`,
      '-sc_threshold',
      '0',
      ...video,
      ...audio,
      clip,
    ],
  ]);
});
after(() => base[Symbol.asyncDispose]());

/** A folder that nobody else writes to. */
function folder(): string {
  return join(base.path, `out-${made++}`);
}

function newOptions(more: Partial<SourceOptions> = {}): SourceOptions {
  return { output: join(folder(), 'out.mpd'), ...FAST, packaging: { segmentDuration: 2 }, ...more };
}

function newGear(streamParams: StreamParams, name = 'out.mpd'): StreamGear {
  const isUsual = !('-vcodec' in streamParams) && !('-c:v' in streamParams);
  const preset = isUsual ? { '-preset': 'ultrafast' } : {};
  return new StreamGear({
    output: join(folder(), name),
    format: name.endsWith('.mpd') ? 'dash' : 'hls',
    streamParams: { '-video_source': clip, ...preset, ...streamParams },
  });
}

/** A server that takes connections and says nothing. */
async function deafServer(): Promise<{
  url: string;
  close: () => void;
  connected: Promise<unknown>;
}> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) =>
    sockets.push(socket.on('error', () => undefined)),
  );
  const connected = once(server, 'connection');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/a.mp4`, close, connected };
}

describe('A transcode', () => {
  afterEach('leaves no native object behind', async () => {
    // The thread of an input that a pipeline took says by itself that it has ended.
    await until(() => {
      const { pipelines, inputs } = nativeBinding().liveObjects();
      return pipelines + inputs === 0;
    });
  });

  describe('of a file', () => {
    it('is the whole of it, in every rendition', async () => {
      const stream = await AdaptiveStream.transcode(
        clip,
        newOptions({
          renditions: [{ bitrate: '2M' }, { height: 90, bitrate: '300k' }],
          audio: false,
        }),
      );
      const summary = await stream.finish();
      expect(summary).to.include({ framesIn: FRAMES, framesEncoded: FRAMES, framesDropped: 0 });
      expect(summary.duration).to.be.closeTo(SECONDS, 1e-6);
      expect(await faults(summary.manifest)).to.deep.equal([]);
      const found = (await streams(summary.manifest)).filter(({ kind }) => kind === 'video');
      expect(found.map(({ width, height }) => [width, height])).to.deep.equal([
        [320, 180],
        [160, 90],
      ]);
      const reference = (await packets(clip))[0] ?? [];
      const [start = 0] = presentationTimes(reference);
      for (const { index } of found) {
        const times = presentationTimes((await packets(summary.manifest))[index] ?? []);
        expect(times).to.have.length(FRAMES);
        for (const [number, time] of presentationTimes(reference).entries()) {
          expect(times[number]).to.be.closeTo(time - start, 1e-4);
        }
      }
      const quality = await psnr({ input: summary.manifest }, clip, { ...SIZE, frames: FRAMES });
      expect(quality.frames).to.equal(FRAMES);
      expect(quality.y).to.be.greaterThan(36);
    });

    for (const [name, params] of [
      ['out.mpd', { '-an': '' }],
      ['out.m3u8', { '-an': '' }],
      ['out.m3u8', { '-an': '', '-hls_segment_type': 'fmp4' }],
    ] as const) {
      it(`by StreamGear is ${name} with the ladder ${JSON.stringify(params)}`, async () => {
        const gear = newGear(
          { '-streams': [{ '-resolution': '160x90', '-video_bitrate': '200k' }], ...params },
          name,
        );
        const summary = await gear.transcodeSource();
        expect(summary).to.include({ framesEncoded: FRAMES, manifest: gear.output });
        expect(summary.renditions).to.have.length(2);
        expect(await faults(summary.manifest)).to.deep.equal([]);
        expect(await gear.close()).to.equal(summary);
      });
    }

    it('begins and ends where it is trimmed, to the frame', async () => {
      const options = newOptions({
        renditions: [{ bitrate: '2M' }],
        trim: { start: 1.5, duration: 1 },
        audio: false,
      });
      const stream = await AdaptiveStream.transcode(clip, options);
      const { framesEncoded, duration, manifest } = await stream.finish();
      expect(framesEncoded).to.equal(RATE);
      expect(duration).to.be.closeTo(1, 1e-6);
      const part = { ...SIZE, frames: RATE, referenceSkip: 1.5 * RATE };
      expect((await psnr({ input: manifest }, clip, part)).y).to.be.greaterThan(30);
      const gear = newGear({ '-ss': '1.5', '-to': 2.5, '-an': '' });
      expect((await gear.transcodeSource()).framesEncoded).to.equal(RATE);
    });

    it('goes through a filter, at a lower rate, with another encoder', async () => {
      const vp9 = newGear({
        '-vf': 'crop=200:100',
        '-r': 12,

        '-c:v': 'libvpx-vp9',
        '-an': '',
      });
      const summary = await vp9.transcodeSource();
      const [video] = await streams(summary.manifest);
      expect(video).to.include({ codec: 'vp9', width: 200, height: 100 });
      expect((await packets(summary.manifest))[0]).to.have.length(FRAMES / 2);
    });

    it('may be named by a file URL', async () => {
      const stream = await AdaptiveStream.transcode(pathToFileURL(clip), newOptions());
      expect((await stream.finish()).framesEncoded).to.equal(FRAMES);
    });
  });

  describe('by copy', () => {
    it('has the packets of the source, cut at its key frames', async () => {
      const gear = newGear({ '-vcodec': 'copy', '-an': '', '-seg_duration': 2 });
      const warnings: string[] = [];
      gear.on('warning', ({ code }) => warnings.push(code));
      const summary = await gear.transcodeSource();
      expect(warnings).to.deep.equal([]);
      expect(summary.renditions[0]).to.include({ encoder: 'copy', segments: 2 });
      expect(summary.duration).to.be.closeTo(SECONDS, 0.1);
      expect(summary.framesEncoded).to.equal(FRAMES);
      expect(await faults(summary.manifest)).to.deep.equal([]);
      const [source = []] = await packets(clip);
      const [copied = []] = await packets(summary.manifest);
      expect(copied.map(({ size }) => size)).to.deep.equal(source.map(({ size }) => size));
      const first = source[0]?.pts ?? 0;
      expect(keyTimes(copied)).to.deep.equal(
        keyTimes(source).map((time) => Math.round((time - first) * 1e6) / 1e6),
      );
    });

    it('is replaced by an encoder where a ladder needs one', async () => {
      const gear = newGear({
        '-vcodec': 'copy',
        '-streams': [{ '-resolution': '160x90', '-video_bitrate': '200k' }],
      });
      const warnings: string[] = [];
      gear.on('warning', ({ code }) => warnings.push(code));
      const { renditions } = await gear.transcodeSource();
      expect(renditions.map(({ encoder }) => encoder)).to.deep.equal(['libx264', 'libx264']);
      expect(warnings).to.deep.equal(['COPY_REPLACED']);
    });

    it('ends where it is stopped, with its sound, and is not called truncated', async () => {
      const source = ['-f', 'concat', '-safe', '0', '-i', join(base.path, 'endless.txt')];
      const line = `file '${clip}'\n`;
      // As fast as it is copied, that takes minutes.
      writeFileSync(join(base.path, 'endless.txt'), line.repeat(TIMES));
      const gear = newGear({ '-video_source': source, '-vcodec': 'copy' });
      const ended = gear.transcodeSource();
      await new Promise((resolve) => gear.once('segment', resolve));
      const summary = await gear.stop();
      expect(summary.duration).to.be.within(1, TIMES * SECONDS - 1);
      expect(await ended).to.deep.equal(summary);
      expect(await faults(summary.manifest)).to.deep.equal([]);
    });

    it('says which codecs it cannot package', async () => {
      const path = await awkward('tff-mpeg2.ts', base.path);
      const error = await rejection(
        newGear({ '-video_source': path, '-vcodec': 'copy' }).transcodeSource(),
      );
      expect(issuesOf(error).map((issue) => issue.path)).to.deep.equal(['-vcodec']);
      expect(error.message).to.contain('mpeg2video');
    });
  });

  describe('with audio', () => {
    /** Packets and kind of the one audio of a presentation. */
    async function audioIn(manifest: string): Promise<{ codec: string; packets: Packet[] }> {
      const found = (await streams(manifest)).filter(({ kind }) => kind === 'audio');
      expect(found).to.have.length(1);
      const [{ codec, index } = { codec: '', index: -1 }] = found;
      return { codec, packets: (await packets(manifest))[index] ?? [] };
    }

    for (const name of ['out.mpd', 'out.m3u8']) {
      it(`has its packets as they are beside one rendition, in ${name}`, async () => {
        const gear = newGear({}, name);
        const { audio, duration, manifest } = await gear.transcodeSource();
        expect(duration).to.be.closeTo(SECONDS, 1e-6);
        expect(audio?.renditions).to.have.length(1);
        expect(audio?.renditions[0]).to.include({ codec: 'aac', channels: 2, language: 'en' });
        expect(await decodeErrors(manifest)).to.equal('');
        const copied = await audioIn(manifest);
        const [, source = []] = await packets(clip);
        // In MPEG-TS each has its ADTS header.
        const header = name === 'out.m3u8' ? 7 : 0;
        const sizes = copied.packets.map(({ size }) => size - header);
        expect(sizes.length).to.be.at.least(Math.floor((SECONDS * 48_000) / 1024));
        const all = source.map(({ size }) => size);
        const first = all.findIndex((_, index) =>
          sizes.every((size, offset) => all[index + offset] === size),
        );
        expect(first).to.be.within(0, 2);
      });
    }

    it('encodes it once beside a ladder, at the bitrate of the source', async () => {
      const gear = newGear({ '-streams': [{ '-resolution': '160x90', '-video_bitrate': '100k' }] });
      const { audio, manifest } = await gear.transcodeSource();
      expect(audio?.renditions).to.have.length(1);
      const [track] = audio?.renditions ?? [];
      expect(track).to.include({ index: 2, codec: 'aac', codecs: 'mp4a.40.2', channels: 2 });
      const { audio: source } = await probe(clip);
      expect(track?.bitrate.declared).to.be.closeTo(source?.bitrate ?? NaN, 1000);
      expect((await audioIn(manifest)).codec).to.equal('aac');
    });

    it('replaces it, leaves it out, or takes another track', async () => {
      const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'];
      const replaced = await newGear({ '-audio': tone }).transcodeSource();
      expect(replaced.duration).to.be.closeTo(SECONDS, 1e-6);
      expect(replaced.audio?.renditions[0]).to.include({ codec: 'aac', sampleRate: 44_100 });
      expect((await newGear({ '-an': '' }).transcodeSource()).audio).to.equal(undefined);
      const two = await awkward('two-languages.mkv', base.path);
      const gear = newGear({ '-video_source': two, '-map': '0:a:1' });
      const log: string[] = [];
      gear.on('log', ({ message }) => log.push(message));
      const { audio, manifest } = await gear.transcodeSource();
      expect(audio?.renditions[0]?.language).to.equal('de');
      expect(readFileSync(manifest, 'utf8')).to.contain('lang="de"');
      expect(log).to.contain(
        'Audio track 1 of 2 is taken (aac, 1 channels, deu): audio.track or -map 0:a:N choose another',
      );
    });

    it('has none where the source has none', async () => {
      const path = await awkward('no-audio.mp4', base.path);
      const gear = newGear({ '-video_source': path, '-b:a': '96k' });
      const warnings: string[] = [];
      gear.on('warning', ({ code }) => warnings.push(code));
      const { audio, manifest } = await gear.transcodeSource();
      expect(audio).to.equal(undefined);
      expect(warnings).to.deep.equal(['NO_AUDIO']);
      expect(await faults(manifest)).to.deep.equal([]);
    });
  });

  describe('of a URL', () => {
    it('is read while it comes, with the event loop free', async () => {
      // The server is in this very process: were the event loop held, it could not answer.
      await using server = await serve({ '/clip.mp4': { file: clip } });
      const stream = await AdaptiveStream.transcode(`${server.origin}/clip.mp4`, newOptions());
      expect((await stream.finish()).framesEncoded).to.equal(FRAMES);
    });

    it('fails with its name when nobody serves it', async () => {
      const url = 'http://127.0.0.1:1/clip.mp4';
      const error = await rejection(AdaptiveStream.transcode(url, newOptions()));
      expect(error).to.include({ code: 'SOURCE_OPEN_FAILED', stage: 'reader' });
      expect(error.message).to.contain(url);
    });

    it('does not show its password', async () => {
      await using server = await serve({ '/clip.mp4': { file: clip } });
      const at = (path: string): string => server.origin.replace('//', '//me:se@cret@') + path;
      const error = await rejection(AdaptiveStream.transcode(at('/none.mp4'), newOptions()));
      const said = JSON.stringify([error.message, error.stack, error]);
      expect(said).to.contain(`${server.origin}/none.mp4`).and.not.to.contain('cret');
      const stream = await AdaptiveStream.transcode(at('/clip.mp4'), newOptions());
      const lines: string[] = [];
      stream.on('log', ({ message }) => lines.push(message));
      stream.on('warning', ({ message }) => lines.push(message));
      await stream.finish();
      expect(lines.join('\n')).not.to.contain('cret');
    });

    it('that hangs is left by its signal', async () => {
      const server = await deafServer();
      const control = new AbortController();
      const opening = rejection(
        AdaptiveStream.transcode(server.url, newOptions({ signal: control.signal })),
      );
      await server.connected;
      const begin = performance.now();
      control.abort('enough');
      expect(await opening).to.include({ code: 'ABORTED', cause: 'enough' });
      expect(performance.now() - begin).to.be.lessThan(ABORT_LIMIT);
      server.close();
    });
  });

  describe('with audio that hangs at its opening', () => {
    /** Megabytes a second. */
    const noise = 'color=gray:size=854x480:rate=25,noise=alls=100:allf=t';

    function open(url: string, more: StreamParams = {}): StreamGear {
      const source = ['-f', 'lavfi', '-i', noise];
      return newGear({ '-video_source': source, '-audio': url, '-b:v': '80M', ...more });
    }

    async function expectHeld(gear: StreamGear): Promise<void> {
      const { code } = await new Promise<WarningEvent>((resolve) => gear.once('warning', resolve));
      expect(code).to.equal('VIDEO_WAITS_FOR_AUDIO');
      const encoded = (): number => gear.stats().renditions[0]?.framesEncoded ?? NaN;
      // What was under way comes to rest.
      let count: number;
      do {
        count = encoded();
        await new Promise((resolve) => setTimeout(resolve, 1500));
      } while (encoded() !== count);
      expect(count).to.be.within(1, 1000);
    }

    it('waits, in bounded memory, and is left at once', async () => {
      const server = await deafServer();
      const gear = open(server.url);
      const ended = rejection(gear.transcodeSource());
      await expectHeld(gear);
      const begin = performance.now();
      await gear.abort('enough');
      expect(performance.now() - begin).to.be.lessThan(ABORT_LIMIT);
      expect(await ended).to.include({ code: 'ABORTED' });
      server.close();
    });

    it('goes on when it is there', async () => {
      const music = await makeTones(join(base.path, 'late.wav'), [440], 9);
      const asked = defer<ServerResponse>();
      const server = createHttpServer((_, response) => {
        asked.resolve(response);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const gear = open(`http://127.0.0.1:${port}/late.wav`, { '-t': 8 });
      const ended = gear.transcodeSource();
      await expectHeld(gear);
      (await asked.promise).end(readFileSync(music));
      const { framesEncoded, manifest, audio } = await ended;
      expect(framesEncoded).to.equal(200);
      expect(audio?.position).to.equal(8);
      expect(await faults(manifest)).to.deep.equal([]);
      server.close();
    });
  });

  describe('of a device', () => {
    it('is what it gives until it is told to end', async () => {
      const gear = newGear({ '-video_source': CAMERA, '-t': 1 });
      const { framesEncoded, duration } = await gear.transcodeSource();
      expect(framesEncoded).to.equal(25);
      expect(duration).to.be.closeTo(1, 1e-6);
    });

    it('ends well where it is stopped', async () => {
      const options = newOptions({ packaging: { segmentDuration: 0.4 } });
      const stream = await AdaptiveStream.transcode(CAMERA, options);
      await new Promise((resolve) => stream.once('segment', resolve));
      const begin = performance.now();
      const { manifest, framesIn, duration } = await stream.stop();
      expect(performance.now() - begin).to.be.lessThan(5000);
      expect(framesIn).to.be.within(10, 250);
      expect(duration).to.be.closeTo(framesIn / 25, 1e-6);
      expect(await faults(manifest)).to.deep.equal([]);
      expect((await stream.stop()).framesIn).to.equal(framesIn); // and once only
    });

    it('takes options in the list or beside the name', async () => {
      const raw = join(base.path, 'pictures.yuv');
      writeFileSync(raw, Buffer.alloc(64 * 48 * 1.5 * 10, 100));
      const list = ['-f', 'rawvideo', '-s', '64x48', '-r', 20, '-i', raw];
      const input = { format: 'rawvideo', options: { video_size: '64x48', framerate: 20 } };
      for (const stream of [
        await AdaptiveStream.transcode(list, newOptions()),
        await AdaptiveStream.transcode(raw, newOptions({ input })),
      ]) {
        expect(await stream.finish()).to.include({ framesEncoded: 10, duration: 0.5 });
      }
    });

    it('may slide in a live window, as it comes in real time', async () => {
      const options = newOptions({
        packaging: { live: { window: 2, extraWindow: 0 }, segmentDuration: 0.4 },
        trim: { duration: 2 },
      });
      const stream = await AdaptiveStream.transcode(CAMERA, options);
      const { renditions } = await stream.finish();
      expect(renditions[0]?.segments).to.equal(5);
      expect(readFileSync(options.output, 'utf8')).to.not.contain('chunk-stream0-00001');
    });

    it('can be listed, as far as libavdevice can', async () => {
      for (const { format, name, kind } of await listDevices()) {
        expect(format).to.match(/^\w+$/);
        expect(name).to.not.equal('');
        expect(kind).to.be.oneOf(['audio', 'video']);
      }
      const signal = AbortSignal.abort('no');
      expect(await rejection(listDevices({ signal }))).to.include({ code: 'ABORTED', cause: 'no' });
    });
  });

  describe('that runs', () => {
    it('tells how far it is, and at the end that it is whole', async () => {
      const told: ProgressEvent[] = [];
      const stream = await AdaptiveStream.transcode(
        CAMERA,
        newOptions({
          trim: { duration: 4 },
          onProgress: (progress) => told.push(progress as ProgressEvent),
        }),
      );
      const summary = await stream.finish();
      // Four times a second, and a machine that is busy.
      expect(told.length).to.be.greaterThan(4);
      for (const [index, progress] of told.entries()) {
        expect(progress.total).to.be.closeTo(4, 1e-6);
        expect(progress.time).to.be.at.least(told[index - 1]?.time ?? 0);
        expect(progress.done).to.be.closeTo(
          Math.min(0.999, progress.time / 4),
          index === told.length - 1 ? 0.01 : 1e-9,
        );
      }
      expect(told.at(-1)).to.include({ frames: 100, encoded: 100, done: 1, timeLeft: 0 });
      expect(told.at(-1)?.speed).to.be.closeTo(4 / summary.elapsed, 1e-9);
    });

    it('gives the same by transcodeSource({ onProgress }) and as events', async () => {
      const gear = newGear({});
      const events: unknown[] = [];
      const told: unknown[] = [];
      const seen = { segment: 0, manifest: 0 };
      gear.on('progress', (progress) => events.push(progress));
      gear.on('segment', () => seen.segment++);
      gear.on('manifest', () => seen.manifest++);
      const ends = endsOf(gear);
      await gear.transcodeSource({ onProgress: (progress) => told.push(progress) });
      expect(told).to.deep.equal(events);
      expect(told.at(-1)).to.include({ done: 1, frames: FRAMES });
      expect(seen.segment).to.be.at.least(1);
      expect(seen.manifest).to.be.at.least(1);
      expect(ends).to.deep.equal([{ reason: 'finished' }]);
    });

    it('is not opened yet, or has given nothing yet: stopping it is an error', async () => {
      const gear = newGear({ '-video_source': CAMERA });
      const ended = rejection(gear.transcodeSource());
      expect((await rejection(gear.stop())).code).to.equal('ABORTED');
      expect((await ended).code).to.equal('ABORTED');
      const pushed = new StreamGear({ output: join(folder(), 'out.mpd') });
      expect(await rejection(pushed.stop())).to.be.instanceOf(InvalidStateError);
      await pushed.close();
    });

    it('takes nothing from outside', async () => {
      const stream = await AdaptiveStream.transcode(clip, newOptions());
      for (const error of [
        await rejection(stream.write(smallFrame(0))),
        await rejection(stream.writeAudio(new Float32Array(2))),
        thrown(() => {
          stream.forceKeyFrame();
        }),
        thrown(() => stream.writable()),
      ]) {
        expect(error).to.be.instanceOf(InvalidStateError);
      }
      expect((await stream.finish()).framesEncoded).to.equal(FRAMES);
    });

    it('has stats at any time, also before and after', async () => {
      const gear = newGear({});
      expect(gear.stats()).to.include({ framesIn: 0, duration: 0 });
      const running = gear.transcodeSource();
      expect(gear.stats()).to.include({ framesIn: 0 });
      const summary = await running;
      expect(gear.stats()).to.include({ framesIn: FRAMES, duration: summary.duration });
      expect(summary.elapsed).to.be.greaterThan(0);
      expect(summary.fps).to.be.closeTo(FRAMES / summary.elapsed, 1e-6);
    });

    it('is waited for by close(), and finish() may come late', async () => {
      const gear = newGear({});
      const running = gear.transcodeSource();
      const closed = gear.close();
      expect(await closed).to.equal(await running);
      const stream = await AdaptiveStream.transcode(clip, newOptions());
      await new Promise<void>((resolve) => {
        const alive = setInterval(() => undefined, 50); // of itself the stream does not hold the process
        stream.once('end', () => {
          clearInterval(alive);
          resolve();
        });
      });
      expect((await stream.finish()).framesEncoded).to.equal(FRAMES);
    });

    it('is heard from its first segment to its end, however late the event loop is', async () => {
      // In each of its turns the threads have the time for all of it.
      const never = new Int32Array(new SharedArrayBuffer(4));
      const late = setInterval(() => Atomics.wait(never, 0, 0, 600), 1);
      try {
        const stream = await AdaptiveStream.transcode(
          clip,
          newOptions({ trim: { duration: 0.5 }, audio: false }),
        );
        const heard: string[] = [];
        stream.on('segment', () => heard.push('segment'));
        stream.on('manifest', () => heard.push('manifest'));
        stream.on('end', ({ reason }) => heard.push(reason));
        await stream.finish();
        expect(heard).to.deep.equal(['segment', 'manifest', 'finished']);
      } finally {
        clearInterval(late);
      }
    });

    it('ends with its block', async () => {
      let manifest: string;
      {
        await using stream = await AdaptiveStream.transcode(clip, newOptions());
        manifest = stream.output;
      }
      expect((await packets(manifest))[0]).to.have.length(FRAMES);
      {
        await using gear = newGear({});
        manifest = gear.output;
        void gear.transcodeSource();
      }
      expect((await packets(manifest))[0]).to.have.length(FRAMES);
    });

    it('happens once', async () => {
      const gear = newGear({});
      const running = gear.transcodeSource();
      expect(await rejection(gear.transcodeSource())).to.be.instanceOf(InvalidStateError);
      await running;
      expect(await rejection(gear.transcodeSource())).to.be.instanceOf(InvalidStateError);
      const closed = newGear({});
      expect((await closed.close()).framesIn).to.equal(0);
      const late = await rejection(closed.transcodeSource());
      expect(late).to.be.instanceOf(InvalidStateError);
      expect(late.message).to.contain('after close()');
    });
  });

  describe('that is aborted', () => {
    it('ends at once, and rejects with the reason', async () => {
      const stream = await AdaptiveStream.transcode(CAMERA, newOptions());
      const ends = endsOf(stream);
      const finished = rejection(stream.finish());
      const begin = performance.now();
      await stream.abort('enough');
      expect(performance.now() - begin).to.be.lessThan(ABORT_LIMIT);
      const error = await finished;
      expect(error).to.include({ code: 'ABORTED', cause: 'enough' });
      expect(ends).to.deep.equal([{ reason: 'aborted', error }]);
    });

    for (const where of ['opening', 'running'] as const) {
      for (const how of [
        'abort()',
        "transcodeSource's signal",
        "the constructor's signal",
      ] as const) {
        it(`while ${where}, by ${how} of StreamGear`, async () => {
          const server = await deafServer();
          const source = where === 'opening' ? server.url : CAMERA;
          const control = new AbortController();
          const given = how.startsWith('the') ? { signal: control.signal } : {};
          const gear = new StreamGear({
            output: join(folder(), 'out.mpd'),
            streamParams: { '-video_source': source, '-preset': 'ultrafast' },
            ...given,
          });
          const ends = endsOf(gear);
          const started = new Promise<void>((resolve) => {
            gear.once('progress', () => {
              resolve();
            });
          });
          const running = rejection(
            gear.transcodeSource(how.startsWith('transcode') ? { signal: control.signal } : {}),
          );
          await (where === 'opening' ? server.connected : started);
          const begin = performance.now();
          if (how === 'abort()') await gear.abort('enough');
          else control.abort('enough');
          const error = await running;
          expect(performance.now() - begin).to.be.lessThan(ABORT_LIMIT);
          expect(error).to.include({ code: 'ABORTED', cause: 'enough' });
          expect(ends).to.deep.equal([{ reason: 'aborted', error }]);
          expect(await rejection(gear.close())).to.equal(error);
          await gear.abort();
          await gear[Symbol.asyncDispose]();
          server.close();
        });
      }
    }

    it('before it begins opens nothing', async () => {
      const signal = AbortSignal.abort('no');
      const options = newOptions({ signal });
      expect(await rejection(AdaptiveStream.transcode(clip, options))).to.include({ cause: 'no' });
      expect(existsSync(options.output)).to.equal(false);
      const gear = newGear({});
      expect(await rejection(gear.transcodeSource({ signal }))).to.include({ cause: 'no' });
      await gear.abort('later');
      expect(await rejection(gear.transcodeSource())).to.include({
        code: 'ABORTED',
        cause: 'later',
      });
    });
  });

  describe('that fails', () => {
    it('at the source says so, and ends once', async () => {
      for (const [name, code] of [
        ['empty.mp4', 'SOURCE_OPEN_FAILED'],
        ['text.mp4', 'SOURCE_OPEN_FAILED'],
        ['without-moov.mp4', 'SOURCE_OPEN_FAILED'],
      ] as const) {
        const path = await awkward(name, base.path);
        const options = newOptions();
        const error = await rejection(AdaptiveStream.transcode(path, options));
        expect(error, name).to.include({ code, stage: 'reader' });
        expect(error.message, name).to.contain(path);
        const gear = newGear({ '-video_source': path });
        const ends = endsOf(gear);
        const failure = await rejection(gear.transcodeSource());
        expect(failure.code, name).to.equal(code);
        expect(ends, name).to.deep.equal([{ reason: 'failed', error: failure }]);
        expect(await rejection(gear.close())).to.equal(failure);
        await gear[Symbol.asyncDispose]();
        await gear.abort();
        expect(ends).to.have.length(1);
      }
    });

    it('without video says what there is instead', async () => {
      const sound = join(base.path, 'sound.m4a');
      await textOf('ffmpeg', [
        '-nostdin',
        '-v',
        'error',
        '-i',
        clip,
        '-vn',
        '-c',
        'copy',
        '-y',
        sound,
      ]);
      const error = await rejection(AdaptiveStream.transcode(sound, newOptions()));
      expect(error.code).to.equal('NO_VIDEO');
      expect(error.message).to.contain('which holds audio');
    });

    it('lists options that do not fit the source, by their names', async () => {
      const options = newOptions({ trim: { start: 60 }, renditions: [{ frameRate: 60 }] });
      const error = await rejection(AdaptiveStream.transcode(clip, options));
      expect(issuesOf(error).map(({ path }) => path)).to.deep.equal([
        'trim.start',
        'renditions[0].frameRate',
      ]);
      const gear = newGear({ '-ss': 60, '-r': 60, '-vf': 'crop=640:360' });
      const issues = issuesOf(await rejection(gear.transcodeSource()));
      expect(issues.map(({ path }) => path)).to.have.members(['-ss', '-vf', '-r']);
      expect(existsSync(options.output)).to.equal(false);
    });

    it('at the output stops the source too', async () => {
      const options = newOptions({ output: 'http://127.0.0.1:1/out.mpd', trim: { duration: 60 } });
      const error = await rejection(
        AdaptiveStream.transcode(CAMERA, options).then((stream) => stream.finish()),
      );
      expect(error.stage).to.equal('packager');
    });

    for (const name of ['truncated.mp4', 'truncated.mkv']) {
      it(`because ${name} ends early has packaged what there was`, async () => {
        const path = await awkward(name, base.path);
        const stream = await AdaptiveStream.transcode(path, newOptions({ audio: false }));
        const ends = endsOf(stream);
        const last: ProgressEvent[] = [];
        stream.on('progress', (progress) => last.push(progress));
        const error = await rejection(stream.finish());
        expect(error.code).to.equal('SOURCE_TRUNCATED');
        expect(error.message).to.match(/ at \d+\.\d+ s of \d/);
        expect(ends).to.deep.equal([{ reason: 'failed', error }]);
        expect(last.at(-1)?.done).to.be.lessThan(1);
        const { summary } = error;
        expect(summary?.manifest).to.equal(stream.output);
        expect(summary?.framesEncoded).to.be.greaterThan(25);
        expect(await faults(stream.output)).to.deep.equal([]);
        expect((await packets(stream.output))[0]).to.have.length(summary?.framesEncoded ?? 0);
        expect(await rejection(stream.finish())).to.equal(error);
        await stream[Symbol.asyncDispose]();
      });
    }
  });

  describe('in its process', () => {
    const end = (how: string, nodeOptions: string[] = []): ReturnType<typeof runChild> =>
      runChild('transcoding', { args: [how, clip, join(folder(), 'out.mpd')], nodeOptions });

    it('holds it while somebody waits', async () => {
      for (const how of ['awaited', 'gear']) {
        const { code, messages, stderr } = await end(how);
        expect({ code, messages, stderr }, how).to.deep.equal({
          code: 0,
          messages: [{ framesEncoded: FRAMES }],
          stderr: '',
        });
      }
    });

    it('does not hold it when nobody does', async () => {
      const { code, signal } = await end('idle');
      expect({ code, signal }).to.deep.equal({ code: 0, signal: null });
    });

    it('is aborted when it is forgotten, with a warning', async () => {
      const { code, messages } = await end('forgotten', ['--expose-gc', '--no-warnings']);
      expect({ code, messages }).to.deep.equal({
        code: 0,
        messages: [{ warning: 'StreamLeakWarning' }],
      });
    });

    it('ends with process.exit()', async () => {
      const { code, signal } = await end('exit');
      expect({ code, signal }).to.deep.equal({ code: 7, signal: null });
    });
  });
});

describe('probe()', () => {
  it('tells what a file, a URL or a device holds', async () => {
    const info = await probe(clip);
    expect(info).to.include({ url: clip, isDevice: false, isSeekable: true });
    expect(info.format).to.contain('mp4');
    expect(info.duration).to.be.closeTo(SECONDS, 0.1);
    expect(info.video).to.deep.include({
      codec: 'h264',
      ...SIZE,
      frameRate: { num: RATE, den: 1 },
      frameCount: FRAMES,
      rotation: 0,
      isHdr: false,
    });
    expect(info.audio).to.include({
      codec: 'aac',
      language: 'eng',
      sampleRate: 48_000,
      channels: 2,
    });
    await using server = await serve({ '/clip.mp4': { file: clip } });
    const remote = await probe(new URL(`${server.origin}/clip.mp4`));
    expect(remote.streams).to.deep.equal(info.streams);
    const camera = await probe(CAMERA);
    expect(camera.video).to.include({ width: 160, height: 90 });
    expect(camera).to.not.have.property('duration');
    expect(camera).to.not.have.property('audio');
    expect(nativeBinding().liveObjects().inputs).to.equal(0);
  });

  it('refuses what is wrong, and what is no media', async () => {
    const wrong = await rejection(probe('nowhere.mp4', { formatt: 'x' } as never));
    expect(wrong).to.be.instanceOf(InvalidOptionsError);
    expect(issuesOf(wrong).map(({ path }) => path)).to.deep.equal(['options.formatt', 'source']);
    const error = await rejection(probe(import.meta.filename));
    expect(error).to.be.instanceOf(StreamError);
    expect(error.code).to.equal('SOURCE_OPEN_FAILED');
    const option = await rejection(probe(clip, { options: { nothing: 1 } }));
    expect(option.message).to.contain('nothing');
  });

  it('is left by its signal', async () => {
    const server = await deafServer();
    const control = new AbortController();
    const probing = rejection(probe(server.url, { signal: control.signal }));
    await server.connected;
    control.abort('enough');
    expect(await probing).to.include({ code: 'ABORTED', cause: 'enough' });
    server.close();
    expect(nativeBinding().liveObjects().inputs).to.equal(0);
  });
});
