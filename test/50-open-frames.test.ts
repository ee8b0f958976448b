// openFrames: the frames of files, URLs and devices, compared with what ffmpeg decodes.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect } from 'chai';

import {
  InvalidOptionsError,
  InvalidStateError,
  openFrames,
  StreamError,
  StreamGear,
} from '../src/index.js';
import type { DecodedFrame, FrameSource, OpenFramesOptions } from '../src/index.js';
import { nativeBinding } from '../src/native/native.js';
import { beforeOpenedIsHeard } from './support/before-heard.js';
import { packets, streams, type Packet } from './support/ffprobe.js';
import {
  bigBuckBunny,
  frameBytes,
  PIXEL_FORMATS,
  temporaryFolder,
  type TemporaryFolder,
} from './support/media.js';
import { decodeFrames, psnr } from './support/psnr.js';
import { output, outputBytes, run } from './support/run.js';
import { until } from './support/small.js';
import { serve } from './support/server.js';

const WIDTH = 320;
const HEIGHT = 180;
const RATE = 24;
const COUNT = 60;

let base: TemporaryFolder;
/** Real video with B-frames and one key frame per second. */
let clip: string;
/** The clip's pictures as ffmpeg decodes them, in its own layout. */
let decoded: readonly Uint8Array[];

before(async () => {
  base = await temporaryFolder();
  clip = join(base.path, 'clip.mp4');
  const encoder = ['-c:v', 'libx264', '-preset', 'fast', '-bf', '2', '-g', '24'];
  await output('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-ss', '10', '-i', bigBuckBunny, '-an'],
    ...['-vf', `scale=${WIDTH}:${HEIGHT}`, '-frames:v', String(COUNT), ...encoder, clip],
  ]);
  decoded = (await decodeFrames(clip, { pixelFormat: 'yuv420p' })).frames;
  expect(decoded).to.have.length(COUNT);
});
after(() => base[Symbol.asyncDispose]());

/** All frames, kept: none is released. */
async function readAll(source: FrameSource): Promise<DecodedFrame[]> {
  const frames: DecodedFrame[] = [];
  for await (const frame of source) frames.push(frame);
  return frames;
}

function hash(bytes: Uint8Array | undefined): string {
  return createHash('md5')
    .update(bytes ?? '')
    .digest('hex');
}

function openReaders(): number {
  return nativeBinding().liveObjects().readers;
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Decibels of the mean squared difference; Infinity when equal. */
function decibels(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).to.equal(b.length);
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += ((a[index] ?? 0) - (b[index] ?? 0)) ** 2;
  return sum === 0 ? Infinity : 10 * Math.log10(255 ** 2 / (sum / a.length));
}

