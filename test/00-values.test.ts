// Values: bitrates, times, sizes and rates as they may be written, and the exact numbers behind them.

import { expect } from 'chai';
import { approximate, limitTo, multiply, rateFromNumber, reduce } from '../src/base/rational.js';
import * as values from '../src/check/values.js';

describe('values', () => {
  it('reads bitrates with and without a suffix', () => {
    expect(values.bitrate.parse('2500k')).to.equal(2_500_000);
    expect(values.bitrate.parse(' 2.5M ')).to.equal(2_500_000);
    expect(values.bitrate.parse(2_500_000)).to.equal(2_500_000);
    expect(values.bitrate.parse('96000')).to.equal(96_000);
  });

  it('refuses what is no bitrate', () => {
    expect(values.bitrate.parse('1G')).to.equal(1e9);
    for (const wrong of [
      '5Q',
      '',
      'k',
      '-1k',
      '0',
      999,
      '1001M',
      1e10,
      Infinity,
      Number.NaN,
      null,
      '1e3k',
      {},
      true,
    ]) {
      expect(values.bitrate.parse(wrong), JSON.stringify(wrong)).to.equal(undefined);
    }
  });

  it('wants k or M where the original does', () => {
    expect(values.suffixedBitrate.parse('4000k')).to.equal(4_000_000);
    expect(values.suffixedBitrate.parse('4M')).to.equal(4_000_000);
    for (const wrong of ['4000000', '4m', '4K', '4G', 4_000_000]) {
      expect(values.suffixedBitrate.parse(wrong), String(wrong)).to.equal(undefined);
    }
  });

  it('reads times in every notation of FFmpeg', () => {
    expect(values.seconds.parse('0.5')).to.equal(0.5);
    expect(values.seconds.parse('500ms')).to.equal(0.5);
    expect(values.seconds.parse('250000us')).to.equal(0.25);
    expect(values.seconds.parse('00:01:30.5')).to.equal(90.5);
    expect(values.seconds.parse('1:30')).to.equal(90);
    expect(values.seconds.parse(0)).to.equal(0);
    for (const wrong of ['', 'x', -1, '-1', '1:75', Infinity, '5 apples']) {
      expect(values.seconds.parse(wrong), String(wrong)).to.equal(undefined);
    }
    expect(values.duration.parse(0)).to.equal(undefined);
  });

  it('reads sizes', () => {
    expect(values.size.parse('1280x720')).to.deep.equal({ width: 1280, height: 720 });
    expect(values.size.parse('1280X720')).to.deep.equal({ width: 1280, height: 720 });
    for (const wrong of ['1280', '0x720', '1280x', 'axb', 1280, '1280x720x3']) {
      expect(values.size.parse(wrong), String(wrong)).to.equal(undefined);
    }
  });

  it('reads switches', () => {
    for (const on of [true, 1, '1', 'true']) expect(values.flag.parse(on)).to.equal(true);
    for (const off of [false, 0, '0', 'false']) expect(values.flag.parse(off)).to.equal(false);
    for (const wrong of ['yes', 2, null, {}]) expect(values.flag.parse(wrong)).to.equal(undefined);
  });

  it('takes rounded NTSC rates for the exact ones', () => {
    const exact: [number, number][] = [
      [23.976, 24000],
      [23.98, 24000],
      [29.97, 30000],
      [47.952, 48000],
      [59.94, 60000],
      [119.88, 120000],
    ];
    for (const [decimal, num] of exact) {
      expect(rateFromNumber(decimal), String(decimal)).to.deep.equal({ num, den: 1001 });
    }
  });

  it('finds the simplest fraction of other rates', () => {
    expect(rateFromNumber(24)).to.deep.equal({ num: 24, den: 1 });
    expect(rateFromNumber(12.5)).to.deep.equal({ num: 25, den: 2 });
    expect(rateFromNumber(33.333)).to.deep.equal({ num: 100, den: 3 });
    expect(rateFromNumber(10.01)).to.deep.equal({ num: 1001, den: 100 });
    expect(rateFromNumber(0.5)).to.deep.equal({ num: 1, den: 2 });
  });

  it('reads frame rates as numbers, fractions and text', () => {
    expect(values.frameRate.parse('30000/1001')).to.deep.equal({ num: 30000, den: 1001 });
    expect(values.frameRate.parse({ num: 50, den: 2 })).to.deep.equal({ num: 25, den: 1 });
    expect(values.frameRate.parse('29.97')).to.deep.equal({ num: 30000, den: 1001 });
    for (const wrong of [0, -25, '30/0', 'fast', 1001, Number.NaN, { num: 1.5, den: 1 }, null]) {
      expect(values.frameRate.parse(wrong), JSON.stringify(wrong)).to.equal(undefined);
    }
  });

  it('reads aspect ratios', () => {
    expect(values.aspect.parse('16:9')).to.deep.equal({ num: 16, den: 9 });
    expect(values.aspect.parse(1.7778)).to.deep.equal({ num: 16, den: 9 });
    expect(values.aspect.parse('2.35')).to.deep.equal({ num: 47, den: 20 });
    expect(values.aspect.parse('wide')).to.equal(undefined);
  });
});

describe('rationals', () => {
  it('reduce and multiply exactly', () => {
    expect(reduce({ num: 1920, den: 1080 })).to.deep.equal({ num: 16, den: 9 });
    expect(multiply({ num: 16, den: 9 }, { num: 480, den: 854 })).to.deep.equal({
      num: 1280,
      den: 1281,
    });
  });

  it('approximate within a limit', () => {
    expect(approximate(Math.PI, 120)).to.deep.equal({ num: 22, den: 7 });
    expect(approximate(Math.PI, 1000)).to.deep.equal({ num: 355, den: 113 });
    const limited = limitTo({ num: 1_000_003, den: 1_000_033 }, 65535);
    expect(limited.num).to.be.at.most(65535);
    expect(limited.num / limited.den).to.be.closeTo(1_000_003 / 1_000_033, 1e-8);
    expect(limitTo({ num: 32, den: 18 }, 65535)).to.deep.equal({ num: 16, den: 9 });
  });
});
