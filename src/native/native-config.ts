// Native config: what the addon is told. C++ twin: native/config.h, read by native/addon/addon_config.cc.

import type { Rational } from '../base/rational.js';
import type { ColorSpace, PixelFormat } from '../frames/pixel-layout.js';
import type { Scaling } from '../frames/scaling.js';

/** Options for libav, in the order in which they are set. */
export type NativeOptionList = (readonly [key: string, value: string])[];

/** One rendition, ready for its encoder. */
export interface NativeRenditionConfig {
  /** Even. */
  width: number;
  /** Even. */
  height: number;
  /** Display aspect * height / width. */
  sampleAspectRatio: Rational;
  /** Lower than the input's: frames are left out. {0, 1}: every frame. */
  frameRate: Rational;
  /** Name of the libavcodec encoder. */
  codec: string;
  /** libav's name; '' = yuv420p. */
  pixelFormat: string;
  /** All encoder options: defaults and the user's, already merged. */
  options: NativeOptionList;
  /** Declared, bit/s. */
  bitrate: number;
  /** BANDWIDTH while live, bit/s. */
  declaredPeak: number;
  /** Index of the audio rendition that it is watched with. */
  audio: number;
  /** Encoder to take when `codec` cannot be opened; '' = fail. */
  fallbackCodec: string;
  /** All options of `fallbackCodec`. */
  fallbackOptions: NativeOptionList;
}

/** What opening a source may reach, take and last. */
export interface NativeSourceLimits {
  /** libavformat's protocols, joined by commas. */
  protocols: string;
  /** Demuxers that are not taken, joined by commas. */
  refusedFormats: string;
  /** Of one picture. */
  maxPixels: number;
  /** Seconds; 0 = no limit. */
  openTimeout: number;
}

/** A file, URL or device. */
export interface NativeMediaInputConfig {
  /** Path, URL, device name, or filter graph for `lavfi`. */
  url: string;
  /** libav demuxer or device; '' = probe. */
  format: string;
  /** Of the demuxer, the device and the protocol. */
  options: NativeOptionList;
  limits: NativeSourceLimits;
}

/** Single-Source Mode. */
export interface NativeSourceConfig {
  /** Index in the container. */
  videoStream: number;
  /** Seconds from the source's first picture, or from where that is held. */
  start: number;
  /** Seconds; -1 = to the end. */
  duration: number;
  /** Packets instead of pictures: one rendition, cut at its key frames. */
  copyVideo: boolean;
  deinterlace: 'auto' | 'off';
  /** Read no faster than it plays. */
  realtime: boolean;
  /** Show the first picture while there is only sound before it. */
  holdFirst: boolean;
  /** Show the last picture while there is only sound behind it. */
  holdLast: boolean;
  /** Decoder threads; 0 = libav's choice. */
  threads: number;
}

/** One encoded version of the audio. */
export interface NativeAudioRenditionConfig {
  /** libavcodec encoder, or `copy`. */
  codec: string;
  /** bit/s; 0 = the source's, else 64000 per channel, at least 128000. */
  bitrate: number;
  options: NativeOptionList;
}

/** The audio of a presentation. */
export interface NativeAudioConfig {
  origin: 'input' | 'push' | 'source';
  /** Of origin `input`. */
  input: NativeMediaInputConfig;
  /** Of origin `input`: when it cannot be opened the video comes alone. */
  optional: boolean;
  /** Of origin `source`: index in the container. */
  stream: number;
  /** Of origin `input`: which of its audio streams, 0 = the first; -1 = its best. */
  track: number;
  /** Hz, of origin `push`. */
  pushSampleRate: number;
  pushChannels: number;
  pushFormat: 'f32' | 'f32-planar' | 's16';
  /** Seconds that are left out at the begin. */
  start: number;
  /** '' = by the kind of input. */
  clock: '' | 'samples' | 'wall';
  /** Hz; 0 = the source's. */
  sampleRate: number;
  /** 0 = the source's. */
  channels: number;
  /** libavfilter chain; '' = none. */
  filter: string;
  /** Silence where the source has none. */
  fillGaps: boolean;
  /** BCP 47; '' = the source's. */
  language: string;
  /** For people; '' = the source's title. */
  name: string;
  renditions: NativeAudioRenditionConfig[];
}

