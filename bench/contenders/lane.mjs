// Lane: work that is done in order, one after the other, while the caller goes on.

/**
 * @template T
 * @param {(item: T) => Promise<unknown>} work
 * @param {number} depth Items that may be in work or wait.
 */
export function createLane(work, depth) {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  /** @type {Promise<unknown>[]} */
  const waiting = [];
  return {
    /**
     * Settles when there is room for the next item.
     *
     * @param {T} item
     */
    push: async (item) => {
      last = last.then(() => work(item));
      last.catch(() => undefined); // whoever awaits next is told
      waiting.push(last);
      if (waiting.length >= depth) await waiting.shift();
    },
    /** Settles when everything is done. */
    end: () => last,
  };
}
