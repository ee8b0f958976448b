// FFmpeg options: what reaches the encoder, which rendition a specifier means, filters, trims, and what is refused.
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { openFrames, StreamGear } from '../src/index.js';
import type { RawFrame, StreamParams } from '../src/index.js';
import { lintDash } from './support/dash-lint.js';
import { decodeErrors, keyTimes, packets, presentationTimes, streams } from './support/ffprobe.js';
import {
  barPatches,
  bigBuckBunny,
  colorBars,
  paintFrame,
  temporaryFolder,
  type TemporaryFolder,
} from './support/media.js';
import { colorPatches, decodeFrames, type Patch } from './support/psnr.js';
import { boxes, issuesOf, pushGear, SMALL, type Pushed } from './support/pushed.js';
import { output } from './support/run.js';

const RATE = 20;
const STREAMS = [{ '-resolution': '320x180', '-video_bitrate': '400k' }];

let base: TemporaryFolder;
/** Two seconds of real video, small. */
let clip: RawFrame[];

before(async () => {
  base = await temporaryFolder();
  clip = [];
  for await (const { data, width, height, pixelFormat } of await openFrames(bigBuckBunny, {
    ...SMALL,
    start: 10,
    duration: 2,
  })) {
    clip.push({ data, width, height, pixelFormat });
  }
});
after(() => base[Symbol.asyncDispose]());

interface Encoded extends Pushed {
  folder: string;
}

async function encode(
  params: StreamParams,
  pictures: readonly RawFrame[] = clip,
  count = pictures.length,
): Promise<Encoded> {
  const folder = await mkdtemp(join(base.path, 'run-'));
  const streamParams = { '-input_framerate': RATE, ...params };
  const pushed = await pushGear({ output: join(folder, 'out.mpd'), streamParams }, count, pictures);
  return { ...pushed, folder };
}

/** What x264 says of itself in its first packet. */
async function x264Settings({ folder }: Encoded, rendition = 0): Promise<Map<string, string>> {
  const path = join(folder, `chunk-stream${rendition}-00001.m4s`);
  const text = await readFile(path, 'latin1');
  const [, options = ''] = /x264 - core .*? - options: ([ -~]+)/.exec(text) ?? [];
  expect(options, `x264's own words in ${path}`).to.not.equal('');
  return new Map(
    options.split(' ').map((entry) => {
      const [name = '', value = ''] = entry.split('=');
      return [name, value];
    }),
  );
}

async function bytesOf({ folder }: Encoded, rendition: number): Promise<number> {
  const names = await readdir(folder);
  let bytes = 0;
  for (const name of names.filter((file) => file.startsWith(`chunk-stream${rendition}-`))) {
    bytes += (await readFile(join(folder, name))).length;
  }
  return bytes;
}

function bars(): RawFrame[] {
  return [paintFrame(SMALL.width, SMALL.height, 'bgr24', colorBars(SMALL.width))];
}

/** Middles of the bars, mirrored. */
function mirrored(): Patch[] {
  return barPatches().map(({ x, y, rgb }) => ({ x: 1 - x, y, rgb }));
}

/** The mean difference of two pictures of equal size, 0 to 255. */
function difference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).to.equal(b.length);
  let sum = 0;
  for (let index = 0; index < a.length; index++) {
    sum += Math.abs((a[index] ?? 0) - (b[index] ?? 0));
  }
  return sum / a.length;
}

function refusals(params: StreamParams): string[] {
  const streamParams = { '-input_framerate': RATE, ...params };
  return issuesOf({ output: join(base.path, 'refused.mpd'), streamParams }).map(
    ({ message }) => message,
  );
}

