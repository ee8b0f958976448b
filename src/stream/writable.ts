// Writable: a stream of frames as a node:stream, for pipeline().

import { Writable } from 'node:stream';
import { FrameSplitter } from '../frames/frame-splitter.js';
import type { SplitFrame } from '../frames/frame-splitter.js';

/** What takes the frames. */
export interface FrameTarget {
  /** Takes one frame; settles when its buffer is free. */
  readonly write: (frame: unknown) => Promise<unknown>;
  /** Ends well. */
  readonly finish: () => Promise<unknown>;
  /** Ends now. */
  readonly abort: (reason?: unknown) => Promise<void>;
}

/** Frames that are buffered before `write()` says to wait. */
const HIGH_WATER_MARK = 2;

/**
 * A Writable in object mode: every chunk is a frame, `end()` finishes the stream, `destroy()` aborts it,
 * a failure of the stream is its `error`.
 */
export function frameWritable(target: FrameTarget): Writable {
  let finished = false;
  let splitter: FrameSplitter | undefined;
  const frames = new Writable({
    objectMode: true,
    highWaterMark: HIGH_WATER_MARK,
    write(frame, _encoding, done) {
      target.write(frame).then(() => {
        // Frames that nobody else can have seen are free again.
        if (splitter?.hasOneReader === true) (frame as Partial<SplitFrame>).release?.();
        done();
      }, done);
    },
    final(done) {
      target.finish().then(() => {
        finished = true;
        done();
      }, done);
    },
    destroy(error, done) {
      if (finished) {
        done(error);
        return;
      }
      void target.abort(error ?? undefined).then(() => {
        done(error);
      });
    },
  });
  frames.on('pipe', (source: unknown) => {
    splitter = source instanceof FrameSplitter ? source : undefined;
  });
  return frames;
}
