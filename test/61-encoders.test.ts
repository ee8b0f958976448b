// listEncoders(): what works on this machine, by trying it.
import { expect } from 'chai';

import { AdaptiveStream, listEncoders } from '../src/index.js';
import type { EncoderReport } from '../src/index.js';
import { nativeBinding } from '../src/native/native.js';
import { childMessages, runChild } from './support/child.js';
import { temporaryFolder } from './support/media.js';
import { issuesOf, pushSmall, rejection, smallOptions, until } from './support/small.js';

describe('listEncoders()', () => {
  let reports: EncoderReport[];
  before(async () => (reports = await listEncoders()));

  it('lists only encoders of codecs that segments can hold', () => {
    expect(reports).not.to.be.empty;
    const names = reports.map(({ name }) => name);
    expect(new Set(names)).to.have.property('size', names.length);
    for (const { codec } of reports) expect(codec).to.be.oneOf(['h264', 'hevc', 'vp9', 'av1']);
    // RGB in the bitstream is nothing that a player shows.
    expect(names).not.to.include.members(['libx264rgb', 'mpeg4']);
  });

  it('says of each whether it works, and why not', () => {
    expect(reports.find(({ name }) => name === 'libx264')).to.deep.include({
      name: 'libx264',
      codec: 'h264',
      hardware: false,
      works: true,
    });
    for (const report of reports) {
      expect(report.description).not.to.equal('');
      if (report.works) expect(report).not.to.have.property('reason');
      else {
        expect(report.reason, report.name).to.match(new RegExp(`^${report.name} .+: .+`, 's'));
        expect(report.reason).not.to.match(/rendition|listEncoders/);
        expect(report).not.to.have.property('devices');
      }
    }
  });

  it('is right: what works packages, what does not fails in the same way', async () => {
    await using folder = await temporaryFolder();
    for (const { name, works, hardware } of reports) {
      const stream = AdaptiveStream.open(
        smallOptions(folder.path, {
          video: { codec: name },
          // As large as hardware needs it.
          renditions: [{ width: 640, height: 360, bitrate: '1M' }],
        }),
      );
      if (works) {
        await pushSmall(await stream, 12);
        expect((await (await stream).finish()).framesEncoded, name).to.equal(12);
      } else {
        const error = await rejection(stream);
        expect(error.code, name).to.equal(
          hardware ? 'HARDWARE_UNAVAILABLE' : 'ENCODER_OPEN_FAILED',
        );
      }
    }
  });

  it('takes a codec or a name', async () => {
    const h264 = await listEncoders({ codec: 'h264' });
    expect(h264.every(({ codec }) => codec === 'h264')).to.be.true;
    expect(h264[0]).to.include({ name: 'libx264' });
    expect((await listEncoders({ codec: 'libx264' })).map(({ name }) => name)).to.deep.equal([
      'libx264',
    ]);
    expect(await listEncoders({ codec: 'no-such-codec' })).to.deep.equal([]);
    for (const options of [{ codek: 'h264' }, { codec: 264 }, { signal: 'stop' }, 264]) {
      const error = await rejection(listEncoders(options as object));
      expect(issuesOf(error), JSON.stringify(options)).to.have.length(1);
    }
  });

  it('ends by a signal, and leaves no thread behind', async () => {
    const early = await rejection(listEncoders({ signal: AbortSignal.abort('no') }));
    expect(early).to.include({ code: 'ABORTED', cause: 'no' });
    const control = new AbortController();
    const listing = rejection(listEncoders({ signal: control.signal }));
    control.abort('enough');
    expect(await listing).to.include({ code: 'ABORTED', cause: 'enough' });
    await until(() => nativeBinding().liveObjects().trials === 0);
  });

  it('may run beside itself and beside a stream', async () => {
    await using folder = await temporaryFolder();
    const stream = await AdaptiveStream.open(smallOptions(folder.path));
    const lists = await Promise.all([
      listEncoders({ codec: 'av1' }),
      listEncoders({ codec: 'av1' }),
      pushSmall(stream, 30),
    ]);
    expect(lists[0]).to.deep.equal(lists[1]);
    await stream.finish();
  });

  it('is waited for by a process that ends by itself', async () => {
    const [message] = await childMessages('listing-encoders');
    expect(message).to.deep.equal({ count: reports.length });
  });

  for (const how of ['exit', 'worker']) {
    it(`does not mind ${how === 'exit' ? 'process.exit()' : 'the end of its worker'}`, async () => {
      const { code, signal, stderr } = await runChild('listing-encoders', { args: [how] });
      expect({ code, signal }, stderr).to.deep.equal({ code: 0, signal: null });
    });
  }
});
