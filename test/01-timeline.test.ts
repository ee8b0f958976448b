// Timeline: exact ticks by frame number, real time by timestamp, never backwards.

import { expect } from 'chai';
import { Timeline, durationInTicks, ticksPerSecond } from '../src/frames/timeline.js';

const NTSC = { num: 30000, den: 1001 };

function ticksOf(timeline: Timeline, timestamps: (number | undefined)[]): (number | string)[] {
  return timestamps.map((timestamp) => {
    const place = timeline.place(timestamp);
    return place.kind === 'keep' ? place.ticks : place.kind;
  });
}

describe('timeline', () => {
  it('has a tick of at most 1/90000 s on which every frame lies exactly', () => {
    for (const num of [1, 24, 25, 30, 60, 24000, 30000, 60000, 120000, 90001]) {
      const ticks = ticksPerSecond({ num, den: 1001 });
      expect(ticks % num, String(num)).to.equal(0);
      expect(ticks, String(num)).to.be.at.least(90000);
    }
  });

  it('keeps 29.97 exact for a day', () => {
    const timeline = new Timeline(NTSC);
    expect(ticksOf(timeline, [undefined, undefined, undefined])).to.deep.equal([0, 3003, 6006]);
    expect(durationInTicks(86400, NTSC)).to.equal(86400 * 90000);
  });

  it('rebases timestamps on the first and keeps gaps', () => {
    const timeline = new Timeline({ num: 25, den: 1 });
    expect(ticksOf(timeline, [10, 10.04, 12])).to.deep.equal([0, 3600, 180000]);
  });

  it('goes on by one frame after a timestamp', () => {
    const timeline = new Timeline({ num: 25, den: 1 });
    expect(ticksOf(timeline, [undefined, 1, undefined])).to.deep.equal([0, 90000, 93600]);
  });

  it('refuses times that do not grow, and goes on after them', () => {
    const timeline = new Timeline({ num: 25, den: 1 });
    expect(ticksOf(timeline, [0, 0.04, 0.04, 0.02, 0.08])).to.deep.equal([
      0,
      3600,
      'late',
      'late',
      7200,
    ]);
    expect(timeline.place(0.08)).to.deep.equal({ kind: 'late', time: 0.08, previous: 0.08 });
  });

  it('refuses a time that is more than a month behind the frame before it, and goes on after it', () => {
    const timeline = new Timeline({ num: 25, den: 1 });
    expect(ticksOf(timeline, [0, 86_400, 1e9, 1e300, 86_400.04])).to.deep.equal([
      0,
      86_400 * 90_000,
      'far',
      'far',
      86_400 * 90_000 + 3600,
    ]);
  });

  it('refuses a time that is further behind than a sample may last, where segments last hours', () => {
    const timeline = new Timeline(
      { num: 25, den: 1 },
      { start: 0, end: Infinity },
      8 * 3600 * 90_000,
    );
    expect(ticksOf(timeline, [0, 0.04, 17_895, 35_800, 17_895.04, 50_000])).to.deep.equal([
      0,
      3600,
      17_895 * 90_000,
      'far',
      17_895.04 * 90_000,
      50_000 * 90_000, // a border of segments lies between
    ]);
    const trimmed = new Timeline({ num: 25, den: 1 }, { start: 50_000, end: 100_000 });
    expect(ticksOf(trimmed, [0, 50_000, 50_000.04, 200_000])).to.deep.equal([
      'before',
      0,
      3600,
      'after',
    ]);
  });

  it('trims, and begins anew at the first frame that is kept', () => {
    const timeline = new Timeline({ num: 25, den: 1 }, { start: 0.08, end: 0.16 });
    expect(ticksOf(timeline, Array<undefined>(6).fill(undefined))).to.deep.equal([
      'before',
      'before',
      0,
      3600,
      'after',
      'after',
    ]);
  });

  it('trims NTSC frames at decimals without losing one', () => {
    // Frame 30 of 29.97 is at 1.001 s: -t 1 keeps the 30 frames before it.
    const timeline = new Timeline(NTSC, { start: 0, end: 1 });
    const kept = ticksOf(timeline, Array<undefined>(60).fill(undefined)).filter(
      (tick) => typeof tick === 'number',
    );
    expect(kept).to.have.length(30);
  });

  it('makes no duration shorter than a frame', () => {
    expect(durationInTicks(0.001, { num: 25, den: 1 })).to.equal(3600);
    expect(durationInTicks(0.5, { num: 25, den: 1 })).to.equal(45000);
  });
});
