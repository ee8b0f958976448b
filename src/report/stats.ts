// Stats: what a stream says of itself while it runs, and at the end.

import type { StreamFormat } from '../base/formats.js';
import type { Rational } from '../base/rational.js';

/**
 * Distribution of a delay, milliseconds.
 *
 * @category Events and figures
 */
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

/**
 * Rates of one rendition, bit/s.
 *
 * @category Events and figures
 */
export interface RenditionBitrate {
  /** What was asked for. */
  readonly declared: number;
  /** All finished segments, container included. */
  readonly average: number;
  /** The highest segment, container included. */
  readonly peak: number;
}

/**
 * One rendition's numbers.
 *
 * @category Events and figures
 */
export interface RenditionStats {
  /** Index, from 0. */
  readonly index: number;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Frames per second as encoded. */
  readonly frameRate: Rational;
  /** libavcodec encoder that is at work: after `HARDWARE_FALLBACK` the software encoder. */
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

/**
 * One audio rendition's numbers.
 *
 * @category Events and figures
 */
export interface AudioRenditionStats {
  /** Index as in the names of its files: behind the video renditions. */
  readonly index: number;
  /** Codec, `aac`. */
  readonly codec: string;
  /** RFC 6381 string as in the manifests, `mp4a.40.2`. */
  readonly codecs: string;
  /** Hz. */
  readonly sampleRate: number;
  /** 1 = mono, 2 = stereo. */
  readonly channels: number;
  /** As in the manifests; '' = undetermined. */
  readonly language: string;
  /** Real rates against the encoder's own; `declared` is 0 when a copied stream does not tell. */
  readonly bitrate: RenditionBitrate;
  /** Bytes of finished segments. */
  readonly bytes: number;
  /** Finished media segments. */
  readonly segments: number;
}

/**
 * How the clock of the samples differs from that of the frames (`audio.clock: 'wall'`).
 *
 * @category Events and figures
 */
export interface AudioDrift {
  /** Seconds by which the samples are late (> 0) or early now. */
  readonly offset: number;
  /** How much faster (> 0) or slower they are played now: 0.001 is one in a thousand. */
  readonly correction: number;
  /** Seconds added (> 0) or removed by that so far. */
  readonly corrected: number;
}

/**
 * Counters of the audio; see {@link StreamStats.audio}.
 *
 * @category Events and figures
 */
export interface AudioStats {
  /** One entry per audio rendition; empty until their encoders have opened. */
  readonly renditions: readonly AudioRenditionStats[];
  /** Seconds of presentation that were encoded. */
  readonly position: number;
  /** Calls of `writeAudio()` that have not settled. */
  readonly pending: number;
  /** Against the clock of the frames. */
  readonly drift: AudioDrift;
  /** Breaks in the samples' times. */
  readonly gaps: number;
  /** Samples before the first frame, behind the end, or overlapping others. */
  readonly droppedSamples: number;
}

/**
 * Counters of a stream; see {@link AdaptiveStream.stats}.
 *
 * @category Events and figures
 */
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

/**
 * Buffers for pictures between the scaler and the encoders.
 *
 * @category Events and figures
 */
export interface PictureMemory {
  /** How many were allocated so far. They are used again: flat once all queues were full. */
  readonly buffers: number;
  /** Their size, bytes. */
  readonly bytes: number;
}

/**
 * A manifest that players open.
 *
 * @category Events and figures
 */
export interface RootManifest {
  /** DASH or HLS. */
  readonly format: StreamFormat;
  /** Absolute path or URL. */
  readonly path: string;
}

/**
 * The last stats, and where the result is.
 *
 * @category Events and figures
 */
export interface StreamSummary extends StreamStats {
  /** Absolute path or URL of the root manifest; of several, of the first of `manifests`. */
  readonly manifest: string;
  /** Format of `manifest`. */
  readonly format: StreamFormat;
  /** All root manifests. */
  readonly manifests: readonly RootManifest[];
}