/** A hardware device. */
export interface NativeHardwareConfig {
  /** libavutil's name; '' = what the encoder needs. */
  type: string;
  /** '' = the default one. */
  device: string;
  options: NativeOptionList;
}

/** One root manifest. */
export interface NativeManifestConfig {
  format: 'dash' | 'hls';
  /** Its file name, as the server knows it. */
  name: string;
  /** Segments that it lists while live; 0 = all. */
  window: number;
  /** Segments that are kept after they left its window. */
  extraWindow: number;
}

/** How segments are named, listed and deleted. */
export interface NativePackagingConfig {
  /** At most one of each format. */
  manifests: NativeManifestConfig[];
  segmentType: 'fmp4' | 'mpegts';
  /** Absolute path or URL of the first root manifest. */
  output: string;
  /** Templates: as DASH writes them where there is an MPD, else as HLS does. */
  initName: string;
  segmentName: string;
  /** HLS media playlists; '' = `output` is the one media playlist. */
  playlistName: string;
  startNumber: number;
  live: boolean;
  deleteSegments: boolean;
  removeAtExit: boolean;
  baseUrl: string;
  playlistType: '' | 'vod' | 'event';
  programDateTime: boolean;
  discontinuityStart: boolean;
  omitEndlist: boolean;
  roundDurations: boolean;
  useTimeline: boolean;
  useTemplate: boolean;
  utcTimingUrl: string;
  /** For libavformat's mp4 or mpegts muxer. */
  muxerOptions: NativeOptionList;
  /** For the protocol of `output`. */
  ioOptions: NativeOptionList;
  /** Tags of the presentation, such as `title`. */
  metadata: NativeOptionList;
  /** Ticks; 0 = one fragment per segment. */
  fragmentDuration: number;
}

/** Everything that a pipeline needs, validated. */
export interface NativePipelineConfig {
  input: {
    /** Of the pushed frames; may be odd. */
    width: number;
    height: number;
    pixelFormat: PixelFormat;
    frameRate: Rational;
    /** The time base is 1 / this; a multiple of frameRate.num, so that frame i is at an exact tick. */
    ticksPerSecond: number;
    sampleAspectRatio: Rational;
    colorSpace: ColorSpace;
    fullRange: boolean;
  };
  /** Of what reaches the encoders: the input's, or what the filter chain makes of it. */
  pictureRate: Rational;
  /** libavfilter chain before the scaler; '' = none. */
  filter: string;
  scaling: Scaling;
  renditions: NativeRenditionConfig[];
  /** Ticks; a gopDuration of 0 places key frames at segment borders only. */
  grid: { segmentDuration: number; gopDuration: number };
  packaging: NativePackagingConfig;
  source: NativeSourceConfig | null;
  audio: NativeAudioConfig | null;
  hardware: NativeHardwareConfig;
  queues: { ingest: number; encoder: number; packets: number };
}

/** How much of libav's log a pipeline tells. */
export interface NativeLogConfig {
  /** Debug lines too. */
  debugLog: boolean;
}

/** What a reader decodes, and into what. */
export interface NativeFrameReaderConfig {
  /** File, URL or device. */
  source: string;
  /** libav demuxer or device; '' = probe. */
  format: string;
  /** Demuxer and protocol options. */
  options: NativeOptionList;
  limits: NativeSourceLimits;
  pixelFormat: PixelFormat;
  /** 0 = the source's. */
  width: number;
  height: number;
  /** Seconds; -1 = none. */
  start: number;
  duration: number;
  /** Decoder threads; 0 = libav's choice. */
  threads: number;
}

/** An encoder to try. */
export interface NativeTrialConfig {
  codec: string;
  options: NativeOptionList;
  hardware: NativeHardwareConfig;
}
