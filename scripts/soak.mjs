// Half an hour of a live presentation with audio, as fast as it encodes: what the process holds must not
// grow. test/34-soak.test.ts does the same with a minute.
//
//   node scripts/soak.mjs [--minutes=30]
import path from 'node:path';
import { parseArgs } from 'node:util';

import { runProgram, runScript } from './cmake.mjs';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const seconds = Number(values.minutes) * 60;
if (!(seconds > 0)) throw new Error(`Expected minutes but received "${values.minutes}"`);
const mocha = path.join('node_modules', 'mocha', 'bin', 'mocha.js');
process.exitCode =
  runScript('scripts/setup.mjs', '--for=test') ||
  runProgram(process.execPath, [mocha, 'test/34-soak.test.ts'], {
    STREAMGEAR_SOAK_SECONDS: String(seconds),
  });
