// dash.js and hls.js in headless Chromium play what the library writes, with another rendition for
// every segment.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';
import type { Browser } from 'playwright-core';

import { openFrames, StreamGear, type StreamFormat } from '../../src/index.js';
import { bigBuckBunny, temporaryFolder, type TemporaryFolder } from '../support/media.js';
import { launchBrowser, playback, realErrors, type Playback, type PlayerName } from './browser.js';

const SECONDS = 6;

/**
 * Not the clip's 24: with B-frames MPEG-TS starts 2/24 s late in hls.js, which then compares the
 * buffer's end in whole microseconds with that, finds itself a third of one short, and loads a
 * segment twice when the level changes (1.7.4; with ffmpeg's output as well).
 */
const FRAME_RATE = 25;

/** From the lowest to the highest: the order in which both players count. */
const LADDER = [
  { size: '320x240', bitrate: '300k' },
  { size: '640x360', bitrate: '800k' },
  { size: '854x480', bitrate: '1200k' },
] as const;

const HEIGHTS = [240, 360, 480, 720];

/** All are shown as 16:9, so 320x240 is 427x240 on the screen. */
const DISPLAYED = ['427x240', '640x360', '853x480', '1280x720'];

/** Heard all the time: a soft tone. */
const SOUND = {
  '-audio': ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
  '-acodec': 'aac',
  '-b:a': '128k',
  '-ac': 2,
} as const;

/** One presentation with segments of one second. */
function createGear(
  output: string,
  format: StreamFormat | readonly StreamFormat[],
  options: Record<string, string | number>,
): StreamGear {
  return new StreamGear({
    output,
    format,
    streamParams: {
      '-input_framerate': FRAME_RATE,
      ...SOUND,
      '-streams': LADDER.map(({ size, bitrate }) => ({
        '-resolution': size,
        '-video_bitrate': bitrate,
        // DASH: the smallest is listened to at less. In HLS that would be another group for each of the switches here,
        // at which hls.js breaks off what it loads.
        '-audio_bitrate': format === 'dash' && size === '320x240' ? '64k' : '128k',
      })),
      ...options,
    },
  });
}

/** Pushes the same real video, 1280x720, into all presentations. */
async function writePresentations(folder: string): Promise<void> {
  const hls = { '-hls_time': 1, '-b:v:0': '2500k' };
  const gears = [
    createGear(join(folder, 'dash', 'dash.mpd'), 'dash', { '-seg_duration': 1, '-b:v:0': '2500k' }),
    createGear(join(folder, 'fmp4', 'hls.m3u8'), 'hls', { ...hls, '-hls_segment_type': 'fmp4' }),
    createGear(join(folder, 'ts', 'hls.m3u8'), 'hls', { ...hls, '-hls_segment_type': 'mpegts' }),
    createGear(join(folder, 'both', 'both.mpd'), ['dash', 'hls'], hls),
  ];
  const size = { width: 1280, height: 720 };
  let left = SECONDS * FRAME_RATE;
  for await (const frame of await openFrames(bigBuckBunny, size)) {
    // Without the clip's own timestamps a frame's time is its index over the rate.
    const { data, width, height, pixelFormat } = frame;
    await Promise.all(gears.map((gear) => gear.stream({ data, width, height, pixelFormat })));
    frame.release();
    if (--left === 0) break;
  }
  await Promise.all(gears.map((gear) => gear.close()));
}

/** The numbers that a list of sizes goes through when each segment is another rendition. */
function cycle<T>(values: readonly T[]): T[] {
  return Array.from({ length: SECONDS }, (_, index) => values[index % values.length] as T);
}

/** "853x480" and "854x480" are the same display size: the exact one is 853.33. */
function isDisplayedAs(size: string, expected: string): boolean {
  const [width = NaN, height = NaN] = size.split('x').map(Number);
  const [expectedWidth = NaN, expectedHeight = NaN] = expected.split('x').map(Number);
  return height === expectedHeight && Math.abs(width - expectedWidth) <= 1;
}

function expectFlawless(seen: Playback): void {
  const report = JSON.stringify(seen);
  expect(realErrors(seen), report).to.deep.equal([]);
  expect(seen.consoleErrors, report).to.deep.equal([]);
  expect(seen.missing, report).to.deep.equal([]);
  expect(seen.requested, report).to.deep.equal(cycle(HEIGHTS));
  const expected = cycle(DISPLAYED);
  expect(seen.sizes, report).to.have.length(expected.length);
  for (const [index, size] of seen.sizes.entries()) {
    expect(isDisplayedAs(size, expected[index] ?? ''), `segment ${index}: ${report}`).to.equal(
      true,
    );
  }
  expect(seen.isEnded, report).to.equal(true);
  // hls.js starts MPEG-TS at the first decoding time: up to three frames late.
  expect(seen.duration, report).to.be.within(SECONDS - 0.01, SECONDS + 0.13);
  expect(seen.currentTime, report).to.be.closeTo(seen.duration, 0.05);
  expect(seen.longestStall, report).to.be.below(1);
  expect(seen.corrupted, report).to.equal(0);
  expectSound(seen);
}

/** It is heard from begin to end, and buffered in one piece: a hole of either track would cut that in two. */
function expectSound(seen: Playback): void {
  const report = JSON.stringify(seen);
  expect(seen.heard, report).to.be.above(9 * seen.silent);
  expect(seen.buffered, report).to.have.length(1);
  const [[from, to] = [NaN, NaN]] = seen.buffered;
  expect(from, report).to.be.within(0, 0.13);
  expect(to, report).to.be.closeTo(seen.duration, 0.05);
}

describe('players in Chromium', () => {
  let folder: TemporaryFolder;
  let browser: Browser;

  before(async () => {
    folder = await temporaryFolder();
    await writePresentations(folder.path);
    browser = await launchBrowser();
  });
  after(async () => {
    // The hook before may have failed on the way.
    await (browser as Browser | undefined)?.close();
    await (folder as TemporaryFolder | undefined)?.[Symbol.asyncDispose]();
  });

  const cases: [title: string, player: PlayerName, folder: string, manifest: string][] = [
    ['DASH in dash.js', 'dash.js', 'dash', 'dash.mpd'],
    ['HLS with fMP4 in hls.js', 'hls.js', 'fmp4', 'hls.m3u8'],
    ['HLS with MPEG-TS in hls.js', 'hls.js', 'ts', 'hls.m3u8'],
    ['the MPD of both formats in dash.js', 'dash.js', 'both', 'both.mpd'],
    ['the playlists of both formats in hls.js', 'hls.js', 'both', 'both.m3u8'],
  ];
  for (const [title, player, name, manifest] of cases) {
    it(`${title}: all four renditions, one after the other, without a fault`, async () => {
      expectFlawless(await playback(browser, player, join(folder.path, name), manifest));
    });
  }

  it('a missing segment is noticed', async () => {
    // The third segment is of the third rung, and that is the third of `-streams`.
    const name = join(folder.path, 'dash');
    await rm(join(name, 'chunk-stream3-00003.m4s'));
    const seen = await playback(browser, 'dash.js', name, 'dash.mpd', 15);
    expect(seen.missing).to.not.deep.equal([]);
    expect(() => {
      expectFlawless(seen);
    }).to.throw();
  });
});
