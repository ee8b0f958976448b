// What a stream tells, and how it is heard: loops and Node's own helpers, warnings without a listener, files, aborts.

import { on, once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { AbortError, AdaptiveStream, StreamError, StreamGear, openFrames } from '../src/index.js';
import type { FileEvent, SegmentEvent, StreamGearOptions } from '../src/index.js';
import { childMessages, runChild } from './support/child.js';
import { bigBuckBunny, temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { ingestServer } from './support/ingest.js';
import { pushSmall, rejection, smallFrame, smallOptions } from './support/small.js';

/** Node's helpers are typed for its own EventEmitter, whose `on` returns the emitter. */
const emitterOf = (stream: unknown): NodeJS.EventEmitter => stream as NodeJS.EventEmitter;

describe('What a stream tells', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => (folder = await temporaryFolder()));
  afterEach(() => folder[Symbol.asyncDispose]());

  const newGear = (more: Partial<StreamGearOptions> = {}): StreamGear =>
    new StreamGear({
      output: join(folder.path, 'out.mpd'),
      streamParams: { '-preset': 'ultrafast', '-seg_duration': 0.4 },
      ...more,
    });
  const push = async (gear: StreamGear, count: number): Promise<void> => {
    for (let index = 0; index < count; index++) await gear.stream(smallFrame(index));
  };

  describe('in a for await loop', () => {
    it('ends with the stream', async () => {
      const gear = newGear();
      const segments: string[] = [];
      const loop = (async () => {
        for await (const { path } of gear.events('segment')) segments.push(basename(path));
      })();
      await push(gear, 25);
      await gear.close();
      await loop;
      expect(segments).to.deep.equal([1, 2, 3].map((n) => `chunk-stream0-0000${n}.m4s`));
      for await (const event of gear.events('segment')) expect.fail(event.path);
    });

    it('throws what the stream was aborted with', async () => {
      const stream = await AdaptiveStream.open(smallOptions(folder.path));
      const loop = stream.events('segment');
      await stream.abort('enough');
      expect(await rejection(loop.next())).to.include({ code: 'ABORTED', cause: 'enough' });
      expect(await loop.next()).to.deep.equal({ done: true, value: undefined });
    });

    it('keeps the process alive while a source is transcoded', async () => {
      const messages = await childMessages('following', { args: [folder.path] });
      expect(messages).to.deep.equal([{ segments: 3 }, { over: true }]);
    });
  });

  describe('through node:events', () => {
    it('on() ends with the stream by close, and by the signal', async () => {
      const gear = newGear();
      const segments: SegmentEvent[] = [];
      const listening = on(emitterOf(gear), 'segment', { close: ['end'] });
      const stop = new AbortController();
      const stopped = on(emitterOf(gear), 'segment', { signal: stop.signal });
      const first = (await Promise.all([stopped.next(), push(gear, 25)]))[0];
      expect(first.done).to.equal(false);
      stop.abort();
      // Segments that came before the signal are still given out, and only then the error.
      let outcome: unknown;
      do outcome = await stopped.next().catch((error: unknown) => error);
      while (!(outcome instanceof Error));
      expect(outcome).to.have.property('name', 'AbortError');
      await gear.close();
      for await (const [event] of listening) segments.push(event as SegmentEvent);
      expect(segments).to.have.length(3);
    });

    it('once() has the event, or what the stream failed with', async () => {
      const gear = newGear();
      const ended = once(emitterOf(gear), 'end');
      await gear.close();
      expect(await ended).to.deep.equal([{ reason: 'finished' }]);

      const other = newGear();
      const waiting = once(emitterOf(other), 'segment').catch((error: unknown) => error);
      const listening = on(emitterOf(other), 'segment');
      await other.abort('enough');
      expect(await waiting).to.include({ code: 'ABORTED', cause: 'enough' });
      const error: unknown = await listening.next().catch((reason: unknown) => reason);
      expect(error).to.equal(await waiting);
    });
  });

  it('goes to error and then to end when it was aborted', async () => {
    const stream = await AdaptiveStream.open(smallOptions(folder.path));
    const told: unknown[] = [];
    const listener = (event: unknown): void => void told.push(event);
    stream.addListener('error', listener);
    stream.on('end', listener);
    stream.on('manifest', listener);
    expect(stream.removeListener('manifest', listener)).to.equal(stream);
    await stream.abort();
    const error = await rejection(stream.finish());
    expect(told).to.deep.equal([error, { reason: 'aborted', error }]);
  });

  describe('when it is aborted', () => {
    it('is an AbortError everywhere', async () => {
      const reason = new Error('why');
      const signal = AbortSignal.abort(reason);
      const stream = await AdaptiveStream.open(smallOptions(folder.path));
      await stream.abort(reason);
      const gear = newGear();
      await gear.abort(reason);
      const source = await openFrames(bigBuckBunny);
      await source.abort(reason);
      for (const promise of [
        stream.finish(),
        gear.close(),
        source.next(),
        AdaptiveStream.open(smallOptions(folder.path, { signal })),
        AdaptiveStream.transcode(bigBuckBunny, { output: join(folder.path, 'x.mpd'), signal }),
        openFrames(bigBuckBunny, { signal }),
      ]) {
        const error = await rejection(promise);
        expect(error).to.be.instanceOf(AbortError).and.instanceOf(StreamError);
        expect(error).to.include({ name: 'AbortError', code: 'ABORTED', cause: reason });
      }
    });
  });

  describe('when nobody listens to warnings', () => {
    it('goes to the process once for each code, and to listeners always', async () => {
      const { messages, stderr } = await runChild('unheard', { args: [folder.path] });
      const told = messages.filter(({ name }) => name !== undefined);
      expect(told.map(({ name }) => name)).to.deep.equal(Array(3).fill('StreamGearWarning'));
      expect(told.map(({ code }) => code)).to.deep.equal([
        'NO_PROGRAM',
        'IGNORED_OPTION',
        'INVALID_OPTION',
      ]);
      expect(told[2]?.['message']).to.match(/for -bpp but received -1/);
      expect(messages.filter(({ heard }) => heard !== undefined)).to.have.length(4);
      // logging: 'warning' prints every one, and Node prints each once.
      expect(stderr.match(/^\[streamgear\] warning INVALID_OPTION: /gm)).to.have.length(2);
      expect(stderr.match(/\[INVALID_OPTION\] StreamGearWarning/g)).to.have.length(1);
    });
  });

  describe('by logging', () => {
    /** Levels of what is printed to stderr. */
    const printed = async (logging: StreamGearOptions['logging']): Promise<Set<string>> => {
      const { stderr, code } = await runChild('logging', { args: [folder.path, String(logging)] });
      expect(code).to.equal(0);
      return new Set(
        [...stderr.matchAll(/^\[streamgear\] (\w+)/gm)].map(([, level = '']) => level),
      );
    };

    it('is warnings only, or lines too, or debug lines too, or nothing', async () => {
      expect([...(await printed(false))]).to.deep.equal([]);
      expect([...(await printed('warning'))]).to.deep.equal(['warning']);
      expect([...(await printed(true))]).to.include.members(['warning', 'info']);
      expect([...(await printed(true))]).not.to.include('debug');
      expect([...(await printed('debug'))]).to.include.members(['warning', 'info', 'debug']);
    });
  });

  describe('of files', () => {
    const filesOf = (stream: AdaptiveStream | StreamGear): FileEvent[] => {
      const files: FileEvent[] = [];
      stream.on('file', (file) => files.push(file));
      return files;
    };
    /** What lies in the folder when all that was told has been done. */
    const remaining = (files: readonly FileEvent[]): Map<string, number> => {
      const left = new Map<string, number>();
      for (const { action, name, bytes } of files) {
        if (action === 'write') left.set(name, bytes);
        else expect(left.get(name), `size of ${name}`).to.equal(bytes);
        if (action === 'remove') left.delete(name);
      }
      return left;
    };
    const onDisk = (): Map<string, number> =>
      new Map(
        readdirSync(folder.path).map((name) => [name, statSync(join(folder.path, name)).size]),
      );

    for (const [format, name, packaging] of [
      ['dash', 'out.mpd', {}],
      ['hls', 'out.m3u8', { segmentType: 'fmp4' }],
      ['hls', 'out.m3u8', { segmentType: 'mpegts' }],
    ] as const) {
      it(`tells all of them: ${format} ${JSON.stringify(packaging)}`, async () => {
        const stream = await AdaptiveStream.open(
          smallOptions(folder.path, {
            output: join(folder.path, name),
            packaging: { segmentDuration: 0.4, ...packaging },
            audio: { push: { sampleRate: 48_000, channels: 1 } },
          }),
        );
        const files = filesOf(stream);
        const segments: SegmentEvent[] = [];
        stream.on('segment', (segment) => segments.push(segment));
        await Promise.all([pushSmall(stream, 20), stream.writeAudio(new Float32Array(48_000))]);
        await stream.finish();
        expect(remaining(files)).to.deep.equal(onDisk());
        const media = files.filter(({ role }) => role === 'segment');
        expect(media.map(({ path, bytes }) => ({ path, bytes }))).to.deep.equal(
          segments.map(({ path, bytes }) => ({ path, bytes })),
        );
        const types = new Set(
          files.map(({ role, type, rendition }) => `${role} ${type} ${rendition}`),
        );
        const isTs = 'segmentType' in packaging && packaging.segmentType === 'mpegts';
        const ofMedia = [0, 1, 2].flatMap((rendition) => {
          const type = isTs ? 'video/mp2t' : rendition === 2 ? 'audio/mp4' : 'video/mp4';
          const roles = isTs ? ['segment'] : ['init', 'segment'];
          return roles.map((role) => `${role} ${type} ${rendition}`);
        });
        const manifests =
          format === 'dash'
            ? ['manifest application/dash+xml undefined']
            : [undefined, 0, 1, 2].map(
                (rendition) => `manifest application/vnd.apple.mpegurl ${String(rendition)}`,
              );
        expect([...types]).to.have.members([...ofMedia, ...manifests]);
        for (const { name: file, path } of files) expect(path).to.equal(join(folder.path, file));
      });
    }

    it('tells a single playlist as what belongs to all, when it comes and when it goes', async () => {
      const stream = await AdaptiveStream.open(
        smallOptions(folder.path, {
          output: join(folder.path, 'out.m3u8'),
          renditions: [{ height: 90 }],
          packaging: { segmentDuration: 0.4, live: true, removeAtExit: true },
        }),
      );
      const files = filesOf(stream);
      await pushSmall(stream, 25);
      await stream.finish();
      const manifests = files.filter(({ role }) => role === 'manifest');
      expect(new Set(manifests.map(({ action }) => action))).to.have.keys('write', 'remove');
      for (const { name, rendition } of manifests) {
        expect({ name, rendition }).to.deep.equal({ name: 'out.m3u8', rendition: undefined });
      }
    });

    it('tells what leaves a live window, and all at the exit', async () => {
      const gear = newGear({
        streamParams: {
          '-preset': 'ultrafast',
          '-livestream': true,
          '-seg_duration': 0.4,
          '-window_size': 2,
          '-extra_window_size': 1,
          '-remove_at_exit': true,
        },
      });
      const files = filesOf(gear);
      await push(gear, 60);
      await gear.close();
      expect(remaining(files).size).to.equal(0);
      expect(onDisk().size).to.equal(0);
      const removed = files.filter(({ action }) => action === 'remove');
      expect(removed.map(({ role }) => role).sort()).to.deep.equal([
        'init',
        'manifest',
        ...Array<string>(6).fill('segment'),
      ]);
    });

    it('tells what -clear_prev_assets deletes', async () => {
      const before = newGear();
      await push(before, 12);
      await before.close();
      const old = onDisk();
      const clears = { '-preset': 'ultrafast', '-seg_duration': 0.4, '-clear_prev_assets': true };
      const gear = newGear({ streamParams: clears });
      const files = filesOf(gear);
      await gear.close();
      expect(new Map(files.map(({ name, bytes }) => [name, bytes]))).to.deep.equal(old);
      for (const { action } of files) expect(action).to.equal('remove');
      expect(files.map(({ role }) => role).sort()).to.deep.equal([
        'init',
        'manifest',
        'segment',
        'segment',
      ]);
      const stream = await AdaptiveStream.open(
        smallOptions(folder.path, { packaging: { clearPrevious: true } }),
      );
      await stream.finish();
    });

    it('tells URLs without their secrets', async () => {
      await using server = await ingestServer();
      const output = `${server.origin}/live/out.mpd?token=1`.replace('://', '://me:secret@');
      const gear = newGear({ output });
      const files = filesOf(gear);
      await push(gear, 12);
      await gear.close();
      expect(files).not.to.be.empty;
      for (const { name, path } of files) expect(path).to.equal(`${server.origin}/live/${name}`);
    });
  });
});
