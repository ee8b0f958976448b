// Resolve source: from checked options and what a source holds to the configuration of the native pipeline.

import { COPY, refuseEncoding } from './copy.js';
import { StreamError } from './errors.js';
import type { WarningEvent } from './events.js';
import type { Issues } from './issues.js';
import { resolveMediaSource, withoutPassword } from './media-source.js';
import type { NativeBinding } from './native-binding.js';
import type { NativeMediaInputConfig } from './native-config.js';
import type { NativeMediaInfo, NativeMediaStream } from './native-events.js';
import { checkSourceShape } from './option-schema.js';
import type { CheckedAudio, CheckedOptions, CheckedSourceOptions } from './option-schema.js';
import { isOverwritten } from './output.js';
import { resolveChecked } from './resolve.js';
import type { StreamPlan } from './resolve.js';
import { trimOf } from './resolve-input.js';
import { sourceAudio } from './source-audio.js';
import type { SourcePart } from './source-part.js';
import type { Trim } from './timeline.js';

/** A video of any size and rate, and audio, to find mistakes before the real ones are open. */
const VIDEO: NativeMediaStream = {
  index: 0,
  kind: 'video',
  codec: 'h264',
  profile: '',
  language: '',
  title: '',
  bitrate: 0,
  start: 0,
  duration: -1,
  isDefault: true,
  attachedPicture: false,
  width: 1280,
  height: 720,
  pixelFormat: 'yuv420p',
  sampleAspectRatio: { num: 1, den: 1 },
  // The highest: a rendition's rate is at most its source's.
  frameRate: { num: 1000, den: 1 },
  frameCount: -1,
  rotation: 0,
  mirrored: false,
  interlaced: false,
  colorSpace: 'bt709',
  colorPrimaries: '',
  colorTransfer: '',
  colorRange: '',
  hdr: false,
  pictures: {
    width: 1280,
    height: 720,
    sampleAspectRatio: { num: 1, den: 1 },
    frameRate: { num: 1000, den: 1 },
    colorSpace: 'bt709',
  },
  sampleRate: 0,
  channels: 0,
  channelLayout: '',
  encodedBitrate: 0,
};

const AUDIO: NativeMediaStream = {
  ...VIDEO,
  index: 1,
  kind: 'audio',
  codec: 'aac',
  sampleRate: 48_000,
  channels: 2,
  channelLayout: 'stereo',
  encodedBitrate: 128_000,
};

const STAND_IN: NativeMediaInfo = {
  url: '',
  format: '',
  start: 0,
  duration: -1,
  bitrate: 0,
  device: false,
  seekable: true,
  durationDeclared: true,
  streams: [VIDEO, AUDIO],
  bestVideo: 0,
  bestAudio: 1,
};

/** What has to be opened, and what to tell then. */
export interface SourceToOpen {
  /** For the addon. */
  readonly config: NativeMediaInputConfig;
  /** What to tell once somebody listens. */
  readonly warnings: readonly WarningEvent[];
}

/**
 * Checks what can be checked before the source is open: all but what depends on its size, rate and tracks.
 *
 * @returns undefined when there are issues.
 */
export function rehearseSource(
  source: unknown,
  value: unknown,
  issues: Issues,
  getBinding: () => NativeBinding,
): SourceToOpen | undefined {
  const checked = checkSourceShape(value, issues);
  const warnings: WarningEvent[] = [];
  const config = resolveMediaSource(source, {
    path: 'source',
    inputPath: 'input',
    format: checked?.input?.format,
    options: checked?.input?.options,
    issues,
    warn: (warning) => void warnings.push(warning),
    getBinding,
  });
  if (checked !== undefined) {
    // The filter waits for the real pictures, and the tracks for those that there are.
    const video = { ...checked.video, filter: undefined };
    const input = { ...checked.input, videoTrack: undefined };
    const audio = checked.audio && { ...checked.audio, track: undefined };
    const plan = planOf({ ...checked, video, input, audio }, STAND_IN, issues, getBinding);
    if (plan !== undefined && config !== undefined && isOverwritten(config.url, plan.output)) {
      issues.expected('a place where the source is not overwritten', 'output', checked.output);
    }
  }
  if (config === undefined || issues.list.length > 0) return undefined;
  return { config, warnings };
}

/**
 * Checks options of `AdaptiveStream.transcode` against what the source holds and fills in every default.
 *
 * @returns the plan; undefined when there are issues.
 * @throws {@link StreamError} `NO_VIDEO`.
 */
