// Resolve audio: from checked audio options to what the audio stage of the pipeline is told, and which video
// rendition is watched with which audio.

import { addedFlags } from '../base/key-values.js';
import type { Issues } from '../check/issues.js';
import type { OptionPath } from '../check/option-path.js';
import { bitrate as bitrateKind } from '../check/values.js';
import type { Libav } from '../native/libav.js';
import type { NativeAudioEncoderInfo, NativeBinding } from '../native/native-binding.js';
import type {
  NativeAudioConfig,
  NativeAudioRenditionConfig,
  NativeMediaInputConfig,
} from '../native/native-config.js';
import type { CheckedAudio, CheckedRendition } from '../options/option-schema.js';
import type { WarningEvent } from '../report/events.js';
import { resolveMediaSource } from '../source/media-source.js';

/** The encoder that is used when none is asked for. */
export const DEFAULT_AUDIO_CODEC = 'aac';
const COPY = 'copy';

const DEFAULT_CHANNELS = 2;

/** Codecs that both the container and players know. */
const CODECS: Readonly<Record<SegmentType, readonly string[]>> = {
  fmp4: ['aac', 'opus', 'mp3', 'ac3', 'eac3', 'flac'],
  mpegts: ['aac', 'mp3', 'ac3', 'eac3'],
};

/** True when packets of a codec can be taken as they are. */
export function holdsAudio(segmentType: SegmentType, codec: string): boolean {
  return CODECS[segmentType].includes(codec);
}

/** True for an encoder that has no bitrate to choose. */
export function isLossless(encoder: string): boolean {
  return encoder === 'flac';
}

const NO_LIMITS = { protocols: '', refusedFormats: '', maxPixels: 1, openTimeout: 0 };
const NO_INPUT: NativeMediaInputConfig = { url: '', format: '', options: [], limits: NO_LIMITS };

type SegmentType = 'fmp4' | 'mpegts';

/** What audio has to know of the rest. */
export interface AudioContext {
  /** Container of segments. */
  readonly segmentType: SegmentType;
  /** The video renditions. */
  readonly renditions: readonly CheckedRendition[];
  /** Seconds of the input before the first frame that is kept. */
  readonly trimStart: number;
  /** Single-Source Mode: index of the source's audio, for whoever has neither `source` nor `push`. */
  readonly sourceStream?: number | undefined;
  /** Bit/s that an encoder of its samples is given by default. */
  readonly sourceBitrate?: number | undefined;
  /** False: audio of its own that cannot be opened is left out. */
  readonly isStrict: boolean;
  /** What libav says of itself. */
  readonly libav: Libav;
  /** The addon. */
  readonly getBinding: () => NativeBinding;
  /** Wrong values go here. */
  readonly issues: Issues;
  /** Collects what to tell. */
  readonly warn: (warning: WarningEvent) => void;
}

/** The audio of a presentation. */
export interface AudioPlan {
  /** For the addon; null = none. */
  readonly config: NativeAudioConfig | null;
  /** Index of the audio rendition of each video rendition. */
  readonly ofRendition: readonly number[];
}

/** Checks audio options and fills in every default. */
export function resolveAudio(audio: CheckedAudio | undefined, context: AudioContext): AudioPlan {
  const { renditions } = context;
  if (audio === undefined) return { config: null, ofRendition: renditions.map(() => 0) };
  const origin = originOf(audio, context);
  const codec = codecOf(audio, context);
  if (audio.filter !== undefined) checkFilter(audio.filter, audio, context);
  const options = new Map(audio.options);
  const b = options.get('b');
  options.delete('b');
  if (codec !== undefined && codec !== COPY) checkOptions(codec, options, context);
  const shared = audio.bitrate ?? bitrateKind.parse(b) ?? defaultBitrate(audio, context);
  const isOne = isLossless(codec ?? '');
  const wanted = renditions.map(({ audioBitrate }) => (isOne ? shared : (audioBitrate ?? shared)));
  const bitrates = [...new Set(wanted)];
  return {
    config: {
      ...origin,
      ...partOf(audio, context),
      clock: audio.clock ?? '',
      sampleRate: audio.sampleRate ?? 0,
      channels: audio.channels ?? 0,
      filter: audio.filter ?? '',
      fillGaps: audio.fillGaps ?? codec !== COPY,
      language: audio.language ?? '',
      name: audio.name ?? '',
      renditions: bitrates.map((bitrate): NativeAudioRenditionConfig => ({
        codec: codec ?? '',
        bitrate,
        options: [...options].map(([name, value]) => [
          name,
          name === 'flags' ? addedFlags(value) : value,
        ]),
      })),
    },
    ofRendition: wanted.map((bitrate) => bitrates.indexOf(bitrate)),
  };
}

