// Every codec beside H.264 that the local libavcodec can encode: the same grid, true manifests, sane rates.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { InvalidOptionsError, listEncoders, openFrames, StreamGear } from '../src/index.js';
import type { AdaptiveStreamOptions, DecodedFrame } from '../src/index.js';
import { keyTimes, packets, presentationTimes, streams } from './support/ffprobe.js';
import { bigBuckBunny, temporaryFolder, type TemporaryFolder } from './support/media.js';
import { readInit } from './support/mp4.js';
import { parseMpd } from './support/mpd.js';
import { faults, make, segmentStarts, type Made } from './support/presentation.js';
import { psnr } from './support/psnr.js';

const FPS = 24;
const FRAMES = 60;
const RENDITIONS = [
  { width: 320, height: 180, bitrate: 300_000 },
  { width: 160, height: 120, bitrate: 120_000 },
];

/** What the manifests and sample entries of each codec have to say. */
const CODECS = [
  { encoder: 'libx265', name: 'hevc', codecs: /^hvc1\.1\.6\.L\d+\.[0-9A-F.]+$/ },
  { encoder: 'libvpx-vp9', name: 'vp9', codecs: /^vp09\.00\.\d\d\.08(\.|$)/ },
  { encoder: 'libaom-av1', name: 'av1', codecs: /^av01\.0\.\d\d[MH]\.08(\.|$)/ },
  { encoder: 'libsvtav1', name: 'av1', codecs: /^av01\.0\.\d\d[MH]\.08(\.|$)/ },
];

const installed = new Set((await listEncoders()).map(({ name }) => name));

/** Times from 0 in steps, below the end of the frames. */
function grid(step: number): number[] {
  return Array.from({ length: Math.ceil(FRAMES / FPS / step) }, (_, index) => index * step);
}

