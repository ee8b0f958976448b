// Without effect: options that are fine by themselves and mean nothing beside the others. One table says when that is, so that
// none is ignored in silence. What only attributes have, and other options do not, is told where it is read.

import type { Issues } from '../check/issues.js';
import type { Output } from '../files/output.js';
import { YUV_FORMATS } from '../frames/pixel-layout.js';
import type { NativeEncoderInfo } from '../native/native-binding.js';
import type { NativeAudioConfig, NativePackagingConfig } from '../native/native-config.js';
import { isHeld } from '../options/held-tags.js';
import type { CheckedRendition, CheckedSourceInput } from '../options/option-schema.js';
import type { WarningCode } from '../report/codes.js';
import type { WarningEvent } from '../report/events.js';
import { COPY } from './copy.js';
import { isSurface, withoutUpload } from './hardware.js';
import type { OutlineOptions } from './outline.js';
import { HTTP_OPTIONS } from './packaging.js';
import { isLossless } from './resolve-audio.js';

/** What decides whether an option has an effect. */
export interface EffectFacts {
  /** As they were given, checked. */
  readonly options: OutlineOptions;
  /** How a source is read; undefined: frames are pushed. */
  readonly sourceInput: CheckedSourceInput | undefined;
  /** Where the root manifest goes. */
  readonly output: Output;
  /** Undefined: packets are copied. */
  readonly encoder: NativeEncoderInfo | undefined;
  /** Null: there is none. */
  readonly audio: NativeAudioConfig | null;
  /** With every default filled in. */
  readonly packaging: NativePackagingConfig;
}

/** The option that is looked at. */
interface Given {
  readonly value: unknown;
  /** Its last key. */
  readonly name: string;
  /** Of a rendition's option. */
  readonly rendition: CheckedRendition;
}

/** When one option has no effect. */
interface Rule {
  /** Where it lies; `*` is any index or name. */
  readonly path: readonly string[];
  /** Why it has none; undefined: it has one. */
  readonly why: (facts: EffectFacts, given: Given) => string | undefined;
  /** Default `IGNORED_OPTION`. */
  readonly code?: WarningCode;
}

const when = (isSo: boolean, why: string): string | undefined => (isSo ? why : undefined);

const isCopied = ({ options, sourceInput }: EffectFacts): boolean =>
  sourceInput !== undefined && options.video?.codec === COPY;

const renditionsOf = ({ options }: EffectFacts): readonly CheckedRendition[] =>
  options.renditions ?? [{}];

const deletesOver = ({ protocol }: Output): boolean =>
  protocol === undefined || protocol.startsWith('http');

const software = ({ encoder }: EffectFacts): string | undefined =>
  encoder === undefined || encoder.hardware ? undefined : `${encoder.name} encodes in software`;

const notOpened = ({ options }: EffectFacts): string | undefined =>
  when(options.audio?.source === undefined, 'no source of audio is opened');

/** An option of the encoder by a name of its own, where the same is among `options` too. */
const ownName = (name: 'preset' | 'profile' | 'tune' | 'crf'): Rule => ({
  path: ['video', name],
  why: (facts) => {
    const isInVideo = facts.options.video?.options?.has(name) === true;
    const isInAll = renditionsOf(facts).every(({ options }) => options?.has(name) === true);
    return when(isInVideo || isInAll, 'options say the same of the encoder, and win');
  },
});

