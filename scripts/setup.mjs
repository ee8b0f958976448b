// Makes a clone ready for a task: system packages, npm packages, the native addon, dist/. Does only
// what is missing or out of date, so that every `npm start` and `npm test` can call it.
//
//   node scripts/setup.mjs [--for=start|test|browser|native|all]
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { headersEnvironment } from './node-headers.mjs';
import { describeMissing, findMissing, hasCommand, packagesOf } from './requirements.mjs';

/** @import { PackageManager, Purpose } from './requirements.mjs' */

const root = path.dirname(import.meta.dirname);
const addon = 'build/Release/streamgear.node';

/** Fresh machines update themselves: whoever holds the lock is waited for, as is a mirror that has a bad moment. */
const APT_OPTIONS = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];

/** @type {Record<string, Purpose[]>} */
const purposesOf = {
  start: ['build'],
  test: ['build', 'test'],
  browser: ['build', 'test', 'browser'],
  native: ['build', 'native'],
  all: ['build', 'test', 'browser', 'native'],
};

/** @returns {never} */
function fail(/** @type {string} */ message) {
  console.error(message);
  process.exit(1);
}

/**
 * Runs a program quietly; its output is shown only when it fails.
 * @param {string} what
 * @param {string} program
 * @param {string[]} args
 */
function run(what, program, args) {
  const begin = performance.now();
  console.log(`setup: ${what} …`);
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    env: { ...process.env, ...headersEnvironment(), DEBIAN_FRONTEND: 'noninteractive' },
    // Windows starts npm through a .cmd file, which needs a shell.
    shell: process.platform === 'win32',
    // sudo may have to ask for a password.
    stdio: ['inherit', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) {
    console.error(stdout ?? '', stderr ?? '', error?.message ?? '');
    fail(`setup: failed: ${program} ${args.join(' ')}`);
  }
  console.log(`setup: ${what}: done in ${((performance.now() - begin) / 1000).toFixed(0)} s`);
}

/** @returns {PackageManager | undefined} */
function findPackageManager() {
  if (process.platform === 'darwin') return hasCommand('brew') ? 'brew' : undefined;
  if (hasCommand('apt-get')) return 'apt';
  return hasCommand('dnf') ? 'dnf' : undefined;
}

/** The prefix that makes a command run as root; undefined when there is no way. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!hasCommand('sudo')) return undefined;
  return process.stdin.isTTY ? ['sudo'] : ['sudo', '-n'];
}

/** @param {ReadonlySet<Purpose>} purposes */
function installSystemPackages(purposes) {
  const missing = findMissing(purposes);
  if (missing.length === 0) return;
  const manager = findPackageManager();
  const prefix = manager === 'brew' ? [] : rootPrefix();
  if (manager === undefined || prefix === undefined) fail(describeMissing(missing));

  const packages = packagesOf(missing, manager);
  const what = `installing ${packages.join(' ')}`;
  /** @type {Record<PackageManager, string[]>} */
  const install = {
    apt: ['apt-get', ...APT_OPTIONS, 'install', '--yes', '--no-install-recommends'],
    dnf: ['dnf', 'install', '--assumeyes'],
    brew: ['brew', 'install'],
  };
  if (manager === 'apt') {
    const [program = '', ...args] = [...prefix, 'apt-get', ...APT_OPTIONS, 'update'];
    run('reading the package lists', program, args);
  }
  const [program = '', ...args] = [...prefix, ...install[manager], ...packages];
  run(what, program, args);
  const stillMissing = findMissing(purposes);
  if (stillMissing.length > 0) fail(describeMissing(stillMissing));
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm keeps a lockfile of its own in
 * node_modules; packages for other platforms are in the first only, and are optional.
 */
function areDependenciesCurrent() {
  const installedLock = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const read = (/** @type {string} */ file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = read(installedLock);
  return Object.entries(read(path.join(root, 'package-lock.json'))).every(
    ([name, { version, optional, peer }]) =>
      name === '' ||
      installed[name]?.version === version ||
      ((optional || peer) && !installed[name]),
  );
}

/** The time of the newest of these files and folders, in ms; 0 when there are none. */
function newest(/** @type {string[]} */ ...names) {
  const times = names.flatMap((name) => {
    const file = path.join(root, name);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    if (!stat.isDirectory()) return [stat.mtimeMs];
    // The folder's own time tells of deleted files.
    const entries = readdirSync(file, { recursive: true, withFileTypes: true });
    return [stat, ...entries.map((entry) => statSync(path.join(entry.parentPath, entry.name)))].map(
      (entry) => entry.mtimeMs,
    );
  });
  return Math.max(0, ...times);
}

/** When FFmpeg's development files were put in place: an addon built before may not load. */
function ffmpegInstallTime() {
  const { stdout } = spawnSync('pkg-config', ['--variable=pcfiledir', 'libavcodec'], {
    encoding: 'utf8',
  });
  const file = path.join((stdout ?? '').trim(), 'libavcodec.pc');
  return statSync(file, { throwIfNoEntry: false })?.ctimeMs ?? 0;
}

/** @returns {'rebuild' | 'build' | undefined} What the addon needs. */
function addonWork() {
  const built = newest(addon);
  if (built < ffmpegInstallTime()) return 'rebuild';
  return built < newest('native', 'binding.gyp') ? 'build' : undefined;
}

function buildAddon() {
  const work = addonWork();
  if (work === undefined) return;
  run('building the native addon', 'npm', ['run', work === 'rebuild' ? 'install' : 'build:native']);
  // make leaves it alone when the newer file was one that it does not use.
  const now = new Date();
  utimesSync(path.join(root, addon), now, now);
}

function isDistCurrent() {
  return newest('dist/index.js') >= newest('src', 'tsconfig.base.json', 'tsconfig.build.json');
}

function isAlive(/** @type {number} */ pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Waits until no other process sets this clone up, and lets none in until this one ends. */
function lock() {
  const file = path.join(root, '.setup.lock');
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      process.on('exit', () => rmSync(file, { force: true }));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    if (owner > 0 && !isAlive(owner)) rmSync(file, { force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function main() {
  const name = process.argv[2]?.replace(/^--for=/, '') ?? 'start';
  const list = purposesOf[name];
  if (list === undefined || process.argv.length > 3) {
    fail(`Expected --for=${Object.keys(purposesOf).join('|')} but received ${process.argv[2]}`);
  }
  const purposes = new Set(list);
  const isWithoutNode = name === 'native';
  if (
    findMissing(purposes).length === 0 &&
    areDependenciesCurrent() &&
    (isWithoutNode || (addonWork() === undefined && isDistCurrent()))
  ) {
    return;
  }

  lock();
  installSystemPackages(purposes);
  // Without install scripts: the one that counts is our own, and buildAddon() does its work.
  if (!areDependenciesCurrent()) run('installing npm packages', 'npm', ['ci', '--ignore-scripts']);
  if (isWithoutNode) return;
  buildAddon();
  if (!isDistCurrent()) run('compiling TypeScript', 'npm', ['run', 'build:dist']);
}

main();
