// Whatever is given as options: it works, or it is a typed error, and nothing else of the process changes.

import { join } from 'node:path';

import { expect } from 'chai';
import * as fc from 'fast-check';

import { AdaptiveStream, StreamGear, openFrames, probe, versions } from '../../src/index.js';
import { Issues } from '../../src/check/issues.js';
import { nativeBinding } from '../../src/native/native.js';
import { resolveOptions } from '../../src/plan/resolve.js';
import { STREAM_PARAMS, SPECIAL_PARAMS } from '../../src/gear/stream-params.js';
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
  // For some streams only, for such as are not there, and by other names.
  ...['-b:v:7', '-t:v:1', '-s:v:1', '-metadata:s:a:0', '-metadata:s:v:0', '-c:a:1', '-preset:v:1'],
  ...['-vb', '-ab', '-c:v', '-filter:a', '-b:a:1', '-an:v:0', '-vaapi_device', '-hwaccel', '-re'],
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

/** Options where they belong, so that what hangs on several of them is reached: each is there or not, and mostly right. */
const SECTIONS: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  video: {
    codec: ['libx264', 'libx265', 'h264_vaapi', 'libvpx-vp9', 'copy'],
    hardware: [{}, { type: 'vaapi' }, { device: 1 }],
    fallback: [true, false],
    pixelFormat: ['yuv420p', 'yuv444p', 'vaapi', 'rgb24'],
    preset: ['fast', 5],
    profile: ['main'],
    tune: ['film'],
    crf: [20],
    gop: [0, 1, 50],
    filter: ['hflip', 'hflip,format=nv12,hwupload', 'scale=32:32'],
    scaling: ['fast', 'best'],
    aspectRatio: ['16:9', 1],
    bitsPerPixel: [0.001, 0.2],
    options: [{ b: '1M' }, { preset: 'slow', bf: 2 }, { 'x264-params': 'aq-mode=3' }, { crf: 22 }],
  },
  audio: {
    source: [['-f', 'lavfi', '-i', 'sine']],
    push: [{ sampleRate: 48_000 }, { sampleRate: 8000, channels: 1 }],
    protocols: [['file'], ['https'], []],
    maxPixels: [1, 100],
    openTimeout: [0, 5],
    codec: ['aac', 'libopus', 'flac', 'copy'],
    bitrate: ['64k'],
    sampleRate: [44_100],
    channels: [1, 8],
    filter: ['volume=0.5'],
    options: [{ b: '64k' }, { ar: 8000 }, { profile: 'aac_low' }],
    track: [0, 3],
    start: [1],
    clock: ['wall', 'samples'],
    fillGaps: [true, false],
    language: ['en', 'eng'],
    name: ['Sound'],
  },
  packaging: {
    format: ['dash', 'hls'],
    segmentDuration: [0.2, 2],
    segmentType: ['fmp4', 'mpegts'],
    live: [true, false, { window: 0 }, { extraWindow: 2 }, { deleteSegments: false, window: 2 }],
    names: [{ init: 'i.mp4' }, { segment: 's-$Number$.m4s' }, { playlist: 'p_%v.m3u8' }],
    startNumber: [0, 7],
    fragmentDuration: [0.1, 9],
    removeAtExit: [true],
    clearPrevious: [true],
    dash: [{ timeline: false }, { template: false, timeline: true }, { utcTimingUrl: 'http://t' }],
    hls: [{ playlistType: 'event' }, { programDateTime: false }, { omitEndlist: true }],
    metadata: [{ title: 'T' }, { mood: 'blue' }],
    options: [{ movflags: '+use_metadata_tags' }, { max_interleave_delta: 3 }],
    protocolOptions: [{ method: 'POST' }, { icy: 1 }, { tls_verify: 0 }],
  },
  trim: { start: [0, 1], end: [2, 0.5], duration: [1] },
};

const sections = fc.record(
  Object.fromEntries(
    Object.entries(SECTIONS).map(([section, keys]) => {
      const items = Object.entries(keys).map(([key, right]) => {
        const arbitrary = fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom(...right) },
          { weight: 1, arbitrary: value },
        );
        return [key, fc.option(arbitrary, { nil: undefined, freq: 1 })] as const;
      });
      return [
        section,
        fc.option(fc.record(Object.fromEntries(items)), { nil: undefined }),
      ] as const;
    }),
  ),
);

const ladders = fc.constantFrom<unknown[]>(
  undefined,
  [{}],
  [{ bitrate: '300k' }, { height: 32, bitrate: '100k', options: { b: '1M', preset: 'slow' } }],
  [{ audioBitrate: '32k' }, { width: 32, audioBitrate: '64k', frameRate: 5 }],
);

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
      format: fc.constantFrom('dash', 'hls', ['dash', 'hls'], ['hls', 'dash'], undefined),
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
      0.15,
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

  it('of an AdaptiveStream, where they belong', async () => {
    const names = ['any.mpd', 'any.m3u8'].map((name) => join(folder.path, name));
    const outputs = fc.constantFrom(
      ...names,
      'http://localhost:1/any.mpd',
      'ftp://localhost/a.m3u8',
    );
    const input = fc.constantFrom(size, { ...size, colorRange: 'tv', sampleAspectRatio: '4:3' });
    const rest = fc.record({ input, renditions: ladders, output: outputs });
    await holds(
      0.15,
      fc.asyncProperty(sections, rest, async (given, more) => {
        const all = { ...(realize(given) as object), ...more };
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
