// Source part: what Single-Source Mode adds to a plan.

import type { NativeSourceConfig } from '../native/native-config.js';
import type { NativeMediaInfo, NativeMediaStream } from '../native/native-events.js';
import type { LogEvent, WarningEvent } from '../report/events.js';

/** Single-Source Mode: what the pipeline gets instead of pushed frames. */
export interface SourcePart {
  /** For the addon. */
  readonly config: NativeSourceConfig;
  /** All that the source holds. */
  readonly media: NativeMediaInfo;
  /** The stream that is transcoded. */
  readonly video: NativeMediaStream;
  /** Seconds that are to come out; undefined: nobody knows. */
  readonly total: number | undefined;
  /** Index of the source's audio that comes along; undefined: none of it. */
  readonly audioStream: number | undefined;
  /** Bit/s that an encoder of it is given by default. */
  readonly audioBitrate: number | undefined;
  /** What to tell once somebody listens. */
  readonly warnings: readonly WarningEvent[];
  /** What to log. */
  readonly log: readonly LogEvent[];
}
