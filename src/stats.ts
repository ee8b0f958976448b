// Stats: what a stream says of itself while it runs, and at the end.

import { audioStatsOf } from './audio-stats.js';
import type { AudioStats } from './audio-stats.js';
import type { ProgressEvent } from './events.js';
import type { NativeAudioTrack, NativeLatency, NativeStats } from './native.js';
import { toNumber } from './rational.js';
import type { Rational } from './rational.js';
import type { StreamPlan } from './resolve.js';

/** Distribution of a delay, milliseconds. */
export interface Latency {
  /** Half of the frames were faster. */
  readonly p50: number;
  /** All but one in a hundred were faster. */
  readonly p99: number;
  /** The slowest. */
  readonly max: number;
  /** Frames that were measured. */
  readonly count: number;
}

/** Rates of one rendition, bit/s. */
export interface RenditionBitrate {
  /** What was asked for. */
  readonly declared: number;
  /** All finished segments, container included. */
  readonly average: number;
  /** The highest segment, container included. */
  readonly peak: number;
}

/** One rendition's numbers. */
export interface RenditionStats {
  /** Index, from 0. */
  readonly index: number;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Frames per second as encoded. */
  readonly frameRate: Rational;
  /** libavcodec encoder. */
  readonly encoder: string;
  /** RFC 6381 string as in the manifests, `avc1.640028`; '' until the encoder has opened. */
  readonly codecs: string;
  /** Frames that were encoded. */
  readonly framesEncoded: number;
  /** Frames that were dropped before encoding; the same in all renditions. */
  readonly framesDropped: number;
  /** Finished media segments. */
  readonly segments: number;
  /** Bytes of finished segments. */
  readonly bytes: number;
  /** Real rates against the declared one. */
  readonly bitrate: RenditionBitrate;
  /** Pictures that wait for the encoder. */
  readonly queue: number;
  /** From `write()` to the packet. */
  readonly latency: Latency;
  /** Processor time of the encoder's own thread, seconds; threads inside of the encoder not included. */
  readonly cpuSeconds: number;
}

/** Counters of a stream; see {@link AdaptiveStream.stats}. */
export interface StreamStats {
  /** Frames that `write()` took. */
  readonly framesIn: number;
  /** Frames dropped with `whenFull: 'drop'`. */
  readonly framesDropped: number;
  /** Frames left out because they lie outside of `trim`. */
  readonly framesTrimmed: number;
  /** Frames encoded by the slowest rendition. */
  readonly framesEncoded: number;
  /** Frames encoded per second of wall time, since the first frame. */
  readonly fps: number;
  /** Seconds of presentation so far. */
  readonly duration: number;
  /** Seconds of wall time since the first frame. */
  readonly elapsed: number;
  /** One entry per video rendition, in the order of the options. */
  readonly renditions: readonly RenditionStats[];
  /** Counters of the audio, if there is any. */
  readonly audio?: AudioStats;
  /** Things that wait: frames that are not read yet, of which in the ingest queue, and packets. */
  readonly queues: {
    /** Calls of `write()` that have not settled. */
    readonly pending: number;
    /** Frames that wait for the scaler. */
    readonly ingest: number;
    /** Packets that wait for the packager. */
    readonly packets: number;
    /** Chunks of pushed samples that wait for the audio thread. */
    readonly audio: number;
  };
  /** From `write()` until a frame was read, and until its packet was in its segment. */
  readonly latency: {
    /** Until the buffer was the caller's again. */
    readonly read: Latency;
    /** Until the packet was in its segment. */
    readonly package: Latency;
  };
  /** Picture buffers that were allocated. */
  readonly pictures: PictureMemory;
  /** Processor time per thread, seconds. */
  readonly cpuSeconds: {
    /** Converting and scaling. */
    readonly scaler: number;
    /** Muxing and writing. */
    readonly packager: number;
    /** Decoding, resampling and encoding of audio. */
    readonly audio: number;
    /** Both, and one thread per encoder; threads that an encoder starts by itself are not counted. */
    readonly total: number;
  };
}

/** Buffers for pictures between the scaler and the encoders. */
export interface PictureMemory {
  /** How many were allocated so far. They are used again: flat once all queues were full. */
  readonly buffers: number;
  /** Their size, bytes. */
  readonly bytes: number;
}

/** The last stats, and where the result is. */
export interface StreamSummary extends StreamStats {
  /** Absolute path or URL of the root manifest. */
  readonly manifest: string;
  /** Manifest format. */
  readonly format: 'dash' | 'hls';
}

/** What the JavaScript side counts. */
export interface Counters {
  framesIn: number;
  dropped: number;
  trimmed: number;
  pending: number;
  /** Calls of writeAudio() that have not settled. */
  pendingAudio: number;
  /** Samples that lay before the first frame. */
  droppedSamples: number;
  /** Seconds since the first frame. */
  elapsed: number;
}

