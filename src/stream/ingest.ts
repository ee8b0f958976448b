// Ingest: the entrance of one stream's frames. Decides for each whether it is taken, left out or wrong, and keeps
// the promises of those that the scaler has not read. No pixel is touched.

import { defer } from '../base/deferred.js';
import type { Deferred } from '../base/deferred.js';
import { show } from '../check/issues.js';
import { RGB_FORMATS } from '../frames/frame-adapters.js';
import { checkFrame, isBytes } from '../frames/frames.js';
import type { CheckedFrame } from '../frames/frames.js';
import { YUV_FORMATS } from '../frames/pixel-layout.js';
import type { PixelFormat } from '../frames/pixel-layout.js';
import { Timeline } from '../frames/timeline.js';
import { TimestampUnit } from '../frames/timestamp-unit.js';
import type { NativePipeline } from '../native/native-binding.js';
import type { StreamPlan } from '../plan/resolve.js';
import { InvalidFrameError, StreamError } from '../report/errors.js';
import type { StreamEmitter } from './stream-emitter.js';

/**
 * Pending writes from which on a caller is told that it forgot to await, or, where frames may be dropped, that nothing
 * more is kept for it.
 */
const MANY_PENDING = 64;

/** A frame that is taken, and when it is shown. */
interface AdmittedFrame extends CheckedFrame {
  /** Presentation time, ticks. */
  readonly ticks: number;
}

/** The frames' counterpart of {@link AudioIngest}. */
export class Ingest {
  readonly #plan: StreamPlan;
  readonly #events: StreamEmitter;
  readonly #pipeline: Pick<NativePipeline, 'write' | 'isFull'>;
  readonly #writes = new Map<number, Deferred<boolean>>();
  readonly #unit: TimestampUnit;
  #toldManyPending = false;
  #toldTags = false;
  #toldOrder = false;
  /** Times of the frames. */
  readonly timeline: Timeline;
  #toldTrimmed = false;
  /** Makes the next frame that is taken a key frame. */
  forceKeyFrame = false;
  /** Frames that were taken. */
  taken = 0;
  /** performance.now() of the first of them. */
  startedAt: number | undefined;
  /** Frames dropped with `whenFull: 'drop'`. */
  dropped = 0;
  /** Frames outside of the trim. */
  trimmed = 0;

  constructor(
    plan: StreamPlan,
    events: StreamEmitter,
    pipeline: Pick<NativePipeline, 'write' | 'isFull'>,
  ) {
    this.#plan = plan;
    this.#events = events;
    this.#pipeline = pipeline;
    const { input, grid } = plan.config;
    this.timeline = new Timeline(input.frameRate, plan.trim, grid.segmentDuration);
    this.#unit = new TimestampUnit(input.frameRate, () => performance.now() / 1000);
  }

  /** Calls that have not settled. */
  get pending(): number {
    return this.#writes.size;
  }

  /**
   * Takes one frame.
   *
   * @param frame - Any frame.
   * @param rgb - Order of plain channels.
   * @returns when its buffer is the caller's again; false when it was left out.
   * @throws {@link InvalidFrameError}, or {@link StreamError} `TIMESTAMP_NOT_INCREASING`.
   */
  write(frame: unknown, rgb: boolean): Promise<boolean> {
    const admitted = this.#admit(frame, rgb);
    return admitted === undefined ? Promise.resolve(false) : this.#push(admitted);
  }

  /** The scaler has read a frame. */
  read(id: number): void {
    this.#writes.get(id)?.resolve(true);
    this.#writes.delete(id);
  }

  /** The end of the stream: every buffer is the caller's again. */
  end(error: unknown): void {
    for (const write of this.#writes.values()) {
      if (error === undefined) write.resolve(true);
      else write.reject(error);
    }
    this.#writes.clear();
  }

