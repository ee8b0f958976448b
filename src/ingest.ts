// Ingest: decides for each pushed frame whether it is taken, left out or wrong. No pixel is touched.

import { InvalidFrameError, StreamError } from './errors.js';
import type { Emitter, StreamEvents } from './events.js';
import { checkFrame } from './frames.js';
import type { CheckedFrame } from './frames.js';
import type { StreamPlan } from './resolve.js';
import { Timeline } from './timeline.js';

/** A frame that is taken, and when it is shown. */
export interface AdmittedFrame extends CheckedFrame {
  /** Presentation time, ticks. */
  readonly ticks: number;
}

/** The entrance of one stream. */
export class Ingest {
  readonly #plan: StreamPlan;
  readonly #events: Emitter<StreamEvents>;
  /** Times of the frames. */
  readonly timeline: Timeline;
  #toldTrimmed = false;
  /** Frames dropped with `whenFull: 'drop'`. */
  dropped = 0;
  /** Frames outside of the trim. */
  trimmed = 0;

  constructor(plan: StreamPlan, events: Emitter<StreamEvents>) {
    this.#plan = plan;
    this.#events = events;
    this.timeline = new Timeline(plan.config.input.frameRate, plan.trim);
  }

  /**
   * Checks and times one frame.
   *
   * @param frame - Any frame.
   * @param rgb - Order of plain channels.
   * @param pending - Frames that the scaler has not read yet.
   * @returns undefined when it is left out.
   * @throws {@link InvalidFrameError}, or {@link StreamError} `TIMESTAMP_NOT_INCREASING`.
   */
  admit(frame: unknown, rgb: boolean, pending: number): AdmittedFrame | undefined {
    const checked = checkFrame(frame, rgb);
    this.#mustFit(checked);
    const ticks = this.#place(checked);
    if (ticks === undefined) return undefined;
    if (this.#plan.whenFull === 'drop' && pending >= this.#plan.config.queues.ingest) {
      this.#drop('full', this.timeline.seconds(ticks));
      return undefined;
    }
    return { ...checked, ticks };
  }

  #mustFit({ width, height, pixelFormat }: CheckedFrame): void {
    const { input } = this.#plan.config;
    if (width !== input.width || height !== input.height) {
      throw new InvalidFrameError(
        'FRAME_SIZE_CHANGED',
        `Expected a frame of ${input.width}x${input.height}, as the stream was ` +
          `opened with, but received ${width}x${height}`,
      );
    }
    if (pixelFormat !== input.pixelFormat) {
      throw new InvalidFrameError(
        'FRAME_FORMAT_CHANGED',
        `Expected a frame of ${input.pixelFormat}, as the stream was opened with, but received ` +
          pixelFormat,
      );
    }
  }

  /** The frame's time in ticks; undefined when it is left out. */
  #place({ timestamp }: CheckedFrame): number | undefined {
    const place = this.timeline.place(timestamp);
    switch (place.kind) {
      case 'keep':
        return place.ticks;
      case 'after':
        this.#tellTrimmed();
        this.trimmed++;
        return undefined;
      case 'before':
        this.trimmed++;
        return undefined;
      case 'late':
        if (this.#plan.whenFull === 'drop') {
          this.#drop('timestamp', place.time);
          return undefined;
        }
        throw new StreamError(
          `Expected a timestamp after ${place.previous.toFixed(6)} s, that of the frame before, ` +
            `but received ${place.time.toFixed(6)} s (the first frame is at 0)`,
          { code: 'TIMESTAMP_NOT_INCREASING', stage: 'ingest' },
        );
    }
  }

  #tellTrimmed(): void {
    if (this.#toldTrimmed) return;
    this.#toldTrimmed = true;
    this.#events.emit('warning', {
      code: 'AFTER_END',
      message: `Frames from ${String(this.#plan.trim.end)} s on are left out, as asked`,
    });
  }

  #drop(reason: 'full' | 'timestamp', timestamp: number): void {
    this.dropped++;
    this.#events.emit('drop', { reason, timestamp, dropped: this.dropped });
  }
}
