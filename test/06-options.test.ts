// Options of AdaptiveStream: every default, every wrong value at once.

import { expect } from 'chai';
import { StreamError } from '../src/report/errors.js';
import { Issues } from '../src/check/issues.js';
import type { NativePackagingConfig } from '../src/native/native-config.js';
import type { AdaptiveStreamOptions } from '../src/options/options.js';
import type { PackagingOptions } from '../src/options/packaging-options.js';
import { resolveOptions } from '../src/plan/resolve.js';
import type { StreamPlan } from '../src/plan/resolve.js';
import { getFakeBinding } from './fake-binding.js';

const input = { width: 1920, height: 1080 };

function plan(options: Partial<AdaptiveStreamOptions> = {}): StreamPlan {
  const issues = new Issues();
  const resolved = resolveOptions(
    { input, output: '/tmp/out.mpd', ...options },
    issues,
    getFakeBinding,
  );
  issues.throwIfAny();
  if (resolved === undefined) throw new Error('No plan and no issues');
  return resolved;
}

function wrong(options: object): string[] {
  const issues = new Issues();
  const all = { input, output: '/tmp/out.mpd', ...options };
  expect(resolveOptions(all, issues, getFakeBinding)).to.equal(undefined);
  return issues.list.map(({ message }) => message);
}

function packagingOf(packaging: PackagingOptions, output = '/tmp/out.mpd'): NativePackagingConfig {
  return plan({ packaging, output }).config.packaging;
}

