// Resolve source: from checked options and what a source holds to the configuration of the native pipeline.

import type { Formats } from '../base/formats.js';
import type { Issues } from '../check/issues.js';
import { chooseFormats, resolveOutput } from '../files/output.js';
import type { Output } from '../files/output.js';
import { mustSpare } from '../files/spared-sources.js';
import { LARGEST_SIDE } from '../frames/pixel-layout.js';
import type { Trim } from '../frames/timeline.js';
import { libavOf } from '../native/libav.js';
import type { NativeBinding } from '../native/native-binding.js';
import type { NativeMediaInputConfig } from '../native/native-config.js';
import type { NativeMediaInfo, NativeMediaStream } from '../native/native-events.js';
import { checkSourceShape } from '../options/option-schema.js';
import type { CheckedAudio, CheckedSourceOptions } from '../options/option-schema.js';
import { StreamError } from '../report/errors.js';
import type { WarningEvent } from '../report/events.js';
import { resolveMediaSource } from '../source/media-source.js';
import { checkLadder, withLadder } from './auto-ladder.js';
import { COPY, refuseEncoding } from './copy.js';
import { outlineStream } from './outline.js';
import type { OutlineOptions } from './outline.js';
import { trimOf } from './resolve-input.js';
import { planStream } from './resolve.js';
import type { StreamPlan } from './resolve.js';
import { sourceAudio } from './source-audio.js';
import type { SourcePart } from './source-part.js';

/** What a caller wants of a source: checked options, and where the result goes. */
export interface SourceRequest {
  /** What the source decides is checked when it is open. */
  readonly options: Omit<CheckedSourceOptions, 'output'>;
  /** Undefined: that is an issue already. */
  readonly output: Output | undefined;
  /** Which manifests there are. */
  readonly formats: Formats;
  /** False: a live window over a recording is told, and left out. */
  readonly isStrict: boolean;
}

/** Options as far as a source can have them, and what to tell of the rest. */
interface Adapted {
  readonly options: SourceRequest['options'];
  readonly warnings: readonly WarningEvent[];
}

/** What has to be opened, what to do with it, and what to tell then. */
export interface SourceToOpen {
  /** For the addon. */
  readonly config: NativeMediaInputConfig;
  /** What the caller wants. */
  readonly request: SourceRequest;
  /** What to tell once somebody listens. */
  readonly warnings: readonly WarningEvent[];
}

/** Checks the shape of options of `AdaptiveStream.transcode`; undefined when nothing is left of them. */
export function sourceRequest(value: unknown, issues: Issues): SourceRequest | undefined {
  const options = checkSourceShape(value, issues);
  if (options === undefined) return undefined;
  const formats = chooseFormats(options.packaging?.format, options.output);
  const output = resolveOutput(options.output, formats, 'output', issues);
  return { options, formats, output, isStrict: true };
}

/**
 * Checks what can be checked before the source is open: all but what depends on its size, rate and tracks.
 *
 * @returns undefined when there are issues.
 */
export function checkSource(
  source: unknown,
  request: SourceRequest | undefined,
  issues: Issues,
  getBinding: () => NativeBinding,
): SourceToOpen | undefined {
  const warnings: WarningEvent[] = [];
  const config = resolveMediaSource(source, {
    path: 'source',
    inputPath: 'input',
    format: request?.options.input?.format,
    options: request?.options.input?.options,
    limits: request?.options.input,
    issues,
    warn: (warning) => void warnings.push(warning),
    getBinding,
  });
  if (request === undefined) return undefined;
  const { options, output, formats, isStrict } = request;
  if (options.video?.codec === COPY) refuseEncoding(options, issues);
  checkHeldPicture(options, issues);
  checkLadder(options, issues);
  const audio = sourceAudio(options, undefined, issues);
  const outline = outlineStream(outlineOptions(options, audio.options, {}), {
    output,
    formats,
    origin: 'unopened',
    sourceInput: options.input ?? {},
    isStrict,
    issues,
    getBinding,
  });
  if (config !== undefined && output !== undefined && issues.list.length === 0) {
    const clearPrevious = options.packaging?.clearPrevious ?? false;
    mustSpare(config, { ...outline, output, clearPrevious }, issues);
  }
  return config === undefined || issues.list.length > 0 ? undefined : { config, request, warnings };
}

/**
 * Checks what a caller wants against what the source holds and fills in every default.
 *
 * @returns the plan; undefined when there are issues.
 * @throws {@link StreamError} `NO_VIDEO`, `SIZE_UNSUPPORTED`.
 */
