// Options of StreamGear: the original's attributes, typed and documented.

import type { Rational } from '../base/rational.js';
import type {
  AudioCodec,
  EncoderPixelFormat,
  GearFormat,
  Preset,
  Profile,
  Tune,
  VideoCodec,
} from '../check/known-values.js';
import type { Scaling } from '../frames/scaling.js';
import type { AudioPushOptions } from '../options/options.js';
import type { Logging } from '../report/events.js';
import type { MediaSource } from '../source/media-source.js';

/**
 * One extra rendition of `-streams`.
 *
 * @category StreamGear
 */
export interface StreamParamsRendition {
  /** Size, `"1280x720"`; even numbers. Required. A different aspect than the source's is a warning. */
  readonly '-resolution': string;
  /** Bitrate that ends in `k` or `M`, `"2500k"`. Wins over `-framerate`. Default, of a source only: computed. */
  readonly '-video_bitrate'?: string;
  /** Only used to compute the bitrate: `round(width * height * bpp * fps / 1000)` kbit/s. */
  readonly '-framerate'?: number | string;
  /** Bitrate of the audio that ends in `k` or `M`: one more audio rendition where it differs. */
  readonly '-audio_bitrate'?: string;
}

/**
 * Samples that are pushed with {@link StreamGear.writeAudio}.
 *
 * @category StreamGear
 */
export interface StreamParamsPush {
  /** Their rate, channels and format. */
  readonly push: AudioPushOptions;
}

/**
 * A value of a stream parameter.
 *
 * @category StreamGear
 */
export type StreamParamValue =
  | string
  | number
  | boolean
  | Rational
  | MediaSource
  | readonly StreamParamsRendition[]
  | StreamParamsPush
  | undefined;

/**
 * Attributes by name. Those of StreamGear and of packaging are listed here, and the FFmpeg options that are used most; every
 * other `-name` or `-name:specifier` is an FFmpeg option: of the encoder, the segment muxer, the output's protocol, or of
 * the ffmpeg program. An option that nothing knows is an error that names the nearest one.
 *
 * @category StreamGear
 */
export interface StreamParams {
  /**
   * Extra renditions 1, 2, …; rendition 0 is always the source's size. With a `-video_source` also `auto`: a ladder of its
   * size, as `AdaptiveStreamOptions.ladder` makes it.
   */
  readonly '-streams'?: readonly StreamParamsRendition[] | 'auto';
  /** Exact rate of the pushed frames. Default 25. */
  readonly '-input_framerate'?: number | string | Rational;
  /** Sliding window, old segments deleted, low delay; of a source only without an end, or with `-re`. Default false. */
  readonly '-livestream'?: boolean;
  /** Bits per pixel of computed bitrates, at least 0.001. Default 0.1. */
  readonly '-bpp'?: number;
  /** Greatest distance of key frames, frames. Default: equal parts of about 2 s of each segment. */
  readonly '-gop'?: number;
  /** Read the source no faster than it plays; it may be live then. Default false. */
  readonly '-re'?: boolean | '';
  /** The picture of a `-video_source` that is shown while there is only sound. Default `none`; see `SourceInputOptions.holdPicture`. */
  readonly '-hold_picture'?: 'none' | 'first' | 'last' | 'both';
  /** A source to transcode as a whole with `transcodeSource()` (Single-Source Mode); see {@link MediaSource}. */
  readonly '-video_source'?: MediaSource;
  /**
   * External audio: a file, a URL, a device as `['-f', 'alsa', '-i', 'hw:1']`, or samples that are pushed with
   * `writeAudio()`, as `{ push: { sampleRate: 48000 } }`. It replaces that of a `-video_source`.
   */
  readonly '-audio'?: MediaSource | StreamParamsPush;
  /** Repeated FFmpeg options: `['-x264-params', 'aq-mode=3', '-x264-params', 'rc-lookahead=20']`. */
  readonly '-clones'?: readonly (string | number)[];
  /** Delete what an earlier run left beside the output. Default false. */
  readonly '-clear_prev_assets'?: boolean;

  // The picture. A specifier `:v:1` is for rendition 1 alone, where an option can differ among them.

