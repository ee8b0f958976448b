// The rules on how live manifests change: a sound sequence passes, each fault is found.
import { expect } from 'chai';

import { lintDashHistory, lintHlsHistory } from './support/history.js';

describe('histories of live manifests', () => {
  const playlist = (sequence: number, names: string[], target = 2, end = ''): string =>
    `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:${target}\n#EXT-X-MEDIA-SEQUENCE:${sequence}\n` +
    names.map((name) => `#EXTINF:2.0,\n${name}.ts\n`).join('') +
    end;
  const first = playlist(0, ['a', 'b', 'c']);

  it('HLS: accept a window that slides', () => {
    const texts = [
      first,
      playlist(1, ['b', 'c', 'd']),
      playlist(1, ['b', 'c', 'd'], 2, '#EXT-X-ENDLIST\n'),
    ];
    expect(lintHlsHistory(texts)).to.deep.equal([]);
  });

  const HLS_STEPS: Readonly<Record<string, { next: string[]; rule: string }>> = {
    'a target that changes': { next: [playlist(0, ['a', 'b', 'c'], 3)], rule: 'target-duration' },
    'a removal that is not counted': {
      next: [playlist(0, ['b', 'c', 'd'])],
      rule: 'media-sequence',
    },
    'a sequence that jumps': { next: [playlist(4, ['e', 'f', 'g'])], rule: 'media-sequence' },
    'a window that is too short': { next: [playlist(1, ['b', 'c'])], rule: 'window' },
    'a change after the end': { next: [`${first}#EXT-X-ENDLIST\n`, first], rule: 'endlist' },
    'half a playlist': { next: [''], rule: 'syntax' },
  };
  for (const [title, { next, rule }] of Object.entries(HLS_STEPS)) {
    it(`HLS: find ${title}`, () => {
      const violations = lintHlsHistory([first, ...next]);
      expect(violations.map((text) => text.split(' ')[0])).to.include(rule);
    });
  }

  const mpd = (changes: Readonly<Record<string, string>> = {}): string => {
    const template =
      '<MPD type="dynamic" availabilityStartTime="2026-01-01T00:00:00Z" publishTime="2026-01-01T00:00:04Z"><Period>' +
      '<AdaptationSet><Representation id="0" codecs="avc1.64001f"><SegmentTemplate timescale="10" startNumber="1" ' +
      'initialization="i" media="s-$Number$"><SegmentTimeline><S t="0" d="20"/><S d="20"/></SegmentTimeline>' +
      '</SegmentTemplate></Representation></AdaptationSet></Period></MPD>';
    return Object.entries(changes).reduce((text, [from, to]) => text.replace(from, to), template);
  };

  it('DASH: accept a window that slides', () => {
    const slid = {
      'Time="2026-01-01T00:00:04Z"': 'Time="2026-01-01T00:00:06Z"',
      'startNumber="1"': 'startNumber="2"',
      '<S t="0" d="20"/>': '<S t="20" d="20"/>',
    };
    expect(lintDashHistory([mpd(), mpd(slid)])).to.deep.equal([]);
  });

  const DASH_STEPS: Readonly<Record<string, { change: Record<string, string>; rule: string }>> = {
    'a start that moves': { change: { '01T00:00:00Z': '01T00:00:01Z' }, rule: 'live-clock' },
    'a publishTime that goes back': { change: { ':04Z': ':03Z' }, rule: 'live-clock' },
    'another id': { change: { 'id="0"': 'id="1"' }, rule: 'ids' },
    'other codecs': { change: { '64001f': '640028' }, rule: 'ids' },
    'a segment that changes': { change: { '<S d="20"/>': '<S d="21"/>' }, rule: 'timeline' },
    'half an MPD': { change: { '</MPD>': '' }, rule: 'syntax' },
  };
  for (const [title, { change, rule }] of Object.entries(DASH_STEPS)) {
    it(`DASH: find ${title}`, () => {
      const violations = lintDashHistory([mpd(), mpd(change)]);
      expect(violations.map((text) => text.split(' ')[0])).to.include(rule);
    });
  }
});
