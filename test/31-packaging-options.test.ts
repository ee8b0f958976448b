// Every option of packaging, by StreamGear's names: what it changes in files and manifests, and what is refused.
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { AdaptiveStream, StreamError, StreamGear } from '../src/index.js';
import type { StreamParams } from '../src/index.js';
import { lintDash } from './support/dash-lint.js';
import { decodeErrors, packets } from './support/ffprobe.js';
import { lintHls } from './support/hls-lint.js';
import { ingestServer } from './support/ingest.js';
import type { IngestServer } from './support/ingest.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { readInit } from './support/mp4.js';
import { parseMpd, type MpdRepresentation } from './support/mpd.js';
import { boxes, cycle, issuesOf, pushGear, SMALL, type Pushed } from './support/pushed.js';

const RATE = 20;
const COUNT = 30;
const STREAMS = [{ '-resolution': '160x90', '-video_bitrate': '100k' }];

type Format = 'dash' | 'hls';

interface Packed extends Pushed {
  folder: string;
  files: string[];
  /** The root manifest. */
  text: string;
}

let base: TemporaryFolder;

async function pack(format: Format, params: StreamParams, count = COUNT): Promise<Packed> {
  const folder = await mkdtemp(join(base.path, 'run-'));
  const output = join(folder, format === 'dash' ? 'out.mpd' : 'out.m3u8');
  const streamParams = { '-input_framerate': RATE, '-preset': 'ultrafast', ...params };
  const pushed = await pushGear({ output, format, streamParams }, count);
  const text = await readFile(output, 'utf8');
  return { ...pushed, folder, files: (await readdir(folder)).sort(), text };
}

function representations(text: string): MpdRepresentation[] {
  return parseMpd(text).periods.flatMap(({ sets }) => sets.flatMap((set) => set.representations));
}

/** Seconds of the segments of the first representation. */
function durations(text: string): number[] {
  const [first] = representations(text);
  return (first?.segments ?? []).map(({ duration }) => duration / (first?.timescale ?? NaN));
}