describe('encoder options', () => {
  it('reach x264 over our defaults', async () => {
    const encoded = await encode({
      '-preset': 'faster',
      '-tune': 'animation',
      '-bf': 2,
      '-threads': 1,
      '-refs': '4',
      '-qmin': 5,
    });
    const settings = await x264Settings(encoded);
    expect(settings.get('subme'), 'of preset faster').to.equal('4');
    expect(settings.get('deblock'), 'of tune animation').to.equal('1:1:1');
    expect(settings.get('bframes')).to.equal('2');
    expect(settings.get('threads')).to.equal('1');
    expect(settings.get('ref')).to.equal('4');
    expect(settings.get('qpmin')).to.equal('5');
    expect(settings.get('open_gop'), 'our own').to.equal('0');
    expect(settings.get('scenecut'), 'our own').to.equal('0');
    expect((await streams(encoded.manifest))[0]?.hasBFrames).to.equal(2);
    expect(await lintDash(encoded.manifest)).to.deep.equal([]);
  });

  it('-bf 0 has no B-frames', async () => {
    const encoded = await encode({ '-bf': '0', '-preset': 'veryfast' });
    expect((await x264Settings(encoded)).get('bframes')).to.equal('0');
    expect((await streams(encoded.manifest))[0]?.hasBFrames).to.equal(0);
  });

  it('-x264-params are merged in their order, and the later one wins', async () => {
    const encoded = await encode({
      '-preset': 'veryfast',
      '-x264-params': 'ref=3:subme=5:qpmax=40',
      '-clones': ['-x264-params', 'ref=2:me=umh', '-x264-params', 'qpmax=45'],
    });
    const settings = await x264Settings(encoded);
    expect(settings.get('ref')).to.equal('2');
    expect(settings.get('subme')).to.equal('5');
    expect(settings.get('me')).to.equal('umh');
    expect(settings.get('qpmax')).to.equal('45');
  });

  it('an unknown key of -x264-params is told', async () => {
    const gear = new StreamGear({
      output: join(await mkdtemp(join(base.path, 'run-')), 'out.mpd'),
      streamParams: { '-x264-params': 'bogus=1' },
    });
    const told: unknown[] = [];
    gear.on('warning', (warning) => told.push(warning));
    for (const picture of clip.slice(0, 3)) await gear.stream(picture);
    await gear.close();
    const { width, height } = clip[0] ?? {};
    expect(told).to.deep.equal([
      {
        code: 'OPTION_REFUSED',
        message: `libx264 goes without an option for rendition 0 (${width}x${height}): Error parsing option 'bogus = 1'.`,
      },
    ]);
  });

  it('-g is the distance of key frames', async () => {
    const encoded = await encode({ '-g': 10, '-preset': 'ultrafast', '-streams': STREAMS });
    const [first = [], second = []] = await packets(encoded.manifest);
    const expected = Array.from({ length: Math.ceil(clip.length / 10) }, (_, index) => index / 2);
    expect(keyTimes(first)).to.deep.equal(expected);
    expect(keyTimes(second)).to.deep.equal(expected);
  });

  it('-gop and -g agree that the later one wins', async () => {
    const encoded = await encode({ '-gop': 40, '-g': 8, '-preset': 'ultrafast' });
    const [list = []] = await packets(encoded.manifest);
    expect(keyTimes(list)[1]).to.equal(8 / RATE);
  });

  for (const [profile, expected] of [
    ['baseline', 'Constrained Baseline'],
    ['main', 'Main'],
    ['high', 'High'],
  ] as const) {
    it(`-profile:v ${profile} is ${expected}`, async () => {
      const encoded = await encode({ '-profile:v': profile, '-preset': 'veryfast' });
      expect((await streams(encoded.manifest))[0]?.profile).to.equal(expected);
      expect(await lintDash(encoded.manifest)).to.deep.equal([]);
    });
  }

  it('-flags without a sign is added to the closed GOP', async () => {
    const encoded = await encode({ '-flags': 'bitexact', '-preset': 'veryfast', '-g': 8 });
    expect((await x264Settings(encoded)).get('open_gop')).to.equal('0');
  });
});

