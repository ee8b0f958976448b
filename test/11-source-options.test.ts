// Single-Source Mode without libav: what a source is, what is planned for what it holds, and the attributes.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { InvalidOptionsError, StreamError } from '../src/report/errors.js';
import type { WarningEvent } from '../src/report/events.js';
import { Issues } from '../src/check/issues.js';
import { mediaInfoOf } from '../src/source/media-info.js';
import { resolveMediaSource } from '../src/source/media-source.js';
import type { NativeMediaInfo, NativeMediaStream } from '../src/native/native-events.js';
import type { SourceOptions, TrimOptions } from '../src/options/options.js';
import type { StreamPlan } from '../src/plan/resolve.js';
import { checkSource, sourceRequest } from '../src/plan/resolve-source.js';
import type { SourceToOpen } from '../src/plan/resolve-source.js';
import { progressOf, emptySummary } from '../src/stream/stats-of.js';
import type { StreamGearOptions, StreamParams } from '../src/gear/stream-gear-options.js';
import { planStreamGear } from '../src/gear/stream-gear-plan.js';
import type { GearPlan } from '../src/gear/stream-gear-plan.js';
import { getFakeBinding } from './fake-binding.js';
import { planOfMedia, planTranscode } from './support/planned.js';

/** A file that is there. */
const file = import.meta.filename;
const output = join(tmpdir(), 'out.mpd');
const playlist = join(tmpdir(), 'out.m3u8');

const blank: NativeMediaStream = {
  index: 0,
  kind: 'data',
  codec: '',
  profile: '',
  language: '',
  title: '',
  bitrate: 0,
  start: 0,
  duration: -1,
  isDefault: false,
  decodable: true,
  attachedPicture: false,
  width: 0,
  height: 0,
  pixelFormat: '',
  sampleAspectRatio: { num: 1, den: 1 },
  frameRate: { num: 0, den: 1 },
  frameCount: -1,
  rotation: 0,
  mirrored: false,
  interlaced: false,
  colorSpace: '',
  colorPrimaries: '',
  colorTransfer: '',
  colorRange: '',
  hdr: false,
  pictures: {
    width: 0,
    height: 0,
    sampleAspectRatio: { num: 1, den: 1 },
    frameRate: { num: 25, den: 1 },
    colorSpace: 'bt709',
  },
  sampleRate: 0,
  channels: 0,
  channelLayout: '',
  encodedBitrate: 0,
};

const pictures: NativeMediaStream['pictures'] = {
  width: 1440,
  height: 1080,
  sampleAspectRatio: { num: 4, den: 3 },
  frameRate: { num: 30000, den: 1001 },
  colorSpace: 'smpte170m',
};

const video: NativeMediaStream = {
  ...blank,
  kind: 'video',
  codec: 'h264',
  width: 1440,
  height: 1080,
  bitrate: 8_000_000,
  duration: 60,
  pictures,
};
const cover: NativeMediaStream = { ...video, codec: 'mjpeg', attachedPicture: true };
const audio: NativeMediaStream = {
  ...blank,
  kind: 'audio',
  codec: 'aac',
  language: 'eng',
  sampleRate: 48_000,
  channels: 2,
  encodedBitrate: 96_000,
};

/** A container of these streams, the first of each kind its best. */
function media(
  streams: readonly NativeMediaStream[],
  rest: Partial<NativeMediaInfo> = {},
): NativeMediaInfo {
  const indexed = streams.map((stream, index) => ({ ...stream, index }));
  const best = (kind: string): number =>
    indexed.findIndex((stream) => stream.kind === kind && !stream.attachedPicture);
  return {
    url: file,
    format: 'mov',
    start: 0,
    duration: 60.5,
    bitrate: 9_000_000,
    device: false,
    seekable: true,
    durationDeclared: true,
    streams: indexed,
    bestVideo: best('video'),
    bestAudio: best('audio'),
    ...rest,
  };
}

const usual = media([video, audio]);

function plan(options: Partial<SourceOptions> = {}, info = usual): StreamPlan {
  const issues = new Issues();
  const resolved = planTranscode({ output, ...options }, info, issues, getFakeBinding);
  issues.throwIfAny();
  if (resolved === undefined) throw new Error('No plan and no issues');
  return resolved;
}

function wrong(options: object, info = usual): string[] {
  const issues = new Issues();
  planTranscode({ output, ...options }, info, issues, getFakeBinding);
  return issues.list.map(({ message }) => message);
}

/** What is found before the source is open. */
function check(source: unknown, options: object, issues: Issues): SourceToOpen | undefined {
  return checkSource(source, sourceRequest(options, issues), issues, getFakeBinding);
}

function codes({ warnings }: { readonly warnings: readonly WarningEvent[] }): string[] {
  return warnings.map(({ code }) => code);
}

