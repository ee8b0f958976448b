// Native events: what the addon tells. C++ twins: native/base/event.h and stats.h, written by native/addon/addon_event_values.cc
// and addon_values.cc.

import type { Rational } from '../base/rational.js';
import type { ColorSpace } from '../frames/pixel-layout.js';
import type { StreamErrorCode, WarningCode } from '../report/codes.js';
import type { Stage } from '../report/errors.js';

/** The first error of a pipeline or a reader. */
export interface NativeFailure {
  code: StreamErrorCode;
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

/** A file was written or removed. */
export interface NativeFileEvent {
  type: 'file';
  action: 'write' | 'remove';
  /** Relative to the root manifest. */
  name: string;
  path: string;
  role: 'init' | 'segment' | 'manifest';
  /** -1: it belongs to all. */
  rendition: number;
  bytes: number;
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
  | NativeFileEvent
  | { type: 'warning'; code: WarningCode; message: string }
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
    /** The fallback encodes. */
    fellBack: boolean;
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
  | { type: 'warning'; code: WarningCode; message: string }
  | { type: 'failed'; failure: NativeFailure }
  | { type: 'closed' };

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
  /** This libavcodec has a decoder of it. */
  decodable: boolean;
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
  | { type: 'warning'; code: WarningCode; message: string }
  | { type: 'failed'; failure: NativeFailure }
  | { type: 'closed' };

/** Events of a trial: `tried` for each encoder, then `closed`. */
export type NativeTrialEvent =
  { type: 'tried'; index: number; works: boolean; failure: NativeFailure } | { type: 'closed' };

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

/** Events of a lister: `listed` or `failed`, then `closed`. */
export type NativeListerEvent =
  | { type: 'listed'; devices: NativeDevice[] }
  | { type: 'failed'; failure: NativeFailure }
  | { type: 'closed' };
