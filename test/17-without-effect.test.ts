// Nothing is ignored in silence: what has no effect beside the other options is told or refused.

import { join } from 'node:path';
import { expect } from 'chai';
import { AdaptiveStream, InvalidOptionsError, StreamGear } from '../src/index.js';
import type { WarningEvent } from '../src/report/events.js';
import { Issues } from '../src/check/issues.js';
import { nativeBinding } from '../src/native/native.js';
import { OptionNames } from '../src/check/option-path.js';
import { PROGRAM_OPTIONS } from '../src/gear/program-options.js';
import { resolveOptions } from '../src/plan/resolve.js';
import { checkSource, sourceRequest } from '../src/plan/resolve-source.js';
import type { StreamParams } from '../src/gear/stream-gear-options.js';
import { STREAM_PARAMS } from '../src/gear/stream-params.js';
import { planStreamGear } from '../src/gear/stream-gear-plan.js';
import { openPlanned } from '../src/stream/transcode.js';
import { EFFECT_RULES } from '../src/plan/without-effect.js';
import { makeClip } from './support/clip.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { planOfFrame } from './support/planned.js';

/** Of pushed frames, but for what a test says. */
const PUSHED = { input: { width: 320, height: 180 }, output: '/tmp/without-effect/out.mpd' };
const push = { sampleRate: 48_000 };
const tone = ['-f', 'lavfi', '-i', 'sine'];

/** An option where it has no effect, and where it has one. */
interface Example {
  /** Of the rule. */
  readonly path: string;
  /** How the message names it, where that is not the path. */
  readonly name?: string;
  readonly without: object;
  readonly effective: object;
}

const hls = { output: '/tmp/without-effect/out.m3u8' };
const ts = { format: 'hls', segmentType: 'mpegts' };
const ftp = { output: 'ftp://localhost/out.mpd' };
const http = { output: 'http://localhost/out.mpd' };
const twice = { crf: 20, options: { crf: 21 } };

const WINDOWS = (['dash', 'hls'] as const).flatMap((format) => {
  const other = format === 'dash' ? {} : hls;
  return [
    {
      path: `packaging.${format}.window`,
      without: { ...other, packaging: { [format]: { window: 8 } } },
      effective: { ...other, packaging: { live: true, [format]: { window: 8 } } },
    },
    {
      path: `packaging.${format}.extraWindow`,
      without: {
        ...other,
        packaging: { live: { deleteSegments: false }, [format]: { extraWindow: 3 } },
      },
      effective: { ...other, packaging: { live: true, [format]: { extraWindow: 3 } } },
    },
  ];
});

const ENCODER = (['preset', 'profile', 'tune'] as const).map((name) => {
  const [value, other] = {
    preset: ['fast', 'slow'],
    profile: ['main', 'high'],
    tune: ['film', 'grain'],
  }[name];
  return {
    path: `video.${name}`,
    without: { video: { [name]: value, options: { [name]: other } } },
    effective: {
      video: { [name]: value },
      renditions: [{}, { height: 90, options: { [name]: other } }],
    },
  };
});

