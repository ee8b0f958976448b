// Timestamps in another unit than seconds: told once, and never of such as are right.

import { expect } from 'chai';
import * as fc from 'fast-check';

import { AdaptiveStream } from '../src/index.js';
import type { WarningEvent } from '../src/index.js';
import { TimestampUnit } from '../src/frames/timestamp-unit.js';
import type { WrongUnit } from '../src/frames/timestamp-unit.js';
import { TEST_SEED } from './property/holds.js';
import { temporaryFolder } from './support/media.js';
import { smallFrame, smallOptions } from './support/small.js';

const PAL = { num: 25, den: 1 };

/** What is found in timestamps that come `pace` seconds apart. */
function found(
  timestamps: readonly (number | undefined)[],
  { rate = PAL, pace = 0.001 } = {},
): WrongUnit[] {
  let now = 1000;
  const unit = new TimestampUnit(rate, () => now);
  return timestamps.flatMap((timestamp) => {
    now += pace;
    return unit.look(timestamp) ?? [];
  });
}

const every = (step: number, count = 100, begin = 0): number[] =>
  Array.from({ length: count }, (_, index) => begin + index * step);

describe('the unit of timestamps', () => {
  const wrong: readonly (readonly [
    what: string,
    timestamps: readonly (number | undefined)[],
    unit: string,
  ])[] = [
    ['40 ms at 25 fps', every(40), 'milliseconds'],
    ['40 ms, jittering', every(40).map((time, index) => time + ((index * 7) % 11)), 'milliseconds'],
    ['40,000 µs at 25 fps', every(40_000), 'microseconds'],
    ['Date.now()', every(40, 1, 1.78e12), 'milliseconds'],
    ['µs since 1970', every(40, 1, 1.78e15), 'microseconds'],
    ['whole ms of 30 fps', every(100 / 3).map(Math.round), 'milliseconds'],
    ['ms of 30 fps', every(100 / 3), 'milliseconds'],
    ['ms of 29.97 fps', every(1001 / 30), 'milliseconds'],
    ['ms of 23.976 fps', every(1001 / 24), 'milliseconds'],
    ['whole ms of 60 fps', every(50 / 3).map(Math.floor), 'milliseconds'],
    ['performance.now()', every(40, 100, 81_234.567), 'milliseconds'],
    ['ms after frames without', [undefined, undefined, ...every(40)], 'milliseconds'],
    ['ms after a pause', [0, 40, 9000, ...every(40, 100, 9040)], 'milliseconds'],
  ];
  for (const [what, timestamps, unit] of wrong) {
    it(`is told once: ${what}`, () => {
      expect(found(timestamps).map((each) => each.unit)).to.deep.equal([unit]);
    });
  }

  const right: readonly (readonly [what: string, timestamps: readonly (number | undefined)[]])[] = [
    ['seconds', every(0.04)],
    ['seconds since 1970', every(0.04, 100, 1.78e9)],
    ['a slide every 10 s', every(10)],
    ['a slide every 30 s', every(30)],
    ['a slide every 33 s', every(33)],
    ['a slide every minute', every(60)],
    ['a picture every hour', every(3600)],
    ['few frames', every(40, 5)],
    ['now and then one', every(40).flatMap((time) => [time, undefined])],
    ['slides of 20 to 60 s', every(40).map((time, index) => time + (index % 2) * 19)],
    ['other rates', [...every(1 / 30), ...every(1 / 60, 100, 50)]],
  ];
  for (const [what, timestamps] of right) {
    it(`is not told: ${what}`, () => {
      expect(found(timestamps)).to.deep.equal([]);
    });
  }

  it('is not told of a time-lapse whose frames really come so', () => {
    expect(found(every(40), { pace: 40 })).to.deep.equal([]);
    expect(found(every(1000 / 24), { pace: 1000 / 24 })).to.deep.equal([]);
    expect(found(every(40), { pace: 0.04 })).to.have.length(1);
  });

  it('is not told of any frame rate in seconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 240 }),
        fc.integer({ min: 1, max: 240 }),
        fc.double({ min: 0, max: 2e9, noNaN: true }),
        (declared, real, begin) => {
          const rate = { num: declared, den: 1 };
          expect(found(every(1 / real, 40, begin), { rate })).to.deep.equal([]);
        },
      ),
      { seed: TEST_SEED },
    );
  });

  it('is told of any frame rate in milliseconds', () => {
    for (let fps = 1; fps <= 240; fps++) {
      for (const [unit, second] of [
        ['milliseconds', 1e3],
        ['microseconds', 1e6],
      ] as const) {
        const units = found(every(second / fps), { rate: { num: fps, den: 1 } }).map(
          (hint) => hint.unit,
        );
        expect(units, `${fps} fps`).to.deep.equal([unit]);
      }
    }
  });

  it('is a warning of the stream, which goes on', async () => {
    await using folder = await temporaryFolder();
    const stream = await AdaptiveStream.open(smallOptions(folder.path));
    const warnings: WarningEvent[] = [];
    stream.on('warning', (warning) => warnings.push(warning));
    for (let index = 0; index < 20; index++) {
      expect(await stream.write({ ...smallFrame(index), timestamp: index * 40 })).to.equal(true);
    }
    await stream.finish();
    const told = warnings.filter(({ code }) => code === 'TIMESTAMPS_NOT_IN_SECONDS');
    expect(told.map(({ message }) => message)).to.deep.equal([
      'Frames come 40 s apart by their timestamps, which are seconds: these look like milliseconds; give timestamp: time / 1000',
    ]);
  });
});