function extinf(text: string): number[] {
  return [...text.matchAll(/^#EXTINF:([\d.]+),$/gm)].map(([, seconds]) => Number(seconds));
}

function uris(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

function tag(text: string, name: string): string | undefined {
  return new RegExp(`^#EXT-X-${name}:?(.*)$`, 'm').exec(text)?.[1];
}

function codes({ warnings }: Pushed): string[] {
  return warnings.map(({ code }) => code);
}

/** The messages of what a StreamGear refuses. */
function refusals(format: Format, params: StreamParams): string[] {
  const output = join(base.path, `refused.${format === 'dash' ? 'mpd' : 'm3u8'}`);
  return issuesOf({ output, format, streamParams: params }).map(({ message }) => message);
}

/** Sound, decodable, and with every frame in every rendition. */
async function expectPlays(
  { manifest }: Pushed,
  format: Format,
  { count = COUNT, live = false } = {},
): Promise<void> {
  const lint = format === 'dash' ? lintDash : lintHls;
  const violations = await lint(manifest, { live });
  expect(violations).to.deep.equal([]);
  expect(await decodeErrors(manifest)).to.equal('');
  for (const list of await packets(manifest)) expect(list).to.have.length(count);
}

describe('packaging options', () => {
  before(async () => {
    base = await temporaryFolder();
  });
  after(() => base[Symbol.asyncDispose]());

  describe('of DASH', () => {
    for (const value of [0.5, '0.5', '500ms', ' 0.5 ']) {
      it(`-seg_duration ${JSON.stringify(value)} cuts every half second`, async () => {
        const packed = await pack('dash', { '-seg_duration': value });
        expect(durations(packed.text)).to.deep.equal([0.5, 0.5, 0.5]);
        if (value === 0.5) await expectPlays(packed, 'dash');
      });
    }

    it('-seg_duration that is no multiple of a frame keeps segments aligned with frames', async () => {
      const packed = await pack('dash', { '-seg_duration': 0.33, '-streams': STREAMS });
      await expectPlays(packed, 'dash');
      const lengths = durations(packed.text);
      expect(lengths).to.have.length.within(4, 5);
      for (const seconds of lengths)
        expect(Math.abs(Math.round(seconds * RATE) - seconds * RATE)).to.be.below(1e-9);
    });

    it('-min_seg_duration is the same in microseconds', async () => {
      const { text } = await pack('dash', { '-min_seg_duration': 500_000 });
      expect(durations(text)).to.deep.equal([0.5, 0.5, 0.5]);
    });

    for (const [params, onDisk] of [
      [{ '-window_size': 4, '-extra_window_size': 3 }, 7],
      [{ '-window_size': '4', '-extra_window_size': '0' }, 4],
      [{ '-window_size': 4 }, 9],
      [{ '-extra_window_size': 1 }, 6],
    ] as const) {
      it(`${JSON.stringify(params)} leaves ${onDisk} segments on disk`, async () => {
        const live = { '-livestream': true, '-seg_duration': 0.2 };
        const { files, text } = await pack('dash', { ...live, ...params }, 60);
        const window = '-window_size' in params ? 4 : 5;
        expect(durations(text)).to.have.length(window);
        // The last segment comes with the end, and takes nothing away.
        const segments = files.filter((name) => name.startsWith('chunk-stream'));
        expect(segments).to.have.length.within(onDisk, onDisk + 1);
        expect(segments.at(-1)).to.equal('chunk-stream0-00015.m4s');
      });
    }

    it('-window_size 0 lists and keeps all', async () => {
      const live = { '-livestream': true, '-seg_duration': 0.2, '-window_size': 0 };
      const packed = await pack('dash', live, 60);
      expect(durations(packed.text)).to.have.length(15);
      await expectPlays(packed, 'dash', { count: 60, live: true });
    });

    it('-window_size without -livestream deletes nothing, and says so', async () => {
      const packed = await pack('dash', { '-seg_duration': 0.2, '-window_size': 2 });
      expect(durations(packed.text)).to.have.length(8);
      expect(codes(packed)).to.include('IGNORED_OPTION');
    });

    it('-use_timeline 0 counts segments of one duration', async () => {
      const packed = await pack('dash', { '-seg_duration': 0.5, '-use_timeline': 0 });
      expect(packed.text).to.not.include('SegmentTimeline');
      const [first] = representations(packed.text);
      expect((first?.nominalDuration ?? NaN) / (first?.timescale ?? NaN)).to.equal(0.5);
      await expectPlays(packed, 'dash');
    });

    it('-use_template 0 lists every segment', async () => {
      const packed = await pack('dash', {
        '-seg_duration': 0.5,
        '-use_template': '0',
        '-streams': STREAMS,
      });
      expect(packed.text).to.not.include('SegmentTemplate');
      expect(packed.text.match(/<SegmentURL media="chunk-stream\d-0000\d\.m4s"/g)).to.have.length(
        6,
      );
      await expectPlays(packed, 'dash');
    });

    it('-use_timeline 0 and -use_template 0 together still play', async () => {
      const packed = await pack('dash', {
        '-seg_duration': 0.5,
        '-use_timeline': false,
        '-use_template': false,
      });
      await expectPlays(packed, 'dash');
    });

    it('-init_seg_name and -media_seg_name name the files', async () => {
      const packed = await pack('dash', {
        '-seg_duration': 0.5,
        '-streams': STREAMS,
        '-init_seg_name': 'head-$RepresentationID$.$ext$',
        '-media_seg_name': 'r$RepresentationID$_$Number%02d$_$Bandwidth$.$ext$',
      });
      expect(packed.files.slice(0, 2)).to.deep.equal(['head-0.m4s', 'head-1.m4s']);
      const segments = packed.files.filter((name) => /^r[01]_0[123]_\d+\.m4s$/.test(name));
      expect(segments).to.have.length(6);
      expect(segments).to.include('r1_01_100000.m4s');
      expect(packed.files).to.have.length(2 + 6 + 1);
      await expectPlays(packed, 'dash');
    });

    it('names that a URI must escape are escaped', async () => {
      const packed = await pack('dash', { '-media_seg_name': 'part & $Number$.m4s' }, 5);
      expect(packed.files).to.include('part & 1.m4s');
      expect(packed.text).to.include('media="part%20&amp;%20$Number$.m4s"');
      const hls = await pack('hls', { '-hls_segment_filename': 'part é %d.ts' }, 5);
      expect(hls.files).to.include('part é 0.ts');
      expect(uris(hls.text)).to.deep.equal(['part%20%C3%A9%200.ts']);
    });

    it('-frag_duration cuts segments into fragments', async () => {
      const packed = await pack('dash', { '-seg_duration': 0.5, '-frag_duration': 0.1 });
      const bytes = await readFile(join(packed.folder, 'chunk-stream0-00001.m4s'), 'latin1');
      expect(bytes.match(/moof/g)).to.have.length(5);
      await expectPlays(packed, 'dash');
    });

    it('-utc_timing_url tells players where the time is', async () => {
      const url = 'https://time.example/iso?a=1&b=2';
      const folder = await mkdtemp(join(base.path, 'run-'));
      const output = join(folder, 'out.mpd');
      const gear = new StreamGear({
        output,
        streamParams: {
          '-livestream': true,
          '-seg_duration': 0.5,
          '-input_framerate': RATE,
          '-utc_timing_url': url,
        },
      });
      const texts: string[] = [];
      gear.on('manifest', ({ path }) => texts.push(readFileSync(path, 'utf8')));
      const pictures = boxes();
      while (texts.length === 0) await gear.stream(cycle(pictures, 0));
      await gear.close();
      const { utcTiming } = parseMpd(texts[0] ?? '');
      expect(utcTiming).to.deep.equal([
        { scheme: 'urn:mpeg:dash:utc:http-xsdate:2014', value: url },
      ]);
    });

    it('-dash_segment_type mp4 and one set of all video are what it does anyway', async () => {
      const packed = await pack('dash', {
        '-dash_segment_type': 'mp4',
        '-adaptation_sets': 'id=0,streams=v',
      });
      await expectPlays(packed, 'dash');
      expect(refusals('dash', { '-dash_segment_type': 'webm' })).to.deep.equal([
        'Expected "auto" or "mp4" for -dash_segment_type but received "webm"',
      ]);
      expect(refusals('dash', { '-adaptation_sets': 'id=0,streams=0 id=1,streams=1' })[0]).to.match(
        /^Expected one set of all video, .* for -adaptation_sets/,
      );
    });
  });

  describe('of the mp4 muxer', () => {
    it('-format_options reach it', async () => {
      const packed = await pack('dash', { '-format_options': 'brand=mp42' });
      const init = await readInit(join(packed.folder, 'init-stream0.m4s'));
      expect(init.brands.major).to.equal('mp42');
      await expectPlays(packed, 'dash');
    });

    for (const flags of ['frag_every_frame', '+frag_every_frame']) {
      it(`-movflags ${flags} is added to what makes fragments`, async () => {
        const packed = await pack('dash', { '-seg_duration': 0.5, '-movflags': flags });
        const bytes = await readFile(join(packed.folder, 'chunk-stream0-00001.m4s'), 'latin1');
        expect(bytes.match(/moof/g)).to.have.length(0.5 * RATE);
        await expectPlays(packed, 'dash');
      });
    }

    it('wrong flags and options are refused with the nearest', () => {
      expect(refusals('dash', { '-movflags': '+fastart' })[0]).to.match(
        /for -movflags but received "\+fastart". Did you mean "faststart"\?$/,
      );
      expect(refusals('dash', { '-format_options': 'movflgs=+dash' })[0]).to.include('"movflags"');
    });

    it('-movflags has no effect on MPEG-TS, and says so', async () => {
      const packed = await pack('hls', { '-movflags': '+dash' });
      expect(codes(packed)).to.deep.equal(['IGNORED_OPTION']);
    });
  });

  describe('of HLS', () => {
    for (const value of [0.5, '0.5', '00:00:00.5']) {
      it(`-hls_time ${JSON.stringify(value)} cuts every half second`, async () => {
        const packed = await pack('hls', { '-hls_time': value });
        expect(extinf(packed.text)).to.deep.equal([0.5, 0.5, 0.5]);
        if (value === 0.5) await expectPlays(packed, 'hls');
      });
    }

    it('one rendition is one playlist, with the original names', async () => {
      const packed = await pack('hls', { '-hls_time': 0.5 });
      const names = ['chunk-stream-000.ts', 'chunk-stream-001.ts', 'chunk-stream-002.ts'];
      expect(packed.files).to.deep.equal([...names, 'out.m3u8']);
      expect(uris(packed.text)).to.deep.equal(names);
      expect(tag(packed.text, 'PLAYLIST-TYPE')).to.equal('VOD');
    });

    it('-hls_segment_type fmp4 writes an init segment and names it', async () => {
      const packed = await pack('hls', { '-hls_time': 0.5, '-hls_segment_type': 'fmp4' });
      expect(packed.files).to.deep.equal([
        'chunk-stream-000.m4s',
        'chunk-stream-001.m4s',
        'chunk-stream-002.m4s',
        'init.mp4',
        'out.m3u8',
      ]);
      expect(tag(packed.text, 'MAP')).to.equal('URI="init.mp4"');
      await expectPlays(packed, 'hls');
    });

    it('-hls_segment_type is mpegts or fmp4', () => {
      expect(refusals('hls', { '-hls_segment_type': 'fmp5' as 'fmp4' })).to.deep.equal([
        'Expected "mpegts" or "fmp4" for -hls_segment_type but received "fmp5". Did you mean "fmp4"?',
      ]);
    });

    it('-hls_segment_filename, -hls_fmp4_init_filename and -start_number name the files', async () => {
      const packed = await pack('hls', {
        '-hls_time': 0.5,
        '-streams': STREAMS,
        '-hls_segment_type': 'fmp4',
        '-hls_segment_filename': 'part%v_%04d.mp4',
        '-hls_fmp4_init_filename': 'head%v.mp4',
        '-start_number': 7,
      });
      expect(packed.files).to.deep.equal([
        'head0.mp4',
        'head1.mp4',
        'out.m3u8',
        'part0_0007.mp4',
        'part0_0008.mp4',
        'part0_0009.mp4',
        'part1_0007.mp4',
        'part1_0008.mp4',
        'part1_0009.mp4',
        'stream_0.m3u8',
        'stream_1.m3u8',
      ]);
      const media = await readFile(join(packed.folder, 'stream_1.m3u8'), 'utf8');
      expect(tag(media, 'MEDIA-SEQUENCE')).to.equal('7');
      // The lint takes a sequence that starts later for removed segments.
      const violations = await lintHls(packed.manifest);
      expect(violations.filter((text) => !/^(playlist-type|window) /.test(text))).to.deep.equal([]);
      for (const list of await packets(packed.manifest)) expect(list).to.have.length(COUNT);
    });

    it('names in the folder of the output may be whole paths', async () => {
      const folder = await mkdtemp(join(base.path, 'run-'));
      await pushGear(
        {
          output: join(folder, 'out.m3u8'),
          format: 'hls',
          streamParams: { '-hls_segment_filename': join(folder, 'x%d.ts') },
        },
        3,
      );
      expect((await readdir(folder)).sort()).to.deep.equal(['out.m3u8', 'x0.ts']);
    });

    it('names that would collide or leave the folder are refused', () => {
      const several = { '-streams': STREAMS };
      for (const [format, params, message] of [
        [
          'hls',
          { ...several, '-hls_segment_filename': 'part%d.ts' },
          'Expected a name with "%v", as there are several renditions for -hls_segment_filename but received "part%d.ts"',
        ],
        [
          'hls',
          { '-hls_segment_filename': 'part.ts' },
          'Expected a name with the segment\'s number, such as "%03d", for -hls_segment_filename but received "part.ts"',
        ],
        [
          'hls',
          { '-hls_segment_filename': '../part%d.ts' },
          'Expected a file name in the manifest\'s own folder for -hls_segment_filename but received "../part%d.ts"',
        ],
        [
          'dash',
          { ...several, '-init_seg_name': 'init.m4s' },
          'Expected a name with "$RepresentationID$", as there are several renditions for -init_seg_name but received "init.m4s"',
        ],
        [
          'dash',
          { '-media_seg_name': 'a/$Number$.m4s' },
          'Expected a file name in the manifest\'s own folder for -media_seg_name but received "a/$Number$.m4s"',
        ],
      ] as const) {
        expect(refusals(format, params)).to.deep.equal([message]);
      }
    });

    it('-hls_base_url stands before every URI of a media playlist', async () => {
      const url = 'https://cdn.example/v/';
      const { text } = await pack('hls', {
        '-hls_time': 0.5,
        '-hls_segment_type': 'fmp4',
        '-hls_base_url': url,
      });
      expect(uris(text)).to.deep.equal([0, 1, 2].map((n) => `${url}chunk-stream-00${n}.m4s`));
      expect(tag(text, 'MAP')).to.equal(`URI="${url}init.mp4"`);
    });

    it('-hls_list_size and -hls_delete_threshold are the window of a live playlist', async () => {
      const live = { '-livestream': true, '-hls_time': 0.5, '-hls_list_size': 7 };
      const { text, files } = await pack('hls', { ...live, '-hls_delete_threshold': 2 }, 120);
      expect(extinf(text)).to.have.length(7);
      expect(tag(text, 'MEDIA-SEQUENCE')).to.equal('5');
      expect(files.filter((name) => name.endsWith('.ts'))).to.have.length.within(9, 10);
    });

    it('a window below three target durations is warned of', async () => {
      const live = { '-livestream': true, '-hls_time': 1, '-hls_list_size': 2 };
      const packed = await pack('hls', live, 5);
      expect(codes(packed)).to.deep.equal(['SHORT_WINDOW']);
    });

    it('-hls_list_size 0 lists all of a live stream', async () => {
      const live = { '-livestream': true, '-hls_time': 0.5, '-hls_list_size': '0' };
      const packed = await pack('hls', live, 120);
      expect(extinf(packed.text)).to.have.length(12);
      expect(packed.files).to.have.length(13);
    });

    it('-hls_playlist_type event only ever grows', async () => {
      const live = {
        '-livestream': true,
        '-hls_time': 0.5,
        '-hls_playlist_type': 'event',
      } as const;
      const packed = await pack('hls', live, 120);
      expect(tag(packed.text, 'PLAYLIST-TYPE')).to.equal('EVENT');
      expect(extinf(packed.text)).to.have.length(12);
      expect(tag(packed.text, 'ENDLIST')).to.equal('');
      expect(await lintHls(packed.manifest, { live: true })).to.deep.equal([]);
      expect(refusals('hls', { '-livestream': true, '-hls_playlist_type': 'vod' })).to.deep.equal([
        'Expected "event" or nothing when live for -hls_playlist_type but received "vod"',
      ]);
    });
  });

  describe('-hls_flags', () => {
    const live = { '-livestream': true, '-hls_time': 0.5 };
    const wide = { ...live, '-hls_list_size': 6, '-hls_delete_threshold': 1 };

    it('delete_segments deletes, and given flags without it do not', async () => {
      const count = async (flags: string): Promise<number> => {
        const { files } = await pack('hls', { ...wide, '-hls_flags': flags }, 120);
        return files.filter((name) => name.endsWith('.ts')).length;
      };
      expect(await count('delete_segments')).to.be.within(7, 8);
      expect(await count('program_date_time')).to.equal(12);
      expect(await count('+delete_segments-delete_segments')).to.equal(12);
    });

    it('delete_segments without -livestream deletes nothing, and says so', async () => {
      const packed = await pack('hls', { '-hls_time': 0.5, '-hls_flags': 'delete_segments' });
      expect(codes(packed)).to.deep.equal(['IGNORED_OPTION']);
      expect(extinf(packed.text)).to.have.length(3);
    });

    it('discont_start begins with a discontinuity; it is on in live streams', async () => {
      const vod = await pack('hls', { '-hls_flags': 'discont_start' });
      expect(vod.text).to.include('#EXT-X-DISCONTINUITY\n');
      expect((await pack('hls', {})).text).to.not.include('DISCONTINUITY');
      expect((await pack('hls', live)).text).to.include('#EXT-X-DISCONTINUITY\n');
      const without = await pack('hls', { ...live, '-hls_flags': '-discont_start' });
      expect(without.text).to.not.include('DISCONTINUITY');
    });

    it('omit_endlist leaves the playlist open', async () => {
      const { text } = await pack('hls', { '-hls_flags': 'omit_endlist' });
      expect(text).to.not.include('ENDLIST');
      expect((await pack('hls', {})).text).to.match(/#EXT-X-ENDLIST\n$/);
    });

    it('program_date_time dates every segment', async () => {
      const before = Date.now();
      const { text } = await pack('hls', { '-hls_time': 0.5, '-hls_flags': 'program_date_time' });
      const dates = [...text.matchAll(/#EXT-X-PROGRAM-DATE-TIME:(\S+Z)$/gm)].map(([, date = '']) =>
        Date.parse(date),
      );
      const [first = NaN] = dates;
      expect(first).to.be.within(before, Date.now());
      expect(dates).to.deep.equal([first, first + 500, first + 1000]);
      expect((await pack('hls', {})).text).to.not.include('PROGRAM-DATE-TIME');
    });

    it('round_durations writes whole seconds', async () => {
      const { text } = await pack('hls', { '-hls_time': 1, '-hls_flags': 'round_durations' }, 58);
      expect([...text.matchAll(/#EXTINF:(.*),/g)].map(([, value]) => value)).to.deep.equal([
        '1',
        '1',
        '1',
      ]);
    });

    it('independent_segments and temp_file are always on', async () => {
      const packed = await pack('hls', { '-hls_flags': 'independent_segments+temp_file' });
      expect(packed.text).to.include('#EXT-X-INDEPENDENT-SEGMENTS');
      expect(codes(packed)).to.deep.equal([]);
      const without = await pack('hls', { '-hls_flags': '-temp_file' });
      expect(codes(without)).to.deep.equal(['IGNORED_OPTION']);
    });

    it('split_by_time never cuts off key frames, and says so', async () => {
      const packed = await pack('hls', { '-hls_time': 0.5, '-hls_flags': 'split_by_time' });
      expect(codes(packed)).to.deep.equal(['IGNORED_OPTION']);
      await expectPlays(packed, 'hls');
    });

    it('others are refused with the nearest', () => {
      expect(refusals('hls', { '-hls_flags': 'omit_endlists' })[0]).to.match(
        /for -hls_flags but received "omit_endlists". Did you mean "omit_endlist"\?$/,
      );
      expect(refusals('hls', { '-hls_flags': 'delete_segments+single_file' })[0]).to.match(
        /^Expected flags of delete_segments, .* for -hls_flags but received "single_file"/,
      );
    });
  });

  describe('that are wrong', () => {
    for (const [format, params, message] of [
      [
        'dash',
        { '-seg_duration': 0 },
        'Expected a duration in seconds such as 4, "0.5" or "500ms" for -seg_duration but received 0',
      ],
      [
        'dash',
        { '-seg_duration': 'soon' },
        'Expected a duration in seconds such as 4, "0.5" or "500ms" for -seg_duration but received "soon"',
      ],
      [
        'hls',
        { '-hls_time': -1 },
        'Expected a duration in seconds such as 4, "0.5" or "500ms" for -hls_time but received -1',
      ],
      [
        'dash',
        { '-livestream': true, '-window_size': 1.5 },
        'Expected a whole number of at least 0 for -window_size but received 1.5',
      ],
      [
        'hls',
        { '-start_number': '-3' },
        'Expected a whole number of at least 0 for -start_number but received "-3"',
      ],
      [
        'dash',
        { '-use_timeline': 'maybe' },
        'Expected true or false for -use_timeline but received "maybe"',
      ],
      [
        'hls',
        { '-hls_playlist_type': 'vodd' },
        'Expected "vod" or "event" for -hls_playlist_type but received "vodd". Did you mean "vod"?',
      ],
      [
        'dash',
        { '-hls_time': 2 },
        'Expected an option of format "dash" for streamParams but received "-hls_time". Did you mean "-seg_duration"?',
      ],
      [
        'hls',
        { '-window_size': 2 },
        'Expected an option of format "hls" for streamParams but received "-window_size". Did you mean "-hls_list_size"?',
      ],
    ] as const) {
      it(`${format} ${JSON.stringify(params)} is one clear sentence`, () => {
        expect(refusals(format, params as StreamParams)).to.deep.equal([message]);
      });
    }

    for (const [format, name, near] of [
      ['dash', '-seg_duratoin', '-seg_duration'],
      ['dash', '-windowsize', '-window_size'],
      ['dash', '-init_segname', '-init_seg_name'],
      ['hls', '-hls_tmie', '-hls_time'],
      ['hls', '-hls_base_uri', '-hls_base_url'],
      ['hls', '-hls_flag', '-hls_flags'],
    ] as const) {
      it(`${name} is unknown, and ${near} is named`, () => {
        const messages = refusals(format, { [name]: 1 });
        expect(messages).to.have.length(1);
        expect(messages[0]).to.match(/^Expected an attribute of StreamGear or an FFmpeg option/);
        expect(messages[0]).to.match(new RegExp(`received "${name}". Did you mean "${near}"\\?$`));
      });
    }

    for (const [format, name] of [
      ['dash', '-ldash'],
      ['dash', '-streaming'],
      ['dash', '-single_file'],
      ['hls', '-hls_key_info_file'],
      ['hls', '-hls_enc'],
      ['hls', '-strftime'],
    ] as const) {
      it(`${name}, which only libavformat's ${format} muxer has, is refused and never dropped`, () => {
        expect(refusals(format, { [name]: 1 })).to.deep.equal([
          `Expected an option that the packager has for streamParams but received "${name}": ` +
            `libavformat's ${format} muxer has it, the packager of StreamGear does not`,
        ]);
      });
    }

    it('all are told at once', () => {
      const params = { '-seg_duration': 0, '-use_template': 'x', '-windowsize': 1, '-ldash': 1 };
      expect(refusals('dash', params)).to.have.length(4);
    });

    it('are a warning and the default with strict: false', async () => {
      const folder = await mkdtemp(join(base.path, 'run-'));
      const { warnings, manifest } = await pushGear(
        {
          output: join(folder, 'out.m3u8'),
          format: 'hls',
          strict: false,
          streamParams: { '-hls_time': 'soon', '-input_framerate': RATE, '-preset': 'ultrafast' },
        },
        5 * RATE,
      );
      expect(warnings.map(({ message }) => message)).to.deep.equal([
        'Expected a duration in seconds such as 4, "0.5" or "500ms" for -hls_time but received "soon"',
      ]);
      expect(extinf(await readFile(manifest, 'utf8'))).to.deep.equal([4, 1]);
    });
  });
});

const FOREIGN = [
  'chunk-stream0-00001.m4s.bak',
  'chunk-streams-00001.m4s',
  'chunk-stream0-00001.mp4',
  'holiday.mp4',
  'init.mp4.txt',
  'my-init-stream0.m4s',
  'notes.txt',
  'stream_0.m3u8.old',
  'stream_a.m3u',
];
const OURS = [
  'chunk-stream0-00001.m4s',
  'chunk-stream-000.ts',
  'chunk-stream1-017.ts',
  'init-stream0.m4s',
  'init-stream12.m4s',
  'init.mp4',
  'init_1.mp4',
  'stream_0.m3u8',
];

describe('-clear_prev_assets', () => {
  async function littered(): Promise<TemporaryFolder> {
    const folder = await temporaryFolder();
    for (const name of [...FOREIGN, ...OURS, 'old.mpd', 'old.m3u8']) {
      await writeFile(join(folder.path, name), 'x');
    }
    // A folder is never ours, whatever its name; nor is what lies in it.
    await mkdir(join(folder.path, 'chunk-stream0-00002.m4s'));
    await writeFile(join(folder.path, 'chunk-stream0-00002.m4s', 'init.mp4'), 'x');
    return folder;
  }

  for (const [format, file, other] of [
    ['dash', 'out.mpd', 'old.m3u8'],
    ['hls', 'out.m3u8', 'old.mpd'],
  ] as const) {
    it(`deletes what an earlier run left, manifests of ${format}, and nothing else`, async () => {
      await using folder = await littered();
      const gear = new StreamGear({
        output: join(folder.path, file),
        format,
        streamParams: { '-clear_prev_assets': true },
      });
      const logs: string[] = [];
      gear.on('log', ({ message }) => logs.push(message));
      await gear.close();
      expect((await readdir(folder.path)).sort()).to.deep.equal(
        [...FOREIGN, other, 'chunk-stream0-00002.m4s'].sort(),
      );
      expect(await readdir(join(folder.path, 'chunk-stream0-00002.m4s'))).to.deep.equal([
        'init.mp4',
      ]);
      expect(logs).to.deep.equal([`Deleted ${OURS.length + 1} files of an earlier run`]);
    });
  }

  it('deletes nothing when it is off, or when an option is wrong', async () => {
    await using folder = await littered();
    const before = await readdir(folder.path);
    const output = join(folder.path, 'out.mpd');
    await new StreamGear({ output, streamParams: { '-clear_prev_assets': false } }).close();
    expect(await readdir(folder.path)).to.deep.equal(before);
    const wrong = { '-clear_prev_assets': true, '-bpp': 0 };
    expect(issuesOf({ output, streamParams: wrong })).to.have.length(1);
    expect(await readdir(folder.path)).to.deep.equal(before);
  });

  it('is packaging.clearPrevious of AdaptiveStream', async () => {
    await using folder = await littered();
    const stream = await AdaptiveStream.open({
      input: SMALL,
      packaging: { clearPrevious: true },
      output: join(folder.path, 'out.mpd'),
    });
    await stream.abort();
    expect(await readdir(folder.path)).to.not.include.members(['old.mpd']);
    expect(await readdir(folder.path)).to.include.members(FOREIGN);
    for (const name of OURS) expect(await readdir(folder.path)).to.not.include(name);
  });
});

describe('an HTTP output', () => {
  async function put(
    format: Format,
    params: StreamParams,
    count = COUNT,
  ): Promise<AsyncDisposable & { server: IngestServer; url: string }> {
    const server = await ingestServer();
    const url = `${server.origin}/live/out.${format === 'dash' ? 'mpd' : 'm3u8'}`;
    await pushGear(
      {
        output: url,
        format,
        streamParams: {
          '-input_framerate': RATE,
          '-preset': 'ultrafast',
          '-streams': STREAMS,
          ...params,
        },
      },
      count,
    );
    return { server, url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  }

  it('receives every file of DASH by PUT, and the result plays from there', async () => {
    await using done = await put('dash', { '-seg_duration': 0.5 });
    const { server, url } = done;
    const segments = [0, 1].flatMap((id) => [
      ...[1, 2, 3].map((number) => `/live/chunk-stream${id}-0000${number}.m4s`),
      `/live/init-stream${id}.m4s`,
    ]);
    expect([...server.files.keys()].sort()).to.deep.equal([...segments, '/live/out.mpd'].sort());
    expect(new Set(server.requests.map(({ method }) => method))).to.deep.equal(new Set(['PUT']));
    // The manifest is sent last: it never names what is not there.
    expect(server.requests.at(-1)?.path).to.equal('/live/out.mpd');
    for (const list of await packets(url)) expect(list).to.have.length(COUNT);
    expect(await decodeErrors(url)).to.equal('');
  });

  it('receives every file of HLS', async () => {
    await using done = await put('hls', { '-hls_time': 0.5 });
    const { server, url } = done;
    const names = [...server.files.keys()].map((path) => path.replace('/live/', '')).sort();
    expect(names).to.have.length(2 * 3 + 3);
    expect(names).to.include.members(['out.m3u8', 'stream_0.m3u8', 'chunk-stream1-002.ts']);
    for (const list of await packets(url)) expect(list).to.have.length(COUNT);
  });

  it('is told -headers, -user_agent and -method', async () => {
    await using done = await put('hls', {
      '-headers': 'X-Token: secret\r\nX-Stage: test\r\n',
      '-user_agent': 'streamgear-test',
      '-method': 'POST',
    });
    expect(done.server.requests).to.have.length.above(4);
    for (const { method, headers } of done.server.requests) {
      expect(method).to.equal('POST');
      expect(headers['x-token']).to.equal('secret');
      expect(headers['x-stage']).to.equal('test');
      expect(headers['user-agent']).to.equal('streamgear-test');
    }
  });

  it('is told the options of -http_opts and -http_user_agent', async () => {
    await using done = await put('dash', {
      '-http_opts': 'method=POST',
      '-http_user_agent': 'agent',
    });
    for (const { method, headers } of done.server.requests) {
      expect(method).to.equal('POST');
      expect(headers['user-agent']).to.equal('agent');
    }
  });

  it('has old segments deleted by DELETE when live', async () => {
    const live = { '-livestream': true, '-seg_duration': 0.2, '-window_size': 3 };
    await using done = await put('dash', { ...live, '-extra_window_size': 1 }, 60);
    const { requests, files } = done.server;
    const deleted = requests.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
    expect(deleted).to.include('/live/chunk-stream0-00001.m4s');
    expect(deleted).to.include('/live/chunk-stream1-00001.m4s');
    const kept = [...files.keys()].filter((path) => path.includes('chunk-stream0'));
    expect(kept).to.have.length.within(4, 5);
  });

  it('that answers with an error fails the stream with the URL', async () => {
    await using server = await ingestServer();
    server.answer(403);
    const error = await pushGear(
      { output: `${server.origin}/live/out.mpd`, streamParams: { '-preset': 'ultrafast' } },
      5,
    ).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(StreamError);
    expect(error).to.include({ code: 'WRITE_FAILED', stage: 'packager' });
    expect((error as StreamError).message).to.include(`${server.origin}/live/`);
  });

  it('that nobody answers fails the stream', async () => {
    const server = await ingestServer();
    await server[Symbol.asyncDispose]();
    const error = await pushGear({ output: `${server.origin}/live/out.mpd` }, 3).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.include({ code: 'WRITE_FAILED', stage: 'packager' });
    expect((error as StreamError).message).to.match(/refused/i);
  });

  it('options of a protocol need a URL', () => {
    const output = '/tmp/out.mpd';
    expect(issuesOf({ output, streamParams: { '-headers': 'X: y' } })[0]?.message).to.equal(
      'Expected an output URL for -headers, an option of its protocol, but the output is a file',
    );
  });
});
