// Native binding: the objects and functions of the addon. C++ twin: native/addon.

import type { Rational } from '../base/rational.js';
import type {
  NativeFrameReaderConfig,
  NativeMediaInputConfig,
  NativeLogConfig,
  NativePipelineConfig,
  NativeTrialConfig,
} from './native-config.js';
import type {
  NativeEvent,
  NativeListerEvent,
  NativeMediaInputEvent,
  NativeReaderEvent,
  NativeStats,
  NativeTrialEvent,
} from './native-events.js';

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
  /** As many frames wait for the scaler and the slowest encoder as the queues are made for. */
  isFull(): boolean;
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
  /** After `abort()`: `closed` comes now; a thread that still runs is left behind. False: it comes anyway. */
  abandon(): boolean;
  stats(): NativeStats;
  /** Keeps the event loop alive. A new pipeline does not. */
  ref(): void;
  unref(): void;
}

/** Decodes on its own thread. Every method is called on the JS thread and never blocks. */
export interface NativeFrameReader {
  start(): void;
  /** Queues a buffer; buffers are filled in order. */
  read(id: number, buffer: ArrayBufferView): void;
  close(): void;
  /** After `close()`: `closed` comes now; a thread that still runs is left behind. False: it comes anyway. */
  abandon(): boolean;
  ref(): void;
  unref(): void;
}

/** Opens a container on a thread of its own, and holds it until it is closed or a pipeline takes it. */
export interface NativeMediaInput {
  start(): void;
  close(): void;
  /** After `close()`: `closed` comes now; a thread that still runs is left behind. False: it comes anyway. */
  abandon(): boolean;
  ref(): void;
  unref(): void;
}

/** Asks for the capture devices on a thread of its own. Never blocks the JS thread. */
export interface NativeDeviceLister {
  start(): void;
  /** Ends it after the kind of device that is being asked for, without `listed`. */
  close(): void;
  /** After `close()`: `closed` comes now; a thread that still runs is left behind. False: it comes anyway. */
  abandon(): boolean;
  ref(): void;
  unref(): void;
}

/** Tries encoders one after the other, on a thread of its own. Never blocks the JS thread. */
export interface NativeEncoderTrial {
  start(): void;
  /** Ends it after the encoder that is being tried, without further `tried`. */
  close(): void;
  /** After `close()`: `closed` comes now; a thread that still runs is left behind. False: it comes anyway. */
  abandon(): boolean;
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

/**
 * Versions of the libav libraries in use, and their licence.
 *
 * @category This machine
 */
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
    config: NativePipelineConfig & NativeLogConfig,
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
  /** Those that libavdevice can list. */
  DeviceLister: new (onEvents: (events: NativeListerEvent[]) => void) => NativeDeviceLister;
  versions(): Versions;
  videoEncoders(): NativeEncoderInfo[];
  audioEncoders(): NativeAudioEncoderInfo[];
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
    listers: number;
    /** Sessions with a thread that did not end when it was told to, and has not yet. */
    leftBehind: number;
    pinnedBuffers: number;
  };
  /** Frees what threads used that were left behind and have returned. How many have not. */
  reap(): number;
  /** Ends everything at once and waits for the threads. */
  shutdown(): void;
}
