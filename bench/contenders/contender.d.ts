// What every contender is: opened with a case, given frames, closed.
import type { Case } from '../cases.mjs';

export interface Options {
  readonly item: Case;
  /** Path of the root manifest. */
  readonly output: string;
  /** The same for all. */
  readonly encoder: { readonly crf: number; readonly tune: string };
}

export interface Contender {
  /** Resolves when the buffer may be used again. */
  push(data: Buffer): Promise<void>;
  /** Resolves when all files are written. */
  close(): Promise<{ packetLatency?: { p50: number; p99: number } }>;
}

export type Open = (options: Options) => Promise<Contender>;
