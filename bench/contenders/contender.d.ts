// What every contender is: opened with a case, given frames, closed.
import type { Case } from '../cases.mjs';

export interface Options {
  readonly item: Case;
  /** Path of the root manifest. */
  readonly output: string;
}

/** Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export interface Contender {
  /** Settles when the buffer may be used again and the next frame may come. */
  push(data: Buffer): Promise<unknown>;
  /** Settles when all files are written. Tells from frame to packet of the first rendition where it can. */
  close(): Promise<{ packetLatency?: Latency }>;
}

export interface ContenderModule {
  readonly open: (options: Options) => Promise<Contender>;
  /** What a reader needs to know to repeat it. */
  readonly version: () => string;
  /** With which it converts RGB. */
  readonly matrix: (item: Case) => 'bt601' | 'bt709';
  /** For the process that it runs in. */
  readonly env?: Readonly<Record<string, string>>;
  /** Why it has no part in a case; undefined when it has. */
  readonly refusal?: (item: Case) => string | undefined;
  /** How it is used, a sentence. */
  readonly note: string;
}

export type Open = ContenderModule['open'];