const LIMITS = { protocols: 'file', maxPixels: 8192 * 8192, openTimeout: 30 };
const ON_DISK = {
  ...LIMITS,
  refusedFormats: 'hls,dash,concat,imf,sdp,vobsub,avisynth,vapoursynth',
};
const DEVICE = { ...LIMITS, refusedFormats: '' };

describe('a media source', () => {
  const located = (source: unknown, rest: object = {}): unknown => {
    const issues = new Issues();
    const warnings: WarningEvent[] = [];
    const config = resolveMediaSource(source, {
      path: 'source',
      issues,
      warn: (warning) => void warnings.push(warning),
      getBinding: getFakeBinding,
      ...rest,
    });
    return issues.list.length > 0 ? issues.list.map(({ message }) => message) : config;
  };

  it('is a file, as an absolute path', () => {
    expect(located(file)).to.deep.equal({ url: file, format: '', options: [], limits: ON_DISK });
    expect(located(pathToFileURL(file))).to.deep.include({ url: file });
    expect(located(pathToFileURL(file).href)).to.deep.include({ url: file });
    expect(located('file:package.json')).to.deep.include({
      url: join(process.cwd(), 'package.json'),
    });
    expect(located('package.json')).to.deep.include({ url: join(process.cwd(), 'package.json') });
  });

  it('is a URL or numbered pictures, which libav looks up', () => {
    for (const url of ['rtsp://host/a', 'udp://@:1234', 'shots/%03d.png']) {
      expect(located(url)).to.deep.include({ url });
    }
    expect(located(new URL('http://host/a b'))).to.deep.include({ url: 'http://host/a%20b' });
  });

  it('is a device, as a list or by its format', () => {
    const device = { url: 'hw:1', format: 'alsa' };
    expect(located(['-f', 'alsa', '-i', 'hw:1'])).to.deep.equal({
      ...device,
      options: [],
      limits: DEVICE,
    });
    expect(located('hw:1', { format: 'alsa' })).to.deep.equal({
      ...device,
      options: [],
      limits: DEVICE,
    });
    expect(located([' -f', 'alsa', '-ar', 44_100, '-ac', 1, '-i', 'hw:1'])).to.deep.equal({
      ...device,
      options: [
        ['sample_rate', '44100'],
        ['channels', '1'],
      ],
      limits: DEVICE,
    });
    expect(located(['-thread_queue_size', 512, '-f', 'alsa', '-i', 'hw:1'])).to.deep.include(
      device,
    );
  });

  it('says what is wrong with it, and where', () => {
    const cases: readonly (readonly [source: unknown, message: string])[] = [
      ['nowhere.mp4', 'Expected an existing file for source but received "nowhere.mp4"'],
      [tmpdir(), `Expected a file, not a folder, for source but received "${tmpdir()}"`],
      [
        'file:///%zz',
        'Expected a path, or a URL such as "file:///tmp/name", with "%23" and "%3F" for "#" and "?" for source but received "file:///%zz"',
      ],
      [
        `${pathToFileURL(tmpdir()).href}/take #2.mp4`,
        `Expected a path, or a URL such as "file:///tmp/name", with "%23" and "%3F" for "#" and "?" for source but received "${pathToFileURL(tmpdir()).href}/take #2.mp4"`,
      ],
      [
        5,
        'Expected a path, a URL, or a list such as ["-f", "alsa", "-i", "hw:1"] for source but received 5',
      ],
      [
        ['-f', 'alsa'],
        'Expected a list that ends in "-i" and a name for source but received ["-f","alsa"]',
      ],
      [
        ['-f', 'alsa', '-i', ' '],
        'Expected a path, a URL, or a list such as ["-f", "alsa", "-i", "hw:1"] for source[3] but received ""',
      ],
      [['-f', 'alsa', '-i'], 'Expected a value of -i for source[3] but received nothing'],
      [
        ['-f', 'alsa', '-i', 'hw:1', '-ac', 1],
        'Expected nothing after -i for source[4] but received "-ac"',
      ],
      [
        ['alsa', '-i', 'hw:1'],
        'Expected an option such as "-f" or "-i" for source[0] but received "alsa"',
      ],
      [
        ['-f', 'aslsa', '-ac', 1, '-i', 'hw:1'],
        'Expected a demuxer or device of the local libavformat for source[1] but received "aslsa"',
      ],
    ];
    for (const [source, message] of cases) {
      expect((located(source) as string[])[0], JSON.stringify(source)).to.equal(message);
    }
  });
});

