// Puts beamcoder, an optional peer, into a cache for test/46-beamcoder.test.ts: it builds only against
// FFmpeg 5, and printing, a crash handler and the GPL make it nothing to install for everybody.
//
//   node scripts/beamcoder.mjs
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { headersEnvironment } from './node-headers.mjs';

const version = '0.7.1';
const folder = path.join(path.dirname(import.meta.dirname), 'node_modules/.cache/beamcoder');

function hasFfmpeg5() {
  const wanted = ['libavcodec >= 59', 'libavcodec < 60', 'libpostproc'];
  return spawnSync('pkg-config', ['--exists', ...wanted], { stdio: 'ignore' }).status === 0;
}

/** @returns {number} The exit code. */
function main() {
  if (existsSync(path.join(folder, 'node_modules/beamcoder/build/Release/beamcoder.node')))
    return 0;
  if (!hasFfmpeg5()) {
    console.log('beamcoder: left out, as it builds only with FFmpeg 5 and libpostproc');
    return 0;
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--foreground-scripts', `beamcoder@${version}`],
    { cwd: folder, env: { ...process.env, ...headersEnvironment() }, encoding: 'utf8' },
  );
  if (status !== 0) console.error(stdout ?? '', stderr ?? '');
  return status ?? 1;
}

process.exitCode = main();