export function planSource(
  request: SourceRequest,
  media: NativeMediaInfo,
  issues: Issues,
  getBinding: () => NativeBinding,
): StreamPlan | undefined {
  const { output, formats, isStrict } = request;
  const { options: checked, warnings: notLive } = onlyRealTime(request, media, issues);
  const video = videoOf(checked.input?.videoTrack, media, issues);
  if (video === undefined) return undefined;
  mustHavePictures(video, media);
  const trim = trimOf(checked.trim ?? {}, issues);
  const length = video.duration >= 0 ? video.duration : media.duration;
  // A stream's own header may be wrong: what the container as a whole says is as good.
  const longest = Math.max(length, media.duration);
  if (longest >= 0 && media.durationDeclared && trim.start >= longest) {
    issues.expected(
      `a time before the source's end (${String(longest)} s)`,
      ['trim', 'start'],
      trim.start,
    );
  }
  const { options, warnings } = withoutCopyOfTurned(checked, video);
  const audio = sourceAudio(checked, media, issues);
  const isCopied = options.video?.codec === COPY;
  if (isCopied) refuseEncoding(options, issues);
  const holds = checked.input?.holdPicture ?? 'none';
  const holdFirst = holds === 'first' || holds === 'both';
  const holdLast = holds === 'last' || holds === 'both';
  const sound = media.streams.find(({ index }) => index === audio.stream);
  const lead = holdFirst ? soundBefore(video, sound) : 0;
  const tail = holdLast ? soundBehind(video, sound) : 0;
  const shown = length >= 0 ? lead + length + tail : -1;
  const origin: SourcePart = {
    config: {
      videoStream: video.index,
      start: trim.start,
      duration: Number.isFinite(trim.end) ? trim.end - trim.start : -1,
      copyVideo: isCopied,
      holdFirst,
      holdLast,
      deinterlace: checked.input?.deinterlace ?? 'auto',
      threads: checked.input?.threads ?? 0,
      realtime: checked.input?.realtime ?? false,
    },
    media,
    video,
    total: totalOf(shown, trim),
    audioStream: audio.stream,
    audioBitrate: sound?.encodedBitrate,
    warnings: [...notLive, ...warnings, ...videoLeftOut(checked, video, media), ...audio.warnings],
    log: audio.log,
  };
  // The decoded pictures take the place of pushed frames.
  const input = { ...video.pictures, pixelFormat: 'yuv420p' } as const;
  const sourceInput = checked.input ?? {};
  const context = { output, formats, origin, sourceInput, isStrict, issues, getBinding };
  const whole =
    options.ladder === undefined
      ? options
      : withLadder(options, input, libavOf(getBinding()), issues);
  const outline = outlineStream(outlineOptions(whole, audio.options, input), context);
  return planStream(outline, input, issues);
}

/** Of the options of a source, those that pushed frames have too. */
function outlineOptions(
  options: SourceRequest['options'],
  audio: CheckedAudio | undefined,
  input: OutlineOptions['input'],
): OutlineOptions {
  const { renditions, video, packaging, trim, signal } = options;
  return { input, renditions, video, packaging, trim, signal, audio };
}

/** The video stream that was asked for, else the best one. */
function videoOf(
  track: number | undefined,
  media: NativeMediaInfo,
  issues: Issues,
): NativeMediaStream | undefined {
  const all = videosOf(media);
  if (all.length === 0) throw noVideo(media);
  if (track === undefined) {
    return all.find(({ index }) => index === media.bestVideo) ?? all[0];
  }
  if (track < all.length) return all[track];
  issues.expected(
    all.length === 1
      ? 'no other video track than 0, as the source has one,'
      : `a video track from 0 to ${String(all.length - 1)}`,
    ['input', 'videoTrack'],
    track,
  );
  return undefined;
}

/** What is told when tracks are passed over because they have no decoder. */
function videoLeftOut(
  { input }: SourceRequest['options'],
  taken: NativeMediaStream,
  media: NativeMediaInfo,
): readonly WarningEvent[] {
  if (input?.videoTrack !== undefined || !taken.decodable) return [];
  return videosOf(media).flatMap(({ codec, decodable }, track) => {
    if (decodable) return [];
    const message =
      `Video track ${String(track)} of the source (${codec}) is left out: ` +
      `this libavcodec has no decoder of ${codec}`;
    return [{ code: 'TRACK_LEFT_OUT', message }];
  });
}

/** Covers are no videos. */
function videosOf({ streams }: NativeMediaInfo): NativeMediaStream[] {
  return streams.filter(({ kind, attachedPicture }) => kind === 'video' && !attachedPicture);
}