describe('options of a source', () => {
  it('have a default for everything but the output', () => {
    const { config, renditions, total } = plan();
    expect(config.input).to.deep.equal({
      width: 1440,
      height: 1080,
      pixelFormat: 'yuv420p',
      frameRate: { num: 30000, den: 1001 },
      ticksPerSecond: 90_000,
      sampleAspectRatio: { num: 4, den: 3 },
      colorSpace: 'smpte170m',
      fullRange: false,
    });
    expect(config.source).to.deep.equal({
      videoStream: 0,
      start: 0,
      duration: -1,
      copyVideo: false,
      deinterlace: 'auto',
      holdFirst: false,
      holdLast: false,
      threads: 0,
      realtime: false,
    });
    expect(renditions).to.have.length(1);
    expect(renditions[0]).to.deep.include({
      width: 1440,
      height: 1080,
      sampleAspectRatio: { num: 4, den: 3 },
      frameRate: { num: 30000, den: 1001 },
    });
    expect(total).to.equal(60);
  });

  it('have ticks fine enough for any frame time, whatever the rate', () => {
    for (const [num, den] of [
      [24000, 1001],
      [25, 1],
      [2997, 100],
      [59, 1],
      [240, 1],
      [1_000_000, 33_367],
    ] as const) {
      const stream = { ...video, pictures: { ...pictures, frameRate: { num, den } } };
      const { ticksPerSecond } = plan({}, media([stream])).config.input;
      expect(ticksPerSecond).to.be.at.least(90_000);
      expect(ticksPerSecond % num).to.equal(0);
    }
  });

  it('scale the ladder from the upright pictures', () => {
    const turned = {
      ...pictures,
      width: 1080,
      height: 1920,
      sampleAspectRatio: { num: 1, den: 1 },
    };
    const phone = { ...video, width: 1920, height: 1080, rotation: 90 as const, pictures: turned };
    const { renditions } = plan({ renditions: [{}, { height: 640 }] }, media([phone]));
    expect(renditions.map(({ width, height }) => [width, height])).to.deep.equal([
      [1080, 1920],
      [360, 640],
    ]);
  });

  it('trim by seeking, and know what is to come', () => {
    const source = (trim: TrimOptions, info = usual): unknown => {
      const { config, total } = plan({ trim }, info);
      return [config.source?.start, config.source?.duration, total];
    };
    expect(source({ start: 10 })).to.deep.equal([10, -1, 50]);
    expect(source({ start: '00:00:10', end: 40 })).to.deep.equal([10, 30, 30]);
    expect(source({ start: 50, duration: 30 })).to.deep.equal([50, 30, 10]);
    const guessed = media([video], { durationDeclared: false });
    expect(source({ start: 70 }, guessed)).to.deep.equal([70, -1, undefined]);
    const endless = media([{ ...video, duration: -1 }], { duration: -1 });
    expect(source({ start: 10 }, endless)).to.deep.equal([10, -1, undefined]);
    expect(source({ duration: 5 }, endless)).to.deep.equal([0, 5, 5]);
    // A stream's own header may be wrong: the container's duration counts where it is longer.
    const misheaded = media([{ ...video, duration: 2 }]);
    expect(source({ start: 10 }, misheaded)).to.deep.equal([10, -1, undefined]);
    expect(wrong({ trim: { start: 60.5 } })).to.deep.equal([
      "Expected a time before the source's end (60.5 s) for trim.start but received 60.5",
    ]);
  });

  it('take the best video, or the track that is asked for, covers not counted', () => {
    const info = media([cover, video, { ...video, codec: 'hevc' }, audio], { bestVideo: 2 });
    const stream = (videoTrack?: number): number | undefined =>
      plan(videoTrack === undefined ? {} : { input: { videoTrack } }, info).config.source
        ?.videoStream;
    expect(stream()).to.equal(2);
    expect(stream(0)).to.equal(1);
    expect(stream(1)).to.equal(2);
    expect(wrong({ input: { videoTrack: 2 } }, info)).to.deep.equal([
      'Expected a video track from 0 to 1 for input.videoTrack but received 2',
    ]);
    expect(wrong({ input: { videoTrack: 1 } })).to.deep.equal([
      'Expected no other video track than 0, as the source has one, for input.videoTrack but received 1',
    ]);
  });

  it('need a video', () => {
    for (const [streams, held] of [
      [[audio, cover], 'audio and a cover'],
      [[], 'nothing'],
    ] as const) {
      expect(() => plan({}, media(streams)))
        .to.throw(StreamError, `which holds ${held}`)
        .with.property('code', 'NO_VIDEO');
    }
  });

  it('slide only over what comes in real time', () => {
    const packaging = { live: true };
    expect(wrong({ packaging })).to.deep.equal([
      'Expected no live window, as a recording is transcoded as fast as it goes (input.realtime reads it as it plays), for packaging.live but received {}',
    ]);
    const camera = media([{ ...video, duration: -1 }], { duration: -1, device: true });
    expect(plan({ packaging }, camera).config.packaging.live).to.equal(true);
    expect(plan({ packaging, input: { realtime: true } }).config.source?.realtime).to.equal(true);
    expect(wrong({ packaging: { live: false } })).to.deep.equal([]);
  });

  it('tell every wrong value before the source is open, its own too', () => {
    const issues = new Issues();
    const options = {
      output,
      input: { videoTrack: -1, deinterlace: 'perhaps', format: 'alsa', options: { channels: 2 } },
      renditions: [{ frameRate: 500 }, { bitrate: '5Q' }],
      video: { codec: 'libx26', filter: 'crop=9000:9000' },
      audio: { codec: 'aacc', track: 7 },
      onProgress: true,
      whenFull: 'wait',
    };
    expect(check('hw:1', options, issues)).to.equal(undefined);
    expect(issues.list.map(({ path }) => path)).to.have.members([
      'input.videoTrack',
      'input.deinterlace',
      'renditions[1].bitrate',
      'onProgress',
      'options.whenFull',
      'video.codec',
      'audio.codec',
    ]);
    const late = new Issues();
    check('nowhere.mp4', { output, audio: { codec: 'aacc' } }, late);
    expect(late.list.map(({ path }) => path)).to.have.members(['source', 'audio.codec']);
  });

  it('do not let the source be overwritten', () => {
    for (const [source, out] of [
      ['a.m3u8', 'a.m3u8'],
      ['stream_0.m3u8', 'b.m3u8'],
      ['init_1.mp4', 'b.m3u8'],
    ] as const) {
      const issues = new Issues();
      const path = join(tmpdir(), source);
      const given = { output: join(tmpdir(), out), input: { format: 'any' } };
      expect(check(path, given, issues)).to.equal(undefined);
      expect(issues.list.map(({ message }) => message)).to.deep.equal([
        `Expected a place where the source is not overwritten for output but received "${given.output}"`,
      ]);
    }
  });

  it('do not show passwords', () => {
    const info = media([audio], { url: 'https://me:secret@host/a@b.mp3' });
    expect(() => plan({}, info)).to.throw('received "https://host/a@b.mp3"');
  });

  it('wait with the filter until the pictures are known', () => {
    const issues = new Issues();
    const options = { output, video: { filter: 'crop=1400:1000' } };
    expect(check(file, options, issues)?.config.url).to.equal(file);
    expect(plan({ video: { filter: 'crop=1400:1000' } }).renditions[0]).to.include({ width: 1400 });
    expect(wrong({ video: { filter: 'crop=1500:1000' } })[0]).to.match(/^Expected a filter chain/);
  });
});