describe('Codecs', () => {
  let folder: TemporaryFolder;
  const frames: DecodedFrame[] = [];

  before(async () => {
    folder = await temporaryFolder();
    const clip = await openFrames(bigBuckBunny, {
      width: 320,
      height: 180,
      pixelFormat: 'yuv420p',
    });
    for await (const frame of clip) if (frames.push(frame) === FRAMES) break;
  });
  after(async () => {
    await folder[Symbol.asyncDispose]();
  });

  function options(
    codec: string,
    output: string,
    rest: Partial<AdaptiveStreamOptions>,
  ): AdaptiveStreamOptions {
    return {
      input: { width: 320, height: 180, pixelFormat: 'yuv420p', frameRate: FPS },
      renditions: RENDITIONS,
      output: join(folder.path, codec, output),
      ...rest,
      video: { ...rest.video, codec },
      packaging: { ...rest.packaging, segmentDuration: 1 },
    };
  }

  async function expectGrid(made: Made, keys: readonly number[]): Promise<void> {
    const found = await packets(made.manifest);
    expect(found).to.have.length(RENDITIONS.length);
    for (const [index, list] of found.entries()) {
      expect(keyTimes(list)).to.deep.equal(keys);
      const times = presentationTimes(list);
      const late = times.filter((time, number) => Math.abs(time - number / FPS) > 2e-6);
      expect(times).to.have.length(FRAMES);
      expect(late).to.deep.equal([]);
      expect(segmentStarts(made, index)).to.deep.equal(grid(1));
    }
  }

  for (const { encoder, name, codecs } of CODECS) {
    describe(encoder, () => {
      let dash: Made;
      let hls: Made;

      before(async function () {
        if (!installed.has(encoder)) this.skip();
        // Half a segment: key frames inside of segments are placed by the same grid.
        dash = await make(options(encoder, 'dash.mpd', { video: { gop: FPS / 2 } }), frames);
        hls = await make(options(encoder, 'hls.m3u8', {}), frames);
      });

      it('breaks no rule and decodes without a word, as DASH and as HLS', async () => {
        expect(await faults(dash.manifest)).to.deep.equal([]);
        expect(await faults(hls.manifest)).to.deep.equal([]);
      });

      it('has its key frames on the grid in all renditions, and no others', async () => {
        await expectGrid(dash, grid(0.5));
        await expectGrid(hls, grid(1));
      });

      it('states what its init segments hold', async () => {
        const [period] = parseMpd(await readFile(dash.manifest, 'utf8')).periods;
        const playlist = await readFile(hls.manifest, 'utf8');
        for (const [index, { id, attributes }] of (
          period?.sets[0]?.representations ?? []
        ).entries()) {
          const stated = attributes['codecs'] ?? '';
          expect(stated).to.match(codecs);
          expect(playlist).to.include(`CODECS="${stated}"`);
          expect(dash.summary.renditions[index]?.codecs).to.equal(stated);
          const { tracks } = await readInit(join(dash.folder, `init-stream${id}.m4s`));
          expect(tracks[0]?.color).to.deep.include({ primaries: 6, transfer: 6, matrix: 6 });
          // 320x180 and 160x120 are both shown as 16:9.
          expect(tracks[0]?.pixelAspect).to.deep.equal(
            index === 0 ? { h: 1, v: 1 } : { h: 4, v: 3 },
          );
        }
        for (const info of await streams(dash.manifest)) {
          expect(info.codec).to.equal(name);
          expect(info.colorSpace).to.equal('smpte170m');
          expect(info.colorRange).to.equal('tv');
        }
      });

      it('keeps near its bitrate and looks like the clip', async () => {
        for (const { bitrate, width } of hls.summary.renditions) {
          expect(bitrate.average / bitrate.declared, `rate at ${width}`).to.be.within(0.4, 1.5);
        }
        const size = { width: 320, height: 180, frames: FPS };
        const { average, frames: compared } = await psnr(
          { input: hls.manifest },
          bigBuckBunny,
          size,
        );
        expect(compared).to.equal(FPS);
        expect(average).to.be.at.least(33);
      });
    });
  }

  it('H.265 goes into MPEG-TS as well', async function () {
    if (!installed.has('libx265')) this.skip();
    const made = await make(
      options('libx265', 'ts.m3u8', { packaging: { segmentType: 'mpegts' } }),
      frames,
    );
    expect(await faults(made.manifest)).to.deep.equal([]);
    expect(segmentStarts(made)).to.deep.equal(grid(1));
  });

  it('H.265 in ten bits is named as such', async function () {
    if (!installed.has('libx265')) this.skip();
    const video = { pixelFormat: 'yuv420p10le' };
    const made = await make(options('libx265', 'ten.mpd', { video }), frames.slice(0, 12));
    expect(await faults(made.manifest)).to.deep.equal([]);
    expect(made.summary.renditions.map(({ codecs }) => codecs)).to.satisfy((list: string[]) =>
      list.every((codecs) => codecs.startsWith('hvc1.2.4.')),
    );
    const [info] = await streams(made.manifest);
    expect(info?.pixelFormat).to.equal('yuv420p10le');
  });

  it('a codec by its own name is encoded by its usual encoder', async function () {
    if (!installed.has('libx265')) this.skip();
    const made = await make(options('hevc', 'usual.mpd', {}), frames.slice(0, 6));
    expect(made.summary.renditions[0]?.encoder).to.equal('libx265');
    expect((await streams(made.manifest))[0]?.codec).to.equal('hevc');
  });

  for (const encoder of ['libvpx-vp9', 'libaom-av1']) {
    it(`${encoder} in MPEG-TS is refused, and the message says what to choose`, function () {
      if (!installed.has(encoder)) this.skip();
      const params = { '-vcodec': encoder, '-hls_segment_type': 'mpegts' } as const;
      const output = join(folder.path, 'refused.m3u8');
      const build = (): StreamGear =>
        new StreamGear({ output, format: 'hls', streamParams: params });
      expect(build)
        .to.throw(InvalidOptionsError, /^Expected "fmp4", .*MPEG-TS.* for -hls_segment_type/)
        .with.nested.property('issues[0].path', '-hls_segment_type');
    });
  }
});
