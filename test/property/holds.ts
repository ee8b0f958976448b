// Runs a property of fast-check as often as whoever started the tests wants: `npm test` a part of 2,000 times each, always
// with the same cases; `npm run fuzz` (scripts/fuzz.mjs) as often and as long as it is told, with a seed that it prints.

import * as fc from 'fast-check';

/** Of all properties together, in `npm test`. */
const TEST_CASES = 2000;

/** The cases of `npm test`: a failure there is a change of the code, not of the luck. */
export const TEST_SEED = 20_261_130;

function numberOf(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined || text === '' || text === '0' ? undefined : Number(text);
}

/**
 * Fails with the smallest case that fast-check finds, and the seed that leads to it.
 *
 * @param share - What this property has of all cases, 0 to 1; those of all files together make 1.
 */
export async function holds<Case>(share: number, property: fc.IAsyncProperty<Case>): Promise<void> {
  const seconds = numberOf('STREAMGEAR_FUZZ_SECONDS');
  const cases = numberOf('STREAMGEAR_FUZZ_CASES') ?? TEST_CASES;
  await fc.assert(property, {
    seed: numberOf('STREAMGEAR_FUZZ_SEED') ?? TEST_SEED,
    numRuns: Math.max(1, Math.round(cases * share)),
    ...(seconds === undefined
      ? {}
      : { interruptAfterTimeLimit: seconds * share * 1000, markInterruptAsFailure: false }),
  });
}
