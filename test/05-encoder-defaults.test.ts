// Encoder defaults: the bitrate is kept, GOPs are closed, and the caller's options win without undoing that.

import { expect } from 'chai';
import { declaredPeak, encoderSettings, shareThreads } from '../src/plan/encoder-defaults.js';
import type { EncoderRequest, EncoderSettings } from '../src/plan/encoder-defaults.js';

type Request = Partial<Omit<EncoderRequest, 'user'>> & { user?: Record<string, string> };

function settings({ user = {}, ...request }: Request = {}): EncoderSettings {
  return encoderSettings({
    encoder: 'libx264',
    pixelFormat: '',
    bitrate: 2_000_000,
    live: false,
    withoutReordering: false,
    threads: 2,
    gopFrames: 48,
    user: new Map(Object.entries(user)),
    ...request,
  });
}

function optionsOf(request: Request = {}): Record<string, string> {
  return Object.fromEntries(settings(request).options);
}

describe('encoder defaults', () => {
  it('libx264 keeps its bitrate in a VBV and closes its GOPs', () => {
    expect(optionsOf()).to.deep.equal({
      b: '2000000',
      maxrate: '3000000',
      bufsize: '4000000',
      threads: '2',
      preset: 'veryfast',
      profile: 'high',
      sc_threshold: '0',
      'forced-idr': '1',
      flags: '+cgop',
      'x264-params': 'ratetol=0.1',
    });
  });

  it('the buffer of live follows short segments, and is the usual one where they last two seconds', () => {
    const perSecond = (segmentDuration: number, request: Request = {}): number => {
      const { maxrate, bufsize } = settings({ live: true, segmentDuration, ...request });
      return (maxrate + bufsize / segmentDuration) / 2_000_000;
    };
    expect(perSecond(0.5)).to.be.closeTo(1.6, 1e-6);
    expect(perSecond(1)).to.be.closeTo(1.6, 1e-6);
    expect(perSecond(1.5)).to.be.within(1.6, 2.5);
    expect(perSecond(2)).to.equal(2.5);
    expect(settings({ live: true, segmentDuration: 4 })).to.include({ bufsize: 4_000_000 });
    expect(settings({ live: false, segmentDuration: 0.5 })).to.include({ bufsize: 4_000_000 });
    expect(perSecond(0.5, { encoder: 'libvpx-vp9' })).to.be.closeTo(1.5, 1e-6);
    const user = { maxrate: '3M', bufsize: '6M' };
    expect(perSecond(0.5, { user })).to.equal(7.5);
  });

  it('libx264 has no delay when live', () => {
    expect(optionsOf({ live: true })).to.include({
      tune: 'zerolatency',
      bf: '0',
      thread_type: 'slice',
    });
  });

  it('a profile of 8 bits 4:2:0 is only said of such pictures', () => {
    expect(optionsOf({ pixelFormat: 'nv12' })).to.include({ profile: 'high' });
    expect(optionsOf({ pixelFormat: 'yuv422p' })).not.to.have.property('profile');
    expect(optionsOf({ user: { profile: 'main' } })).to.include({ profile: 'main' });
  });

  it('constant quality of libx264 has no tolerance of a bitrate', () => {
    expect(optionsOf({ user: { crf: '20' } })).to.not.have.property('x264-params');
  });

  it('crf is capped by the bitrate', () => {
    const options = optionsOf({ user: { crf: '20' } });
    expect(options).not.to.have.property('b');
    expect(options).to.include({ crf: '20', maxrate: '3000000', bufsize: '4000000' });
  });

  it("the caller's options win", () => {
    expect(optionsOf({ user: { maxrate: '2500k', threads: '1', preset: 'slow' } })).to.include({
      maxrate: '2500k',
      bufsize: '4000000',
      threads: '1',
      preset: 'slow',
    });
    expect(settings({ user: { maxrate: '2500k', bufsize: '1M' } })).to.include({
      maxrate: 2_500_000,
      bufsize: 1_000_000,
    });
  });

  it('flags are added, never assigned over the closed GOP', () => {
    expect(optionsOf({ user: { flags: 'low_delay' } })['flags']).to.equal('+cgop+low_delay');
    expect(optionsOf({ user: { flags: '+bitexact-psnr' } })['flags']).to.equal(
      '+cgop+bitexact-psnr',
    );
  });

  it('x265-params of the caller come after ours', () => {
    const params = optionsOf({ encoder: 'libx265', user: { 'x265-params': 'aq-mode=3' } })[
      'x265-params'
    ];
    expect(params).to.match(/^scenecut=0:open-gop=0:keyint=-1:.*:aq-mode=3$/);
    expect(params).to.include('pools=2');
    expect(params).not.to.include('lossless');
  });

  it('x264-params of the caller come after ours', () => {
    expect(optionsOf({ user: { 'x264-params': 'aq-mode=3' } })['x264-params']).to.equal(
      'ratetol=0.1:aq-mode=3',
    );
  });

  it('libvpx-vp9 is told CBR, unless it is told otherwise', () => {
    const cbr = { b: '2000000', minrate: '2000000', maxrate: '2000000', bufsize: '2000000' };
    expect(optionsOf({ encoder: 'libvpx-vp9' })).to.include(cbr);
    const own = optionsOf({ encoder: 'libvpx-vp9', user: { maxrate: '3M' } });
    expect(own).to.include({ maxrate: '3M' }).and.not.have.property('minrate');
    const quality = optionsOf({ encoder: 'libvpx-vp9', user: { crf: '30' } });
    expect(quality)
      .to.include({ b: '2000000', maxrate: '3000000' })
      .and.not.have.property('minrate');
  });

  it('libsvtav1 knows the length of a GOP', () => {
    const params = (rest: Request): string | undefined =>
      optionsOf({ encoder: 'libsvtav1', ...rest })['svtav1-params'];
    expect(params({})).to.equal('keyint=49');
    expect(params({ live: true })).to.equal('keyint=49:rc=2:pred-struct=1');
    expect(params({ live: true, user: { crf: '30' } })).to.equal('keyint=49');
  });

  it('encoders that nobody knows keep their bitrate too', () => {
    expect(optionsOf({ encoder: 'h264_new' })).to.deep.equal({
      b: '2000000',
      maxrate: '3000000',
      bufsize: '4000000',
      threads: '2',
    });
  });
});