describe('copied video', () => {
  const copy = { video: { codec: 'copy' } };

  it('is one rendition as the source is', () => {
    const { config, renditions } = plan(copy);
    expect(config.source?.copyVideo).to.equal(true);
    expect(config.renditions).to.have.length(1);
    expect(config.renditions[0]).to.include({ codec: 'copy', width: 1440, bitrate: 8_000_000 });
    expect(config.renditions[0]?.options).to.deep.equal([]);
    expect(renditions[0]?.frameRate).to.deep.equal({ num: 30000, den: 1001 });
    const unknown = media([{ ...video, bitrate: 0 }]);
    expect(plan(copy, unknown).renditions[0]?.bitrate).to.equal(9_000_000);
  });

  it('leaves nothing for an encoder to do', () => {
    expect(
      wrong({
        video: { codec: 'copy', crf: 20, filter: 'hflip', options: { bf: 1 } },
        renditions: [{ bitrate: '1M' }, { height: 360 }],
      }),
    ).to.deep.equal([
      'Expected one rendition, as copied video has one version, for renditions but received 2',
      'Expected nothing, as copied video is not encoded, for video.crf but received 20',
      'Expected nothing, as copied video is not encoded, for video.filter but received "hflip"',
      'Expected nothing, as copied video is not encoded, for video.options but received {"bf":"1"}',
      'Expected nothing, as copied video is not encoded, for renditions[0].bitrate but received 1000000',
    ]);
  });

  it('must be of a codec that the segments hold', () => {
    const mpeg2 = media([{ ...video, codec: 'mpeg2video' }]);
    expect(wrong(copy, mpeg2)).to.deep.equal([
      'Expected an encoder such as "libx264", as segments do not hold the source\'s mpeg2video, for video.codec but received "copy"',
    ]);
    const vp9 = media([{ ...video, codec: 'vp9' }]);
    expect(plan(copy, vp9).config.source?.copyVideo).to.equal(true);
    expect(
      wrong({ ...copy, output: playlist, packaging: { segmentType: 'mpegts' } }, vp9)[0],
    ).to.match(/hold only h264 or hevc and not vp9/);
  });

  it('is encoded all the same when it has to be turned', () => {
    for (const turn of [{ rotation: 90 as const }, { mirrored: true }]) {
      const turned = media([{ ...video, ...turn }]);
      expect(plan(copy, turned).config.source?.copyVideo).to.equal(false);
      expect(codes(plan(copy, turned))).to.deep.equal(['COPY_REPLACED']);
    }
  });
});

