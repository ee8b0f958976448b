// What changes in a live manifest over time, and the rules of RFC 8216 §6.2 and ISO/IEC 23009-1
// §5.4 on that.
import { parse, setOptions } from 'hls-parser';

import type { MediaPlaylist } from './hls-lint.js';
import { LintReport, near } from './lint-report.js';
import { parseMpd, type MpdRepresentation } from './mpd.js';

/** Checks the successive texts of one HLS media playlist. */
export function lintHlsHistory(texts: readonly string[]): string[] {
  const report = new LintReport();
  let previous: MediaPlaylist | undefined;
  for (const [version, text] of texts.entries()) {
    const where = `version ${version}`;
    let playlist: ReturnType<typeof parse>;
    try {
      setOptions({ strictMode: true, silent: true });
      playlist = parse(text);
    } catch (error) {
      report.add('syntax', where, 'a playlist that hls-parser takes', (error as Error).message);
      continue;
    }
    if (playlist.isMasterPlaylist) {
      report.add('syntax', where, 'a media playlist', 'a multivariant playlist');
      continue;
    }
    if (previous !== undefined) lintHlsStep(previous, playlist, where, report);
    previous = playlist;
  }
  return report.violations;
}

function lintHlsStep(
  before: MediaPlaylist,
  after: MediaPlaylist,
  where: string,
  report: LintReport,
): void {
  const target = before.targetDuration;
  report.check(
    after.targetDuration === target,
    'target-duration',
    where,
    `${target} as before`,
    after.targetDuration,
  );
  report.check(!before.endlist, 'endlist', where, 'no change after ENDLIST', 'another text');
  const oldBase = before.mediaSequenceBase ?? 0;
  const removed = (after.mediaSequenceBase ?? 0) - oldBase;
  if (removed < 0 || removed > before.segments.length) {
    const range = `${oldBase} … ${oldBase + before.segments.length}`;
    report.add('media-sequence', where, range, after.mediaSequenceBase);
    return;
  }
  const kept = before.segments.slice(removed);
  for (const [index, segment] of kept.entries()) {
    const now = after.segments[index];
    const isSame = now?.uri === segment.uri && now.duration === segment.duration;
    const received = `${now?.uri} ${now?.duration}`;
    report.check(isSame, 'media-sequence', where, `${segment.uri} ${segment.duration}`, received);
  }
  const gone = before.segments
    .slice(0, removed)
    .filter(({ discontinuity }) => discontinuity === true);
  const expected = (before.discontinuitySequenceBase ?? 0) + gone.length;
  const received = after.discontinuitySequenceBase ?? 0;
  report.check(received === expected, 'discontinuity-sequence', where, String(expected), received);
  const window = after.segments.reduce((sum, { duration }) => sum + duration, 0);
  const isWideEnough = removed === 0 || window + 0.001 >= 3 * target;
  report.check(isWideEnough, 'window', where, `≥ ${3 * target} s after a removal`, window);
}

/** Checks the successive texts of one MPD. */
export function lintDashHistory(texts: readonly string[]): string[] {
  const report = new LintReport();
  const startTimes = new Set<string | undefined>();
  const fixed = new Map<string, string>();
  const segments = new Map<string, { start: number; duration: number }>();
  let published = -Infinity;
  let ended = false;
  for (const [version, text] of texts.entries()) {
    const where = `version ${version}`;
    let mpd: ReturnType<typeof parseMpd>;
    try {
      mpd = parseMpd(text);
    } catch (error) {
      report.add('syntax', where, 'a readable MPD', (error as Error).message);
      continue;
    }
    report.check(!ended, 'mpd-type', where, 'no change once static', 'another text');
    ended = mpd.attributes['type'] === 'static';
    const now = Date.parse(mpd.attributes['publishTime'] ?? '');
    report.check(ended || now >= published, 'live-clock', where, 'a later publishTime', now);
    if (!Number.isNaN(now)) published = now;
    if (!ended) startTimes.add(mpd.attributes['availabilityStartTime']);
    const all = mpd.periods.flatMap(({ sets }) => sets).flatMap((set) => set.representations);
    const isSame = version === 0 || all.every(({ id }) => fixed.has(id));
    report.check(
      isSame,
      'ids',
      where,
      'the @id values of before',
      all.map(({ id }) => id).join(', '),
    );
    for (const representation of all)
      lintDashStep(representation, { fixed, segments, where, report });
  }
  const received = [...startTimes].join(', ');
  const isConstant = startTimes.size <= 1;
  report.check(isConstant, 'live-clock', 'history', 'one availabilityStartTime', received);
  return report.violations;
}

interface DashStep {
  fixed: Map<string, string>;
  segments: Map<string, { start: number; duration: number }>;
  where: string;
  report: LintReport;
}

function lintDashStep(
  { id, attributes, initialization, timescale, segments: listed }: MpdRepresentation,
  { fixed, segments, where, report }: DashStep,
): void {
  const { codecs, width, height } = attributes;
  const identity = [initialization, codecs, timescale, width, height].join(' ');
  const known = fixed.get(id) ?? identity;
  report.check(identity === known, 'ids', where, `${known} for Representation ${id}`, identity);
  fixed.set(id, known);
  for (const { uri, time, duration } of listed) {
    if (time === undefined) continue;
    const entry = { start: time, duration };
    const before = segments.get(uri) ?? entry;
    const isSame = near(before.start, time, 0) && near(before.duration, duration, 0);
    const expected = `${uri} at ${before.start}+${before.duration}`;
    report.check(isSame, 'timeline', where, expected, `${time}+${duration}`);
    segments.set(uri, before);
  }
}
