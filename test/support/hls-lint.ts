// Lint of an HLS presentation on disk: RFC 8216 and what this project promises of its playlists,
// compared with the media.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { parse, setOptions } from 'hls-parser';

import { lintMediaPlaylist, lintSegments, measuredDurations } from './hls-media-lint.js';
import {
  averageRate,
  baseName,
  frameRateIsTrue,
  LintReport,
  near,
  peakRate,
  peakSegmentRate,
} from './lint-report.js';
import { isCodecOf } from './mp4.js';
import { measureFmp4, measureTs, type MeasuredTrack } from './track-media.js';

type Playlist = ReturnType<typeof parse>;
export type MultivariantPlaylist = Extract<Playlist, { isMasterPlaylist: true }>;
export type MediaPlaylist = Extract<Playlist, { isMasterPlaylist: false }>;
type Variant = MultivariantPlaylist['variants'][number];

export interface HlsLintOptions {
  /**
   * Made with a sliding window: PROGRAM-DATE-TIME is due, rates of removed segments cannot be
   * measured. Default false.
   */
  live?: boolean;
  /** The presentation has ended: ENDLIST is due, and forbidden otherwise. Default true. */
  ended?: boolean;
}

export interface LoadedMedia {
  file: string;
  text: string;
  playlist: MediaPlaylist;
  track: MeasuredTrack | undefined;
}

interface LoadedVariant {
  variant: Variant;
  media: LoadedMedia;
  /** The members of its audio group. */
  audio: LoadedMedia[];
}

/**
 * Checks a root playlist, multivariant or media, and everything that it leads to.
 * @returns one sentence per violation; empty when the presentation is sound.
 */
export async function lintHls(rootPath: string, options: HlsLintOptions = {}): Promise<string[]> {
  const report = new LintReport();
  const root = await load(rootPath, report);
  if (root === undefined) return report.violations;
  if (!root.playlist.isMasterPlaylist) {
    await lintMedia(rootPath, root.text, root.playlist, options, report);
    return report.violations;
  }
  const variants: LoadedVariant[] = [];
  const seen = new Map<string, LoadedMedia>();
  const open = async (uri: string): Promise<LoadedMedia | undefined> => {
    const path = resolve(dirname(rootPath), decodeURIComponent(uri));
    const loaded = seen.get(path) ?? (await loadMedia(path, options, report));
    if (loaded !== undefined) seen.set(path, loaded);
    return loaded;
  };
  for (const variant of root.playlist.variants) {
    const media = await open(variant.uri);
    const audio: LoadedMedia[] = [];
    for (const { uri } of variant.audio) {
      const sound = uri === undefined ? undefined : await open(uri);
      if (sound !== undefined) audio.push(sound);
    }
    if (media !== undefined) variants.push({ variant, media, audio });
  }
  const file = baseName(rootPath);
  report.check(variants.length > 0, 'variants', file, 'at least one variant', 0);
  for (const variant of variants) lintVariant(variant, file, options, report);
  lintAcross(
    [...seen.values()],
    variants.map(({ media }) => media),
    report,
  );
  return report.violations;
}

async function load(
  path: string,
  report: LintReport,
): Promise<{ text: string; playlist: Playlist } | undefined> {
  const file = baseName(path);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    report.add('uri', file, 'a readable playlist', (error as Error).message);
    return undefined;
  }
  for (const strictMode of [true, false]) {
    try {
      setOptions({ strictMode, silent: true });
      return { text, playlist: parse(text) };
    } catch (error) {
      report.add('syntax', file, 'a playlist that hls-parser takes', (error as Error).message);
    }
  }
  return undefined;
}

async function loadMedia(
  path: string,
  options: HlsLintOptions,
  report: LintReport,
): Promise<LoadedMedia | undefined> {
  const loaded = await load(path, report);
  if (loaded === undefined) return undefined;
  if (loaded.playlist.isMasterPlaylist) {
    report.add('uri', baseName(path), 'a media playlist', 'a multivariant playlist');
    return undefined;
  }
  return lintMedia(path, loaded.text, loaded.playlist, options, report);
}

