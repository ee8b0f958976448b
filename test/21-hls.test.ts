// HLS from real video, as MPEG-TS and as fragmented MP4: read back with everything that can read it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';
import { parse, setOptions } from 'hls-parser';

import { packets } from './support/ffprobe.js';
import { gstreamerErrors } from './support/gstreamer.js';
import type { MediaPlaylist, MultivariantPlaylist } from './support/hls-lint.js';
import { movingBox, paintFrame, temporaryFolder, type TemporaryFolder } from './support/media.js';
import { isCodecOf, readInit } from './support/mp4.js';
import { exactTimes, faults, filesIn, make } from './support/presentation.js';
import {
  encodeLadders,
  expectExactTimes,
  expectQuality,
  expectSizes,
  FPS,
  FRAMES,
  LADDER,
  SEGMENT_SECONDS,
  SEGMENTS,
  type RealLadder,
} from './support/real-ladder.js';
import { readTs } from './support/ts.js';

const LAST_SECONDS = FRAMES / FPS - (SEGMENTS - 1) * SEGMENT_SECONDS;

/** A small and quick stream. */
const input = { width: 160, height: 90, frameRate: 25, pixelFormat: 'gray' } as const;
const frames = Array.from({ length: 60 }, (_, index) =>
  paintFrame(160, 90, 'gray', movingBox(160, 90, index)),
);

async function multivariant(path: string): Promise<MultivariantPlaylist> {
  setOptions({ strictMode: true, silent: true });
  const playlist = parse(await readFile(path, 'utf8'));
  if (!playlist.isMasterPlaylist) throw new Error(`${path} is a media playlist`);
  return playlist;
}

async function media(path: string): Promise<MediaPlaylist> {
  setOptions({ strictMode: true, silent: true });
  const playlist = parse(await readFile(path, 'utf8'));
  if (playlist.isMasterPlaylist) throw new Error(`${path} is a multivariant playlist`);
  return playlist;
}

/** What both containers have to fulfil. */
function itIsSound(ladder: () => RealLadder, folder: () => string, extension: 'ts' | 'm4s'): void {
  it('breaks no rule and decodes without a word', async () => {
    expect(await faults(ladder().manifest)).to.deep.equal([]);
  });

  it('has every frame at its time and the same key frames in all renditions', async () => {
    await expectExactTimes(ladder());
  });

  it('names its files as the original does', async () => {
    const names = LADDER.flatMap((_, id) => [
      `stream_${id}.m3u8`,
      ...(extension === 'm4s' ? [`init_${id}.mp4`] : []),
      ...Array.from(
        { length: SEGMENTS },
        (_, index) => `chunk-stream${id}-${String(index).padStart(3, '0')}.${extension}`,
      ),
    ]);
    expect(await filesIn(folder())).to.deep.equal(['bunny.m3u8', ...names].sort());
  });

  it('lists every segment for good, with its true length', async () => {
    for (const index of LADDER.keys()) {
      const playlist = await media(join(folder(), `stream_${index}.m3u8`));
      expect(playlist.playlistType).to.equal('VOD');
      expect(playlist.endlist).to.equal(true);
      expect(playlist.targetDuration).to.equal(SEGMENT_SECONDS);
      const durations = playlist.segments.map(({ duration }) => duration);
      expect(durations).to.deep.equal([
        ...Array.from({ length: SEGMENTS - 1 }, () => SEGMENT_SECONDS),
        LAST_SECONDS,
      ]);
    }
  });

  it('shows every rendition as 16:9, with its colours tagged', async () => {
    await expectSizes(ladder().manifest);
  });

  it('plays in GStreamer', async () => {
    expect(await gstreamerErrors(ladder().manifest)).to.equal('');
  });
}

