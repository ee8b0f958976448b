// Install: what the contenders need, brought on first use; never a part of the library's own install.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');

/** The packages that are installed and those that are locked, by path and version. */
function isCurrent() {
  const installed = path.join(import.meta.dirname, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const read = (/** @type {string} */ file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const have = read(installed);
  const locked = read(path.join(import.meta.dirname, 'package-lock.json'));
  return Object.entries(locked).every(
    ([name, { version, optional }]) =>
      name === '' || have[name]?.version === version || (optional && !have[name]),
  );
}

/**
 * Packages of bench/package-lock.json, without their install scripts: their binaries are packages too. What
 * cannot be installed is told, and the contenders that need it are missing from the result.
 */
export function installContenders() {
  if (!isCurrent()) {
    const { status, stderr } = spawnSync(
      'npm',
      ['ci', '--ignore-scripts', '--no-audit', '--no-fund'],
      { cwd: import.meta.dirname, encoding: 'utf8', shell: process.platform === 'win32' },
    );
    if (status !== 0) process.stderr.write(`npm ci failed: ${stderr.trim()}\n`);
  }
  spawnSync(process.execPath, [path.join(ROOT, 'scripts/beamcoder.mjs')], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
