// Ours, once for each format: what DASH and HLS cost where they do not share an encoding.
import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { open as openOne, matrix, version } from './streamgear.mjs';

/** @import { Case } from '../cases.mjs' */
/** @import { Open } from './contender.d.ts' */

export const note = 'two StreamGears, one for DASH and one for HLS, which get the same frames.';

export const refusal = (/** @type {Case} */ { both }) =>
  both ? undefined : 'it is for the case of both formats';

/** @type {Open} */
export async function open({ item, output }) {
  const folder = path.join(path.dirname(output), 'hls');
  mkdirSync(folder);
  const gears = await Promise.all([
    openOne({ item: { ...item, format: 'dash', both: false }, output }),
    openOne({
      item: { ...item, format: 'hls', both: false },
      output: path.join(folder, 'master.m3u8'),
    }),
  ]);
  return {
    push: (data) => Promise.all(gears.map((gear) => gear.push(data))),
    close: async () => {
      const [dash] = await Promise.all(gears.map((gear) => gear.close()));
      return { packetLatency: dash.packetLatency };
    },
  };
}

export { matrix, version };