  /** Encoder of all renditions, `"libx265"`, `"h264_vaapi"`; of a `-video_source` also `"copy"`. Default `libx264`. */
  readonly '-c:v'?: VideoCodec;
  /** As `-c:v`. */
  readonly '-vcodec'?: VideoCodec;
  /** As `-c:v`. */
  readonly '-codec:v'?: VideoCodec;
  /** Bitrate of the renditions that have none of their own: `"2500k"`, `"5M"`, bit/s; `-b:v:1` that of rendition 1. */
  readonly '-b:v'?: number | string;
  /** As `-b:v`. */
  readonly '-b'?: number | string;
  /**
   * Greatest bitrate, `"4M"`. Default 1.5 times the bitrate; of libx265, libvpx-vp9 and libaom-av1 the bitrate itself.
   * Of live segments under 2 s it is less.
   */
  readonly '-maxrate'?: number | string;
  /** Least bitrate; few encoders know it. */
  readonly '-minrate'?: number | string;
  /**
   * Size of the rate control's buffer, `"8M"`. Default two seconds of the bitrate; of libx265, libvpx-vp9 and libaom-av1
   * one second. Of live segments under 2 s it is less.
   */
  readonly '-bufsize'?: number | string;
  /** The encoder's preset. Default by encoder, libx264: `veryfast`. */
  readonly '-preset'?: Preset | number;
  /** The encoder's tune; live: `zerolatency`. */
  readonly '-tune'?: Tune | number;
  /** The encoder's profile; of libx264 `high`. */
  readonly '-profile:v'?: Profile | number;
  /** As `-profile:v`. */
  readonly '-profile'?: Profile | number;
  /** The encoder's level: `"4.1"`. Default: what the stream needs. */
  readonly '-level'?: number | string;
  /** Constant quality, capped by the ladder's bitrates. */
  readonly '-crf'?: number | string;
  /** Constant quantizer, of encoders that have one. */
  readonly '-qp'?: number | string;
  /** As `-gop`: greatest distance of key frames, frames. */
  readonly '-g'?: number | string;
  /** Most B-frames in a row. */
  readonly '-bf'?: number | string;
  /** Reference frames. */
  readonly '-refs'?: number | string;
  /** Threads of each encoder. Default: by the processors and sizes. */
  readonly '-threads'?: number | string;
  /** Size of rendition 0, `"1280x720"`; `-s:v:1` that of rendition 1. Default: the source's. */
  readonly '-s'?: string;
  /** Display aspect of all renditions, `"16:9"`. */
  readonly '-aspect'?: number | string;
  /** Frame rate of the renditions, at most `-input_framerate`: frames are left out. */
  readonly '-r'?: number | string;
  /** Pixel format of the encoders. Default `yuv420p`, or the encoder's own. */
  readonly '-pix_fmt'?: EncoderPixelFormat;
  /** Options of libx264 by its own names, `"aq-mode=3:rc-lookahead=20"`; they are added to ours. */
  readonly '-x264-params'?: string;
  /** Options of libx264 by its own names. */
  readonly '-x264opts'?: string;
  /** Options of libx265 by its own names; they are added to ours. */
  readonly '-x265-params'?: string;
  /** Options of libsvtav1 by its own names. */
  readonly '-svtav1-params'?: string;
  /** Options of libaom by its own names. */
  readonly '-aom-params'?: string;
  /** Filter chain of libavfilter, applied once before scaling. May end in `format=nv12,hwupload`. */
  readonly '-vf'?: string;
  /** As `-vf`. */
  readonly '-filter:v'?: string;
  /** Scaler: `fast`, `balanced` (default) or `best`. */
  readonly '-scaling'?: Scaling;
  /** FFmpeg's way to choose among the scalers: `bilinear`, `bicubic`, `lanczos`. */
  readonly '-sws_flags'?: string;
  /** Device of a VA-API encoder, `"/dev/dri/renderD128"`. */
  readonly '-vaapi_device'?: string;
  /** Device of a Quick Sync encoder. */
  readonly '-qsv_device'?: string;
  /** Device of a hardware encoder: `type[=name][:device[,key=value…]]`, `"cuda:1"`. */
  readonly '-init_hw_device'?: string;
  /** Name of the `-init_hw_device` that is meant, where there are several. */
  readonly '-filter_hw_device'?: string;

  // The sound.

