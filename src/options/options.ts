// Options of AdaptiveStream: written by hand for the reader, checked against option-schema.ts by the
// compiler.

import type { Rational } from '../base/rational.js';
import type {
  AudioCodec,
  EncoderPixelFormat,
  Preset,
  Profile,
  Tune,
  VideoCodec,
} from '../check/known-values.js';
import type { Bitrate, FrameRate, OptionValues, Seconds } from '../check/option-types.js';
import type { ColorRange, ColorSpace, PixelFormat } from '../frames/pixel-layout.js';
import type { Scaling } from '../frames/scaling.js';
import type { TranscodeProgress } from '../report/events.js';
import type { MediaSource } from '../source/media-source.js';
import type { SourceLimits } from '../source/source-limits.js';
import type { PackagingOptions } from './packaging-options.js';

/**
 * What is pushed. Every frame must have this size and layout.
 *
 * @category AdaptiveStream
 */
export interface InputOptions {
  /** Columns, 2 to 16384. An odd number is cropped by one, with a warning `ODD_SIZE`. */
  readonly width: number;
  /** Rows, 2 to 16384. An odd number is cropped by one, with a warning `ODD_SIZE`. */
  readonly height: number;
  /** Layout of the frames. Default `bgr24`. */
  readonly pixelFormat?: PixelFormat;
  /** Rate of frames that carry no timestamp. Default 25. 23.976, 29.97 … mean x/1001. */
  readonly frameRate?: FrameRate;
  /** Shape of one pixel, width to height. Default 1:1. */
  readonly sampleAspectRatio?: number | string | Rational;
  /** Colour matrix. Default: `bt709` above 576 lines, else `smpte170m`. */
  readonly colorSpace?: ColorSpace;
  /** Range of YUV frames. Default `tv`. */
  readonly colorRange?: ColorRange;
}

/**
 * One encoded version of the input.
 *
 * @category AdaptiveStream
 */
export interface RenditionOptions {
  /** Columns, even. Default: follows from `height` and the display aspect, else the input's. */
  readonly width?: number;
  /** Rows, even. Default: follows from `width` and the display aspect, else the input's. */
  readonly height?: number;
  /** Default: width * height * `video.bitsPerPixel` * frame rate. */
  readonly bitrate?: Bitrate;
  /** At most the input's; frames are left out. Default: the input's. */
  readonly frameRate?: FrameRate;
  /** Of the audio that it is watched with: one more audio rendition where it differs. Default `audio.bitrate`. */
  readonly audioBitrate?: Bitrate;
  /** Encoder options of this rendition; they win over `video.options`. */
  readonly options?: OptionValues;
}

/**
 * The device on which a hardware encoder runs. What is left out is libav's default.
 *
 * @category AdaptiveStream
 */
export interface HardwareOptions {
  /** libavutil's name: `vaapi`, `cuda`, `qsv` … Default: what the encoder needs. */
  readonly type?: string;
  /** Node or number: `/dev/dri/renderD129`, 1. Default: the first. */
  readonly device?: string | number;
  /** Of the device's set-up: `{ driver: 'iHD' }`. */
  readonly options?: OptionValues;
}

/**
 * How the renditions are encoded.
 *
 * @category AdaptiveStream
 */
export interface VideoOptions {
  /**
   * libavcodec encoder (`libx264`, `h264_vaapi`), or a codec (`h264`) for its usual software encoder.
   * {@link listEncoders} tells which ones work. Of a source also `copy`: its packets as they are, in one
   * rendition that is cut at its own key frames. Default `libx264`.
   */
  readonly codec?: VideoCodec;
  /** The device of a hardware encoder. Pictures are uploaded to it where the encoder needs that. */
  readonly hardware?: HardwareOptions;
  /**
   * Encode in software, with a warning `HARDWARE_FALLBACK`, where a hardware encoder cannot run. Default
   * false: that is an error `HARDWARE_UNAVAILABLE`.
   */
  readonly fallback?: boolean;
  /** Layout that the encoder is given, by libav's name. Default `yuv420p`, or the encoder's own. */
  readonly pixelFormat?: EncoderPixelFormat;
  /** The encoder's `preset`. Default by encoder; see docs/streamgear.md. */
  readonly preset?: Preset | number;
  /** The encoder's `profile`. */
  readonly profile?: Profile | number;
  /** The encoder's `tune`. */
  readonly tune?: Tune | number;
  /** Constant quality, capped by the rendition's bitrate. */
  readonly crf?: number;
  /**
   * Greatest distance of key frames, frames; 0 and 1: every frame is one. Default: segments are cut in
   * equal parts of about 2 s. Key frames also begin every segment, at the same times in all renditions.
   */
  readonly gop?: number;
  /**
   * libavfilter chain, applied once before scaling: `hflip,eq=brightness=0.1`. `format=nv12,hwupload` at its
   * end is left out: encoders upload by themselves.
   */
  readonly filter?: string;
  /**
   * How pictures are scaled. `balanced`: bicubic, as ffmpeg does, in steps of at most a half. `fast`: a triangle, each size
   * from the next larger one: softer, in a little less time. `best`: Lanczos by libswscale, every size from the largest
   * picture: sharper, in several times the time. Default `balanced`.
   */
  readonly scaling?: Scaling;
  /** Display aspect. Default: the input's (after `filter`). */
  readonly aspectRatio?: number | string | Rational;
  /** Bits per pixel of renditions without a bitrate, at least 0.001. Default 0.1. */
  readonly bitsPerPixel?: number;
  /** Any other option of the encoder. */
  readonly options?: OptionValues;
}

