// The checks of this test suite, checked: what they measure is compared with what is known, and
// each of them can fail.
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { decodeErrors, keyTimes, packets, presentationTimes, streams } from './support/ffprobe.js';
import { gstreamerErrors } from './support/gstreamer.js';
import { peakRate } from './support/lint-report.js';
import {
  barPatches,
  colorBars,
  flash,
  gradient,
  paintFrame,
  PIXEL_FORMATS,
  temporaryFolder,
  type TemporaryFolder,
} from './support/media.js';
import { isCodecOf, readInit, readMedia, type InitTrack } from './support/mp4.js';
import { colorPatches, decodeFrames, psnr } from './support/psnr.js';
import { writeReference, type Reference } from './support/reference.js';
import { output } from './support/run.js';
import { serve } from './support/server.js';
import { until } from './support/small.js';
import { readTs } from './support/ts.js';

let folder: TemporaryFolder;
let reference: Reference;

before(async () => {
  folder = await temporaryFolder();
  reference = await writeReference(folder.path);
});
after(async () => {
  await folder[Symbol.asyncDispose]();
});

function ffmpeg(...args: string[]): Promise<string> {
  return output('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args], { cwd: folder.path });
}

/** A lossless picture in RGB, through ffmpeg's own conversion with the given matrix. */
async function encodeBars(name: string, ...filters: string[]): Promise<string> {
  const { data } = paintFrame(256, 128, 'rgb24', colorBars(256));
  await writeFile(join(folder.path, 'bars.rgb'), data);
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '256x128', '-i', 'bars.rgb'];
  const codec = ['-c:v', 'libx264', '-qp', '1', '-pix_fmt', 'yuv420p'];
  await ffmpeg(...input, '-vf', filters.join(','), ...codec, name);
  return join(folder.path, name);
}

const TO_709 = 'scale=out_color_matrix=bt709:out_range=tv';
const TAG_709 = 'setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv';

describe('ffprobe', () => {
  it('gives packets, times and streams of each rendition', async () => {
    const found = await packets(reference.mpd);
    expect(found.map((list) => list.length)).to.deep.equal([100, 100]);
    expect(found.map(keyTimes)).to.deep.equal([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]);
    expect(presentationTimes(found[0] ?? []).at(-1)).to.be.closeTo(99 / 25, 1e-6);
    const infos = await streams(reference.mpd);
    expect(infos.map(({ width, height }) => `${width}x${height}`)).to.deep.equal([
      '256x144',
      '192x144',
    ]);
    expect(infos.map(({ displayAspectRatio }) => displayAspectRatio)).to.deep.equal([
      '16:9',
      '16:9',
    ]);
  });

  it('finds broken media when decoding', async () => {
    expect(await decodeErrors(reference.hlsTs)).to.equal('');
    const path = join(folder.path, 'cut.mp4');
    await ffmpeg(
      '-i',
      reference.mpd,
      '-map',
      '0:v:0',
      '-c',
      'copy',
      '-movflags',
      'faststart',
      path,
    );
    await truncate(path, (await readFile(path)).length - 5000);
    expect(await decodeErrors(path)).to.not.equal('');
  });
});

describe('GStreamer', () => {
  it('plays sound manifests and refuses a missing one', async () => {
    expect(await gstreamerErrors(reference.mpd)).to.equal('');
    expect(await gstreamerErrors(reference.hlsTs)).to.equal('');
    expect(await gstreamerErrors(join(folder.path, 'nothing.mpd'))).to.not.equal('');
  });
});

