// Keys that callers write: whatever they are called, they are options of that name, and nothing of the process changes.

import { join } from 'node:path';
import { tmpdir } from 'node:os';

import { expect } from 'chai';

import { AdaptiveStream, StreamGear, listEncoders, openFrames, probe } from '../src/index.js';
import type { OptionIssue } from '../src/index.js';
import { newGear } from './support/gear.js';
import { bigBuckBunny, temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { output } from './support/run.js';
import { issuesOf, rejection, smallFrame, smallOptions, thrown } from './support/small.js';

/** Names of what every object has, and paths to them. */
const KEYS = [
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf'],
  ...['__proto__.polluted', 'constructor.prototype.polluted', 'a.b', 'a[0]', '[0]', ''],
];

/** An object with a key of its own, as JSON makes it. */
const own = (key: string, value: unknown): object =>
  JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`) as object;

function pathsOf(call: () => unknown): string[] {
  return issuesOf(thrown(call)).map(({ path }) => path);
}

describe('keys of the caller', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => (folder = await temporaryFolder()));
  afterEach(async () => {
    await folder[Symbol.asyncDispose]();
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
    expect({}).not.to.have.property('polluted');
    expect(Object.hasOwn(Function.prototype, 'polluted')).to.equal(false);
  });

  for (const key of KEYS) {
    it(`${JSON.stringify(key)} is an unknown attribute like any other`, () => {
      expect(pathsOf(() => newGear(folder.path, own(key, 1)))).to.deep.equal([
        key === '' ? '""' : key,
      ]);
      const streams = [{ '-resolution': '64x64', '-video_bitrate': '100k', ...own(key, 1) }];
      const paths = pathsOf(() => newGear(folder.path, { '-streams': streams, '-bpp': 0 }));
      expect(paths).to.have.length(2);
    });

    it(`${JSON.stringify(key)} is an unknown option in every list of options`, () => {
      const list = `${key.replaceAll(/[:\\]/g, '\\$&')}=1`;
      for (const attribute of ['-format_options', '-http_opts']) {
        const gear = (): StreamGear => newGear(folder.path, { [attribute]: list });
        expect(issuesOf(thrown(gear)), attribute).to.have.length(1);
      }
      for (const attribute of ['-hls_segment_options', '-hls_ts_options', '-hls_flags']) {
        const gear = (): StreamGear => newGear(folder.path, { [attribute]: list }, 'hls');
        expect(issuesOf(thrown(gear)), attribute).to.have.length(1);
      }
    });

    it(`${JSON.stringify(key)} is an unknown option of AdaptiveStream, wherever it is`, async () => {
      const wrong = async (more: object): Promise<readonly OptionIssue[]> =>
        issuesOf(await rejection(AdaptiveStream.open({ ...smallOptions(folder.path), ...more })));
      expect(await wrong(own(key, 1))).to.have.length(1);
      const inside: object[] = [
        { input: { width: 64, height: 64, ...own(key, 1) } },
        { renditions: [own(key, 1)] },
        { renditions: [{ options: own(key, 1) }] },
        { video: own(key, 1) },
        { video: { options: own(key, 1) } },
        { packaging: own(key, 1) },
        { packaging: { options: own(key, 1) } },
        { packaging: { protocolOptions: own(key, 1) } },
        { packaging: { live: own(key, 1) } },
        { audio: { push: { sampleRate: 48_000 }, options: own(key, 1) } },
      ];
      for (const more of inside) {
        expect(await wrong(more), JSON.stringify(more)).to.have.length(1);
      }
    });
  }

  it('are tags by any name', async () => {
    const gear = newGear(folder.path, {
      '-metadata': '__proto__=x',
      '-clones': ['-metadata', 'constructor=y', '-metadata', 'a.b=z'],
      '-movflags': 'use_metadata_tags', // any tag, not only those of iTunes
    });
    await gear.stream(smallFrame(0));
    await gear.close();
    const entries = ['-v', 'error', '-of', 'json', '-show_entries', 'format_tags'];
    const text = await output('ffprobe', [...entries, join(folder.path, 'init-stream0.m4s')]);
    expect(text).to.match(/"__proto__": "x"/);
    expect(text).to.match(/"constructor": "y"/);
    expect(text).to.match(/"a\.b": "z"/);
  });

  it('are names of flags, presets and devices that nobody knows', () => {
    for (const params of [
      { '-hls_flags': 'toString' },
      { '-hls_flags': 'constructor+__proto__' },
    ]) {
      const paths = pathsOf(() => newGear(folder.path, params, 'hls'));
      expect(new Set(paths)).to.deep.equal(new Set(['-hls_flags']));
    }
    for (const [attribute, value] of [
      ['-sws_flags', 'constructor'],
      ['-vcodec', 'constructor'],
      ['-preset', 'toString'],
      ['-init_hw_device', '__proto__=constructor'],
      ['-filter_hw_device', '__proto__'],
    ] as const) {
      const paths = pathsOf(() => newGear(folder.path, { [attribute]: value }));
      expect(paths, attribute).to.include(attribute);
    }
  });

  it('are options of a source that its list names', async () => {
    const clip = bigBuckBunny;
    const list = ['-f', 'mov', '-constructor', 1, '-__proto__', 2, '-toString', 3, '-i', clip];
    const sources: (() => Promise<unknown>)[] = [
      () => openFrames(list),
      () => probe(list),
      () => AdaptiveStream.transcode(list, { output: join(folder.path, 'a.mpd') }),
      () => probe(clip, { format: 'mov', options: own('__proto__', 1) } as object),
    ];
    for (const open of sources) {
      const error = await rejection(open());
      expect(`${error.code} ${error.message}`).to.match(/constructor|__proto__/);
    }
    expect(() => newGear(folder.path, { '-audio': list })).not.to.throw(TypeError);
  });

  it('cannot be read: that is a wrong value like any other', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const trap = (): never => {
      throw new Error('trap');
    };
    const values: unknown[] = [
      cyclic,
      [cyclic],
      new Proxy({}, { get: trap, ownKeys: trap, has: trap, getPrototypeOf: trap }),
      Object.defineProperty({}, 'push', { get: trap, enumerable: true }),
      new Uint8Array(5),
      new Map(),
      Promise.resolve('x'),
      Symbol('x'),
      5n,
    ];
    for (const value of values) {
      expect(pathsOf(() => newGear(folder.path, { '-audio': value }))[0]).to.match(/^-audio/);
      expect(pathsOf(() => newGear(folder.path, { '-bpp': value }))[0]).to.match(/^-bpp/);
      expect(pathsOf(() => newGear(folder.path, value))[0]).to.match(/^-?\w/);
      thrown(() => new StreamGear(value as never));
      for (const open of [
        () => AdaptiveStream.open(value as never),
        () => AdaptiveStream.transcode(value as never, { output: join(folder.path, 'x.mpd') }),
        () => openFrames(value as never),
        () => probe(value as never),
        () => probe(join(tmpdir(), 'nothing'), value as never),
        () => listEncoders(value as never),
      ]) {
        await rejection(open());
      }
    }
  });

  it('that are given twice are told', () => {
    const twice = Object.fromEntries(['-gop', ' -gop '].map((name) => [name, 5]));
    expect(pathsOf(() => newGear(folder.path, twice))).to.deep.equal(['-gop']);
  });
});
