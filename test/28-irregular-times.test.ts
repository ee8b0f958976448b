// Frames with any times, and encoders that reorder them: what the boxes, the packets and the manifests say has to agree.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import type { AdaptiveStreamOptions, RawFrame } from '../src/index.js';
import { packets, presentationTimes } from './support/ffprobe.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { readInit, readMedia } from './support/mp4.js';
import { isoDuration, parseMpd } from './support/mpd.js';
import { decodeFrames } from './support/psnr.js';
import { faults as allFaults, make, segmentStarts, type Made } from './support/presentation.js';

const WIDTH = 64;
const HEIGHT = 64;
const FRAME = 0.04;

/** A picture whose shade says which one it is; B-frames pay where it moves. */
function picture(index: number, timestamp: number): RawFrame {
  const data = new Uint8Array(WIDTH * HEIGHT).fill(30);
  for (let row = 0; row < HEIGHT; row++)
    data.fill(200, row * WIDTH + (index % 48), row * WIDTH + (index % 48) + 16);
  return { data, width: WIDTH, height: HEIGHT, pixelFormat: 'gray', timestamp };
}

const regular = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, index) => Math.round((from + index * FRAME) * 1000) / 1000);

/** What is meant here: a rate that is declared wrongly, jumps of time, a last frame that lasts as long as was declared. */
const MEANT = /^(frame-rate|extinf)|DTS discontinuity/;

const faults = async (manifest: string): Promise<string[]> =>
  (await allFaults(manifest)).filter((fault) => !MEANT.test(fault));

/** Distances that repeat in no way, from a tenth of a frame to three seconds. */
function irregular(count: number): number[] {
  let time = 0;
  return Array.from({ length: count }, (_, index) => {
    const now = time;
    const pick = (index * 2654435761) % 97;
    time += pick < 60 ? FRAME : pick < 80 ? 0.004 + pick / 1000 : pick < 95 ? 0.2 : 3;
    return Math.round(now * 1000) / 1000;
  });
}

const PATTERNS: Readonly<Record<string, readonly number[]>> = {
  'ten frames and one five seconds later': [...regular(10), 5],
  'bursts of 20 frames with pauses of 3 s, as of a screen recorder': [0, 1, 2, 3].flatMap((burst) =>
    regular(20, burst * 3.8),
  ),
  'three frames, each a second later': [0, 1, 2],
  'ten frames per second declared as 25': Array.from({ length: 30 }, (_, index) => index / 10),
  'sixty frames per second declared as 25': Array.from(
    { length: 90 },
    (_, index) => Math.round((index * 1e6) / 60) / 1e6,
  ),
  'distances without a rule': irregular(80),
};