async function lintMedia(
  path: string,
  text: string,
  playlist: MediaPlaylist,
  options: HlsLintOptions,
  report: LintReport,
): Promise<LoadedMedia> {
  const file = baseName(path);
  lintMediaPlaylist({ file, text, playlist }, options, report);
  const local = (uri: string): string => resolve(dirname(path), decodeURIComponent(baseName(uri)));
  const paths = playlist.segments.map(({ uri }) => local(uri));
  const initUri = initOf(playlist);
  const track =
    initUri === undefined
      ? await measureTs(paths, report)
      : await measureFmp4(local(initUri), paths, report);
  if (track !== undefined) lintSegments({ file, text, playlist }, track, options, report);
  return { file, text, playlist, track };
}

function initOf(playlist: MediaPlaylist): string | undefined {
  const map = playlist.segments[0]?.map as { uri: string } | null | undefined;
  return map?.uri;
}

function lintVariant(
  { variant, media, audio }: LoadedVariant,
  file: string,
  { live = false }: HlsLintOptions,
  report: LintReport,
): void {
  if (media.track === undefined) return;
  const where = `${file}, ${media.file}`;
  // Of the members of a group one is played: what counts is the one that takes most.
  const sounds = audio.map((each) => ratesOf(each)).sort((one, other) => other.peak - one.peak);
  const picture = ratesOf(media);
  const [sound = { peak: 0, average: 0, single: 0 }] = sounds;
  const peak = picture.peak + sound.peak;
  const { bandwidth, averageBandwidth } = variant;
  report.check(bandwidth >= peak * 0.999, 'bandwidth', where, `≥ ${Math.round(peak)}`, bandwidth);
  if (!live) {
    const most = Math.round(1.1 * Math.max(peak, picture.single + sound.single));
    report.check(bandwidth <= most, 'bandwidth', where, `within 10 %: ≤ ${most}`, bandwidth);
  }
  const average = picture.average + sound.average;
  const expected = `AVERAGE-BANDWIDTH near ${Math.round(average)}`;
  if (averageBandwidth === undefined) {
    report.add('average-bandwidth', where, expected, 'none');
  } else {
    const isExact = [media, ...audio].every(({ track }) => track?.isExact !== false);
    // What a sliding window has removed cannot be measured any more.
    const isTrue = live
      ? averageBandwidth <= bandwidth
      : near(averageBandwidth, average, (isExact ? 0.02 : 0.05) * average);
    report.check(isTrue, 'average-bandwidth', where, expected, averageBandwidth);
  }
  for (const { track } of [media, ...audio]) {
    if (track !== undefined) lintCodec(variant, track, where, report);
  }
  lintVariantVideo(variant, media.track, where, report);
  for (const each of audio) lintAudio(media, each, report);
}

/** Bit/s: of the worst run of segments, of all, and of the worst segment. */
function ratesOf({ track, playlist }: LoadedMedia): {
  peak: number;
  average: number;
  single: number;
} {
  if (track === undefined) return { peak: 0, average: 0, single: 0 };
  const durations = measuredDurations(track, playlist);
  const rated = track.segments.map(({ bytes }, index) => ({
    bytes,
    duration: durations[index] ?? NaN,
  }));
  return {
    peak: peakRate(rated, playlist.targetDuration),
    average: averageRate(rated),
    single: peakSegmentRate(rated),
  };
}

function lintCodec(
  variant: Variant,
  { init, codec }: MeasuredTrack,
  where: string,
  report: LintReport,
): void {
  const codecs = (variant.codecs ?? '').split(',').map((text) => text.trim());
  const isTrue = codecs.some((text) => {
    if (init !== undefined) return isCodecOf(text, init);
    return codec === '' ? text !== '' : text === codec;
  });
  report.check(isTrue, 'codecs', where, codec || 'CODECS', variant.codecs ?? 'none');
}

