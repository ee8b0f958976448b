// Builds a target of native/CMakeLists.txt with cmake-js, each kind in a folder of its own.
//
//   node scripts/cmake.mjs [--target=streamgear|streamgear_tests] [--sanitize=address,undefined|thread]
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { headersEnvironment } from './node-headers.mjs';

const root = path.dirname(import.meta.dirname);

/** @type {Record<string, string>} */
const folderOf = { '': 'debug', 'address,undefined': 'asan', thread: 'tsan' };

/**
 * Runs a program with our terminal.
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {number} Its exit code.
 */
export function runProgram(program, args, env = {}) {
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (error) console.error(error.message);
  return status ?? 1;
}

/** Runs one of the scripts beside this one. @param {string[]} args */
export function runScript(...args) {
  return runProgram(process.execPath, args);
}

/**
 * @param {string} sanitize
 * @returns {string} The folder of this kind of build.
 */
export function buildFolder(sanitize) {
  const folder = folderOf[sanitize];
  if (folder === undefined) {
    const known = Object.keys(folderOf).filter(Boolean).join('|');
    throw new Error(`Expected --sanitize=${known} but received "${sanitize}"`);
  }
  return path.join(root, 'build-cmake', folder);
}

/**
 * @param {'streamgear' | 'streamgear_tests'} target
 * @param {string} sanitize
 * @returns {number} The exit code of the build.
 */
export function build(target, sanitize) {
  const cmakeJs = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js');
  const args = ['--directory', 'native', '--out', buildFolder(sanitize), '--config', 'Debug'];
  args.push(`--CDSTREAMGEAR_SANITIZE=${sanitize}`);
  args.push(`--CDSTREAMGEAR_WERROR=${process.env.STREAMGEAR_WERROR ? 'ON' : 'OFF'}`);
  args.push('--target', target, '--parallel', String(availableParallelism()));
  const cmake = (/** @type {string} */ command) =>
    runProgram(
      process.execPath,
      [cmakeJs, command, ...args, '--log-level', 'error'],
      headersEnvironment(),
    );
  // `build` alone configures only once, and would not see that an option has changed.
  return cmake('configure') || cmake('build');
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', default: 'streamgear' },
      sanitize: { type: 'string', default: '' },
    },
  });
  if (values.target !== 'streamgear' && values.target !== 'streamgear_tests') {
    throw new Error(
      `Expected --target=streamgear|streamgear_tests but received "${values.target}"`,
    );
  }
  process.exitCode =
    runScript('scripts/setup.mjs', '--for=native') || build(values.target, values.sanitize);
}