/**
 * As the audio thread's own default: renditions that are told the same bitrate are one. Of audio that is not
 * open yet, or mixed down, only that thread knows it: 0.
 */
function defaultBitrate(
  { source, push, channels, codec }: CheckedAudio,
  { sourceBitrate = 0 }: AudioContext,
): number {
  if (push === undefined) {
    return source === undefined && channels === undefined && codec !== COPY ? sourceBitrate : 0;
  }
  return Math.max(128_000, 64_000 * (channels ?? push.channels ?? DEFAULT_CHANNELS));
}

type Origin = Pick<
  NativeAudioConfig,
  'origin' | 'input' | 'optional' | 'pushSampleRate' | 'pushChannels' | 'pushFormat'
>;

/** Where the samples come from: a source of their own, `push`, or that of the video. */
function originOf(checked: CheckedAudio, context: AudioContext): Origin {
  const { source, push } = checked;
  const { issues, warn, getBinding, sourceStream, isStrict } = context;
  const isNone = source === undefined && push === undefined;
  if ((source !== undefined && push !== undefined) || (isNone && sourceStream === undefined)) {
    issues.expected('either a source or push', 'audio', { source, push });
  }
  const own =
    source === undefined
      ? undefined
      : resolveMediaSource(source, {
          path: ['audio', 'source'],
          limits: checked,
          issues,
          warn,
          getBinding,
        });
  return {
    origin: isNone ? 'source' : push === undefined ? 'input' : 'push',
    input: own ?? NO_INPUT,
    optional: own !== undefined && !isStrict,
    pushSampleRate: push?.sampleRate ?? 0,
    pushChannels: push?.channels ?? DEFAULT_CHANNELS,
    pushFormat: push?.sampleFormat ?? 'f32',
  };
}

/** The part of the source that is taken. */
function partOf(
  { source, push, track, start = 0 }: CheckedAudio,
  { trimStart, sourceStream = -1, issues }: AudioContext,
): Pick<NativeAudioConfig, 'stream' | 'track' | 'start'> {
  if (source !== undefined) return { stream: -1, track: track ?? -1, start: start + trimStart };
  // The video of the same source begins where it is trimmed, and the audio with it.
  if (push === undefined) return { stream: sourceStream, track: -1, start };
  if (track !== undefined) issues.expected('nothing with push', ['audio', 'track'], track);
  if (start !== 0) issues.expected('nothing with push', ['audio', 'start'], start);
  // writeAudio() itself leaves out what lies before the first frame.
  return { stream: -1, track: -1, start: 0 };
}

/** The encoder, or "copy"; undefined when it is wrong. */
function codecOf(audio: CheckedAudio, context: AudioContext): string | undefined {
  const { libav, issues, segmentType } = context;
  const name = audio.codec ?? DEFAULT_AUDIO_CODEC;
  if (name === COPY) {
    checkCopy(audio, context);
    return COPY;
  }
  const encoder = libav.findAudioEncoder(name);
  const known = [COPY, ...libav.audioEncoders.keys()];
  if (encoder === undefined) {
    issues.expected('an audio encoder of the local libavcodec', ['audio', 'codec'], name, known);
  } else if (!CODECS[segmentType].includes(encoder.codec)) {
    const container = segmentType === 'mpegts' ? 'MPEG-TS' : 'fMP4';
    const fitting = CODECS[segmentType].join(', ');
    const expected = `an encoder of ${fitting}, as ${container} segments cannot hold ${encoder.codec},`;
    issues.expected(expected, ['audio', 'codec'], name);
  }
  if (encoder !== undefined) checkFormat(audio, encoder, issues);
  return encoder?.name;
}

