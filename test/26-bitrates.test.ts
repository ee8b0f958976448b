// Bitrates: what is declared is kept, and what manifests say of it is true.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';
import { parse, setOptions } from 'hls-parser';

import { AdaptiveStream, openFrames, StreamGear } from '../src/index.js';
import type {
  AdaptiveStreamOptions,
  DecodedFrame,
  SegmentEvent,
  StreamParams,
  StreamSummary,
} from '../src/index.js';
import { packets } from './support/ffprobe.js';
import { bigBuckBunny, temporaryFolder, type TemporaryFolder } from './support/media.js';
import { parseMpd } from './support/mpd.js';
import { faults, make, type Made } from './support/presentation.js';

const FPS = 24;
const SECONDS = 12;
const SIZE = { width: 480, height: 270 };
const INPUT = { ...SIZE, pixelFormat: 'yuv420p', frameRate: FPS } as const;

/** bit/s of the pictures alone, without their container, by rendition. */
async function pictureRates(manifest: string, seconds: number): Promise<number[]> {
  const found = await packets(manifest);
  return found.map((list) => (list.reduce((sum, { size }) => sum + size, 0) * 8) / seconds);
}

/** bit/s of each segment of a rendition, container included. */
function segmentRates(segments: readonly SegmentEvent[], index: number): number[] {
  return segments
    .filter(({ rendition }) => rendition === index)
    .map(({ bytes, duration }) => (bytes * 8) / duration);
}

/** What the root manifest says, by rendition. */
async function stated(manifest: string): Promise<{ peak: number; average?: number }[]> {
  const text = await readFile(manifest, 'utf8');
  if (manifest.endsWith('.mpd')) {
    const [period] = parseMpd(text).periods;
    return (period?.sets[0]?.representations ?? []).map(({ attributes }) => ({
      peak: Number(attributes['bandwidth']),
    }));
  }
  setOptions({ strictMode: true, silent: true });
  const playlist = parse(text);
  if (!playlist.isMasterPlaylist) throw new Error(`${manifest} is a media playlist`);
  return playlist.variants.map(({ bandwidth, averageBandwidth }) => ({
    peak: bandwidth,
    ...(averageBandwidth !== undefined && { average: averageBandwidth }),
  }));
}

/** No segment is above the stated peak, and the stated average is the measured one. */
async function expectTrueRates(made: Pick<Made, 'manifest' | 'segments'>): Promise<void> {
  for (const [index, { peak, average }] of (await stated(made.manifest)).entries()) {
    const rates = segmentRates(made.segments, index);
    expect(Math.max(...rates), `peak of rendition ${index}`).to.be.at.most(peak);
    if (average === undefined) continue;
    const mine = made.segments.filter(({ rendition }) => rendition === index);
    const bytes = mine.reduce((sum, segment) => sum + segment.bytes, 0);
    const seconds = mine.reduce((sum, segment) => sum + segment.duration, 0);
    expect(average, `average of rendition ${index}`).to.be.closeTo((bytes * 8) / seconds, 1);
  }
}

