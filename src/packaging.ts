// Packaging: how segments are cut, named, listed and deleted, with every default filled in.

import type { WarningEvent } from './events.js';
import { unfitHeaderText } from './header-text.js';
import type { Issues } from './issues.js';
import { addedFlags } from './key-values.js';
import type { Libav } from './libav.js';
import type { NativeOptionList, NativePackagingConfig } from './native-config.js';
import type { CheckedPackaging } from './option-schema.js';
import { misfit, parseName, templateOf, unfitText } from './name-template.js';
import type { NameKind, NamePart } from './name-template.js';
import { isTooLong, nameBeside, rootName } from './output.js';
import type { ManifestFormat, Output } from './output.js';
import type { Rational } from './rational.js';
import { existingName, runPrefix } from './run-name.js';
import { durationInTicks } from './timeline.js';
import { longestName, mustHaveOwnNames, writtenFiles } from './written-files.js';

/** Templates of names; '' = there is no such file. */
type FileNames = Pick<NativePackagingConfig, 'initName' | 'segmentName' | 'playlistName'>;

const SEGMENT_SECONDS = { vod: 4, live: 2 };
const DASH_WINDOW = 5;
const DASH_EXTRA_WINDOW = 5;
const HLS_WINDOW = 6;
/** RFC 8216, 6.2.2: a live playlist must not be shorter than three target durations. */
const LEAST_TARGET_DURATIONS = 3;

/** What packaging has to know of the rest. */
export interface PackagingContext {
  /** DASH or HLS. */
  readonly format: ManifestFormat;
  /** Where the root manifest goes. */
  readonly output: Output;
  /** Number of renditions, audio included: it has playlists and segments of its own. */
  readonly renditions: number;
  /** libav's name of the codec: `h264`; undefined: it is not known yet. */
  readonly codec: string | undefined;
  /** The source's own packets, not an encoder's. */
  readonly copied: boolean;
  /** Of the input: it decides the tick. */
  readonly frameRate: Rational;
  /** What libav says of itself. */
  readonly libav: Libav;
  /** Wrong values go here. */
  readonly issues: Issues;
  /** Collects what to tell. */
  readonly warn: (warning: WarningEvent) => void;
}

/** Seconds of a segment. */
export function segmentSeconds(options: CheckedPackaging): number {
  return (
    options.segmentDuration ??
    (options.live === undefined ? SEGMENT_SECONDS.vod : SEGMENT_SECONDS.live)
  );
}

/** The packager's configuration. */
export function resolvePackaging(
  options: CheckedPackaging,
  context: PackagingContext,
): NativePackagingConfig {
  const { format, output, frameRate } = context;
  const segmentType = segmentTypeOf(options, context);
  const { dash = {}, hls = {}, live } = options;
  checkFormatOnly(options, context);
  return {
    format,
    segmentType,
    output: output.target,
    ...namesOf(options, segmentType, context),
    startNumber: options.startNumber ?? (format === 'dash' ? 1 : 0),
    live: live !== undefined,
    ...windowOf(options, context),
    removeAtExit: options.removeAtExit ?? false,
    baseUrl: hls.baseUrl ?? '',
    playlistType: playlistTypeOf(options, context),
    programDateTime: live !== undefined || (hls.programDateTime ?? false),
    discontinuityStart: hls.discontinuityStart ?? false,
    omitEndlist: hls.omitEndlist ?? false,
    roundDurations: hls.roundDurations ?? false,
    useTimeline: dash.timeline ?? true,
    useTemplate: dash.template ?? true,
    utcTimingUrl: dash.utcTimingUrl ?? '',
    muxerOptions: muxerOptionsOf(options, segmentType, context),
    ioOptions: protocolOptionsOf(options, context),
    metadata: [...(options.metadata ?? [])],
    fragmentDuration:
      options.fragmentDuration === undefined
        ? 0
        : durationInTicks(options.fragmentDuration, frameRate),
  };
}

/** Options of the other manifest format are a mistake, not a matter of indifference. */
function checkFormatOnly(options: CheckedPackaging, { format, issues }: PackagingContext): void {
  const other = format === 'dash' ? 'hls' : 'dash';
  for (const [name, value] of Object.entries(options[other] ?? {})) {
    if (value === undefined) continue;
    issues.expected(`an option of format "${format}"`, ['packaging', other, name], value);
  }
}

/** Codecs that an init segment, a manifest and players can name. */
export const FMP4_CODECS = ['h264', 'hevc', 'vp9', 'av1'];
const MPEGTS_CODECS = ['h264', 'hevc'];

