// Each rule of the DASH lint finds its own fault, and nothing else, in a presentation that was
// sound before.
import { join } from 'node:path';

import { expect } from 'chai';

import { lintDash, type DashLintOptions } from './support/dash-lint.js';
import {
  ruleNames,
  shiftTime,
  swap,
  WITHOUT_BASE_IS_MOOF,
  WITHOUT_IDR,
  type Fault,
} from './support/faults.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { withChange, writeReference, type Reference } from './support/reference.js';

const FAULTS: Fault<DashLintOptions>[] = [
  {
    title: 'a tag that is not closed',
    file: 'reference.mpd',
    change: swap('</Period>', ''),
    rules: ['syntax'],
  },
  {
    title: 'a dynamic MPD at the end',
    file: 'reference.mpd',
    change: swap('"static"', '"dynamic"'),
    rules: ['live-clock', 'mpd-type', 'utc-timing'],
  },
  {
    title: 'no profile',
    file: 'reference.mpd',
    change: swap(/profiles="[^"]*"/, ''),
    rules: ['mpd'],
  },
  {
    title: 'equal ids',
    file: 'reference.mpd',
    change: swap('Representation id="1"', 'Representation id="0"'),
    rules: ['bandwidth', 'codecs', 'ids', 'sar', 'size'],
  },
  {
    title: 'an untrue duration',
    file: 'reference.mpd',
    change: swap('PT4S', 'PT4.1S'),
    rules: ['duration'],
  },
  {
    title: 'maxSegmentDuration below a segment',
    file: 'reference.mpd',
    change: swap('maxSegmentDuration="PT1S"', 'maxSegmentDuration="PT0.9S"'),
    rules: ['max-segment-duration'],
  },
  {
    title: 'S@t beside the media',
    file: 'reference.mpd',
    change: swap('t="0"', 't="512"'),
    rules: ['timeline-start'],
  },
  {
    title: 'S@d beside the media',
    file: 'reference.mpd',
    change: swap(/d="(\d+)" r="3"/, 'd="$1" r="2"/><S d="1000"'),
    rules: ['timeline-duration'],
  },
  {
    title: 'a hole in the timeline',
    file: 'reference.mpd',
    change: swap(/d="(\d+)" r="3"/, 'd="$1" r="2"/><S t="50000" d="$1"'),
    rules: ['timeline-gap', 'timeline-start'],
  },
  {
    title: 'untrue codecs',
    file: 'reference.mpd',
    change: swap(/avc1\.\w+/, 'avc1'),
    rules: ['codecs'],
  },
  {
    title: 'an untrue mimeType',
    file: 'reference.mpd',
    change: swap('video/mp4', 'video/webm'),
    rules: ['mime-type'],
  },
  {
    title: 'an untrue size',
    file: 'reference.mpd',
    change: swap('width="256"', 'width="260"'),
    rules: ['size'],
  },
  {
    title: 'an untrue sar',
    file: 'reference.mpd',
    change: swap('sar="4:3"', 'sar="1:1"'),
    rules: ['sar'],
  },
  {
    title: 'an untrue par',
    file: 'reference.mpd',
    change: swap('par="16:9"', 'par="4:3"'),
    rules: ['par'],
  },
  {
    title: 'an untrue frame rate',
    file: 'reference.mpd',
    change: swap('frameRate="25"', 'frameRate="24000/1001"'),
    rules: ['frame-rate'],
  },
  {
    title: 'an untrue timescale',
    file: 'reference.mpd',
    change: swap(/timescale="\d+"/, 'timescale="90000"'),
    rules: ['timescale'],
  },
  {
    title: 'a bandwidth below the peak',
    file: 'reference.mpd',
    change: swap(/bandwidth="\d+"/, 'bandwidth="100"'),
    rules: ['bandwidth'],
  },
  {
    title: 'a bandwidth far above the peak',
    file: 'reference.mpd',
    change: swap(/bandwidth="/, 'bandwidth="1'),
    rules: ['bandwidth'],
  },
  {
    title: 'a missing segment',
    file: 'reference.mpd',
    change: swap('r="3"', 'r="4"'),
    rules: ['uri'],
  },
  {
    title: 'one segment less in one rendition',
    file: 'reference.mpd',
    change: swap('r="3"', 'r="2"'),
    rules: ['alignment'],
  },
  {
    title: 'media that starts late',
    file: 'chunk-stream1-00001.m4s',
    change: shiftTime(512),
    rules: ['alignment', 'continuity', 'origin', 'timeline-duration', 'timeline-start'],
  },
  {
    title: 'a hole in the media',
    file: 'chunk-stream0-00003.m4s',
    change: shiftTime(4000),
    rules: [
      'alignment',
      'bandwidth',
      'continuity',
      'max-segment-duration',
      'timeline-duration',
      'timeline-start',
    ],
  },
  {
    title: 'a first picture that is no IDR',
    file: 'chunk-stream1-00002.m4s',
    change: WITHOUT_IDR,
    rules: ['random-access'],
  },
  {
    title: 'fragments without default-base-is-moof',
    file: 'chunk-stream0-00002.m4s',
    change: WITHOUT_BASE_IS_MOOF,
    rules: ['cmaf'],
  },
  {
    title: 'a static MPD while it runs',
    file: 'reference.mpd',
    change: swap('id="0" start', 'id="p0" start'),
    rules: ['mpd-type'],
    options: { ended: false },
  },
];

describe('DASH lint', () => {
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
    expect(await lintDash(reference.mpd)).to.deep.equal([]);
  });

  for (const { title, file, change, rules, options } of FAULTS) {
    it(`finds ${title}`, async () => {
      const lint = (): Promise<string[]> => lintDash(reference.mpd, options);
      const violations = await withChange(join(folder.path, file), change, lint);
      expect(ruleNames(violations), violations.join('\n')).to.deep.equal(rules);
    });
  }
});
