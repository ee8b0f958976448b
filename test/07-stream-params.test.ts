// Stream params: the original's attributes and FFmpeg options become options of AdaptiveStream.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { InvalidOptionsError } from '../src/report/errors.js';
import type { NativePipelineConfig } from '../src/native/native-config.js';
import type { StreamPlan } from '../src/plan/resolve.js';
import type { StreamGearOptions, StreamParams } from '../src/gear/stream-gear-options.js';
import { planStreamGear } from '../src/gear/stream-gear-plan.js';
import type { GearPlan } from '../src/gear/stream-gear-plan.js';
import { getFakeBinding } from './fake-binding.js';
import { planOfFrame } from './support/planned.js';

const outputs = { dash: join(tmpdir(), 'out.mpd'), hls: join(tmpdir(), 'out.m3u8') };

function gearPlan(streamParams: StreamParams, rest: Partial<StreamGearOptions> = {}): GearPlan {
  return planStreamGear({ output: outputs.dash, streamParams, ...rest }, getFakeBinding);
}

/** What the first frame, of 1920x1080, makes of the attributes. */
function streamPlan(streamParams: StreamParams, rest: Partial<StreamGearOptions> = {}): StreamPlan {
  return planOfFrame(gearPlan(streamParams, rest), { width: 1920, height: 1080 });
}

function configOf(
  streamParams: StreamParams,
  rest: Partial<StreamGearOptions> = {},
): NativePipelineConfig {
  return streamPlan(streamParams, rest).config;
}

function encoderOptions(streamParams: StreamParams, rendition = 0): Record<string, string> {
  return Object.fromEntries(configOf(streamParams).renditions[rendition]?.options ?? []);
}

function issuesOf(streamParams: object, rest: object = {}): Record<string, string> {
  try {
    gearPlan(streamParams as StreamParams, rest);
  } catch (error) {
    expect(error).to.be.instanceOf(InvalidOptionsError);
    const { issues } = error as InvalidOptionsError;
    return Object.fromEntries(issues.map(({ path, message }) => [path, message]));
  }
  return {};
}

const hls = { output: outputs.hls, format: 'hls' };
const ladder = [
  { '-resolution': '1280x720', '-video_bitrate': '2500k' },
  { '-resolution': '640x360', '-framerate': 60 },
];