function segmentTypeOf(
  options: CheckedPackaging,
  { format, codec, copied, issues }: PackagingContext,
): 'fmp4' | 'mpegts' {
  const type = options.segmentType ?? 'fmp4';
  if (format === 'dash' && type === 'mpegts') {
    issues.expected('"fmp4", as DASH needs', ['packaging', 'segmentType'], type);
  } else if (codec === undefined) {
    return type;
  } else if (type === 'mpegts' && !MPEGTS_CODECS.includes(codec)) {
    issues.expected(
      `"fmp4", as MPEG-TS segments hold only ${MPEGTS_CODECS.join(' or ')} and not ${codec},`,
      ['packaging', 'segmentType'],
      type,
    );
  } else if (copied && !FMP4_CODECS.includes(codec)) {
    issues.expected(
      `an encoder such as "libx264", as segments do not hold the source's ${codec},`,
      ['video', 'codec'],
      'copy',
    );
  } else if (!FMP4_CODECS.includes(codec)) {
    issues.expected(`an encoder of ${FMP4_CODECS.join(', ')}`, ['video', 'codec'], codec);
  }
  return type;
}

function defaultNames(
  format: ManifestFormat,
  type: 'fmp4' | 'mpegts',
  several: boolean,
  prefix: string,
): FileNames {
  if (format === 'dash') {
    return {
      initName: `${prefix}init-stream$RepresentationID$.m4s`,
      segmentName: `${prefix}chunk-stream$RepresentationID$-$Number%05d$.m4s`,
      playlistName: '',
    };
  }
  const extension = type === 'mpegts' ? 'ts' : 'm4s';
  return {
    initName: `${prefix}${several ? 'init_%v.mp4' : 'init.mp4'}`,
    segmentName: `${prefix}chunk-stream${several ? '%v' : ''}-%03d.${extension}`,
    playlistName: several ? `${prefix}stream_%v.m3u8` : '',
  };
}

function namesOf(
  options: CheckedPackaging,
  type: 'fmp4' | 'mpegts',
  context: PackagingContext,
): FileNames {
  const { format, renditions, output, issues } = context;
  const { init, segment, playlist } = options.names ?? {};
  const prefix = runPrefix(rootName(output));
  const defaults = defaultNames(format, type, renditions > 1, prefix);
  const { timeline = true, template = true } = options.dash ?? {};
  const rules = { format, renditions, timeline: timeline || !template };
  const check = (given: string | undefined, kind: NameKind, fallback: string): string => {
    if (given === undefined) return fallback;
    const beside = nameBeside(given, output);
    const parts = beside === undefined ? '' : parseName(beside, format);
    const wrong =
      beside === undefined
        ? (unfitText(given) ?? "a file name in the manifest's own folder")
        : (unfitText(beside) ??
          (typeof parts === 'string'
            ? parts
            : (misfit(parts, kind, rules) ?? misplaced(parts, output, prefix))));
    if (wrong !== undefined) issues.expected(wrong, ['packaging', 'names', kind], given);
    return wrong === undefined && typeof parts !== 'string' ? templateOf(parts, format) : fallback;
  };
  if (playlist !== undefined && defaults.playlistName === '') {
    issues.expected(
      'no name, as the output is the only playlist',
      ['packaging', 'names', 'playlist'],
      playlist,
    );
  }
  const before = issues.list.length;
  const names = {
    initName: check(init, 'init', defaults.initName),
    segmentName: check(segment, 'segment', defaults.segmentName),
    playlistName:
      defaults.playlistName === '' ? '' : check(playlist, 'playlist', defaults.playlistName),
  };
  if (issues.list.length > before) return names;
  const files = writtenFiles(output, { ...names, format, segmentType: type });
  mustHaveOwnNames(files, options.names ?? {}, { output, renditions, issues });
  return names;
}

/** Why a folder cannot have files of a name; undefined when it can. */
function misplaced(
  parts: readonly NamePart[],
  { folder }: Output,
  prefix: string,
): string | undefined {
  if (folder === undefined) return undefined;
  if (isTooLong(folder, longestName(parts))) {
    return 'a name that is short enough for its file system';
  }
  // Each run in a folder has files of its own. One that is named leaves that to who names it.
  const existing = prefix === '' ? undefined : existingName(folder, parts);
  return existing === undefined
    ? undefined
    : `a name that no file of an earlier run in this folder has (${existing})`;
}

type Window = Pick<NativePackagingConfig, 'window' | 'extraWindow' | 'deleteSegments'>;