describe('audio of a source', () => {
  const codecOf = (options: Partial<SourceOptions>, info = usual): string | undefined =>
    plan(options, info).config.audio?.renditions[0]?.codec;
  const ladder = { renditions: [{}, { height: 360 }] };
  const mpegts = { output: playlist, packaging: { segmentType: 'mpegts' as const } };

  it('is copied where nothing else is asked for and the segments take it', () => {
    expect(plan().config.audio).to.include({ origin: 'source', stream: 1 });
    expect(codecOf({})).to.equal('copy');
    expect(codecOf(mpegts)).to.equal('copy');
    const opus = media([video, { ...audio, codec: 'opus' }]);
    expect(codecOf({}, opus)).to.equal('copy');
    expect(codecOf(mpegts, opus)).to.equal('aac');
    expect(codecOf({}, media([video, { ...audio, codec: 'vorbis' }]))).to.equal('aac');
  });

  it('is AAC beside a ladder, or when something is asked of it', () => {
    expect(codecOf(ladder)).to.equal('aac');
    for (const asked of [
      { bitrate: '96k' },
      { channels: 1 },
      { sampleRate: 44_100 },
      { filter: 'volume=0.5' },
      { fillGaps: true },
    ]) {
      expect(codecOf({ audio: asked })).to.equal('aac');
    }
    expect(codecOf({ renditions: [{ audioBitrate: '96k' }] })).to.equal('aac');
    expect(codecOf({ audio: { codec: 'libopus' } })).to.equal('libopus');
    expect(codecOf({ ...ladder, audio: { codec: 'copy' } })).to.equal('copy');
    expect(codecOf({ audio: { language: 'de', name: 'Deutsch' } })).to.equal('copy');
  });

  it('is one rendition where its own bitrate is asked for', () => {
    const bitrates = (options: Partial<SourceOptions>): number[] | undefined =>
      plan(options).config.audio?.renditions.map(({ bitrate }) => bitrate);
    const at = (audioBitrate: string): Partial<SourceOptions> => ({
      renditions: [{}, { height: 360, audioBitrate }],
    });
    expect(bitrates(at('96k'))).to.deep.equal([96_000]);
    expect(bitrates(at('64k'))).to.deep.equal([96_000, 64_000]);
    expect(bitrates({ ...at('64k'), audio: { bitrate: '64k' } })).to.deep.equal([64_000]);
  });

  it('is left out, or replaced, or not there', () => {
    expect(plan({ audio: false }).config.audio).to.equal(null);
    const external = plan({ audio: { source: file } }).config.audio;
    expect(external).to.include({ origin: 'input', stream: -1 });
    expect(external?.input.url).to.equal(file);
    const silent = media([video]);
    expect(plan({}, silent).config.audio).to.equal(null);
    expect(codes(plan({}, silent))).to.deep.equal([]);
    expect(codes(plan({ audio: { bitrate: '96k' } }, silent))).to.deep.equal(['NO_AUDIO']);
    const unknown = media([video, { ...audio, sampleRate: 0 }]);
    expect(plan({}, unknown).config.audio).to.equal(null);
    expect(codes(plan({}, unknown))).to.deep.equal(['NO_AUDIO']);
    expect(wrong({ audio: { push: { sampleRate: 48_000 } } })[0]).to.match(
      /^Expected no samples, as a source does not wait for them, for audio.push/,
    );
  });

  it('is the best track, or the one that is asked for, and the log says which', () => {
    const french = { ...audio, codec: 'ac3', language: 'fre', title: 'Version', channels: 6 };
    const info = media([video, audio, french], { bestAudio: 2 });
    expect(plan({}, info).config.audio?.stream).to.equal(2);
    expect(plan({}, info).log).to.deep.equal([
      {
        level: 'info',
        message:
          'Audio track 1 of 2 is taken (ac3, 6 channels, fre, Version): audio.track or -map 0:a:N choose another',
      },
    ]);
    expect(plan({ audio: { track: 0 } }, info).config.audio?.stream).to.equal(1);
    expect(wrong({ audio: { track: 2 } }, info)).to.deep.equal([
      'Expected an audio track from 0 to 1 for audio.track but received 2',
    ]);
    expect(wrong({ audio: { track: 0 } }, media([video]))).to.deep.equal([
      'Expected nothing, as the source has no audio, for audio.track but received 0',
    ]);
  });
});

describe('a video track that cannot be decoded', () => {
  const unknown = { ...video, codec: 'vvc1', decodable: false };

  it('is left out where native code takes another one, and told', () => {
    const found = { ...media([unknown, video]), bestVideo: 1 };
    const { config, warnings } = plan({ audio: false }, found);
    expect(config.source?.videoStream).to.equal(1);
    expect(warnings).to.deep.equal([
      {
        code: 'TRACK_LEFT_OUT',
        message:
          'Video track 0 of the source (vvc1) is left out: this libavcodec has no decoder of vvc1',
      },
    ]);
    const named = plan({ audio: false, input: { videoTrack: 1 } }, found);
    expect(named.warnings).to.deep.equal([]);
  });

  it('is for the decoder to refuse where it is the only one, or asked for', () => {
    expect(plan({ audio: false }, media([unknown])).warnings).to.deep.equal([]);
    const found = { ...media([unknown, video]), bestVideo: 1 };
    const { config, warnings } = plan({ audio: false, input: { videoTrack: 0 } }, found);
    expect(config.source?.videoStream).to.equal(0);
    expect(warnings).to.deep.equal([]);
  });
});