describe('Bitrates', () => {
  let folder: TemporaryFolder;
  let count = 0;
  const clip: DecodedFrame[] = [];

  before(async () => {
    folder = await temporaryFolder();
    const source = await openFrames(bigBuckBunny, { ...SIZE, pixelFormat: 'yuv420p' });
    for await (const frame of source) if (clip.push(frame) === FPS * SECONDS) break;
  });
  after(async () => {
    await folder[Symbol.asyncDispose]();
  });

  const output = (extension: string): string => join(folder.path, `${count++}`, `m.${extension}`);

  function encode(extension: 'mpd' | 'm3u8', rest: Partial<AdaptiveStreamOptions>): Promise<Made> {
    const packaging = { segmentDuration: 2, ...rest.packaging };
    return make({ input: INPUT, output: output(extension), ...rest, packaging }, clip);
  }

  async function pushed(
    params: StreamParams,
    frames: readonly DecodedFrame[],
  ): Promise<{ manifest: string; summary: StreamSummary; segments: SegmentEvent[] }> {
    const common = { '-input_framerate': FPS, '-seg_duration': 2 };
    const gear = new StreamGear({ output: output('mpd'), streamParams: { ...common, ...params } });
    const segments: SegmentEvent[] = [];
    gear.on('segment', (event) => segments.push(event));
    for (const frame of frames) await gear.stream(frame);
    const summary = await gear.close();
    return { manifest: summary.manifest, summary, segments };
  }

  const declared = (summary: StreamSummary): number[] =>
    summary.renditions.map(({ bitrate }) => bitrate.declared);

  for (const [what, extension, renditions] of [
    ['that follow from 0.1 bit per pixel', 'm3u8', [{}, { height: 180 }, { height: 120 }]],
    [
      'that were asked for, high and low',
      'mpd',
      [{ bitrate: '900k' }, { height: 180, bitrate: '80k' }],
    ],
  ] as const) {
    it(`of libx264 ${what} are kept within 8 %`, async () => {
      const made = await encode(extension, { renditions });
      const rates = await pictureRates(made.manifest, SECONDS);
      expect(rates).to.have.length(renditions.length);
      for (const [index, rate] of rates.entries()) {
        const { bitrate, height } = made.summary.renditions[index] ?? {};
        expect(rate / (bitrate?.declared ?? NaN), `${height ?? ''} lines`).to.be.within(0.92, 1.08);
      }
      expect(await faults(made.manifest)).to.deep.equal([]);
      await expectTrueRates(made);
      for (const { index, bitrate } of made.summary.renditions) {
        expect(bitrate.peak).to.be.closeTo((await stated(made.manifest))[index]?.peak ?? NaN, 1);
      }
    });
  }

  for (const codec of ['libx264', 'libvpx-vp9']) {
    for (const segmentDuration of [0.5, 1]) {
      it(`of ${codec} in live segments of ${segmentDuration} s are stated near what is sent`, async () => {
        const made = await encode('mpd', {
          renditions: [{ bitrate: '800k' }],
          video: { codec },
          packaging: { live: { window: 0 }, segmentDuration },
        });
        const [{ peak } = { peak: NaN }] = await stated(made.manifest);
        const rates = segmentRates(made.segments, 0);
        expect(Math.max(...rates)).to.be.at.most(peak);
        const sent = made.summary.renditions[0]?.bitrate.average ?? NaN;
        expect(peak / Math.max(sent, 800_000)).to.be.within(1, 1.8);
        expect(peak / Math.max(...rates)).to.be.within(1, 1.6);
      });
    }
  }

  for (const [what, extension, segmentType] of [
    ['DASH', 'mpd', 'fmp4'],
    ['HLS', 'm3u8', 'fmp4'],
    ['HLS over MPEG-TS', 'm3u8', 'mpegts'],
  ] as const) {
    it(`are stated high enough for all that is still to come in live ${what}`, async () => {
      const stream = await AdaptiveStream.open({
        input: INPUT,
        renditions: [{ bitrate: '500k' }, { height: 120, bitrate: '60k' }],
        packaging: { live: { window: 0 }, segmentDuration: 1, segmentType },
        output: output(extension),
      });
      const promises: ReturnType<typeof stated>[] = [];
      const segments: SegmentEvent[] = [];
      stream.on('segment', (event) => segments.push(event));
      stream.on('manifest', ({ path, isRoot }) => {
        if (isRoot) promises.push(stated(path));
      });
      for (const frame of clip) await stream.write(frame);
      const { manifest, renditions } = await stream.finish();
      const [first = []] = await Promise.all(promises);
      expect(first).to.have.length(2);
      for (const [index, { peak }] of first.entries()) {
        expect(Math.max(...segmentRates(segments, index))).to.be.at.most(peak);
        // High enough, but not so high that nobody would choose it.
        expect(peak).to.be.at.most(5 * (renditions[index]?.bitrate.declared ?? NaN));
      }
      await expectTrueRates({ manifest, segments });
    });
  }

  it('bound every second of a live stream', async () => {
    const packaging = { live: { window: 0 }, segmentDuration: 1 };
    const made = await encode('mpd', { renditions: [{ bitrate: '200k' }], packaging });
    const [list = []] = await packets(made.manifest);
    const bits = list.map(({ size }) => size * 8);
    for (let from = 0; from + FPS <= bits.length; from++) {
      const second = bits.slice(from, from + FPS).reduce((sum, size) => sum + size, 0);
      // The buffer of two seconds, and what refills it meanwhile.
      expect(second).to.be.at.most(200_000 * (2 + 1.5));
    }
  });

  describe('With constant quality', () => {
    it('are a cap: a good quality is held down', async () => {
      const made = await encode('mpd', {
        renditions: [{ bitrate: '150k' }],
        video: { crf: 12, preset: 'superfast' },
      });
      const [rate = NaN] = await pictureRates(made.manifest, SECONDS);
      // maxrate is 1.5 times the bitrate, and the buffer gives once two seconds' worth.
      expect(rate).to.be.at.most(150_000 * (1.5 + 2 / SECONDS) * 1.01);
      expect(rate).to.be.at.least(150_000);
      await expectTrueRates(made);
    });

    it('are not filled up: a low quality takes what it needs', async () => {
      const made = await encode('mpd', {
        renditions: [{ bitrate: '4M' }],
        video: { crf: 36, preset: 'superfast' },
      });
      const [rate = NaN] = await pictureRates(made.manifest, SECONDS);
      expect(rate).to.be.below(400_000);
      expect(made.summary.renditions[0]?.bitrate.declared).to.equal(4_000_000);
      await expectTrueRates(made);
    });
  });

  describe('With FFmpeg options of StreamGear', () => {
    const streamed = [
      { '-resolution': '320x180', '-video_bitrate': '100k' },
      { '-resolution': '160x90', '-framerate': FPS },
    ];

    it('-b:v:N is the bitrate of that rendition, and wins', async () => {
      const params = { '-b:v:0': '700k', '-b:v:1': '220k', '-streams': streamed };
      const { manifest, summary } = await pushed(params, clip);
      expect(declared(summary)).to.deep.equal([700_000, 220_000, 35_000]);
      const rates = await pictureRates(manifest, SECONDS);
      for (const [index, rate] of rates.entries()) {
        expect(rate / (declared(summary)[index] ?? NaN)).to.be.within(0.9, 1.1);
      }
    });

    it('-b:v is for those that have none of their own', async () => {
      const { summary } = await pushed({ '-b:v': '640k', '-streams': streamed }, clip.slice(0, 4));
      expect(declared(summary)).to.deep.equal([640_000, 100_000, 35_000]);
    });

    it('-bpp changes the computed ones', async () => {
      const params = { '-bpp': 0.05, '-streams': streamed };
      const { summary } = await pushed(params, clip.slice(0, 4));
      expect(declared(summary)).to.deep.equal([156_000, 100_000, 17_000]);
    });

    it('-crf:v:1 leaves the other renditions at their bitrate', async () => {
      const params = {
        '-crf:v:1': 45,
        '-streams': [{ '-resolution': '320x180', '-video_bitrate': '900k' }],
      };
      const { manifest, summary, segments } = await pushed(params, clip);
      const [first = NaN, second = NaN] = await pictureRates(manifest, SECONDS);
      expect(first / (declared(summary)[0] ?? NaN)).to.be.within(0.92, 1.08);
      expect(second).to.be.below(90_000);
      await expectTrueRates({ manifest, segments });
    });

    it('-maxrate and -bufsize bound the peaks', async () => {
      const rate = { '-b:v': '300k', '-maxrate': '300k', '-bufsize': '150k' };
      const { manifest, segments } = await pushed(rate, clip);
      // A segment of two seconds gets what flows in, and what the buffer holds.
      const bound = 300_000 + 150_000 / 2;
      for (const bits of segmentRates(segments, 0)) expect(bits).to.be.below(bound * 1.03);
      await expectTrueRates({ manifest, segments });
    });
  });
});
