// The ladder that follows from the size of the pictures.
import { expect } from 'chai';
import fc from 'fast-check';

import { autoLadder } from '../src/plan/auto-ladder.js';
import { TEST_SEED } from './property/holds.js';

const sizes = (width: number, height: number): string[] =>
  autoLadder({ width, height }).map((rung) => `${String(rung.width)}x${String(rung.height)}`);

describe('The automatic ladder', () => {
  it('has the sizes that people know, in the shape of the source', () => {
    expect(sizes(1920, 1080)).to.deep.equal(['1280x720', '854x480', '640x360', '426x240']);
    expect(sizes(3840, 2160)).to.deep.equal([
      ...['2560x1440', '1920x1080', '1280x720', '854x480', '640x360'],
    ]);
    expect(sizes(1080, 1920)).to.deep.equal(['720x1280', '480x854', '360x640', '240x426']);
    expect(sizes(720, 576)).to.deep.equal(['600x480', '450x360', '300x240']);
    expect(sizes(320, 180)).to.deep.equal([]);
  });

  it('steps down, with a rate for each, whatever the source', () => {
    const side = fc.integer({ min: 2, max: 16384 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const rungs = autoLadder({ width, height });
        expect(rungs.length).to.be.at.most(5);
        let above = width * height;
        let share = 1;
        for (const rung of rungs) {
          expect(rung.width % 2).to.equal(0);
          expect(rung.height % 2).to.equal(0);
          expect(rung.width).to.be.within(2, 16384);
          expect(rung.height).to.be.within(2, 16384);
          expect(rung.width * rung.height).to.be.at.most(above * 0.7);
          expect(rung.share).to.be.within(0, share);
          above = rung.width * rung.height;
          share = rung.share;
        }
      }),
      { seed: TEST_SEED },
    );
  });
});