describe('threads', () => {
  const LADDER = [
    { width: 1920, height: 1080 },
    { width: 1280, height: 720 },
    { width: 960, height: 540 },
    { width: 640, height: 360 },
  ];

  it('are shared by the pixels, and each picture has one', () => {
    const share = (widths: readonly number[], processors: number): number[] =>
      shareThreads(
        widths.map((width) => ({ width, height: 1080 })),
        processors,
      );
    expect(share([100, 400, 200], 8)).to.deep.equal([1, 5, 2]);
    expect(shareThreads(LADDER, 16)).to.deep.equal([9, 4, 2, 1]);
    expect(share([100, 100], 4)).to.deep.equal([2, 2]);
    expect(share([100, 400, 200], 2)).to.deep.equal([1, 1, 1]);
    expect(share([100], 16)).to.deep.equal([16]);
  });

  it('are no more than a picture has lines for', () => {
    expect(shareThreads(LADDER, 64)).to.deep.equal([33, 17, 10, 4]);
    expect(shareThreads(LADDER, 256)).to.deep.equal([33, 22, 16, 11]);
    expect(shareThreads([{ width: 16, height: 2 }], 64)).to.deep.equal([1]);
    // The wide one has no use for more than two: the rest goes to the other.
    const wide = [
      { width: 4096, height: 64 },
      { width: 640, height: 360 },
    ];
    expect(shareThreads(wide, 9)).to.deep.equal([2, 7]);
  });
});

describe('the declared peak', () => {
  it('is the bound of the rate control and what the container adds', () => {
    const rate = { options: [], maxrate: 3_000_000, bufsize: 4_000_000 };
    const base = { segmentDuration: 2, fps: 30 };
    const fmp4 = declaredPeak(rate, { ...base, mpegts: false });
    const mpegts = declaredPeak(rate, { ...base, mpegts: true });
    expect(fmp4).to.be.within(5_000_000, 5_050_000);
    expect(mpegts).to.be.within(5_100_000, 5_300_000);
    expect(Number.isInteger(fmp4) && Number.isInteger(mpegts)).to.equal(true);
  });
});