/** What the encoder is asked for; what a source has is made fit. */
function checkFormat(
  { sampleRate, channels }: CheckedAudio,
  encoder: NativeAudioEncoderInfo,
  issues: Issues,
): void {
  const check = (value: number | undefined, taken: readonly number[], path: OptionPath): void => {
    if (value === undefined || taken.length === 0 || taken.includes(value)) return;
    issues.expected(`one of ${taken.join(', ')}, as ${encoder.name} takes,`, path, value);
  };
  check(sampleRate, encoder.sampleRates, ['audio', 'sampleRate']);
  check(channels, encoder.channels, ['audio', 'channels']);
}

/** Samples of which a filter chain should like one. */
const FILTER_FORMATS = [
  { sampleRate: 48_000, channels: 2 },
  { sampleRate: 44_100, channels: 1 },
  { sampleRate: 48_000, channels: 6 },
];

/** A chain that takes none of many formats is wrong; one that takes some may need the real one. */
function checkFilter(
  filter: string,
  { push }: CheckedAudio,
  { libav, issues }: AudioContext,
): void {
  const { sampleRate = 0, channels = DEFAULT_CHANNELS } = push ?? {};
  const formats = push === undefined ? FILTER_FORMATS : [{ sampleRate, channels }];
  const errors = formats.map((format) => libav.probeAudioFilter(filter, format));
  const [error = ''] = errors;
  if (errors.includes('')) return;
  issues.expected(`a filter chain that libavfilter takes (${error})`, ['audio', 'filter'], filter);
}

/** Packets that are not decoded cannot be changed either. */
function checkCopy(audio: CheckedAudio, { renditions, issues }: AudioContext): void {
  if (audio.push !== undefined) {
    issues.expected('an encoder, as samples are pushed,', ['audio', 'codec'], COPY);
  }
  const { bitrate, sampleRate, channels, filter, fillGaps, clock } = audio;
  const changes = { bitrate, sampleRate, channels, filter, fillGaps, clock };
  const isChange = (value: unknown): boolean =>
    value !== undefined && value !== false && value !== 'samples';
  const paths = Object.entries(changes).map(([name, value]) => [['audio', name], value] as const);
  const options = [...(audio.options ?? [])].map(
    ([name, value]) => [['audio', 'options', name], value] as const,
  );
  const bitrates = renditions.map(
    ({ audioBitrate }, index) => [['renditions', index, 'audioBitrate'], audioBitrate] as const,
  );
  for (const [path, value] of [...paths, ...options, ...bitrates]) {
    if (isChange(value)) issues.expected('nothing, as audio is copied,', path, value);
  }
}

/** Options of AVCodecContext that are options of ours. */
const OURS: ReadonlyMap<string, string> = new Map([
  ['ar', 'sampleRate'],
  ['ac', 'channels'],
  ['channel_layout', 'channels'],
  ['ch_layout', 'channels'],
]);

function checkOptions(
  encoder: string,
  options: ReadonlyMap<string, string>,
  { libav, issues }: AudioContext,
): void {
  const known = libav.options('encoder', encoder);
  for (const [name, value] of options) {
    const path = ['audio', 'options', name];
    const option = known.get(name);
    const ours = OURS.get(name);
    if (ours !== undefined) {
      issues.expected(`audio.${ours} instead`, path, value);
    } else if (option === undefined) {
      issues.unknown(`an option of encoder ${encoder}`, ['audio', 'options'], name, known.keys());
    } else {
      const problem = libav.problem('encoder', encoder, option, value);
      if (problem !== undefined) issues.expected(problem.expected, path, value, problem.words);
    }
  }
}