const VIDEO: readonly Rule[] = [
  {
    path: ['input', 'sampleAspectRatio'],
    why: ({ options: { video } }) =>
      when(
        video?.aspectRatio !== undefined && video.filter === undefined,
        'video.aspectRatio says how the pictures are shown',
      ),
  },
  {
    path: ['input', 'colorRange'],
    why: ({ options: { input } }, { value }) =>
      when(
        value === 'tv' && !YUV_FORMATS.has(input.pixelFormat ?? 'bgr24'),
        'only YUV has a limited range',
      ),
  },
  {
    path: ['input', 'deinterlace'],
    why: (facts, { value }) => when(isCopied(facts) && value === 'auto', 'the video is copied'),
  },
  { path: ['input', 'threads'], why: (facts) => when(isCopied(facts), 'the video is copied') },
  { path: ['video', 'hardware'], why: software },
  {
    path: ['video', 'fallback'],
    why: (facts, { value }) => (value === true ? software(facts) : undefined),
  },
  {
    path: ['video', 'filter'],
    why: (facts, { value }) => {
      const isUpload = typeof value === 'string' && withoutUpload(value) !== undefined;
      const reason = isUpload ? software(facts) : undefined;
      return reason === undefined ? undefined : `its upload to a device is left out, as ${reason}`;
    },
  },
  {
    path: ['video', 'pixelFormat'],
    why: (facts, { value }) => (isSurface(value) ? software(facts) : undefined),
  },
  {
    path: ['video', 'bitsPerPixel'],
    why: (facts) =>
      when(renditionsOf(facts).every(hasBitrate(facts)), 'every rendition has a bitrate'),
  },
  ownName('preset'),
  ownName('profile'),
  ownName('tune'),
  ownName('crf'),
  {
    path: ['video', 'options', '*'],
    why: (facts, { name }) => {
      const isReplaced = ({ bitrate, options }: CheckedRendition): boolean =>
        options?.has(name) === true || (name === 'b' && bitrate !== undefined);
      return when(renditionsOf(facts).every(isReplaced), 'every rendition has its own');
    },
  },
  {
    path: ['renditions', '*', 'options', '*'],
    why: (_, { name, rendition }) =>
      when(name === 'b' && rendition.bitrate !== undefined, 'bitrate says the same, and wins'),
  },
  {
    path: ['trim', 'end'],
    why: ({ options }) =>
      when(options.trim?.duration !== undefined, 'a duration is given, and wins'),
  },
];

/** A bitrate by its own name, or by FFmpeg's. */
function hasBitrate({ options }: EffectFacts): (rendition: CheckedRendition) => boolean {
  const isShared = options.video?.options?.has('b') === true;
  return (rendition) =>
    isShared || rendition.bitrate !== undefined || rendition.options?.has('b') === true;
}

const AUDIO: readonly Rule[] = [
  { path: ['audio', 'protocols'], why: notOpened },
  { path: ['audio', 'maxPixels'], why: notOpened },
  { path: ['audio', 'openTimeout'], why: notOpened },
  {
    path: ['audio', 'clock'],
    why: ({ options }, { value }) =>
      when(
        value === 'wall' && options.audio?.source === undefined,
        'only audio of its own source has another clock than the frames',
      ),
  },
  {
    path: ['audio', 'bitrate'],
    why: (facts) =>
      lossless(facts) ??
      when(
        renditionsOf(facts).every(({ audioBitrate }) => audioBitrate !== undefined),
        'every rendition has an audioBitrate',
      ),
  },
  {
    path: ['audio', 'options', '*'],
    why: (facts, { name }) =>
      name === 'b'
        ? (lossless(facts) ??
          when(facts.options.audio?.bitrate !== undefined, 'bitrate says the same, and wins'))
        : undefined,
  },
  { path: ['renditions', '*', 'audioBitrate'], why: lossless },
  {
    path: ['renditions', '*', 'audioBitrate'],
    why: ({ audio }) => when(audio === null, 'there is no audio'),
    code: 'NO_AUDIO',
  },
];

function lossless({ audio }: EffectFacts): string | undefined {
  const codec = audio?.renditions[0]?.codec ?? '';
  return when(isLossless(codec), `${codec} loses nothing, at any bitrate`);
}

/** Options of all muxers that order packets of several tracks, or leave room in other containers. */
const NOT_OF_SEGMENTS: ReadonlyMap<string, string> = new Map([
  ...['audio_preload', 'chunk_duration', 'chunk_size', 'max_interleave_delta'].map(
    (name) => [name, 'a segment has one track'] as const,
  ),
  ['moov_size', 'segments are fragmented'],
  ['metadata_header_padding', 'segments have no such header'],
]);

const notDeleted: Rule['why'] = ({ packaging: { live, deleteSegments, manifests } }, { value }) =>
  when(
    live && !deleteSegments && (value !== 0 || manifests.some(({ window }) => window > 0)),
    'no segment is deleted here',
  );

/** The window of one manifest. */
const windowOf = (format: 'dash' | 'hls'): Rule[] => [
  ...['window', 'extraWindow'].map((key) => ({
    path: ['packaging', format, key],
    why: ({ packaging }: EffectFacts) => when(!packaging.live, 'only a live stream has a window'),
  })),
  { path: ['packaging', format, 'extraWindow'], why: notDeleted },
];

