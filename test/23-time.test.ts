// Time: exact rates, frames with times of their own, lower rates, and where key frames fall.
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { AdaptiveStream, InvalidFrameError, StreamError, StreamGear } from '../src/index.js';
import type { AdaptiveStreamOptions, DropEvent, RawFrame } from '../src/index.js';
import { keyTimes, packets, presentationTimes } from './support/ffprobe.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { readInit, readMedia } from './support/mp4.js';
import { parseMpd } from './support/mpd.js';
import { exactTimes, faults, make, segmentStarts, type Made } from './support/presentation.js';

const WIDTH = 64;
const HEIGHT = 36;
const FRAME_SECONDS = 0.04;
const RENDITIONS = [{ height: HEIGHT }, { width: 32, height: 18 }];
const VIDEO = { preset: 'ultrafast' } as const;

/** A tiny picture: a bar whose place and shade say which frame it is. */
function picture(index: number): RawFrame {
  const data = new Uint8Array(WIDTH * HEIGHT).fill(40);
  const column = index % WIDTH;
  for (let row = 0; row < HEIGHT; row++) data[row * WIDTH + column] = 100 + (index % 150);
  return { data, width: WIDTH, height: HEIGHT, pixelFormat: 'gray' };
}

function* pictures(count: number): Generator<RawFrame> {
  for (let index = 0; index < count; index++) yield picture(index);
}

function at(times: readonly number[]): RawFrame[] {
  return times.map((timestamp, index) => ({ ...picture(index), timestamp }));
}

