// Everything that a caller of StreamGear can do wrong, and the words that he gets for it.
import { writeFileSync } from 'node:fs';

import { expect } from 'chai';

import { StreamGear } from '../src/index.js';
import type { OptionIssue, StreamGearOptions } from '../src/index.js';
import { newGear } from './support/gear.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { issuesOf, smallFrame, thrown } from './support/small.js';

/** A source that exists; nothing opens it. */
const THIS_FILE = new URL(import.meta.url);

/** Freezes an object and everything in it: whoever writes to it gets a TypeError. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}

/** Attributes, the path of the one issue, and what its sentence says. */
type Case = readonly [streamParams: unknown, path: string, says: RegExp, format?: 'dash' | 'hls'];

const FULL = { '-resolution': '160x90', '-video_bitrate': '100k' };

describe('new StreamGear() refuses', () => {
  let folder: TemporaryFolder;
  before(async () => (folder = await temporaryFolder()));
  after(() => folder[Symbol.asyncDispose]());

  function gearIssues(streamParams: unknown, format?: 'dash' | 'hls'): readonly OptionIssue[] {
    return issuesOf(thrown(() => newGear(folder.path, streamParams, format)));
  }

  function itRefuses(cases: readonly Case[]): void {
    for (const [streamParams, path, says, format] of cases) {
      it(`${format === 'hls' ? 'HLS: ' : ''}${JSON.stringify(streamParams)}`, () => {
        const issues = gearIssues(streamParams, format);
        expect(issues.map((issue) => issue.path)).to.deep.equal([path]);
        expect(issues[0]?.message).to.match(says);
      });
    }
  }

  for (const [format, says] of [
    ['dsh', /"dsh"\. Did you mean "dash"\?$/],
    ['hsl', /"hsl"\. Did you mean "hls"\?$/],
    ['smoothstreaming', /^Expected "dash" or "hls" for format but received "smoothstreaming"$/],
    ['', /received ""$/],
    [7, /received 7$/],
    [null, /received null$/],
  ] as const) {
    it(`the format ${JSON.stringify(format)}`, () => {
      const options = { output: `${folder.path}/x.mpd`, format: format as string };
      const issues = issuesOf(thrown(() => new StreamGear(options)));
      expect(issues.map(({ path }) => path)).to.deep.equal(['format']);
      expect(issues[0]?.message).to.match(says);
    });
  }

  for (const [output, format, says] of [
    [undefined, 'dash', /non-empty string for output but received nothing$/],
    ['', 'dash', /non-empty string for output but received ""$/],
    [42, 'dash', /received 42$/],
    ['out.m3u8', 'dash', /extension "\.mpd" \(format "dash"\) for output but received "out\.m3u8"/],
    ['out.mpd', 'hls', /extension "\.m3u8"/],
    ['out.mp4', 'hls', /extension "\.m3u8"/],
    ['http://example.test/out.mpd', 'hls', /extension "\.m3u8"/],
    ['file://host/%zz', 'dash', /^Expected a path/],
  ] as const) {
    it(`the output ${String(output)} for ${format}`, () => {
      const issues = issuesOf(thrown(() => new StreamGear({ output: output as string, format })));
      expect(issues.map(({ path }) => path)).to.deep.equal(['output']);
      expect(issues[0]?.message).to.match(says);
    });
  }

  it('an output below a file', () => {
    writeFileSync(`${folder.path}/file`, '');
    const options = { output: `${folder.path}/file/deep/out.mpd` };
    const [issue] = issuesOf(thrown(() => new StreamGear(options)));
    expect(issue?.path).to.equal('output');
    expect(issue?.message).to.match(/^Expected a writable path \(.*file is not a folder\)/);
  });

  it('options of its own that are wrong or unknown', () => {
    const options = {
      output: `${folder.path}/x.mpd`,
      logging: 'loud',
      strict: 'very',
      whenFull: 'dropp',
      signal: 5,
      stream_params: {},
    };
    const issues = issuesOf(thrown(() => new StreamGear(options as never)));
    expect(issues.map(({ path }) => path)).to.have.members([
      'logging',
      'strict',
      'whenFull',
      'signal',
      'options.stream_params',
    ]);
    const of = (path: string): string => issues.find((issue) => issue.path === path)?.message ?? '';
    expect(of('whenFull')).to.match(/Did you mean "drop"\?$/);
    expect(of('options.stream_params')).to.match(/Did you mean "streamParams"\?$/);
    expect(issuesOf(thrown(() => new StreamGear(undefined as never)))[0]?.path).to.equal('options');
    for (const wrong of [[], 'x', 3, null]) {
      const [issue] = gearIssues(wrong);
      expect(issue?.path).to.equal('streamParams');
    }
  });

  describe('attributes of its own:', () => {
    itRefuses([
      [{ '-streams': 'x' }, '-streams', /list of renditions/],
      [{ '-streams': ['x'] }, '-streams[0]', /"-resolution": "1280x720"/],
      [{ '-streams': [{ '-video_bitrate': '1M' }] }, '-streams[0].-resolution', /received nothing/],
      [{ '-streams': [{ ...FULL, '-resolution': '1280' }] }, '-streams[0].-resolution', /a size/],
      [
        { '-streams': [FULL, { ...FULL, '-resolution': '161x90' }] },
        '-streams[1].-resolution',
        /even numbers such as "162x90" for -streams\[1\]\.-resolution but received "161x90"/,
      ],
      [
        { '-streams': [FULL, { ...FULL, '-video_bitrate': '5Q' }] },
        '-streams[1].-video_bitrate',
        /^Expected a bitrate such as "2500k" for -streams\[1\]\.-video_bitrate but received "5Q"$/,
      ],
      [
        { '-streams': [{ ...FULL, '-video_bitrate': 2500 }] },
        '-streams[0].-video_bitrate',
        /2500k/,
      ],
      [{ '-streams': [{ '-resolution': '160x90' }] }, '-streams[0].-video_bitrate', /-framerate/],
      [
        { '-streams': [{ '-resolution': '160x90', '-framerate': 'fast' }] },
        '-streams[0].-framerate',
        /frame rate/,
      ],
      [
        { '-streams': [{ ...FULL, '-audio_bitrate': '9' }] },
        '-streams[0].-audio_bitrate',
        /bitrate/,
      ],
      [
        { '-streams': [{ ...FULL, '-video_bitrat': '9k' }] },
        '-streams[0].-video_bitrat',
        /Did you mean "-video_bitrate"\?$/,
      ],
      [{ '-video_source': 5 }, '-video_source', /a path, a URL, or a list/],
      [{ '-video_source': 'a.mp4' }, '-video_source', /an existing file/],
      [{ '-video_source': THIS_FILE, '-livestream': true }, '-livestream', /as a whole/],
      [{ '-livestream': 'perhaps' }, '-livestream', /true or false/],
      [{ '-input_framerate': 0 }, '-input_framerate', /frame rate such as 30/],
      [{ '-input_framerate': -25 }, '-input_framerate', /received -25/],
      [{ '-input_framerate': '30/0' }, '-input_framerate', /received "30\/0"/],
      [{ '-input_framerate': 5000 }, '-input_framerate', /received 5000/],
      [{ '-bpp': 0 }, '-bpp', /number of at least 0\.001/],
      [{ '-bpp': 'much' }, '-bpp', /received "much"/],
      [{ '-gop': -1 }, '-gop', /number of at least 0/],
      [{ '-clones': 'x' }, '-clones', /list such as \["-map", "0:v:0"\]/],
      [{ '-clones': ['map'] }, '-clones[0]', /name of an option/],
      [{ '-clear_prev_assets': 'maybe' }, '-clear_prev_assets', /true or false/],
    ]);
  });

  describe('attributes of packaging:', () => {
    itRefuses([
      [{ '-seg_duration': 0 }, '-seg_duration', /duration in seconds/],
      [{ '-seg_duration': 'long' }, '-seg_duration', /received "long"/],
      [{ '-hls_time': 'long' }, '-hls_time', /duration in seconds/, 'hls'],
      [{ '-window_size': -1, '-livestream': true }, '-window_size', /whole number/],
      [{ '-window_size': 2.5, '-livestream': true }, '-window_size', /whole number/],
      [{ '-hls_list_size': 'all', '-livestream': true }, '-hls_list_size', /whole number/, 'hls'],
      [{ '-hls_time': 4 }, '-hls_time', /Did you mean "-seg_duration"\?$/],
      [{ '-seg_duration': 4 }, '-seg_duration', /Did you mean "-hls_time"\?$/, 'hls'],
      [{ '-hls_segment_type': 'm4s' }, '-hls_segment_type', /"mpegts" or "fmp4"/, 'hls'],
      [{ '-hls_flags': 'delete_segment' }, '-hls_flags', /Did you mean "delete_segments"/, 'hls'],
      [{ '-hls_playlist_type': 'live' }, '-hls_playlist_type', /"vod" or "event"/, 'hls'],
      [{ '-hls_segment_filename': 'a.ts' }, '-hls_segment_filename', /segment's number/, 'hls'],
      [{ '-hls_segment_filename': '/a/%d.ts' }, '-hls_segment_filename', /own folder/, 'hls'],
      [{ '-media_seg_name': 'all.m4s' }, '-media_seg_name', /segment's number/],
      [
        { '-streams': [FULL], '-init_seg_name': 'init.m4s' },
        '-init_seg_name',
        /\$RepresentationID\$/,
      ],
      [{ '-master_pl_name': 'other.m3u8' }, '-master_pl_name', /output's own name/, 'hls'],
      [{ '-adaptation_sets': 'id=0,streams=0 id=1,streams=1' }, '-adaptation_sets', /one set/],
      [{ '-hls_init_time': 1 }, '-hls_init_time', /libavformat's hls muxer has it/, 'hls'],
      [{ '-ldash': 1 }, '-ldash', /libavformat's dash muxer has it, the packager .* does not/],
      [{ '-method': 'PUT' }, '-method', /output URL .* but the output is a file$/],
    ]);
  });

  describe('FFmpeg options:', () => {
    itRefuses([
      [{ '-presset': 'fast' }, '-presset', /received "-presset"\. Did you mean "-preset"\?$/],
      [{ '-crff:v:0': 20 }, '-crff:v:0', /Did you mean "-crf:v:0"\?$/],
      [{ '-inputframerate': 30 }, '-inputframerate', /Did you mean "-input_framerate"\?$/],
      [{ '-completely_unknown_thing': 1 }, '-completely_unknown_thing', /attribute of StreamGear/],
      [{ stream: 1 }, 'stream', /attribute of StreamGear/],
      [{ '-preset': 'fastt' }, '-preset', /ultrafast.*received "fastt"\. Did you mean "fast/],
      [{ '-crf': 'best' }, '-crf', /a number .*for -crf but received "best"/],
      [{ '-preset': 'quick', '-streams': [FULL] }, '-preset', /received "quick"/],
      [{ '-bf': 'many' }, '-bf', /a whole number .*for -bf but received "many"/],
      [{ '-bf:v:3': 1 }, '-bf:v:3', /stream specifier v, a, or v:0 for -bf:v:3 but received "v:3"/],
      [{ '-preset': { a: 1 } }, '-preset', /string, a number or a boolean/],
      [{ '-vcodec': 'libx246' }, '-vcodec', /local libavcodec .*Did you mean "libx264"\?$/],
      [{ '-vcodec': 'mjpeg' }, '-vcodec', /encoder of h264, hevc, vp9, av1/],
      [{ '-c:v': 'libvpx-vp9' }, '-hls_segment_type', /MPEG-TS segments hold only/, 'hls'],
      [{ '-streams': [FULL], '-c:v:1': 'libx265' }, '-c:v:1', /no stream specifier/],
      [{ '-pix_fmt': 'yuv420' }, '-pix_fmt', /Did you mean "yuv420p"\?$/],
      [{ '-r': 60 }, '-r', /at most the input's 25 for -r but received "60"/],
      [{ '-aspect': 'wide' }, '-aspect', /aspect ratio such as "16:9"/],
      [{ '-s': '161x90' }, '-s', /even numbers/],
      [{ '-b:v': '5Q' }, '-b:v', /bitrate such as "2500k" for -b:v but received "5Q"/],
      [{ '-g': -5 }, '-g', /whole number/],
      [{ '-metadata': 'title' }, '-metadata', /tag such as "title=/],
      [{ '-f': 'mp4' }, '-f', /own format "dash"/],
      [{ '-map': '0:a' }, '-map', /pushed video "0:v:0"/],
      [{ '-t': -1 }, '-t', /duration/],
      [{ '-ss': 5, '-to': 4 }, '-to', /after the start/],
      [{ '-i': 'a.mp4' }, '-i', /no input/],
      [{ '-vn': '' }, '-vn', /are video/],
      [{ '-filter_complex': 'hflip' }, '-filter_complex', /-vf instead/],
      [{ '-pass': 2 }, '-pass', /pictures come only once/],
      [{ '-q:v': 3 }, '-q:v', /-crf, or -b:v/],
      [{ '-vf': 'hfilp' }, '-vf', /libavfilter takes \(.*hfilp.*\)/s],
      [{ '-vf': 'crop=16000:16000' }, '-vf', /libavfilter takes/],
      [{ '-clones': ['-vf', 'nothing_of_the_kind'] }, '-vf', /nothing_of_the_kind/],
    ]);
  });

  it('everything that is wrong at once, each with its path', () => {
    const options = {
      output: `${folder.path}/out.m3u8`,
      format: 'dash',
      whenFull: 'never',
      streamParams: {
        '-bpp': -1,
        '-presset': 'fast',
        '-vcodec': 'libx246',
        '-streams': [{ '-resolution': '3x3' }, { ...FULL, '-video_bitrate': '5Q' }],
        '-seg_duration': 'x',
        '-hls_time': 2,
      },
    } as never;
    const error = thrown(() => new StreamGear(options));
    expect(issuesOf(error).map(({ path }) => path)).to.have.members([
      'output',
      'whenFull',
      '-bpp',
      '-presset',
      '-vcodec',
      '-streams[0].-resolution',
      '-streams[0].-video_bitrate',
      '-streams[1].-video_bitrate',
      '-seg_duration',
      '-hls_time',
    ]);
    expect(error.message).to.match(/^10 options are wrong:\n- Expected/);
  });

  it('nothing of which the caller would notice a change', async () => {
    const options = deepFreeze({
      output: `${folder.path}/frozen.mpd`,
      format: ' DASH ',
      streamParams: {
        ' -preset ': ' ultrafast ',
        '-streams': [{ ' -resolution ': ' 160x90 ', '-video_bitrate': ' 100k ' }],
        '-clones': ['-x264-params', 'aq-mode=1'],
        '-input_framerate': { num: 25, den: 1 },
        '-gop': undefined,
      },
    });
    const before = structuredClone(options);
    // Wider than the types: JavaScript has no undefined attributes to forbid.
    const gear = new StreamGear(options as unknown as StreamGearOptions);
    await gear.stream(deepFreeze({ ...smallFrame(0) }));
    const summary = await gear.close();
    expect(options).to.deep.equal(before);
    expect(summary.renditions.map(({ width }) => width)).to.deep.equal([320, 160]);
    expect(summary.renditions[1]?.bitrate.declared).to.equal(100_000);
  });
});
