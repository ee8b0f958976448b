// Audio stats: what a stream says of its audio while it runs, and at the end.

import type { NativeStats } from './native.js';
import type { Counters, Opened, RenditionBitrate } from './stats.js';

/** One audio rendition's numbers. */
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

/** How the clock of the samples differs from that of the frames (`audio.clock: 'wall'`). */
export interface AudioDrift {
  /** Seconds by which the samples are late (> 0) or early now. */
  readonly offset: number;
  /** How much faster (> 0) or slower they are played now: 0.001 is one in a thousand. */
  readonly correction: number;
  /** Seconds added (> 0) or removed by that so far. */
  readonly corrected: number;
}

/** Counters of the audio; see {@link StreamStats.audio}. */
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

/** The audio's counters as one picture. */
export function audioStatsOf(
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
