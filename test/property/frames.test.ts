// Whatever is given as a frame, as samples or as options of a call: it is taken, or it is a typed error; a stream goes on
// after it and ends well, and nothing else of the process changes.

import { join } from 'node:path';
import { types } from 'node:util';

import { expect } from 'chai';
import * as fc from 'fast-check';

import {
  AdaptiveStream,
  InvalidFrameError,
  InvalidOptionsError,
  StreamGear,
  frameSplitter,
  fromBeamcoder,
  fromImageData,
  fromMat,
  fromNativeImage,
  fromSharp,
} from '../../src/index.js';
import type { StreamError } from '../../src/index.js';
import { temporaryFolder } from '../support/media.js';
import type { TemporaryFolder } from '../support/media.js';
import { anyValue, hostileKey, realize, throws } from './arbitraries.js';
import { SIZE, anyFrame, anySamples, goodFrame } from './any-frame.js';
import { outcome, processState } from './harmless.js';
import { holds } from './holds.js';

const ADAPTERS = { fromBeamcoder, fromImageData, fromMat, fromNativeImage, fromSharp };

/** Whether an error is of one call only. */
function isOfTheCall(error: StreamError): boolean {
  return (
    [InvalidFrameError, InvalidOptionsError].some((type) => error instanceof type) ||
    error.code === 'TIMESTAMP_NOT_INCREASING'
  );
}

const callOptions = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  anyValue,
  fc.dictionary(
    fc.oneof(fc.constantFrom('rgbMode', 'forceKeyFrame', 'signal', 'onProgress'), hostileKey),
    fc.oneof(fc.boolean(), anyValue),
    { maxKeys: 2 },
  ),
);

/** close() with an argument, which its type does not have. */
function closeWith(gear: { readonly close: (given?: never) => unknown }, given: unknown): unknown {
  return gear.close(given as never);
}

describe('any frames', () => {
  let folder: TemporaryFolder;
  before(async () => (folder = await temporaryFolder()));
  after(() => folder[Symbol.asyncDispose]());

  /** What a call ends in, which changes nothing outside; files of a stream that runs come and go. */
  async function harmless(call: () => unknown): Promise<StreamError | undefined> {
    const before = processState(import.meta.dirname);
    const error = await outcome(call);
    expect(processState(import.meta.dirname)).to.equal(before);
    if (error !== undefined && !isOfTheCall(error)) throw error;
    return error;
  }

  it('of the adapters', async () => {
    const adapter = fc.constantFrom(...Object.entries(ADAPTERS));
    await holds(
      0.06,
      fc.asyncProperty(adapter, anyFrame, callOptions, async ([, adapt], frame, tags) => {
        await harmless(() => adapt(realize(frame) as never, realize(tags) as never));
      }),
    );
  });

  it('of a stream that runs, which goes on', async () => {
    const stream = await AdaptiveStream.open({
      input: { ...SIZE, pixelFormat: 'bgr24', frameRate: 25 },
      video: { preset: 'ultrafast' },
      audio: { push: { sampleRate: 48_000 } },
      packaging: { live: { window: 2 }, segmentDuration: 1 },
      output: join(folder.path, 'runs', 'any.mpd'),
    });
    stream.on('warning', () => undefined); // wild times and little sound are told of: not on the terminal
    let taken = 0;
    await holds(
      0.08,
      fc.asyncProperty(
        fc.tuple(anyFrame, callOptions, anySamples, fc.oneof(fc.constant(undefined), anyValue)),
        async ([frame, options, samples, timestamp]) => {
          const given = realize(frame);
          const write = (): Promise<boolean> =>
            stream.write(given as never, realize(options) as never);
          if ((await harmless(write)) === undefined) taken++;
          // The same object again: what it says may have changed, as that of a generator has.
          if ((await harmless(write)) === undefined) taken++;
          await harmless(() =>
            stream.writeAudio(realize(samples) as never, realize(timestamp) as never),
          );
          await harmless(() => void stream.writable(realize(options) as never));
          expect(await stream.write(goodFrame())).to.equal(true);
          taken++;
        },
      ),
    );
    expect((await stream.finish()).framesEncoded).to.equal(taken);
  });

  it('that come first, before it is known what frames are like', async () => {
    await holds(
      0.04,
      fc.asyncProperty(anyFrame, callOptions, async (frame, options) => {
        const gear = new StreamGear({
          output: join(folder.path, 'first', 'any.mpd'),
          streamParams: { '-preset': 'ultrafast' },
        });
        gear.on('warning', () => undefined);
        await harmless(() => gear.stream(realize(frame) as never, realize(options) as never));
        await harmless(() => closeWith(gear, realize(options)));
        await gear.close();
      }),
    );
  });

  it('that are options of calls which have none', async () => {
    const gear = new StreamGear({ output: join(folder.path, 'none', 'any.mpd') });
    gear.on('warning', () => undefined);
    const given: unknown = new Proxy({}, { get: throws, has: throws, getPrototypeOf: throws });
    expect((await harmless(() => closeWith(gear, given)))?.code).to.equal('INVALID_OPTIONS');
    await gear.close();
  });

  it('of a splitter', async () => {
    const chunks = fc.array(fc.oneof(anyFrame, anyValue), { maxLength: 3 });
    const options = fc.oneof(
      fc.constant({ ...SIZE, pixelFormat: 'bgr24' }),
      fc.dictionary(
        fc.constantFrom('width', 'height', 'pixelFormat', 'channels', 'timestamp'),
        fc.oneof(fc.constantFrom<unknown[]>(2, 16, 'gray', 3), anyValue),
      ),
      anyValue,
    );
    await holds(
      0.02,
      fc.asyncProperty(options, chunks, async (given, list) => {
        await harmless(async () => {
          const splitter = frameSplitter(realize(given) as never);
          const closed = new Promise<Error | undefined>((resolve) => {
            splitter.on('error', resolve).on('close', () => {
              resolve(undefined);
            });
          });
          splitter.resume();
          for (const chunk of list) {
            const bytes = realize(chunk);
            // A stream itself throws a TypeError for what is no chunk at all.
            if (types.isUint8Array(bytes)) splitter.write(bytes);
          }
          splitter.end();
          const error = await closed;
          if (error !== undefined) throw error;
        });
      }),
    );
  });
});