describe('An HLS ladder of real video', () => {
  let folder: TemporaryFolder;
  let ts: RealLadder;
  let fmp4: RealLadder;

  before(async () => {
    folder = await temporaryFolder();
    const common = { '-hls_time': SEGMENT_SECONDS };
    // No type: MPEG-TS is what HLS has when nothing is said.
    const [first, second] = await encodeLadders([
      { output: join(folder.path, 'ts', 'bunny.m3u8'), format: 'hls', params: common },
      {
        output: join(folder.path, 'fmp4', 'bunny.m3u8'),
        format: 'hls',
        params: { ...common, '-hls_segment_type': 'fmp4' },
      },
    ]);
    if (first === undefined || second === undefined) throw new Error('No presentation');
    [ts, fmp4] = [first, second];
  });
  after(async () => {
    await folder[Symbol.asyncDispose]();
  });

  describe('as MPEG-TS', () => {
    itIsSound(
      () => ts,
      () => join(folder.path, 'ts'),
      'ts',
    );

    it('states codecs that are those of the parameter sets', async () => {
      const { variants } = await multivariant(ts.manifest);
      for (const [index, { codecs }] of variants.entries()) {
        const path = join(folder.path, 'ts', `chunk-stream${index}-000.ts`);
        const { streams } = await readTs(path);
        expect(codecs).to.equal(streams[0]?.codec);
      }
    });
  });

  describe('as fragmented MP4', () => {
    itIsSound(
      () => fmp4,
      () => join(folder.path, 'fmp4'),
      'm4s',
    );

    it('states codecs that are those of the init segments', async () => {
      const { variants } = await multivariant(fmp4.manifest);
      for (const [index, { codecs = '' }] of variants.entries()) {
        const { tracks } = await readInit(join(folder.path, 'fmp4', `init_${index}.mp4`));
        expect(codecs).to.match(/^avc1\.64[0-9a-f]{4}$/);
        expect(tracks[0] !== undefined && isCodecOf(codecs, tracks[0]), codecs).to.equal(true);
      }
    });

    it('decodes in the order in which it is shown: players get composition offsets wrong', async () => {
      for (const list of await packets(fmp4.manifest)) {
        expect(list.filter(({ pts, dts }) => pts !== dts)).to.deep.equal([]);
      }
    });

    it('reorders when B-frames are asked for', async () => {
      const output = join(folder.path, 'reordered', 'm.m3u8');
      const packaging = { segmentDuration: 1 };
      const made = await make({ input, packaging, output, video: { options: { bf: 2 } } }, frames);
      const [list = []] = await packets(made.manifest);
      expect(list.filter(({ pts, dts }) => pts !== dts)).to.not.deep.equal([]);
      expect(await faults(made.manifest)).to.deep.equal([]);
      const { timescale, ticks } = await exactTimes(made, 0, join(made.folder, 'init.mp4'));
      expect(ticks).to.deep.equal(frames.map((_, index) => (index * timescale) / 25));
    });
  });

  it('looks like the clip in every rendition: 35 dB or more at default bitrates', async () => {
    // All pictures are looked at in DASH: here it is enough to see the first key frames and what follows.
    await expectQuality(ts.manifest, 60);
    await expectQuality(fmp4.manifest, 60);
  });
});

describe('An HLS stream of one rendition', () => {
  for (const [type, names] of [
    ['mpegts', ['chunk-stream-000.ts', 'chunk-stream-001.ts', 'chunk-stream-002.ts']],
    ['fmp4', ['chunk-stream-000.m4s', 'chunk-stream-001.m4s', 'chunk-stream-002.m4s', 'init.mp4']],
  ] as const) {
    it(`is a single media playlist over ${type}, with names that carry no rendition`, async () => {
      await using folder = await temporaryFolder();
      const output = join(folder.path, 'one.m3u8');
      const packaging = { segmentDuration: 1, segmentType: type };
      const { manifest } = await make({ input, packaging, output }, frames);
      expect(await faults(manifest)).to.deep.equal([]);
      const { segments } = await media(manifest);
      expect(segments.map(({ duration }) => duration)).to.deep.equal([1, 1, 0.4]);
      expect(await filesIn(folder.path)).to.deep.equal([...names, 'one.m3u8']);
    });
  }
});