describe('stream specifiers', () => {
  it('-crf:v:0 is for rendition 0 alone', async () => {
    const encoded = await encode({
      '-crf:v:0': 45,
      '-preset': 'veryfast',
      '-streams': STREAMS,
    });
    const [first, second] = [await x264Settings(encoded, 0), await x264Settings(encoded, 1)];
    expect(first.get('rc')).to.equal('crf');
    expect(first.get('crf')).to.equal('45.0');
    expect(second.get('rc')).to.not.equal('crf');
    expect(await bytesOf(encoded, 0)).to.be.below((await bytesOf(encoded, 1)) / 3);
  });

  it('-crf is capped by the bitrate of the ladder', async () => {
    const params = { '-crf': 1, '-preset': 'veryfast', '-b:v:0': '150k' };
    const settings = await x264Settings(await encode(params));
    expect(settings.get('crf')).to.equal('1.0');
    expect(settings.get('vbv_maxrate')).to.equal('225');
    expect(settings.get('vbv_bufsize')).to.equal('300');
  });

  it('-b:v:1 is for rendition 1, and wins over -streams', async () => {
    const encoded = await encode({ '-b:v:1': '60k', '-preset': 'veryfast', '-streams': STREAMS });
    const declared = encoded.summary.renditions.map(({ bitrate }) => bitrate.declared);
    expect(declared).to.deep.equal([115_000, 60_000]);
    expect((await x264Settings(encoded, 1)).get('bitrate')).to.equal('60');
    expect((await x264Settings(encoded, 0)).get('bitrate')).to.equal('115');
  });

  it('-b:v is for renditions that have no bitrate', async () => {
    const { summary } = await encode({
      '-b:v': '200k',
      '-preset': 'ultrafast',
      '-streams': STREAMS,
    });
    const declared = summary.renditions.map(({ bitrate }) => bitrate.declared);
    expect(declared).to.deep.equal([200_000, 400_000]);
  });

  it('-preset:v:1, -profile:v:1 and -bf:v:1 leave rendition 0 alone', async () => {
    const encoded = await encode({
      '-preset': 'veryfast',
      '-preset:v:1': 'medium',
      '-profile:v:1': 'main',
      '-bf:v:1': 1,
      '-streams': STREAMS,
    });
    const [first, second] = [await x264Settings(encoded, 0), await x264Settings(encoded, 1)];
    expect([first.get('subme'), second.get('subme')]).to.deep.equal(['2', '7']);
    expect([first.get('bframes'), second.get('bframes')]).to.deep.equal(['3', '1']);
    const profiles = (await streams(encoded.manifest)).map(({ profile }) => profile);
    expect(profiles).to.deep.equal(['High', 'Main']);
    expect(await lintDash(encoded.manifest)).to.deep.equal([]);
  });

  it('-s:v:1 and -r:v:1 change the size and rate of rendition 1', async () => {
    const encoded = await encode({
      '-s:v:1': '160x90',
      '-r:v:1': 10,
      '-preset': 'ultrafast',
      '-streams': STREAMS,
    });
    const found = await streams(encoded.manifest);
    expect(found.map(({ width, height }) => `${width}x${height}`)).to.deep.equal([
      '320x180',
      '160x90',
    ]);
    const [first = [], second = []] = await packets(encoded.manifest);
    expect(first).to.have.length(clip.length);
    expect(second).to.have.length(Math.ceil(clip.length / 2));
    const times = presentationTimes(first).filter((_, index) => index % 2 === 0);
    expect(presentationTimes(second)).to.deep.equal(times);
    expect(await lintDash(encoded.manifest)).to.deep.equal([]);
  });

  it('-s is the size of the source rendition', async () => {
    const encoded = await encode({ '-s': '240x136', '-preset': 'ultrafast', '-streams': STREAMS });
    const found = await streams(encoded.manifest);
    expect(found.map(({ width }) => width)).to.deep.equal([240, 320]);
    for (const { displayAspectRatio } of found) expect(displayAspectRatio).to.equal('16:9');
  });

  for (const [params, message] of [
    [
      { '-b:v:7': '1M' },
      'Expected the stream specifier v, a, or v:0 for -b:v:7 but received "v:7"',
    ],
    [
      { '-crf:v:2': 20, '-streams': STREAMS },
      'Expected the stream specifier v, a, or v:0 to v:1 for -crf:v:2 but received "v:2"',
    ],
    [
      { '-crf:s:0': 20 },
      'Expected the stream specifier v, a, or v:0 for -crf:s:0 but received "s:0"',
    ],
    [
      { '-vf:v:1': 'hflip', '-streams': STREAMS },
      'Expected no stream specifier, as the filter chain is applied once, before scaling, for -vf:v:1 but received "hflip"',
    ],
    [
      { '-vcodec:v:1': 'libx265', '-streams': STREAMS },
      'Expected no stream specifier, as all renditions have the same codec, to be switched, for -vcodec:v:1 but received "libx265"',
    ],
    [
      { '-g:v:1': 3, '-streams': STREAMS },
      'Expected no stream specifier, as key frames are at the same times in all renditions, for -g:v:1 but received 3',
    ],
  ] as const) {
    it(`${Object.keys(params)[0] ?? ''} is refused with the reason`, () => {
      expect(refusals(params)).to.deep.equal([message]);
    });
  }
});