function windowOf(options: CheckedPackaging, context: PackagingContext): Window {
  const { format, issues, warn } = context;
  const { live } = options;
  if (live === undefined) return { window: 0, extraWindow: 0, deleteSegments: false };
  if (options.hls?.playlistType === 'event') {
    if ((live.window ?? 0) > 0) {
      issues.expected(
        '0, as an "event" playlist keeps all',
        ['packaging', 'live', 'window'],
        live.window,
      );
    }
    return { window: 0, extraWindow: 0, deleteSegments: false };
  }
  const { protocol } = context.output;
  if (protocol !== undefined && !protocol.startsWith('http') && (live.deleteSegments ?? true)) {
    const message = `libavformat cannot delete over ${protocol}: old segments stay on the server`;
    warn({ code: 'NO_DELETE', message });
  }
  const seconds = segmentSeconds(options);
  const target = Math.max(1, Math.ceil(seconds));
  const least = format === 'hls' ? Math.ceil((LEAST_TARGET_DURATIONS * target) / seconds) : 1;
  const usual = format === 'dash' ? DASH_WINDOW : Math.max(HLS_WINDOW, least);
  const window = live.window ?? usual;
  if (window > 0 && window < least) {
    warn({
      code: 'SHORT_WINDOW',
      message:
        `A live playlist of ${window} segments is shorter than three target durations ` +
        `(RFC 8216, 6.2.2): players may stall, ${least} segments are the least`,
    });
  }
  const extra = format === 'dash' ? DASH_EXTRA_WINDOW : window + 1;
  return {
    window,
    extraWindow: live.extraWindow ?? extra,
    deleteSegments: window > 0 && (live.deleteSegments ?? true),
  };
}

function playlistTypeOf(
  options: CheckedPackaging,
  { format, issues }: PackagingContext,
): '' | 'vod' | 'event' {
  const given = options.hls?.playlistType;
  if (format === 'dash') return '';
  if (options.live === undefined) return given ?? 'vod';
  if (given === 'vod') {
    issues.expected('"event" or nothing when live', ['packaging', 'hls', 'playlistType'], given);
  }
  return given === 'event' ? 'event' : '';
}

/** Checks options against what a libav component says of itself. */
function libavOptions(
  values: ReadonlyMap<string, string> | undefined,
  component: readonly ['muxer' | 'protocol', string],
  path: readonly string[],
  { libav, issues }: PackagingContext,
): NativeOptionList {
  const entries = [...(values ?? [])];
  if (entries.length === 0) return [];
  const known = libav.options(...component);
  for (const [name, value] of entries) {
    const option = known.get(name);
    if (option === undefined) {
      issues.unknown(`an option of ${component.join(' ')}`, path, name, known.keys());
      continue;
    }
    const problem = libav.problem(...component, option, value);
    if (problem !== undefined) {
      issues.expected(problem.expected, [...path, name], value, problem.words);
    }
  }
  return entries;
}

function muxerOptionsOf(
  options: CheckedPackaging,
  type: 'fmp4' | 'mpegts',
  context: PackagingContext,
): NativeOptionList {
  const muxer = type === 'fmp4' ? 'mp4' : 'mpegts';
  const list = libavOptions(options.options, ['muxer', muxer], ['packaging', 'options'], context);
  // Those that make a fragmented file must stay.
  return list.map(([name, value]) => [name, name.endsWith('flags') ? addedFlags(value) : value]);
}

function protocolOptionsOf(options: CheckedPackaging, context: PackagingContext): NativeOptionList {
  const { output, issues } = context;
  const path = ['packaging', 'protocolOptions'];
  if (output.protocol === undefined) {
    for (const [name, value] of options.protocolOptions ?? []) {
      issues.expected('no option of a protocol, as the output is a file', [...path, name], value);
    }
    return [];
  }
  for (const [name, value] of options.protocolOptions ?? []) {
    const expected = unfitHeaderText(name, value);
    if (expected !== undefined) issues.expected(expected, [...path, name], value);
  }
  const list = libavOptions(options.protocolOptions, ['protocol', output.protocol], path, context);
  if (!output.protocol.startsWith('http')) return list;
  return list.filter(([name]) => HTTP_OPTIONS.has(name));
}

/**
 * Options of libavformat's http, tls and tcp that mean something to requests which send whole files
 * (`native/output/http_options.cc`). The others are for reading, or for bodies without an end.
 */
export const HTTP_OPTIONS: ReadonlySet<string> = new Set([
  'ca_file',
  'cafile',
  'cert_file',
  'content_type',
  'headers',
  'http_proxy',
  'key_file',
  'local_addr',
  'local_port',
  'max_redirects',
  'method',
  'multiple_requests',
  'reconnect',
  'recv_buffer_size',
  'referer',
  'rw_timeout',
  'send_buffer_size',
  'send_expect_100',
  'tcp_keepalive',
  'tcp_mss',
  'tcp_nodelay',
  'timeout',
  'tls_verify',
  'user_agent',
  'verifyhost',
]);