/**
 * Samples that are pushed with `writeAudio()`.
 *
 * @category AdaptiveStream
 */
export interface AudioPushOptions {
  /** Hz, 1000 to 384000. */
  readonly sampleRate: number;
  /** 1 = mono, 2 = stereo, 6 = 5.1 …, at most 8, in the order of FFmpeg's default layouts. Default 2. */
  readonly channels?: number;
  /**
   * `f32`: an interleaved Float32Array. `f32-planar`: one Float32Array per channel. `s16`: an interleaved
   * Int16Array. Floats are from -1 to 1. Default `f32`.
   */
  readonly sampleFormat?: 'f32' | 'f32-planar' | 's16';
}

/**
 * The audio that all renditions are watched with; see docs/audio.md.
 *
 * @category AdaptiveStream
 */
export interface AudioOptions extends SourceLimits {
  /**
   * A file, a URL, or a device as ffmpeg is told of it: `['-f', 'alsa', '-i', 'hw:1']`, where options before
   * `-i` are the device's.
   */
  readonly source?: MediaSource;
  /** Samples that are pushed with `writeAudio()`, instead of a source. */
  readonly push?: AudioPushOptions;
  /**
   * libavcodec encoder (`libopus`), or a codec (`opus`) for its usual encoder; `copy`: the source's packets as
   * they are. MPEG-TS takes AAC, MP3, AC-3 and E-AC-3, fMP4 also Opus and FLAC. Default `aac`.
   */
  readonly codec?: AudioCodec;
  /** Default: the source's own, else 64k per channel, at least 128k. */
  readonly bitrate?: Bitrate;
  /** Hz. Default: the source's, or the nearest that the encoder takes. */
  readonly sampleRate?: number;
  /** Mixed down or up to so many. Default: the source's. */
  readonly channels?: number;
  /** libavfilter chain: `volume=0.5`. With `apad` the audio is as long as the video. */
  readonly filter?: string;
  /** Any other option of the encoder. */
  readonly options?: OptionValues;
  /** Which audio track of the source; 0 is its first. Default: its best, as libav has it. */
  readonly track?: number;
  /** How much is left out at the begin of the audio. Default 0. */
  readonly start?: Seconds;
  /**
   * `samples`: time is counted in samples. `wall`: samples come from a clock that drifts against that of the
   * frames, which is corrected. Default: `wall` for capture devices, else `samples`.
   */
  readonly clock?: 'samples' | 'wall';
  /**
   * Encode silence where the audio has nothing: before its first sample, in gaps, and behind its last one up to
   * the end of the video, as players in a browser stop where the audio does. False: gaps stay gaps, and so they
   * do where packets are copied, with a `warning` `AUDIO_GAP`. While live, a gap that lasts longer than the window
   * and than 10 s (an hour where all segments stay) stays one too. Default true, unless packets are copied. StreamGear: `-fill_gaps`.
   */
  readonly fillGaps?: boolean;
  /** BCP 47 tag, `en`, `pt-BR`; ISO 639 codes such as `eng` become one. Default: the source's tag. */
  readonly language?: string;
  /** What people see in a player's menu. Default: the source's title. */
  readonly name?: string;
}

/**
 * Samples of one {@link AdaptiveStream.writeAudio}: as `audio.push.sampleFormat` says.
 *
 * @category AdaptiveStream
 */
export type AudioSamples = Float32Array | readonly Float32Array[] | Int16Array;

/**
 * The part of the input that is kept.
 *
 * @category AdaptiveStream
 */
export interface TrimOptions {
  /**
   * Frames before it are left out; times begin anew at the first that is kept. A source is not read from its
   * begin, but from there; it counts from the first picture that is shown, as a player does: where a recording
   * begins amid a group of pictures, that is the first one which can be decoded. Default 0.
   */
  readonly start?: Seconds;
  /** Frames from here on are left out. Default: none. */
  readonly end?: Seconds;
  /** How much is kept; wins over `end`. Default: all. */
  readonly duration?: Seconds;
}

