// The rules of one DASH Representation, compared with its init and media segments.
import {
  frameRateIsTrue,
  near,
  peakRate,
  peakSegmentRate,
  type LintReport,
} from './lint-report.js';
import { isCodecOf, type InitTrack, type MediaSegment } from './mp4.js';
import { isoDuration, type Mpd, type MpdAdaptationSet, type MpdRepresentation } from './mpd.js';
import type { MeasuredTrack } from './track-media.js';

export interface LoadedRepresentation {
  representation: MpdRepresentation;
  track: MeasuredTrack;
}

export interface DashLintContext {
  file: string;
  mpd: Mpd;
  set: MpdAdaptationSet;
  live: boolean;
}

export function lintRepresentation(
  { representation, track }: LoadedRepresentation,
  context: DashLintContext,
  report: LintReport,
): void {
  const where = `${context.file}, Representation ${representation.id}`;
  report.check(track.segments.length > 0, 'segments', where, 'at least one segment', 0);
  const { attributes, timescale } = representation;
  const { init } = track;
  if (init === undefined) return;
  const codecs = attributes['codecs'] ?? '';
  report.check(isCodecOf(codecs, init), 'codecs', where, init.codec, codecs);
  const mimeType = `${track.kind}/mp4`;
  report.check(
    attributes['mimeType'] === mimeType,
    'mime-type',
    where,
    mimeType,
    attributes['mimeType'],
  );
  report.check(timescale === init.timescale, 'timescale', where, String(init.timescale), timescale);
  if (track.kind === 'video') lintPicture(representation, track, init, where, report);
  if (track.kind === 'audio') lintSound(representation, init, where, report);
  lintSegmentTimes(representation, track, where, report);
  lintBandwidth(representation, track, context, where, report);
  lintStart(representation, track, context, where, report);
}

function lintSound(
  { attributes, channels }: MpdRepresentation,
  init: InitTrack,
  where: string,
  report: LintReport,
): void {
  const rate = attributes['audioSamplingRate'];
  report.check(rate === String(init.sampleRate), 'sound', where, `${init.sampleRate} Hz`, rate);
  // The sample entry's own count is 2 for any AAC (ISO/IEC 14496-14, 5.6): only decoding tells.
  report.check(Number(channels) > 0, 'sound', where, 'AudioChannelConfiguration', channels);
}

function rational(text: string | undefined, separator: string): number {
  const [top, bottom = '1'] = (text ?? 'none').split(separator);
  return Number(top) / Number(bottom);
}

function lintPicture(
  { attributes }: MpdRepresentation,
  track: MeasuredTrack,
  { width, height, pixelAspect }: InitTrack,
  where: string,
  report: LintReport,
): void {
  const size = `${attributes['width']}x${attributes['height']}`;
  report.check(size === `${width}x${height}`, 'size', where, `${width}x${height}`, size);
  const { h, v } = pixelAspect;
  const sar = rational(attributes['sar'] ?? '1:1', ':');
  report.check(near(sar, h / v, 1e-6), 'sar', where, `${h}:${v}`, attributes['sar']);
  const par = attributes['par'];
  const aspect = (width * h) / (height * v);
  if (par !== undefined) {
    report.check(near(rational(par, ':'), aspect, 0.001 * aspect), 'par', where, `${aspect}`, par);
  }
  const frames = track.segments.reduce((sum, segment) => sum + segment.frames, 0);
  const duration = (track.segments.at(-1)?.end ?? NaN) - (track.segments[0]?.start ?? NaN);
  const stated = rational(attributes['frameRate'], '/');
  const isTrue = frameRateIsTrue(stated, frames, duration, track.frameDuration);
  const received = attributes['frameRate'];
  report.check(isTrue, 'frame-rate', where, `near ${(frames / duration).toFixed(3)}`, received);
  for (const { startsWithIdr, name } of track.segments) {
    report.check(
      startsWithIdr,
      'random-access',
      where,
      `an IDR picture first in ${name}`,
      'another',
    );
  }
}