describe("StreamGear's attributes", () => {
  it('have the defaults of the original, or ours where ours differ', () => {
    const config = configOf({});
    expect(config.input.frameRate).to.deep.equal({ num: 25, den: 1 });
    expect(config.renditions.map(({ bitrate }) => bitrate)).to.deep.equal([5_184_000]);
    expect(config.packaging.live).to.equal(false);
    expect(config.packaging.manifests[0]).to.include({ format: 'dash', window: 0 });
    expect(config.grid.segmentDuration / config.input.ticksPerSecond).to.equal(4);
    expect(configOf({}, hls).packaging.manifests[0]?.format).to.equal('hls');
    expect(configOf({}, hls).packaging).to.include({
      segmentType: 'mpegts',
      segmentName: 'chunk-stream-%03d.ts',
      playlistType: 'vod',
    });
  });

  it('-streams are renditions after the source', () => {
    const { renditions } = configOf({ '-streams': ladder });
    expect(renditions.map(({ width, height }) => `${width}x${height}`)).to.deep.equal([
      '1920x1080',
      '1280x720',
      '640x360',
    ]);
    expect(renditions.map(({ bitrate }) => bitrate)).to.deep.equal([
      5_184_000, 2_500_000,
      // -framerate is only for the bitrate: every frame is encoded.
      1_382_000,
    ]);
    expect(renditions.map(({ frameRate }) => frameRate.num)).to.deep.equal([0, 0, 0]);
  });

  it('-bpp and -input_framerate make bitrates', () => {
    const bitrate = (streamParams: StreamParams): number | undefined =>
      configOf(streamParams).renditions[0]?.bitrate;
    expect(bitrate({ '-bpp': 0.05 })).to.equal(2_592_000);
    expect(bitrate({ '-input_framerate': 50 })).to.equal(10_368_000);
  });

  it('-gop, -seg_duration and -hls_time keep fractions', () => {
    const grid = configOf({ '-gop': 10, '-seg_duration': '0.5' }).grid;
    expect(grid).to.deep.equal({ segmentDuration: 45_000, gopDuration: 36_000 });
    expect(configOf({ '-hls_time': 1.5 }, hls).grid.segmentDuration).to.equal(135_000);
    expect(configOf({ '-min_seg_duration': 2_500_000 }).grid.segmentDuration).to.equal(225_000);
  });

  it('-livestream slides, and its sizes are honoured one by one', () => {
    const windowOf = (params: StreamParams): object | undefined =>
      configOf(params).packaging.manifests[0];
    expect(windowOf({ '-livestream': true })).to.include({ window: 5, extraWindow: 5 });
    const sizes = { '-livestream': true, '-window_size': 4, '-extra_window_size': 9 };
    expect(windowOf(sizes)).to.include({ window: 4, extraWindow: 9 });
    const playlists = configOf({ '-livestream': true }, hls).packaging;
    expect(playlists.manifests[0]?.window).to.equal(6);
    expect(playlists).to.include({
      deleteSegments: true,
      discontinuityStart: true,
      programDateTime: true,
    });
    expect(encoderOptions({ '-livestream': true })).to.include({ tune: 'zerolatency', bf: '0' });
    expect(encoderOptions({})).not.to.have.property('tune');
  });

  it('-hls_flags replace the defaults', () => {
    const flags = (value: string, live = true): NativePipelineConfig['packaging'] =>
      configOf({ '-livestream': live, '-hls_flags': value }, hls).packaging;
    expect(flags('omit_endlist+round_durations')).to.include({
      deleteSegments: false,
      omitEndlist: true,
      roundDurations: true,
    });
    expect(flags('+delete_segments').deleteSegments).to.equal(true);
    expect(flags('program_date_time', false).programDateTime).to.equal(true);
    const { warnings } = gearPlan({ '-hls_flags': 'split_by_time' }, hls);
    expect(warnings.map(({ code }) => code)).to.deep.equal(['IGNORED_OPTION']);
  });

  it('trims keys and values and leaves the caller alone', () => {
    const params = Object.freeze({
      ' -vcodec ': ' libx265 ',
      '-streams': Object.freeze([
        Object.freeze({ ' -resolution': ' 640x360 ', '-video_bitrate': '900k ' }),
      ]),
    }) as unknown as StreamParams;
    const config = configOf(params);
    expect(config.renditions.map(({ codec }) => codec)).to.deep.equal(['libx265', 'libx265']);
    expect(config.renditions[1]?.bitrate).to.equal(900_000);
  });

  it('warns of what has no meaning here', () => {
    const codes = (params: StreamParams, rest = {}): string[] =>
      gearPlan(params, rest).warnings.map(({ code }) => code);
    expect(codes({ '-ffmpeg_download_path': '/x', '-enable_force_termination': true })).to.eql([
      'NO_PROGRAM',
      'NO_PROGRAM',
    ]);
    expect(codes({}, { custom_ffmpeg: '/usr/bin/ffmpeg' })).to.eql(['NO_PROGRAM']);
    expect(codes({ '-window_size': 3 })).to.eql(['IGNORED_OPTION']);
    expect(codes({ '-vcodec': 'copy' })).to.eql(['COPY_REPLACED']);
    expect(codes({ '-acodec': 'aac', '-b:a:0': '96k' })).to.eql(['NO_AUDIO', 'NO_AUDIO']);
    expect(codes({ '-y': '', '-hide_banner': '' })).to.eql(['IGNORED_OPTION', 'IGNORED_OPTION']);
    expect(codes({ '-shortest': '', '-an': '' })).to.eql([]);
  });
});