const EXAMPLES: readonly Example[] = [
  {
    path: 'input.sampleAspectRatio',
    without: {
      input: { ...PUSHED.input, sampleAspectRatio: '4:3' },
      video: { aspectRatio: '16:9' },
    },
    effective: { input: { ...PUSHED.input, sampleAspectRatio: '4:3' } },
  },
  {
    path: 'input.colorRange',
    without: { input: { ...PUSHED.input, colorRange: 'tv' } },
    effective: { input: { ...PUSHED.input, colorRange: 'tv', pixelFormat: 'nv12' } },
  },
  {
    path: 'video.hardware',
    without: { video: { hardware: { type: 'vaapi' } } },
    effective: { video: { codec: 'h264_vaapi', hardware: { type: 'vaapi' } } },
  },
  {
    path: 'video.fallback',
    without: { video: { fallback: true } },
    effective: { video: { codec: 'h264_vaapi', fallback: true } },
  },
  {
    path: 'video.filter',
    without: { video: { filter: 'hflip,format=nv12,hwupload' } },
    effective: { video: { codec: 'h264_vaapi', filter: 'hflip,format=nv12,hwupload' } },
  },
  {
    path: 'video.pixelFormat',
    without: { video: { pixelFormat: 'vaapi' } },
    effective: { video: { codec: 'h264_vaapi', pixelFormat: 'vaapi' } },
  },
  {
    path: 'video.bitsPerPixel',
    without: {
      video: { bitsPerPixel: 0.2 },
      renditions: [{ bitrate: '1M' }, { height: 90, bitrate: '300k' }],
    },
    effective: { video: { bitsPerPixel: 0.2 }, renditions: [{ bitrate: '1M' }, { height: 90 }] },
  },
  ...ENCODER,
  { path: 'video.crf', without: { video: twice }, effective: { video: { crf: 20 } } },
  {
    path: 'video.options.*',
    name: 'video.options.bf',
    without: { video: { options: { bf: 2 } }, renditions: [{ options: { bf: 1 } }] },
    effective: {
      video: { options: { bf: 2 } },
      renditions: [{ options: { bf: 1 } }, { height: 90 }],
    },
  },
  {
    path: 'video.options.*',
    name: 'video.options.b',
    without: { video: { options: { b: '1M' } }, renditions: [{ bitrate: '2M' }] },
    effective: { video: { options: { b: '1M' } } },
  },
  {
    path: 'renditions.*.options.*',
    name: 'renditions[0].options.b',
    without: { renditions: [{ bitrate: '2M', options: { b: '1M' } }] },
    effective: { renditions: [{ options: { b: '1M' } }] },
  },
  {
    path: 'trim.end',
    without: { trim: { end: 9, duration: 2 } },
    effective: { trim: { end: 9 } },
  },
  {
    path: 'audio.protocols',
    without: { audio: { push, protocols: ['https'] } },
    effective: { audio: { source: tone, protocols: ['file'] } },
  },
  {
    path: 'audio.maxPixels',
    without: { audio: { push, maxPixels: 100 } },
    effective: { audio: { source: tone, maxPixels: 100 } },
  },
  {
    path: 'audio.openTimeout',
    without: { audio: { push, openTimeout: 3 } },
    effective: { audio: { source: tone, openTimeout: 3 } },
  },
  {
    path: 'audio.clock',
    without: { audio: { push, clock: 'wall' } },
    effective: { audio: { source: tone, clock: 'wall' } },
  },
  {
    path: 'audio.bitrate',
    without: { audio: { push, codec: 'flac', bitrate: '96k' } },
    effective: { audio: { push, bitrate: '96k' } },
  },
  {
    path: 'audio.bitrate',
    without: { audio: { push, bitrate: '96k' }, renditions: [{ audioBitrate: '64k' }] },
    effective: {
      audio: { push, bitrate: '96k' },
      renditions: [{ audioBitrate: '64k' }, { height: 90 }],
    },
  },
  {
    path: 'audio.options.*',
    name: 'audio.options.b',
    without: { audio: { push, bitrate: '96k', options: { b: '64k' } } },
    effective: { audio: { push, options: { b: '64k' } } },
  },
  {
    path: 'renditions.*.audioBitrate',
    name: 'renditions[0].audioBitrate',
    without: { renditions: [{ audioBitrate: '64k' }] },
    effective: { audio: { push }, renditions: [{ audioBitrate: '64k' }] },
  },
  {
    path: 'renditions.*.audioBitrate',
    name: 'renditions[0].audioBitrate',
    without: { audio: { push, codec: 'flac' }, renditions: [{ audioBitrate: '64k' }] },
    effective: { audio: { push }, renditions: [{ audioBitrate: '64k' }] },
  },
  {
    path: 'packaging.names.init',
    without: { ...hls, packaging: { ...ts, names: { init: 'i.mp4' } } },
    effective: { ...hls, packaging: { names: { init: 'i.mp4' } } },
  },
  {
    path: 'packaging.fragmentDuration',
    without: { ...hls, packaging: { ...ts, fragmentDuration: 1 } },
    effective: { packaging: { fragmentDuration: 1 } },
  },
  {
    path: 'packaging.clearPrevious',
    without: { ...http, packaging: { clearPrevious: true } },
    effective: { packaging: { clearPrevious: true } },
  },
  {
    path: 'packaging.removeAtExit',
    without: { ...ftp, packaging: { removeAtExit: true } },
    effective: { ...http, packaging: { removeAtExit: true } },
  },
  ...WINDOWS,
  ...(['window', 'extraWindow'] as const).map((key) => ({
    path: `packaging.live.${key}`,
    without: { packaging: { live: { [key]: 8 }, dash: { [key]: 7 } } },
    effective: { packaging: { live: { [key]: 8 } } },
  })),
  {
    path: 'packaging.live.extraWindow',
    without: { packaging: { live: { deleteSegments: false, extraWindow: 3 } } },
    effective: { packaging: { live: { extraWindow: 3 } } },
  },
  {
    path: 'packaging.live.deleteSegments',
    without: { packaging: { live: { deleteSegments: true, window: 0 } } },
    effective: { packaging: { live: { deleteSegments: true } } },
  },
  {
    path: 'packaging.hls.programDateTime',
    without: { ...hls, packaging: { live: true, hls: { programDateTime: false } } },
    effective: { ...hls, packaging: { hls: { programDateTime: true } } },
  },
  {
    path: 'packaging.dash.utcTimingUrl',
    without: { packaging: { dash: { utcTimingUrl: 'https://time.test' } } },
    effective: { packaging: { live: true, dash: { utcTimingUrl: 'https://time.test' } } },
  },
  {
    path: 'packaging.dash.timeline',
    without: { packaging: { dash: { timeline: false, template: false } } },
    effective: { packaging: { dash: { timeline: false } } },
  },
  {
    path: 'packaging.metadata.*',
    name: 'packaging.metadata.mood',
    without: { packaging: { metadata: { mood: 'blue' } } },
    effective: {
      packaging: { metadata: { mood: 'blue' }, options: { movflags: '+use_metadata_tags' } },
    },
  },
  {
    path: 'packaging.metadata.*',
    name: 'packaging.metadata.artist',
    without: { ...hls, packaging: { ...ts, metadata: { artist: 'A' } } },
    effective: { packaging: { metadata: { artist: 'A' } } },
  },
  {
    path: 'packaging.options.*',
    name: 'packaging.options.max_interleave_delta',
    without: { packaging: { options: { max_interleave_delta: 5 } } },
    effective: { packaging: { options: { write_prft: 'wallclock' } } },
  },
  {
    path: 'packaging.protocolOptions.*',
    name: 'packaging.protocolOptions.icy',
    without: { ...http, packaging: { protocolOptions: { icy: 0 } } },
    effective: { ...http, packaging: { protocolOptions: { method: 'POST' } } },
  },
];

