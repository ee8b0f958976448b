// A live presentation with audio for a long time: what the process holds does not grow. `npm run soak` takes half an hour
// of presentation, the tests take a minute of it.
import { join } from 'node:path';

import { expect } from 'chai';

import { childMessages, FEW_ARENAS } from './support/child.js';
import { temporaryFolder } from './support/media.js';

const SECONDS = Number(process.env['STREAMGEAR_SOAK_SECONDS'] ?? 60);

describe(`${SECONDS} seconds of a live presentation`, function () {
  this.timeout(150_000 + SECONDS * 1000);

  for (const file of ['live.mpd', 'live.m3u8']) {
    it(`hold no more at the end than in the middle: ${file}`, async function () {
      if (process.platform !== 'linux') this.skip(); // /proc
      await using folder = await temporaryFolder();
      const messages = await childMessages('soak', {
        args: [join(folder.path, file), String(SECONDS)],
        nodeOptions: ['--expose-gc'],
        shipped: true,
        env: FEW_ARENAS,
        timeout: 150_000 + SECONDS * 1000,
      });
      const of = (key: string): number[] => messages.map((message) => Number(message[key]));
      expect(messages).to.have.length.at.least(60);
      const middle = Math.floor(messages.length / 2);
      // The least of some: a file that is being written, garbage and the allocator's caches come and go.
      const growth = (values: readonly number[]): number =>
        Math.min(...values.slice(-10)) - Math.min(...values.slice(middle - 5, middle + 5));
      for (const key of ['threads', 'descriptors']) {
        expect(growth(of(key)), `${key}: ${of(key).join()}`).to.be.at.most(0);
      }
      // A segment may be there in one more moment of its life.
      const files = of('files');
      const most = Math.max(...files.slice(middle / 2, middle));
      expect(Math.max(...files.slice(middle)), `files: ${files.join()}`).to.be.at.most(most + 4);
      const memory = of('memory');
      const shown = memory.map((value) => value.toFixed(0)).join();
      expect(growth(memory), `MiB: ${shown}`).to.be.lessThan(8);
    });
  }
});