describe('PSNR and colours', () => {
  it('tell a good rendition from a bad one', async () => {
    const source = join(folder.path, 'source.mp4');
    await ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=256x144:rate=25:duration=1',
      '-qp',
      '0',
      source,
    );
    const size = { width: 256, height: 144, frames: 20 };
    const good = await psnr({ input: reference.mpd }, source, size);
    const late = await psnr({ input: reference.mpd }, source, { ...size, referenceSkip: 5 });
    const same = await psnr({ input: source }, source, size);
    expect(good.frames).to.equal(20);
    expect(good.average).to.be.within(25, 60);
    expect(late.average).to.be.below(good.average - 5);
    expect(same.average).to.equal(Infinity);
  });

  it('accept right colours', async () => {
    const path = await encodeBars('right.mp4', TO_709, TAG_709);
    expect(await colorPatches({ input: path }, barPatches())).to.deep.equal([]);
  });

  it('find swapped channels', async () => {
    const path = await encodeBars(
      'swapped.mp4',
      'colorchannelmixer=0:0:1:0:0:1:0:0:1:0:0:0',
      TO_709,
      TAG_709,
    );
    expect(await colorPatches({ input: path }, barPatches())).to.have.length(4);
  });

  it('find a matrix that is not the one of the tag', async () => {
    const path = await encodeBars(
      'matrix.mp4',
      'scale=out_color_matrix=bt601:out_range=tv',
      TAG_709,
    );
    expect(await colorPatches({ input: path }, barPatches())).to.have.length.above(3);
  });

  it('find a range that is not the one of the tag', async () => {
    const path = await encodeBars(
      'range.mp4',
      'scale=out_color_matrix=bt709:out_range=pc',
      TAG_709,
    );
    expect(await colorPatches({ input: path }, barPatches())).to.have.length.above(5);
  });
});

describe('synthetic frames', () => {
  for (const format of PIXEL_FORMATS) {
    it(`${format} is what ffmpeg takes it for`, async () => {
      const paint = gradient(128, 64);
      const { data } = paintFrame(128, 64, format, paint, { matrix: 'bt709' });
      await writeFile(join(folder.path, 'frame.raw'), data);
      const input = ['-f', 'rawvideo', '-pix_fmt', format, '-s', '128x64', '-i', 'frame.raw'];
      const path = join(folder.path, 'frame.mkv');
      await ffmpeg(
        ...input,
        '-vf',
        `scale=in_color_matrix=bt709,format=rgb24`,
        '-c:v',
        'ffv1',
        path,
      );
      const { frames } = await decodeFrames(path);
      const isGray = format === 'gray' || format === 'ya8';
      for (const [x, y] of [
        [0, 0],
        [127, 0],
        [64, 32],
        [20, 62],
      ] as const) {
        const [red, green, blue] = paint(x, y);
        const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        const pixel = frames[0]?.subarray((y * 128 + x) * 3, (y * 128 + x) * 3 + 3) ?? [];
        const wanted = isGray ? [luma, luma, luma] : [red, green, blue];
        // Chroma is sampled at every second pixel, and rounded twice.
        const off = wanted.map((value, channel) => Math.abs(value - (pixel[channel] ?? NaN)));
        expect(Math.max(...off), `${x},${y}: ${[...pixel].join()}`).to.be.below(isGray ? 2 : 8);
      }
    });
  }
});

