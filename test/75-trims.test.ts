// Parts of sources count from the first picture that is shown, which is not always where the stream begins.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { openFrames } from '../src/index.js';
import type { OpenFramesOptions } from '../src/index.js';
import { makeSyncFilm, observe } from './support/av-sync.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { decodeFrames } from './support/psnr.js';
import { output, run } from './support/run.js';
import { processWarnings } from './support/small.js';
import { pictureTimes, transcode } from './support/transcoded.js';
import { freshFolder } from './support/whole-source.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const RATE = 25;
const PERIOD = 2;

const X264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-pix_fmt', 'yuv420p'];
const OPEN = 'open-gop=1:keyint=30:min-keyint=30:scenecut=0:bframes=3:b-adapt=0';
const REFRESH = 'intra-refresh=1:keyint=25:bframes=0';

/** What is encoded, and in which container. */
const ENCODED: Readonly<Record<string, readonly string[]>> = {
  'closed.ts': [...X264, '-g', '25', '-sc_threshold', '0'],
  'open.ts': [...X264, '-x264-params', OPEN],
  'refresh.ts': [...X264, '-x264-params', REFRESH],
  'mpeg2.ts': ['-c:v', 'mpeg2video', '-g', '12', '-bf', '2', '-b:v', '1M'],
};

/** The first packets of the video are lost. */
const without = (packets: number): string[] => ['-bsf:v', `noise=drop=lt(n\\,${packets})`];

/** What becomes of it. */
const CUT: Readonly<Record<string, readonly [from: string, args: readonly string[]]>> = {
  'no key frame first.ts': ['closed.ts', without(10)],
  'no key frame first.mp4': ['closed.ts', without(10)],
  'no key frame first.mkv': ['closed.ts', without(10)],
  'key frame of an open group first.ts': ['open.ts', without(29)],
  'key frame of an open group first.mkv': ['open.ts', without(29)],
  'amid an open group.ts': ['open.ts', without(40)],
  'no recovery point first.ts': ['refresh.ts', without(10)],
  'MPEG-2 without its first I-picture.ts': ['mpeg2.ts', without(5)],
};