  /** Encoder of the audio, `"libopus"`, or `"copy"`. Default `aac`. */
  readonly '-c:a'?: AudioCodec;
  /** As `-c:a`. */
  readonly '-acodec'?: AudioCodec;
  /** As `-c:a`. */
  readonly '-codec:a'?: AudioCodec;
  /** Bitrate of the audio, `"128k"`; `-b:a:1` that of audio rendition 1. Default: the source's own if its codec is a
   * lossy one, else 64k per channel and at least 128k. */
  readonly '-b:a'?: number | string;
  /** Sample rate of the audio, Hz. Default: the source's. */
  readonly '-ar'?: number | string;
  /** Channels of the audio. Default: the source's. */
  readonly '-ac'?: number | string;
  /** Filter chain of the audio. */
  readonly '-af'?: string;
  /** As `-af`. */
  readonly '-filter:a'?: string;
  /** The audio encoder's profile: `"aac_low"`. */
  readonly '-profile:a'?: number | string;
  /** Encode silence where the audio has nothing. Default true, unless it is copied; see `AudioOptions.fillGaps`. */
  readonly '-fill_gaps'?: boolean | number | string;
  /** Leaves out the audio, also a source's: `""` or true. */
  readonly '-an'?: boolean | string;

  // The whole.

  /** Begins there: seconds, or `"00:01:30"`. Frames before are left out. */
  readonly '-ss'?: number | string;
  /** Lasts so long: seconds, or `"00:01:30"`. */
  readonly '-t'?: number | string;
  /** Ends there: seconds, or `"00:01:30"`. */
  readonly '-to'?: number | string;
  /** Tracks of a source: `"0:v:1"`, `"0:a:1"`; both through `-clones`. */
  readonly '-map'?: string;
  /** `"title=…"`, of the presentation. */
  readonly '-metadata'?: string;
  /** `"language=…"` or `"title=…"` of the audio. */
  readonly '-metadata:s:a:0'?: string;
  /** Must be the format: there is one output. */
  readonly '-f'?: GearFormat;
  /** Nothing to do: the presentation ends with the video in any case. */
  readonly '-shortest'?: boolean | string;
  /** Nothing to do: there are no subtitles. */
  readonly '-sn'?: boolean | string;
  /** Nothing to do: there are no data tracks. */
  readonly '-dn'?: boolean | string;
  /** Flags of the segments' mp4 muxer, which are added to ours: `"+negative_cts_offsets"`. */
  readonly '-movflags'?: string;
  /** Flags of the segments' MPEG-TS muxer. */
  readonly '-mpegts_flags'?: string;

  // A URL output; see docs/output-urls.md.

  /** Request by which a file is sent. Default `PUT`. */
  readonly '-method'?: 'PUT' | 'POST' | (string & Record<never, never>);
  /** Further headers, `"Authorization: Bearer …"`; several lines end in CR LF each. */
  readonly '-headers'?: string;
  /** User-Agent header. */
  readonly '-user_agent'?: string;
  /** As `-user_agent`, by the name of libavformat's muxers. */
  readonly '-http_user_agent'?: string;
  /** One connection for all files. Default true. */
  readonly '-http_persistent'?: boolean | number | string;
  /** Options of the protocol, `"key=value:key=value"`. */
  readonly '-http_opts'?: string;
  /** Content-Type of all files. Default: by their names. */
  readonly '-content_type'?: string;
  /** Microseconds without progress after which the output has failed. Default 30 s; 0: never. */
  readonly '-timeout'?: number | string;

  /** DASH: seconds of a segment. Default 4; 2 when live. */
  readonly '-seg_duration'?: number | string;
  /** DASH, live: segments in the manifest. Default 5. */
  readonly '-window_size'?: number | string;
  /** DASH, live: segments kept after they left the manifest. Default 5. */
  readonly '-extra_window_size'?: number | string;
  /** DASH: delete everything at the end. Default false. */
  readonly '-remove_at_exit'?: boolean | number | string;
  /** DASH: least seconds of a segment, in microseconds; as `-seg_duration`. */
  readonly '-min_seg_duration'?: number | string;
  /** DASH: seconds of a fragment in a segment. Default: one fragment. */
  readonly '-frag_duration'?: number | string;
  /** DASH: name of initialization segments. Default `init-stream$RepresentationID$.m4s`. */
  readonly '-init_seg_name'?: string;
  /** DASH: name of segments. Default `chunk-stream$RepresentationID$-$Number%05d$.m4s`. */
  readonly '-media_seg_name'?: string;
  /** DASH, live: where players get the time from (UTCTiming). */
  readonly '-utc_timing_url'?: string;
  /** DASH: `mp4`; others are an error. */
  readonly '-dash_segment_type'?: 'auto' | 'mp4' | (string & Record<never, never>);
  /** DASH: options of the segment muxer, `"key=value:key=value"`. */
  readonly '-format_options'?: string;
  /** DASH: must be one set of all video, and one of all audio if there is any. */
  readonly '-adaptation_sets'?: string;
  /** DASH: SegmentTimeline. Default true. */
  readonly '-use_timeline'?: boolean | number | string;
  /** DASH: SegmentTemplate. Default true. */
  readonly '-use_template'?: boolean | number | string;

