// Live: sliding windows while they slide, what is deleted and when, what a kill leaves, and low delay.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from 'chai';

import { AdaptiveStream, StreamGear } from '../src/index.js';
import type { DropEvent } from '../src/index.js';
import { lintDash } from './support/dash-lint.js';
import { decodeErrors, keyTimes, packets, presentationTimes } from './support/ffprobe.js';
import { lintDashHistory, lintHlsHistory } from './support/history.js';
import { expectWholeWhenKilled } from './support/killed-live.js';
import {
  CASES,
  history,
  isSegment,
  lifetimes,
  lint,
  namedFiles,
  openAdaptive,
  openGear,
  PLAYLISTS,
  RATE,
  runLive,
  SEGMENT_FRAMES,
  SEGMENT_SECONDS,
  SEGMENTS,
  settled,
  type LiveRun,
} from './support/live.js';
import { temporaryFolder } from './support/media.js';
import { isoDuration, parseMpd } from './support/mpd.js';
import { boxes, cycle, SMALL } from './support/pushed.js';

const TICKS_PER_SECOND = 20_000;

describe('a live presentation', () => {
  for (const live of CASES) {
    describe(live.name, () => {
      let run: LiveRun;
      before(async () => {
        run = await runLive(live);
      });
      after(() => run.folder[Symbol.asyncDispose]());

      it('names only files that exist and are whole, at every instant', () => {
        for (const { segments, broken, texts } of run.snapshots) {
          expect(broken, `after ${segments} segments`).to.deep.equal([]);
          for (const name of [live.file, ...live.lists]) expect([...texts.keys()]).to.include(name);
        }
      });

      it('obeys the rules while it runs and after its end', async () => {
        expect(run.violations).to.deep.equal([]);
        expect(await lint(live, run.manifest, true)).to.deep.equal([]);
        expect(await decodeErrors(run.manifest)).to.equal('');
      });

      it('keeps its history consistent', () => {
        for (const name of live.lists) {
          const texts = history(run, name);
          expect(texts).to.have.length(SEGMENTS + 1);
          const check = live.format === 'dash' ? lintDashHistory : lintHlsHistory;
          expect(check(texts)).to.deep.equal([]);
        }
      });

      it('lists the window, and no more', () => {
        for (const { segments, texts } of run.snapshots) {
          for (const name of live.lists) {
            const representations = live.format === 'dash' ? 2 : 1;
            const listed = namedFiles(texts.get(name) ?? '').filter(isSegment);
            // The last segment is short: HLS keeps one more, to stay at three target durations.
            const isShort = live.format === 'hls' && segments > SEGMENTS;
            const expected = Math.min(segments, live.window + (isShort ? 1 : 0)) * representations;
            expect(listed, `${name} after ${segments}`).to.have.length(expected);
          }
        }
      });

      it('deletes what left the window, and leaves nothing temporary', () => {
        const last = run.snapshots.at(-1)?.files ?? [];
        expect(last.filter((name) => name.endsWith('.tmp'))).to.deep.equal([]);
        const onDisk = last.filter(isSegment).length / 2;
        expect(onDisk).to.be.at.least(live.window);
        expect(onDisk).to.be.at.most(2 * live.window + 3);
        expect(last).to.not.include.members([...lifetimes(run, live).keys()].slice(0, 3));
      });

      it('keeps removed segments as long as clients may ask for them', () => {
        // RFC 8216, 6.2.2: the segment's duration and that of the longest playlist with it. With
        // segments of equal duration that is a count of segments.
        const deleted = [...lifetimes(run, live).values()].filter(({ kept }) => kept <= SEGMENTS);
        expect(deleted).to.have.length.above(2);
        for (const { listed, kept } of deleted) {
          const extra = kept - listed;
          if (live.format === 'hls') expect(extra).to.be.at.least(live.window + 1);
          else expect(extra).to.equal(live.window === 3 ? 2 : 5);
        }
      });
    });
  }

  describe('DASH', () => {
    let run: LiveRun;
    const live = CASES[0];
    before(async () => {
      if (live !== undefined) run = await runLive(live);
    });
    after(() => run.folder[Symbol.asyncDispose]());

    it('is dynamic with a constant clock, and static at the end', () => {
      const mpds = history(run, 'live.mpd').map(parseMpd);
      const [first] = mpds;
      const start = first?.attributes['availabilityStartTime'] ?? '';
      expect(start).to.match(/Z$/);
      const [before, after] = run.firstFrame;
      expect(Date.parse(start)).to.be.within(before - 1, after + 1);
      let published = 0;
      for (const { attributes, utcTiming } of mpds.slice(0, -1)) {
        expect(attributes['type']).to.equal('dynamic');
        expect(attributes['availabilityStartTime']).to.equal(start);
        expect(attributes).to.not.have.property('mediaPresentationDuration');
        expect(isoDuration(attributes['minimumUpdatePeriod'])).to.equal(SEGMENT_SECONDS);
        expect(isoDuration(attributes['timeShiftBufferDepth'])).to.equal(5 * SEGMENT_SECONDS);
        expect(isoDuration(attributes['suggestedPresentationDelay'])).to.equal(3 * SEGMENT_SECONDS);
        expect(utcTiming).to.deep.equal([
          { scheme: 'urn:mpeg:dash:utc:http-head:2014', value: 'live.mpd' },
          { scheme: 'urn:mpeg:dash:utc:direct:2014', value: attributes['publishTime'] },
        ]);
        const now = Date.parse(attributes['publishTime'] ?? '');
        expect(now).to.be.above(published);
        published = now;
      }
      expect(mpds.at(-1)?.attributes['type']).to.equal('static');
      expect(mpds.at(-1)?.attributes).to.not.have.property('minimumUpdatePeriod');
    });

    it('keeps segment times on the grid whatever the window shows', () => {
      for (const [index, text] of history(run, 'live.mpd').slice(0, SEGMENTS).entries()) {
        for (const { sets } of parseMpd(text).periods) {
          for (const { id, segments, timescale } of sets.flatMap((set) => set.representations)) {
            expect(timescale % RATE).to.equal(0);
            const first = Math.max(0, index + 1 - 5);
            expect(segments[0]?.number, `representation ${id}`).to.equal(first + 1);
            expect((segments[0]?.time ?? NaN) / timescale).to.equal(first * SEGMENT_SECONDS);
          }
        }
      }
    });
  });

  describe('HLS', () => {
    let run: LiveRun;
    const live = CASES[1];
    before(async () => {
      if (live !== undefined) run = await runLive(live);
    });
    after(() => run.folder[Symbol.asyncDispose]());

    const tag = (text: string, name: string): string | undefined =>
      new RegExp(`^#EXT-X-${name}:(.*)$`, 'm').exec(text)?.[1];

    it('counts removed segments in MEDIA-SEQUENCE, and ends only at the end', () => {
      for (const name of PLAYLISTS) {
        const texts = history(run, name);
        const sequence = texts
          .slice(0, SEGMENTS)
          .map((text) => Number(tag(text, 'MEDIA-SEQUENCE')));
        const expected = Array.from({ length: SEGMENTS }, (_, index) => Math.max(0, index + 1 - 6));
        expect(sequence).to.deep.equal(expected);
        const ended = texts.map((text) => text.includes('#EXT-X-ENDLIST'));
        expect(ended).to.deep.equal([...expected.map(() => false), true]);
        expect(new Set(texts.map((text) => tag(text, 'TARGETDURATION')))).to.deep.equal(
          new Set(['1']),
        );
        for (const text of texts) expect(text).to.not.include('#EXT-X-PLAYLIST-TYPE');
      }
    });

    it('dates every segment in UTC, from the moment of the first frame', () => {
      const [before, after] = run.firstFrame;
      const dates = new Map<string, number>();
      for (const text of PLAYLISTS.flatMap((name) => history(run, name))) {
        const found = [...text.matchAll(/#EXT-X-PROGRAM-DATE-TIME:(\S+)\n#EXTINF:.*\n(\S+)/g)];
        expect(found).to.have.length(namedFiles(text).length);
        for (const [, date = '', uri = ''] of found) {
          expect(date).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
          const time = Date.parse(date);
          expect(dates.get(uri) ?? time, `${uri} keeps its date`).to.equal(time);
          dates.set(uri, time);
          const number = Number(/-(\d+)\.ts$/.exec(uri)?.[1]);
          const firstFrame = time - number * SEGMENT_SECONDS * 1000;
          expect(firstFrame).to.be.within(before - 1, after + 1);
        }
      }
    });

    it('marks the first segment as a discontinuity, and counts it when it is gone', () => {
      const texts = history(run, 'stream_0.m3u8');
      for (const text of texts) {
        const hasFirst = text.includes('chunk-stream0-000.ts');
        expect(text.includes('#EXT-X-DISCONTINUITY\n')).to.equal(hasFirst);
        expect(tag(text, 'DISCONTINUITY-SEQUENCE')).to.equal(hasFirst ? undefined : '1');
      }
    });
  });

  it('announces nothing from the future when frames are pushed as they happen', async () => {
    await using folder = await temporaryFolder();
    const manifest = join(folder.path, 'live.mpd');
    const stream = openGear(manifest, 'dash', { '-seg_duration': SEGMENT_SECONDS }, 1);
    const pictures = boxes();
    await stream.push(cycle(pictures, 0));
    const start = performance.now();
    const ends: { end: number; now: number }[] = [];
    // Until there was a manifest to look at for as long as two segments, whenever the first one came.
    for (let index = 1; ends.length < 2 * SEGMENT_FRAMES; index++) {
      await sleep(Math.max(0, start + (index * 1000) / RATE - performance.now()));
      await stream.push(cycle(pictures, index));
      if (!existsSync(manifest)) continue;
      const mpd = parseMpd(readFileSync(manifest, 'utf8'));
      const last = mpd.periods[0]?.sets[0]?.representations[0];
      const segment = last?.segments.at(-1);
      if (last === undefined || segment?.time === undefined) throw new Error('no segment');
      const available = Date.parse(mpd.attributes['availabilityStartTime'] ?? '');
      const end = available + ((segment.time + segment.duration) / last.timescale) * 1000;
      ends.push({ end, now: Date.now() });
    }
    await stream.finish();
    // Timers may fire a millisecond early, and both clocks are cut to milliseconds. A frame lasts 50.
    for (const { end, now } of ends) expect(end).to.be.at.most(now + 5);
  });

  it('deletes everything that it wrote, and nothing else, with -remove_at_exit', async () => {
    await using folder = await temporaryFolder();
    writeFileSync(join(folder.path, 'notes.txt'), 'mine');
    const params = { '-seg_duration': SEGMENT_SECONDS, '-remove_at_exit': 1 };
    const stream = openGear(join(folder.path, 'live.mpd'), 'dash', params);
    const pictures = boxes();
    const count = 14 * SEGMENT_FRAMES;
    for (let index = 0; index < count; index++) await stream.push(cycle(pictures, index));
    await settled(stream, count);
    expect(readdirSync(folder.path)).to.include.members(['live.mpd', 'init-stream0.m4s']);
    await stream.finish();
    expect(readdirSync(folder.path)).to.deep.equal(['notes.txt']);
  });

  it('deletes everything with packaging.removeAtExit for HLS too', async () => {
    await using folder = await temporaryFolder();
    const stream = await openAdaptive(join(folder.path, 'live.m3u8'), { removeAtExit: true });
    const pictures = boxes();
    for (let index = 0; index < 35; index++) await stream.push(cycle(pictures, index));
    await stream.finish();
    expect(readdirSync(folder.path)).to.deep.equal([]);
  });

  it('keeps all segments on disk when told not to delete them', async () => {
    await using folder = await temporaryFolder();
    const manifest = join(folder.path, 'live.m3u8');
    const stream = await openAdaptive(manifest, { live: { window: 6, deleteSegments: false } });
    const pictures = boxes();
    for (let index = 0; index < 16 * SEGMENT_FRAMES; index++) {
      await stream.push(cycle(pictures, index));
    }
    await stream.finish();
    const segments = readdirSync(folder.path).filter(isSegment);
    expect(segments).to.have.length(2 * 16);
    const text = readFileSync(join(folder.path, 'stream_0.m3u8'), 'utf8');
    expect(namedFiles(text).filter(isSegment)).to.have.length(6);
  });
});

describe('a live presentation that is killed', () => {
  for (const format of ['dash', 'hls'] as const) {
    it(`leaves ${format} manifests that name only whole segments`, async () => {
      await expectWholeWhenKilled(format);
    });
  }
});

describe('low delay', () => {
  const COUNT = 40;

  /** Packets that come out while nothing is pushed any more, and the stream is not finished. */
  async function packetsWithoutEnd(codec: string, live: boolean): Promise<number> {
    await using folder = await temporaryFolder();
    const stream = await AdaptiveStream.open({
      input: { ...SMALL, frameRate: RATE },
      video: { codec, ...(codec === 'libx264' ? { preset: 'medium' } : {}) },
      packaging: { live, segmentDuration: 60 },
      output: join(folder.path, 'live.mpd'),
    });
    const pictures = boxes();
    for (let index = 0; index < COUNT; index++) await stream.write(cycle(pictures, index));
    const given = (): number => stream.stats().renditions[0]?.latency.count ?? 0;
    const waiting = (): number => {
      const { queues, renditions } = stream.stats();
      return queues.ingest + (renditions[0]?.queue ?? 0);
    };
    while (waiting() > 0) await sleep(5);
    // A live encoder gives all of them, however long that takes here. From the other nothing more comes.
    const deadline = performance.now() + (live ? 40_000 : 1000);
    while (given() < COUNT && performance.now() < deadline) await sleep(5);
    const result = given();
    await stream.abort();
    return result;
  }

  for (const codec of ['libx264', 'libx265', 'libvpx-vp9', 'libaom-av1']) {
    it(`${codec} gives every frame without waiting for the next when live`, async () => {
      expect(await packetsWithoutEnd(codec, true)).to.equal(COUNT);
    });
  }

  it('is not there when it is not asked for', async () => {
    // The encoder looks ahead: without this the tests above would say nothing.
    expect(await packetsWithoutEnd('libx264', false)).to.be.below(COUNT - 5);
  });

  it('keeps only a few frames in flight while frames are pushed', async () => {
    await using folder = await temporaryFolder();
    const stream = openGear(join(folder.path, 'live.mpd'), 'dash', { '-preset': 'veryfast' });
    const pictures = boxes();
    // The ingest queue, the pictures before each encoder, and the frame in each of their hands.
    const bound = 3 + 4 + 3;
    for (let index = 0; index < 100; index++) {
      await stream.push(cycle(pictures, index));
      const { framesIn, renditions } = stream.stats();
      for (const { latency } of renditions) expect(framesIn - latency.count).to.be.at.most(bound);
    }
    const { latency, renditions } = stream.stats();
    expect(latency.read.count).to.equal(100);
    for (const rendition of renditions) {
      expect(rendition.latency.count).to.be.at.least(100 - bound);
      expect(rendition.latency.p50).to.be.at.most(rendition.latency.p99);
    }
    await stream.finish();
  });
});

describe('whenFull: drop', () => {
  it('drops the same frames in all renditions, counts and reports them', async () => {
    await using folder = await temporaryFolder();
    const stream = await AdaptiveStream.open({
      input: { width: 640, height: 360, frameRate: RATE },
      renditions: [{}, { height: 180 }],
      video: { preset: 'slow' },
      packaging: { live: { window: 0 }, segmentDuration: SEGMENT_SECONDS },
      whenFull: 'drop',
      output: join(folder.path, 'live.mpd'),
    });
    const drops: DropEvent[] = [];
    stream.on('drop', (event) => drops.push(event));
    const pictures = boxes(640, 360);
    const taken: number[] = [];
    const writes: Promise<void>[] = [];
    let count = 0;
    // However fast or busy the machine is: until enough were taken, and enough were not.
    while (count < 200 || taken.length < 20 || drops.length < 20) {
      const index = count++;
      const write = stream.write(cycle(pictures, index));
      writes.push(
        write.then((isTaken) => {
          if (isTaken) taken.push(index);
        }),
      );
      // A camera does not wait: the encoders get some of the processor, but not enough for all.
      if (index % 4 === 3) await sleep(1);
    }
    await Promise.all(writes);
    const summary = await stream.finish();
    taken.sort((a, b) => a - b);
    expect(summary.framesDropped).to.equal(drops.length);
    expect(summary.framesIn).to.equal(taken.length);
    expect(summary.framesEncoded).to.equal(taken.length);
    expect(taken.length + drops.length).to.equal(count);
    expect(drops.map(({ dropped }) => dropped)).to.deep.equal(drops.map((_, index) => index + 1));
    expect(new Set(drops.map(({ reason }) => reason))).to.deep.equal(new Set(['full']));

    const [first = [], second = []] = await packets(summary.manifest);
    const times = presentationTimes(first);
    expect(times).to.deep.equal(presentationTimes(second));
    const ticks = (seconds: number): number => Math.round(seconds * TICKS_PER_SECOND);
    const expected = taken.map((index) => ticks(index / RATE));
    expect(times.map(ticks)).to.deep.equal(expected);
    const dropped = drops.map(({ timestamp }) => ticks(timestamp));
    expect([...expected, ...dropped].sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: count }, (_, index) => ticks(index / RATE)),
    );
    expect(keyTimes(first)).to.deep.equal(keyTimes(second));
    // @frameRate is that of the input: with most of the frames dropped it cannot be what is measured.
    const violations = await lintDash(summary.manifest, { live: true });
    expect(violations.filter((text) => !text.startsWith('frame-rate'))).to.deep.equal([]);
  });

  it('still refuses nothing while there is room', async () => {
    await using folder = await temporaryFolder();
    const gear = new StreamGear({
      output: join(folder.path, 'live.m3u8'),
      format: 'hls',
      whenFull: 'drop',
      streamParams: { '-livestream': true, '-input_framerate': RATE, '-preset': 'ultrafast' },
    });
    const pictures = boxes();
    for (let index = 0; index < 50; index++) {
      expect(await gear.stream(cycle(pictures, index))).to.equal(true);
    }
    const summary = await gear.close();
    expect(summary.framesDropped).to.equal(0);
    expect(summary.framesEncoded).to.equal(50);
  });
});
