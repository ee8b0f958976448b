// Options of StreamGear: the original's attributes, typed and documented.

import type { Logging } from './logging.js';
import type { MediaSource } from './media-source.js';
import type { AudioPushOptions } from './options.js';
import type { Rational } from './rational.js';
import type { Scaling } from './scaling.js';

/** One extra rendition of `-streams`. */
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

/** Samples that are pushed with {@link StreamGear.writeAudio}. */
export interface StreamParamsPush {
  /** Their rate, channels and format. */
  readonly push: AudioPushOptions;
}

/** A value of a stream parameter. */
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
 * Attributes by name. Those of StreamGear and of packaging are listed here; every other `-name` or
 * `-name:specifier` is an FFmpeg option: of the encoder, the segment muxer, the output's protocol, or of
 * the ffmpeg program. An option that nothing knows is an error that names the nearest one.
 */
export interface StreamParams {
  /**
   * Extra renditions 1, 2, …; rendition 0 is always the source's size. With a `-video_source` also `auto`: a ladder of its
   * size, as `AdaptiveStreamOptions.ladder` makes it.
   */
  readonly '-streams'?: readonly StreamParamsRendition[] | 'auto';
  /** Exact rate of the pushed frames. Default 25. */
  readonly '-input_framerate'?: number | string | Rational;
  /** Sliding window, old segments deleted, low delay; of a source only without an end. Default false. */
  readonly '-livestream'?: boolean;
  /** Bits per pixel of computed bitrates, at least 0.001. Default 0.1. */
  readonly '-bpp'?: number;
  /** Greatest distance of key frames, frames. Default: equal parts of about 2 s of each segment. */
  readonly '-gop'?: number;
  /** Read the source no faster than it plays; it may be live then. Default false. */
  readonly '-re'?: boolean | '';
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

  /** Encoder, `"libx265"`, `"h264_vaapi"`; also `-c:v`. Default `libx264`. */
  readonly '-vcodec'?: string;
  /** Filter chain, applied once before scaling; also `-filter:v`. May end in `format=nv12,hwupload`. */
  readonly '-vf'?: string;
  /** Scaler: `fast`, `balanced` (default) or `best`; FFmpeg's `-sws_flags` chooses among them too. */
  readonly '-scaling'?: Scaling;
  /** Device of a VA-API encoder, `"/dev/dri/renderD128"`. */
  readonly '-vaapi_device'?: string;
  /** Device of a hardware encoder: `type[=name][:device[,key=value…]]`, `"cuda:1"`. */
  readonly '-init_hw_device'?: string;
  /** The encoder's preset. */
  readonly '-preset'?: string | number;
  /** Constant quality, capped by the ladder's bitrates. */
  readonly '-crf'?: string | number;
  /** Frame rate of the renditions, at most `-input_framerate`. */
  readonly '-r'?: number | string;
  /** Encoder of the audio, `"libopus"`, or `"copy"`; also `-c:a`. Default `aac`. */
  readonly '-acodec'?: string;
  /** Bitrate of the audio, `"128k"`. Default: the source's, else 128k. */
  readonly '-b:a'?: number | string;
  /** Sample rate of the audio, Hz. Default: the source's. */
  readonly '-ar'?: number | string;
  /** Channels of the audio. Default: the source's. */
  readonly '-ac'?: number | string;
  /** Filter chain of the audio; also `-filter:a`. */
  readonly '-af'?: string;

  /** DASH: seconds of a segment. Default 4; 2 when live. */
  readonly '-seg_duration'?: number | string;
  /** DASH, live: segments in the manifest. Default 5. */
  readonly '-window_size'?: number | string;
  /** DASH, live: segments kept after they left the manifest. Default 5. */
  readonly '-extra_window_size'?: number | string;
  /** DASH: delete everything at the end. Default false. */
  readonly '-remove_at_exit'?: boolean | number | string;
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
  /** HLS: flags such as `delete_segments+program_date_time`. */
  readonly '-hls_flags'?: string;
  /** HLS: put before each URI. */
  readonly '-hls_base_url'?: string;
  /** HLS: `vod` or `event`. */
  readonly '-hls_playlist_type'?: 'vod' | 'event';

  /** Any other attribute or FFmpeg option. */
  readonly [option: `-${string}`]: StreamParamValue;
}

/** Options of {@link StreamGear}. */
export interface StreamGearOptions {
  /**
   * The root manifest: a file (`.mpd` for DASH, `.m3u8` for HLS; a missing folder is created), a folder (a
   * name such as `dash-20260131-235959.mpd` is made), or a URL that libavformat can write.
   */
  readonly output: string;
  /** `dash` or `hls`; upper case and spaces do not matter. Default: by the extension of `output`, else `dash`. */
  readonly format?: string;
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
  /** `wait`: `stream()` stays pending while the encoders are behind. `drop`: frames are dropped. Default `wait`. */
  readonly whenFull?: 'wait' | 'drop';
}