  /** HLS: seconds of a segment. Default 4; 2 when live. */
  readonly '-hls_time'?: number | string;
  /** HLS, live: segments in a playlist. Default 6. */
  readonly '-hls_list_size'?: number | string;
  /** HLS: `mpegts` (default) or `fmp4`. */
  readonly '-hls_segment_type'?: 'mpegts' | 'fmp4';
  /** HLS: flags such as `delete_segments+program_date_time`; also `omit_endlist`, `round_durations`, `discont_start`. */
  readonly '-hls_flags'?: string;
  /** HLS, live: segments kept after they left the playlist. Default: as many as RFC 8216 (6.2.2) asks. */
  readonly '-hls_delete_threshold'?: number | string;
  /** HLS: name of segments, `"chunk-%v-%03d.ts"`. */
  readonly '-hls_segment_filename'?: string;
  /** HLS: name of initialization segments, `"init_%v.mp4"`. */
  readonly '-hls_fmp4_init_filename'?: string;
  /** HLS: options of the segment muxer, `"key=value:key=value"`. */
  readonly '-hls_segment_options'?: string;
  /** HLS: as `-hls_segment_options`. */
  readonly '-hls_ts_options'?: string;
  /** HLS: number of the first segment. Default 0. */
  readonly '-start_number'?: number | string;
  /** HLS: must be the output's own name, as the output is the multivariant playlist. */
  readonly '-master_pl_name'?: string;
  /** HLS: put before each URI. */
  readonly '-hls_base_url'?: string;
  /** HLS: `vod` or `event`. */
  readonly '-hls_playlist_type'?: 'vod' | 'event';

  /** Any other attribute or FFmpeg option. */
  readonly [option: `-${string}`]: StreamParamValue;
}

/**
 * Options of {@link StreamGear}.
 *
 * @category StreamGear
 */
export interface StreamGearOptions {
  /**
   * The root manifest: a file (`.mpd` for DASH, `.m3u8` for HLS; a missing folder is created), a folder (a
   * name such as `dash-20260131-235959.mpd` is made), or a URL (`http`, `https`, `ftp`, `sftp`, `smb`). Of two formats the
   * other manifest has the same stem; in a folder they are `manifest.mpd` and `master.m3u8`.
   */
  readonly output: string;
  /**
   * `dash`, `hls`, or both in a list: then there are two manifests of one encoding and one set of fMP4 segments. Upper case
   * and spaces do not matter. Default: by the extension of `output`, else `dash`.
   */
  readonly format?: GearFormat | readonly GearFormat[];
  /**
   * What is printed to stderr. `true`: warnings and log lines. `'warning'`: warnings only. `'debug'`: warnings and all that
   * libav says, which `log` events then carry too. Default false: nothing but each kind of warning once, as Node prints
   * warnings of a process, unless somebody listens to `warning`.
   */
  readonly logging?: Logging;
  /**
   * True: a wrong value is an {@link InvalidOptionsError}. False: it is a `warning` event, and the default
   * is used or the rendition left out. Default true.
   */
  readonly strict?: boolean;
  /** Accepted and ignored with a warning: there is no ffmpeg program. */
  readonly customFfmpeg?: string;
  /** As `customFfmpeg`, by the original's name. */
  readonly custom_ffmpeg?: string;
  /** Attributes; see {@link StreamParams}. */
  readonly streamParams?: StreamParams;
  /**
   * Encode in software, with a warning `HARDWARE_FALLBACK`, where a hardware encoder cannot run. Default
   * false: that is an error `HARDWARE_UNAVAILABLE`.
   */
  readonly fallback?: boolean;
  /** Aborts the stream. */
  readonly signal?: AbortSignal;
  /**
   * `wait`: `stream()` stays pending while the encoders are behind. `drop`: a frame is dropped when eight wait for the
   * encoders, or 64 calls are pending. Default `wait`.
   */
  readonly whenFull?: 'wait' | 'drop';
}