describe('openFrames', () => {
  // A source that a test read to its end closes by itself, soon.
  beforeEach(() => until(() => openReaders() === 0));

  it('knows the size, rate, duration and number of frames of the clip', async () => {
    await using source = await openFrames(bigBuckBunny);
    const [info] = await streams(bigBuckBunny);
    const probe = ['-v', 'error', '-select_streams', 'v', '-of', 'csv=p=0'];
    const entries = 'stream=duration,nb_frames';
    const text = await output('ffprobe', [...probe, '-show_entries', entries, bigBuckBunny]);
    const [duration, frames] = text.trim().split(',').map(Number);
    expect(source.width).to.equal(1920);
    expect(source.height).to.equal(1080);
    expect(source.frameRate).to.deep.equal({ num: 24, den: 1 });
    expect(source.duration).to.be.closeTo(duration ?? NaN, 0.05);
    expect(source.frameCount).to.equal(frames);
    expect(source.sampleAspectRatio).to.deep.equal({ num: 1, den: 1 });
    expect(source.rotation).to.equal(0);
    expect(source.codec).to.equal(info?.codec);
    expect(source.sourcePixelFormat).to.equal(info?.pixelFormat);
    expect(source.pixelFormat).to.equal('bgr24');
  });

  it('gives every frame in order, at the times that ffprobe tells', async () => {
    const frames = await readAll(await openFrames(clip));
    const [list = []] = await packets(clip);
    const shown = [...list].sort((a: Packet, b: Packet) => a.pts - b.pts);
    const first = shown[0]?.pts ?? NaN;
    expect(frames).to.have.length(COUNT);
    for (const [index, frame] of frames.entries()) {
      expect(frame.index).to.equal(index);
      expect(frame.timestamp).to.be.closeTo((shown[index]?.pts ?? NaN) - first, 1e-5);
      expect(frame.keyFrame).to.equal(shown[index]?.key);
    }
  });

  it('gives the pixels that ffmpeg decodes, bit by bit', async () => {
    const frames = await readAll(await openFrames(clip, { pixelFormat: 'yuv420p' }));
    expect(frames.map(({ data }) => hash(data))).to.deep.equal(decoded.map(hash));
    expect(frames[0]).to.include({ width: WIDTH, height: HEIGHT, pixelFormat: 'yuv420p' });
    expect(frames[0]).to.include({ colorSpace: 'smpte170m', colorRange: 'tv' });
  });

  for (const pixelFormat of PIXEL_FORMATS) {
    it(`gives ${pixelFormat} as ffmpeg converts it`, async () => {
      const source = await openFrames(clip, { pixelFormat, duration: 0.25 });
      const frames = await readAll(source);
      const expected = await decodeFrames(clip, { pixelFormat, frames: frames.length });
      expect(frames).to.have.length(6);
      const isYuv = /^(yuv|yuyv|uyvy|nv)/.test(pixelFormat);
      for (const [index, frame] of frames.entries()) {
        expect(frame.colorSpace).to.equal(isYuv ? 'smpte170m' : undefined);
        expect(frame.colorRange).to.equal(isYuv ? 'tv' : undefined);
        expect(frame.data).to.have.length(frameBytes(pixelFormat, WIDTH, HEIGHT));
        const level = decibels(frame.data, expected.frames[index] ?? new Uint8Array());
        // Chroma may be interpolated otherwise; a wrong matrix or range is below 35.
        expect(level, `PSNR of frame ${index}`).to.be.above(isYuv ? 45 : 42);
      }
    });
  }

  it('takes untagged high definition for BT.709', async () => {
    const picture = join(base.path, 'hd.mp4');
    const scaled = ['-frames:v', '1', '-vf', 'scale=1280:720', '-preset', 'ultrafast', picture];
    const from = ['-nostdin', '-v', 'error', '-ss', '10', '-i', bigBuckBunny, '-an'];
    await output('ffmpeg', [...from, ...scaled]);
    const [frame] = await readAll(await openFrames(picture, { pixelFormat: 'rgb24' }));
    const level = async (matrix: string): Promise<number> => {
      const filter = `scale=in_color_matrix=${matrix}:flags=accurate_rnd+full_chroma_int+bicubic`;
      const bytes = await outputBytes('ffmpeg', [
        ...['-nostdin', '-v', 'error', '-i', picture, '-vf', filter],
        ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
      ]);
      return decibels(frame?.data ?? new Uint8Array(), bytes);
    };
    expect(await level('bt709')).to.be.above(42);
    expect(await level('bt601')).to.be.below(38);
  });

  describe('scaling', () => {
    for (const [options, width, height, aspect] of [
      [{ width: 160 }, 160, 90, '1:1'],
      [{ height: 90 }, 160, 90, '1:1'],
      [{ width: 640 }, 640, 360, '1:1'],
      [{ width: 160, height: 160 }, 160, 160, '16:9'],
      [{ width: 100 }, 100, 56, '224:225'],
    ] as const) {
      it(`${JSON.stringify(options)} gives ${width}x${height} with the display aspect`, async () => {
        const source = await openFrames(clip, { ...options, pixelFormat: 'rgb24', duration: 0.1 });
        expect([source.width, source.height]).to.deep.equal([width, height]);
        const { num, den } = source.sampleAspectRatio;
        expect(`${num}:${den}`).to.equal(aspect);
        const [frame] = await readAll(source);
        expect(frame).to.include({ width, height });
        const scale = `scale=${width}:${height}:flags=bicubic+accurate_rnd+full_chroma_int`;
        const bytes = await outputBytes('ffmpeg', [
          ...['-nostdin', '-v', 'error', '-i', clip, '-vf', scale, '-frames:v', '1'],
          ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
        ]);
        expect(decibels(frame?.data ?? new Uint8Array(), bytes)).to.be.above(32);
      });
    }
  });

  describe('start and duration', () => {
    for (const [options, from, count] of [
      [{ duration: 0.5 }, 0, 12],
      [{ start: 1 }, 24, 36],
      [{ start: '0.5', duration: '250ms' }, 12, 6],
      // Between two frames: the next one, whatever lies before it in the same GOP.
      [{ start: 1.51, duration: 0.25 }, 37, 6],
      [{ start: 0 }, 0, COUNT],
    ] as const) {
      it(`${JSON.stringify(options)} begins with frame ${from} at time 0`, async () => {
        const source = await openFrames(clip, { ...options, pixelFormat: 'yuv420p' });
        const frames = await readAll(source);
        expect(frames.map(({ data }) => hash(data))).to.deep.equal(
          decoded.slice(from, from + count).map(hash),
        );
        expect(frames[0]?.timestamp).to.be.within(0, 1 / RATE);
        const step = (frames.at(-1)?.timestamp ?? NaN) - (frames[0]?.timestamp ?? NaN);
        expect(step).to.be.closeTo((count - 1) / RATE, 1e-4);
        expect(frames[0]?.index).to.equal(0);
      });
    }

    it('a start behind the end gives no frame', async () => {
      expect(await readAll(await openFrames(clip, { start: 100 }))).to.deep.equal([]);
    });
  });

  describe('release()', () => {
    it('lets a few buffers do for all frames', async () => {
      const buffers = new Set<ArrayBufferLike>();
      const hashes: string[] = [];
      for await (const frame of await openFrames(clip, { pixelFormat: 'yuv420p', readAhead: 2 })) {
        buffers.add(frame.data.buffer);
        hashes.push(hash(frame.data));
        frame.release();
        frame.release(); // once is enough: a second time must not give the buffer to two frames
      }
      expect(hashes).to.deep.equal(decoded.map(hash));
      expect(buffers.size).to.be.at.most(5);
    });

    it('is optional: frames that are kept keep their pixels', async () => {
      const frames = await readAll(await openFrames(clip, { pixelFormat: 'yuv420p' }));
      expect(new Set(frames.map(({ data }) => data.buffer)).size).to.equal(COUNT);
      expect(frames.map(({ data }) => hash(data))).to.deep.equal(decoded.map(hash));
    });
  });

  describe('reading ahead', () => {
    const ENDLESS = 'testsrc2=size=640x360:rate=30';
    const BYTES = 640 * 360 * 3;

    it('is bounded while nobody asks', async () => {
      const before = process.memoryUsage().arrayBuffers;
      await using source = await openFrames(ENDLESS, { format: 'lavfi', readAhead: 4 });
      const { value: first } = await source.next();
      expect(first?.index).to.equal(0);
      await sleep(300);
      const held = process.memoryUsage().arrayBuffers - before;
      expect(held / BYTES).to.be.at.most(7);
      // Nothing was lost meanwhile.
      for (let index = 1; index < 10; index++) {
        expect((await source.next()).value?.timestamp).to.be.closeTo(index / 30, 1e-6);
      }
    });

    it('serves several calls that wait at once, in their order', async () => {
      await using source = await openFrames(clip, { pixelFormat: 'yuv420p', readAhead: 1 });
      const results = await Promise.all(Array.from({ length: 12 }, () => source.next()));
      expect(results.map(({ value }) => value?.index)).to.deep.equal(results.map((_, i) => i));
      expect(results.map(({ value }) => hash(value?.data))).to.deep.equal(
        decoded.slice(0, 12).map(hash),
      );
    });

    it('of two sources does not mix them', async () => {
      await using one = await openFrames(clip, { pixelFormat: 'yuv420p' });
      await using two = await openFrames(clip, { pixelFormat: 'yuv420p', start: 1 });
      for (let index = 0; index < 20; index++) {
        const [first, second] = await Promise.all([one.next(), two.next()]);
        expect(hash(first.value?.data)).to.equal(hash(decoded[index]));
        expect(hash(second.value?.data)).to.equal(hash(decoded[index + 24]));
      }
    });
  });

  describe('the end', () => {
    it('is done, again and again', async () => {
      const source = await openFrames(clip, { duration: 0.1 });
      const frames = await readAll(source);
      expect(frames).to.have.length(3);
      expect(await source.next()).to.deep.equal({ done: true, value: undefined });
      expect(await source.next()).to.deep.equal({ done: true, value: undefined });
      await source.close();
      expect(openReaders()).to.equal(0);
    });

    it('of a loop that is left early closes the source', async () => {
      const source = await openFrames(clip);
      for await (const frame of source) {
        if (frame.index === 2) break;
      }
      expect(openReaders()).to.equal(0);
      expect(await source.next()).to.deep.equal({ done: true, value: undefined });
    });

    it('of a loop that throws closes the source', async () => {
      const source = await openFrames(clip);
      const loop = async (): Promise<void> => {
        for await (const frame of source) throw new Error(`frame ${frame.index}`);
      };
      expect(await rejection(loop())).to.have.property('message', 'frame 0');
      expect(openReaders()).to.equal(0);
    });

    it('of an `await using` block closes the source', async () => {
      {
        await using source = await openFrames(clip);
        await source.next();
        expect(openReaders()).to.equal(1);
      }
      expect(openReaders()).to.equal(0);
    });

    it('by close() is idempotent, and settles calls that wait', async () => {
      const source = await openFrames('testsrc2=size=1280x720', { format: 'lavfi', readAhead: 1 });
      const waiting = Array.from({ length: 30 }, () => source.next());
      await Promise.all([source.close(), source.close()]);
      for (const { done } of (await Promise.all(waiting)).slice(-5)) expect(done).to.equal(true);
      await source.close();
    });

    it('leaves no second pass', async () => {
      const source = await openFrames(clip, { duration: 0.1 });
      await readAll(source);
      const error = await rejection(readAll(source));
      expect(error).to.be.instanceOf(InvalidStateError);
      expect((error as Error).message).to.equal(
        'The frames of a source can be read once: call openFrames() again for a second pass',
      );
    });

    it('comes by garbage collection too', async () => {
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      await (async (): Promise<void> => {
        const source = await openFrames(clip);
        await source.next();
      })();
      await until(() => {
        collect();
        return openReaders() === 0;
      });
    });

    it('is not waited for by the process when nobody does', async () => {
      const script = `
        import { openFrames } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
        const source = await openFrames('testsrc2', { format: 'lavfi' });
        await source.next();
        process.stdout.write('read');`;
      const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
      const { code, stdout } = await run(process.execPath, args);
      expect([code, stdout]).to.deep.equal([0, 'read']);
    });
  });

  describe('a signal', () => {
    it('that is aborted already opens nothing', async () => {
      const reason = new Error('no need');
      const error = await rejection(openFrames(clip, { signal: AbortSignal.abort(reason) }));
      expect(error).to.be.instanceOf(StreamError);
      expect(error).to.include({ code: 'ABORTED', cause: reason });
      expect(openReaders()).to.equal(0);
    });

    it('that fires while the source opens, or before JavaScript hears that it is open, opens nothing', async () => {
      const control = new AbortController();
      const opening = rejection(openFrames(clip, { signal: control.signal }));
      control.abort('too slow');
      const early = await opening;
      expect(early).to.be.instanceOf(StreamError);
      expect(early).to.include({ code: 'ABORTED', cause: 'too slow' });
      expect(openReaders()).to.equal(0);

      const other = new AbortController();
      const abort = (): void => {
        other.abort('too slow');
      };
      await beforeOpenedIsHeard('FrameReader', abort, async () => {
        const error = await rejection(openFrames(clip, { signal: other.signal }));
        expect(error).to.include({ code: 'ABORTED', cause: 'too slow' });
      });
      expect(other.signal.aborted).to.be.true;
      expect(openReaders()).to.equal(0);
    });

    it('rejects calls that wait and those after', async () => {
      const control = new AbortController();
      const source = await openFrames('testsrc2=size=1280x720', {
        format: 'lavfi',
        readAhead: 1,
        signal: control.signal,
      });
      await source.next();
      const waiting = Array.from({ length: 20 }, () => rejection(source.next()));
      control.abort('enough');
      expect(await waiting.at(-1)).to.include({ code: 'ABORTED', cause: 'enough' });
      expect(await rejection(source.next())).to.include({ code: 'ABORTED' });
      await source.close();
      expect(openReaders()).to.equal(0);
    });
  });

  describe('sources', () => {
    it('are file URLs', async () => {
      const url = pathToFileURL(clip);
      for (const source of [url, url.href]) {
        const frames = await readAll(await openFrames(source, { duration: 0.1 }));
        expect(frames).to.have.length(3);
      }
    });

    it('are HTTP URLs', async () => {
      await using server = await serve({ '/clip.mp4': { file: clip } });
      const source = await openFrames(`${server.origin}/clip.mp4`, { pixelFormat: 'yuv420p' });
      const frames = await readAll(source);
      expect(frames.map(({ data }) => hash(data))).to.deep.equal(decoded.map(hash));
    });

    it('are devices: lavfi with its options', async () => {
      const graph = 'color=c=0x20A040:size=160x90:rate=10:duration=1';
      const source = await openFrames(graph, { format: 'lavfi', pixelFormat: 'rgb24' });
      expect([source.width, source.height]).to.deep.equal([160, 90]);
      expect(source.frameRate).to.deep.equal({ num: 10, den: 1 });
      expect(source.duration).to.equal(undefined);
      expect(source.frameCount).to.equal(undefined);
      const frames = await readAll(source);
      expect(frames.map(({ timestamp }) => Math.round(timestamp * 10))).to.deep.equal([
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
      ]);
      const [red = 0, green = 0, blue = 0] = frames[5]?.data ?? [];
      expect(Math.abs(red - 0x20) + Math.abs(green - 0xa0) + Math.abs(blue - 0x40)).to.be.below(9);
    });

    it('without an end stop at the duration', async () => {
      const source = await openFrames('testsrc2=rate=30', { format: 'lavfi', duration: 0.5 });
      expect(await readAll(source)).to.have.length(15);
    });

    it('that are turned are given upright', async () => {
      const turned = join(base.path, 'turned.mp4');
      const turn = ['-c', 'copy', '-metadata:s:v', 'rotate=90', turned];
      await output('ffmpeg', ['-nostdin', '-v', 'error', '-i', clip, ...turn]);
      const source = await openFrames(turned, { pixelFormat: 'gray', duration: 0.1 });
      expect([source.width, source.height]).to.deep.equal([HEIGHT, WIDTH]);
      expect([90, 270]).to.include(source.rotation);
      const [frame] = await readAll(source);
      const bytes = await outputBytes('ffmpeg', [
        ...['-nostdin', '-v', 'error', '-i', turned, '-frames:v', '1'],
        ...['-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'],
      ]);
      expect(decibels(frame?.data ?? new Uint8Array(), bytes)).to.be.above(45);
    });

    it('that are missing are told before anything is opened', async () => {
      const path = join(base.path, 'missing.mp4');
      const error = await rejection(openFrames(path));
      expect(error).to.be.instanceOf(InvalidOptionsError);
      expect((error as Error).message).to.equal(
        `Expected an existing file for source but received "${path}"`,
      );
      expect(await rejection(openFrames(base.path))).to.have.property(
        'message',
        `Expected a file, not a folder, for source but received "${base.path}"`,
      );
    });

    it('that are no media say so', async () => {
      const path = join(base.path, 'text.mp4');
      await writeFile(path, 'This is not a video.\n'.repeat(100));
      const error = await rejection(openFrames(path));
      expect(error).to.be.instanceOf(StreamError);
      expect(error).to.include({ code: 'SOURCE_OPEN_FAILED', stage: 'reader' });
      expect((error as StreamError).message).to.include(`received "${path}"`);
      expect((error as StreamError).averror).to.be.below(0);
      expect(openReaders()).to.equal(0);
    });

    it('without video say so', async () => {
      const path = join(base.path, 'sound.wav');
      const sine = ['-f', 'lavfi', '-i', 'sine=duration=0.1', path];
      await output('ffmpeg', ['-nostdin', '-v', 'error', ...sine]);
      expect(await rejection(openFrames(path))).to.include({ code: 'NO_VIDEO' });
    });

    it('at a URL that nobody serves fail with the URL', async () => {
      const server = await serve({});
      const url = `${server.origin}/clip.mp4`;
      expect(await rejection(openFrames(url))).to.include({ code: 'SOURCE_OPEN_FAILED' });
      await server.close();
      const error = await rejection(openFrames(url));
      expect(error).to.include({ code: 'SOURCE_OPEN_FAILED' });
      expect((error as Error).message).to.include(url);
    });
  });

  describe('wrong options', () => {
    for (const [options, message] of [
      [{ width: 1 }, 'Expected a whole number from 2 to 16384 for width but received 1'],
      [{ readAhead: 0 }, 'Expected a whole number from 1 to 64 for readAhead but received 0'],
      [
        { start: -1 },
        'Expected a time in seconds such as 4, "0.5" or "500ms" for start but received -1',
      ],
      [
        { duration: 0 },
        'Expected a duration in seconds such as 4, "0.5" or "500ms" for duration but received 0',
      ],
      [
        { format: 'lavfy' },
        'Expected a demuxer or device of libavformat such as "lavfi" for format but received "lavfy"',
      ],
    ] as const) {
      it(`${JSON.stringify(options)} is one clear sentence`, async () => {
        const error = await rejection(openFrames(clip, options));
        expect((error as Error).message).to.equal(message);
      });
    }

    it('name the nearest', async () => {
      const wrong = { pixelFormat: 'bgr42', widht: 3 } as unknown as OpenFramesOptions;
      const error = await rejection(openFrames(clip, wrong));
      expect(error).to.be.instanceOf(InvalidOptionsError);
      const messages = (error as InvalidOptionsError).issues.map((issue) => issue.message);
      expect(messages).to.have.length(2);
      expect(messages.join('\n')).to.include('Did you mean "bgr24"?');
      expect(messages.join('\n')).to.include('Did you mean "width"?');
    });
  });

  describe('into a stream', () => {
    it('brings what JavaScript drew, and the rest as it was', async () => {
      const manifest = join(base.path, 'drawn', 'out.mpd');
      const size = 24;
      await using gear = new StreamGear({
        output: manifest,
        streamParams: { '-input_framerate': RATE, '-b:v': '4M', '-preset': 'fast' },
      });
      for await (const frame of await openFrames(clip)) {
        const { data, width, index } = frame;
        // A square whose gray tells the number of the frame.
        for (let row = 0; row < size; row++) {
          data.fill(20 + index * 3, row * width * 3, (row * width + size) * 3);
        }
        await gear.stream(frame);
        frame.release();
      }
      await gear.close();
      const { frames } = await decodeFrames(manifest, { pixelFormat: 'gray' });
      const { frames: originals } = await decodeFrames(clip, { pixelFormat: 'gray' });
      expect(frames).to.have.length(COUNT);
      const below = size * WIDTH;
      for (const [index, picture] of frames.entries()) {
        const middle = picture[(size / 2) * WIDTH + size / 2];
        expect(middle, `frame ${index}`).to.be.closeTo(20 + index * 3, 3);
        const original = originals[index] ?? new Uint8Array();
        expect(decibels(picture.subarray(below), original.subarray(below))).to.be.above(35);
      }
    });

    for (const pixelFormat of ['bgr24', 'yuv420p', 'nv12', 'uyvy422'] as const) {
      it(`keeps colours and quality by way of ${pixelFormat}`, async () => {
        const manifest = join(base.path, `as-${pixelFormat}`, 'out.mpd');
        const gear = new StreamGear({
          output: manifest,
          streamParams: { '-input_framerate': RATE, '-b:v': '4M', '-preset': 'fast' },
        });
        for await (const frame of await openFrames(clip, { pixelFormat })) await gear.stream(frame);
        await gear.close();
        const result = await psnr({ input: manifest }, clip, {
          width: WIDTH,
          height: HEIGHT,
          frames: COUNT,
          referenceMatrix: 'bt601',
        });
        expect(result.frames).to.equal(COUNT);
        for (const level of [result.y, result.u, result.v]) expect(level).to.be.above(38);
      });
    }
  });
});