/** Of a source only. */
const OF_SOURCES = ['input.deinterlace', 'input.threads'];

/** What is told of options. */
function toldOf(options: object): readonly WarningEvent[] {
  const issues = new Issues();
  const plan = resolveOptions({ ...PUSHED, ...options }, issues, nativeBinding);
  issues.throwIfAny();
  return plan?.warnings ?? [];
}

const isOf =
  (name: string) =>
  ({ message }: WarningEvent): boolean =>
    message.startsWith(`${name} has no effect: `);

describe('an option without effect', () => {
  it('has an example for each entry of the table', () => {
    const paths = [...EXAMPLES.map(({ path }) => path), ...OF_SOURCES];
    const ruled = EFFECT_RULES.map(({ path }) => path.join('.'));
    expect([...new Set(paths)].sort()).to.deep.equal([...new Set(ruled)].sort());
  });

  for (const { path, name = path, without, effective } of EXAMPLES) {
    it(`is told, once: ${JSON.stringify(without)}`, () => {
      expect(toldOf(without).filter(isOf(name))).to.have.length(1);
      expect(toldOf(effective).filter(isOf(name))).to.deep.equal([]);
    });
  }
});

describe('an option of a source without effect', () => {
  let folder: TemporaryFolder;
  let film: string;
  before(async () => {
    folder = await temporaryFolder();
    film = join(folder.path, 'film.mp4');
    await makeClip(film, { seconds: 0.4, sound: true });
  });
  after(() => folder[Symbol.asyncDispose]());

  /** What is told of options when the source is open. */
  async function toldOfSource(options: object): Promise<readonly WarningEvent[]> {
    const issues = new Issues();
    const request = sourceRequest({ output: join(folder.path, 'out.mpd'), ...options }, issues);
    const toOpen = checkSource(film, request, issues, nativeBinding);
    issues.throwIfAny();
    if (toOpen === undefined) throw new Error('Nothing to open');
    const { plan, close } = await openPlanned(toOpen, new OptionNames(), undefined);
    await close();
    return plan.warnings;
  }

  for (const path of OF_SOURCES) {
    it(`is told, once: ${path}`, async () => {
      const input = { deinterlace: 'auto', threads: 2 };
      const copied = await toldOfSource({ input, video: { codec: 'copy' } });
      expect(copied.filter(isOf(path))).to.have.length(1);
      expect((await toldOfSource({ input })).filter(isOf(path))).to.deep.equal([]);
    });
  }

  it('is told: of audio that has no source of its own', async () => {
    const audio = { protocols: ['file'], clock: 'wall' };
    expect(await toldOfSource({ audio })).to.satisfy((told: WarningEvent[]) =>
      ['audio.protocols', 'audio.clock'].every((name) => told.some(isOf(name))),
    );
  });
});

