// The moment between an event of the addon and JavaScript that hears of it, which no test could meet by waiting.
import { nativeBinding } from '../../src/native/native.js';

type Listener = (events: readonly { type: string }[]) => void;

/** Calls `act` when an object of the addon tells that it is `opened`, just before its owner hears of that. */
export async function beforeOpenedIsHeard(
  name: 'Pipeline' | 'FrameReader',
  act: () => void,
  during: () => Promise<void>,
): Promise<void> {
  const binding = nativeBinding();
  const original: unknown = binding[name];
  const early = new Proxy(binding[name], {
    construct: (target, [config, onEvents, ...more]: [object, Listener, ...unknown[]]) => {
      const listener: Listener = (events) => {
        if (events.some(({ type }) => type === 'opened')) act();
        onEvents(events);
      };
      return Reflect.construct(target, [config, listener, ...more]) as object;
    },
  });
  Object.assign(binding, { [name]: early });
  try {
    await during();
  } finally {
    Object.assign(binding, { [name]: original });
  }
}