/**
 * Options of {@link AdaptiveStream.open}.
 *
 * @category AdaptiveStream
 */
export interface AdaptiveStreamOptions {
  /** What is pushed. */
  readonly input: InputOptions;
  /** At least one. Default: one of the input's size. */
  readonly renditions?: readonly RenditionOptions[];
  /**
   * `auto`: up to five smaller renditions are added below the first one (the only one that `renditions` may then have): 2160, 1440, 1080, 720,
   * 480, 360 and 240 lines on the short side, as far as each has at most 70 % of the pixels of the one above. Bitrates follow from that of the first, by
   * the pixels to the power of 3/4. Default: none are added.
   */
  readonly ladder?: 'auto';
  /** How they are encoded. */
  readonly video?: VideoOptions;
  /** A `source` or a `push` of its own. Default: no audio. */
  readonly audio?: AudioOptions;
  /** How they are cut, named and listed. */
  readonly packaging?: PackagingOptions;
  /**
   * The root manifest: a file (a missing folder is created), a folder (a name is made:
   * `dash-20260131-235959.mpd`), or a URL (http, https, ftp, sftp, smb). User and password in a URL are for its
   * server, a query is sent with every file; neither shows in events and messages.
   */
  readonly output: string;
  /** The part of the input that is kept. */
  readonly trim?: TrimOptions;
  /**
   * `wait`: `write()` stays pending while the encoders are behind. `drop`: a frame is dropped when eight wait for the
   * encoders, or 64 calls are pending. Default `wait`.
   */
  readonly whenFull?: 'wait' | 'drop';
  /** Aborts the stream. */
  readonly signal?: AbortSignal;
}

/**
 * How a source is opened and decoded.
 *
 * @category AdaptiveStream
 */
export interface SourceInputOptions extends SourceLimits {
  /** libav's demuxer or device, `v4l2`, `lavfi`. Default: found by itself. */
  readonly format?: string;
  /** Options of the demuxer or device and of the protocol: `{ video_size: '1280x720' }`. */
  readonly options?: OptionValues;
  /** Which video track, covers not counted; 0 is the first. Default: its best, as libav has it. */
  readonly videoTrack?: number;
  /** `auto`: interlaced frames are made progressive, at the same rate. `off`: left as they are. Default `auto`. */
  readonly deinterlace?: 'auto' | 'off';
  /**
   * What is shown while the source has sound but no picture: its `first` picture before that begins, its `last`
   * one until the sound ends, or `both`, at the video's frame rate. `none`: such sound is left out, with a `warning`
   * `AUDIO_WITHOUT_PICTURE`. A `trim` counts from where the first picture is held. Not with copied video or other
   * audio than the source's. Default `none`. StreamGear: `-hold_picture`.
   */
  readonly holdPicture?: 'none' | 'first' | 'last' | 'both';
  /** Decoder threads; 0 lets libav decide. Default 0. */
  readonly threads?: number;
  /**
   * Read no faster than it plays (FFmpeg's `-re`), so that a file comes as a camera would, and may be live. When the encoders have
   * been behind, it catches up. Default false.
   */
  readonly realtime?: boolean;
}

/**
 * Options of {@link AdaptiveStream.transcode}.
 *
 * @category AdaptiveStream
 */
export interface SourceOptions extends Omit<AdaptiveStreamOptions, 'input' | 'audio' | 'whenFull'> {
  /** How the source is opened and decoded. */
  readonly input?: SourceInputOptions;
  /**
   * False: no audio. Default: the source's own, if it has any; copied when there is one rendition, nothing is
   * asked of the audio, the segments take its codec, and it lasts as long as the video (at most 0.1 s more, 1 s
   * less); else AAC. With a `source` of its own that replaces it.
   */
  readonly audio?: AudioOptions | false;
  /** Called about four times a second, and once at the end; see also the event `progress`. */
  readonly onProgress?: (progress: TranscodeProgress) => void;
}

/**
 * Options of one {@link AdaptiveStream.write}.
 *
 * @category AdaptiveStream
 */
export interface WriteOptions {
  /** Make this frame a key frame in all renditions. Default false. */
  readonly forceKeyFrame?: boolean;
  /** Order of frames that only say `channels`: RGB(A) instead of BGR(A). Default false. */
  readonly rgbMode?: boolean;
}

/**
 * Options of {@link StreamGear.transcodeSource}.
 *
 * @category StreamGear
 */
export interface TranscodeOptions {
  /** Aborts the whole, as {@link StreamGear.abort} does. */
  readonly signal?: AbortSignal;
  /** Called about four times a second, and once at the end. */
  readonly onProgress?: (progress: TranscodeProgress) => void;
}