describe('options', () => {
  it('have a default for everything but the size and the output', () => {
    const { config, whenFull, trim } = plan();
    expect(config.input).to.deep.equal({
      width: 1920,
      height: 1080,
      pixelFormat: 'bgr24',
      frameRate: { num: 25, den: 1 },
      ticksPerSecond: 90000,
      sampleAspectRatio: { num: 1, den: 1 },
      colorSpace: 'bt709',
      fullRange: false,
    });
    expect(config.renditions).to.have.length(1);
    expect(config.renditions[0]).to.include({
      width: 1920,
      height: 1080,
      codec: 'libx264',
      bitrate: 5_184_000,
    });
    expect(config.grid).to.deep.equal({ segmentDuration: 360_000, gopDuration: 180_000 });
    expect(config.packaging).to.deep.include({
      manifests: [{ format: 'dash', name: 'out.mpd', window: 0, extraWindow: 0 }],
      segmentType: 'fmp4',
      output: '/tmp/out.mpd',
      initName: 'init-stream$RepresentationID$.m4s',
      segmentName: 'chunk-stream$RepresentationID$-$Number%05d$.m4s',
      playlistName: '',
      startNumber: 1,
      live: false,
      deleteSegments: false,
      playlistType: '',
      useTimeline: true,
      useTemplate: true,
    });
    expect(whenFull).to.equal('wait');
    expect(trim).to.deep.equal({ start: 0, end: Number.POSITIVE_INFINITY });
  });

  it('never change the object of the caller', () => {
    const options = Object.freeze({
      input: Object.freeze({ ...input, frameRate: 29.97 }),
      output: '/tmp/out.mpd',
      renditions: Object.freeze([Object.freeze({ height: 720 })]),
    });
    expect(plan(options).config.input.frameRate).to.deep.equal({ num: 30000, den: 1001 });
  });

  it('choose the matrix by the lines of the input', () => {
    const matrix = (height: number): string =>
      plan({ input: { width: 640, height } }).config.input.colorSpace;
    expect(matrix(576)).to.equal('smpte170m');
    expect(matrix(578)).to.equal('bt709');
    expect(plan({ input: { ...input, colorSpace: 'bt2020nc' } }).config.input.colorSpace).to.equal(
      'bt2020nc',
    );
  });

  it('list every wrong value with its path', () => {
    expect(
      wrong({
        input: { width: 1.5, height: 1080, pixelFormat: 'bgr42' },
        renditions: [{ bitrat: '1M' }, { bitrate: '5Q' }],
        video: { codec: 'libx26' },
        packaging: { live: { windo: 3 }, segmentDuration: 0 },
        whenFull: 'dorp',
      }),
    ).to.deep.equal([
      'Expected a whole number from 2 to 16384 for input.width but received 1.5',
      'Expected "gray", "ya8", "bgr24", "rgb24", "bgra", "rgba", "yuv420p", "nv12", "yuyv422" or "uyvy422" for input.pixelFormat but received "bgr42". Did you mean "bgr24"?',
      'Expected one of width, height, bitrate, frameRate, audioBitrate, options for renditions[0] but received "bitrat". Did you mean "bitrate"?',
      'Expected a bitrate such as "2500k" for renditions[1].bitrate but received "5Q"',
      'Expected a duration in seconds such as 4, "0.5" or "500ms" for packaging.segmentDuration but received 0',
      'Expected one of window, extraWindow, deleteSegments for packaging.live but received "windo". Did you mean "window"?',
      'Expected "wait" or "drop" for whenFull but received "dorp". Did you mean "drop"?',
    ]);
  });

  it('are checked against what libav says of itself', () => {
    expect(
      wrong({
        video: { codec: 'libx264', pixelFormat: 'yuv42p', crf: 99, options: { presett: 'fast' } },
        packaging: { options: { movflag: 'x' } },
      }),
    ).to.deep.equal([
      'Expected one of yuv420p, yuv422p, yuv420p10le for video.pixelFormat but received "yuv42p". Did you mean "yuv420p"?',
      'Expected a number from -1 to 51 for video.crf but received "99"',
      'Expected an option of encoder libx264 for video.options but received "presett". Did you mean "preset"?',
      'Expected an option of muxer mp4 for packaging.options but received "movflag". Did you mean "movflags"?',
    ]);
    expect(wrong({ video: { preset: 'veryfats' } })[0]).to.match(/Did you mean "veryfast"\?$/);
    expect(wrong({ video: { codec: 'libx26' } })).to.deep.equal([
      'Expected a video encoder of the local libavcodec for video.codec but received "libx26". Did you mean "libx264"?',
    ]);
  });

  it('find the usual encoder of a codec', () => {
    const encoder = (codec: string): string | undefined =>
      plan({ video: { codec } }).config.renditions[0]?.codec;
    expect(encoder('h264')).to.equal('libx264');
    expect(encoder('hevc')).to.equal('libx265');
    expect(encoder('libvpx-vp9')).to.equal('libvpx-vp9');
  });

  it('wrong values do not need the addon to be seen', () => {
    const issues = new Issues();
    expect(() =>
      resolveOptions({ input, output: '' }, issues, () => {
        throw new StreamError('Not built', { code: 'ADDON_NOT_FOUND' });
      }),
    ).not.to.throw();
    expect(issues.list).to.have.length(1);
  });

  it('make the filter decide the size', () => {
    const { config, warnings } = plan({ video: { filter: 'crop=1279:719' } });
    expect(config.renditions[0]).to.include({ width: 1278, height: 718 });
    expect(config.input.width).to.equal(1920);
    expect(warnings.map(({ code }) => code)).to.deep.equal(['ODD_SIZE']);
    expect(wrong({ video: { filter: 'corp=3' } })[0]).to.match(/^Expected a filter chain .*corp=3/);
  });

  it('take a bitrate by its FFmpeg name too', () => {
    const { config } = plan({
      video: { options: { b: '3M' } },
      renditions: [{}, { bitrate: '1M' }],
    });
    expect(config.renditions.map(({ bitrate }) => bitrate)).to.deep.equal([3_000_000, 1_000_000]);
  });

  it('place key frames by gop, inside of the segment grid', () => {
    const grid = (frameRate: number, gop?: number, segmentDuration = 4): number =>
      plan({
        input: { ...input, frameRate },
        video: gop === undefined ? {} : { gop },
        packaging: { segmentDuration },
      }).config.grid.gopDuration;
    expect(grid(25)).to.equal(2 * 90_000);
    expect(grid(25, 25)).to.equal(90_000);
    expect(grid(25, 0)).to.equal(3_600);
    expect(grid(25, undefined, 2)).to.equal(0);
    expect(grid(23.976, 48)).to.equal(48 * 4004);
  });

  it('trim by start, end or duration', () => {
    expect(plan({ trim: { start: 1, duration: '500ms' } }).trim).to.deep.equal({
      start: 1,
      end: 1.5,
    });
    expect(wrong({ trim: { start: 2, end: 1 } })).to.deep.equal([
      'Expected a time after the start (2 s) for trim.end but received 1',
    ]);
  });
});