/** Attributes that ask for what is so in any case. */
const AS_IT_IS = new Set([
  ...['-dash_segment_type', '-adaptation_sets', '-master_pl_name', '-f', '-map'],
  ...['-sn', '-dn', '-shortest', '-an'],
]);

/** A value of each attribute that is no default. */
const VALUES: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...['-input_framerate', '-gop', '-window_size', '-extra_window_size', '-hls_list_size'].map(
    (name) => [name, 7] as const,
  ),
  ...[
    '-hls_delete_threshold',
    '-start_number',
    '-seg_duration',
    '-hls_time',
    '-t',
    '-to',
    '-ss',
  ].map((name) => [name, 3] as const),
  ...['-clear_prev_assets', '-remove_at_exit', '-http_persistent', '-an', '-re', '-y', '-n'].map(
    (name) => [name, true] as const,
  ),
  ...['-use_timeline', '-use_template', '-fill_gaps'].map((name) => [name, false] as const),
  ['-bpp', 0.3],
  ['-scaling', 'best'],
  ['-protocol_whitelist', 'file,https'],
  ['-max_pixels', 1000],
  ['-open_timeout', 3],
  ['-ffmpeg_download_path', '/x'],
  ['-enable_force_termination', true],
  ['-min_seg_duration', 1_000_000],
  ['-frag_duration', 1],
  ['-init_seg_name', 'i-$RepresentationID$.m4s'],
  ['-media_seg_name', 's-$RepresentationID$-$Number$.m4s'],
  ['-utc_timing_url', 'https://time.test'],
  ['-format_options', 'brand=iso6'],
  ['-hls_base_url', 'https://cdn.test/'],
  ['-hls_flags', 'round_durations'],
  ['-hls_segment_type', 'fmp4'],
  ['-hls_segment_filename', 's-%v-%d.ts'],
  ['-hls_fmp4_init_filename', 'i-%v.mp4'],
  ['-hls_playlist_type', 'event'],
  ['-hls_segment_options', 'pat_period=1'],
  ['-hls_ts_options', 'pat_period=1'],
  ['-http_user_agent', 'me'],
  ['-http_opts', 'method=POST'],
  ['-dash_segment_type', 'mp4'],
  ['-adaptation_sets', 'id=0,streams=v'],
  ['-master_pl_name', 'out.m3u8'],
  ...['-c', '-codec', '-vcodec', '-c:v'].map((name) => [name, 'libx265'] as const),
  ...['-c:a', '-acodec'].map((name) => [name, 'libopus'] as const),
  ...['-filter', '-vf'].map((name) => [name, 'hflip'] as const),
  ...['-af', '-filter:a'].map((name) => [name, 'volume=0.5'] as const),
  ...['-b', '-vb', '-b:v', '-b:v:0', '-b:a', '-ab', '-maxrate', '-bufsize'].map(
    (name) => [name, '300k'] as const,
  ),
  ['-ar', 44_100],
  ['-ac', 1],
  ['-metadata:s:a', 'language=fr'],
  ['-metadata', 'title=T'],
  ['-profile:a', 'aac_main'],
  ['-r', 5],
  ['-s', '160x90'],
  ['-g', 7],
  ['-pix_fmt', 'yuv444p'],
  ['-aspect', '4:3'],
  ['-sws_flags', 'lanczos'],
  ['-map', '0:v:0'],
  ['-init_hw_device', 'vaapi=one'],
  ['-vaapi_device', '/dev/dri/renderD128'],
  ['-qsv_device', '/dev/dri/renderD128'],
  ['-filter_hw_device', 'one'],
  ['-hold_picture', 'last'],
  ['-crf', 30],
  ['-preset', 'slow'],
  ['-x264-params', 'aq-mode=3'],
  ['-movflags', '+write_colr'],
  ['-mpegts_flags', 'latm'],
  ['-method', 'POST'],
  ['-headers', 'A: b'],
  ['-timeout', 1_000_000],
]);

