// Source audio: which audio of a source comes along, and whether its packets can be taken as they are.

import type { Issues } from '../check/issues.js';
import type { NativeMediaInfo, NativeMediaStream } from '../native/native-events.js';
import type { CheckedAudio, CheckedSourceOptions } from '../options/option-schema.js';
import type { LogEvent, WarningEvent } from '../report/events.js';
import { COPY } from './copy.js';
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
  const tracks = media.streams.filter(({ kind }) => kind === 'audio');
  const copies = audio.codec === COPY;
  const stream = trackOf(audio.track, tracks, copies, media, issues);
  const unusable = audio.track === undefined ? tracks.filter((one) => !isUsable(one, copies)) : [];
  if (stream === undefined) {
    const message = 'The source has no audio: options of audio have no effect';
    const [unknown] = unusable;
    if (unknown !== undefined) {
      const left = `The audio of the source is left out: ${whyUnusable(unknown)}`;
      return { ...NONE, warnings: [{ code: 'NO_AUDIO', message: left }] };
    }
    const isAsked = checked.audio !== undefined;
    return { ...NONE, warnings: isAsked ? [{ code: 'NO_AUDIO', message }] : [] };
  }
  const warnings = unusable.map((one): WarningEvent => {
    const { codec, language } = one;
    const tags = [codec, language].filter((tag) => tag !== '').join(', ');
    const number = String(tracks.indexOf(one));
    const message = `Audio track ${number} of the source (${tags}) is left out: ${whyUnusable(one)}`;
    return { code: 'TRACK_LEFT_OUT', message };
  });
  const isPlain = isCopied(checked, audio, stream);
  const hole = isPlain && audio.fillGaps !== false ? holeIn(stream, media) : undefined;
  const codec = audio.codec ?? (isPlain && hole === undefined ? COPY : undefined);
  const log = tracks.length > 1 ? [choice(stream, tracks)] : [];
  if (hole !== undefined && audio.codec === undefined) log.push(hole);
  const options = { ...audio, codec, track: undefined };
  return { options, stream: stream.index, warnings, log };
}

/** Of a stream that has not begun when the source is opened nobody knows what it holds. */
function isUsable({ sampleRate, decodable }: NativeMediaStream, copies: boolean): boolean {
  return sampleRate > 0 && (decodable || copies);
}

function whyUnusable({ codec, decodable }: NativeMediaStream): string {
  if (decodable) return 'nobody knows its sample rate';
  return `this libavcodec has no decoder of ${codec}`;
}

/** The track that was asked for, else the best one of those that can be taken. */
function trackOf(
  track: number | undefined,
  tracks: readonly NativeMediaStream[],
  copies: boolean,
  { bestAudio }: NativeMediaInfo,
  issues: Issues,
): NativeMediaStream | undefined {
  const usable = tracks.filter((one) => isUsable(one, copies));
  if (track === undefined) return usable.find(({ index }) => index === bestAudio) ?? usable[0];
  const named = tracks[track];
  if (named !== undefined && usable.includes(named)) return named;
  const last = String(tracks.length - 1);
  let expected = `an audio track from 0 to ${last}`;
  if (tracks.length === 0) expected = 'nothing, as the source has no audio,';
  else if (named !== undefined) expected = `a track that can be taken (${whyUnusable(named)})`;
  issues.expected(expected, ['audio', 'track'], track);
  return undefined;
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
