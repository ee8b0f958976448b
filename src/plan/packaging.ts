// Packaging: how segments are cut, named, listed and deleted, with every default filled in.

import { hasDash, hasHls, templateSyntax } from '../base/formats.js';
import type { Formats, StreamFormat } from '../base/formats.js';
import { unfitHeaderText } from '../base/header-text.js';
import { addedFlags } from '../base/key-values.js';
import type { Rational } from '../base/rational.js';
import type { Issues } from '../check/issues.js';
import { misfit, parseName, templateOf, unfitText } from '../files/name-template.js';
import type { NameKind, NamePart } from '../files/name-template.js';
import { isTooLong, nameBeside } from '../files/output.js';
import type { Output } from '../files/output.js';
import { existingName, runPrefix } from '../files/run-name.js';
import { longestName, mustHaveOwnNames, writtenFiles } from '../files/written-files.js';
import { durationInTicks } from '../frames/timeline.js';
import type { Libav } from '../native/libav.js';
import type { NativeOptionList, NativePackagingConfig } from '../native/native-config.js';
import type { CheckedPackaging } from '../options/option-schema.js';
import type { WarningEvent } from '../report/events.js';
import { deletesSegments, manifestsWithWindows } from './live-window.js';

/** Templates of names; '' = there is no such file. */
type FileNames = Pick<NativePackagingConfig, 'initName' | 'segmentName' | 'playlistName'>;

const SEGMENT_SECONDS = { vod: 4, live: 2 };

/** What packaging has to know of the rest. */
export interface PackagingContext {
  /** Which manifests there are. */
  readonly formats: Formats;
  /** Where the root manifests go. */
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
  const { formats, output, frameRate } = context;
  const segmentType = segmentTypeOf(options, context);
  const { dash = {}, hls = {}, live } = options;
  checkFormatOnly(options, context);
  const manifests = manifestsWithWindows(options, segmentSeconds(options), context);
  return {
    manifests,
    segmentType,
    output: output.target,
    ...namesOf(options, segmentType, context),
    startNumber: options.startNumber ?? (hasHls(formats) ? 0 : 1),
    live: live !== undefined,
    deleteSegments: deletesSegments(options, manifests, context),
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

/** Options of a manifest that there is not are a mistake, not a matter of indifference. */
function checkFormatOnly(options: CheckedPackaging, { formats, issues }: PackagingContext): void {
  const [only] = formats;
  const other = only === 'dash' ? 'hls' : 'dash';
  if (formats.length > 1) return;
  for (const [name, value] of Object.entries(options[other] ?? {})) {
    if (value === undefined) continue;
    issues.expected(`an option of format "${only}"`, ['packaging', other, name], value);
  }
}

/** Codecs that an init segment, a manifest and players can name. */
export const FMP4_CODECS = ['h264', 'hevc', 'vp9', 'av1'];
const MPEGTS_CODECS = ['h264', 'hevc'];

function segmentTypeOf(
  options: CheckedPackaging,
  { formats, codec, copied, issues }: PackagingContext,
): 'fmp4' | 'mpegts' {
  const type = options.segmentType ?? 'fmp4';
  if (hasDash(formats) && type === 'mpegts') {
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
  formats: Formats,
  type: 'fmp4' | 'mpegts',
  several: boolean,
  prefix: string,
): FileNames {
  if (hasDash(formats)) {
    const hasPlaylists = hasHls(formats) && several;
    return {
      initName: `${prefix}init-stream$RepresentationID$.m4s`,
      segmentName: `${prefix}chunk-stream$RepresentationID$-$Number%05d$.m4s`,
      playlistName: hasPlaylists ? `${prefix}stream_$RepresentationID$.m3u8` : '',
    };
  }
  const extension = type === 'mpegts' ? 'ts' : 'm4s';
  return {
    initName: `${prefix}${several ? 'init_%v.mp4' : 'init.mp4'}`,
    segmentName: `${prefix}chunk-stream${several ? '%v' : ''}-%03d.${extension}`,
    playlistName: several ? `${prefix}stream_%v.m3u8` : '',
  };
}

/** With both manifests a template may be written in either way: one with a percent sign alone is as HLS has it. */
function syntaxOf(template: string, formats: Formats): StreamFormat {
  if (formats.length === 1) return formats[0];
  return template.includes('%') && !template.includes('$') ? 'hls' : 'dash';
}

function namesOf(
  options: CheckedPackaging,
  type: 'fmp4' | 'mpegts',
  context: PackagingContext,
): FileNames {
  const { formats, renditions, output, issues } = context;
  const { init, segment, playlist } = options.names ?? {};
  const prefix = runPrefix(output.roots[0]?.name ?? '');
  const defaults = defaultNames(formats, type, renditions > 1, prefix);
  const { timeline = true, template = true } = options.dash ?? {};
  const check = (given: string | undefined, kind: NameKind, fallback: string): string => {
    if (given === undefined) return fallback;
    const beside = nameBeside(given, output);
    const format = syntaxOf(beside ?? '', formats);
    const rules = { format, renditions, timeline: timeline || !template };
    const parts = beside === undefined ? '' : parseName(beside, format);
    const wrong =
      beside === undefined
        ? (unfitText(given) ?? "a file name in the manifest's own folder")
        : (unfitText(beside) ??
          (typeof parts === 'string'
            ? parts
            : (misfit(parts, kind, rules) ?? misplaced(parts, output, prefix))));
    if (wrong !== undefined) issues.expected(wrong, ['packaging', 'names', kind], given);
    if (wrong !== undefined || typeof parts === 'string') return fallback;
    return templateOf(parts, templateSyntax(formats));
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
  const manifests = formats.map((format) => ({ format }));
  const files = writtenFiles(output, { ...names, manifests, segmentType: type });
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

function playlistTypeOf(
  options: CheckedPackaging,
  { formats, issues }: PackagingContext,
): '' | 'vod' | 'event' {
  const given = options.hls?.playlistType;
  if (!hasHls(formats)) return '';
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