/** What is known once the encoders have opened. */
export interface Opened {
  /** RFC 6381 strings: video, then audio. */
  readonly codecs: readonly string[];
  /** One per audio rendition. */
  readonly audio: readonly NativeAudioTrack[];
}

const NO_LATENCY: Latency = { p50: 0, p99: 0, max: 0, count: 0 };

function latencyOf(latency: NativeLatency | undefined): Latency {
  return latency === undefined ? NO_LATENCY : { ...latency };
}

/** Both sides' counters as one picture. */
export function statsOf(
  plan: StreamPlan,
  native: NativeStats,
  opened: Opened,
  counters: Counters,
): StreamStats {
  const encoded = native.renditions
    .slice(0, plan.renditions.length)
    .map(({ framesEncoded }) => framesEncoded);
  // A rendition of a lower rate is as far as the others when it has encoded its share.
  const inputRate = toNumber(plan.config.input.frameRate);
  const shares = encoded.map((frames, index) => {
    const rate = plan.renditions[index]?.frameRate;
    return rate === undefined ? frames : (frames * inputRate) / toNumber(rate);
  });
  const framesEncoded = Math.min(counters.framesIn, Math.round(Math.min(...shares)));
  return {
    framesIn: counters.framesIn,
    framesDropped: counters.dropped,
    framesTrimmed: counters.trimmed,
    framesEncoded,
    fps: counters.elapsed > 0 ? framesEncoded / counters.elapsed : 0,
    duration: native.duration,
    elapsed: counters.elapsed,
    renditions: plan.renditions.map((rendition, index) => ({
      index,
      width: rendition.width,
      height: rendition.height,
      frameRate: rendition.frameRate,
      encoder: plan.config.renditions[index]?.codec ?? '',
      codecs: opened.codecs[index] ?? '',
      framesEncoded: encoded[index] ?? 0,
      framesDropped: counters.dropped,
      segments: native.renditions[index]?.segments ?? 0,
      bytes: native.renditions[index]?.bytes ?? 0,
      bitrate: {
        declared: rendition.bitrate,
        average: native.renditions[index]?.averageBitrate ?? 0,
        peak: native.renditions[index]?.peakBitrate ?? 0,
      },
      queue: native.renditions[index]?.queue ?? 0,
      latency: latencyOf(native.latency.encode[index]),
      cpuSeconds: native.renditions[index]?.cpuSeconds ?? 0,
    })),
    ...(plan.config.audio === null
      ? {}
      : { audio: audioStatsOf(native, opened, plan.renditions.length, counters) }),
    queues: { pending: counters.pending, ...native.queues },
    latency: { read: latencyOf(native.latency.read), package: latencyOf(native.latency.package) },
    pictures: { ...native.pictures },
    cpuSeconds: { ...native.cpuSeconds },
  };
}

/** What counts as nearly done: whoever is told of 1 takes it for the end. */
const NEARLY_DONE = 0.999;

/**
 * The counters that a progress bar wants.
 *
 * @param total - Seconds that are expected; undefined: nobody knows.
 * @param isFinished - All is written: what came out is the total.
 */
export function progressOf(
  stats: StreamStats,
  total: number | undefined,
  isFinished: boolean,
): ProgressEvent {
  const time = stats.duration;
  const speed = stats.elapsed > 0 ? time / stats.elapsed : 0;
  const counters = {
    frames: stats.framesIn,
    encoded: stats.framesEncoded,
    dropped: stats.framesDropped,
    fps: stats.fps,
    time,
    duration: time,
    speed,
  };
  if (total === undefined) return counters;
  if (isFinished) return { ...counters, total: time, done: 1, timeLeft: 0 };
  const left = Math.max(0, total - time);
  return {
    ...counters,
    total,
    done: Math.min(time / total, NEARLY_DONE),
    ...(speed > 0 ? { timeLeft: left / speed } : {}),
  };
}

/** The summary of a stream that never had a frame. */
export function emptySummary(manifest: string, format: 'dash' | 'hls'): StreamSummary {
  return {
    framesIn: 0,
    framesDropped: 0,
    framesTrimmed: 0,
    framesEncoded: 0,
    fps: 0,
    duration: 0,
    elapsed: 0,
    renditions: [],
    queues: { pending: 0, ingest: 0, packets: 0, audio: 0 },
    latency: { read: NO_LATENCY, package: NO_LATENCY },
    pictures: { buffers: 0, bytes: 0 },
    cpuSeconds: { scaler: 0, packager: 0, audio: 0, total: 0 },
    manifest,
    format,
  };
}
