// Sound that is not all there, comes late, changes on its way, or has times that are wrong.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { AdaptiveStream } from '../src/index.js';
import type { StreamSummary } from '../src/index.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { faults } from './support/presentation.js';
import { output } from './support/run.js';
import { audioSpan, heard } from './support/tones.js';
import { pictureTimes, transcode, type Transcoded } from './support/transcoded.js';
import { freshFolder } from './support/whole-source.js';

const SECONDS = 3;

describe('sound', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder[Symbol.asyncDispose]());

  const ffmpeg = (...args: readonly string[]): Promise<string> =>
    output('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]);

  const picture = ['-f', 'lavfi', '-i', `testsrc2=s=96x64:r=25:d=${SECONDS}`];

  /** A film with a tone; `audio`: how it is encoded. */
  async function film(name: string, hertz: number, ...audio: readonly string[]): Promise<string> {
    const path = join(folder.path, name);
    const tone = `sine=${hertz}:r=48000:d=${SECONDS},volume=4`;
    const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25'];
    await ffmpeg(...picture, '-f', 'lavfi', '-i', tone, ...video, ...audio, path);
    return path;
  }

  async function expectTone(manifest: string, hertz: number, from: number): Promise<void> {
    const { frequency, level } = await heard(manifest, from, from + 0.5);
    expect(frequency).to.be.closeTo(hertz, 3);
    expect(level).to.be.greaterThan(0.02);
  }

  describe('that changes in the middle of a source', () => {
    const changes: readonly [title: string, before: string[], after: string[]][] = [
      ['stereo AAC to 5.1', ['-c:a', 'aac', '-ac', '2'], ['-c:a', 'aac', '-ac', '6']],
      ['48 to 44.1 kHz', ['-c:a', 'aac'], ['-c:a', 'aac', '-ar', '44100']],
      ['stereo AC-3 to 5.1', ['-c:a', 'ac3', '-ac', '2'], ['-c:a', 'ac3', '-ac', '6']],
      ['MP3 to mono', ['-c:a', 'libmp3lame', '-ac', '2'], ['-c:a', 'libmp3lame', '-ac', '1']],
    ];
    for (const [title, first, second] of changes) {
      for (const [file, params] of [
        ['out.mpd', {}],
        ['out.m3u8', {}],
        ['out.mpd', { '-acodec': 'aac' }],
      ] as const) {
        const isCopy = !('-acodec' in params);
        it(`${title}: ${isCopy ? 'copied' : 'encoded'} to ${file}`, async () => {
          const parts = [
            await film('a.ts', 440, ...first),
            await film('b.ts', 880, ...second, '-output_ts_offset', String(SECONDS)),
          ];
          const joined = join(folder.path, 'joined.ts');
          await writeFile(joined, Buffer.concat(await Promise.all(parts.map((p) => readFile(p)))));
          const manifest = join(await freshFolder(folder.path), file);
          const { warnings } = await transcode(joined, manifest, params);
          expect(await faults(manifest)).to.deep.equal([]);
          const codes = warnings.map(({ code }) => code);
          expect(codes.includes('AUDIO_CHANGED')).to.equal(isCopy);
          await expectTone(manifest, 440, 1);
          await expectTone(manifest, 880, SECONDS + 0.2);
          await expectTone(manifest, 880, 2 * SECONDS - 0.7);
        });
      }
    }
  });

  describe('that is missing in a source', () => {
    async function sparse(filter: string): Promise<string> {
      const whole = await film('whole.mkv', 440, '-c:a', 'aac');
      const path = join(folder.path, 'sparse.mkv');
      await ffmpeg('-i', whole, '-c', 'copy', '-bsf:a', `noise=drop=${filter}`, path);
      return path;
    }

    it('behind each of its packets is silence there', async () => {
      const manifest = join(await freshFolder(folder.path), 'out.mpd');
      await transcode(await sparse('gt(mod(n\\,4)\\,0)'), manifest, { '-acodec': 'aac' });
      expect(await faults(manifest)).to.deep.equal([]);
      const { start, end } = await audioSpan(manifest);
      expect(start).to.be.closeTo(0, 0.05);
      expect(end).to.be.closeTo(SECONDS, 0.05);
      expect((await heard(manifest, 2, 2.9)).level).to.be.greaterThan(0.01);
    });

    it('at its begin or end is encoded, with silence there', async () => {
      for (const [filter, from] of [
        ['lt(n\\,47)', 0.1],
        ['gt(n\\,70)', 2],
      ] as const) {
        const manifest = join(await freshFolder(folder.path), 'out.mpd');
        const path = join(folder.path, 'part.mp4');
        await ffmpeg('-i', await sparse(filter), '-c', 'copy', path);
        const { warnings } = await transcode(path, manifest);
        expect(warnings).to.deep.equal([]);
        expect(await faults(manifest)).to.deep.equal([]);
        const { start, end } = await audioSpan(manifest);
        expect([start, SECONDS - end].every((hole) => Math.abs(hole) < 0.05)).to.equal(true);
        expect((await heard(manifest, from, from + 0.7)).level).to.be.lessThan(0.01);
      }
    });

    it('in packets that are copied is told', async () => {
      const manifest = join(await freshFolder(folder.path), 'out.mpd');
      const { warnings } = await transcode(await sparse('between(n\\,40\\,90)'), manifest);
      expect(warnings.map(({ code }) => code)).to.deep.equal(['AUDIO_GAP']);
      expect(warnings[0]?.message).to.match(/from 0\.[789] s to 1\.[89] s/);
    });
  });

  describe('without a picture', () => {
    /** Six seconds of a tone, and pictures from `first` to `last`. */
    async function around(first: number, last: number, container: string): Promise<string> {
      const path = join(folder.path, `around-${first}-${last}.${container}`);
      const shown = ['-f', 'lavfi', '-i', `testsrc2=s=96x64:r=25:d=${last - first}`];
      const tone = ['-f', 'lavfi', '-i', 'sine=440:r=48000:d=6,volume=4'];
      const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac'];
      const streams = ['-map', '0', '-map', '1', '-fps_mode', 'passthrough'];
      await ffmpeg('-itsoffset', String(first), ...shown, ...tone, ...streams, ...codecs, path);
      return path;
    }

    /** Pictures come at a constant rate from 0 to the end. */
    async function expectRegular(manifest: string, seconds: number): Promise<void> {
      const times = await pictureTimes(manifest);
      expect(times.length).to.be.closeTo(seconds * 25, 1);
      expect(times.every((time, index) => Math.abs(time - index / 25) < 0.002)).to.equal(true);
    }

    const told = ({ warnings }: Transcoded): string[] =>
      warnings.filter(({ code }) => code === 'AUDIO_WITHOUT_PICTURE').map(({ message }) => message);

    for (const [title, first, last, container, name, params] of [
      ['before the first', 2.52, 6, 'mp4', 'out.mpd', {}],
      ['behind the last', 0, 2, 'ts', 'out.m3u8', {}],
      ['but for a still', 0, 0.04, 'mp4', 'out.mpd', { '-acodec': 'aac' }],
      ['but for a still whose container counts times', 0, 0.04, 'avi', 'out.m3u8', {}],
      ['around a few', 2, 3, 'mkv', 'out.mpd', {}],
    ] as const) {
      it(`${title} is told, and kept while a picture is held`, async () => {
        const path = await around(first, last, container);
        const left = await transcode(path, join(await freshFolder(folder.path), name), params);
        expect(told(left)).to.have.length((first > 0 ? 1 : 0) + (last < 6 ? 1 : 0));
        expect(left.summary.duration).to.be.closeTo(last - first, 0.05);
        const manifest = join(await freshFolder(folder.path), name);
        const both = { ...params, '-hold_picture': 'both' as const };
        const { warnings, summary } = await transcode(path, manifest, both);
        expect(warnings).to.deep.equal([]);
        expect(summary.duration).to.be.closeTo(6, 0.06);
        expect(await faults(manifest)).to.deep.equal([]);
        await expectTone(manifest, 440, 0.2);
        await expectTone(manifest, 440, 5.3);
        await expectRegular(manifest, 6);
      });
    }

    it('is told of copied video too', async () => {
      const path = await around(2, 3, 'mp4');
      const manifest = join(await freshFolder(folder.path), 'out.mpd');
      const copied = await transcode(path, manifest, { '-vcodec': 'copy' });
      expect(told(copied)).to.deep.equal([
        'The source has 2.0 s of sound before the first picture, which are left out',
        'The source has 3.0 s of sound behind the last picture, which are left out',
      ]);
    });

    it('is told only as far as it is wanted', async () => {
      const path = await around(0, 2, 'mp4');
      const manifest = join(await freshFolder(folder.path), 'out.mpd');
      expect(told(await transcode(path, manifest, { '-t': '2.5' }))).to.deep.equal([]);
      expect(told(await transcode(path, manifest, { '-t': '4' }))[0]).to.include('2.0 s of sound');
    });

    it('is trimmed from where the first picture is held', async () => {
      const path = await around(2, 4, 'mp4');
      for (const [from, seconds] of [
        [0, 1],
        [1, 2.4],
        [3, 2.4],
      ] as const) {
        const manifest = join(await freshFolder(folder.path), 'out.mpd');
        const params = {
          '-hold_picture': 'both' as const,
          '-ss': String(from),
          '-t': String(seconds),
        };
        const { warnings, summary } = await transcode(path, manifest, params);
        expect(warnings).to.deep.equal([]);
        expect(summary.duration).to.be.closeTo(seconds, 0.001);
        expect(await faults(manifest)).to.deep.equal([]);
        await expectRegular(manifest, seconds);
        const { start, end } = await audioSpan(manifest);
        expect([start, seconds - end].every((hole) => Math.abs(hole) < 0.05)).to.equal(true);
      }
    });

    it('does not keep a stream that is stopped or aborted', async () => {
      const still = join(folder.path, 'still.mkv');
      const tone = ['-f', 'lavfi', '-i', 'sine=440:r=8000:d=3600', '-c:a', 'libmp3lame'];
      const one = ['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=25:d=0.04', '-c:v', 'mjpeg'];
      await ffmpeg(...one, ...tone, '-b:a', '8k', still);
      const late = join(folder.path, 'late.mkv');
      const picture = ['-itsoffset', '600', ...one, ...tone, '-t', '601'];
      await ffmpeg(...picture, '-b:a', '8k', late);
      for (const [source, holdPicture] of [
        [still, 'last'],
        [late, 'first'],
      ] as const) {
        for (const end of ['stop', 'abort'] as const) {
          const output = join(await freshFolder(folder.path), 'out.mpd');
          const input = { holdPicture };
          const stream = await AdaptiveStream.transcode(source, { output, input, audio: {} });
          const held = new Promise((resolve) => stream.on('segment', resolve));
          const done = stream.finish().catch((error: unknown) => error);
          await held;
          const began = performance.now();
          await (end === 'stop' ? stream.stop() : stream.abort());
          const result = await done;
          expect(performance.now() - began).to.be.lessThan(2000);
          if (end === 'abort') {
            expect(result).to.have.property('code', 'ABORTED');
            continue;
          }
          expect(await faults(output)).to.deep.equal([]);
          const { duration } = result as StreamSummary;
          expect(duration).to.be.lessThan(600);
          await expectRegular(output, duration);
        }
      }
    });

    it('behind the last one is kept in a part of a container that counts times', async () => {
      const path = await around(0, 2, 'avi');
      const manifest = join(await freshFolder(folder.path), 'out.mpd');
      const params = { '-hold_picture': 'last' as const, '-ss': '1' };
      const { summary, warnings } = await transcode(path, manifest, params);
      expect(warnings).to.deep.equal([]);
      expect(summary.duration).to.be.closeTo(5, 0.06);
      expect(await faults(manifest)).to.deep.equal([]);
      expect(told(await transcode(path, manifest, { '-ss': '1' }))).to.have.length(1);
    });
  });

  describe('without a decoder', () => {
    /** Two tracks, 440 and 880 Hz; the sign of one codec is overwritten with one that nobody knows. */
    async function signed(...unknown: readonly number[]): Promise<string> {
      const path = join(folder.path, `unknown-${unknown.join('')}.mp4`);
      const tones = [440, 880].flatMap((hertz) => [
        ...['-f', 'lavfi', '-i', `sine=${hertz}:r=48000:d=${SECONDS},volume=4`],
      ]);
      const maps = ['-map', '0', '-map', '1', '-map', '2', '-preset', 'ultrafast', '-c:a', 'aac'];
      await ffmpeg(...picture, ...tones, ...maps, path);
      const bytes = await readFile(path);
      let at = -1;
      for (const track of [0, 1]) {
        at = bytes.indexOf('mp4a', at + 1);
        if (!unknown.includes(track)) continue;
        bytes.write('zzzz', at, 'latin1');
        bytes.write('free', bytes.indexOf('esds', at), 'latin1'); // which would tell
      }
      await writeFile(path, bytes);
      return path;
    }

    it('is passed over, in the source and in a file of its own', async () => {
      for (const [bad, hertz] of [
        [0, 880],
        [1, 440],
      ] as const) {
        const path = await signed(bad);
        for (const params of [{}, { '-audio': path }]) {
          const manifest = join(await freshFolder(folder.path), 'out.mpd');
          const { warnings } = await transcode(path, manifest, params);
          expect(warnings.map(({ code }) => code)).to.deep.equal(['TRACK_LEFT_OUT']);
          expect(warnings[0]?.message).to.match(new RegExp(`^Audio track ${bad} of .*zzzz`));
          await expectTone(manifest, hertz, 1);
        }
      }
    });

    it('is left out where there is no other, and told', async () => {
      const manifest = join(await freshFolder(folder.path), 'out.mpd');
      const { warnings } = await transcode(await signed(0, 1), manifest);
      expect(warnings.map(({ code }) => code)).to.deep.equal(['NO_AUDIO']);
      expect(warnings[0]?.message).to.include('no decoder of zzzz');
    });
  });

  describe('of an AVI file whose header has a wrong rate', () => {
    // What the header says of a packet's length, and where the audio begins: scale, rate, start, sample size.
    const headers: readonly (readonly [string, readonly (number | undefined)[]])[] = [
      ['nothing lasts', [1, 44_100]],
      ['half', [16, 1225]],
      ['twice', [64, 1225]],
      ['bytes of another bitrate', [1, 800, 0, 1]],
      ['a begin after an hour', [32, 1225, 200_000]],
    ];
    for (const [title, fields] of headers) {
      it(`is heard by its samples: ${title}`, async () => {
        const path = await film('film.avi', 440, '-c:a', 'libmp3lame', '-ar', '44100');
        const bytes = await readFile(path);
        const header = bytes.indexOf('auds') + 20;
        for (const [index, field] of fields.entries()) {
          const offset = [0, 4, 8, 24][index] ?? 0;
          if (field !== undefined) bytes.writeUInt32LE(field, header + offset);
        }
        await writeFile(path, bytes);
        for (const params of [{}, { '-acodec': 'aac' }]) {
          const manifest = join(await freshFolder(folder.path), 'out.mpd');
          await transcode(path, manifest, params);
          await expectTone(manifest, 440, 0.3);
          await expectTone(manifest, 440, 2.2);
        }
      });
    }
  });
});