describe('-vf', () => {
  const fast = { '-preset': 'ultrafast', '-crf': 5, '-b:v': '5M' };

  it('leaves colours as they are when it does nothing', async () => {
    const { manifest } = await encode({ ...fast, '-vf': 'null' }, bars(), 3);
    expect(await colorPatches({ input: manifest }, barPatches())).to.deep.equal([]);
  });

  for (const name of ['-vf', '-filter:v']) {
    it(`${name} hflip mirrors every rendition`, async () => {
      const streamsParam = [{ '-resolution': '240x136', '-video_bitrate': '2M' }];
      const params = { ...fast, [name]: 'hflip', '-streams': streamsParam };
      const { manifest } = await encode(params, bars(), 3);
      expect(await colorPatches({ input: manifest, stream: 0 }, mirrored())).to.deep.equal([]);
      expect(await colorPatches({ input: manifest, stream: 1 }, mirrored())).to.deep.equal([]);
    });
  }

  it('crop changes the size of rendition 0, and the aspect of all', async () => {
    // The left half: four of the eight bars.
    const params = { ...fast, '-vf': 'crop=160:160:0:10', '-streams': STREAMS };
    const { manifest, warnings } = await encode(params, bars(), 3);
    const [first, second] = await streams(manifest);
    expect([first?.width, first?.height]).to.deep.equal([160, 160]);
    expect([second?.width, second?.height]).to.deep.equal([320, 180]);
    expect([first?.displayAspectRatio, second?.displayAspectRatio]).to.deep.equal(['1:1', '1:1']);
    expect(warnings.map(({ code }) => code)).to.deep.equal(['ASPECT_DIFFERS']);
    const half = barPatches()
      .slice(0, 4)
      .map(({ x, y, rgb }) => ({ x: x * 2, y, rgb }));
    for (const stream of [0, 1]) {
      expect(await colorPatches({ input: manifest, stream }, half)).to.deep.equal([]);
    }
  });

  it('an odd size is cropped by one, with a warning', async () => {
    const { manifest, warnings } = await encode({ ...fast, '-vf': 'crop=161:91:0:0' }, bars(), 3);
    const [found] = await streams(manifest);
    expect([found?.width, found?.height]).to.deep.equal([160, 90]);
    expect(warnings.map(({ code }) => code)).to.deep.equal(['ODD_SIZE']);
  });

  it('fps halves the frames and says so everywhere', async () => {
    const encoded = await encode({ ...fast, '-vf': 'fps=10' });
    const [list = []] = await packets(encoded.manifest);
    expect(list).to.have.length(clip.length / 2);
    const expected = list.map((_, index) => index / 10);
    expect(presentationTimes(list).map((time) => Math.round(time * 1e3) / 1e3)).to.deep.equal(
      expected,
    );
    expect(encoded.summary.renditions[0]?.frameRate).to.deep.equal({ num: 10, den: 1 });
    expect(await lintDash(encoded.manifest)).to.deep.equal([]);
  });

  it('a chain draws in order', async () => {
    // The box is drawn at the left, then mirrored to the right.
    const chain = 'drawbox=x=0:y=0:w=40:h=180:color=red@1:t=fill,hflip';
    const { manifest } = await encode({ ...fast, '-vf': chain }, bars(), 3);
    const [, ...others] = mirrored();
    const red: Patch = { x: 0.94, y: 0.5, rgb: [255, 0, 0] };
    expect(await colorPatches({ input: manifest }, [red, ...others])).to.deep.equal([]);
  });

  it('a chain that needs the real size is checked with the first frame', async () => {
    const gear = new StreamGear({
      output: join(base.path, 'late.mpd'),
      streamParams: { '-vf': 'crop=640:360' },
    });
    const [picture] = bars();
    if (picture === undefined) throw new Error('no picture');
    const error = await gear.stream(picture).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'INVALID_OPTIONS' });
    expect((error as Error).message).to.include('for -vf but received "crop=640:360"');
    await gear.close().catch(() => undefined);
  });

  it('a wrong chain is refused with what libavfilter says', () => {
    const [message = '', ...more] = refusals({ '-vf': 'hfilp' });
    expect(more).to.deep.equal([]);
    expect(message).to.match(/^Expected a filter chain that libavfilter takes \(/);
    expect(message).to.include("No such filter: 'hfilp'");
    expect(message).to.match(/ for -vf but received "hfilp"$/);
    expect(refusals({ '-vf': 'crop=9999:9999' })).to.have.length(1);
    expect(refusals({ '-filter_complex': 'hflip' })).to.deep.equal([
      'Expected a simple chain with -vf instead for -filter_complex but received "hflip"',
    ]);
  });
});