describe('containers', () => {
  const CODECS: Readonly<Record<string, { options: string[]; codec: RegExp }>> = {
    libx264: { options: ['-bf', '2'], codec: /^avc1\.64[0-9a-f]{4}$/ },
    libx265: {
      options: ['-tag:v', 'hvc1', '-x265-params', 'log-level=none:open-gop=0'],
      codec: /^hvc1\.1\.6\.L\d+\.\w+$/,
    },
    'libvpx-vp9': { options: ['-deadline', 'realtime'], codec: /^vp09\.00\.\d\d\.08/ },
    'libaom-av1': {
      options: ['-usage', 'realtime', '-cpu-used', '8'],
      codec: /^av01\.0\.\d\dM\.08/,
    },
  };
  for (const [encoder, { options, codec }] of Object.entries(CODECS)) {
    it(`codec text and key frames of ${encoder} are read from the bitstream`, async () => {
      const source = ['-f', 'lavfi', '-i', 'testsrc2=size=128x96:rate=25:duration=0.8'];
      const muxer = ['-f', 'dash', '-dash_segment_type', 'mp4', '-seg_duration', '0.4'];
      const names = [
        '-init_seg_name',
        `${encoder}-init.mp4`,
        '-media_seg_name',
        `${encoder}-$Number$.m4s`,
      ];
      await ffmpeg(
        ...source,
        '-pix_fmt',
        'yuv420p',
        '-c:v',
        encoder,
        '-g',
        '10',
        ...options,
        ...muxer,
        ...names,
        'codec.mpd',
      );
      const { tracks } = await readInit(join(folder.path, `${encoder}-init.mp4`));
      const [track] = tracks;
      expect(track?.codec).to.match(codec);
      if (track === undefined) return;
      for (const number of [1, 2]) {
        const path = join(folder.path, `${encoder}-${number}.m4s`);
        const segment = await readMedia(path, track);
        expect(segment.startsWithIdr).to.equal(true);
        expect(segment.samples).to.have.length(10);
        expect(segment.start).to.equal((number - 1) * 0.4 * track.timescale);
      }
    });
  }

  it('optional fields of a codec text must be those of the colr box', () => {
    const color = { type: 'nclx', primaries: 1, transfer: 1, matrix: 1, fullRange: false };
    const av1 = { codec: 'av01.0.01M.08', color } as InitTrack;
    const vp9 = { codec: 'vp09.00.10.08', color } as InitTrack;
    expect(isCodecOf('av01.0.01M.08', av1)).to.equal(true);
    expect(isCodecOf('av01.0.01M.08.0.110.01.01.01.0', av1)).to.equal(true);
    expect(isCodecOf('av01.0.01M.08.0.110.06.06.06.0', av1)).to.equal(false);
    expect(isCodecOf('av01.0.01M.08.0.110.01.01.01.1', av1)).to.equal(false);
    expect(isCodecOf('av01.0.01M.08.0.110', av1)).to.equal(false);
    expect(isCodecOf('vp09.00.10.08.01.01.01.01.00', vp9)).to.equal(true);
    expect(isCodecOf('vp09.00.10.08.01.09.16.09.00', vp9)).to.equal(false);
    expect(isCodecOf('avc1.640028.1', { codec: 'avc1.640028', color } as InitTrack)).to.equal(
      false,
    );
  });

  it('times of MPEG-TS are those that ffprobe sees', async () => {
    const path = join(folder.path, 'ts-stream1-002.ts');
    const [stream] = (await readTs(path)).streams;
    const [list] = await packets(path);
    const times = stream?.pts.map((time) => Math.round((time / 90_000) * 1e6) / 1e6);
    expect(times).to.deep.equal(list?.map(({ pts }) => pts));
    expect(stream?.codec).to.match(/^avc1\.64/);
  });

  it('peak rate counts runs of half to one and a half target durations', () => {
    const rated = [
      { duration: 4, bytes: 4000 },
      { duration: 4, bytes: 8000 },
      { duration: 1, bytes: 9000 },
    ];
    expect(peakRate(rated, 4)).to.equal((17_000 * 8) / 5);
    expect(peakRate(rated.slice(2), 4)).to.equal(9000 * 8);
  });
});

describe('flashes', () => {
  it('a flash is white, and black in between', () => {
    const colors = [0, 1, 4].map((index) => flash(index, 4)(0, 0));
    expect(colors).to.deep.equal([
      [255, 255, 255],
      [0, 0, 0],
      [255, 255, 255],
    ]);
  });
});

describe('server', () => {
  it('serves files, ranges and 404, and remembers them', async () => {
    await using server = await serve({ '/out/': { folder: folder.path } });
    const whole = await fetch(`${server.origin}/out/reference.mpd`);
    expect(whole.headers.get('content-type')).to.equal('application/dash+xml');
    expect(whole.headers.get('access-control-allow-origin')).to.equal('*');
    expect(await whole.text()).to.equal(await readFile(reference.mpd, 'utf8'));
    const part = await fetch(`${server.origin}/out/reference.mpd`, {
      headers: { Range: 'bytes=2-4' },
    });
    expect([part.status, await part.text()]).to.deep.equal([206, 'xml']);
    for (const path of ['/out/nothing.ts', '/out/%2e%2e/passwd', '/elsewhere']) {
      const response = await fetch(server.origin + path);
      expect([response.status, await response.text()], path).to.deep.equal([404, '']);
    }
    // The server sees the end of an answer when it is there already.
    await until(() => server.requests.length === 5);
    expect(server.missing()).to.have.length(3);
  });
});
