// Progress: when a stream tells how far it is.

const INTERVAL_MS = 250;

/** Tells about four times a second. */
export class Progress {
  readonly #tell: () => boolean;
  #toldAt = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param tell - False: there is nobody left to tell of. It must not hold the stream: a timer holds it. */
  constructor(tell: () => boolean) {
    this.#tell = tell;
  }

  /** Something has happened: tells when the last time was long enough ago. */
  pulse(): void {
    const now = performance.now();
    if (now - this.#toldAt < INTERVAL_MS) return;
    this.#toldAt = now;
    if (!this.#tell()) this.#stop();
  }

  /** From now on tells even when nothing happens. Does not keep the process alive. */
  start(): void {
    this.#timer ??= setInterval(() => {
      this.pulse();
    }, INTERVAL_MS).unref();
  }

  /** Tells a last time. */
  end(): void {
    this.#stop();
    this.#tell();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
