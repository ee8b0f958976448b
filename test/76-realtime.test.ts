// A file that is read as it plays, as a camera would come: -re, input.realtime.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'chai';

import { AdaptiveStream } from '../src/index.js';
import type { SourceOptions } from '../src/index.js';
import { makeClip } from './support/clip.js';
import { packets } from './support/ffprobe.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { ABORT_LIMIT, rejection } from './support/small.js';

describe('A source that is read in real time', () => {
  let folder: TemporaryFolder;
  let clip: string;
  let target: string;
  let count = 0;
  before(async () => {
    folder = await temporaryFolder();
    clip = join(folder.path, 'clip.mp4');
    await makeClip(clip, { seconds: 4, sound: true, options: ['-g', '25'] });
  });
  after(() => folder[Symbol.asyncDispose]());
  beforeEach(() => (target = join(folder.path, `out-${count++}`, 'manifest.mpd')));

  const options = (rest: Partial<SourceOptions>): SourceOptions => ({
    output: target,
    video: { preset: 'ultrafast' },
    ...rest,
    input: { realtime: true },
  });

  it('takes as long as it plays, from where it is to begin', async () => {
    const trim = { start: 2.5, duration: 1 };
    const stream = await AdaptiveStream.transcode(clip, options({ trim }));
    const { framesEncoded, elapsed } = await stream.finish();
    expect(framesEncoded).to.equal(25);
    // The last picture plays 0.96 s after the first one. Packets come by decoding time, two pictures ahead.
    expect(elapsed).to.be.greaterThan(0.8);
    expect((await packets(target))[0]).to.have.length(25);
  });

  it('may be live', async () => {
    const packaging = { live: { window: 2 }, segmentDuration: 0.5 };
    const stream = await AdaptiveStream.transcode(
      clip,
      options({ packaging, trim: { duration: 1.5 } }),
    );
    const types: (string | undefined)[] = [];
    stream.on('manifest', ({ path }) => {
      types.push(/ type="(\w+)"/.exec(readFileSync(path, 'utf8'))?.[1]);
    });
    const { elapsed } = await stream.finish();
    expect(elapsed).to.be.greaterThan(1.3);
    expect(types[0]).to.equal('dynamic');
  });

  it('can be aborted and stopped while it waits', async () => {
    const stream = await AdaptiveStream.transcode(clip, options({ trim: { duration: 3.9 } }));
    const finished = rejection(stream.finish());
    const begin = performance.now();
    await stream.abort();
    expect((await finished).code).to.equal('ABORTED');
    expect(performance.now() - begin).to.be.lessThan(ABORT_LIMIT);
    const other = await AdaptiveStream.transcode(clip, options({}));
    await new Promise((resolve) => {
      other.on('progress', ({ frames }) => {
        if (frames > 0) resolve(undefined);
      });
    });
    const summary = await other.stop();
    expect(summary.framesEncoded).to.be.within(1, 99);
  });
});
