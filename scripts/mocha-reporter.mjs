// The spec reporter, which also writes its counts to the file that STREAMGEAR_TEST_COUNTS names,
// so that .ci/run can add the runs up.
import { writeFileSync } from 'node:fs';

import Mocha from 'mocha';

export default class CountingSpec extends Mocha.reporters.Spec {
  /**
   * @param {Mocha.Runner} runner
   * @param {Mocha.MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    const file = process.env['STREAMGEAR_TEST_COUNTS'];
    if (!file) return;
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(
        file,
        JSON.stringify({ passed: passes, failed: failures, skipped: pending }) + '\n',
      );
    });
  }
}