describe('options of the ffmpeg program', () => {
  const fast = { '-preset': 'ultrafast' };

  it('-r leaves out frames in all renditions', async () => {
    const encoded = await encode({ ...fast, '-r': '10', '-streams': STREAMS });
    for (const list of await packets(encoded.manifest)) {
      expect(list).to.have.length(Math.ceil(clip.length / 2));
      const times = presentationTimes(list).map((time) => Math.round(time * 1e3) / 1e3);
      expect(times).to.deep.equal(list.map((_, index) => index / 10));
    }
    expect(refusals({ '-r': 50 })).to.deep.equal([
      'Expected a frame rate of at most the input\'s 20 for -r but received "50"',
    ]);
  });

  for (const [format, profile] of [
    ['yuv420p', 'High'],
    ['yuv422p', 'High 4:2:2'],
    ['yuv444p', 'High 4:4:4 Predictive'],
    ['yuv420p10le', 'High 10'],
  ] as const) {
    it(`-pix_fmt ${format} is what is encoded, with the colours of the source`, async () => {
      const params = { '-pix_fmt': format, '-preset': 'veryfast', '-crf': 5, '-b:v': '5M' };
      const { manifest } = await encode(params, bars(), 3);
      const [found] = await streams(manifest);
      expect(found?.pixelFormat).to.equal(format);
      expect(found?.profile).to.equal(profile);
      expect(found?.colorSpace).to.equal('smpte170m');
      expect(await colorPatches({ input: manifest }, barPatches())).to.deep.equal([]);
      expect(await lintDash(manifest)).to.deep.equal([]);
    });
  }

  it('-vcodec and -c:v choose the encoder, by its name or its codec', async () => {
    for (const [name, value, codec] of [
      ['-vcodec', 'libx265', 'hevc'],
      ['-c:v', 'h264', 'h264'],
      ['-codec:v', 'libvpx-vp9', 'vp9'],
    ] as const) {
      const { manifest } = await encode({ [name]: value }, clip, 5);
      expect((await streams(manifest))[0]?.codec).to.equal(codec);
      expect(await decodeErrors(manifest)).to.equal('');
    }
  });

  it('-aspect is the display aspect of every rendition', async () => {
    const { manifest } = await encode({ ...fast, '-aspect': '4:3', '-streams': STREAMS });
    for (const { displayAspectRatio, sampleAspectRatio } of await streams(manifest)) {
      expect(displayAspectRatio).to.equal('4:3');
      expect(sampleAspectRatio).to.equal('3:4');
    }
    expect(await lintDash(manifest)).to.deep.equal([]);
  });

  it('-metadata is found in what is written', async () => {
    const { folder } = await encode({
      ...fast,
      '-metadata': 'title=Grüße & "more"',
      '-clones': ['-metadata', 'artist=Somebody = else'],
    });
    const parts = ['init-stream0.m4s', 'chunk-stream0-00001.m4s'];
    const whole = join(folder, 'whole.mp4');
    await writeFile(
      whole,
      Buffer.concat(await Promise.all(parts.map((name) => readFile(join(folder, name))))),
    );
    const text = await output('ffprobe', [
      ...['-v', 'error', '-of', 'json', '-show_entries', 'format_tags', whole],
    ]);
    const { format } = JSON.parse(text) as { format: { tags: Record<string, string> } };
    expect(format.tags).to.include({ title: 'Grüße & "more"', artist: 'Somebody = else' });
  });

  describe('-ss, -t and -to', () => {
    for (const [params, from, count] of [
      [{ '-t': 0.5 }, 0, 10],
      [{ '-to': '0.5' }, 0, 10],
      [{ '-ss': 0.5 }, 10, undefined],
      [{ '-ss': '500ms', '-t': 0.25 }, 10, 5],
      [{ '-ss': 0.5, '-to': 1 }, 10, 10],
      [{ '-ss': '00:00:00.5', '-to': 1, '-t': 0.2 }, 10, 4],
    ] as const) {
      it(`${JSON.stringify(params)} keeps frames ${from} and on`, async () => {
        const expected = count ?? clip.length - from;
        const encoded = await encode({ ...params, '-crf': 5, '-b:v': '5M', '-preset': 'veryfast' });
        const { frames } = await decodeFrames(encoded.manifest, { pixelFormat: 'bgr24' });
        expect(frames).to.have.length(expected);
        const [list = []] = await packets(encoded.manifest);
        expect(presentationTimes(list)[0]).to.equal(0);
        expect(encoded.summary.framesIn).to.equal(expected);
        expect(encoded.summary.framesTrimmed).to.equal(clip.length - expected);
        const at = (index: number): Uint8Array => clip[index]?.data as Uint8Array;
        const first = frames[0] ?? new Uint8Array();
        const right = difference(first, at(from));
        expect(right).to.be.below(difference(first, at(from + 3)) / 2);
        if (from > 0) expect(right).to.be.below(difference(first, at(from - 3)) / 2);
      });
    }

    it('stream() says which frames were left out', async () => {
      const gear = new StreamGear({
        output: join(await mkdtemp(join(base.path, 'run-')), 'out.mpd'),
        streamParams: { '-input_framerate': RATE, '-ss': 0.1, '-t': 0.1, ...fast },
      });
      const warnings: string[] = [];
      gear.on('warning', ({ code }) => warnings.push(code));
      const taken: boolean[] = [];
      for (const picture of clip.slice(0, 7)) taken.push(await gear.stream(picture));
      await gear.close();
      expect(taken).to.deep.equal([false, false, true, true, false, false, false]);
      expect(warnings).to.deep.equal(['AFTER_END']);
    });
  });

  it('what changes nothing is accepted without a word', async () => {
    const { warnings } = await encode(
      {
        ...fast,
        '-an': '',
        '-shortest': '',
        '-sn': '',
        '-f': 'dash',
        '-map': '0:v:0',
        '-clones': ['-an', '-shortest', '-map', '0:a?'],
      },
      clip,
      3,
    );
    expect(warnings).to.deep.equal([]);
  });

  for (const [params, code] of [
    [{ '-y': '' }, 'IGNORED_OPTION'],
    [{ '-hide_banner': '' }, 'IGNORED_OPTION'],
    [{ '-loglevel': 'quiet' }, 'IGNORED_OPTION'],
    [{ '-keyint_min': 5 }, 'IGNORED_OPTION'],
    [{ '-force_key_frames': 'expr:1' }, 'IGNORED_OPTION'],
    [{ '-acodec': 'aac' }, 'NO_AUDIO'],
    [{ '-b:a': '128k' }, 'NO_AUDIO'],
    [{ '-vcodec': 'copy' }, 'COPY_REPLACED'],
  ] as const) {
    it(`${JSON.stringify(params)} has no effect, and says so`, async () => {
      const { warnings, manifest } = await encode({ ...fast, ...params }, clip, 3);
      expect(warnings.map((warning) => warning.code)).to.deep.equal([code]);
      expect(warnings[0]?.message).to.include(Object.keys(params)[0]);
      expect((await packets(manifest))[0]).to.have.length(3);
    });
  }

  it('-clones are read in pairs, also of options without a value', async () => {
    const clones = ['-an', '-crf', 33, '-y', '-bf', '1'];
    const encoded = await encode({ '-preset': 'veryfast', '-clones': clones });
    const settings = await x264Settings(encoded);
    expect(settings.get('crf')).to.equal('33.0');
    expect(settings.get('bframes')).to.equal('1');
    expect(encoded.warnings.map(({ message }) => message)).to.deep.equal([
      '-y has no effect: no ffmpeg program is used',
    ]);
    expect(refusals({ '-clones': ['crf', 20] })).to.deep.equal([
      'Expected the name of an option for -clones[0] but received "crf"',
      'Expected the name of an option for -clones[1] but received 20',
    ]);
  });
});