describe('an audio track that cannot be decoded', () => {
  const unknown = { ...audio, codec: 'ac-4', decodable: false };
  const silent = { ...audio, sampleRate: 0 };

  for (const [bad, reason] of [
    [unknown, 'this libavcodec has no decoder of ac-4'],
    [silent, 'nobody knows its sample rate'],
  ] as const) {
    it(`is left out, and another one is taken: ${reason}`, () => {
      for (const tracks of [
        [bad, audio],
        [audio, bad],
      ]) {
        const { config, warnings } = plan({}, media([video, ...tracks]));
        expect(config.audio?.stream).to.equal(tracks.indexOf(audio) + 1);
        const number = String(tracks.indexOf(bad));
        expect(warnings.map(({ code }) => code)).to.deep.equal(['TRACK_LEFT_OUT']);
        expect(warnings[0]?.message).to.match(
          new RegExp(`^Audio track ${number} of the source .*${reason}$`, 'u'),
        );
        // Numbers are those of the file.
        const named = plan({ audio: { track: tracks.indexOf(audio) } }, media([video, ...tracks]));
        expect(named.config.audio?.stream).to.equal(tracks.indexOf(audio) + 1);
        expect(
          wrong({ audio: { track: Number(number) } }, media([video, ...tracks])),
        ).to.deep.equal([
          `Expected a track that can be taken (${reason}) for audio.track but received ${number}`,
        ]);
      }
    });

    it(`is left out where there is no other: ${reason}`, () => {
      const { config, warnings } = plan({}, media([video, bad]));
      expect(config.audio).to.equal(null);
      expect(warnings).to.deep.equal([
        { code: 'NO_AUDIO', message: `The audio of the source is left out: ${reason}` },
      ]);
    });
  }
});

describe('holdPicture', () => {
  const refused = (options: object): string[] => {
    const issues = new Issues();
    check(file, { output, input: { holdPicture: 'last' }, ...options }, issues);
    return issues.list.map(({ message }) => message);
  };

  it('is for pictures that are decoded, with the sound of the source', () => {
    expect(refused({})).to.deep.equal([]);
    expect(refused({ video: { codec: 'copy' } })[0]).to.match(/^Expected "none", as copied video/);
    const own = /^Expected "none", as the sound of the source itself is not taken,/;
    expect(refused({ audio: false })[0]).to.match(own);
    expect(refused({ audio: { source: file } })[0]).to.match(own);
    expect(refused({ input: { holdPicture: true } })).to.have.length(1);
  });

  it('moves the begin of the times to that of the sound', () => {
    const late = media([
      { ...video, start: 5, duration: 10 },
      { ...audio, duration: 20 },
    ]);
    const of = (options: Partial<SourceOptions>): object => {
      const { config, total } = plan(options, late);
      return { ...config.source, total };
    };
    expect(of({})).to.include({ holdFirst: false, holdLast: false, start: 0, total: 10 });
    expect(of({ input: { holdPicture: 'first' } })).to.include({ holdFirst: true, total: 15 });
    expect(of({ input: { holdPicture: 'last' } })).to.include({ holdLast: true, total: 15 });
    const input = { holdPicture: 'both' } as const;
    expect(of({ input, trim: { start: 2 } })).to.include({ start: 2, total: 18 });
    expect(of({ input, trim: { start: 7 } })).to.include({ start: 7, total: 13 });
    // Of a tenth of a second no picture is held.
    const soon = media([
      { ...video, start: 0.08, duration: 10 },
      { ...audio, duration: 10.16 },
    ]);
    expect(plan({ input, trim: { start: 2 } }, soon)).to.include({ total: 8 });
  });
});

