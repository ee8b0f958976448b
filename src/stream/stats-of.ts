// Stats of: the counters of both sides, native and JavaScript, as one picture.

import type { StreamFormat } from '../base/formats.js';
import { toNumber } from '../base/rational.js';
import { manifestsOf } from '../files/output.js';
import type { Output } from '../files/output.js';
import type { NativeRenditionConfig } from '../native/native-config.js';
import type { NativeAudioTrack, NativeLatency, NativeStats } from '../native/native-events.js';
import type { StreamPlan } from '../plan/resolve.js';
import type { ProgressEvent } from '../report/events.js';
import type { AudioStats, Latency, StreamStats, StreamSummary } from '../report/stats.js';

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
      encoder: encoderOf(plan.config.renditions[index], native.renditions[index]),
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
    ...(plan.config.audio === null || isLeftOut(opened)
      ? {}
      : { audio: audioStatsOf(native, opened, plan.renditions.length, counters) }),
    queues: { pending: counters.pending, ...native.queues },
    latency: { read: latencyOf(native.latency.read), package: latencyOf(native.latency.package) },
    pictures: { ...native.pictures },
    cpuSeconds: { ...native.cpuSeconds },
  };
}

/** Which of its two encoders a rendition has. */
function encoderOf(
  config: NativeRenditionConfig | undefined,
  native: NativeStats['renditions'][number] | undefined,
): string {
  return (native?.fellBack === true ? config?.fallbackCodec : config?.codec) ?? '';
}

/** The audio could not be opened, and the video has come alone. */
function isLeftOut({ codecs, audio }: Opened): boolean {
  return codecs.length > 0 && audio.length === 0;
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
export function emptySummary(output: Output, format: StreamFormat): StreamSummary {
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
    manifest: output.manifest,
    format,
    manifests: manifestsOf(output),
  };
}

/** The audio's counters as one picture. */
function audioStatsOf(
  native: NativeStats,
  opened: Opened,
  videoRenditions: number,
  { pendingAudio, droppedSamples }: Pick<Counters, 'pendingAudio' | 'droppedSamples'>,
): AudioStats {
  const { position, offset, correction, corrected, gaps, dropped } = native.audio;
  return {
    renditions: opened.audio.map(({ codec, sampleRate, channels, language, bitrate }, track) => {
      const index = videoRenditions + track;
      const counters = native.renditions[index];
      return {
        index,
        codec,
        codecs: opened.codecs[index] ?? '',
        sampleRate,
        channels,
        language,
        bitrate: {
          declared: bitrate,
          average: counters?.averageBitrate ?? 0,
          peak: counters?.peakBitrate ?? 0,
        },
        bytes: counters?.bytes ?? 0,
        segments: counters?.segments ?? 0,
      };
    }),
    position,
    pending: pendingAudio,
    drift: { offset, correction, corrected },
    gaps,
    droppedSamples: droppedSamples + dropped,
  };
}
