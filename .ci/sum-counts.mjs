// Repeats every failure of the steps, and adds up what the test runs have counted:
// node sum-counts.mjs FOLDER [FAILED_STEP...]
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** Lines of the output of a failed step that had no failed test. */
const LAST_LINES = 40;
/** Lines of the error of one test. */
const ERROR_LINES = 60;

/**
 * @typedef {{ passed: number, failed: number, skipped: number, running?: string,
 *   failures: { title: string, error: string }[] }} Counts
 */

const [folder = '.', ...failedSteps] = process.argv.slice(2);

/** What the test run of a step has counted; nothing when it was none, or died at its start. */
function countsOf(/** @type {string} */ step) {
  const file = path.join(folder, `${step}.counts.json`);
  if (!existsSync(file)) return undefined;
  return /** @type {Counts} */ (JSON.parse(readFileSync(file, 'utf8')));
}

function lastLines(/** @type {string} */ step) {
  const file = path.join(folder, `${step}.log`);
  const text = existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : '';
  return text.split('\n').slice(-LAST_LINES).join('\n');
}

function indent(/** @type {string} */ text) {
  const lines = text.split('\n');
  const more = lines.length - ERROR_LINES;
  const shown = more > 0 ? [...lines.slice(0, ERROR_LINES), `… ${more} more lines`] : lines;
  return shown.map((line) => `    ${line}`).join('\n');
}

const steps = readdirSync(folder)
  .filter((name) => name.endsWith('.counts.json'))
  .map((name) => name.replace('.counts.json', ''));
const total = { passed: 0, failed: 0, skipped: 0 };

for (const step of failedSteps) {
  const { failures = [], running } = countsOf(step) ?? {};
  console.log(`=== ${step} failed`);
  for (const { title, error } of failures) console.log(`  ${title}\n${indent(error)}`);
  if (running !== undefined) console.log(`  it ended in the middle of: ${running}`);
  if (failures.length === 0) console.log(lastLines(step));
  console.log();
}

for (const step of steps) {
  const { passed, failed, skipped } = countsOf(step) ?? total;
  console.log(`${step}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
// A step without tests, or one that died before its tests could fail, counts as one failure.
for (const step of failedSteps) {
  console.log(`failed: ${step}`);
  if ((countsOf(step)?.failed ?? 0) === 0) total.failed += 1;
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
