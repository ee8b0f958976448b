// Whatever is given as options: it works, or it is a typed error, and nothing else of the process changes.

import { join } from 'node:path';

import { expect } from 'chai';
import * as fc from 'fast-check';

import { AdaptiveStream, StreamGear, openFrames, probe, versions } from '../../src/index.js';
import { Issues } from '../../src/issues.js';
import { nativeBinding } from '../../src/native.js';
import { resolveOptions } from '../../src/resolve.js';
import { STREAM_PARAMS, SPECIAL_PARAMS } from '../../src/stream-params.js';
import { temporaryFolder } from '../support/media.js';
import type { TemporaryFolder } from '../support/media.js';
import { anyValue, hostileKey, realize } from './arbitraries.js';
import { outcome, processState } from './harmless.js';
import { holds } from './holds.js';

/** FFmpeg options of every kind: of the program, encoders, muxers and protocols. */
const FFMPEG = [
  ...['-vcodec', '-acodec', '-b:v', '-b:a', '-b:v:1', '-r', '-s', '-g', '-vf', '-af', '-aspect'],
  ...['-crf', '-preset', '-tune', '-profile:v', '-x264-params', '-metadata', '-map', '-an', '-ss'],
  ...['-t', '-to', '-ar', '-ac', '-pix_fmt', '-sws_flags', '-movflags', '-init_hw_device', '-f'],
  ...['-filter_hw_device', '-method', '-headers', '-i', '-y', '-unknown', '-threads', '-bf'],
];

const attribute = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...STREAM_PARAMS.keys(), ...SPECIAL_PARAMS, ...FFMPEG) },
  { weight: 2, arbitrary: hostileKey },
);

/** What is about right, so that cases get further than the first check. */
const rightValue = fc.constantFrom<unknown[]>(
  ...[true, 1, '1', 'dash', 'hls', 'libx264', 'copy', '500k', '64x64', 'hflip', 'title=x', 'fast'],
  ...[
    '[0]',
    '2',
    '0.5',
    'vod',
    'fmp4',
    'a=b:c=d',
    'delete_segments',
    'init-$RepresentationID$.m4s',
  ],
  [{ '-resolution': '64x64', '-video_bitrate': '100k' }],
  { push: { sampleRate: 48_000 } },
  ['-f', 'lavfi', '-i', 'sine'],
);

const value = fc.oneof(rightValue, anyValue);

/** Options of AdaptiveStream by their names, some levels deep. */
const KEYS = [
  ...['input', 'renditions', 'video', 'audio', 'packaging', 'trim', 'whenFull', 'signal'],
  ...['width', 'height', 'bitrate', 'codec', 'options', 'hardware', 'filter', 'live', 'names'],
  ...['segmentDuration', 'metadata', 'protocolOptions', 'push', 'source', 'start', 'gop', 'crf'],
];

const nested = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    value,
    fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), hostileKey), tie('tree'), { maxKeys: 5 }),
    fc.array(tie('tree'), { maxLength: 2 }),
  ),
})).tree;

const size = { width: 64, height: 64 };

describe('any options', () => {
  let folder: TemporaryFolder;

  // The addon is loaded once, and adds a hook at the end of the process.
  before(async () => {
    versions();
    folder = await temporaryFolder();
  });
  after(() => folder[Symbol.asyncDispose]());

  /** Fails when a call ends in anything but success or a typed error, or changes anything outside. */
  async function isHarmless(call: () => unknown): Promise<void> {
    const before = processState(folder.path);
    await outcome(call);
    expect(processState(folder.path)).to.equal(before);
  }

  it('of a StreamGear: attributes', async () => {
    const params = fc.dictionary(attribute, value, { maxKeys: 5 });
    const rest = fc.record({
      format: fc.constantFrom('dash', 'hls', undefined),
      strict: fc.boolean(),
    });
    await holds(
      0.3,
      fc.asyncProperty(params, rest, async (streamParams, { format, strict }) => {
        const output = join(folder.path, format === 'hls' ? 'any.m3u8' : 'any.mpd');
        const options = { output, format, strict, streamParams: realize(streamParams) } as never;
        await isHarmless(() => new StreamGear(options).close());
      }),
    );
  });

  it('of a StreamGear: all of them', async () => {
    const key = fc.oneof(
      fc.constantFrom(
        'output',
        'format',
        'streamParams',
        'logging',
        'strict',
        'signal',
        'whenFull',
      ),
      hostileKey,
    );
    await holds(
      0.1,
      fc.asyncProperty(fc.oneof(value, fc.dictionary(key, value)), async (recipe) => {
        // Any text may be a place to write to.
        const isPlace = typeof recipe === 'object' && Object.hasOwn(recipe ?? {}, 'output');
        const options = isPlace ? { ...recipe, output: 1 } : recipe;
        await isHarmless(() => new StreamGear(realize(options) as never).close());
      }),
    );
  });

  it('of an AdaptiveStream', async () => {
    const options = fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), hostileKey), nested, {
      maxKeys: 5,
    });
    await holds(
      0.3,
      fc.asyncProperty(options, async (given) => {
        const all = {
          input: size,
          ...(realize(given) as object),
          output: join(folder.path, 'any.mpd'),
        };
        // Up to the plan: encoders do not open.
        await isHarmless(() => resolveOptions(all, new Issues(), nativeBinding));
      }),
    );
  });

  it('of a source', async () => {
    const output = join(folder.path, 'any.mpd');
    const options = fc.dictionary(
      fc.oneof(fc.constantFrom(...KEYS, 'format', 'readAhead', 'threads'), hostileKey),
      nested,
      { maxKeys: 3 },
    );
    const source = fc.oneof(
      anyValue.filter((given) => typeof given !== 'string' && !Array.isArray(given)),
      fc.constant(join(tmpName(), 'is-not-there.mp4')),
    );
    await holds(
      0.1,
      fc.asyncProperty(source, options, async (recipe, more) => {
        const [given, rest] = [realize(recipe), realize(more) as object];
        await isHarmless(() => AdaptiveStream.transcode(given as never, { ...rest, output }));
        await isHarmless(() => openFrames(given as never, rest));
        await isHarmless(() => probe(given as never, rest));
      }),
    );
  });
});

function tmpName(): string {
  return join(import.meta.dirname, 'no-folder');
}
