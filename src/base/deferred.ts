// Deferred: a promise that is settled from outside.

/** A promise and the functions that settle it. */
export interface Deferred<Value> {
  /** What callers wait for. */
  readonly promise: Promise<Value>;
  /** Fulfils it. */
  readonly resolve: (value: Value) => void;
  /** Rejects it. */
  readonly reject: (error: unknown) => void;
}

/** A pending {@link Deferred}. */
export function defer<Value>(): Deferred<Value> {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