describe('wrong FFmpeg options', () => {
  const PRESETS =
    'ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow, placebo';

  for (const [params, message] of [
    [{ '-crf': 'low' }, 'Expected a number of at least -1 for -crf but received "low"'],
    [{ '-qmin': -5 }, 'Expected a whole number from -1 to 69 for -qmin but received "-5"'],
    [
      { '-preset': 'veryfst' },
      `Expected one of ${PRESETS} for -preset but received "veryfst". Did you mean "veryfast"?`,
    ],
    [
      { '-profile:v': 'hihg' },
      'Expected one of baseline, main, high, high10, high422, high444 for -profile:v but received "hihg". Did you mean "high"?',
    ],
    [{ '-b:v': '5Q' }, 'Expected a bitrate such as "2500k" for -b:v but received "5Q"'],
    [{ '-g': -1 }, 'Expected a whole number of at least 0 for -g but received -1'],
    [{ '-r': 0 }, 'Expected a frame rate such as 30, 29.97 or "30000/1001" for -r but received 0'],
    [
      { '-vcodec': 'libx265x' },
      'Expected a video encoder of the local libavcodec for -vcodec but received "libx265x". Did you mean "libx265"?',
    ],
    [
      { '-aspect': 'wide' },
      'Expected an aspect ratio such as "16:9" for -aspect but received "wide"',
    ],
    [{ '-s': '321x180' }, 'Expected even numbers such as "322x180" for -s but received "321x180"'],
    [
      { '-metadata': 'title' },
      'Expected a tag such as "title=Big Buck Bunny" for -metadata but received "title"',
    ],
    [
      { '-t': 0 },
      'Expected a duration in seconds such as 4, "0.5" or "500ms" for -t but received 0',
    ],
    [
      { '-ss': -1 },
      'Expected a time in seconds such as 4, "0.5" or "500ms" for -ss but received -1',
    ],
    [{ '-ss': 2, '-to': 1 }, 'Expected a time after the start (2 s) for -to but received 1'],
    [{ '-vn': '' }, 'Expected no "-vn", as the renditions are video, for -vn but received ""'],
    [
      { '-i': 'in.mp4' },
      'Expected no input, as it is the -video_source or pushed with stream(), for -i but received "in.mp4"',
    ],
    [{ '-pass': 1 }, 'Expected no passes, as pictures come only once, for -pass but received 1'],
    [{ '-f': 'hls' }, 'Expected the stream\'s own format "dash" for -f but received "hls"'],
    [
      { '-map': '0:v:1' },
      'Expected the pushed video "0:v:0" or an optional stream for -map but received "0:v:1"',
    ],
    [
      { '-crff': 20 },
      'Expected an attribute of StreamGear or an FFmpeg option (of the program, encoder libx264 or muxer mp4) for streamParams but received "-crff". Did you mean "-crf"?',
    ],
  ] as const) {
    it(`${JSON.stringify(params)} is one clear sentence`, () => {
      expect(refusals(params)).to.deep.equal([message]);
    });
  }

  it('-pix_fmt that the encoder does not take names those that it does', () => {
    const [message = ''] = refusals({ '-pix_fmt': 'yuv42p' });
    expect(message).to.match(/^Expected one of yuv420p, .* for -pix_fmt but received "yuv42p"/);
    expect(message).to.match(/Did you mean "yuv420p"\?$/);
    expect(refusals({ '-pix_fmt': 'rgb24' })).to.have.length(1);
  });

  it('-threads and -flags say what they take', () => {
    expect(refusals({ '-threads': -1 })[0]).to.match(/whole number of at least 0.* for -threads/);
    expect(refusals({ '-flags': '+bogus' })[0]).to.match(
      /cgop.* for -flags but received "\+bogus"/,
    );
  });

  it('are options of another encoder, which is named', () => {
    const [message = ''] = refusals({ '-vcodec': 'libvpx-vp9', '-x264-params': 'ref=2' });
    expect(message).to.include('encoder libvpx-vp9');
    expect(message).to.include('received "-x264-params"');
  });

  it('are all told at once, and never change the options of the caller', () => {
    const params = Object.freeze({ '-crf': 'low', '-g': -1, '-crff': 1, '-vf': 'hfilp' });
    expect(refusals(params)).to.have.length(4);
  });

  it('are warnings with strict: false, and the stream goes on', async () => {
    const folder = await mkdtemp(join(base.path, 'run-'));
    const { warnings, manifest } = await pushGear(
      {
        output: join(folder, 'out.mpd'),
        strict: false,
        streamParams: { '-crf': 'low', '-g': -1, '-crff': 1, '-input_framerate': RATE },
      },
      5,
      boxes(),
    );
    expect(warnings.map(({ code }) => code)).to.deep.equal([
      'INVALID_OPTION',
      'INVALID_OPTION',
      'INVALID_OPTION',
    ]);
    expect((await packets(manifest))[0]).to.have.length(5);
  });
});
