// Frames of beamcoder, another binding of FFmpeg for Node: real video, decoded there and pushed without a copy.
import { join } from 'node:path';

import { expect } from 'chai';

import { findBeamcoder } from './support/beamcoder.js';
import { childMessages } from './support/child.js';
import { packets, presentationTimes } from './support/ffprobe.js';
import { bigBuckBunny, temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { psnr } from './support/psnr.js';

const COUNT = 24;
const beamcoder = findBeamcoder();

// A named pending test where it is not there, never a silent pass.
const state = beamcoder === undefined ? ' (not installed: node scripts/beamcoder.mjs)' : '';

describe(`Frames of beamcoder${state}`, () => {
  let folder: TemporaryFolder;
  let found: Record<string, unknown> | undefined;
  before(async function () {
    if (beamcoder === undefined) this.skip();
    folder = await temporaryFolder();
    [found] = await childMessages('beamcoder', {
      args: [beamcoder, bigBuckBunny, folder.path, String(COUNT)],
      shipped: true,
    });
  });
  after(async () => {
    if (beamcoder !== undefined) await folder[Symbol.asyncDispose]();
  });

  it('are pushed as they are: planes with their padding, without a copy', () => {
    expect(found).to.include({ width: 1920, height: 1080, format: 'yuv420p', isCopied: false });
    expect(found?.['encoded']).to.deep.equal([COUNT, COUNT]);
  });

  it('keep their time', async () => {
    const [list = []] = await packets(join(folder.path, 'adaptive/out.mpd'));
    const times = presentationTimes(list);
    expect(times).to.have.length(COUNT);
    for (const [index, time] of times.entries()) expect(time).to.be.closeTo(index / 24, 1e-4);
  });

  it('are the pictures of the source', async () => {
    const size = { frames: COUNT, referenceOptions: ['-t', '2'] }; // not all of its 30 s
    const adaptive = await psnr({ input: join(folder.path, 'adaptive/out.mpd') }, bigBuckBunny, {
      ...size,
      width: 1280,
      height: 720,
    });
    const gear = await psnr({ input: join(folder.path, 'gear/out.mpd') }, bigBuckBunny, {
      ...size,
      width: 640,
      height: 360,
    });
    for (const { frames, y, u, v } of [adaptive, gear]) {
      expect(frames).to.equal(COUNT);
      expect(y).to.be.greaterThan(35);
      expect(Math.min(u, v)).to.be.greaterThan(40);
    }
  });
});
