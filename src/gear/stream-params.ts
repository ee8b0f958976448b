// Stream params: the one table of StreamGear's own and of packaging's attributes. What is not in it is an
// FFmpeg option; see ffmpeg-options.ts.

import type { Formats, StreamFormat } from '../base/formats.js';
import { keyValues } from '../base/key-values.js';
import type { Rational } from '../base/rational.js';
import * as values from '../check/values.js';
import type { Kind } from '../check/values.js';
import { SCALINGS } from '../frames/scaling.js';
import { HOLD_PICTURE, type CheckedSourceInput } from '../options/option-schema.js';
import type { Draft, Section } from './draft.js';
import { applyHlsFlags } from './hls-flags.js';

/** Sections of a draft of which attributes set values. */
type SectionName = 'video' | 'packaging' | 'window' | 'fileNames' | 'dash' | 'hls';

/** What a section holds. */
type Values<Name extends SectionName> = Draft[Name] extends Section<infer Held> ? Held : never;

/** One attribute. */
export interface StreamParam {
  /** What it accepts. */
  readonly kind: Kind<unknown>;
  /** The option that it is, by section and key; undefined: it does something else. */
  readonly option: string | undefined;
  /** Where both manifests share what the option is of: its value so far, and what it would become. */
  readonly shared?: { before(draft: Draft): unknown; after(value: never): unknown };
  /** Takes what the kind made of the value. */
  readonly apply: (draft: Draft, value: never, attribute: string) => void;
  /** The format that alone has it. Default: both. */
  readonly format?: StreamFormat;
  /** Without effect unless `-livestream` is on. */
  readonly liveOnly?: boolean;
  /** Of the protocol of an output URL. */
  readonly urlOnly?: boolean;
}

const dash = { format: 'dash' } as const;
const hls = { format: 'hls' } as const;
const url = { urlOnly: true } as const;
const count = values.wholeNumber(0);

/** Where a row holds. */
type Scope = Pick<StreamParam, 'format' | 'liveOnly' | 'urlOnly'>;

/** An attribute that does something else than to set an option. */
function effect<Value>(
  kind: Kind<Value>,
  apply: (draft: Draft, value: Value, attribute: string) => void,
  scope: Scope = {},
): StreamParam {
  return { kind, option: undefined, apply, ...scope };
}

/** An attribute that is an option of AdaptiveStream in another unit. */
function converted<Name extends SectionName, Key extends keyof Values<Name> & string, Value>(
  kind: Kind<Value>,
  convert: (value: Value) => Values<Name>[Key],
  section: Name,
  key: Key,
  scope: Scope = {},
): StreamParam {
  const sectionOf = (draft: Draft): Section<Values<Name>> =>
    draft[section] as unknown as Section<Values<Name>>;
  const apply = (draft: Draft, value: Value, attribute: string): void => {
    sectionOf(draft).set(key, convert(value), attribute);
  };
  const shared = {
    before: (draft: Draft): unknown => sectionOf(draft).get(key),
    after: convert,
  };
  return { kind, option: `${section}.${key}`, apply, shared, ...scope };
}

/** A window of a manifest: with one manifest it is the stream's. */
function windowParam(key: 'window' | 'extraWindow', format: StreamFormat): StreamParam {
  const apply = (draft: Draft, value: number, attribute: string): void => {
    if (draft.formats.length === 1) draft.window.set(key, value, attribute);
    else if (format === 'dash') draft.dash.set(key, value, attribute);
    else draft.hls.set(key, value, attribute);
  };
  return { kind: count, option: `window.${key}`, apply, format, liveOnly: true };
}

/** An attribute that is an option of AdaptiveStream. */
function param<Name extends SectionName, Key extends keyof Values<Name> & string>(
  kind: Kind<Values<Name>[Key]>,
  section: Name,
  key: Key,
  scope: Scope = {},
): StreamParam {
  return converted(kind, (value) => value, section, key, scope);
}

/** `key=value:key=value`, as both muxers take options of what they use. */
const listOf =
  (target: 'muxerOptions' | 'protocolOptions') =>
  (draft: Draft, text: string, attribute: string): void => {
    for (const [name, value] of keyValues(text)) draft[target].set(name, value, attribute);
  };

/** One option of the protocol by another name. */
const protocolOption =
  (name: string) =>
  (draft: Draft, value: string | boolean, attribute: string): void => {
    draft.protocolOptions.set(
      name,
      typeof value === 'string' ? value : String(Number(value)),
      attribute,
    );
  };

/** Accepts only what would change nothing. */
const only =
  (isFitting: (value: string, draft: Draft) => boolean, expected: string) =>
  (draft: Draft, value: string, attribute: string): void => {
    if (!isFitting(value, draft)) draft.issues.expected(expected, attribute, value);
  };

const onlyOwnName = only(
  (value, { playlistName }) => value === playlistName,
  "the output's own name, as the output is the multivariant playlist,",
);

const masterName = (draft: Draft, value: string, attribute: string): void => {
  draft.namesMaster = true;
  onlyOwnName(draft, value, attribute);
};