export function resolveSource(
  value: unknown,
  media: NativeMediaInfo,
  issues: Issues,
  getBinding: () => NativeBinding,
): StreamPlan | undefined {
  const checked = checkSourceShape(value, issues);
  return checked === undefined ? undefined : planOf(checked, media, issues, getBinding);
}

function planOf(
  checked: CheckedSourceOptions,
  media: NativeMediaInfo,
  issues: Issues,
  getBinding: () => NativeBinding,
): StreamPlan | undefined {
  const video = videoOf(checked.input?.videoTrack, media, issues);
  if (video === undefined) return undefined;
  refuseLive(checked, media, issues);
  const trim = trimOf(checked.trim ?? {}, issues);
  const length = video.duration >= 0 ? video.duration : media.duration;
  if (length >= 0 && media.durationDeclared && trim.start >= length) {
    issues.expected(
      `a time before the source's end (${String(length)} s)`,
      'trim.start',
      trim.start,
    );
  }
  const { options, warnings } = withoutCopyOfTurned(checked, video);
  const audio = sourceAudio(checked, media, issues);
  const isCopied = options.video?.codec === COPY;
  if (isCopied) refuseEncoding(options, issues);
  const part: SourcePart = {
    config: {
      videoStream: video.index,
      start: trim.start,
      duration: Number.isFinite(trim.end) ? trim.end - trim.start : -1,
      copyVideo: isCopied,
      deinterlace: checked.input?.deinterlace ?? 'auto',
      threads: checked.input?.threads ?? 0,
      realtime: checked.input?.realtime ?? false,
    },
    media,
    video,
    total: totalOf(length, trim),
    audioStream: audio.stream,
    audioBitrate: media.streams.find(({ index }) => index === audio.stream)?.encodedBitrate,
    warnings: [...warnings, ...audio.warnings],
    log: audio.log,
  };
  return resolveChecked(picturesOf(options, audio.options, video), part, issues, getBinding);
}

/** The video stream that was asked for, else the best one. */
function videoOf(
  track: number | undefined,
  media: NativeMediaInfo,
  issues: Issues,
): NativeMediaStream | undefined {
  const all = media.streams.filter(
    ({ kind, attachedPicture }) => kind === 'video' && !attachedPicture,
  );
  if (all.length === 0) throw noVideo(media);
  if (track === undefined) {
    return all.find(({ index }) => index === media.bestVideo) ?? all[0];
  }
  if (track < all.length) return all[track];
  issues.expected(
    all.length === 1
      ? 'no other video track than 0, as the source has one,'
      : `a video track from 0 to ${String(all.length - 1)}`,
    'input.videoTrack',
    track,
  );
  return undefined;
}

function noVideo({ url, streams }: NativeMediaInfo): StreamError {
  const kinds = streams.map(({ kind, attachedPicture }) => (attachedPicture ? 'a cover' : kind));
  const held = kinds.length === 0 ? 'nothing' : [...new Set(kinds)].join(' and ');
  return new StreamError(
    `Expected a source with video but received "${withoutPassword(url)}", which holds ${held}`,
    {
      code: 'NO_VIDEO',
      stage: 'reader',
    },
  );
}

/** A sliding window is for what comes in real time, or is read so. */
function refuseLive(
  { packaging, input }: CheckedSourceOptions,
  { device, duration }: NativeMediaInfo,
  issues: Issues,
): void {
  if (packaging?.live === undefined || device || duration < 0 || input?.realtime === true) return;
  issues.expected(
    'no live window, as a recording is transcoded as fast as it goes (input.realtime reads it as it plays),',
    'packaging.live',
    packaging.live,
  );
}

/** Players do not turn copied pictures upright. */
function withoutCopyOfTurned(
  options: CheckedSourceOptions,
  { rotation, mirrored }: NativeMediaStream,
): { options: CheckedSourceOptions; warnings: WarningEvent[] } {
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

/** The decoded pictures take the place of pushed frames. */
function picturesOf(
  options: CheckedSourceOptions,
  audio: CheckedAudio | undefined,
  video: NativeMediaStream,
): CheckedOptions {
  const { renditions, packaging, output, trim, signal } = options;
  return {
    input: { ...video.pictures, pixelFormat: 'yuv420p' },
    renditions,
    video: options.video,
    packaging,
    output,
    trim,
    signal,
    audio,
  };
}
