// The measured truth of one track's media on disk, whatever its container: what manifests are
// compared with.
import { readFile } from 'node:fs/promises';

import { baseName, median, type LintReport } from './lint-report.js';
import { parseMedia, readInit, type InitTrack, type MediaSegment } from './mp4.js';
import { parseTs, unwrapClock, type TsSegment, type TsStream } from './ts.js';

export interface MeasuredSegment {
  name: string;
  bytes: number;
  /** Earliest presentation time, seconds. */
  start: number;
  /** Latest end of presentation, seconds. */
  end: number;
  /** Longest sample, seconds: what "within one frame" means. */
  frame: number;
  frames: number;
  startsWithIdr: boolean;
  /** fMP4 only. */
  mp4?: MediaSegment;
}

export interface MeasuredTrack {
  kind: 'video' | 'audio' | 'other';
  container: 'fmp4' | 'mpegts';
  /** RFC 6381 text; '' where the stream does not tell (H.265 in MPEG-TS). */
  codec: string;
  /** fMP4 only. */
  init?: InitTrack;
  segments: MeasuredSegment[];
  /** Typical duration of a sample, seconds. */
  frameDuration: number;
  /** Where segments end is known to the sample; not of audio in MPEG-TS unless it is AAC. */
  isExact: boolean;
}

/**
 * Reads the fMP4 segments of a track and reports what CMAF forbids.
 * @returns undefined when a file cannot be read; that is reported too.
 */
export async function measureFmp4(
  initPath: string,
  paths: readonly string[],
  report: LintReport,
): Promise<MeasuredTrack | undefined> {
  const init = await readable(initPath, report, () => readInit(initPath));
  if (init === undefined) return undefined;
  const [track] = init.tracks;
  report.check(init.tracks.length === 1, 'cmaf', initPath, 'one track', init.tracks.length);
  if (track === undefined) return undefined;
  const segments: MeasuredSegment[] = [];
  const durations: number[] = [];
  for (const path of paths) {
    const bytes = await readable(path, report, () => readFile(path));
    const mp4 = bytes && (await readable(path, report, () => parseMedia(bytes, track)));
    if (mp4 === undefined) return undefined;
    lintCmafSegment(mp4, track, path, report);
    durations.push(...mp4.samples.map(({ duration }) => duration / track.timescale));
    segments.push({
      name: baseName(path),
      bytes: mp4.bytes,
      start: mp4.start / track.timescale,
      end: mp4.end / track.timescale,
      frame: Math.max(...mp4.samples.map(({ duration }) => duration)) / track.timescale,
      frames: mp4.samples.length,
      startsWithIdr: mp4.startsWithIdr,
      mp4,
    });
  }
  const { kind, codec } = track;
  const frameDuration = median(durations);
  return { kind, codec, container: 'fmp4', init: track, segments, frameDuration, isExact: true };
}

function lintCmafSegment(
  segment: MediaSegment,
  track: InitTrack,
  path: string,
  report: LintReport,
): void {
  const file = baseName(path);
  const { boxes, fragments } = segment;
  const media = boxes.filter((type) => type === 'moof' || type === 'mdat').join(' ');
  const expected = fragments.map(() => 'moof mdat').join(' ');
  report.check(media === expected, 'cmaf', file, `boxes "${expected}"`, `"${media}"`);
  let next = segment.decodeStart;
  for (const { trackId, defaultBaseIsMoof, tfdt, samples } of fragments) {
    report.check(trackId === track.id, 'cmaf', file, `track ${track.id}`, trackId);
    report.check(defaultBaseIsMoof, 'cmaf', file, 'default-base-is-moof', 'a base data offset');
    report.check(tfdt === next, 'cmaf', file, `tfdt ${next} of a fragment`, tfdt);
    next = tfdt + samples.reduce((sum, sample) => sum + sample.duration, 0);
  }
  report.check(segment.startsWithSync, 'cmaf', file, 'a sync sample first', 'a non-sync sample');
}

/** Reads the MPEG-TS segments of a track; times are unwrapped over the whole list. */
export async function measureTs(
  paths: readonly string[],
  report: LintReport,
): Promise<MeasuredTrack | undefined> {
  const found: { path: string; segment: TsSegment; stream: TsStream }[] = [];
  for (const path of paths) {
    const bytes = await readable(path, report, () => readFile(path));
    const segment = bytes && (await readable(path, report, () => parseTs(bytes)));
    if (segment === undefined) return undefined;
    const stream = segment.streams.find(({ kind }) => kind === 'video') ?? segment.streams[0];
    if (stream === undefined || stream.pts.length === 0) {
      report.add('mpegts', baseName(path), 'an elementary stream with pictures', 'none');
      return undefined;
    }
    lintTsSegment(segment, baseName(path), report);
    found.push({ path, segment, stream });
  }
  const steps = found.flatMap(({ stream }) => differences(stream.pts));
  const frameDuration = median(steps) / 90_000;
  let clock = found[0]?.stream.pts[0] ?? 0;
  const segments = found.map(({ path, segment, stream }): MeasuredSegment => {
    const shift = unwrapClock(stream.pts[0] ?? 0, clock) - (stream.pts[0] ?? 0);
    clock = Math.max(...stream.pts) + shift;
    const last = Number.isNaN(stream.lastSeconds) ? frameDuration : stream.lastSeconds;
    return {
      name: baseName(path),
      bytes: segment.bytes,
      start: (Math.min(...stream.pts) + shift) / 90_000,
      end: clock / 90_000 + last,
      frame: Math.max(frameDuration, ...differences(stream.pts).map((step) => step / 90_000)),
      frames: stream.pts.length,
      startsWithIdr: stream.startsWithIdr,
    };
  });
  const first = found[0]?.stream;
  const { kind = 'other', codec = '' } = first ?? {};
  const isExact = kind !== 'audio' || !Number.isNaN(first?.lastSeconds ?? NaN);
  return { kind, codec, container: 'mpegts', segments, frameDuration, isExact };
}

function lintTsSegment(segment: TsSegment, file: string, report: LintReport): void {
  const { startsWithTables, discontinuities } = segment;
  report.check(startsWithTables, 'mpegts', file, 'PAT and PMT before the first picture', 'none');
  report.check(discontinuities === 0, 'mpegts', file, 'no lost packet', discontinuities);
}

function differences(times: readonly number[]): number[] {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted.slice(1).map((time, index) => time - (sorted[index] ?? NaN));
}

/** What comes of `read`, or undefined and a violation of the rule "uri" or "parse". */
async function readable<T>(
  path: string,
  report: LintReport,
  read: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const message = error instanceof Error ? error.message : String(error);
    report.add(missing ? 'uri' : 'parse', baseName(path), 'a readable file', message);
    return undefined;
  }
}
