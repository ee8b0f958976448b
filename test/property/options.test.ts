// Whatever is given as options: it works, or it is a typed error, and nothing else of the process changes.

import { join } from 'node:path';

import { expect } from 'chai';
import * as fc from 'fast-check';

import { StreamGear, versions } from '../../src/index.js';
import type { StreamGearOptions } from '../../src/index.js';
import { temporaryFolder } from '../support/media.js';
import { oddNumber } from './arbitraries.js';
import { outcome, processState } from './harmless.js';
import { holds } from './holds.js';

describe('any options', () => {
  // The addon is loaded once, and adds a hook at the end of the process.
  before(() => versions());

  it('of a StreamGear', async () => {
    await using folder = await temporaryFolder();
    const output = join(folder.path, 'any.mpd');
    await holds(
      0.25,
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^-[a-z_]{1,12}$/), oddNumber, { maxKeys: 4 }),
        async (streamParams) => {
          const before = processState(folder.path);
          const options = { output, streamParams } as unknown as StreamGearOptions;
          await outcome(() => new StreamGear(options).close());
          expect(processState(folder.path)).to.equal(before);
        },
      ),
    );
  });
});
