// Native: the shapes that cross the boundary to C++, and the only loader of the addon.
// C++ twins: native/config.h, native/base/event.h, native/addon*.cc.

import { constants } from 'node:os';
import process from 'node:process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { StreamError } from './errors.js';
import type { Stage } from './errors.js';
import type { ColorSpace, PixelFormat } from './pixel-layout.js';
import type { Rational } from './rational.js';
import type { Scaling } from './scaling.js';

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

/** A file, URL or device. */
export interface NativeMediaInputConfig {
  /** Path, URL, device name, or filter graph for `lavfi`. */
  url: string;
  /** libav demuxer or device; '' = probe. */
  format: string;
  /** Of the demuxer, the device and the protocol. */
  options: NativeOptionList;
}

/** Single-Source Mode. */
export interface NativeSourceConfig {
  /** Index in the container. */
  videoStream: number;
  /** Seconds from the source's start. */
  start: number;
  /** Seconds; -1 = to the end. */
  duration: number;
  /** Packets instead of pictures: one rendition, cut at its key frames. */
  copyVideo: boolean;
  deinterlace: 'auto' | 'off';
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

/** How segments are named, listed and deleted. */
export interface NativePackagingConfig {
  format: 'dash' | 'hls';
  segmentType: 'fmp4' | 'mpegts';
  /** Absolute path or URL of the root manifest. */
  output: string;
  initName: string;
  segmentName: string;
  /** HLS media playlists; '' = `output` is the one media playlist. */
  playlistName: string;
  startNumber: number;
  live: boolean;
  /** Segments listed while live; 0 = all. */
  window: number;
  /** Segments kept after they left the window. */
  extraWindow: number;
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

/** The first error of a pipeline or a reader. */
export interface NativeFailure {
  code: string;
  message: string;
  stage: Stage;
  /** -1 = none. */
  rendition: number;
  /** 0 = none. */
  averror: number;
  log: string;
}

/** One audio rendition, as its encoder opened. */
export interface NativeAudioTrack {
  /** `aac` */
  codec: string;
  sampleRate: number;
  channels: number;
  /** bit/s; 0 = unknown. */
  bitrate: number;
  language: string;
}

/** Events of a pipeline, in batches. */
export type NativeEvent =
  /** All encoders have opened. `renditions`: video, then audio. */
  | { type: 'opened'; renditions: { codecs: string }[]; audio: NativeAudioTrack[] }
  /** The buffer of write #id is the caller's again. */
  | { type: 'read'; id: number }
  /** The samples of writeAudio #id were taken. */
  | { type: 'audioRead'; id: number }
  /** The source has given all it had; not `complete`: it ended early, for the reason in `failure`. */
  | { type: 'sourceEnd'; position: number; complete: boolean; failure: NativeFailure }
  /** A finished media segment; times in seconds. */
  | {
      type: 'segment';
      rendition: number;
      path: string;
      start: number;
      duration: number;
      bytes: number;
    }
  | { type: 'manifest'; path: string; isRoot: boolean }
  | { type: 'warning'; code: string; message: string }
  | {
      type: 'log';
      level: 'error' | 'warning' | 'info' | 'verbose' | 'debug';
      message: string;
    }
  /** Everything is drained and the manifests are final. */
  | { type: 'finished' }
  /** The first error; at most once. */
  | { type: 'failed'; failure: NativeFailure }
  /** Threads are joined; always comes, always last. */
  | { type: 'closed' };

/** Milliseconds. */
export interface NativeLatency {
  p50: number;
  p99: number;
  max: number;
  count: number;
}

/** Counters of the audio; all 0 without. */
export interface NativeAudioStats {
  /** Seconds of presentation that were encoded. */
  position: number;
  /** Seconds by which the samples are late (> 0) or early now. */
  offset: number;
  /** How much faster (> 0) or slower they are played now: 1e-4. */
  correction: number;
  /** Seconds added (> 0) or removed by that so far. */
  corrected: number;
  /** Breaks in the samples' times. */
  gaps: number;
  /** Samples before 0, behind the end, or overlapping. */
  dropped: number;
}

/** A snapshot of a pipeline's counters. */
export interface NativeStats {
  /** Read by the scaler. */
  framesIn: number;
  /** Video, then audio. */
  renditions: {
    framesEncoded: number;
    bytes: number;
    segments: number;
    /** Of the segments, bit/s. */
    peakBitrate: number;
    averageBitrate: number;
    queue: number;
    cpuSeconds: number;
  }[];
  queues: { ingest: number; packets: number; audio: number };
  /** From write(): until read, until each rendition's packet, until muxed. */
  latency: { read: NativeLatency; encode: NativeLatency[]; package: NativeLatency };
  cpuSeconds: { scaler: number; packager: number; source: number; audio: number; total: number };
  audio: NativeAudioStats;
  /** Picture buffers that were allocated so far. */
  pictures: { buffers: number; bytes: number };
  /** Seconds of presentation so far. */
  duration: number;
}

/** One pipeline. Every method is called on the JS thread and never blocks. */
export interface NativePipeline {
  /** Starts the threads. `opened` or `failed` follows. */
  start(): void;
  /**
   * Hands over one picture. `planes`: one view that holds the whole picture, or one per plane;
   * strides in bytes, 0 = tight. Throws a TypeError when a view is too short. The `read` event with
   * this id follows, unless `closed` comes first.
   */
  write(
    id: number,
    planes: readonly ArrayBufferView[],
    strides: readonly number[],
    pts: number,
    forceKeyFrame: boolean,
  ): void;
  /**
   * Hands over samples, copied at once. `planes`: one view, or one per channel for `f32-planar`;
   * `timestamp` in seconds of presentation, negative = goes on. Throws a TypeError when a view is too short.
   * True: the `audioRead` event with this id follows, unless `closed` comes first. False: the audio has
   * ended.
   */
  writeAudio(
    id: number,
    planes: readonly ArrayBufferView[],
    sampleCount: number,
    timestamp: number,
  ): boolean;
  /** No more frames and samples: drains, then `finished`, then `closed`. */
  finish(): void;
  /** Single-Source Mode: the source ends here, as if its end had been reached. */
  stop(): void;
  /** Drops everything and wakes everybody, then `closed`. Idempotent. */
  abort(): void;
  stats(): NativeStats;
  /** Keeps the event loop alive. A new pipeline does not. */
  ref(): void;
  unref(): void;
}

/** What a reader decodes, and into what. */
export interface NativeFrameReaderConfig {
  /** File, URL or device. */
  source: string;
  /** libav demuxer or device; '' = probe. */
  format: string;
  /** Demuxer and protocol options. */
  options: NativeOptionList;
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

/** What a reader found. */
export interface NativeSourceInfo {
  /** Of the frames that it yields, rotation applied. */
  width: number;
  height: number;
  frameRate: Rational;
  /** Seconds; -1 = unknown. */
  duration: number;
  /** -1 = unknown. */
  frameCount: number;
  sampleAspectRatio: Rational;
  rotation: 0 | 90 | 180 | 270;
  codec: string;
  sourcePixelFormat: string;
  /** Of the frames that it yields, when they are YUV. */
  colorSpace: string;
  colorRange: 'tv' | 'pc';
  /** What read() needs per frame. */
  bufferBytes: number;
}

/** Events of a reader. */
export type NativeReaderEvent =
  | { type: 'opened'; info: NativeSourceInfo }
  /** Seconds since the first frame of the source. */
  | { type: 'frame'; id: number; timestamp: number; keyFrame: boolean }
  | { type: 'end' }
  | { type: 'warning'; code: string; message: string }
  | { type: 'failed'; failure: NativeFailure }
  | { type: 'closed' };

/** Decodes on its own thread. Every method is called on the JS thread and never blocks. */
export interface NativeFrameReader {
  start(): void;
  /** Queues a buffer; buffers are filled in order. */
  read(id: number, buffer: ArrayBufferView): void;
  close(): void;
  ref(): void;
  unref(): void;
}

/** One stream of an opened container. */
export interface NativeMediaStream {
  index: number;
  kind: 'video' | 'audio' | 'subtitle' | 'data' | 'attachment';
  codec: string;
  profile: string;
  language: string;
  title: string;
  /** bit/s; 0 = unknown. */
  bitrate: number;
  /** Seconds, on the container's time line. */
  start: number;
  /** Seconds; -1 = unknown. */
  duration: number;
  isDefault: boolean;
  /** A cover, not a video. */
  attachedPicture: boolean;
  /** As stored. */
  width: number;
  height: number;
  pixelFormat: string;
  sampleAspectRatio: Rational;
  frameRate: Rational;
  /** -1 = unknown. */
  frameCount: number;
  /** Clockwise; of mirrored pictures, after they were mirrored left to right. */
  rotation: 0 | 90 | 180 | 270;
  mirrored: boolean;
  interlaced: boolean;
  colorSpace: string;
  colorPrimaries: string;
  colorTransfer: string;
  colorRange: string;
  /** PQ or HLG. */
  hdr: boolean;
  /** What decoding gives: upright, SDR, 8 bit. */
  pictures: {
    width: number;
    height: number;
    sampleAspectRatio: Rational;
    frameRate: Rational;
    colorSpace: ColorSpace;
  };
  sampleRate: number;
  channels: number;
  channelLayout: string;
  /** bit/s that an audio encoder of it is given unless it is told another. */
  encodedBitrate: number;
}

/** What a file, URL or device holds. */
export interface NativeMediaInfo {
  url: string;
  format: string;
  /** Seconds. */
  start: number;
  /** Seconds; -1 = unknown. */
  duration: number;
  /** bit/s; 0 = unknown. */
  bitrate: number;
  /** A capture device: its time is the wall's. */
  device: boolean;
  seekable: boolean;
  /** The durations are the container's own, not computed from its last timestamps or its bitrate. */
  durationDeclared: boolean;
  streams: NativeMediaStream[];
  /** Index; -1 = none. */
  bestVideo: number;
  bestAudio: number;
}

/**
 * Events of a media input: `opened` or `failed`; then `closed`, when its thread has ended: after
 * close(), a pipeline that took it, or the failure.
 */
export type NativeMediaInputEvent =
  | { type: 'opened'; info: NativeMediaInfo }
  | { type: 'warning'; code: string; message: string }
  | { type: 'failed'; failure: NativeFailure }
  | { type: 'closed' };

/** Opens a container on a thread of its own, and holds it until it is closed or a pipeline takes it. */
export interface NativeMediaInput {
  start(): void;
  close(): void;
  ref(): void;
  unref(): void;
}

/** A capture device of this machine. */
export interface NativeDevice {
  /** libavdevice's name, `v4l2`. */
  format: string;
  /** What to open. */
  name: string;
  description: string;
  kind: 'audio' | 'video';
  isDefault: boolean;
}

/** An encoder to try. */
export interface NativeTrialConfig {
  codec: string;
  options: NativeOptionList;
  hardware: NativeHardwareConfig;
}

/** Events of a trial: `tried` for each encoder, then `closed`. */
export type NativeTrialEvent =
  { type: 'tried'; index: number; works: boolean; failure: NativeFailure } | { type: 'closed' };

/** Tries encoders one after the other, on a thread of its own. Never blocks the JS thread. */
export interface NativeEncoderTrial {
  start(): void;
  /** Ends it after the encoder that is being tried, without further `tried`. */
  close(): void;
  ref(): void;
  unref(): void;
}

/** One option of a libav component. */
export interface NativeOption {
  name: string;
  help: string;
  type: string;
  default: string;
  min: number;
  max: number;
  /** Named values. */
  constants: string[];
  /** Of the component itself, not of the generic context. */
  private: boolean;
}

/** One video encoder of the local libavcodec. */
export interface NativeEncoderInfo {
  /** `libx264` */
  name: string;
  /** `h264` */
  codec: string;
  description: string;
  /** Runs on a card or another device. */
  hardware: boolean;
  /** Of pictures in memory; empty when it does not say. */
  pixelFormats: string[];
  /** Types of hardware devices that it can be given: `vaapi`, `cuda`. */
  devices: string[];
  /** Its codec may store frames in another order than that of display. */
  reorders: boolean;
}

/** One audio encoder of the local libavcodec. */
export interface NativeAudioEncoderInfo {
  /** `libopus` */
  name: string;
  /** `opus` */
  codec: string;
  description: string;
  /** Opens only with `strict` set to `experimental`. */
  experimental: boolean;
  /** Hz, ascending; empty = any. */
  sampleRates: number[];
  /** Numbers of channels, ascending; empty = any. */
  channels: number[];
}

/** Components whose options can be asked. */
export type NativeComponent = 'encoder' | 'muxer' | 'demuxer' | 'protocol';

/** What a filter chain is given, and what comes out. */
export interface NativeFilterPad {
  width: number;
  height: number;
  pixelFormat: string;
  frameRate: Rational;
  sampleAspectRatio: Rational;
}

/** Versions of the libav libraries in use, and their licence. */
export type Versions = Record<
  | 'libavcodec'
  | 'libavformat'
  | 'libavutil'
  | 'libswscale'
  | 'libswresample'
  | 'libavfilter'
  | 'libavdevice'
  | 'license',
  string
>;

/** The addon. */
export interface NativeBinding {
  Pipeline: new (
    config: NativePipelineConfig,
    onEvents: (events: NativeEvent[]) => void,
    /** The source, which it takes over; exactly when the config has one. */
    source?: NativeMediaInput,
  ) => NativePipeline;
  MediaInput: new (
    config: NativeMediaInputConfig,
    onEvents: (events: NativeMediaInputEvent[]) => void,
  ) => NativeMediaInput;
  FrameReader: new (
    config: NativeFrameReaderConfig,
    onEvents: (events: NativeReaderEvent[]) => void,
  ) => NativeFrameReader;
  EncoderTrial: new (
    trials: readonly NativeTrialConfig[],
    onEvents: (events: NativeTrialEvent[]) => void,
  ) => NativeEncoderTrial;
  versions(): Versions;
  videoEncoders(): NativeEncoderInfo[];
  audioEncoders(): NativeAudioEncoderInfo[];
  /** Those that libavdevice can list. Seconds, when a driver or sound server hangs. */
  listDevices(): Promise<NativeDevice[]>;
  /** Private options and the generic context's that fit. Empty when `name` is unknown. */
  options(kind: NativeComponent, name: string): NativeOption[];
  /** Tries the value on a fresh context. '' = fine, else libav's reason. */
  checkOption(kind: NativeComponent, name: string, key: string, value: string): string;
  /** Builds the graph with such pictures. Either what comes out or why not. */
  probeFilter(filter: string, input: NativeFilterPad): { error: string } | NativeFilterPad;
  /** Builds the graph with such samples. '' = fine, else why not. */
  probeAudioFilter(filter: string, input: { sampleRate: number; channels: number }): string;
  /** Live native objects, for leak tests. */
  liveObjects(): {
    pipelines: number;
    readers: number;
    inputs: number;
    trials: number;
    pinnedBuffers: number;
  };
  /** Ends everything at once and waits for the threads. */
  shutdown(): void;
}

const INSTALL_HINT = [
  'streamgear needs the libraries of FFmpeg, Highway and libcurl, with their headers, to build:',
  '  Debian, Ubuntu: apt install g++ make pkg-config libavcodec-dev libavformat-dev libavutil-dev libswscale-dev libswresample-dev libavfilter-dev libavdevice-dev libhwy-dev libcurl4-gnutls-dev',
  '  Fedora:         dnf install gcc-c++ make pkgconf-pkg-config ffmpeg-devel highway-devel libcurl-devel',
  '  macOS:          brew install pkg-config ffmpeg highway curl',
  'Then run: npm rebuild streamgear',
].join('\n');

/** Where the addon is: beside package.json, or where STREAMGEAR_ADDON points (sanitizer builds). */
function addonPath(): string {
  return (
    process.env['STREAMGEAR_ADDON'] ??
    fileURLToPath(new URL('../build/Release/streamgear.node', import.meta.url))
  );
}

function load(): NativeBinding {
  const path = addonPath();
  if (!existsSync(path)) {
    throw new StreamError(
      `The native addon is not built: ${path} does not exist.\n${INSTALL_HINT}`,
      {
        code: 'ADDON_NOT_FOUND',
      },
    );
  }
  // libsvtav1 prints to the terminal unless told otherwise before its first use.
  process.env['SVT_LOG'] ??= '0';
  // A process may already hold another libav with global symbols (Electron's libffmpeg): without
  // RTLD_DEEPBIND its functions would be called instead of ours. Sanitizers cannot work with it.
  // Not every platform has every flag, whatever the type definitions say.
  const flags: Readonly<Record<string, number>> = constants.dlopen;
  const deepBind = process.platform === 'linux' && process.env['STREAMGEAR_NO_DEEPBIND'] !== '1';
  const module: { exports: unknown } = { exports: {} };
  try {
    process.dlopen(
      module,
      path,
      (flags['RTLD_NOW'] ?? 2) | (deepBind ? (flags['RTLD_DEEPBIND'] ?? 0) : 0),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StreamError(`The native addon cannot be loaded: ${reason}\n${INSTALL_HINT}`, {
      code: 'ADDON_LOAD_FAILED',
      cause: error,
    });
  }
  const binding = module.exports as NativeBinding;
  // Node-API's cleanup hooks do not run at process.exit() or after an uncaught exception.
  process.once('exit', () => {
    binding.shutdown();
  });
  return binding;
}

let loaded: NativeBinding | undefined;

/**
 * The addon, loaded at the first call.
 *
 * @throws {@link StreamError} `ADDON_NOT_FOUND` or `ADDON_LOAD_FAILED`, saying what to install.
 */
export function nativeBinding(): NativeBinding {
  loaded ??= load();
  return loaded;
}
