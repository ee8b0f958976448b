// Random input without end: what `npm test` does with 2,000 cases, with 100,000, or for some minutes. The seed is printed
// first: with it, what a failure says of the same part can be had again.
//
//   node scripts/fuzz.mjs [--only=options] [--cases=100000] [--seed=1] [--minutes=10]
//   node scripts/fuzz.mjs --sources […]: damaged files instead; see fuzz-sources.mjs
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { runProgram, runScript } from './cmake.mjs';
import { fuzzSources } from './fuzz-sources.mjs';

const FOLDER = 'test/property';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    sources: { type: 'boolean', default: false },
    cases: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    minutes: { type: 'string' },
  },
});

/**
 * @param {string} name
 * @param {string | undefined} text
 * @returns {number | undefined}
 */
function positive(name, text) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`Expected a number above 0 for --${name} but received "${text}"`);
}

const minutes = positive('minutes', values.minutes);
// With a limit of time, it is the time that ends it.
const cases = positive('cases', values.cases) ?? (minutes === undefined ? 100_000 : 1e9);
const seed = positive('seed', values.seed);

/** Each file of the folder is a set of properties, and runs in a process of its own. */
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.test.ts'));
const chosen = files.filter((name) => name.startsWith(values.only));
if (chosen.length === 0) {
  throw new Error(`Expected --only=one of ${files.join(', ')} but received "${values.only}"`);
}

console.log(`fuzz: --seed=${seed}`);
if (values.sources) {
  process.exit(await fuzzSources({ seed: seed ?? 1, cases, minutes }));
}
process.exitCode = runScript('scripts/setup.mjs', '--for=test');
const mocha = path.join('node_modules', 'mocha', 'bin', 'mocha.js');
for (const name of process.exitCode === 0 ? chosen : []) {
  const status = runProgram(process.execPath, [mocha, '--timeout', '0', path.join(FOLDER, name)], {
    STREAMGEAR_FUZZ_CASES: String(cases),
    STREAMGEAR_FUZZ_SEED: String(seed),
    STREAMGEAR_FUZZ_SECONDS: String(((minutes ?? 0) * 60) / chosen.length),
  });
  process.exitCode ||= status;
}
