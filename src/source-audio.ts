// Source audio: which audio of a source comes along, and whether its packets can be taken as they are.

import { COPY } from './copy.js';
import type { LogEvent, WarningEvent } from './events.js';
import type { Issues } from './issues.js';
import type { NativeMediaInfo, NativeMediaStream } from './native-events.js';
import type { CheckedAudio, CheckedSourceOptions } from './option-schema.js';
import { holdsAudio } from './resolve-audio.js';

/** The audio of a transcode. */
export interface SourceAudio {
  /** Undefined = none. */
  readonly options: CheckedAudio | undefined;
  /** Index in the source; undefined when it is not the source's. */
  readonly stream: number | undefined;
  /** What to tell once somebody listens. */
  readonly warnings: readonly WarningEvent[];
  /** What to log. */
  readonly log: readonly LogEvent[];
}

type AudioChoice = Pick<CheckedSourceOptions, 'audio' | 'renditions' | 'packaging'>;

const NONE: SourceAudio = { options: undefined, stream: undefined, warnings: [], log: [] };

/**
 * Audio of its own replaces the source's; a source without audio has none, whatever was asked of it.
 *
 * @param media - What the source holds; undefined before it is open, when it may hold anything.
 */
export function sourceAudio(
  checked: AudioChoice,
  media: NativeMediaInfo | undefined,
  issues: Issues,
): SourceAudio {
  const { audio = {} } = checked;
  if (audio === false) return NONE;
  if (audio.push !== undefined) {
    issues.expected(
      'no samples, as a source does not wait for them,',
      ['audio', 'push'],
      audio.push,
    );
    return NONE;
  }
  if (audio.source !== undefined) return { ...NONE, options: audio };
  if (media === undefined) return { ...NONE, options: { ...audio, track: undefined } };
  // Of a stream that has not begun when the source is opened nobody knows what it holds.
  const tracks = media.streams.filter(({ kind, sampleRate }) => kind === 'audio' && sampleRate > 0);
  const stream = trackOf(audio.track, tracks, media, issues);
  if (stream === undefined) {
    const message = 'The source has no audio: options of audio have no effect';
    const isUnknown = media.streams.some(({ kind }) => kind === 'audio');
    const unknown = 'The audio of the source is left out: nobody knows its sample rate';
    if (isUnknown) return { ...NONE, warnings: [{ code: 'NO_AUDIO', message: unknown }] };
    const isAsked = checked.audio !== undefined;
    return { ...NONE, warnings: isAsked ? [{ code: 'NO_AUDIO', message }] : [] };
  }
  const isPlain = isCopied(checked, audio, stream);
  const hole = isPlain && audio.fillGaps !== false ? holeIn(stream, media) : undefined;
  const codec = audio.codec ?? (isPlain && hole === undefined ? COPY : undefined);
  const log = tracks.length > 1 ? [choice(stream, tracks)] : [];
  if (hole !== undefined && audio.codec === undefined) log.push(hole);
  return { ...NONE, options: { ...audio, codec, track: undefined }, stream: stream.index, log };
}

/** The track that was asked for, else the best one. */
function trackOf(
  track: number | undefined,
  tracks: readonly NativeMediaStream[],
  { bestAudio }: NativeMediaInfo,
  issues: Issues,
): NativeMediaStream | undefined {
  if (track === undefined) return tracks.find(({ index }) => index === bestAudio) ?? tracks[0];
  if (track >= tracks.length) {
    const last = String(tracks.length - 1);
    const expected =
      tracks.length === 0
        ? 'nothing, as the source has no audio,'
        : `an audio track from 0 to ${last}`;
    issues.expected(expected, ['audio', 'track'], track);
  }
  return tracks[track];
}

/** As in the original: where nothing else is asked for, packets are taken as they are. */
function isCopied(
  { renditions = [], packaging }: AudioChoice,
  { bitrate, sampleRate, channels, filter, options, fillGaps, clock }: CheckedAudio,
  { codec }: NativeMediaStream,
): boolean {
  const changes = [bitrate, sampleRate, channels, filter, options, clock];
  const isPlain = changes.every((change) => change === undefined) && fillGaps !== true;
  const isAlone = renditions.length <= 1 && renditions[0]?.audioBitrate === undefined;
  return isPlain && isAlone && holdsAudio(packaging?.segmentType ?? 'fmp4', codec);
}

/** Seconds of picture without sound that players take without a word, at either end. */
const SILENT_BEGIN = 0.1;
const SILENT_END = 1;

/** Silence can only be encoded: what to log when audio begins later than the video, or ends before it. */
function holeIn(stream: NativeMediaStream, media: NativeMediaInfo): LogEvent | undefined {
  const video = media.streams.find(({ index }) => index === media.bestVideo);
  if (video === undefined || video.attachedPicture) return undefined;
  const late = stream.start - video.start;
  const end = (of: NativeMediaStream): number => of.start + (of.duration < 0 ? NaN : of.duration);
  const isShort = end(video) - end(stream) > SILENT_END;
  if (!(late > SILENT_BEGIN) && !isShort) return undefined;
  const message =
    `The audio ${late > SILENT_BEGIN ? 'begins later than the video' : 'ends before the video'}: it is encoded, ` +
    'so that silence can fill the rest; codec "copy" takes its packets as they are';
  return { level: 'info', message };
}

function choice(stream: NativeMediaStream, tracks: readonly NativeMediaStream[]): LogEvent {
  const { codec, language, title, channels } = stream;
  const tags = [codec, `${String(channels)} channels`, language, title].filter((tag) => tag !== '');
  const message =
    `Audio track ${String(tracks.indexOf(stream))} of ${String(tracks.length)} is taken ` +
    `(${tags.join(', ')}): audio.track or -map 0:a:N choose another`;
  return { level: 'info', message };
}
