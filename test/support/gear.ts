// StreamGears of tests that are about their options.
import { join } from 'node:path';

import { StreamGear } from '../../src/index.js';
import type { StreamGearOptions, StreamParams, WarningEvent } from '../../src/index.js';

const EXTENSIONS = { dash: 'mpd', hls: 'm3u8' };

/** A StreamGear that writes to `folder`. Attributes are of any type: that is what is tested. */
export function newGear(
  folder: string,
  streamParams: unknown,
  format: 'dash' | 'hls' = 'dash',
  more: Partial<StreamGearOptions> = {},
): StreamGear {
  const output = join(folder, `gear.${EXTENSIONS[format]}`);
  return new StreamGear({ output, format, streamParams: streamParams as StreamParams, ...more });
}

/** The list that takes the warnings of a new StreamGear; those of its options are in it. */
export async function warningsOf(gear: StreamGear): Promise<WarningEvent[]> {
  const warnings: WarningEvent[] = [];
  gear.on('warning', (warning) => warnings.push(warning));
  await Promise.resolve();
  return warnings;
}
