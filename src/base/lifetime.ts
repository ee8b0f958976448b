// Lifetime: what keeps a stream, and the process, alive, and what must not.

/** A native object that can keep the event loop alive. */
interface Referenced {
  ref(): void;
  unref(): void;
}

/** Owners with something pending: they must not be collected, whoever else holds them. */
const busy = new Set<object>();

/** Something pending keeps both the event loop and the owner alive; nothing pending keeps neither. */
export function keepAlive(owner: object, native: Referenced, isPending: boolean): void {
  if (isPending === busy.has(owner)) return;
  if (isPending) {
    busy.add(owner);
    native.ref();
  } else {
    busy.delete(owner);
    native.unref();
  }
}

/** Lets a signal abort something that it holds only weakly; the returned function ends that. */
export function abortWith(
  signal: AbortSignal | undefined,
  weak: WeakRef<{ abort(reason?: unknown): unknown }>,
): () => void {
  const onAbort = (): void => void weak.deref()?.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  return () => signal?.removeEventListener('abort', onAbort);
}
