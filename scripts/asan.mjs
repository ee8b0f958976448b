// Node with an addon that is built with ASan and UBSan. Node itself is not, so the runtime library is preloaded.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { build, buildFolder, runScript } from './cmake.mjs';

const sanitize = 'address,undefined';

/** @param {string} name */
function libraryPath(name) {
  const { stdout } = spawnSync('c++', [`-print-file-name=${name}`], { encoding: 'utf8' });
  const file = stdout.trim();
  // The compiler repeats the bare name of what it does not know.
  if (!path.isAbsolute(file)) throw new Error(`Expected the compiler to have ${name}`);
  return file;
}

/** Sets up and builds. @returns {number} The exit code. */
export function buildAsanAddon() {
  return (
    runScript('scripts/setup.mjs', '--for=test') ||
    runScript('scripts/setup.mjs', '--for=native') ||
    build('streamgear', sanitize)
  );
}

/** What a process needs to load it. */
export function asanEnvironment() {
  return {
    STREAMGEAR_ADDON: path.join(buildFolder(sanitize), 'Debug/streamgear.node'),
    // ASan replaces malloc for all libraries, which RTLD_DEEPBIND would undo for ours.
    STREAMGEAR_NO_DEEPBIND: '1',
    // libstdc++ too: ASan looks for what it wraps (throwing) before the addon brings it in.
    LD_PRELOAD: `${libraryPath('libasan.so')} ${libraryPath('libstdc++.so')}`,
    // Node frees little of what it holds at exit; leaks are for the native tests to find.
    ASAN_OPTIONS: 'detect_leaks=0:strict_string_checks=1',
    UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
  };
}