const noProgram = (draft: Draft, _value: unknown, attribute: string): void => {
  draft.warn('NO_PROGRAM', `${attribute} has no effect: no ffmpeg program is used`);
};

const inputFrameRate = (draft: Draft, rate: Rational, attribute: string): void => {
  if (!draft.isSource) draft.input.set('frameRate', rate, attribute);
  else {
    draft.warn(
      'IGNORED_OPTION',
      `${attribute} has no effect: a source has a frame rate of its own`,
    );
  }
};

const fillGaps = (draft: Draft, isOn: boolean, attribute: string): void => {
  if (draft.hasAudio) draft.audio.set('fillGaps', isOn, attribute);
  else draft.warn('NO_AUDIO', `${attribute} has no effect: there is no audio`);
};

/** Limits all sources that there are: that of the video, and audio of its own. */
function limitSources(draft: Draft, attribute: string, video: () => void, audio: () => void): void {
  const hasOwnAudio = draft.ownAudio !== undefined;
  if (draft.isSource) video();
  if (hasOwnAudio) audio();
  if (draft.isSource || hasOwnAudio) return;
  draft.warn('IGNORED_OPTION', `${attribute} has no effect: no source is opened`);
}

const limitProtocols = (draft: Draft, list: string, attribute: string): void => {
  const names = list.split(',').map((name) => name.trim());
  limitSources(
    draft,
    attribute,
    () => {
      draft.input.set('protocols', names, attribute);
    },
    () => {
      draft.audio.set('protocols', names, attribute);
    },
  );
};

const limitNumber =
  (key: 'maxPixels' | 'openTimeout') =>
  (draft: Draft, value: number, attribute: string): void => {
    limitSources(
      draft,
      attribute,
      () => {
        draft.input.set(key, value, attribute);
      },
      () => {
        draft.audio.set(key, value, attribute);
      },
    );
  };

const holdPicture = (
  draft: Draft,
  which: NonNullable<CheckedSourceInput['holdPicture']>,
  attribute: string,
): void => {
  if (draft.isSource) draft.input.set('holdPicture', which, attribute);
  else draft.warn('IGNORED_OPTION', `${attribute} has no effect: frames are pushed`);
};

/** Without their spaces. */
const SETS = {
  video: /^id=\d+,streams=(v|0)$/,
  videoAndAudio: /^id=\d+,streams=vid=\d+,streams=a$/,
};

const isFittingSet = (value: string, { hasAudio, isSource }: Draft): boolean => {
  const sets = [
    ...(hasAudio ? [SETS.videoAndAudio] : []),
    ...(!hasAudio || isSource ? [SETS.video] : []),
  ];
  return sets.some((pattern) => pattern.test(value.replaceAll(' ', '')));
};

/** StreamGear's own. */
const OWN: readonly (readonly [attribute: string, row: StreamParam])[] = [
  ['-input_framerate', effect(values.frameRate, inputFrameRate)],
  ['-bpp', param(values.numberFrom(0.001), 'video', 'bitsPerPixel')],
  ['-gop', converted(values.numberFrom(0), Math.floor, 'video', 'gop')],
  ['-scaling', param(values.oneOf(SCALINGS), 'video', 'scaling')],
  ['-fill_gaps', effect(values.flag, fillGaps)],
  ['-protocol_whitelist', effect(values.text, limitProtocols)],
  ['-max_pixels', effect(values.wholeNumber(1, 2 ** 31 - 1), limitNumber('maxPixels'))],
  ['-open_timeout', effect(values.seconds, limitNumber('openTimeout'))],
  ['-hold_picture', effect(values.oneOf(HOLD_PICTURE), holdPicture)],
  ['-clear_prev_assets', param(values.flag, 'packaging', 'clearPrevious')],
  ['-ffmpeg_download_path', effect(values.anything, noProgram)],
  ['-enable_force_termination', effect(values.anything, noProgram)],
];

/** DASH, by the names of libavformat's dash muxer. */
const DASH: typeof OWN = [
  ['-seg_duration', param(values.duration, 'packaging', 'segmentDuration', dash)],
  [
    '-min_seg_duration',
    converted(values.numberFrom(1), (us) => us / 1e6, 'packaging', 'segmentDuration', dash),
  ],
  ['-frag_duration', param(values.duration, 'packaging', 'fragmentDuration', dash)],
  ['-window_size', windowParam('window', 'dash')],
  ['-extra_window_size', windowParam('extraWindow', 'dash')],
  ['-remove_at_exit', param(values.flag, 'packaging', 'removeAtExit', dash)],
  ['-use_timeline', param(values.flag, 'dash', 'timeline', dash)],
  ['-use_template', param(values.flag, 'dash', 'template', dash)],
  ['-init_seg_name', param(values.text, 'fileNames', 'init', dash)],
  ['-media_seg_name', param(values.text, 'fileNames', 'segment', dash)],
  ['-utc_timing_url', param(values.line, 'dash', 'utcTimingUrl', dash)],
  ['-dash_segment_type', effect(values.oneOf(['auto', 'mp4']), () => undefined, dash)],
  ['-format_options', effect(values.text, listOf('muxerOptions'), dash)],
  [
    '-adaptation_sets',
    effect(
      values.text,
      only(
        isFittingSet,
        'one set of all video, and one of all audio if there is any, such as ' +
          '"id=0,streams=v id=1,streams=a", as players switch only inside of a set,',
      ),
      dash,
    ),
  ],
];