describe('Time', () => {
  let folder: TemporaryFolder;

  before(async () => {
    folder = await temporaryFolder();
  });
  after(async () => {
    await folder[Symbol.asyncDispose]();
  });

  function options(
    name: string,
    frameRate: number | string,
    rest: Partial<AdaptiveStreamOptions> = {},
  ): AdaptiveStreamOptions {
    return {
      input: { width: WIDTH, height: HEIGHT, pixelFormat: 'gray', frameRate },
      renditions: RENDITIONS,
      output: join(folder.path, name, name.includes('hls') ? 'm.m3u8' : 'm.mpd'),
      ...rest,
      video: { ...VIDEO, ...rest.video },
      packaging: { segmentDuration: 2, ...rest.packaging },
    };
  }

  const init = (made: Made, rendition: number): string =>
    join(
      made.folder,
      made.manifest.endsWith('.mpd') ? `init-stream${rendition}.m4s` : `init_${rendition}.mp4`,
    );

  /** Key times of every rendition, which have to be the same. */
  async function sharedKeys(made: Made): Promise<number[]> {
    const [first = [], ...others] = (await packets(made.manifest)).map(keyTimes);
    expect(others).to.have.length(RENDITIONS.length - 1);
    for (const other of others) expect(other).to.deep.equal(first);
    return first;
  }

  describe('Frames that are timed by their number', () => {
    const SECONDS = 40;
    for (const [frameRate, num, den] of [
      [23.976, 24000, 1001],
      ['30000/1001', 30000, 1001],
      [59.94, 60000, 1001],
      [25, 25, 1],
      [24, 24, 1],
    ] as const) {
      it(`are exact at ${frameRate}: ${num}/${den}, over many segments`, async () => {
        const count = Math.round((SECONDS * num) / den);
        const made = await make(options(`rate-${num}`, frameRate), pictures(count));
        expect(await faults(made.manifest)).to.deep.equal([]);
        // Each segment of 2 s begins with the first frame at or after its border.
        const borders = Array.from({ length: SECONDS / 2 }, (_, k) =>
          Math.ceil((2 * k * num) / den),
        );
        const starts = borders.map((index) => (index * den) / num);
        for (const rendition of RENDITIONS.keys()) {
          const { timescale, ticks } = await exactTimes(made, rendition, init(made, rendition));
          // In whole numbers: ticks / timescale = index * den / num.
          const wrong = ticks.filter((tick, index) => tick * num !== index * den * timescale);
          expect(ticks).to.have.length(count);
          expect(wrong).to.deep.equal([]);
          const told = segmentStarts(made, rendition);
          expect(told).to.have.length(starts.length);
          for (const [index, start] of told.entries()) {
            expect(start).to.be.closeTo(starts[index] ?? NaN, 1e-9);
          }
        }
        const keys = starts.map((time) => Math.round(time * 1e6) / 1e6);
        expect(await sharedKeys(made)).to.deep.equal(keys);
        const [period] = parseMpd(await readFile(made.manifest, 'utf8')).periods;
        for (const { attributes } of period?.sets[0]?.representations ?? []) {
          expect(attributes['frameRate']).to.equal(den === 1 ? `${num}` : `${num}/${den}`);
        }
      });
    }

    it('are exact in MPEG-TS, whose clock has 29.97 in whole ticks', async () => {
      const packaging = { segmentType: 'mpegts' } as const;
      const made = await make(options('ts-hls', 29.97, { packaging }), pictures(120));
      expect(await faults(made.manifest)).to.deep.equal([]);
      const [list = []] = await packets(made.manifest);
      const times = presentationTimes(list);
      const ticks = times.map((time) => Math.round((time - (times[0] ?? NaN)) * 90_000));
      expect(ticks).to.deep.equal(Array.from({ length: 120 }, (_, index) => index * 3003));
      expect(await readFile(made.manifest, 'utf8')).to.include('FRAME-RATE=29.970');
    });
  });

  describe('Frames with times of their own', () => {
    /** 25 frames per second, a third of them up to 9 ms early or late, and nothing for 5 s before second `gapAt`. */
    const jittered = (count: number, gapAt: number): number[] =>
      Array.from({ length: count }, (_, index) => {
        const jitter = index % 3 === 1 ? ((index * 7) % 19) - 9 : 0;
        const time = index * 40 + jitter + (index * 40 >= gapAt * 1000 ? 5000 : 0);
        return time / 1000;
      });

    for (const [what, gapAt] of [
      ['inside of a segment', 3],
      ['at a segment border', 4],
    ] as const) {
      for (const format of ['dash', 'hls'] as const) {
        it(`keep their jitter and a gap of 5 s ${what} in ${format}`, async () => {
          const times = jittered(200, gapAt);
          const made = await make(options(`gap-${gapAt}-${format}`, 25), at(times));
          expect(await faults(made.manifest)).to.deep.equal([]);
          for (const rendition of RENDITIONS.keys()) {
            const { timescale, ticks } = await exactTimes(made, rendition, init(made, rendition));
            expect(ticks).to.deep.equal(times.map((time) => Math.round(time * timescale)));
          }
          // The first frame of every cell of the grid; the gap has none.
          const cells = new Set<number>();
          const firsts = times.filter((time) => {
            const cell = Math.floor(time / 2);
            return !cells.has(cell) && cells.add(cell);
          });
          expect(firsts.some((time, index) => time - (firsts[index - 1] ?? time) > 4)).to.equal(
            true,
          );
          expect(segmentStarts(made, 0)).to.deep.equal(firsts);
          expect(segmentStarts(made, 1)).to.deep.equal(firsts);
          expect(await sharedKeys(made)).to.deep.equal(firsts);
        });
      }
    }

    it('begin at zero, whatever the clock of the source says', async () => {
      const made = await make(options('epoch', 25), at([1e6, 1e6 + 0.04, 1e6 + 0.2]));
      const { timescale, ticks } = await exactTimes(made, 0, init(made, 0));
      expect(ticks.map((tick) => tick / timescale)).to.deep.equal([0, 0.04, 0.2]);
      expect(made.summary.duration).to.be.closeTo(0.24, 1e-9);
    });

    it('may be mixed with frames that follow one frame later', async () => {
      const mixed = [...at([0, 0.5]), picture(2), { ...picture(3), timestamp: 0.9 }, picture(4)];
      const made = await make(options('mixed', 25), mixed);
      const { timescale, ticks } = await exactTimes(made, 1, init(made, 1));
      const seconds = ticks.map((tick) => tick / timescale);
      expect(seconds).to.deep.equal([0, 0.5, 0.54, 0.9, 0.94]);
    });

    it('must grow: one that does not is an error, after which the stream goes on', async () => {
      const stream = await AdaptiveStream.open(options('late', 25));
      const failures: unknown[] = [];
      for (const frame of at([0, 0.04, 0.04, 0.02, 0.08])) {
        await stream.write(frame).catch((error: unknown) => failures.push(error));
      }
      const { framesIn } = await stream.finish();
      expect(framesIn).to.equal(3);
      expect(failures).to.have.length(2);
      for (const [index, error] of failures.entries()) {
        expect(error).to.be.instanceOf(StreamError);
        const received = index === 0 ? '0.040000' : '0.020000';
        expect(error).to.have.property('code', 'TIMESTAMP_NOT_INCREASING');
        expect(error).to.have.property('stage', 'ingest');
        expect(error)
          .to.have.property('message')
          .match(/^Expected a timestamp after 0\.040000 s/)
          .and.includes(`received ${received} s`);
      }
    });

    it('may be hours apart, but not a month', async () => {
      for (const name of ['apart', 'apart-hls']) {
        const stream = await AdaptiveStream.open(options(name, 25));
        const failures: unknown[] = [];
        for (const frame of at([0, 0.04, 17_000, 3e6, 1e300, 17_000.04])) {
          await stream.write(frame).catch((error: unknown) => failures.push(error));
        }
        const { framesIn, manifest } = await stream.finish();
        expect(framesIn).to.equal(4);
        expect(failures).to.have.length(2);
        for (const error of failures) {
          expect(error).to.be.instanceOf(InvalidFrameError);
          expect(error)
            .to.have.property('message')
            .match(
              /^Expected a timestamp .* at most 2592000 s after 17000\.000000 s.* received \d/,
            );
        }
        const [first = []] = await packets(manifest);
        expect(presentationTimes(first)).to.deep.equal([0, 0.04, 17_000, 17_000.04]);
      }
    });

    // Three hours and 20 minutes, five and a half, a day: fMP4 has 31 bits of ticks for a sample, which are 6.6 hours.
    const pauses = [0, 12_000, 24_000, 43_800, 61_800, 148_200, 234_600].flatMap((begin) => [
      begin,
      begin + 0.04,
      begin + 0.08,
    ]);
    for (const [name, live] of [
      ['dash', false],
      ['dash', true],
      ['hls', false],
      ['hls', true],
    ] as const) {
      it(`may pause for hours again and again in ${name}, ${live ? 'live' : 'not live'}, with B-frames, in a slower rendition too`, async () => {
        const renditions = [{ height: HEIGHT }, { width: 32, height: 18, frameRate: 5 }];
        const made = await make(
          options(`pauses-${name}-${live}`, 25, {
            renditions,
            video: { options: { bf: '2' } },
            packaging: live ? { live: { window: 0 }, segmentDuration: 0.4 } : {},
          }),
          at(pauses),
        );
        for (const [rendition, step] of [1, 3].entries()) {
          const { timescale, ticks } = await exactTimes(made, rendition, init(made, rendition));
          const taken = pauses.filter((_, index) => index % step === 0);
          expect(ticks).to.deep.equal(taken.map((time) => Math.round(time * timescale)));
        }
        const [first = []] = await packets(made.manifest);
        expect(presentationTimes(first)).to.deep.equal(pauses);
      });
    }

    it('may come every four hours, as the rate says, or once a day', async () => {
      for (const [frameRate, seconds] of [
        ['1/14400', 14_400],
        ['1/86400', 86_400],
      ] as const) {
        const made = await make(
          options(`slow-${seconds}`, frameRate, { renditions: [{ height: HEIGHT }] }),
          pictures(4),
        );
        const { timescale, ticks } = await exactTimes(made, 0, init(made, 0));
        expect(ticks.map((tick) => tick / timescale)).to.deep.equal(
          [0, 1, 2, 3].map((index) => index * seconds),
        );
        expect(made.summary.duration).to.equal(4 * seconds);
      }
    });

    it('are told once when they are denser than the declared rate', async () => {
      const dense = Array.from({ length: 150 }, (_, index) => index / 60);
      const { warnings } = await make(options('dense', 25), at(dense));
      const told = warnings.filter(({ code }) => code === 'TIMESTAMPS_DENSER_THAN_FRAME_RATE');
      expect(told).to.have.length(1);
      expect(told[0]?.message).to.match(/^About 6\d frames per second come where 25 are declared/);
      const burst = [0, 1, 2, 3].flatMap((begin) =>
        Array.from({ length: 20 }, (_, index) => begin + index / 1000),
      );
      const bursts = await make(options('bursts', 25), at(burst));
      expect(bursts.warnings.map(({ code }) => code)).not.to.include(
        'TIMESTAMPS_DENSER_THAN_FRAME_RATE',
      );
    });

    it('make fragments of the same length, none longer than was asked for', async () => {
      for (const bf of ['0', '3']) {
        const made = await make(
          options(`fragments-${bf}`, 25, {
            renditions: [{ height: HEIGHT }],
            video: { options: { bf } },
            packaging: { fragmentDuration: 0.4 },
          }),
          pictures(100),
        );
        const [track] = (await readInit(init(made, 0))).tracks;
        if (track === undefined) throw new Error('no track');
        for (const { path } of made.segments) {
          const { fragments } = await readMedia(path, track);
          expect(fragments.map(({ samples }) => samples.length)).to.deep.equal([
            10, 10, 10, 10, 10,
          ]);
        }
      }
    });

    for (const live of [false, true]) {
      it(`get a timeline where a pause leaves numbers without a segment, ${live ? 'live' : 'not live'}`, async () => {
        const times = [0, 1, 2].flatMap((burst) =>
          Array.from({ length: 30 }, (_, index) => burst * 7 + index * FRAME_SECONDS),
        );
        const made = await make(
          options(`no-timeline-${live}`, 25, {
            packaging: {
              dash: { timeline: false },
              segmentDuration: 1,
              live: live ? { window: 0 } : false,
            },
          }),
          at(times),
        );
        // Live, what is declared was declared before it was measured.
        const found = await faults(made.manifest);
        expect(found.filter((fault) => !live || !fault.startsWith('bandwidth'))).to.deep.equal([]);
        const told = made.warnings.filter(({ code }) => code === 'TIMELINE_NEEDED');
        expect(told).to.have.length(1);
        const [period] = parseMpd(await readFile(made.manifest, 'utf8')).periods;
        for (const { segments } of period?.sets[0]?.representations ?? []) {
          expect(segments).to.have.length(6);
          for (const { uri } of segments) await access(join(made.folder, uri));
        }
        const [first = []] = await packets(made.manifest);
        expect(presentationTimes(first)).to.have.length(times.length);
      });
    }

    it('that do not grow are counted drops when frames may be dropped', async () => {
      const stream = await AdaptiveStream.open(options('late-drop', 25, { whenFull: 'drop' }));
      const drops: DropEvent[] = [];
      stream.on('drop', (event) => drops.push(event));
      const taken: boolean[] = [];
      for (const frame of at([0, 0.04, 0.02, 0.08])) taken.push(await stream.write(frame));
      const summary = await stream.finish();
      expect(taken).to.deep.equal([true, true, false, true]);
      expect(drops).to.deep.equal([{ reason: 'timestamp', timestamp: 0.02, dropped: 1 }]);
      expect(summary.framesDropped).to.equal(1);
      expect(summary.renditions.map(({ framesEncoded }) => framesEncoded)).to.deep.equal([3, 3]);
    });
  });

  describe('A rendition of lower rate', () => {
    for (const [frameRate, lower, count] of [
      [30, 15, 60],
      [30, 10, 40],
      ['30000/1001', '15000/1001', 60],
    ] as const) {
      it(`of ${lower} shows one of ${120 / count} frames of ${frameRate} and cuts like the others`, async () => {
        const renditions = [{ height: HEIGHT }, { width: 32, height: 18, frameRate: lower }];
        const name = `lower-${String(lower).replace('/', '-')}`;
        const made = await make(options(name, frameRate, { renditions }), pictures(120));
        expect(await faults(made.manifest)).to.deep.equal([]);
        const all = await exactTimes(made, 0, init(made, 0));
        const some = await exactTimes(made, 1, init(made, 1));
        expect(all.ticks).to.have.length(120);
        expect(some.ticks).to.have.length(count);
        const keys = await sharedKeys(made);
        expect(keys).to.have.length(2);
        expect(segmentStarts(made, 1)).to.deep.equal(segmentStarts(made, 0));
        expect(some.ticks).to.deep.equal(
          all.ticks.filter((_, index) => index % (120 / count) === 0),
        );
        expect(made.summary.renditions.map(({ framesEncoded }) => framesEncoded)).to.deep.equal([
          120,
          count,
        ]);
      });
    }

    it('keeps its cadence when times jitter', async () => {
      const times = Array.from(
        { length: 100 },
        (_, index) => (index * 40 + ((index % 3) - 1) * 4 * Math.sign(index)) / 1000,
      );
      const renditions = [{ height: HEIGHT }, { width: 32, height: 18, frameRate: 12.5 }];
      const made = await make(options('cadence', 25, { renditions }), at(times));
      const { timescale, ticks } = await exactTimes(made, 1, init(made, 1));
      const expected = times.filter((_, index) => index % 2 === 0);
      expect(ticks).to.deep.equal(expected.map((time) => Math.round(time * timescale)));
    });

    it('takes the nearest frames where the rates do not divide', async () => {
      const renditions = [{ height: HEIGHT }, { width: 32, height: 18, frameRate: 10 }];
      const made = await make(options('uneven', 25, { renditions }), pictures(150));
      expect(await faults(made.manifest)).to.deep.equal([]);
      const { timescale, ticks } = await exactTimes(made, 1, init(made, 1));
      // 0, 120, 200, 320, 400 … ms: the first frame at or after each tenth of a second.
      const expected = Array.from({ length: 60 }, (_, index) => Math.ceil(index * 2.5) * 0.04);
      expect(ticks.map((tick) => Math.round((tick / timescale) * 1000) / 1000)).to.deep.equal(
        expected.map((time) => Math.round(time * 1000) / 1000),
      );
      expect(await sharedKeys(made)).to.deep.equal([0, 2, 4]);
    });
  });

  describe('Key frames', () => {
    it('are no further apart than -gop, counted anew in each segment', async () => {
      const output = join(folder.path, 'gop', 'm.mpd');
      const gear = new StreamGear({
        output,
        streamParams: {
          '-gop': 10,
          '-seg_duration': 1,
          '-preset': 'ultrafast',
          '-streams': [{ '-resolution': '32x18', '-video_bitrate': '20k' }],
        },
      });
      for (const frame of pictures(60)) await gear.stream(frame);
      await gear.close();
      expect(await faults(output)).to.deep.equal([]);
      for (const list of await packets(output)) {
        const frames = keyTimes(list).map((time) => Math.round(time * 25));
        expect(frames).to.deep.equal([0, 10, 20, 25, 35, 45, 50]);
      }
    });

    for (const gop of [0, 1]) {
      it(`are all frames with a gop of ${gop}`, async () => {
        const made = await make(options(`gop-${gop}`, 25, { video: { gop } }), pictures(30));
        expect(await sharedKeys(made)).to.have.length(30);
        expect(await faults(made.manifest)).to.deep.equal([]);
      });
    }

    it('come where they are forced, in all renditions, and move no segment', async () => {
      const stream = await AdaptiveStream.open(options('forced', 25));
      for (const [index, frame] of [...pictures(100)].entries()) {
        if (index === 7) stream.forceKeyFrame();
        await stream.write(frame, { forceKeyFrame: index === 61 });
      }
      const { manifest, renditions } = await stream.finish();
      expect(await faults(manifest)).to.deep.equal([]);
      for (const list of await packets(manifest)) {
        expect(keyTimes(list)).to.deep.equal([0, 0.28, 2, 2.44]);
      }
      expect(renditions.map(({ segments }) => segments)).to.deep.equal([2, 2]);
    });

    it('halve the segments of four seconds that nobody asked anything about', async () => {
      const packaging = { segmentDuration: 4 };
      const made = await make(options('halves', 25, { packaging }), pictures(150));
      expect(await sharedKeys(made)).to.deep.equal([0, 2, 4]);
      expect(segmentStarts(made)).to.deep.equal([0, 4]);
    });
  });
});
