// The core of the mocha suite against an addon that is built with ASan and UBSan.
import { asanEnvironment, buildAsanAddon } from './asan.mjs';
import { runProgram } from './cmake.mjs';

/** @returns {number} The exit code. */
function main() {
  const failure = buildAsanAddon();
  if (failure !== 0) return failure;

  const mocha = ['node_modules/mocha/bin/mocha.js', '--config', '.mocharc.asan.json'];
  // How good pictures look is no matter of memory, and takes minutes to measure.
  const selection = ['--grep', 'looks like the clip', '--invert'];
  const own = process.argv.slice(2);
  return runProgram(
    process.execPath,
    [...mocha, ...(own.length > 0 ? own : selection)],
    asanEnvironment(),
  );
}

process.exitCode = main();
