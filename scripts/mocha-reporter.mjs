// The spec reporter, which also writes what it counts and every failure to the file that
// STREAMGEAR_TEST_COUNTS names, so that .ci/run can add the runs up and repeat the failures at its end.
import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

import Mocha from 'mocha';

const { EVENT_HOOK_BEGIN, EVENT_RUN_END, EVENT_TEST_BEGIN } = Mocha.Runner.constants;
const { Base, Spec } = Mocha.reporters;

/**
 * The message, what differs, and where.
 * @param {Error & { actual?: unknown, expected?: unknown, showDiff?: boolean }} error
 */
function describe(error) {
  const { message, stack, actual, expected, showDiff } = error;
  // The base reporter has turned both into text when they are worth a comparison.
  const isComparison =
    showDiff !== false && typeof actual === 'string' && typeof expected === 'string';
  const difference = isComparison
    ? stripVTControlCharacters(Base.generateDiff(actual, expected))
    : '';
  const places = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [message, difference, ...places.slice(0, 5)].filter(Boolean).join('\n');
}

export default class CountingSpec extends Spec {
  /**
   * @param {Mocha.Runner} runner
   * @param {Mocha.MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    const file = process.env['STREAMGEAR_TEST_COUNTS'];
    if (!file) return;
    /** @param {string} [running] The test that a killed run was in. */
    const write = (running) => {
      const { passes, failures, pending } = this.stats;
      const described = this.failures.map((test) => ({
        title: test.titlePath().join(' › '),
        error: describe(test.err ?? new Error('no error was given')),
      }));
      const counts = { passed: passes, failed: failures, skipped: pending };
      writeFileSync(file, JSON.stringify({ ...counts, failures: described, running }) + '\n');
    };
    const begin = (/** @type {Mocha.Runnable} */ test) => write(test.titlePath().join(' › '));
    runner.on(EVENT_TEST_BEGIN, begin);
    runner.on(EVENT_HOOK_BEGIN, begin);
    runner.once(EVENT_RUN_END, () => write());
  }
}