/** S@t and S@d equal the media to the tick, without a gap or an overlap. */
function lintSegmentTimes(
  { segments, nominalDuration, presentationTimeOffset, startNumber }: MpdRepresentation,
  track: MeasuredTrack,
  where: string,
  report: LintReport,
): void {
  let nextDecode: number | undefined;
  let nextTime: number | undefined;
  const durations = presentationDurations(track);
  for (const [index, { mp4, name }] of track.segments.entries()) {
    const entry = segments[index];
    const shown = durations[index];
    if (mp4 === undefined || entry === undefined) continue;
    const { time, duration, number } = entry;
    if (time !== undefined) {
      report.check(time === mp4.start, 'timeline-start', where, `t=${mp4.start} of ${name}`, time);
      const isLast = index === track.segments.length - 1;
      const isTrue = near(duration, shown ?? NaN, isLast ? lastUncertainty(mp4) : 0);
      report.check(isTrue, 'timeline-duration', where, `d=${shown ?? 'none'} of ${name}`, duration);
      const joins = nextTime === undefined || time === nextTime;
      report.check(joins, 'timeline-gap', where, `t=${nextTime ?? time} of ${name}`, time);
      nextTime = time + duration;
    } else if (nominalDuration !== undefined) {
      // ISO/IEC 23009-1 §5.3.9.6.1 lets a start be off by half of the nominal duration.
      const nominal = presentationTimeOffset + (number - startNumber) * nominalDuration;
      const isNear = near(mp4.start, nominal, nominalDuration / 2);
      report.check(isNear, 'timeline-start', where, `${name} near ${nominal}`, mp4.start);
    }
    const follows = nextDecode === undefined || mp4.decodeStart === nextDecode;
    const expected = `tfdt ${nextDecode ?? mp4.decodeStart} of ${name}`;
    report.check(follows, 'continuity', where, expected, mp4.decodeStart);
    nextDecode = mp4.decodeStart + mp4.duration;
  }
}

/**
 * Ticks from one segment's start to the next one's; of the last one to its end. At a constant rate
 * that is the sum of the sample durations, but those are steps of decoding time: with B-frames a
 * gap in time reaches them some frames late.
 */
function presentationDurations({ segments }: MeasuredTrack): number[] {
  return segments.map(({ mp4 }, index) => {
    const next = segments[index + 1]?.mp4;
    return (next?.start ?? mp4?.end ?? NaN) - (mp4?.start ?? NaN);
  });
}

/**
 * Ticks by which the end of the last segment is not known. Where pictures are reordered and their rate varies, the
 * duration of a sample is a step of decoding time and not how long it is shown.
 */
export function lastUncertainty({ samples }: MediaSegment): number {
  const durations = samples.map(({ duration }) => duration);
  const isReordered = samples.some(({ cts }) => cts !== samples[0]?.cts);
  return isReordered ? Math.max(...durations) - Math.min(...durations) : 0;
}

function lintBandwidth(
  { attributes }: MpdRepresentation,
  track: MeasuredTrack,
  { mpd, file, live }: DashLintContext,
  where: string,
  report: LintReport,
): void {
  const durations = presentationDurations(track);
  const rated = track.segments.map(({ bytes }, index) => ({
    bytes,
    duration: (durations[index] ?? NaN) / (track.init?.timescale ?? 1),
  }));
  const longest = Math.max(...rated.map(({ duration }) => duration));
  const declared = isoDuration(mpd.attributes['maxSegmentDuration']);
  const fits = declared + 1e-6 >= longest;
  report.check(fits, 'max-segment-duration', file, `≥ ${longest} s`, declared);
  const peak = peakRate(rated, longest);
  const bandwidth = Number(attributes['bandwidth']);
  report.check(bandwidth >= 0.999 * peak, 'bandwidth', where, `≥ ${Math.round(peak)}`, bandwidth);
  if (live) return;
  const most = Math.round(1.1 * Math.max(peak, peakSegmentRate(rated)));
  report.check(bandwidth <= most, 'bandwidth', where, `within 10 %: ≤ ${most}`, bandwidth);
}

function lintStart(
  { presentationTimeOffset }: MpdRepresentation,
  { segments, kind }: MeasuredTrack,
  { live }: DashLintContext,
  where: string,
  report: LintReport,
): void {
  const first = segments[0]?.mp4;
  if (first === undefined || live || kind !== 'video') return;
  const start = first.start - presentationTimeOffset;
  report.check(start === 0, 'origin', where, 'a start at 0', start);
}
