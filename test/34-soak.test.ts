// A live presentation with audio for a long time: what the process holds does not grow. `npm run soak` takes half an hour
// of presentation, the tests take a minute of it.
import { join } from 'node:path';

import { expect } from 'chai';

import { childMessages } from './support/child.js';
import { temporaryFolder } from './support/media.js';

const SECONDS = Number(process.env['STREAMGEAR_SOAK_SECONDS'] ?? 60);

describe(`${SECONDS} seconds of a live presentation`, function () {
  this.timeout(60_000 + SECONDS * 1000);

  for (const file of ['live.mpd', 'live.m3u8']) {
    it(`hold no more at the end than in the middle: ${file}`, async function () {
      if (process.platform !== 'linux') this.skip(); // /proc
      await using folder = await temporaryFolder();
      const messages = await childMessages('soak', {
        args: [join(folder.path, file), String(SECONDS)],
        nodeOptions: ['--expose-gc'],
        shipped: true,
        timeout: 60_000 + SECONDS * 1000,
      });
      const of = (key: string): number[] => messages.map((message) => Number(message[key]));
      expect(messages).to.have.length.at.least(60);
      const middle = Math.floor(messages.length / 2);
      for (const key of ['threads', 'descriptors', 'files']) {
        const values = of(key);
        const before = Math.max(...values.slice(middle / 2, middle));
        const after = Math.max(...values.slice(middle));
        // A segment may be there in one more moment of its life.
        expect(after, `${key}: ${values.join()}`).to.be.at.most(before + (key === 'files' ? 4 : 0));
      }
      const memory = of('memory');
      // The least of some: garbage and the allocator's caches come and go.
      const least = (from: number, to: number): number => Math.min(...memory.slice(from, to));
      const growth = least(-10, memory.length) - least(middle - 5, middle + 5);
      const shown = memory.map((value) => value.toFixed(0)).join();
      expect(growth, `MiB: ${shown}`).to.be.lessThan(8);
    });
  }
});
