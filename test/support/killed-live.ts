// Live presentations in processes of their own that are killed at random moments, and what they leave.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { lintDash } from './dash-lint.js';
import { isSegment, namedFiles, snapshot } from './live.js';
import { temporaryFolder } from './media.js';

const CHILD = fileURLToPath(new URL('endless-live.ts', import.meta.url));
/** At once. */
const KILLS = 4;

// A generator of our own, so that the message of a failure says how to repeat it.
const SEED = Date.now() % 1_000_000;
let state = SEED;
function random(): number {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return state / 2_147_483_648;
}

/** Kills it some milliseconds after its first manifest. */
async function killedLive(args: readonly string[], delay: number): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  try {
    await Promise.race([
      once(child.stdout, 'data'),
      exit.then(([code]) => {
        throw new Error(`The live presentation ended with ${String(code)}`);
      }),
    ]);
    await sleep(delay);
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
}

/** Whenever it is killed, its manifests name only segments that are there and whole. */
export async function expectWholeWhenKilled(format: 'dash' | 'hls', audio = ''): Promise<void> {
  const delays = Array.from({ length: KILLS }, () => random() * 200);
  await Promise.all(
    delays.map(async (delay) => {
      await using folder = await temporaryFolder();
      const file = format === 'dash' ? 'live.mpd' : 'live.m3u8';
      const manifest = join(folder.path, file);
      await killedLive([manifest, format, audio], delay);
      const { broken, texts } = snapshot(folder.path, 0);
      const where = `killed after ${delay} ms (seed ${SEED})`;
      expect(broken, where).to.deep.equal([]);
      expect(texts.size, where).to.be.at.least(1);
      for (const [name, text] of texts) {
        if (format === 'dash' || name !== file) {
          expect(namedFiles(text).filter(isSegment), where).to.not.be.empty;
        }
      }
      if (format === 'dash') {
        expect(await lintDash(manifest, { live: true, ended: false }), where).to.deep.equal([]);
      }
    }),
  );
}
