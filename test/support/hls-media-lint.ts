// The rules of one HLS media playlist: first those of its text, then those that compare it with the
// media.
import type { HlsLintOptions, LoadedMedia, MediaPlaylist } from './hls-lint.js';
import { near, type LintReport } from './lint-report.js';
import type { MeasuredSegment, MeasuredTrack } from './track-media.js';

type PlaylistText = Pick<LoadedMedia, 'file' | 'text' | 'playlist'>;

/** Tags that are wanted or forbidden, durations against the target, dates, window. */
export function lintMediaPlaylist(
  { file, text, playlist }: PlaylistText,
  { live = false, ended = true }: HlsLintOptions,
  report: LintReport,
): void {
  const { segments, targetDuration } = playlist;
  const written = /^#EXT-X-TARGETDURATION:(.*)$/m.exec(text)?.[1]?.trim() ?? 'none';
  report.check(/^\d+$/.test(written), 'target-duration', file, 'an integer', written);
  for (const { duration, uri } of segments) {
    const fits = Math.round(duration) <= targetDuration;
    report.check(fits, 'target-duration', file, `EXTINF of ${uri} ≤ ${targetDuration}`, duration);
  }
  report.check(segments.length > 0, 'segments', file, 'at least one segment', 0);
  const uris = new Set(segments.map(({ uri }) => uri));
  report.check(uris.size === segments.length, 'uri', file, 'every URI once', 'a repeated URI');
  report.check(playlist.endlist === ended, 'endlist', file, String(ended), playlist.endlist);
  lintVersion({ file, text, playlist }, report);
  const sequence = playlist.mediaSequenceBase ?? 0;
  if (playlist.playlistType !== undefined) {
    const kept = sequence === 0;
    report.check(kept, 'playlist-type', file, `no removal with ${playlist.playlistType}`, sequence);
  }
  if (sequence > 0) {
    // RFC 8216 §6.2.2: a removal must leave three target durations.
    const window = segments.reduce((sum, { duration }) => sum + duration, 0);
    const least = 3 * targetDuration;
    report.check(
      near(Math.max(window, least), window, 0.001),
      'window',
      file,
      `≥ ${least} s`,
      window,
    );
  }
  if (live) lintDates({ file, text, playlist }, report);
}

function lintVersion({ file, text, playlist }: PlaylistText, report: LintReport): void {
  const hasMap = /^#EXT-X-MAP:/m.test(text);
  const hasFractions = /^#EXTINF:\d+\.\d+/m.test(text);
  const least = hasMap ? 6 : hasFractions ? 3 : 1;
  const version = playlist.version ?? 1;
  report.check(version >= least, 'version', file, `EXT-X-VERSION ≥ ${least}`, version);
  const isFmp4 = playlist.segments.some(({ uri }) => /\.(m4s|mp4|m4v|m4a)$/.test(uri));
  report.check(hasMap === isFmp4, 'map', file, `EXT-X-MAP ${String(isFmp4)}`, hasMap);
}