describe('-video_source', () => {
  function gearPlan(params: StreamParams, rest: Partial<StreamGearOptions> = {}): GearPlan {
    const streamParams = { '-video_source': file, ...params };
    return planStreamGear({ output, streamParams, ...rest }, getFakeBinding);
  }

  /** What the attributes make of a source. */
  function planned(
    params: StreamParams,
    info = usual,
    rest: Partial<StreamGearOptions> = {},
  ): StreamPlan {
    return planOfMedia(gearPlan(params, rest), info, getFakeBinding);
  }

  function issuesOf(params: object, rest: object = {}): Record<string, string> {
    try {
      gearPlan(params as StreamParams, rest);
    } catch (error) {
      const { issues } = error as InvalidOptionsError;
      return Object.fromEntries(issues.map(({ path, message }) => [path, message]));
    }
    return {};
  }

  const hls = { output: playlist, format: 'hls' };
  const streams = [{ '-resolution': '640x360', '-video_bitrate': '500k' }];

  it('makes it Single-Source Mode', () => {
    const { mode, source } = gearPlan({});
    expect(mode).to.equal('single-source');
    expect(source?.config).to.deep.equal({ url: file, format: '', options: [], limits: ON_DISK });
    expect(planStreamGear({ output }, getFakeBinding)).to.include({
      mode: 'real-time',
      source: undefined,
    });
    const list = gearPlan({ '-video_source': ['-f', 'alsa', '-channels', 1, '-i', ' hw:1 '] });
    expect(list.source?.config).to.deep.equal({
      url: 'hw:1',
      format: 'alsa',
      options: [['channels', '1']],
      limits: DEVICE,
    });
    expect(gearPlan({ '-video_source': pathToFileURL(file) }).source?.config.url).to.equal(file);
  });

  it('is refused by its name, with everything else that is wrong', () => {
    expect(issuesOf({ '-video_source': 'nowhere.mp4', '-bpp': 0 })).to.have.all.keys(
      '-video_source',
      '-bpp',
    );
    expect(issuesOf({ '-video_source': ['-f', 'alsa', '-i'] })).to.have.all.keys(
      '-video_source[3]',
    );
  });

  it('gives a rendition without a bitrate the one of its size and rate', () => {
    const bitrates = (more: StreamParams): number[] =>
      planned({ '-streams': [{ '-resolution': '640x360' }], ...more }).config.renditions.map(
        ({ bitrate }) => bitrate,
      );
    const { num, den } = usual.streams[0]?.pictures.frameRate ?? { num: 0, den: 1 };
    expect(bitrates({})[1]).to.be.closeTo((640 * 360 * 0.1 * num) / den, 1000);
    expect(bitrates({ '-bpp': 0.2 })[1]).to.be.closeTo((640 * 360 * 0.2 * num) / den, 1000);
  });

  it('streams live only what may have no end, and does not drop', () => {
    expect(issuesOf({ '-livestream': true })).to.have.all.keys('-livestream');
    for (const source of ['rtsp://camera/1', ['-f', 'lavfi', '-i', 'testsrc']]) {
      expect(issuesOf({ '-video_source': source, '-livestream': true })).to.deep.equal({});
    }
    expect(issuesOf({ '-livestream': false })).to.deep.equal({});
    expect(issuesOf({}, { whenFull: 'drop' })).to.have.all.keys('whenFull');
    expect(issuesOf({}, { whenFull: 'wait' })).to.deep.equal({});
  });

  it('has a size and rate of its own, with the ladder behind', () => {
    const { renditions } = planned({ '-streams': streams });
    expect(renditions.map(({ width, height }) => [width, height])).to.deep.equal([
      [1440, 1080],
      [640, 360],
    ]);
    expect(codes(gearPlan({ '-input_framerate': 30 }))).to.deep.equal(['IGNORED_OPTION']);
    expect(planned({ '-r': 15 }).renditions[0]?.frameRate).to.deep.equal({ num: 15, den: 1 });
    expect(() => planned({ '-r': 60 }))
      .to.throw(InvalidOptionsError)
      .with.nested.property('issues[0].path', '-r');
  });

  it('is trimmed by -ss, -t and -to', () => {
    expect(planned({ '-ss': 10, '-t': 5 }).config.source).to.include({ start: 10, duration: 5 });
    expect(planned({ '-ss': '00:00:10', '-to': '20' }).config.source).to.include({ duration: 10 });
    expect(() => planned({ '-ss': 100 })).to.throw(/source's end \(60\.5 s\) for -ss/);
  });

  it('brings its audio, unless -an, -map or -audio say otherwise', () => {
    expect(planned({}).config.audio).to.include({ origin: 'source', stream: 1 });
    expect(planned({}, usual, hls).config.audio?.renditions[0]?.codec).to.equal('copy');
    expect(planned({ '-streams': streams }).config.audio?.renditions[0]?.codec).to.equal('aac');
    expect(planned({ '-an': '' }).config.audio).to.equal(null);
    expect(planned({ '-clones': ['-an'] }).config.audio).to.equal(null);
    expect(planned({ '-an': '', '-acodec': 'aac' }).config.audio).to.equal(null);
    expect(planned({ '-audio': file }).config.audio).to.include({ origin: 'input' });
    const two = media([video, audio, { ...audio, language: 'fre' }]);
    expect(planned({ '-map': '0:a:1' }, two).config.audio?.stream).to.equal(2);
    expect(
      planned({ '-clones': ['-map', '0:v:0', '-map', '0:a:1?'] }, two).config.audio?.stream,
    ).to.equal(2);
    expect(planned({ '-map': '0' }, two).config.audio?.stream).to.equal(1);
    expect(() => planned({ '-map': '0:a:4' }, two)).to.throw(/audio track from 0 to 1 for -map/);
    expect(issuesOf({ '-map': '1:v' })).to.have.all.keys('-map');
  });

  it('is encoded to what audio attributes ask for', () => {
    const { audio: config } = planned({ '-acodec': 'libopus', '-b:a': '96k', '-ac': 1 }).config;
    expect(config?.renditions[0]).to.deep.include({ codec: 'libopus', bitrate: 96_000 });
    expect(config?.channels).to.equal(1);
    const silent = media([video]);
    expect(codes(planned({ '-acodec': 'libopus' }, silent))).to.deep.equal(['NO_AUDIO']);
    expect(issuesOf({ '-acodec': 'libopsu' })).to.have.all.keys('-acodec');
  });

  it('is copied with -vcodec copy, unless something needs an encoder', () => {
    expect(planned({ '-vcodec': 'copy' }).config.source?.copyVideo).to.equal(true);
    for (const [params, reason] of [
      [{ '-streams': streams }, '-streams'],
      [{ '-vf': 'hflip' }, '-vf'],
      [{ '-r': 15 }, '-r'],
      [{ '-s': '640x360' }, '-s'],
      [{ '-pix_fmt': 'yuv422p' }, '-pix_fmt'],
    ] as const) {
      const { warnings } = gearPlan({ '-c:v': 'copy', ...params });
      expect(warnings).to.deep.equal([
        {
          code: 'COPY_REPLACED',
          message: `-c:v "copy" has no effect: ${reason} needs an encoder`,
        },
      ]);
      expect(planned({ '-c:v': 'copy', ...params }).config.renditions[0]?.codec).to.equal(
        'libx264',
      );
    }
  });

  it('warns of what has no effect on copied packets', () => {
    const params = {
      '-vcodec': 'copy',
      '-crf': 20,
      '-gop': 10,
      '-b:v': '1M',
      '-preset:v:0': 'fast',
    };
    const gear = gearPlan(params);
    expect(gear.warnings.map(({ message }) => message)).to.have.members([
      '-crf has no effect: the video is copied',
      '-gop has no effect: the video is copied',
      '-b:v has no effect: the video is copied',
      '-preset:v:0 has no effect: the video is copied',
    ]);
    expect(planOfMedia(gear, usual, getFakeBinding).config.source?.copyVideo).to.equal(true);
  });
});

describe('progress', () => {
  const stats = {
    ...emptySummary(
      { roots: [], manifest: output, target: output, folder: undefined, protocol: undefined },
      'dash',
    ),
    duration: 15,
    elapsed: 5,
    framesEncoded: 450,
    fps: 90,
  };

  it('tells time, speed and what is left', () => {
    expect(progressOf(stats, 60, false)).to.deep.include({
      time: 15,
      total: 60,
      done: 0.25,
      fps: 90,
      speed: 3,
      timeLeft: 15,
    });
  });

  it('is done at the end only, and then whole', () => {
    expect(progressOf({ ...stats, duration: 61 }, 60, false).done).to.be.lessThan(1);
    expect(progressOf({ ...stats, duration: 59.9 }, 60, true)).to.deep.include({
      total: 59.9,
      done: 1,
      timeLeft: 0,
    });
  });

  it('leaves out what nobody knows', () => {
    expect(progressOf(stats, undefined, false)).to.not.have.any.keys('total', 'done', 'timeLeft');
    expect(progressOf(stats, undefined, true)).to.not.have.any.keys('total', 'done', 'timeLeft');
    expect(progressOf({ ...stats, elapsed: 0 }, 60, false)).to.not.have.property('timeLeft');
  });
});

describe('media info', () => {
  it('has no value for what nobody knows', () => {
    const info = mediaInfoOf(media([{ ...video, frameRate: { num: 30, den: 1 } }, audio, blank]));
    expect(info).to.deep.include({
      url: file,
      duration: 60.5,
      bitrate: 9_000_000,
      isDevice: false,
    });
    expect(info.video).to.equal(info.streams[0]);
    expect(info.audio).to.equal(info.streams[1]);
    expect(info.video).to.deep.include({ kind: 'video', duration: 60, pictures });
    expect(info.video).to.not.have.any.keys(
      'language',
      'title',
      'profile',
      'frameCount',
      'colorSpace',
    );
    expect(info.audio).to.include({ kind: 'audio', language: 'eng', channels: 2 });
    expect(info.audio).to.not.have.any.keys('width', 'pictures', 'channelLayout', 'duration');
    expect(Object.keys(info.streams[2] ?? {})).to.have.members([
      'index',
      'kind',
      'codec',
      'start',
      'isDefault',
    ]);
    const camera = mediaInfoOf(media([{ ...video, duration: -1 }], { duration: -1, bitrate: 0 }));
    expect(camera).to.not.have.any.keys('duration', 'bitrate', 'audio');
  });
});
