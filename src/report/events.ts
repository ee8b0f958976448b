// Events: what a stream reports while it runs.

import type { WarningCode } from './codes.js';
import type { StreamGearError } from './errors.js';

/**
 * A finished media segment.
 *
 * @category Events and figures
 */
export interface SegmentEvent {
  /** Index of the rendition, as in the file's name: video from 0, audio behind it. */
  readonly rendition: number;
  /** What is in it. */
  readonly media: 'video' | 'audio';
  /** Absolute path or URL of the segment. */
  readonly path: string;
  /** Presentation time of its first frame or sample, seconds. */
  readonly start: number;
  /** Seconds. */
  readonly duration: number;
  /** Size of the file. */
  readonly bytes: number;
}

/**
 * A manifest was written, or written again.
 *
 * @category Events and figures
 */
export interface ManifestEvent {
  /** Absolute path or URL. */
  readonly path: string;
  /** True for the manifest that a player opens. */
  readonly isRoot: boolean;
}

/**
 * A file of the presentation was written or removed; one for each, in the order in which that happened.
 *
 * @category Events and figures
 */
export interface FileEvent {
  /** `write`: it is complete, new or replaced. `remove`: it is gone. */
  readonly action: 'write' | 'remove';
  /** Its name, relative to the root manifest's folder. */
  readonly name: string;
  /** Absolute path or URL, without user, password and query. */
  readonly path: string;
  /**
   * Media type: `video/mp4` and `audio/mp4` (fMP4), `video/mp2t` (MPEG-TS), `application/dash+xml` or
   * `application/vnd.apple.mpegurl`.
   */
  readonly type: string;
  /** `init`: the initialization segment of a rendition. */
  readonly role: 'init' | 'segment' | 'manifest';
  /** Index of the rendition, from 0: video, then audio. Undefined for what belongs to all: a root manifest. */
  readonly rendition?: number;
  /** Size of the file; of a removed one, its last size. */
  readonly bytes: number;
}

/**
 * How far a transcode is.
 *
 * @category Events and figures
 */
export interface TranscodeProgress {
  /** Frames taken so far; of copied video, packets. */
  readonly frames: number;
  /** Seconds of presentation so far. */
  readonly time: number;
  /** Seconds that are to come out in all; undefined while nobody knows: pushed frames, a device, a live URL. */
  readonly total?: number;
  /** Share of `total`, 0 to 1; 1 only at the end. */
  readonly done?: number;
  /** Frames encoded per second of wall time, since the first frame. */
  readonly fps: number;
  /** Seconds of presentation per second of wall time: 2 is twice as fast as it plays. */
  readonly speed: number;
  /** Seconds of wall time until the end, at this speed. */
  readonly timeLeft?: number;
}

/**
 * How far the stream is; about four times a second while frames flow or a source is transcoded, and once
 * at the end.
 *
 * @category Events and figures
 */
export interface ProgressEvent extends TranscodeProgress {
  /** Frames encoded so far by the slowest rendition. */
  readonly encoded: number;
  /** Frames dropped so far. */
  readonly dropped: number;
  /** Same as `time`. */
  readonly duration: number;
}

/**
 * A frame was dropped (only with `whenFull: 'drop'`).
 *
 * @category Events and figures
 */
export interface DropEvent {
  /** `full`: the encoders are behind. `timestamp`: not later than the frame before it. */
  readonly reason: 'full' | 'timestamp';
  /** Its presentation time, seconds. */
  readonly timestamp: number;
  /** Frames dropped so far. */
  readonly dropped: number;
}

/**
 * Something that the caller should know, though the stream goes on.
 *
 * @category Events and figures
 */
export interface WarningEvent {
  /** Stable identifier, such as `ODD_SIZE`; `docs/errors.md` tells what each one means. */
  readonly code: WarningCode;
  /** One sentence for a person. */
  readonly message: string;
}

/**
 * One line of libav's log.
 *
 * @category Events and figures
 */
export interface LogEvent {
  /** libav's level. */
  readonly level: 'error' | 'warning' | 'info' | 'verbose' | 'debug';
  /** The line. */
  readonly message: string;
}

/**
 * The stream is over: its threads have ended and its files are closed.
 *
 * @category Events and figures
 */
export interface EndEvent {
  /** Why it is over. */
  readonly reason: 'finished' | 'aborted' | 'failed';
  /** What calls were rejected with, unless it finished. */
  readonly error?: StreamGearError;
}

/**
 * Events by name.
 *
 * @category Events and figures
 */
export interface StreamEvents {
  /** A media segment is complete. */
  segment: SegmentEvent;
  /** A manifest was written. */
  manifest: ManifestEvent;
  /**
   * A file was written or removed: segments, initialization segments and manifests; what a live window, `-remove_at_exit`
   * and `-clear_prev_assets` delete. What cannot be deleted is not told here.
   */
  file: FileEvent;
  /** Throttled counters. */
  progress: ProgressEvent;
  /** A frame was dropped. */
  drop: DropEvent;
  /** Something to know. Without a listener each code is told once per process (and worker), as a `StreamGearWarning` of Node's. */
  warning: WarningEvent;
  /** A line of libav's log. */
  log: LogEvent;
  /**
   * What the stream failed with, or was aborted with; just before `end`. Nobody needs to listen: calls reject with it in
   * any case. It is for `events.once()` and `events.on()` of Node, which listen to it by themselves.
   */
  error: StreamGearError;
  /** The last event; comes exactly once. */
  end: EndEvent;
}

/**
 * What is printed to stderr: `true`: warnings and log lines; `'warning'`: warnings only; `'debug'`: warnings and all that
 * libav says, debug lines included, which `log` events then carry too; `false`: nothing.
 *
 * @category Events and figures
 */
export type Logging = boolean | 'warning' | 'debug';