function noVideo({ url, streams }: NativeMediaInfo): StreamError {
  const kinds = streams.map(({ kind, attachedPicture }) => (attachedPicture ? 'a cover' : kind));
  const held = kinds.length === 0 ? 'nothing' : [...new Set(kinds)].join(' and ');
  return new StreamError(
    `Expected a source with video but received "${url}", which holds ${held}`,
    {
      code: 'NO_VIDEO',
      stage: 'reader',
    },
  );
}

/** Pictures of 4:2:0 have two columns and rows at least; a header that nobody could read has none. */
function mustHavePictures({ codec, pictures }: NativeMediaStream, { url }: NativeMediaInfo): void {
  const { width, height } = pictures;
  if (Math.min(width, height) >= 2 && Math.max(width, height) <= LARGEST_SIDE) return;
  throw new StreamError(
    `Expected pictures of 2x2 to ${LARGEST_SIDE}x${LARGEST_SIDE} but the ${codec} video of ` +
      `"${url}" has ${width}x${height}`,
    { code: 'SIZE_UNSUPPORTED', stage: 'reader' },
  );
}

/** Pictures are held where they are decoded, and for the sound that comes with them. */
function checkHeldPicture({ input, video, audio }: SourceRequest['options'], issues: Issues): void {
  const holds = input?.holdPicture ?? 'none';
  if (holds === 'none') return;
  const path = ['input', 'holdPicture'];
  if (video?.codec === COPY) {
    issues.expected('"none", as copied video is not decoded,', path, holds);
  } else if (audio === false || audio?.source !== undefined) {
    issues.expected('"none", as the sound of the source itself is not taken,', path, holds);
  }
}

/** Seconds of sound for which no picture is held, as `kShortSound` of the native part. */
const SHORT_SOUND = 0.1;

/** Seconds for which the first picture is held for the sound before it, as far as anybody knows. */
function soundBefore(video: NativeMediaStream, sound: NativeMediaStream | undefined): number {
  if (sound === undefined) return 0;
  // Before 0 there is an encoder's priming.
  return heldFor(video.start - Math.max(sound.start, Math.min(video.start, 0)));
}

/** The same of the last picture, and the sound behind it. */
function soundBehind(video: NativeMediaStream, sound: NativeMediaStream | undefined): number {
  if (sound === undefined || video.duration < 0 || sound.duration < 0) return 0;
  return heldFor(sound.start + sound.duration - video.start - video.duration);
}

function heldFor(seconds: number): number {
  return seconds > SHORT_SOUND ? seconds : 0;
}

/** A sliding window is for what comes in real time, or is read so. */
function onlyRealTime(
  { options, isStrict }: SourceRequest,
  { device, duration }: NativeMediaInfo,
  issues: Issues,
): Adapted {
  const { packaging, input } = options;
  const isRealTime = device || duration < 0 || input?.realtime === true;
  if (packaging?.live === undefined || isRealTime) return { options, warnings: [] };
  const path = ['packaging', 'live'];
  if (!isStrict) {
    const name = issues.nameOf(path);
    const message = `${name} has no effect: a recording is transcoded as fast as it goes`;
    const withoutLive = { ...options, packaging: { ...packaging, live: undefined } };
    return { options: withoutLive, warnings: [{ code: 'IGNORED_OPTION', message }] };
  }
  const expected =
    'no live window, as a recording is transcoded as fast as it goes (input.realtime reads it as it plays),';
  issues.expected(expected, path, packaging.live);
  return { options, warnings: [] };
}

/** Players do not turn copied pictures upright. */
function withoutCopyOfTurned(
  options: SourceRequest['options'],
  { rotation, mirrored }: NativeMediaStream,
): Adapted {
  if (options.video?.codec !== COPY || (rotation === 0 && !mirrored))
    return { options, warnings: [] };
  const turns = [
    mirrored ? 'mirrored' : '',
    rotation === 0 ? '' : `turned by ${String(rotation)} degrees`,
  ];
  const message =
    `The video is encoded, not copied: it is stored ${turns.filter((turn) => turn !== '').join(' and ')}, and ` +
    'players would show it as it lies';
  return {
    options: { ...options, video: { ...options.video, codec: undefined } },
    warnings: [{ code: 'COPY_REPLACED', message }],
  };
}

function totalOf(length: number, { start, end }: Trim): number | undefined {
  const last = length >= 0 ? Math.min(length, end) : end;
  return Number.isFinite(last) && last > start ? last - start : undefined;
}