describe('every attribute', () => {
  const formats = ['dash', 'hls'] as const;
  const bases: readonly StreamParams[] = [
    {},
    { '-livestream': true },
    { '-audio': { push } },
    { '-streams': [{ '-resolution': '160x90', '-video_bitrate': '100k' }] },
    { '-livestream': true, '-window_size': 3, '-hls_list_size': 3 },
    { '-hls_segment_type': 'fmp4', '-crf': 20 },
  ];
  const places = ['/tmp/without-effect/', 'http://localhost/', 'ftp://localhost/'];

  /** What a stream of attributes is, and all that is told of them; undefined: they are refused. */
  function planned(
    format: 'dash' | 'hls',
    place: string,
    streamParams: StreamParams,
  ): { readonly plan: string; readonly told: string } | undefined {
    const output = `${place}out.${format === 'dash' ? 'mpd' : 'm3u8'}`;
    try {
      const gear = planStreamGear({ output, format, streamParams, strict: false }, nativeBinding);
      const plan = planOfFrame(gear, { width: 320, height: 180, pixelFormat: 'bgr24' });
      const { config, trim, clearPrevious } = plan;
      const told = [...gear.warnings, ...plan.warnings].map(({ message }) => message);
      return { plan: JSON.stringify({ config, trim, clearPrevious }), told: told.join('\n') };
    } catch (error) {
      if (error instanceof InvalidOptionsError) return undefined;
      throw error;
    }
  }

  it('has a value to try', () => {
    const program = [...PROGRAM_OPTIONS.keys()].map((name) => `-${name}`);
    const told = ['-hide_banner', '-loglevel', '-v', '-nostdin', '-stats', '-nostats', '-report'];
    const gone = ['-keyint_min', '-force_key_frames', '-hwaccel', '-hwaccel_device', '-i', '-vn'];
    const others = [...told, ...gone, '-hwaccel_output_format', '-extra_hw_frames', '-sn', '-dn'];
    const refused = ['-shortest', '-filter_complex', '-pass', '-q', '-qscale', '-f'];
    const known = new Set([...VALUES.keys(), ...others, ...refused]);
    expect([...STREAM_PARAMS.keys(), ...program].filter((name) => !known.has(name))).to.eql([]);
  });

  for (const [attribute, value] of VALUES) {
    if (AS_IT_IS.has(attribute)) continue;
    it(`${attribute} changes something, or is told`, () => {
      const silent = formats.flatMap((format) =>
        places.flatMap((place) =>
          (place.startsWith('/') ? bases : bases.slice(0, 1))
            .filter((base) => !Object.hasOwn(base, attribute))
            .filter((base) => {
              const before = planned(format, place, base);
              const after = planned(format, place, { ...base, [attribute]: value });
              if (before === undefined || after === undefined) return false;
              return before.plan === after.plan && before.told === after.told;
            })
            .map((base) => ({ format, place, base })),
        ),
      );
      expect(silent).to.deep.equal([]);
    });
  }
});