const PACKAGING: readonly Rule[] = [
  ...windowOf('dash'),
  ...windowOf('hls'),
  {
    path: ['packaging', 'names', 'init'],
    why: ({ packaging }) =>
      when(packaging.segmentType === 'mpegts', 'MPEG-TS has no init segments'),
  },
  {
    path: ['packaging', 'fragmentDuration'],
    why: ({ packaging }) => when(packaging.segmentType === 'mpegts', 'MPEG-TS has no fragments'),
  },
  {
    path: ['packaging', 'clearPrevious'],
    why: ({ output }, { value }) =>
      when(
        output.protocol !== undefined && value === true,
        'only files are cleared, not what is behind a URL',
      ),
  },
  {
    path: ['packaging', 'removeAtExit'],
    why: ({ output }, { value }) =>
      when(
        value === true && !deletesOver(output),
        `libavformat cannot delete over ${output.protocol ?? ''}`,
      ),
    code: 'NO_DELETE',
  },
  { path: ['packaging', 'live', 'extraWindow'], why: notDeleted },
  ...(['window', 'extraWindow'] as const).map((key) => ({
    path: ['packaging', 'live', key],
    why: ({ options: { packaging }, packaging: { manifests } }: EffectFacts) =>
      when(
        manifests.every(({ format }) => packaging?.[format]?.[key] !== undefined),
        'every manifest has its own',
      ),
  })),
  {
    path: ['packaging', 'live', 'deleteSegments'],
    why: ({ packaging: { manifests } }, { value }) =>
      when(
        value === true && manifests.some(({ window }) => window === 0),
        'no segment leaves the window',
      ),
  },
  {
    path: ['packaging', 'hls', 'programDateTime'],
    why: ({ packaging }, { value }) =>
      when(packaging.live && value === false, 'live playlists always have EXT-X-PROGRAM-DATE-TIME'),
  },
  {
    path: ['packaging', 'dash', 'utcTimingUrl'],
    why: ({ packaging }) => when(!packaging.live, 'players of a recording need no clock'),
  },
  {
    path: ['packaging', 'dash', 'timeline'],
    why: ({ packaging }) => when(!packaging.useTemplate, 'a SegmentList names each segment'),
  },
  {
    path: ['packaging', 'metadata', '*'],
    why: ({ packaging }, { name }) =>
      when(!isHeld(name, packaging), `segments of ${packaging.segmentType} have no such tag`),
  },
  {
    path: ['packaging', 'options', '*'],
    why: (_, { name }) => NOT_OF_SEGMENTS.get(name),
  },
  {
    path: ['packaging', 'protocolOptions', '*'],
    why: ({ output: { protocol = '' } }, { name }) =>
      when(
        protocol.startsWith('http') && !HTTP_OPTIONS.has(name),
        'it means nothing to files that are sent over HTTP',
      ),
  },
];

/** Every option that may have no effect. */
export const EFFECT_RULES: readonly Rule[] = [...VIDEO, ...AUDIO, ...PACKAGING];

/** Tells of every option that was given and has no effect. */
export function tellWithoutEffect(
  facts: EffectFacts,
  issues: Issues,
  warn: (warning: WarningEvent) => void,
): void {
  const { options, sourceInput } = facts;
  const root = sourceInput === undefined ? options : { ...options, input: sourceInput };
  for (const { path, why, code = 'IGNORED_OPTION' } of EFFECT_RULES) {
    for (const { keys, value } of valuesAt(root, path)) {
      const [, index] = keys;
      const rendition = options.renditions?.[Number(index)] ?? {};
      const reason = why(facts, { value, rendition, name: String(keys.at(-1)) });
      if (reason === undefined) continue;
      warn({ code, message: `${issues.nameOf(keys)} has no effect: ${reason}` });
    }
  }
}

interface Found {
  readonly keys: readonly (string | number)[];
  readonly value: unknown;
}

/** What was given at a path. */
function valuesAt(root: unknown, path: readonly string[]): Found[] {
  let found: Found[] = [{ keys: [], value: root }];
  for (const key of path) {
    found = found.flatMap(({ keys, value }) =>
      inside(value, key).map(([name, item]) => ({ keys: [...keys, name], value: item })),
    );
  }
  return found.filter(({ value }) => value !== undefined);
}

function inside(value: unknown, key: string): (readonly [key: string | number, value: unknown])[] {
  if (value instanceof Map) return key === '*' ? [...(value as Map<string, unknown>)] : [];
  if (Array.isArray(value)) return key === '*' ? [...(value as unknown[]).entries()] : [];
  if (typeof value !== 'object' || value === null) return [];
  return [[key, (value as Readonly<Record<string, unknown>>)[key]]];
}