/** HLS, by the names of libavformat's hls muxer. */
const HLS: typeof OWN = [
  ['-hls_time', param(values.duration, 'packaging', 'segmentDuration', hls)],
  ['-hls_list_size', windowParam('window', 'hls')],
  ['-hls_delete_threshold', windowParam('extraWindow', 'hls')],
  ['-hls_base_url', param(values.line, 'hls', 'baseUrl', hls)],
  ['-hls_flags', effect(values.text, applyHlsFlags, hls)],
  ['-hls_segment_type', param(values.oneOf(['mpegts', 'fmp4']), 'packaging', 'segmentType', hls)],
  ['-hls_segment_filename', param(values.text, 'fileNames', 'segment', hls)],
  ['-hls_fmp4_init_filename', param(values.text, 'fileNames', 'init', hls)],
  ['-hls_playlist_type', param(values.oneOf(['vod', 'event']), 'hls', 'playlistType', hls)],
  ['-start_number', param(count, 'packaging', 'startNumber', hls)],
  ['-hls_segment_options', effect(values.text, listOf('muxerOptions'), hls)],
  ['-hls_ts_options', effect(values.text, listOf('muxerOptions'), hls)],
  ['-master_pl_name', effect(values.text, masterName, hls)],
];

/** Protocols, by the names of both muxers. */
const PROTOCOLS: typeof OWN = [
  ['-http_user_agent', effect(values.text, protocolOption('user_agent'), url)],
  ['-http_persistent', effect(values.flag, protocolOption('multiple_requests'), url)],
  ['-http_opts', effect(values.text, listOf('protocolOptions'), url)],
];

/** Every attribute that is not an FFmpeg option of a codec, a container, a protocol or the program. */
export const STREAM_PARAMS: ReadonlyMap<string, StreamParam> = new Map([
  ...OWN,
  ...DASH,
  ...HLS,
  ...PROTOCOLS,
]);

/** Attributes that are read before all others, or need more than one value. */
export const SPECIAL_PARAMS: ReadonlySet<string> = new Set([
  '-streams',
  '-video_source',
  '-audio',
  '-livestream',
  '-clones',
]);

/** Applies one attribute of the table. */
export function applyStreamParam(draft: Draft, attribute: string, value: unknown): void {
  const row = STREAM_PARAMS.get(attribute);
  if (row === undefined) return;
  if (row.format !== undefined && !draft.formats.includes(row.format)) {
    draft.issues.add(attribute, otherFormat(attribute, row, draft.formats));
    return;
  }
  if (row.urlOnly === true && draft.hasOutput && draft.protocol === undefined) {
    draft.issues.add(attribute, needsUrl(attribute));
    return;
  }
  const parsed = draft.parse(row.kind, attribute, value);
  if (parsed === undefined) return;
  if (row.liveOnly !== true || draft.live) {
    if (!isOfBoth(draft, row, { parsed: parsed as never, given: value }, attribute)) return;
    row.apply(draft, parsed as never, attribute);
  } else if (parsed !== 0) {
    const message = `${attribute} has no effect without -livestream: nothing is deleted`;
    draft.warn('IGNORED_OPTION', message);
  }
}

/** Why an option of a protocol is refused. */
export function needsUrl(attribute: string): string {
  return `Expected an output URL for ${attribute}, an option of its protocol, but the output is a file`;
}

/** `-seg_duration` and `-hls_time` are of the same segments: both manifests have them. */
function isOfBoth(
  draft: Draft,
  { option = '', shared, format }: StreamParam,
  { parsed, given }: { readonly parsed: never; readonly given: unknown },
  attribute: string,
): boolean {
  if (shared === undefined || format === undefined || draft.formats.length === 1) return true;
  const other = draft.shared.get(option);
  const isOfOther = other !== undefined && other.format !== format;
  if (isOfOther && shared.before(draft) !== shared.after(parsed)) {
    const expected = `the same as ${other.attribute}, as both manifests have the same segments,`;
    draft.issues.expected(expected, attribute, given);
    return false;
  }
  draft.shared.set(option, { attribute, format });
  return true;
}

/** `-hls_time` with DASH: names the attribute of this format for the same option. */
function otherFormat(attribute: string, row: StreamParam, [format]: Formats): string {
  const isCounterpart = (other: StreamParam): boolean =>
    other.format === format && other.option === row.option;
  const [counterpart] =
    [...STREAM_PARAMS].find(([, other]) => row.option !== undefined && isCounterpart(other)) ?? [];
  const hint = counterpart === undefined ? '' : `. Did you mean "${counterpart}"?`;
  return `Expected an option of format "${format}" for streamParams but received "${attribute}"${hint}`;
}
