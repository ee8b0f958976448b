// Stream params: the one table of StreamGear's own and of packaging's attributes. What is not in it is an
// FFmpeg option; see ffmpeg-options.ts.

import { basename } from 'node:path';
import type { Draft } from './draft.js';
import { applyHlsFlags } from './hls-flags.js';
import { keyValues } from './key-values.js';
import type { ManifestFormat } from './output.js';
import { SCALINGS } from './scaling.js';
import * as values from './values.js';
import type { Kind } from './values.js';

/** One attribute. */
export interface StreamParam {
  /** What it accepts. */
  readonly kind: Kind<unknown>;
  /** Its option of AdaptiveStream, or what it does instead. */
  readonly option: string | ((draft: Draft, value: never, attribute: string) => void);
  /** The format that alone has it. Default: both. */
  readonly format?: ManifestFormat;
  /** Without effect unless `-livestream` is on. */
  readonly liveOnly?: boolean;
  /** From the attribute's unit to the option's. */
  readonly convert?: (value: never) => unknown;
}

/** A row whose functions take what its kind gives. */
function param<Value>(
  kind: Kind<Value>,
  option: string | ((draft: Draft, value: Value, attribute: string) => void),
  rest: {
    readonly format?: ManifestFormat;
    readonly liveOnly?: boolean;
    readonly convert?: (value: Value) => unknown;
  } = {},
): StreamParam {
  return { kind, option, ...rest };
}

const dash = { format: 'dash' } as const;
const hls = { format: 'hls' } as const;
const count = values.wholeNumber(0);

const options =
  (path: string) =>
  (draft: Draft, text: string, attribute: string): void => {
    for (const [name, value] of keyValues(text)) draft.set(`${path}.${name}`, value, attribute);
  };

/** Accepts only what would change nothing. */
const only =
  (isFitting: (value: string, draft: Draft) => boolean, expected: string) =>
  (draft: Draft, value: string, attribute: string): void => {
    if (!isFitting(value, draft)) draft.issues.expected(expected, attribute, value);
  };

const noProgram = (draft: Draft, _value: unknown, attribute: string): void => {
  draft.warn('NO_PROGRAM', `${attribute} has no effect: no ffmpeg program is used`);
};

const inputFrameRate = (draft: Draft, rate: unknown, attribute: string): void => {
  if (!draft.isSource) draft.set('input.frameRate', rate, attribute);
  else {
    draft.warn(
      'IGNORED_OPTION',
      `${attribute} has no effect: a source has a frame rate of its own`,
    );
  }
};

/** Without their spaces. */
const SETS = {
  video: /^id=\d+,streams=(v|0)$/,
  videoAndAudio: /^id=\d+,streams=vid=\d+,streams=a$/,
};