describe('Irregular times with B-frames', () => {
  let folder: TemporaryFolder;

  before(async () => {
    folder = await temporaryFolder();
  });
  after(async () => {
    await folder[Symbol.asyncDispose]();
  });

  let made = 0;
  const encode = (
    times: readonly number[],
    manifest: string,
    rest: Partial<AdaptiveStreamOptions> = {},
  ): Promise<Made> =>
    make(
      {
        input: { width: WIDTH, height: HEIGHT, pixelFormat: 'gray', frameRate: 25 },
        renditions: [{ height: HEIGHT, bitrate: '200k' }],
        output: join(folder.path, String(made++), manifest),
        ...rest,
        packaging: { segmentDuration: 2, ...rest.packaging },
      },
      times.map((time, index) => picture(index, time)),
    );

  /** That the samples of each segment last as long as the segment, and lie where it does. */
  async function expectExactSegments(
    result: Made,
    init: string,
    times: readonly number[],
    end: number,
  ): Promise<void> {
    const [track] = (await readInit(join(result.folder, init))).tracks;
    if (track === undefined) throw new Error(`${init} has no track`);
    const shown: number[] = [];
    for (const { path, start, duration } of result.segments) {
      const media = await readMedia(path, track);
      const ticks = (seconds: number): number => Math.round(seconds * track.timescale);
      expect(media.decodeStart, path).to.equal(ticks(start));
      expect(media.duration, path).to.equal(ticks(duration));
      expect(media.start, path).to.equal(ticks(start));
      for (const { cts, duration: own } of media.samples) {
        expect(cts).to.be.at.least(0);
        expect(own).to.be.at.least(1);
      }
      // What MSE buffers: two frames at most, the delay, may be overrun where the times are irregular.
      expect(media.end).to.be.within(ticks(start), ticks(start + duration + 2 * FRAME));
      shown.push(...media.samples.map(({ pts }) => pts - track.editShift));
    }
    shown.sort((a, b) => a - b);
    expect(shown).to.deep.equal(times.map((time) => Math.round(time * track.timescale)));
    const sum = result.segments.reduce((total, { duration }) => total + duration, 0);
    expect(sum).to.be.closeTo(end, 1e-6);
    expect(result.summary.duration).to.be.closeTo(end, 1e-6);
  }

  for (const codec of ['libx264', 'libx265']) {
    for (const [what, times] of Object.entries(PATTERNS)) {
      const end = (times.at(-1) ?? 0) + FRAME;
      const video = {
        codec,
        options: codec === 'libx265' ? { 'x265-params': 'bframes=4' } : { bf: '3' },
      };

      it(`make DASH segments of ${codec} as long as the manifest says: ${what}`, async () => {
        const result = await encode(times, 'm.mpd', { video });
        const found = await faults(result.manifest);
        // A last frame as long as was declared may be much of a segment, whose rate no parser measures then.
        expect(found.filter((fault) => !fault.startsWith('bandwidth'))).to.deep.equal([]);
        const mpd = parseMpd(await readFile(result.manifest, 'utf8'));
        expect(isoDuration(mpd.attributes['mediaPresentationDuration'])).to.be.closeTo(end, 2e-3);
        await expectExactSegments(result, 'init-stream0.m4s', times, end);
        const [list = []] = await packets(result.manifest);
        expect(presentationTimes(list)).to.deep.equal(
          times.map((time) => Math.round(time * 1e6) / 1e6),
        );
        const { frames } = await decodeFrames(result.manifest, { pixelFormat: 'gray' });
        expect(frames).to.have.length(times.length);
      });

      it(`keep the times of ${codec} in HLS: ${what}`, async () => {
        const fragmented = await encode(times, 'm.m3u8', { video });
        expect(await faults(fragmented.manifest)).to.deep.equal([]);
        await expectExactSegments(fragmented, 'init.mp4', times, end);
        const transport = await encode(times, 'm.m3u8', {
          video,
          packaging: { segmentType: 'mpegts' },
        });
        expect(await faults(transport.manifest)).to.deep.equal([]);
        const [list = []] = await packets(transport.manifest);
        const ticks = presentationTimes(list).map((time, _, all) =>
          Math.round((time - (all[0] ?? 0)) * 90_000),
        );
        const expected = times.map((time) => Math.round(time * 90_000));
        expect(ticks).to.have.length(expected.length);
        for (const [index, tick] of ticks.entries())
          expect(tick).to.be.closeTo(expected[index] ?? NaN, 1);
        expect(segmentStarts(transport)).to.deep.equal(segmentStarts(fragmented));
      });
    }
  }

  it('hold for streams of one or two frames, thirty of them in one process, with libx265', async () => {
    for (let round = 0; round < 15; round++) {
      for (const count of [1, 2]) {
        const times = regular(count);
        const video = { codec: 'libx265', preset: 'ultrafast' };
        const isEven = round % 2 === 0;
        const result = isEven
          ? await encode(times, 'm.mpd', { video })
          : await encode(times, 'm.m3u8', { video, packaging: { segmentType: 'mpegts' } });
        expect(result.summary.duration).to.be.closeTo(count * FRAME, 1e-9);
        const [list = []] = await packets(result.manifest);
        const shown = presentationTimes(list);
        if (!isEven) expect(shown[0]).to.be.within(0, 2);
        const first = isEven ? 0 : (shown[0] ?? NaN);
        expect(shown.map((time) => Math.round((time - first) * 1000) / 1000)).to.deep.equal(times);
      }
    }
  });
});
