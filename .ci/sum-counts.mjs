// Adds up what the test runs have counted: node sum-counts.mjs FOLDER [FAILED_STEP...]
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const [folder = '.', ...failedSteps] = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {Set<string>} */
const stepsWithFailures = new Set();

for (const name of readdirSync(folder).filter((name) => name.endsWith('.counts.json'))) {
  const counts = JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
  const step = name.replace('.counts.json', '');
  console.log(
    `${step}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
  );
  for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) {
    total[key] += counts[key];
  }
  if (counts.failed > 0) stepsWithFailures.add(step);
}

// A step without tests, or one that died before its tests could fail, counts as one failure.
for (const step of failedSteps) {
  console.log(`failed: ${step}`);
  if (!stepsWithFailures.has(step)) total.failed += 1;
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