describe('attributes that mean nothing beside the others', () => {
  const live = { '-livestream': true };
  const software = [{}, /fallback has no effect: libx264/, { fallback: true }] as const;
  const cases: readonly (readonly [StreamParams, RegExp, Partial<StreamGearOptions>])[] = [
    [{ '-hls_fmp4_init_filename': 'i.mp4' }, /^-hls_fmp4_init_filename has no effect/, hls],
    [
      { '-clear_prev_assets': true },
      /^-clear_prev_assets has no effect/,
      { output: 'http://localhost/out.mpd' },
    ],
    [{ '-sws_flags': 'accurate_rnd' }, /^-sws_flags accurate_rnd has no effect/, {}],
    [
      { ...live, '-window_size': 0, '-extra_window_size': 3 },
      /^-extra_window_size has no effect/,
      {},
    ],
    [
      { ...live, '-hls_flags': 'omit_endlist', '-hls_delete_threshold': 3 },
      /^-hls_delete_threshold has no effect/,
      hls,
    ],
    [
      { ...live, '-hls_flags': 'delete_segments-program_date_time' },
      /^-hls_flags program_date_time has no effect: .*PROGRAM-DATE-TIME/,
      hls,
    ],
    software,
  ];
  for (const [params, says, rest] of cases) {
    it(`are told: ${JSON.stringify({ ...params, ...rest })}`, () => {
      const plan = gearPlan(params, rest);
      const outlined = planOfFrame(plan, { width: 640, height: 360 }).warnings;
      const ignored = [...plan.warnings, ...outlined].filter(
        ({ code }) => code === 'IGNORED_OPTION',
      );
      expect(ignored).to.have.length(1);
      expect(ignored[0]?.message).to.match(says);
    });
  }

  it('are not told where they mean something', () => {
    for (const [params, rest] of [
      [{ '-hls_segment_type': 'fmp4', '-hls_fmp4_init_filename': 'i.mp4' }, hls],
      [{ '-clear_prev_assets': true }, {}],
      [{ '-sws_flags': 'bicubic+accurate_rnd' }, {}],
      [{ ...live, '-extra_window_size': 3 }, {}],
      [{ ...live, '-hls_flags': 'delete_segments+program_date_time' }, hls],
    ] as const) {
      const plan = gearPlan(params, rest);
      const { warnings } = planOfFrame(plan, { width: 640, height: 360 });
      expect([...plan.warnings, ...warnings], JSON.stringify(params)).to.deep.equal([]);
    }
  });
});

