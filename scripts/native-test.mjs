// Builds and runs the GoogleTest binary: the core without Node.
//
//   node scripts/native-test.mjs [--sanitize=address,undefined|thread] [--filter=REGEX]
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { build, buildFolder, runProgram, runScript } from './cmake.mjs';

const sanitizerEnvironment = {
  ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
  TSAN_OPTIONS: 'halt_on_error=1:second_deadlock_stack=1',
};

/**
 * What stands in front of the command. ThreadSanitizer ends at its start where the kernel scatters addresses wider than
 * it knows (vm.mmap_rnd_bits).
 *
 * @param {string} sanitize
 */
function addressesOf(sanitize) {
  const fixed = ['setarch', '--addr-no-randomize'];
  const [program = '', ...args] = [...fixed, 'true'];
  return sanitize === 'thread' && spawnSync(program, args).status === 0 ? fixed : [];
}

/** @param {string} text */
function unescapeXml(text) {
  const characters = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => characters[name]);
}

/**
 * Turns ctest's report into the counts and failures that .ci/run adds up and repeats.
 * @param {string} reportFile
 * @param {string} countsFile
 */
function writeCounts(reportFile, countsFile) {
  const report = readFileSync(reportFile, 'utf8');
  const suite = /<testsuite\b[^>]*>/.exec(report)?.[0] ?? '';
  const count = (/** @type {string} */ name) =>
    Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = count('failures');
  const skipped = count('skipped') + count('disabled');
  const passed = count('tests') - failed - skipped;
  const failures = [
    ...report.matchAll(/<testcase name="([^"]*)"[^>]*status="fail"[^]*?<\/testcase>/g),
  ].map(([test, name = '']) => ({
    title: unescapeXml(name),
    error: unescapeXml(/<system-out>([^]*?)<\/system-out>/.exec(test)?.[1] ?? ''),
  }));
  writeFileSync(countsFile, JSON.stringify({ passed, failed, skipped, failures }) + '\n');
}

/** @returns {number} The exit code. */
function main() {
  const { values } = parseArgs({
    options: { sanitize: { type: 'string', default: '' }, filter: { type: 'string' } },
  });
  const folder = buildFolder(values.sanitize);
  const failure =
    runScript('scripts/setup.mjs', '--for=native') || build('streamgear_tests', values.sanitize);
  if (failure !== 0) return failure;

  const report = path.join(folder, 'ctest.xml');
  const args = ['--test-dir', folder, '--output-on-failure', '--no-tests=error'];
  args.push('--parallel', String(availableParallelism()), '--output-junit', report);
  if (values.filter !== undefined) args.push('--tests-regex', values.filter);
  rmSync(report, { force: true });
  const [program = '', ...rest] = [...addressesOf(values.sanitize), 'ctest', ...args];
  const result = runProgram(program, rest, sanitizerEnvironment);
  const countsFile = process.env.STREAMGEAR_TEST_COUNTS;
  if (countsFile && existsSync(report)) writeCounts(report, countsFile);
  return result;
}

process.exitCode = main();
