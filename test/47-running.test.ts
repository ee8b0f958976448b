// A stream at work: writable(), backpressure, events, numbers, key frames, and several at once.
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect } from 'chai';

import { AdaptiveStream, StreamGear } from '../src/index.js';
import type { RawFrame } from '../src/index.js';
import { nativeBinding } from '../src/native/native.js';
import {
  endsOf,
  HEAVY_COUNT,
  heavyFrame,
  heavyOptions,
  issuesOf,
  middlesOf,
  processWarnings,
  pushSmall,
  rejection,
  smallFrame,
  smallLuma,
  smallOptions,
  thrown,
  until,
} from './support/small.js';
import { keyTimes, packets, presentationTimes } from './support/ffprobe.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';

describe('A stream at work', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => (folder = await temporaryFolder()));
  afterEach(() => folder[Symbol.asyncDispose]());

  const openSmall = (): Promise<AdaptiveStream> => AdaptiveStream.open(smallOptions(folder.path));
  const openHeavy = (): Promise<AdaptiveStream> => AdaptiveStream.open(heavyOptions(folder.path));
  const newGear = (): StreamGear =>
    new StreamGear({
      output: `${folder.path}/out.mpd`,
      streamParams: { '-preset': 'ultrafast', '-seg_duration': 0.4 },
    });

  describe('writable()', () => {
    it('takes frames from a pipeline, and finishes the stream', async () => {
      const stream = await openSmall();
      const ends = endsOf(stream);
      const frames = Array.from({ length: 15 }, (_, index) => smallFrame(index));
      await pipeline(Readable.from(frames), stream.writable());
      expect(ends).to.deep.equal([{ reason: 'finished' }]);
      expect((await stream.finish()).framesEncoded).to.equal(15);
      expect((await packets(stream.output)).map((list) => list.length)).to.deep.equal([15, 15]);
    });

    it('of a StreamGear closes it', async () => {
      const gear = newGear();
      await pipeline(Readable.from([smallFrame(0), smallFrame(1)]), gear.writable());
      expect((await gear.close()).framesEncoded).to.equal(2);
    });

    it('waits for the encoders, however fast the source is', async () => {
      const stream = await openHeavy();
      let made = 0;
      let most = 0;
      // eslint-disable-next-line @typescript-eslint/require-await
      async function* source(): AsyncGenerator<RawFrame> {
        for (; made < 40; made++) {
          most = Math.max(most, made - stream.stats().framesEncoded);
          yield heavyFrame();
        }
      }
      await pipeline(Readable.from(source(), { highWaterMark: 1 }), stream.writable());
      expect((await stream.finish()).framesEncoded).to.equal(40);
      // Buffers of node:stream (1 + 2), ingest, 4 pictures, and what scaler and encoder hold in their hands.
      expect(most).to.be.within(2, 14);
    });

    it('says when to wait, and when to go on', async () => {
      const stream = await openHeavy();
      const writable = stream.writable();
      let accepted = 0;
      while (writable.write(heavyFrame())) expect(++accepted).to.be.lessThan(10);
      await once(writable, 'drain');
      expect(writable.writableLength).to.equal(0);
      writable.end();
      await once(writable, 'finish');
      expect((await stream.finish()).framesEncoded).to.equal(accepted + 1);
    });

    it('aborts the stream when it is destroyed', async () => {
      const stream = await openSmall();
      const ends = endsOf(stream);
      const reason = new Error('unplugged');
      const writable = stream.writable();
      writable.write(smallFrame(0));
      writable.destroy(reason);
      const [error] = (await once(writable, 'close').catch((caught: unknown) => [caught])) as [
        unknown,
      ];
      expect(error).to.equal(reason);
      expect(ends).to.have.length(1);
      expect(ends[0]).to.have.property('reason', 'aborted');
      expect(ends[0]?.error?.cause).to.equal(reason);
    });

    it('is destroyed by a wrong frame, and the stream is aborted with it', async () => {
      const stream = await openSmall();
      const ends = endsOf(stream);
      const frames = [smallFrame(0), { ...smallFrame(1), data: new Uint8Array(1) }, smallFrame(2)];
      const error = await rejection(pipeline(Readable.from(frames), stream.writable()));
      expect(error.code).to.equal('BUFFER_TOO_SHORT');
      await until(() => ends.length > 0);
      expect(ends[0]?.reason).to.equal('aborted');
      expect(ends[0]?.error?.cause).to.equal(error);
    });

    it('ends with the stream’s error when that fails', async () => {
      const stream = await openSmall();
      await rm(folder.path, { recursive: true });
      const frames = Array.from({ length: 60 }, (_, index) => smallFrame(index));
      const error = await rejection(pipeline(Readable.from(frames), stream.writable()));
      expect(error.code).to.equal('WRITE_FAILED');
      expect(await rejection(stream.finish())).to.equal(error);
    });
  });

  describe('whenFull', () => {
    it('"wait" keeps write() pending while the encoders are behind', async () => {
      const stream = await openHeavy();
      let most = 0;
      let settled = 0;
      const writes = Array.from({ length: 40 }, async () => {
        await stream.write(heavyFrame());
        settled++;
        most = Math.max(most, settled - stream.stats().framesEncoded);
      });
      expect(stream.stats().queues.pending).to.equal(40);
      await Promise.all(writes);
      expect(stream.stats().queues.pending).to.equal(0);
      expect((await stream.finish()).framesEncoded).to.equal(40);
      // 4 pictures in the queue, and what scaler and encoder hold in their hands.
      expect(most).to.be.at.most(10);
    });

    it('"drop" leaves frames out for all renditions alike, says so, and keeps the time', async () => {
      const stream = await AdaptiveStream.open(
        heavyOptions(folder.path, { whenFull: 'drop', packaging: { segmentDuration: 1 } }),
      );
      const drops: { timestamp: number; dropped: number }[] = [];
      stream.on('drop', ({ reason, timestamp, dropped }) => {
        expect(reason).to.equal('full');
        drops.push({ timestamp, dropped });
      });
      const kept: number[] = [];
      const lost: number[] = [];
      const writes: Promise<unknown>[] = [];
      for (let index = 0; index < 100; index++) {
        writes.push(
          stream.write(heavyFrame()).then((taken) => (taken ? kept : lost).push(index / 25)),
        );
        await nextTurn();
      }
      await Promise.all(writes);
      const summary = await stream.finish();
      expect(lost).not.to.be.empty;
      expect(drops.map(({ timestamp }) => timestamp)).to.deep.equal(lost);
      expect(drops.map(({ dropped }) => dropped)).to.deep.equal(lost.map((_, index) => index + 1));
      expect(summary.framesIn).to.equal(kept.length);
      expect(summary.framesDropped).to.equal(lost.length);
      for (const rendition of summary.renditions) {
        expect(rendition.framesDropped).to.equal(lost.length);
        expect(rendition.framesEncoded).to.equal(kept.length);
      }
      const [first = [], second = []] = await packets(stream.output);
      kept.sort((a, b) => a - b);
      for (const list of [first, second]) {
        const times = presentationTimes(list);
        expect(times).to.have.length(kept.length);
        for (const [index, time] of times.entries()) {
          expect(time).to.be.closeTo(kept[index] ?? NaN, 1e-5);
        }
      }
      expect(keyTimes(first)).to.deep.equal(keyTimes(second));
      // A key frame begins every second of which anything is left.
      const seconds = new Set(kept.map((time) => Math.floor(time + 1e-9)));
      expect(keyTimes(first).length).to.be.at.least(seconds.size);
    });

    it('"drop" takes a burst that the queues have room for', async () => {
      const stream = await AdaptiveStream.open(smallOptions(folder.path, { whenFull: 'drop' }));
      // In one turn of the event loop: no promise of them can settle between two of them.
      const writes = Array.from({ length: 8 }, (_, index) => stream.write(smallFrame(index)));
      expect(await Promise.all(writes)).to.deep.equal(Array.from({ length: 8 }, () => true));
      expect((await stream.finish()).framesDropped).to.equal(0);
    });

    it('"drop" keeps few buffers, however many are pushed in one turn', async () => {
      const stream = await AdaptiveStream.open(heavyOptions(folder.path, { whenFull: 'drop' }));
      const writes = Array.from({ length: HEAVY_COUNT }, () => stream.write(heavyFrame()));
      expect(stream.stats().queues.ingest).to.be.at.most(8);
      expect(stream.stats().queues.pending).to.be.at.most(64);
      const taken = (await Promise.all(writes)).filter(Boolean).length;
      const summary = await stream.finish();
      expect(summary.framesDropped).to.equal(HEAVY_COUNT - taken);
      expect(summary.framesDropped).to.be.at.least(HEAVY_COUNT - 64);
      expect(summary.framesEncoded).to.equal(taken);
    });

    it('"drop" counts frames that come too late, instead of refusing them', async () => {
      const stream = await AdaptiveStream.open(smallOptions(folder.path, { whenFull: 'drop' }));
      const reasons: string[] = [];
      stream.on('drop', ({ reason }) => reasons.push(reason));
      expect(await stream.write({ ...smallFrame(0), timestamp: 1 })).to.be.true;
      expect(await stream.write({ ...smallFrame(1), timestamp: 1 })).to.be.false;
      expect(await stream.write({ ...smallFrame(1), timestamp: 1.5 })).to.be.true;
      expect(reasons).to.deep.equal(['timestamp']);
      expect((await stream.finish()).framesDropped).to.equal(1);
    });

    it('"wait" tells a caller who never awaits', async () => {
      const stream = await openSmall();
      const codes: string[] = [];
      stream.on('warning', ({ code }) => codes.push(code));
      const writes = Array.from({ length: 200 }, (_, index) => stream.write(smallFrame(index)));
      await Promise.all(writes);
      expect(codes).to.deep.equal(['MANY_PENDING_FRAMES']);
      await stream.finish();
    });
  });

  describe('Events', () => {
    it('go to all listeners until each is taken off', async () => {
      const stream = await openSmall();
      const seen: string[] = [];
      const listener = (): void => void seen.push('twice');
      const off = stream.on('segment', listener);
      stream.on('segment', listener);
      stream.once('segment', () => seen.push('once'));
      const neverHeard = stream.once('end', () => seen.push('never'));
      neverHeard();
      await pushSmall(stream, 18); // more than the encoders hold back
      await until(() => seen.length >= 5);
      expect(seen.slice(0, 3)).to.deep.equal(['twice', 'twice', 'once']);
      off();
      off();
      const before = seen.length;
      const segments = stream.stats().renditions.reduce((sum, { segments: n }) => sum + n, 0);
      await stream.finish();
      expect(segments).to.equal(2);
      expect(seen.slice(before)).to.deep.equal(['twice', 'twice']);
    });

    it('tell of segments and manifests, and of the end last', async () => {
      const stream = await openSmall();
      const log: string[] = [];
      stream.on('segment', ({ rendition, path, start, duration, bytes }) => {
        log.push(`segment ${rendition} ${basename(path)} ${start} ${duration}`);
        expect(readFileSync(path)).to.have.length(bytes);
      });
      stream.on('manifest', ({ path, isRoot }) => log.push(`manifest ${basename(path)} ${isRoot}`));
      stream.on('end', () => log.push('end'));
      await pushSmall(stream, 15);
      await stream.finish();
      expect(log.filter((line) => line.startsWith('segment')).sort()).to.deep.equal([
        'segment 0 chunk-stream0-00001.m4s 0 0.4',
        'segment 0 chunk-stream0-00002.m4s 0.4 0.2',
        'segment 1 chunk-stream1-00001.m4s 0 0.4',
        'segment 1 chunk-stream1-00002.m4s 0.4 0.2',
      ]);
      expect(log.slice(-2)).to.deep.equal(['manifest out.mpd true', 'end']);
    });

    it('tell of progress, and end with the whole', async () => {
      const stream = await openSmall();
      const progress: { frames: number; encoded: number; duration: number }[] = [];
      stream.on('progress', (event) => progress.push(event));
      await pushSmall(stream, 20);
      await stream.finish();
      expect(progress.at(-1)).to.include({ frames: 20, encoded: 20, dropped: 0 });
      expect(progress.at(-1)?.duration).to.be.closeTo(0.8, 1e-9);
      for (const { encoded, frames } of progress) expect(encoded).to.be.at.most(frames);
    });

    it('reach the other listeners and the stream when one listener throws', async () => {
      const seen: string[] = [];
      const warnings = await processWarnings(async () => {
        const stream = await openSmall();
        stream.on('segment', () => {
          throw new Error('my own mistake');
        });
        stream.on('segment', ({ path }) => seen.push(basename(path)));
        await pushSmall(stream, 10);
        expect((await stream.finish()).framesEncoded).to.equal(10);
      });
      expect(seen).to.have.members(['chunk-stream0-00001.m4s', 'chunk-stream1-00001.m4s']);
      expect(warnings).to.have.length(2);
      expect(warnings[0]?.[0]).to.equal('StreamListenerWarning');
      expect(warnings[0]?.[1]).to.contain('"segment"').and.to.contain('my own mistake');
    });
  });

  describe('stats()', () => {
    it('are live while the stream runs, and final after it', async () => {
      const stream = await openSmall();
      const before = stream.stats();
      expect(before).to.include({ framesIn: 0, framesEncoded: 0, elapsed: 0, fps: 0 });
      await pushSmall(stream, 25);
      await until(() => stream.stats().framesEncoded >= 11);
      const during = stream.stats();
      expect(during.framesIn).to.equal(25);
      expect(during.elapsed).to.be.greaterThan(0);
      expect(during.renditions[0]).to.include({ width: 320, height: 180, encoder: 'libx264' });
      expect(during.renditions[1]).to.include({ width: 160, height: 90, index: 1 });
      expect(during.renditions[0]?.codecs).to.match(/^avc1\.[0-9A-F]{6}$/i);
      const summary = await stream.finish();
      const after = stream.stats();
      expect(summary).to.deep.equal({
        ...after,
        manifest: stream.output,
        format: 'dash',
        manifests: [{ format: 'dash', path: stream.output }],
      });
      expect(after.elapsed).to.equal(stream.stats().elapsed);
      const files = readdirSync(folder.path);
      for (const { index, segments, bytes, framesEncoded } of after.renditions) {
        const mine = files.filter((name) => name.startsWith(`chunk-stream${index}-`));
        expect(segments).to.equal(mine.length).and.to.equal(3);
        expect(framesEncoded).to.equal(25);
        const size = mine.reduce(
          (sum, name) => sum + readFileSync(`${folder.path}/${name}`).length,
          0,
        );
        expect(bytes).to.equal(size);
      }
      expect(after.latency.read.count).to.equal(25);
      expect(after.latency.package.p50).to.be.greaterThan(0);
      expect(after.latency.package.max).to.be.at.least(after.latency.package.p99);
      expect(after.cpuSeconds.total).to.be.greaterThan(0);
    });
  });

  it('allocates no picture once its queues were full', async () => {
    const stream = await openSmall();
    await pushSmall(stream, 200);
    const { pictures } = await stream.finish();
    // Per size: four in the queue, one at each of its ends.
    expect(pictures.buffers).to.be.within(2, 2 * 6);
    expect(pictures.bytes).to.be.greaterThan(320 * 180 * 1.5);
  });

  describe('forceKeyFrame()', () => {
    it('makes the next frame a key frame in all renditions', async () => {
      const stream = await AdaptiveStream.open(
        smallOptions(folder.path, { packaging: { segmentDuration: 4 } }),
      );
      await pushSmall(stream, 7);
      stream.forceKeyFrame();
      await pushSmall(stream, 5, 7);
      await stream.write(smallFrame(12), { forceKeyFrame: true });
      await pushSmall(stream, 7, 13);
      await stream.finish();
      const lists = await packets(stream.output);
      expect(lists).to.have.length(2);
      for (const list of lists) expect(keyTimes(list)).to.deep.equal([0, 7 / 25, 12 / 25]);
    });
  });

  describe('Streams at once', () => {
    for (const count of [2, 4]) {
      it(`do not disturb each other: ${count} of them`, async () => {
        const streams = await Promise.all(
          Array.from({ length: count }, (_, index) =>
            AdaptiveStream.open(
              smallOptions(`${folder.path}/${index}`, { renditions: [{ bitrate: '300k' }] }),
            ),
          ),
        );
        for (let index = 0; index < 20; index++) {
          // One frame goes to all of them, at the same time, each with its own shift.
          await Promise.all(
            streams.map((stream, number) => stream.write(smallFrame(index + number))),
          );
        }
        const [first, ...others] = streams;
        await first?.abort();
        await Promise.all(others.map((stream) => stream.finish()));
        for (const [number, stream] of streams.entries()) {
          if (number === 0) continue;
          const decoded = await middlesOf(stream.output);
          expect(decoded).to.have.length(20);
          for (const [index, luma] of decoded.entries()) {
            expect(luma).to.be.closeTo(smallLuma(index + number), 6);
          }
        }
      });
    }

    describe('in one folder', () => {
      const message =
        /^Expected a folder or names of its own, as a stream that has not ended writes/;
      const inFolder = (name: string, format: 'dash' | 'hls'): Promise<AdaptiveStream> =>
        AdaptiveStream.open(
          smallOptions(folder.path, {
            output: `${folder.path}/${name}`,
            packaging: { format, segmentDuration: 0.4 },
          }),
        );

      it('are refused at once when they would write the same files, until the first has ended', async () => {
        const stream = await inFolder('one.m3u8', 'hls');
        for (const name of ['one.m3u8', 'two.m3u8']) {
          const [issue] = issuesOf(await rejection(inFolder(name, 'hls')));
          expect(issue?.path).to.equal('output');
          expect(issue?.message).to.match(message);
        }
        const gear = new StreamGear({ output: `${folder.path}/one.m3u8`, format: 'hls' });
        expect((await rejection(gear.stream(smallFrame(0)))).code).to.equal('INVALID_OPTIONS');
        await pushSmall(stream, 15);
        await stream.finish();
        await (await inFolder('two.m3u8', 'hls')).abort();
        await (await inFolder('two.m3u8', 'hls')).abort();
      });

      it('are refused without leaving their source open', async () => {
        const stream = await inFolder('one.mpd', 'dash');
        const camera = ['-f', 'lavfi', '-i', 'testsrc=size=160x90:rate=25'];
        const options = { output: `${folder.path}/one.mpd` };
        const refused = [
          rejection(AdaptiveStream.transcode(camera, options)),
          rejection(
            AdaptiveStream.transcode(camera, { ...options, packaging: { clearPrevious: true } }),
          ),
          rejection(
            new StreamGear({
              ...options,
              streamParams: { '-video_source': camera },
            }).transcodeSource(),
          ),
        ];
        for (const error of await Promise.all(refused)) {
          expect(error.code).to.equal('INVALID_OPTIONS');
        }
        expect(nativeBinding().liveObjects().inputs).to.equal(0);
        await stream.abort();
      });

      it('may be DASH and HLS', async () => {
        const streams = [await inFolder('one.mpd', 'dash'), await inFolder('two.m3u8', 'hls')];
        await Promise.all(streams.map((stream) => pushSmall(stream, 15)));
        await Promise.all(streams.map((stream) => stream.finish()));
        for (const { output } of streams) {
          expect((await packets(output)).map((list) => list.length)).to.deep.equal([15, 15]);
        }
      });

      it('do not clear what another one writes', async () => {
        const stream = await inFolder('one.mpd', 'dash');
        await pushSmall(stream, 15);
        const clear = (): StreamGear =>
          new StreamGear({
            output: `${folder.path}/two.mpd`,
            streamParams: { '-clear_prev_assets': true },
          });
        expect(thrown(clear).message).to.match(/a folder of its own to clear, as a stream/);
        await stream.finish();
        expect((await packets(stream.output)).map((list) => list.length)).to.deep.equal([15, 15]);
        await clear().abort();
        expect(readdirSync(folder.path)).to.deep.equal([]);
      });
    });

    it('may share one frame', async () => {
      const streams = await Promise.all(
        [0, 1].map((n) => AdaptiveStream.open(smallOptions(`${folder.path}/${n}`))),
      );
      for (let index = 0; index < 10; index++) {
        const frame = smallFrame(index);
        await Promise.all(streams.map((stream) => stream.write(frame)));
        frame.data.fill(0);
      }
      await Promise.all(streams.map((stream) => stream.finish()));
      for (const { output } of streams) {
        const decoded = await middlesOf(output);
        expect(decoded).to.have.length(10);
        for (const [index, luma] of decoded.entries()) {
          expect(luma).to.be.closeTo(smallLuma(index), 6);
        }
      }
    });
  });
});
