// What would write pictures that are not what they are called, or that nobody can play, is refused.

import { join } from 'node:path';

import { expect } from 'chai';

import { AdaptiveStream, StreamGear } from '../src/index.js';
import type { StreamParams } from '../src/index.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { issuesOf, rejection, smallFrame, smallOptions } from './support/small.js';

describe('refused', () => {
  let folder: TemporaryFolder;
  let runs = 0;
  before(async () => (folder = await temporaryFolder()));
  after(() => folder[Symbol.asyncDispose]());

  /** Paths that a StreamGear is refused for, at the latest with its first frame. */
  async function pathsOf(streamParams: StreamParams): Promise<string[]> {
    const output = join(folder.path, String(runs++), 'out.mpd');
    const run = async (): Promise<unknown> => {
      await using gear = new StreamGear({
        output,
        streamParams: { '-preset': 'ultrafast', ...streamParams },
      });
      return await gear.stream(smallFrame(0));
    };
    return issuesOf(await rejection(run())).map(({ path }) => path);
  }

  for (const params of [
    { '-colorspace': 'bt709' },
    { '-color_range': 'pc' },
    { '-color_range': 2 },
    { '-color_primaries': 'bt2020' },
    { '-color_trc': 'smpte2084' },
    { '-x264-params': 'aq-mode=3:colormatrix=bt709' },
    { '-x264-params': 'fullrange=on' },
    { '-x264opts': 'videoformat=pal' },
    { '-vcodec': 'libx265', '-x265-params': 'range=full' },
    { '-vcodec': 'libx265', '-x265-params': 'range=1' },
    { '-x264-params': 'fullrange=1' },
    { '-pix_fmt': 'rgb24', '-vcodec': 'libx264rgb' },
    { '-encryption_scheme': 'cenc-aes-ctr', '-encryption_key': '00112233445566778899aabbccddeeff' },
    { '-encryption_kid': '00112233445566778899aabbccddeeff' },
  ] as readonly StreamParams[]) {
    it(JSON.stringify(params), async () => {
      expect(await pathsOf(params)).not.to.be.empty;
    });
  }

  it('an encoder of RGB', async () => {
    const options = { ...smallOptions(folder.path), video: { codec: 'libx264rgb' } };
    const [issue] = issuesOf(await rejection(AdaptiveStream.open(options)));
    expect(issue?.path).to.equal('video.codec');
    expect(issue?.message).to.match(/YUV.*"libx264rgb"/);
    const packaging = { options: { encryption_scheme: 'cenc-aes-ctr' } };
    const error = await rejection(AdaptiveStream.open({ ...smallOptions(folder.path), packaging }));
    expect(issuesOf(error)[0]?.message).to.match(/there is no encryption/);
  });

  it('nothing that says what the pictures are anyway', async () => {
    const streamParams = {
      ...{ '-preset': 'ultrafast', '-color_range': 'tv' },
      ...{ '-x264-params': 'range=tv', '-encryption_scheme': 'none' },
    };
    await using gear = new StreamGear({
      output: join(folder.path, 'fine', 'out.mpd'),
      streamParams,
    });
    expect(await gear.stream(smallFrame(0))).to.equal(true);
  });
});