describe('packaging', () => {
  const m3u8 = '/tmp/out.m3u8';

  it('is HLS when the output says so, with one playlist or several', () => {
    expect(packagingOf({}, m3u8).manifests[0]?.format).to.equal('hls');
    expect(packagingOf({}, m3u8)).to.include({
      segmentType: 'fmp4',
      initName: 'init.mp4',
      segmentName: 'chunk-stream-%03d.m4s',
      playlistName: '',
      startNumber: 0,
      playlistType: 'vod',
      programDateTime: false,
    });
    const several = plan({
      output: m3u8,
      renditions: [{}, { height: 360 }],
      packaging: { segmentType: 'mpegts' },
    });
    expect(several.config.packaging).to.include({
      segmentType: 'mpegts',
      initName: 'init_%v.mp4',
      segmentName: 'chunk-stream%v-%03d.ts',
      playlistName: 'stream_%v.m3u8',
    });
  });

  it('slides when live', () => {
    const mpd = packagingOf({ live: true });
    expect(mpd).to.include({ live: true, deleteSegments: true });
    expect(mpd.manifests).to.deep.equal([
      { format: 'dash', name: 'out.mpd', window: 5, extraWindow: 5 },
    ]);
    const playlist = packagingOf({ live: true }, m3u8);
    expect(playlist).to.include({ playlistType: '', programDateTime: true });
    expect(playlist.manifests[0]).to.include({ window: 6, extraWindow: 7 });
    const all = packagingOf({ live: { window: 0 } });
    expect(all.deleteSegments).to.equal(false);
    expect(all.manifests[0]?.window).to.equal(0);
    const kept = packagingOf({ live: { extraWindow: 2, deleteSegments: false } });
    expect(kept.deleteSegments).to.equal(false);
    expect(kept.manifests[0]?.extraWindow).to.equal(2);
    expect(plan({ packaging: { live: true } }).config.grid.segmentDuration).to.equal(180_000);
  });

  it('tell of fragments and init segments that MPEG-TS has not', () => {
    const { warnings } = plan({
      output: 'out.m3u8',
      packaging: {
        format: 'hls',
        segmentType: 'mpegts',
        fragmentDuration: 1,
        names: { init: 'i' },
      },
    });
    expect(warnings.map(({ code }) => code)).to.deep.equal(['IGNORED_OPTION', 'IGNORED_OPTION']);
    expect(warnings[1]?.message).to.match(/^packaging.fragmentDuration has no effect/);
  });

  it('have both manifests of one set of segments', () => {
    const both = packagingOf({ format: ['dash', 'hls'] });
    expect(both).to.include({
      segmentType: 'fmp4',
      initName: 'init-stream$RepresentationID$.m4s',
      segmentName: 'chunk-stream$RepresentationID$-$Number%05d$.m4s',
      playlistName: '',
      startNumber: 0,
      playlistType: 'vod',
    });
    expect(both.manifests.map(({ format, name }) => [format, name])).to.deep.equal([
      ['dash', 'out.mpd'],
      ['hls', 'out.m3u8'],
    ]);
    // What the output names comes first, whatever the order of the list.
    expect(plan({ packaging: { format: ['dash', 'hls'] }, output: m3u8 }).formats).to.deep.equal([
      'hls',
      'dash',
    ]);
    expect(plan({ packaging: { format: ['dash', 'dash'] } }).formats).to.deep.equal(['dash']);
    const several = { renditions: [{}, { height: 360 }], packaging: { format: ['dash', 'hls'] } };
    expect(plan(several as Partial<AdaptiveStreamOptions>).config.packaging.playlistName).to.equal(
      'stream_$RepresentationID$.m3u8',
    );
  });

  it('write names of both manifests in either way', () => {
    const names = (given: object): object =>
      plan({
        renditions: [{}, { height: 360 }],
        packaging: { format: ['dash', 'hls'], names: given },
      }).config.packaging;
    const expected = {
      initName: 'i$RepresentationID$.mp4',
      segmentName: 's$RepresentationID$-$Number%03d$.m4s',
      playlistName: 'p$RepresentationID$.m3u8',
    };
    expect(names({ init: 'i%v.mp4', segment: 's%v-%03d.m4s', playlist: 'p%v.m3u8' })).to.include(
      expected,
    );
    expect(
      names({
        init: 'i$RepresentationID$.mp4',
        segment: 's$RepresentationID$-$Number%03d$.m4s',
        playlist: 'p$RepresentationID$.m3u8',
      }),
    ).to.include(expected);
  });

  it('let both manifests list the same unless they are told otherwise', () => {
    const windows = (packaging: PackagingOptions): unknown =>
      packagingOf({ format: ['dash', 'hls'], ...packaging }).manifests.map(
        ({ window, extraWindow }) => [window, extraWindow],
      );
    expect(windows({ live: true })).to.deep.equal([
      [6, 5],
      [6, 7],
    ]);
    expect(windows({ live: { window: 4, extraWindow: 2 } })).to.deep.equal([
      [4, 2],
      [4, 2],
    ]);
    expect(windows({ live: true, dash: { window: 3 }, hls: { extraWindow: 1 } })).to.deep.equal([
      [3, 5],
      [6, 1],
    ]);
    const event = packagingOf({
      format: ['dash', 'hls'],
      live: true,
      dash: { window: 3 },
      hls: { playlistType: 'event' },
    });
    expect(event.manifests.map(({ window }) => window)).to.deep.equal([3, 0]);
    expect(event.deleteSegments, 'the playlist names them all').to.equal(false);
  });

  it('refuse formats that are none, none at all, and MPEG-TS for an MPD', () => {
    for (const format of [[], ['dash', 'smooth'], 'dash,hls', 7, [['dash']]]) {
      expect(wrong({ packaging: { format } }), JSON.stringify(format)).to.have.length(1);
      expect(wrong({ packaging: { format } })[0]).to.match(
        /^Expected "dash" or "hls" for packaging\.format but received/,
      );
    }
    expect(wrong({ packaging: { format: ['hls', 'dash'], segmentType: 'mpegts' } })).to.deep.equal([
      'Expected "fmp4", as DASH needs for packaging.segmentType but received "mpegts"',
    ]);
    expect(wrong({ packaging: { format: ['hls', 'dash'] }, output: '/tmp/out.mp4' })[0]).to.match(
      /extension "\.m3u8" \(format "hls"\) or "\.mpd" \(format "dash"\)/,
    );
  });

  it('keeps a live playlist three target durations long', () => {
    const short = { live: true, segmentDuration: 0.4 };
    expect(packagingOf(short, m3u8).manifests[0]?.window).to.equal(8);
    const { warnings } = plan({
      output: m3u8,
      packaging: { ...short, live: { window: 5 } },
    });
    expect(warnings.map(({ code }) => code)).to.deep.equal(['SHORT_WINDOW']);
  });

  it('lets an event playlist grow', () => {
    const event = { live: true, hls: { playlistType: 'event' } } as const;
    expect(packagingOf(event, m3u8).playlistType).to.equal('event');
    expect(packagingOf(event, m3u8).manifests[0]?.window).to.equal(0);
    expect(wrong({ output: m3u8, packaging: { ...event, live: { window: 3 } } })).to.have.length(1);
    expect(
      wrong({ output: m3u8, packaging: { live: true, hls: { playlistType: 'vod' } } }),
    ).to.have.length(1);
  });

  it('refuses what does not belong together', () => {
    expect(wrong({ packaging: { segmentType: 'mpegts' } })).to.have.length(1);
    expect(wrong({ packaging: { hls: { baseUrl: 'x' } } })).to.have.length(1);
    expect(
      wrong({ output: m3u8, packaging: { hls: { baseUrl: 'https://cdn/\n#EXT-X' } } })[0],
    ).to.match(/^Expected text of one line for packaging\.hls\.baseUrl/);
    expect(wrong({ packaging: { live: { window: 1e10 } } })).to.have.length(1);
    expect(wrong({ packaging: { protocolOptions: { method: 'PUT' } } })).to.have.length(1);
    expect(wrong({ video: { codec: 'mpeg4' } })).to.have.length(1);
    expect(
      wrong({
        output: m3u8,
        video: { codec: 'libvpx-vp9' },
        packaging: { segmentType: 'mpegts' },
      })[0],
    ).to.match(/^Expected "fmp4", .* vp9,/);
    expect(wrong({ renditions: [] })).to.have.length(1);
  });

  it('checks names', () => {
    const names = (given: object, renditions: object[] = [{}]): string[] =>
      wrong({ packaging: { names: given }, renditions });
    expect(names({ segment: 'seg.m4s' })[0]).to.match(/number, such as "\$Number%05d\$"/);
    expect(names({ segment: '/elsewhere/s-$Number$.m4s' })[0]).to.match(/manifest's own folder/);
    expect(names({ init: 'init.mp4' }, [{}, { height: 360 }])[0]).to.match(/\$RepresentationID\$/);
    expect(names({ playlist: 'x.m3u8' })[0]).to.match(/only playlist/);
    expect(names({ segment: 'a\0$Number$.m4s' })[0]).to.match(/without a null byte/);
    expect(names({ segment: '$Number%0999d$.m4s' })[0]).to.match(/at most 99 digits/);
    const fine = packagingOf({ names: { segment: '/tmp/s-$Number$.$ext$', init: 'i.mp4' } });
    expect(fine).to.include({ segmentName: 's-$Number$.m4s', initName: 'i.mp4' });
  });

  it('checks that every file has a name of its own', () => {
    const two = [{}, { height: 360 }];
    const issue = (more: object): string[] => wrong({ output: '/tmp/m1.m3u8', ...more });
    const names = (given: object, more = {}): string[] =>
      issue({ packaging: { names: given }, ...more });
    expect(issue({ output: '/tmp/stream_1.m3u8', renditions: two })).to.deep.equal([
      'Expected a name that no other file of the presentation has (stream_%v.m3u8) for output but received "stream_1.m3u8"',
    ]);
    plan({ output: '/tmp/stream_1.m3u8' });
    plan({ output: '/tmp/stream_2.m3u8', renditions: two });
    plan({ output: '/tmp/m1.m3u8', packaging: { names: { init: 's_0.mp4', segment: 's%d.mp4' } } });
    expect(issue({ output: 'http://host/a/stream_0.m3u8', renditions: two })).to.have.length(1);
    expect(names({ init: 'm1.m3u8' })[0]).to.match(/for packaging\.names\.init but received/);
    expect(names({ segment: 'm%d.m3u8' })[0]).to.match(/for packaging\.names\.segment but/);
    expect(names({ init: 's007.mp4', segment: 's%03d.mp4' })).to.have.length(1);
    const same = { playlist: 'x%v.m3u8', init: 'x%v.m3u8' };
    expect(names(same, { renditions: two })[0]).to.match(/for packaging\.names\.init but/);
  });

  it('passes options to the protocol of a URL', () => {
    const { config } = plan({
      output: 'http://localhost/out.mpd',
      packaging: { protocolOptions: { method: 'PUT', timeout: 5 }, options: { movflags: 'x' } },
    });
    expect(config.packaging.ioOptions).to.deep.equal([
      ['method', 'PUT'],
      ['timeout', '5'],
    ]);
    expect(config.packaging.muxerOptions).to.deep.equal([['movflags', '+x']]);
  });
});