describe('FFmpeg options', () => {
  it('reach the encoder of the addressed rendition', () => {
    const params = { '-streams': ladder, '-bf': 1, '-bf:v:1': 2, '-crf:v:2': 30, '-qp:0': 20 };
    expect(encoderOptions(params, 0)).to.include({ bf: '1', qp: '20' });
    expect(encoderOptions(params, 1)).to.include({ bf: '2', b: '2500000' });
    expect(encoderOptions(params, 2)).to.include({ bf: '1', crf: '30' }).and.not.have.property('b');
  });

  it('set bitrates and sizes by stream', () => {
    const { renditions } = configOf({
      '-streams': [...ladder, { '-resolution': '320x180' }],
      '-b:v:0': '4M',
      '-b:v': '200k',
      '-s:v:0': '960x540',
    });
    expect(renditions.map(({ bitrate }) => bitrate)).to.deep.equal([
      4_000_000, 2_500_000, 1_382_000, 200_000,
    ]);
    expect(renditions[0]).to.include({ width: 960, height: 540 });
  });

  it('of the program do what they do there', () => {
    const plan = streamPlan({
      '-r': 12.5,
      '-aspect': '4:3',
      '-pix_fmt': 'yuv422p',
      '-vf': 'crop=1280:720',
      '-g': 5,
      '-ss': 1,
      '-t': '00:02',
      '-metadata': 'title=Big = Buck',
    });
    const [rendition] = plan.config.renditions;
    expect(rendition).to.deep.include({
      width: 1280,
      height: 720,
      frameRate: { num: 25, den: 2 },
      pixelFormat: 'yuv422p',
      sampleAspectRatio: { num: 3, den: 4 },
    });
    expect(plan.config.filter).to.equal('crop=1280:720');
    expect(plan.config.grid.gopDuration).to.equal(18_000);
    expect(plan.trim).to.deep.equal({ start: 1, end: 3 });
    expect(plan.config.packaging.metadata).to.deep.equal([['title', 'Big = Buck']]);
  });

  it('choose the scaler', () => {
    expect(configOf({}).scaling).to.equal('balanced');
    expect(configOf({ '-scaling': 'fast' }).scaling).to.equal('fast');
    for (const [flags, scaling] of [
      ['bilinear', 'fast'],
      ['bicubic+accurate_rnd', 'balanced'],
      ['lanczos', 'best'],
      ['full_chroma_int', 'balanced'],
    ] as const) {
      expect(configOf({ '-sws_flags': flags }).scaling, flags).to.equal(scaling);
    }
    for (const wrong of [{ '-sws_flags': 'spline' }, { '-scaling': 'area' as 'best' }]) {
      expect(() => configOf(wrong)).to.throw(InvalidOptionsError, /Expected/);
    }
  });

  it('reach the segment muxer and the protocol', () => {
    const { packaging } = configOf(
      { '-movflags': 'x', '-max_delay': 5, '-method': 'PUT', '-http_user_agent': 'me' },
      { output: 'http://localhost/out.mpd' },
    );
    expect(packaging.muxerOptions).to.deep.equal([
      ['movflags', '+x'],
      ['max_delay', '5'],
    ]);
    expect(packaging.ioOptions).to.have.deep.members([
      ['method', 'PUT'],
      ['user_agent', 'me'],
    ]);
    expect(gearPlan({ '-movflags': 'x' }, hls).warnings.map(({ code }) => code)).to.deep.equal([
      'IGNORED_OPTION',
    ]);
    expect(
      configOf({ '-format_options': 'movflags=+a:max_delay=7' }).packaging.muxerOptions,
    ).to.eql([
      ['movflags', '+a'],
      ['max_delay', '7'],
    ]);
  });

  it('repeat in -clones, where lists accumulate', () => {
    const params = encoderOptions({
      '-x264-params': 'aq-mode=3',
      '-bf': 1,
      '-clones': ['-map', '0:v:0', '-x264-params', 'me=dia', '-bf', 2, '-an'],
    });
    expect(params['x264-params']).to.match(/aq-mode=3:me=dia$/);
    expect(params['bf']).to.equal('2');
    expect(issuesOf({ '-clones': ['libx264', '-map', '0:a:1'] })).to.have.all.keys(
      '-clones[0]',
      '-map',
    );
    expect(issuesOf({ '-clones': '-map 0:v' })).to.have.all.keys('-clones');
  });

  it('names the file when a name has a folder', () => {
    const { packaging } = configOf(
      { '-hls_segment_filename': join(tmpdir(), 'seg-%05d.ts'), '-hls_base_url': 'https://cdn/' },
      hls,
    );
    expect(packaging).to.include({ segmentName: 'seg-%05d.ts', baseUrl: 'https://cdn/' });
  });
});