  #push({ planes, strides, ticks }: AdmittedFrame): Promise<boolean> {
    const id = this.taken;
    this.#pipeline.write(id, planes, strides, ticks, this.forceKeyFrame);
    this.forceKeyFrame = false;
    this.taken++;
    this.startedAt ??= performance.now();
    const write = defer<boolean>();
    this.#writes.set(id, write);
    this.#tellManyPending();
    return write.promise;
  }

  #tellManyPending(): void {
    if (this.pending <= MANY_PENDING || this.#toldManyPending) return;
    this.#toldManyPending = true;
    this.#events.emit('warning', {
      code: 'MANY_PENDING_FRAMES',
      message:
        `More than ${MANY_PENDING} frames are pending, and their memory with them: await ` +
        'each write() before the next',
    });
  }

  #admit(frame: unknown, rgb: boolean): AdmittedFrame | undefined {
    const { width, height, pixelFormat } = this.#plan.config.input;
    // Bytes alone are of the size and layout that the stream was opened with.
    const whole = isBytes(frame) ? { data: frame, width, height, pixelFormat } : frame;
    const checked = checkFrame(whole, rgb, { width, height, pixelFormat });
    if (rgb) this.#tellOrder(checked.pixelFormat);
    this.#tellTags(checked);
    const ticks = this.#place(checked);
    if (ticks === undefined) return undefined;
    if (this.#plan.whenFull === 'drop' && this.#isFull()) {
      this.#drop('full', this.timeline.seconds(ticks));
      return undefined;
    }
    return { ...checked, ticks };
  }

  /**
   * The native queues decide: a promise stays pending until the event loop turns, though the frame was read. But as long
   * as it does not turn, the buffers of all that were pushed are kept.
   */
  #isFull(): boolean {
    return this.pending >= MANY_PENDING || this.#pipeline.isFull();
  }

  /** The order of plain channels is asked for, but a frame says its layout itself. */
  #tellOrder(pixelFormat: PixelFormat): void {
    if (this.#toldOrder || RGB_FORMATS.includes(pixelFormat)) return;
    this.#toldOrder = true;
    const message = `rgbMode has no effect: the frame says that it is ${pixelFormat}`;
    this.#events.emit('warning', { code: 'IGNORED_OPTION', message });
  }

  /** What a frame says of itself beside its pixels cannot change any more, and must not be ignored in silence. */
  #tellTags({ pixelFormat, colorSpace, colorRange, sampleAspectRatio }: CheckedFrame): void {
    if (this.#toldTags || (colorSpace ?? colorRange ?? sampleAspectRatio) === undefined) return;
    const { input } = this.#plan.config;
    const { num, den } = input.sampleAspectRatio;
    const aspect = sampleAspectRatio ?? { num, den };
    const range = input.fullRange ? 'pc' : 'tv';
    const isYuv = YUV_FORMATS.has(pixelFormat);
    const differences = [
      ...(isYuv && colorSpace !== undefined ? [['colorSpace', colorSpace, input.colorSpace]] : []),
      ...(isYuv && colorRange !== undefined ? [['colorRange', colorRange, range]] : []),
      ...(aspect.num * den === num * aspect.den
        ? []
        : [['sampleAspectRatio', `${aspect.num}:${aspect.den}`, `${num}:${den}`]]),
    ].filter(([, said, opened]) => said !== opened);
    if (differences.length === 0) return;
    this.#toldTags = true;
    const said = differences.map(([name = '', value]) => `${name} ${show(value)}`).join(', ');
    const opened = differences.map(([, , value]) => show(value)).join(', ');
    this.#events.emit('warning', {
      code: 'FRAME_TAGS_DIFFER',
      message: `A frame says ${said}, but the stream was opened with ${opened} and takes it so`,
    });
  }

  /** The frame's time in ticks; undefined when it is left out. */
  #place({ timestamp }: CheckedFrame): number | undefined {
    this.#tellUnit(timestamp);
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
      case 'far':
        throw new InvalidFrameError(
          'INVALID_FRAME',
          `Expected a timestamp in seconds at most ${place.most} s after ${place.previous.toFixed(6)} s, that ` +
            `of the frame before, but received ${show(place.time)} s (the first frame is at 0)`,
        );
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

  #tellUnit(timestamp: number | undefined): void {
    const wrong = this.#unit.look(timestamp);
    if (wrong === undefined) return;
    const { unit, perSecond, seen } = wrong;
    const what =
      'step' in seen
        ? `Frames come ${Number(seen.step.toFixed(3))} s apart by their timestamps, which are seconds: these look`
        : `A frame's timestamp is ${seen.timestamp}, which is seconds: it looks`;
    this.#events.emit('warning', {
      code: 'TIMESTAMPS_NOT_IN_SECONDS',
      message: `${what} like ${unit}; give timestamp: time / ${perSecond}`,
    });
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
