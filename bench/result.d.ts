// What a run of the bench leaves in bench/results.
import type { Case } from './cases.mjs';
import type { Quality } from './quality.mjs';
import type { Figures } from './run.mjs';

export interface Failure {
  readonly round: number;
  readonly failed: string;
}

export interface RenditionResult extends Partial<Quality> {
  /** Of the segments, container included; bit/s. */
  readonly bitrate: number;
  /** As x264 wrote them into the stream. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface CaseResult {
  readonly case: Case;
  /** By contender. */
  readonly results: Record<string, (Figures | Failure)[]>;
  /** By contender, of its first round. */
  readonly renditions: Record<string, RenditionResult[]>;
  /** Contenders that have no part, and why. */
  readonly refusals: readonly { readonly name: string; readonly reason: string }[];
}

export interface Result {
  readonly set: 'benchmarks' | 'capacity' | 'quick';
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memory: number;
    readonly kernel: string;
    readonly node: string;
    readonly ffmpeg: string;
    /** Runnable processes before the first run. */
    readonly load: number;
    readonly date: string;
    readonly command: string;
  };
  readonly contenders: readonly {
    readonly name: string;
    readonly version: string;
    readonly note: string;
  }[];
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
  readonly cases: CaseResult[];
}
