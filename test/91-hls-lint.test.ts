// Each rule of the HLS lint finds its own fault, and nothing else, in a presentation that was sound
// before.
import { join } from 'node:path';

import { expect } from 'chai';

import {
  ruleNames,
  shiftTime,
  swap,
  WITHOUT_A_PACKET,
  WITHOUT_BASE_IS_MOOF,
  WITHOUT_IDR,
  WITHOUT_SYNC_FLAG,
  type Fault,
} from './support/faults.js';
import { lintHls, type HlsLintOptions } from './support/hls-lint.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { withChange, writeReference, type Reference } from './support/reference.js';

const LAST_ENTRY = /#EXTINF:1\.000000,\n[^\n]+-00004\.m4s\n/;
const FIRST_ENTRY = /#EXTINF:1\.000000,\n[^\n]+-00001\.m4s\n/;

const FAULTS: Fault<HlsLintOptions>[] = [
  {
    title: 'a missing first line',
    file: 'reference.m3u8',
    change: swap('#EXTM3U\n', ''),
    rules: ['syntax'],
  },
  {
    title: 'a missing segment',
    file: 'stream_1.m3u8',
    change: swap('-00002.m4s', '-00009.m4s'),
    rules: ['uri'],
  },
  {
    title: 'a missing playlist',
    file: 'reference.m3u8',
    change: swap('stream_1.m3u8', 'nothing.m3u8'),
    rules: ['uri'],
  },
  {
    title: 'a repeated segment',
    file: 'stream_1.m3u8',
    change: swap('-00002.m4s', '-00001.m4s'),
    rules: ['alignment', 'average-bandwidth', 'continuity', 'extinf', 'uri'],
  },
  {
    title: 'a fractional target',
    file: 'stream_1.m3u8',
    change: swap('TION:1\n', 'TION:1.5\n'),
    rules: ['target-duration'],
  },
  {
    title: 'a target below EXTINF',
    file: 'stream_1.m3u8',
    change: swap('EXTINF:1.000000', 'EXTINF:1.600000'),
    rules: ['extinf', 'syntax', 'target-duration'],
  },
  {
    title: 'unequal targets',
    file: 'stream_1.m3u8',
    change: swap('TION:1\n', 'TION:2\n'),
    rules: ['target-duration'],
  },
  {
    title: 'a wrong EXTINF',
    file: 'stream_1.m3u8',
    change: swap('EXTINF:1.000000', 'EXTINF:0.920000'),
    rules: ['extinf'],
  },
  {
    title: 'EXTINF that drifts',
    file: 'stream_1.m3u8',
    change: swap(/EXTINF:1\.000000/g, 'EXTINF:0.990000'),
    rules: ['extinf-drift'],
  },
  {
    title: 'a hole in time',
    file: 'chunk-stream1-00003.m4s',
    change: shiftTime(4000),
    rules: ['alignment', 'bandwidth', 'continuity', 'extinf'],
  },
  {
    title: 'a start behind zero',
    file: 'chunk-stream1-00001.m4s',
    change: shiftTime(512),
    rules: ['alignment', 'continuity', 'extinf-drift', 'origin'],
  },
  {
    title: 'a needless DISCONTINUITY',
    file: 'stream_1.m3u8',
    change: swap(
      '#EXTINF:1.000000,\nchunk-stream1-00003',
      '#EXT-X-DISCONTINUITY\n#EXTINF:1.000000,\nchunk-stream1-00003',
    ),
    rules: ['discontinuity'],
  },
  {
    title: 'a first picture that is no IDR',
    file: 'chunk-stream0-00002.m4s',
    change: WITHOUT_IDR,
    rules: ['random-access'],
  },
  {
    title: 'a first sample without sync flag',
    file: 'chunk-stream0-00002.m4s',
    change: WITHOUT_SYNC_FLAG,
    rules: ['cmaf'],
  },
  {
    title: 'fragments without default-base-is-moof',
    file: 'chunk-stream0-00002.m4s',
    change: WITHOUT_BASE_IS_MOOF,
    rules: ['cmaf'],
  },
  {
    title: 'a missing EXT-X-MAP',
    file: 'stream_0.m3u8',
    change: swap(/#EXT-X-MAP.*\n/, ''),
    rules: ['map', 'parse'],
  },
  {
    title: 'a version that is too low',
    file: 'stream_0.m3u8',
    change: swap('VERSION:7', 'VERSION:3'),
    rules: ['syntax', 'version'],
  },
  {
    title: 'a missing ENDLIST',
    file: 'stream_0.m3u8',
    change: swap('#EXT-X-ENDLIST\n', ''),
    rules: ['endlist'],
  },
  {
    title: 'an early ENDLIST',
    file: 'stream_0.m3u8',
    change: swap('TYPE:VOD', 'TYPE:EVENT'),
    rules: ['endlist'],
    options: { ended: false },
  },
  {
    title: 'a removal from a VOD',
    file: 'stream_0.m3u8',
    change: swap('SEQUENCE:0', 'SEQUENCE:1'),
    rules: ['alignment', 'playlist-type'],
  },
  {
    title: 'a window of two targets',
    file: 'stream_0.m3u8',
    change: (text) =>
      text
        .replace('#EXT-X-PLAYLIST-TYPE:VOD\n', '')
        .replace('SEQUENCE:0', 'SEQUENCE:1')
        .replace(FIRST_ENTRY, '')
        .replace(LAST_ENTRY, ''),
    rules: ['alignment', 'origin', 'window'],
  },
  {
    title: 'one segment less in one variant',
    file: 'stream_1.m3u8',
    change: swap(LAST_ENTRY, ''),
    rules: ['alignment', 'average-bandwidth'],
  },
  {
    title: 'a BANDWIDTH below the peak',
    file: 'reference.m3u8',
    change: swap(/BANDWIDTH=(\d)/, 'BANDWIDTH=0'),
    rules: ['bandwidth'],
  },
  {
    title: 'a BANDWIDTH far above the peak',
    file: 'reference.m3u8',
    change: swap(/BANDWIDTH=/, 'BANDWIDTH=1'),
    rules: ['bandwidth'],
  },
  {
    title: 'no AVERAGE-BANDWIDTH',
    file: 'reference.m3u8',
    change: swap(/AVERAGE-BANDWIDTH=\d+,/, ''),
    rules: ['average-bandwidth'],
  },
  {
    title: 'an untrue AVERAGE-BANDWIDTH',
    file: 'reference.m3u8',
    change: swap(/AVERAGE-BANDWIDTH=\d+/, 'AVERAGE-BANDWIDTH=1000'),
    rules: ['average-bandwidth'],
  },
  {
    title: 'untrue CODECS',
    file: 'reference.m3u8',
    change: swap(/avc1\.\w+/, 'avc1.4d401e'),
    rules: ['codecs'],
  },
  {
    title: 'no CODECS',
    file: 'reference.m3u8',
    change: swap(/CODECS="[^"]*",/, ''),
    rules: ['codecs'],
  },
  {
    title: 'an untrue RESOLUTION',
    file: 'reference.m3u8',
    change: swap('256x144', '256x140'),
    rules: ['resolution'],
  },
  {
    title: 'no RESOLUTION',
    file: 'reference.m3u8',
    change: swap('RESOLUTION=256x144,', ''),
    rules: ['resolution'],
  },
  {
    title: 'an untrue FRAME-RATE',
    file: 'reference.m3u8',
    change: swap('25.000', '23.976'),
    rules: ['frame-rate'],
  },
  {
    title: 'no FRAME-RATE',
    file: 'reference.m3u8',
    change: swap(',FRAME-RATE=25.000', ''),
    rules: ['frame-rate'],
  },
  {
    title: 'a lost transport packet',
    file: 'ts-stream0-001.ts',
    change: WITHOUT_A_PACKET,
    rules: ['mpegts'],
  },
  {
    title: 'untrue CODECS over MPEG-TS',
    file: 'reference-ts.m3u8',
    change: swap(/avc1\.\w+/, 'avc1.4d401e'),
    rules: ['codecs'],
  },
  {
    title: 'MPEG-TS in the wrong order',
    file: 'ts_1.m3u8',
    change: (text) => text.replace('-002', '@').replace('-001', '-002').replace('@', '-001'),
    rules: ['alignment', 'bandwidth', 'continuity', 'extinf'],
  },
];

/** A date on every segment, `step` milliseconds apart. */
const withDates =
  (step: number, zone: string) =>
  (text: string): string => {
    let time = Date.UTC(2026, 0, 1) - step;
    return text.replaceAll('#EXTINF', () => {
      time += step;
      return `#EXT-X-PROGRAM-DATE-TIME:${new Date(time).toISOString().replace('Z', zone)}\n#EXTINF`;
    });
  };

/** With the number of violations. */
const DATE_FAULTS: { title: string; change: (text: string) => string; wrong: number }[] = [
  { title: 'dates in UTC', change: withDates(1000, 'Z'), wrong: 1 },
  { title: 'dates in local time', change: withDates(1000, '+0200'), wrong: 5 },
  { title: 'dates that run away', change: withDates(1100, 'Z'), wrong: 4 },
];

describe('HLS lint', () => {
  let folder: TemporaryFolder;
  let reference: Reference;

  before(async () => {
    folder = await temporaryFolder();
    reference = await writeReference(folder.path);
  });
  after(async () => {
    await folder[Symbol.asyncDispose]();
  });

  it('finds no fault in a sound presentation', async () => {
    expect(await lintHls(reference.hlsFmp4)).to.deep.equal([]);
    expect(await lintHls(reference.hlsTs)).to.deep.equal([]);
    expect(await lintHls(join(folder.path, 'stream_0.m3u8'))).to.deep.equal([]);
  });

  for (const { title, file, change, rules, options } of FAULTS) {
    it(`finds ${title}`, async () => {
      const root = /^(reference-ts|ts)/.test(file) ? reference.hlsTs : reference.hlsFmp4;
      const lint = (): Promise<string[]> => lintHls(root, options);
      const violations = await withChange(join(folder.path, file), change, lint);
      expect(ruleNames(violations), violations.join('\n')).to.deep.equal(rules);
    });
  }

  for (const { title, change, wrong } of DATE_FAULTS) {
    it(`tells ${title} in a live playlist`, async () => {
      const path = join(folder.path, 'stream_0.m3u8');
      const live = (text: string): string => change(text.replace('#EXT-X-PLAYLIST-TYPE:VOD\n', ''));
      const lint = (): Promise<string[]> => lintHls(reference.hlsFmp4, { live: true });
      const violations = await withChange(path, live, lint);
      // The second variant has no date at all: that is the one violation of the sound case.
      expect(ruleNames(violations)).to.deep.equal(['program-date-time']);
      expect(violations, violations.join('\n')).to.have.length(wrong);
    });
  }
});