describe('parts of sources', () => {
  let folder: TemporaryFolder;
  const at = (name: string): string => join(folder.path, name);

  const ffmpeg = (...args: readonly string[]): Promise<string> =>
    output('ffmpeg', ['-nostdin', '-v', 'fatal', '-y', ...args]);

  before(async () => {
    folder = await temporaryFolder();
    const pictures = ['-f', 'lavfi', '-i', `testsrc2=size=160x90:rate=${RATE}:duration=6`];
    const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=6'];
    for (const [name, args] of Object.entries(ENCODED)) {
      await ffmpeg(...pictures, ...tone, ...args, '-c:a', 'mp2', at(name));
    }
    for (const [name, [from, args]] of Object.entries(CUT)) {
      await ffmpeg('-i', at(from), '-c', 'copy', ...args, at(name));
    }
    // A broadcast that somebody tunes in to.
    const bytes = await readFile(at('closed.ts'));
    const packets = Math.floor(bytes.length / 188 / 8);
    await writeFile(at('tuned in.ts'), bytes.subarray(packets * 188));
    // An edit list that begins amid a group of pictures.
    await ffmpeg('-i', at('closed.ts'), '-c', 'copy', at('closed.mp4'));
    await ffmpeg('-ss', '0.5', '-i', at('closed.mp4'), '-c', 'copy', at('edited.mp4'));
  });
  after(() => folder[Symbol.asyncDispose]());

  /** Hashes of the frames, and the time of the first. */
  async function framesOf(
    source: string,
    options: OpenFramesOptions = {},
  ): Promise<{ hashes: string[]; first: number; count: number | undefined }> {
    const hashes: string[] = [];
    let first = NaN;
    let count: number | undefined;
    // That the source does not begin with a key frame is known here.
    await processWarnings(async () => {
      await using frames = await openFrames(source, { ...options, pixelFormat: 'yuv420p' });
      count = frames.frameCount;
      for await (const { data, timestamp, index, release } of frames) {
        hashes.push(createHash('sha256').update(data).digest('hex'));
        if (index === 0) first = timestamp;
        release();
      }
    });
    return { hashes, first, count };
  }

  const names = [...Object.keys(CUT), 'tuned in.ts', 'edited.mp4', 'closed.ts', 'open.ts'];
  for (const name of names) {
    it(`of "${name}": openFrames() begins that many pictures later`, async () => {
      const whole = await framesOf(at(name));
      expect(whole.hashes.length).to.be.above(80);
      expect(whole.first).to.equal(0);
      // To the last groups of pictures, behind which none of a refresh is known to be whole.
      for (const skipped of [0, 1, 10, 30, whole.hashes.length - 12]) {
        const part = await framesOf(at(name), { start: skipped / RATE, duration: 12 / RATE });
        const expected = whole.hashes.slice(skipped, skipped + 12);
        expect(part.hashes, `from ${skipped} on`).to.deep.equal(expected);
        expect(part.first).to.be.within(0, 0.001);
      }
    });
  }

  it('openFrames() tells how many frames are left behind the start', async () => {
    const { count, hashes } = await framesOf(at('no key frame first.mp4'), { start: 1 });
    expect(count).to.be.within(hashes.length - 1, hashes.length + 1);
  });

  it('openFrames() counts so in a pipe, which cannot seek', async () => {
    const whole = await framesOf(at('tuned in.ts'));
    const pipe = at('pipe');
    execFileSync('mkfifo', [pipe]);
    // The reader leaves before the end.
    const fed = pipeline(createReadStream(at('tuned in.ts')), createWriteStream(pipe)).catch(
      () => undefined,
    );
    const part = await framesOf(pipe, { start: 1, duration: 0.4, format: 'mpegts' });
    await fed;
    expect(part.hashes).to.deep.equal(whole.hashes.slice(25, 35));
  });

  it('openFrames() counts so in lists that do not seek back to their beginning', async () => {
    // A list of which nobody knows how long its parts are, and one whose first segment has no key frame.
    const entry = `file '${at('closed.ts')}'\n`;
    await writeFile(at('list.txt'), entry + entry);
    const inSegments = ['-f', 'hls', '-hls_time', '0.5', '-hls_flags', 'split_by_time'];
    const whole = ['-hls_list_size', '0', '-hls_playlist_type', 'vod'];
    await ffmpeg(
      '-i',
      at('closed.ts'),
      ...['-an', '-c', 'copy', ...without(10)],
      ...inSegments,
      ...whole,
      at('list.m3u8'),
    );
    for (const [name, options] of [
      ['list.txt', { format: 'concat', options: { safe: '0' } }],
      ['list.m3u8', { format: 'hls' }],
    ] as const) {
      const { hashes } = await framesOf(at(name), options);
      expect(hashes.length).to.be.above(120);
      for (const skipped of [1, 10, 30, 90]) {
        const part = await framesOf(at(name), {
          ...{ ...options, start: skipped / RATE, duration: 0.4 },
        });
        const expected = hashes.slice(skipped, skipped + 10);
        expect(part.hashes, `${name} from ${skipped} on`).to.deep.equal(expected);
      }
    }
  });

  describe('which are transcoded', () => {
    /** Without any loss, so that pictures can be compared. */
    const lossless = { '-preset': 'ultrafast', '-profile:v': 'high444', '-qp': 0 };

    async function pictures(source: string, params: object): Promise<string[]> {
      const manifest = join(await freshFolder(folder.path), 'out.mpd');
      await transcode(source, manifest, { ...lossless, ...params });
      const { frames } = await decodeFrames(manifest, { pixelFormat: 'yuv420p' });
      return frames.map((data) => createHash('sha256').update(data).digest('hex'));
    }

    for (const name of ['no key frame first.mp4', 'tuned in.ts', 'edited.mp4']) {
      it(`of "${name}": -ss, -t and -to count from the first picture`, async () => {
        const whole = await pictures(at(name), {});
        for (const [params, from, to] of [
          [{ '-ss': 1, '-t': 0.8 }, 25, 45],
          [{ '-ss': 0.2, '-to': 0.6 }, 5, 15],
          [{ '-t': 0.4 }, 0, 10],
        ] as const) {
          const part = await pictures(at(name), params);
          expect(part, JSON.stringify(params)).to.deep.equal(whole.slice(from, to));
        }
      });
    }
  });

  describe('with picture and sound', () => {
    let film: string;
    before(async () => {
      const whole = at('film.ts');
      const rhythm = { period: PERIOD, frameRate: RATE };
      await makeSyncFilm(whole, rhythm, 9, ['-g', '50', '-sc_threshold', '0', '-bf', '2']);
      // Without its first 20 pictures: the first that can be shown is that of second 2, a flash.
      film = at('cut film.ts');
      await ffmpeg('-i', whole, '-c', 'copy', ...without(20), film);
    });

    it('the sound is cut where the picture is', async () => {
      const manifest = join(await freshFolder(folder.path), 'out.mpd');
      await transcode(film, manifest, { '-ss': 1.2, '-acodec': 'aac' });
      const seen = await observe(manifest);
      for (const [index, time] of [0.8, 2.8, 4.8].entries()) {
        expect(seen.flashes[index], JSON.stringify(seen)).to.be.closeTo(time, 0.005);
        expect(seen.beeps[index], JSON.stringify(seen)).to.be.closeTo(time, 0.025);
      }
    });

    for (const [start, first] of [
      [2, 2],
      [1.9, 0],
    ] as const) {
      it(`a copy from ${start} s on begins with the key frame at ${first} s`, async () => {
        const manifest = join(await freshFolder(folder.path), 'out.mpd');
        const { summary } = await transcode(film, manifest, {
          ...{ '-vcodec': 'copy', '-ss': start, '-t': 3.5 },
        });
        // It ends with the pictures that the last one refers to.
        const end = start + 3.5 - first;
        expect(summary.duration).to.be.within(end - 0.001, end + 3 / RATE);
      });
    }

    it('a picture that is held for the sound before it counts from there', async () => {
      // The sound begins with second 0 of the film, the first picture that can be shown at 2.
      const manifest = join(await freshFolder(folder.path), 'out.mpd');
      const params = { '-hold_picture': 'first' as const, '-acodec': 'aac', '-ss': 2.8 };
      await transcode(film, manifest, params);
      const seen = await observe(manifest);
      for (const [index, time] of [1.2, 3.2, 5.2].entries()) {
        expect(seen.flashes[index], JSON.stringify(seen)).to.be.closeTo(time, 0.03);
        expect(seen.beeps[index], JSON.stringify(seen)).to.be.closeTo(time, 0.03);
      }
    });

    for (const start of [0.5, 1.5]) {
      it(`a picture that is held at ${start} s is held from there`, async () => {
        const manifest = join(await freshFolder(folder.path), 'out.mpd');
        const params = { '-hold_picture': 'first' as const, '-acodec': 'aac', '-ss': start };
        const { summary, warnings } = await transcode(film, manifest, params);
        expect(summary.duration).to.be.closeTo(9 - start, 0.05);
        expect(warnings.map(({ code }) => code)).not.to.include('AUDIO_WITHOUT_PICTURE');
        // What is held is a flash: the first black picture, from which times are counted, follows it.
        const seen = await observe(manifest);
        for (const [index, time] of [1.96, 3.96, 5.96].entries()) {
          expect(seen.flashes[index], JSON.stringify(seen)).to.be.closeTo(time, 0.03);
          expect(seen.beeps[index + 1], JSON.stringify(seen)).to.be.closeTo(time, 0.03);
        }
      });
    }

    it('a part that ends before the first picture shows what is held', async () => {
      for (const start of [0, 0.5]) {
        const manifest = join(await freshFolder(folder.path), 'out.mpd');
        const params = { '-hold_picture': 'first' as const, '-ss': start, '-t': 1 };
        const { summary } = await transcode(film, manifest, params);
        expect(summary.duration).to.be.closeTo(1, 0.001);
        expect(await pictureTimes(manifest)).to.have.length(RATE);
      }
    });

    it('a little sound before the first picture, for which none is held, moves no part', async () => {
      const late = at('late picture.mkv');
      await ffmpeg(
        '-itsoffset',
        '0.04',
        '-i',
        at('film.ts'),
        '-i',
        at('film.ts'),
        ...['-map', '0:v'],
        ...['-map', '1:a', '-c', 'copy', late],
      );
      for (const start of [0.04, 1.2]) {
        const manifest = join(await freshFolder(folder.path), 'out.mpd');
        const { summary } = await transcode(late, manifest, {
          '-hold_picture': 'first' as const,
          '-ss': start,
        });
        expect(summary.duration).to.be.closeTo(9 - start, 0.001);
      }
    });

    it('the command line counts so, too', async () => {
      const manifest = join(await freshFolder(folder.path), 'out.mpd');
      const args = [
        CLI,
        film,
        manifest,
        '--start',
        '1.2',
        '--duration',
        '2',
        '--preset',
        'ultrafast',
      ];
      const { code, stderr } = await run(process.execPath, args);
      expect(code, stderr).to.equal(0);
      const { flashes } = await observe(manifest);
      expect(flashes[0]).to.be.closeTo(0.8, 0.005);
    });
  });
});