/** Every attribute that is not an FFmpeg option of a codec, a container, a protocol or the program. */
export const STREAM_PARAMS: Readonly<Record<string, StreamParam>> = {
  // StreamGear's own.
  '-input_framerate': param(values.frameRate, inputFrameRate),
  '-bpp': param(values.numberFrom(0.001), 'video.bitsPerPixel'),
  '-gop': param(values.numberFrom(0), 'video.gop', { convert: Math.floor }),
  '-scaling': param(values.oneOf(SCALINGS), 'video.scaling'),
  '-fill_gaps': param(values.flag, (draft, isOn, attribute) => {
    if (draft.hasAudio) draft.set('audio.fillGaps', isOn, attribute);
    else draft.warn('NO_AUDIO', `${attribute} has no effect: there is no audio`);
  }),
  '-clear_prev_assets': param(values.flag, 'packaging.clearPrevious'),
  '-ffmpeg_download_path': param(values.anything, noProgram),
  '-enable_force_termination': param(values.anything, noProgram),

  // DASH, by the names of libavformat's dash muxer.
  '-seg_duration': param(values.duration, 'packaging.segmentDuration', dash),
  '-min_seg_duration': param(values.numberFrom(1), 'packaging.segmentDuration', {
    ...dash,
    convert: (microseconds) => microseconds / 1e6,
  }),
  '-frag_duration': param(values.duration, 'packaging.fragmentDuration', dash),
  '-window_size': param(count, 'packaging.live.window', { ...dash, liveOnly: true }),
  '-extra_window_size': param(count, 'packaging.live.extraWindow', { ...dash, liveOnly: true }),
  '-remove_at_exit': param(values.flag, 'packaging.removeAtExit', dash),
  '-use_timeline': param(values.flag, 'packaging.dash.timeline', dash),
  '-use_template': param(values.flag, 'packaging.dash.template', dash),
  '-init_seg_name': param(values.text, 'packaging.names.init', dash),
  '-media_seg_name': param(values.text, 'packaging.names.segment', dash),
  '-utc_timing_url': param(values.text, 'packaging.dash.utcTimingUrl', dash),
  '-dash_segment_type': param(values.oneOf(['auto', 'mp4']), () => undefined, dash),
  '-format_options': param(values.text, options('packaging.options'), dash),
  '-adaptation_sets': param(
    values.text,
    only((value, { hasAudio, isSource }) => {
      const sets = [
        ...(hasAudio ? [SETS.videoAndAudio] : []),
        ...(!hasAudio || isSource ? [SETS.video] : []),
      ];
      return sets.some((pattern) => pattern.test(value.replaceAll(' ', '')));
    }, 'one set of all video, and one of all audio if there is any, such as ' + '"id=0,streams=v id=1,streams=a", as players switch only inside of a set,'),
    dash,
  ),

  // HLS, by the names of libavformat's hls muxer.
  '-hls_time': param(values.duration, 'packaging.segmentDuration', hls),
  '-hls_list_size': param(count, 'packaging.live.window', { ...hls, liveOnly: true }),
  '-hls_delete_threshold': param(count, 'packaging.live.extraWindow', { ...hls, liveOnly: true }),
  '-hls_base_url': param(values.text, 'packaging.hls.baseUrl', hls),
  '-hls_flags': param(values.text, applyHlsFlags, hls),
  '-hls_segment_type': param(values.oneOf(['mpegts', 'fmp4']), 'packaging.segmentType', hls),
  '-hls_segment_filename': param(values.text, 'packaging.names.segment', hls),
  '-hls_fmp4_init_filename': param(values.text, 'packaging.names.init', hls),
  '-hls_playlist_type': param(values.oneOf(['vod', 'event']), 'packaging.hls.playlistType', hls),
  '-start_number': param(count, 'packaging.startNumber', hls),
  '-hls_segment_options': param(values.text, options('packaging.options'), hls),
  '-hls_ts_options': param(values.text, options('packaging.options'), hls),
  '-master_pl_name': param(
    values.text,
    only(
      (value, draft) => value === basename(String(draft.get('output'))),
      "the output's own name, as the output is the multivariant playlist,",
    ),
    hls,
  ),

  // Protocols, by the names of both muxers.
  '-http_user_agent': param(values.text, 'packaging.protocolOptions.user_agent'),
  '-http_persistent': param(values.flag, 'packaging.protocolOptions.multiple_requests'),
  '-http_opts': param(values.text, options('packaging.protocolOptions')),
};

/** Attributes that are read before all others, or need more than one value. */
export const SPECIAL_PARAMS = [
  '-streams',
  '-video_source',
  '-audio',
  '-livestream',
  '-clones',
] as const;

/** Applies one attribute of the table. */
export function applyStreamParam(draft: Draft, attribute: string, value: unknown): void {
  const row = STREAM_PARAMS[attribute];
  if (row === undefined) return;
  if (row.format !== undefined && row.format !== draft.format) {
    draft.issues.add(attribute, otherFormat(attribute, row, draft.format));
    return;
  }
  const parsed = draft.parse(row.kind, attribute, value);
  if (parsed === undefined) return;
  if (row.liveOnly === true && !draft.live) {
    if (parsed !== 0) {
      draft.warn(
        'IGNORED_OPTION',
        `${attribute} has no effect without -livestream: nothing is deleted`,
      );
    }
    return;
  }
  if (typeof row.option === 'function') {
    row.option(draft, parsed as never, attribute);
    return;
  }
  const converted = row.convert === undefined ? parsed : row.convert(parsed as never);
  draft.set(row.option, converted, attribute);
}

/** `-hls_time` with DASH: names the attribute of this format for the same option. */
function otherFormat(attribute: string, row: StreamParam, format: ManifestFormat): string {
  const [counterpart] =
    Object.entries(STREAM_PARAMS).find(
      ([, other]) => other.format === format && other.option === row.option,
    ) ?? [];
  const hint = counterpart === undefined ? '' : `. Did you mean "${counterpart}"?`;
  return `Expected an option of format "${format}" for streamParams but received "${attribute}"${hint}`;
}