/** Audio is cut where the video is, to the next frame of sound, and ends with it at the latest. */
function lintAudio(video: LoadedMedia, audio: LoadedMedia, report: LintReport): void {
  const starts = segmentStarts(video);
  const mine = segmentStarts(audio);
  if (starts === undefined || mine === undefined || audio.track === undefined) return;
  const { frameDuration, container, segments, isExact } = audio.track;
  // MPEG-TS holds the priming too, and several frames of sound in a packet.
  const [early, late] = container === 'mpegts' ? [0.05, 0.05] : [0, frameDuration];
  for (const [sequence, start] of mine) {
    const other = starts.get(sequence) ?? start;
    // Only the first one may come late: where the sound begins after the picture.
    const isFirst = sequence === 0;
    if (start >= other - early - 0.001 && (isFirst || start <= other + late + 0.001)) continue;
    const expected = `#${sequence} to start within a frame of ${other} s`;
    report.add('audio-alignment', audio.file, expected, `${start} s`);
  }
  const end = (video.track?.segments.at(-1)?.end ?? NaN) + early;
  const last = segments.at(-1)?.end ?? NaN;
  if (!video.playlist.endlist || !isExact) return;
  const expected = `an end at ${end} s at the latest`;
  report.check(last <= end + 0.001, 'audio-end', audio.file, expected, `${last} s`);
}

function lintVariantVideo(
  variant: Variant,
  track: MeasuredTrack,
  where: string,
  report: LintReport,
): void {
  if (track.kind !== 'video') return;
  const { resolution, frameRate } = variant;
  if (resolution === undefined) report.add('resolution', where, 'RESOLUTION', 'none');
  else if (track.init !== undefined) {
    const { width, height, pixelAspect } = track.init;
    // RFC 8216 asks for the size at which to display, many packagers write the coded one: both are
    // true.
    const display = Math.round((width * pixelAspect.h) / pixelAspect.v);
    const isTrue =
      resolution.height === height &&
      (resolution.width === width || near(resolution.width, display, 1));
    const received = `${resolution.width}x${resolution.height}`;
    report.check(isTrue, 'resolution', where, `${width}x${height}`, received);
  }
  const frames = track.segments.reduce((sum, segment) => sum + segment.frames, 0);
  const duration = (track.segments.at(-1)?.end ?? NaN) - (track.segments[0]?.start ?? NaN);
  const stated = frameRate ?? NaN;
  const isTrue = frameRateIsTrue(stated, frames, duration, track.frameDuration);
  const expected = `FRAME-RATE near ${(frames / duration).toFixed(3)}`;
  report.check(isTrue, 'frame-rate', where, expected, frameRate ?? 'none');
}

function lintAcross(
  all: readonly LoadedMedia[],
  variants: readonly LoadedMedia[],
  report: LintReport,
): void {
  const [reference] = variants;
  if (reference === undefined) return;
  const target = reference.playlist.targetDuration;
  for (const { playlist, file } of all) {
    const received = playlist.targetDuration;
    report.check(received === target, 'target-duration', file, `${target} as elsewhere`, received);
  }
  for (const media of variants.slice(1)) lintAlignment(reference, media, report);
}

function lintAlignment(reference: LoadedMedia, media: LoadedMedia, report: LintReport): void {
  const starts = segmentStarts(reference);
  const mine = segmentStarts(media);
  if (starts === undefined || mine === undefined) return;
  for (const [sequence, start] of mine) {
    const other = starts.get(sequence);
    // A running live presentation may list its newest segment in one playlist a moment earlier.
    if (other === undefined) {
      const isEdge = !media.playlist.endlist && sequence > Math.max(...starts.keys());
      report.check(isEdge, 'alignment', media.file, 'the same segments in all', `#${sequence}`);
    } else if (!near(start, other, 0.001)) {
      report.add('alignment', media.file, `#${sequence} to start at ${other} s`, `${start} s`);
    }
  }
  if (media.playlist.endlist && starts.size !== mine.size) {
    report.add('alignment', media.file, `${starts.size} segments as elsewhere`, mine.size);
  }
}

function segmentStarts({ playlist, track }: LoadedMedia): Map<number, number> | undefined {
  if (track === undefined) return undefined;
  return new Map(
    track.segments.map((segment, index) => [
      (playlist.mediaSequenceBase ?? 0) + index,
      segment.start,
    ]),
  );
}