function lintDates({ file, text, playlist }: PlaylistText, report: LintReport): void {
  const { segments } = playlist;
  const first = segments[0]?.programDateTime as Date | null | undefined;
  report.check(first != null, 'program-date-time', file, 'a date on the first segment', 'none');
  for (const [, date] of text.matchAll(/^#EXT-X-PROGRAM-DATE-TIME:(.*)$/gm)) {
    const isUtc = date?.trim().endsWith('Z') === true;
    report.check(isUtc, 'program-date-time', file, 'a date in UTC', date);
  }
  for (const [index, segment] of segments.slice(1).entries()) {
    const previous = segments[index];
    const before = previous?.programDateTime as Date | null | undefined;
    const date = segment.programDateTime as Date | null | undefined;
    if (before == null || date == null || segment.discontinuity === true) continue;
    const step = (date.getTime() - before.getTime()) / 1000;
    const expected = previous?.duration ?? NaN;
    // Dates are written in whole milliseconds, so two of them may be off by half of one each.
    if (!near(step, expected, 0.002)) {
      report.add('program-date-time', file, `${segment.uri} ${expected} s later`, `${step} s`);
    }
  }
}

/** EXTINF, continuity, discontinuities, first pictures. */
export function lintSegments(
  { file, text, playlist }: PlaylistText,
  track: MeasuredTrack,
  { live = false }: HlsLintOptions,
  report: LintReport,
): void {
  const durations = measuredDurations(track, playlist);
  // With round_durations nothing finer than a second can be asked for.
  const isRounded = !/^#EXTINF:\d+\.\d+/m.test(text);
  // The first packets of audio come before what is presented; fMP4 cuts them off, MPEG-TS cannot.
  const priming = track.kind === 'audio' && track.container === 'mpegts' ? 0.05 : 0;
  let drift = 0;
  let run = 0;
  for (const [index, segment] of track.segments.entries()) {
    const entry = playlist.segments[index];
    const measured = durations[index] ?? NaN;
    if (entry === undefined) continue;
    const tolerance = isRounded ? 0.5 : segment.frame;
    const isNear = near(entry.duration, measured, tolerance);
    if (!isNear) {
      report.add('extinf', file, `${measured.toFixed(6)} s for ${entry.uri}`, entry.duration);
    }
    if (entry.discontinuity === true) [run, drift] = [0, 0];
    run++;
    // What is wrong by itself has been said; here it is the sum of small errors.
    if (isNear && !isRounded) drift += entry.duration - measured;
    if (track.isExact && !near(drift, 0, priming + 0.001 * run)) {
      report.add('extinf-drift', file, `no drift at ${entry.uri}`, `${drift.toFixed(6)} s`);
    }
    if (track.kind === 'video' && !segment.startsWithIdr) {
      report.add('random-access', file, `an IDR picture first in ${entry.uri}`, 'another');
    }
    if (index > 0 && track.isExact)
      lintJoint(track, index, entry.discontinuity === true, file, report);
  }
  const [first] = track.segments;
  if (first?.mp4 !== undefined && !live) {
    // MPEG-TS may start anywhere; in fMP4 the presentation starts at zero.
    report.check(near(first.start, 0, 0.001), 'origin', file, 'a start at 0 s', first.start);
  }
}

/**
 * Durations as a player sees them: until the next segment starts; of the last one until its last
 * frame ends.
 */
export function measuredDurations(track: MeasuredTrack, playlist: MediaPlaylist): number[] {
  return track.segments.map((segment, index) => {
    const next = track.segments[index + 1];
    const breaks = playlist.segments[index + 1]?.discontinuity === true;
    return (next === undefined || breaks ? segment.end : next.start) - segment.start;
  });
}

function lintJoint(
  track: MeasuredTrack,
  index: number,
  isMarked: boolean,
  file: string,
  report: LintReport,
): void {
  const previous = track.segments[index - 1];
  const segment = track.segments[index];
  if (previous === undefined || segment === undefined) return;
  const follows = joint(previous, segment);
  if (follows === 'breaks' && !isMarked) {
    const expected = `${segment.name} to follow ${previous.name} at ${previous.end} s`;
    report.add('continuity', file, expected, `${segment.start} s`);
  }
  if (follows === 'continues' && isMarked) {
    report.add('discontinuity', file, `none before ${segment.name}, where time goes on`, 'one');
  }
}

function joint(
  previous: MeasuredSegment,
  segment: MeasuredSegment,
): 'continues' | 'breaks' | 'unknown' {
  if (previous.mp4 !== undefined && segment.mp4 !== undefined) {
    const next = previous.mp4.decodeStart + previous.mp4.duration;
    return segment.mp4.decodeStart === next ? 'continues' : 'breaks';
  }
  const step = segment.start - previous.end;
  const tolerance = Math.max(0.5 * previous.frame, 0.001);
  if (near(step, 0, tolerance)) return 'continues';
  // MPEG-TS has no durations: a last picture may be shown for longer. Whether EXTINF says so is
  // another rule.
  return step < 0 ? 'breaks' : 'unknown';
}