describe('wrong attributes', () => {
  it('are listed all at once, each with its path', () => {
    const issues = issuesOf({
      '-bpp': 0,
      '-gop': -1,
      '-presett': 'fast',
      '-crf': 99,
      '-b:v:7': '1M',
      '-vf': 'corp=3',
      '-streams': [
        { '-resolution': '1280x720', '-video_bitrate': '5Q' },
        { '-resolutoin': '640x360' },
        { '-resolution': '853x480', '-video_bitrate': '1M' },
        { '-resolution': '640x360' },
        5,
      ],
    });
    expect(issues).to.have.all.keys(
      '-bpp',
      '-gop',
      '-presett',
      '-crf',
      '-b:v:7',
      '-vf',
      '-streams[0].-video_bitrate',
      '-streams[1].-resolutoin',
      '-streams[1].-resolution',
      '-streams[1].-video_bitrate',
      '-streams[2].-resolution',
      '-streams[3].-video_bitrate',
      '-streams[4]',
    );
    expect(issues['-streams[0].-video_bitrate']).to.equal(
      'Expected a bitrate such as "2500k" for -streams[0].-video_bitrate but received "5Q"',
    );
    expect(issues['-presett']).to.match(/Did you mean "-preset"\?$/);
    expect(issues['-streams[1].-resolutoin']).to.match(/Did you mean "-resolution"\?$/);
  });

  it('name the format, the output and unknown keys', () => {
    expect(issuesOf({}, { format: 'dahs' })['format']).to.match(/Did you mean "dash"\?$/);
    expect(issuesOf({}, { format: null })).to.have.all.keys('format');
    expect(issuesOf({}, { output: outputs.hls, format: 'dash' })).to.have.all.keys('output');
    expect(gearPlan({}, { output: outputs.hls }).formats).to.deep.equal(['hls']);
    expect(issuesOf({}, { output: undefined })).to.have.all.keys('output');
    expect(issuesOf({}, { streamParam: {} })['options.streamParam']).to.match(/"streamParams"/);
    expect(issuesOf([] as object)).to.have.all.keys('streamParams');
    expect(issuesOf({ gop: 5 })['gop']).to.match(/Did you mean "-gop"\?$/);
    expect(gearPlan({}, { ...hls, format: ' HLS ' }).formats).to.deep.equal(['hls']);
  });

  it('of the other format name the one of this', () => {
    expect(issuesOf({ '-hls_time': 2 })['-hls_time']).to.match(/Did you mean "-seg_duration"\?$/);
    expect(issuesOf({ '-window_size': 2 }, hls)['-window_size']).to.match(/"-hls_list_size"\?$/);
  });

  it('that libavformat has and we have not say so', () => {
    expect(issuesOf({ '-ldash': 1 })['-ldash']).to.match(/libavformat's dash muxer has it/);
    expect(issuesOf({ '-hls_key_info_file': 'k' }, hls)['-hls_key_info_file']).to.match(
      /hls muxer/,
    );
    expect(issuesOf({ '-method': 'PUT' })['-method']).to.match(/output URL/);
    expect(issuesOf({ '-hls_flags': 'single_file' }, hls)).to.have.all.keys('-hls_flags');
    expect(issuesOf({ '-master_pl_name': 'm.m3u8' }, hls)).to.have.all.keys('-master_pl_name');
    expect(issuesOf({ '-adaptation_sets': 'id=0,streams=0 id=1,streams=1' })).to.have.all.keys(
      '-adaptation_sets',
    );
    expect(issuesOf({ '-adaptation_sets': 'id=0,streams=v' })).to.deep.equal({});
  });

  it('are what a codec makes wrong, by its attribute', () => {
    expect(issuesOf({ '-vcodec': 'libvpx-vp9' }, hls)).to.have.all.keys('-hls_segment_type');
    expect(issuesOf({ '-c:v': 'libx26' })['-c:v']).to.match(/Did you mean "libx264"\?$/);
    expect(issuesOf({ '-f': 'hls', '-i': 'x', '-q:v': 3 })).to.have.all.keys('-f', '-i', '-q:v');
  });
});

describe('strict: false', () => {
  const loose = { strict: false };

  it('goes on with defaults, and warns of each', () => {
    const { outline, warnings } = gearPlan(
      { '-bpp': 0, '-gop': -1, '-seg_duration': 'x', '-presett': 'fast', '-crf': 99 },
      loose,
    );
    expect(warnings.map(({ code }) => code)).to.deep.equal(Array<string>(5).fill('INVALID_OPTION'));
    const { bitsPerPixel, gop } = outline?.options.video ?? {};
    expect({ bitsPerPixel, gop }).to.deep.equal({ bitsPerPixel: undefined, gop: undefined });
    expect(outline?.encoding?.users).to.deep.equal([new Map()]);
  });

  it('leaves out renditions, and keeps a bitrate that a frame rate gives', () => {
    const { renditions } = configOf(
      {
        '-streams': [
          { '-resolution': '1280x720', '-video_bitrate': '5Q' },
          { '-video_bitrate': '1M' } as unknown as { '-resolution': string },
          { '-resolution': '640x360', '-video_bitrate': '5Q', '-framerate': 60 },
        ],
      },
      loose,
    );
    expect(renditions.map(({ width, bitrate }) => [width, bitrate])).to.deep.equal([
      [1920, 5_184_000],
      [640, 1_382_000],
    ]);
  });

  it('still refuses a wrong format or output', () => {
    expect(issuesOf({}, { ...loose, format: 'dahs' })).to.have.all.keys('format');
    const contrary = { ...loose, output: outputs.hls, format: 'dash' };
    expect(issuesOf({}, contrary)).to.have.all.keys('output');
  });
});
