// Lint of a DASH presentation on disk: ISO/IEC 23009-1 and what this project promises of its MPDs,
// compared with the media.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import {
  lastUncertainty,
  lintRepresentation,
  type LoadedRepresentation,
} from './dash-media-lint.js';
import { baseName, LintReport, near } from './lint-report.js';
import {
  expandTemplate,
  isoDuration,
  parseMpd,
  type Mpd,
  type MpdAdaptationSet,
  type MpdRepresentation,
  type MpdSegment,
} from './mpd.js';
import { measureFmp4 } from './track-media.js';

export interface DashLintOptions {
  /** Made with a sliding window: the presentation need not start at zero. Default false. */
  live?: boolean;
  /** The presentation has ended: the MPD is static, and dynamic otherwise. Default true. */
  ended?: boolean;
}

/**
 * Checks an MPD and everything that it leads to.
 * @returns one sentence per violation; empty when the presentation is sound.
 */
export async function lintDash(mpdPath: string, options: DashLintOptions = {}): Promise<string[]> {
  const report = new LintReport();
  const file = baseName(mpdPath);
  let mpd: Mpd;
  try {
    mpd = parseMpd(await readFile(mpdPath, 'utf8'));
  } catch (error) {
    report.add('syntax', file, 'a readable MPD', (error as Error).message);
    return report.violations;
  }
  lintAttributes(mpd, file, options, report);
  lintIds(mpd, file, report);
  const loaded: LoadedRepresentation[] = [];
  for (const set of mpd.periods.flatMap((period) => period.sets)) {
    const members = await loadSet(set, dirname(mpdPath), report);
    const context = { file, mpd, set, live: options.live ?? false };
    for (const member of members) lintRepresentation(member, context, report);
    lintSet(members, file, report);
    loaded.push(...members);
  }
  lintAudio(loaded, file, options, report);
  report.check(loaded.length > 0, 'segments', file, 'at least one representation', 0);
  lintDuration(mpd, loaded, file, report);
  return report.violations;
}

function lintAttributes(
  { attributes, utcTiming, periods }: Mpd,
  file: string,
  { ended = true }: DashLintOptions,
  report: LintReport,
): void {
  const { type = 'static', profiles, minBufferTime } = attributes;
  report.check(profiles !== undefined, 'mpd', file, '@profiles', profiles);
  report.check(isoDuration(minBufferTime) > 0, 'mpd', file, '@minBufferTime', minBufferTime);
  report.check(periods.length === 1, 'mpd', file, 'one Period', periods.length);
  const expected = ended ? 'static' : 'dynamic';
  report.check(type === expected, 'mpd-type', file, expected, type);
  if (type === 'static') {
    const seconds = isoDuration(attributes['mediaPresentationDuration']);
    report.check(seconds > 0, 'duration', file, '@mediaPresentationDuration', seconds);
    return;
  }
  for (const name of ['availabilityStartTime', 'publishTime']) {
    const value = attributes[name];
    const isUtc = value?.endsWith('Z') === true && Number.isFinite(Date.parse(value));
    report.check(isUtc, 'live-clock', file, `@${name} in UTC`, value);
  }
  const update = isoDuration(attributes['minimumUpdatePeriod']);
  report.check(update >= 0, 'live-clock', file, '@minimumUpdatePeriod', update);
  const hasClock = utcTiming.some(({ scheme, value }) => {
    return scheme.startsWith('urn:mpeg:dash:utc:') && value !== '';
  });
  report.check(hasClock, 'utc-timing', file, 'UTCTiming with scheme and value', 'none');
}

function lintIds({ periods }: Mpd, file: string, report: LintReport): void {
  const unique = (kind: string, ids: readonly (string | undefined)[]): void => {
    const stated = ids.filter((id) => id !== undefined);
    const received = stated.join(', ');
    report.check(
      new Set(stated).size === stated.length,
      'ids',
      file,
      `unique @id of ${kind}`,
      received,
    );
  };
  unique(
    'Period',
    periods.map(({ attributes }) => attributes['id']),
  );
  for (const { sets } of periods) {
    unique(
      'AdaptationSet',
      sets.map(({ attributes }) => attributes['id']),
    );
    const representations = sets.flatMap((set) => set.representations);
    unique(
      'Representation',
      representations.map(({ id }) => id),
    );
    const named = representations.every(({ id }) => /^\S+$/.test(id));
    report.check(named, 'ids', file, 'an @id without blanks on each Representation', 'another');
  }
}