describe('an attribute without effect', () => {
  const file = '/tmp/without-effect/out.mpd';
  const rated = [{ '-resolution': '160x90', '-video_bitrate': '100k' }];
  const ladder = rated.map((entry) => ({ ...entry, '-framerate': 25 }));
  const cases: readonly (readonly [params: StreamParams, told: readonly string[]])[] = [
    [{ '-vcodec': 'libx265', '-c:v': 'libx264' }, ['-vcodec has no effect: -c:v takes its place']],
    [{ '-gop': 20, '-g': 30 }, ['-gop has no effect: -g takes its place']],
    [
      { '-seg_duration': 2, '-min_seg_duration': 3e6 },
      ['-seg_duration has no effect: -min_seg_duration takes its place'],
    ],
    [{ '-b:v': '1M', '-vb': '2M' }, ['-vb has no effect: every rendition has its own bitrate']],
    [{ '-to': 9, '-t': 3 }, ['-to has no effect: a duration is given, and wins']],
    [
      { '-clones': ['-preset', 'fast', '-preset', 'slow'] },
      ['-preset is given more than once: only the last one has an effect'],
    ],
    [
      { '-streams': ladder },
      ['-streams[0].-framerate has no effect: it is for a bitrate, which -video_bitrate says'],
    ],
    [
      {
        '-streams': rated,
        '-bpp': 0.2,
        '-b:v:0': '1M',
      },
      ['-bpp has no effect: every rendition has a bitrate'],
    ],
    [
      { '-streams': [{ '-resolution': '160x90', '-framerate': 25 }], '-bpp': 0.2, '-b:v:0': '1M' },
      [],
    ],
    [
      { '-utc_timing_url': 'https://time.test' },
      ['-utc_timing_url has no effect: players of a recording need no clock'],
    ],
    [{ '-metadata': 'mood=blue' }, ['-metadata has no effect: segments of fmp4 have no such tag']],
    [
      {
        '-vcodec': 'h264_vaapi',
        '-clones': ['-init_hw_device', 'cuda=a', '-init_hw_device', 'vaapi=b'],
      },
      ["-init_hw_device (a) has no effect: -init_hw_device (b) is the encoder's device"],
    ],
  ];
  for (const [streamParams, told] of cases) {
    it(`is told: ${JSON.stringify(streamParams)}`, () => {
      const { warnings } = planStreamGear({ output: file, streamParams }, nativeBinding);
      expect(warnings.map(({ message }) => message)).to.deep.equal(told);
    });
  }

  it('is told: the name of a multivariant playlist that there is not', () => {
    const output = '/tmp/without-effect/out.m3u8';
    const codes = (more: object): string[] => {
      const streamParams = { '-master_pl_name': 'out.m3u8', ...more };
      return planStreamGear({ output, streamParams }, nativeBinding).warnings.map(
        ({ code }) => code,
      );
    };
    expect(codes({})).to.deep.equal(['IGNORED_OPTION']);
    expect(codes({ '-audio': { push } })).to.deep.equal([]);
    expect(codes({ '-streams': [{ '-resolution': '160x90', '-video_bitrate': '100k' }] })).to.eql(
      [],
    );
  });

  it('of the source is told: -map beside -an and -audio', () => {
    const source = { '-video_source': import.meta.filename, '-map': '0:a:1' };
    for (const [more, why] of [
      [{ '-an': true }, '-an leaves audio out'],
      [{ '-audio': tone }, "-audio replaces the source's own audio"],
    ] as const) {
      const plan = planStreamGear(
        { output: file, streamParams: { ...source, ...more } },
        nativeBinding,
      );
      expect(plan.warnings.map(({ message }) => message)).to.deep.equal([
        `-map has no effect: ${why}`,
      ]);
    }
  });

  it('of the device of a copied video is told', () => {
    const streamParams = {
      '-video_source': import.meta.filename,
      '-vcodec': 'copy',
      '-vaapi_device': '/dev/x',
    };
    const { warnings } = planStreamGear({ output: file, streamParams }, nativeBinding);
    expect(warnings.map(({ message }) => message)).to.deep.equal([
      '-vaapi_device has no effect: the video is copied',
    ]);
  });

  it('of one rendition is refused where it is for all', () => {
    for (const name of ['-t', '-ss', '-to', '-an', '-metadata', '-map', '-re', '-f']) {
      const value = { '-metadata': 'title=T', '-map': '0:v', '-f': 'dash' }[name] ?? '3';
      const streamParams = { '-streams': rated, [`${name}:v:1`]: value };
      expect(() => planStreamGear({ output: file, streamParams }, nativeBinding))
        .to.throw(InvalidOptionsError)
        .with.property('message')
        .that.includes(`no stream specifier, as it is for all, for ${name}:v:1`);
    }
  });

  it('of a protocol is told beside a file, when not strict', () => {
    for (const [name, value] of [
      ['-http_opts', 'method=POST'],
      ['-http_persistent', 1],
      ['-http_user_agent', 'me'],
      ['-method', 'PUT'],
    ] as const) {
      const options = { output: file, streamParams: { [name]: value } };
      expect(() => planStreamGear(options, nativeBinding)).to.throw(
        InvalidOptionsError,
        'an output URL',
      );
      const { warnings } = planStreamGear({ ...options, strict: false }, nativeBinding);
      expect(warnings.map(({ code }) => code)).to.deep.equal(['INVALID_OPTION']);
    }
  });

  it('is told before the first frame', async () => {
    await using folder = await temporaryFolder();
    const told: string[] = [];
    const gear = new StreamGear({
      output: join(folder.path, 'out.mpd'),
      streamParams: { '-utc_timing_url': 'https://time.test' },
    });
    gear.on('warning', ({ message }) => told.push(message));
    await gear.close();
    expect(told).to.have.length(1);
    expect(told[0]).to.match(/^-utc_timing_url has no effect/);
  });
});

describe('an option of a call without effect', () => {
  it('is told, once: rgbMode beside a layout', async () => {
    await using folder = await temporaryFolder();
    await using stream = await AdaptiveStream.open({
      input: { width: 64, height: 64, pixelFormat: 'bgr24' },
      output: join(folder.path, 'out.mpd'),
    });
    const told: string[] = [];
    stream.on('warning', ({ code, message }) => told.push(`${code}: ${message}`));
    const data = new Uint8Array(64 * 64 * 3);
    for (let index = 0; index < 2; index++) {
      await stream.write({ data, width: 64, height: 64, pixelFormat: 'bgr24' }, { rgbMode: true });
    }
    expect(told).to.eql(['IGNORED_OPTION: rgbMode has no effect: the frame says that it is bgr24']);
    await stream.finish();
  });
});
