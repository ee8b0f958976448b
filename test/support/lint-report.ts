// The list of broken rules that a lint returns, and the small arithmetic that both lints share.

/** Collects one sentence per violation: "rule in file: Expected … but received …". */
export class LintReport {
  readonly violations: string[] = [];

  add(rule: string, file: string, expected: string, received: unknown): void {
    this.violations.push(
      `${rule} in ${file}: Expected ${expected} but received ${String(received)}`,
    );
  }

  /** Adds a violation unless the condition holds. */
  check(condition: boolean, rule: string, file: string, expected: string, received: unknown): void {
    if (!condition) this.add(rule, file, expected, received);
  }
}

export interface Rated {
  /** Seconds. */
  duration: number;
  bytes: number;
}

/** Bit/s over all segments. */
export function averageRate(segments: readonly Rated[]): number {
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const duration = segments.reduce((sum, segment) => sum + segment.duration, 0);
  return duration > 0 ? (bytes * 8) / duration : 0;
}

/**
 * Peak segment bit rate in the sense of RFC 8216 §4.1: the largest rate of any run of neighbouring
 * segments that lasts between 0.5 and 1.5 target durations. A presentation shorter than that has
 * only its average.
 */
export function peakRate(segments: readonly Rated[], targetDuration: number): number {
  let peak = 0;
  for (let first = 0; first < segments.length; first++) {
    let duration = 0;
    let bytes = 0;
    for (const segment of segments.slice(first)) {
      duration += segment.duration;
      bytes += segment.bytes;
      if (duration > 1.5 * targetDuration) break;
      if (duration >= 0.5 * targetDuration) peak = Math.max(peak, (bytes * 8) / duration);
    }
  }
  return peak > 0 ? peak : averageRate(segments);
}

/** The largest rate of a single segment, bit/s. */
export function peakSegmentRate(segments: readonly Rated[]): number {
  return Math.max(0, ...segments.map(({ bytes, duration }) => (bytes * 8) / duration));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** |a - b| ≤ tolerance, with room for the rounding of doubles. */
export function near(a: number, b: number, tolerance: number): boolean {
  return Math.abs(a - b) <= tolerance + 1e-9;
}

/**
 * Median of a list of sample durations and mean rate: a stated frame rate must match one of them
 * within 0.1 %.
 */
export function frameRateIsTrue(
  stated: number,
  frames: number,
  duration: number,
  frameDuration: number,
): boolean {
  return [frames / duration, 1 / frameDuration].some((rate) => near(stated, rate, 0.001 * rate));
}

/** The part of a path or URL behind the last slash. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