async function loadSet(
  { representations }: MpdAdaptationSet,
  folder: string,
  report: LintReport,
): Promise<LoadedRepresentation[]> {
  const loaded: LoadedRepresentation[] = [];
  for (const stated of representations) {
    const representation = { ...stated, segments: await segmentsOf(stated, folder) };
    const local = (uri: string): string => resolve(folder, decodeURIComponent(uri));
    const paths = representation.segments.map(({ uri }) => local(uri));
    const track = await measureFmp4(local(representation.initialization), paths, report);
    if (track !== undefined) loaded.push({ representation, track });
  }
  return loaded;
}

/**
 * A running presentation with @duration lists nothing: which numbers are there now follows from the
 * clock alone, so take those that are on disk.
 */
async function segmentsOf(
  { segments, media, nominalDuration }: MpdRepresentation,
  folder: string,
): Promise<MpdSegment[]> {
  if (segments.length > 0 || media === undefined || nominalDuration === undefined) return segments;
  const [before = '', after = ''] = media.split(/\$Number(?:%0\d+d)?\$/);
  const numbers = (await readdir(folder))
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .map((name) => Number(name.slice(before.length, name.length - after.length)))
    .filter((number) => Number.isInteger(number));
  return numbers
    .sort((a, b) => a - b)
    .map((number) => ({
      uri: expandTemplate(media, { Number: number }),
      number,
      time: undefined,
      duration: nominalDuration,
    }));
}

/** Segments of a set start together and have the same display aspect. */
function lintSet(members: readonly LoadedRepresentation[], file: string, report: LintReport): void {
  const [reference] = members;
  if (reference === undefined) return;
  const aspect = displayAspect(reference);
  for (const member of members.slice(1)) {
    const where = `${file}, Representation ${member.representation.id}`;
    const mine = displayAspect(member);
    report.check(near(mine, aspect, 0.001 * aspect), 'aspect', where, String(aspect), mine);
    const numbers = member.representation.segments.map(({ number }) => number).join(' ');
    const others = reference.representation.segments.map(({ number }) => number).join(' ');
    report.check(numbers === others, 'alignment', where, `segments ${others}`, numbers);
    for (const [index, segment] of member.track.segments.entries()) {
      const other = reference.track.segments[index]?.start ?? NaN;
      if (near(segment.start, other, 0.001)) continue;
      report.add('alignment', where, `${segment.name} to start at ${other} s`, segment.start);
    }
  }
}

/** Audio is cut where the video is, to the next frame of sound, and ends with it at the latest. */
function lintAudio(
  loaded: readonly LoadedRepresentation[],
  file: string,
  { ended = true }: DashLintOptions,
  report: LintReport,
): void {
  const video = loaded.find(({ track }) => track.kind === 'video');
  if (video === undefined) return;
  const starts = new Map(
    video.representation.segments.map(({ number }, index) => [
      number,
      video.track.segments[index]?.start,
    ]),
  );
  const end = video.track.segments.at(-1)?.end ?? NaN;
  for (const { representation, track } of loaded) {
    if (track.kind !== 'audio') continue;
    const where = `${file}, Representation ${representation.id}`;
    for (const [index, { start, name }] of track.segments.entries()) {
      const other = starts.get(representation.segments[index]?.number ?? NaN) ?? start;
      // Only the first one may come late: where the sound begins after the picture.
      const late = index === 0 ? Infinity : track.frameDuration;
      if (start >= other - 0.001 && start <= other + late + 0.001) continue;
      report.add('audio-alignment', where, `${name} to start within a frame of ${other} s`, start);
    }
    const last = track.segments.at(-1)?.end ?? NaN;
    if (!ended) continue;
    report.check(last <= end + 0.001, 'audio-end', where, `an end at ${end} s at the latest`, last);
  }
}

function displayAspect({ track }: LoadedRepresentation): number {
  if (track.init === undefined || track.kind !== 'video') return 1;
  const { width, height, pixelAspect } = track.init;
  return (width * pixelAspect.h) / (height * pixelAspect.v);
}

function lintDuration(
  { attributes }: Mpd,
  loaded: readonly LoadedRepresentation[],
  file: string,
  report: LintReport,
): void {
  const stated = attributes['mediaPresentationDuration'];
  const videos = loaded.filter(({ track }) => track.kind === 'video');
  const ends = (videos.length > 0 ? videos : loaded).map(({ representation, track }) => {
    const offset = representation.presentationTimeOffset / representation.timescale;
    return (track.segments.at(-1)?.end ?? NaN) - offset;
  });
  if (stated === undefined || ends.length === 0) return;
  const end = Math.max(...ends);
  const uncertain = videos.map(({ track, representation }) => {
    const last = track.segments.at(-1)?.mp4;
    return last === undefined ? 0 : lastUncertainty(last) / representation.timescale;
  });
  const tolerance = Math.max(0.001, ...uncertain);
  report.check(near(isoDuration(stated), end, tolerance), 'duration', file, `${end} s`, stated);
}
