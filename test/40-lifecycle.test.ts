// How a stream ends: finish, abort, failure, signals, `await using`; each of them exactly once.
import { getEventListeners } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';

import { expect } from 'chai';

import {
  AdaptiveStream,
  InvalidFrameError,
  InvalidStateError,
  StreamError,
  StreamGear,
} from '../src/index.js';
import type { EndEvent, RawFrame } from '../src/index.js';
import { beforeOpenedIsHeard } from './support/before-heard.js';
import { packets } from './support/ffprobe.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import {
  ABORT_LIMIT,
  endsOf,
  HEAVY_COUNT,
  heavyFrame,
  heavyOptions,
  middlesOf,
  pushSmall,
  rejection,
  smallFrame,
  smallLuma,
  smallOptions,
  thrown,
  until,
} from './support/small.js';

describe('The life of a stream', () => {
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

  describe('finish()', () => {
    it('encodes what was pushed without being awaited, and gives the same promise again', async () => {
      const stream = await openSmall();
      const ends = endsOf(stream);
      const writes = Array.from({ length: 12 }, (_, index) => stream.write(smallFrame(index)));
      const first = stream.finish();
      expect(stream.finish()).to.equal(first);
      const summary = await first;
      expect(await stream.finish()).to.equal(summary);
      expect(await Promise.all(writes)).to.deep.equal(writes.map(() => true));
      expect(ends).to.deep.equal([{ reason: 'finished' }]);
      expect(summary).to.include({ framesIn: 12, framesEncoded: 12, framesDropped: 0 });
      expect(summary).to.include({ manifest: stream.output, format: 'dash' });
      expect(summary.duration).to.be.closeTo(12 / 25, 1e-9);
      const decoded = await middlesOf(stream.output);
      expect(decoded).to.have.length(12);
      for (const [index, luma] of decoded.entries()) {
        // ffmpeg's gray is full range, as that which was pushed.
        expect(luma, `picture ${index}`).to.be.closeTo(smallLuma(index), 6);
      }
    });

    it('without any frame leaves no manifest behind', async () => {
      const stream = await openSmall();
      const ends = endsOf(stream);
      const summary = await stream.finish();
      expect(summary).to.include({ framesIn: 0, framesEncoded: 0, duration: 0 });
      expect(summary.renditions.map(({ segments }) => segments)).to.deep.equal([0, 0]);
      expect(ends).to.deep.equal([{ reason: 'finished' }]);
      expect(existsSync(stream.output)).to.be.false;
    });

    it('is followed by InvalidStateError from write()', async () => {
      const stream = await openSmall();
      await stream.write(smallFrame(0));
      const finished = stream.finish();
      expect(await rejection(stream.write(smallFrame(1)))).to.be.instanceOf(InvalidStateError);
      await finished;
      const error = await rejection(stream.write(smallFrame(1)));
      expect(error).to.be.instanceOf(InvalidStateError);
      expect(error.code).to.equal('INVALID_STATE');
    });
  });

  describe('StreamGear.close()', () => {
    it('is the same as terminate(), and the same promise again', async () => {
      const gear = newGear();
      const ends = endsOf(gear);
      await gear.stream(smallFrame(0));
      const closed = gear.close();
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old name works
      expect(gear.terminate()).to.equal(closed);
      expect(gear.close()).to.equal(closed);
      const summary = await closed;
      expect(summary.framesEncoded).to.equal(1);
      expect(summary.manifest).to.equal(gear.output);
      await gear.abort('too late');
      expect(await gear.close()).to.equal(summary);
      expect(ends).to.deep.equal([{ reason: 'finished' }]);
    });

    it('without any frame gives an empty summary and writes nothing', async () => {
      const gear = newGear();
      const ends = endsOf(gear);
      expect(gear.stats()).to.include({ framesIn: 0, fps: 0 });
      const summary = await gear.close();
      expect(summary).to.include({ framesIn: 0, framesEncoded: 0, manifest: gear.output });
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the old name works
      expect(await gear.terminate()).to.equal(summary);
      expect(readdirSync(folder.path)).to.deep.equal([]);
      expect(ends).to.deep.equal([{ reason: 'finished' }]);
      expect(await rejection(gear.stream(smallFrame(0)))).to.be.instanceOf(InvalidStateError);
    });
  });

  describe('abort()', () => {
    it('rejects what is pending with ABORTED and its reason, and never rejects itself', async () => {
      const stream = await openHeavy();
      const ends = endsOf(stream);
      const reason = new Error('the user left');
      const writes = Array.from({ length: HEAVY_COUNT }, () => stream.write(heavyFrame()));
      const settled = Promise.allSettled(writes);
      await writes[0];
      const aborted = stream.abort(reason);
      await Promise.all([aborted, stream.abort('another reason')]);
      const results = await settled;
      const errors = results.flatMap((result) =>
        result.status === 'rejected' ? [result.reason as StreamError] : [],
      );
      // Ingest, pictures and encoder hold a few; nobody can have taken all of them.
      expect(errors.length).to.be.greaterThan(5);
      for (const error of errors) {
        expect(error).to.be.instanceOf(StreamError);
        expect(error.code).to.equal('ABORTED');
        expect(error.cause).to.equal(reason);
      }
      expect(ends).to.deep.equal([{ reason: 'aborted', error: errors[0] }]);
      expect(await rejection(stream.write(heavyFrame()))).to.equal(errors[0]);
      expect(await rejection(stream.finish())).to.equal(errors[0]);
      await stream.abort();
      expect(ends).to.have.length(1);
    });

    it('of an idle stream is no finish: no manifest comes of it', async () => {
      for (let count = 0; count < 10; count++) {
        const stream = await openSmall();
        await pushSmall(stream, 3);
        await until(() => stream.stats().framesEncoded > 0);
        await stream.abort();
        expect(existsSync(stream.output), `stream ${count}`).to.be.false;
      }
    });

    it('leaves no manifest of an on-demand presentation and only whole segments', async () => {
      const stream = await openSmall();
      await pushSmall(stream, 25);
      await until(() => stream.stats().renditions.every(({ segments }) => segments >= 1));
      await stream.abort();
      const names = readdirSync(folder.path);
      expect(names).not.to.include(basename(stream.output));
      expect(names).to.include('chunk-stream0-00001.m4s');
      expect(names.filter((name) => name.endsWith('.tmp'))).to.deep.equal([]);
    });

    it('cuts a running finish() short', async () => {
      const stream = await openHeavy();
      const writes = Array.from({ length: HEAVY_COUNT }, () => stream.write(heavyFrame()));
      const settled = Promise.allSettled(writes);
      const finished = rejection(stream.finish());
      await writes[0];
      await stream.abort('changed my mind');
      const error = await finished;
      expect(error.code).to.equal('ABORTED');
      expect(error.cause).to.equal('changed my mind');
      const last = (await settled).at(-1);
      expect(last).to.deep.equal({ status: 'rejected', reason: error });
    });

    for (const filter of ['loop=loop=-1:size=2', 'loop=loop=-1:size=2,setpts=0']) {
      it(`ends pictures without end (${filter})`, async () => {
        const stream = await AdaptiveStream.open(
          smallOptions(folder.path, { video: { preset: 'ultrafast', filter } }),
        );
        const writes = [0, 1, 2].map((index) => stream.write(smallFrame(index)));
        const settled = Promise.allSettled(writes);
        const finished = rejection(stream.finish());
        await writes[0];
        const begin = performance.now();
        await stream.abort();
        expect(performance.now() - begin).to.be.lessThan(ABORT_LIMIT);
        expect((await finished).code).to.equal('ABORTED');
        await settled;
      });
    }

    it('has no effect once the stream is finished', async () => {
      const stream = await openSmall();
      const ends = endsOf(stream);
      await pushSmall(stream, 3);
      const summary = await stream.finish();
      await stream.abort('too late');
      expect(await stream.finish()).to.equal(summary);
      expect(ends).to.deep.equal([{ reason: 'finished' }]);
    });

    it('of a StreamGear without a frame makes every later call reject', async () => {
      const gear = newGear();
      const ends = endsOf(gear);
      await gear.abort('no wish');
      await gear.abort('again');
      const error = await rejection(gear.stream(smallFrame(0)));
      expect(error.code).to.equal('ABORTED');
      expect(error.cause).to.equal('no wish');
      expect(await rejection(gear.close())).to.equal(error);
      expect(ends).to.deep.equal([{ reason: 'aborted', error }]);
    });
  });

  describe('the signal option', () => {
    it('that was aborted before makes open() reject', async () => {
      const signal = AbortSignal.abort('never mind');
      const error = await rejection(AdaptiveStream.open(smallOptions(folder.path, { signal })));
      expect(error.code).to.equal('ABORTED');
      expect(error.cause).to.equal('never mind');
    });

    it('that fires while the encoders open makes open() reject', async () => {
      const control = new AbortController();
      const opening = AdaptiveStream.open(smallOptions(folder.path, { signal: control.signal }));
      control.abort('too slow');
      const error = await rejection(opening);
      expect(error.code).to.equal('ABORTED');
      expect(error.cause).to.equal('too slow');
    });

    it('that fires before JavaScript hears that they are open makes open() reject too', async () => {
      const control = new AbortController();
      const abort = (): void => {
        control.abort('too slow');
      };
      await beforeOpenedIsHeard('Pipeline', abort, async () => {
        const { signal } = control;
        const error = await rejection(AdaptiveStream.open(smallOptions(folder.path, { signal })));
        expect(error).to.include({ code: 'ABORTED', cause: 'too slow' });
      });
      expect(control.signal.aborted).to.be.true;
    });

    it('that fires while frames are pending rejects them', async () => {
      const control = new AbortController();
      const { signal } = control;
      const stream = await AdaptiveStream.open(heavyOptions(folder.path, { signal }));
      const ends = endsOf(stream);
      const writes = Array.from({ length: HEAVY_COUNT }, () => stream.write(heavyFrame()));
      const settled = Promise.allSettled(writes);
      await writes[0];
      control.abort('enough');
      const last = (await settled).at(-1);
      expect(last).to.have.nested.property('reason.code', 'ABORTED');
      expect(last).to.have.nested.property('reason.cause', 'enough');
      expect(ends.map(({ reason }) => reason)).to.deep.equal(['aborted']);
    });

    it('that fires while the stream is finishing cuts that short', async () => {
      const control = new AbortController();
      const { signal } = control;
      const stream = await AdaptiveStream.open(heavyOptions(folder.path, { signal }));
      const writes = Array.from({ length: HEAVY_COUNT }, () => stream.write(heavyFrame()));
      const settled = Promise.allSettled(writes);
      const finished = rejection(stream.finish());
      await writes[0];
      control.abort();
      const error = await finished;
      expect(error.code).to.equal('ABORTED');
      expect(error.cause).to.have.property('name', 'AbortError');
      await settled;
    });

    it('of a StreamGear ends it before the first frame as well as after it', async () => {
      for (const frames of [0, 1]) {
        const control = new AbortController();
        const { signal } = control;
        const gear = new StreamGear({ output: `${folder.path}/${frames}.mpd`, signal });
        const ends = endsOf(gear);
        if (frames > 0) await gear.stream(smallFrame(0));
        control.abort('stop');
        const error = await rejection(gear.stream(smallFrame(1)));
        expect(error, `after ${frames} frames`).to.have.property('code', 'ABORTED');
        expect(error.cause).to.equal('stop');
        expect((await rejection(gear.close())).code).to.equal('ABORTED');
        await until(() => ends.length > 0);
        expect(ends.map(({ reason }) => reason)).to.deep.equal(['aborted']);
      }
    });
  });

  it('leaves nothing behind at a signal that many streams share', async () => {
    const { signal } = new AbortController();
    for (const frames of [0, 1]) {
      const gear = new StreamGear({ output: `${folder.path}/${frames}.mpd`, signal });
      if (frames > 0) await gear.stream(smallFrame(0));
      await gear.close();
    }
    const source = ['-f', 'lavfi', '-i', 'testsrc=size=160x90:rate=25:duration=0.2'];
    const options = { output: `${folder.path}/out.mpd`, signal };
    await (await AdaptiveStream.transcode(source, options)).finish();
    const wrong = { ...options, streamParams: { '-video_source': `${folder.path}/nothing` } };
    expect(thrown(() => new StreamGear(wrong)).code).to.equal('INVALID_OPTIONS');
    expect(getEventListeners(signal, 'abort')).to.be.empty;
  });

  describe('await using', () => {
    it('finishes a stream that is well', async () => {
      let ends: EndEvent[];
      let output: string;
      {
        await using stream = await openSmall();
        ends = endsOf(stream);
        output = stream.output;
        await pushSmall(stream, 5);
      }
      expect(ends).to.deep.equal([{ reason: 'finished' }]);
      expect((await packets(output)).map((list) => list.length)).to.deep.equal([5, 5]);
    });

    it('finishes a StreamGear that is well, also one without a frame', async () => {
      const ends: EndEvent[] = [];
      {
        await using gear = newGear();
        gear.on('end', (event) => ends.push(event));
        await gear.stream(smallFrame(0));
        await using empty = newGear();
        empty.on('end', (event) => ends.push(event));
      }
      expect(ends).to.deep.equal([{ reason: 'finished' }, { reason: 'finished' }]);
    });

    it('does not hide the error of a stream that failed or was aborted', async () => {
      for (const open of [openSmall, () => Promise.resolve(newGear())]) {
        const reason = new Error('mine');
        let caught: unknown;
        const ends: EndEvent[] = [];
        try {
          await using stream = await open();
          stream.on('end', (event) => ends.push(event));
          if (stream instanceof AdaptiveStream) await stream.write(smallFrame(0));
          else await stream.stream(smallFrame(0));
          await stream.abort(reason);
          if (stream instanceof AdaptiveStream) await stream.finish();
          else await stream.close();
        } catch (error) {
          caught = error;
        }
        // A second error on the way out would make it a SuppressedError.
        expect(caught).to.be.instanceOf(StreamError);
        expect(caught).to.include({ code: 'ABORTED', cause: reason });
        expect(ends.map((event) => event.reason)).to.deep.equal(['aborted']);
      }
    });
  });

  describe('The first error', () => {
    it('rejects what is pending and every later call, and is the error of the end', async () => {
      const stream = await openHeavy();
      const ends = endsOf(stream);
      await rm(folder.path, { recursive: true });
      const writes = Array.from({ length: HEAVY_COUNT }, () => stream.write(heavyFrame()));
      const results = await Promise.allSettled(writes);
      const error = await rejection(stream.finish());
      expect(error).to.include({ code: 'WRITE_FAILED', stage: 'packager' });
      expect(error.averror).to.equal(-2); // AVERROR(ENOENT)
      expect(results.at(-1)).to.deep.equal({ status: 'rejected', reason: error });
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).to.equal(error);
      }
      expect(await rejection(stream.write(heavyFrame()))).to.equal(error);
      expect(await rejection(stream.finish())).to.equal(error);
      await stream.abort('afterwards');
      expect(ends).to.deep.equal([{ reason: 'failed', error }]);
      expect(stream.stats().framesIn).to.equal(HEAVY_COUNT);
    });

    it('is not one of a single wrong call: the stream goes on', async () => {
      const stream = await openSmall();
      await stream.write(smallFrame(0));
      const short = { ...smallFrame(1), data: new Uint8Array(10) };
      expect(await rejection(stream.write(short))).to.be.instanceOf(InvalidFrameError);
      const late: RawFrame = { ...smallFrame(1), timestamp: 0 };
      expect((await rejection(stream.write(late))).code).to.equal('TIMESTAMP_NOT_INCREASING');
      await stream.write(smallFrame(1));
      const summary = await stream.finish();
      expect(summary).to.include({ framesIn: 2, framesEncoded: 2 });
    });
  });
});
