// A live presentation, pushed by the clock, is watched from its middle to its end while it is being written.
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from 'chai';
import type { Browser } from 'playwright-core';

import { StreamGear, type StreamFormat, type StreamParams } from '../../src/index.js';
import { movingBox, paintFrame, temporaryFolder, type TemporaryFolder } from '../support/media.js';
import { launchBrowser, playback, realErrors, type PlayerName } from './browser.js';

const FRAME_RATE = 25;
const SECONDS = 14;
/** When somebody begins to watch. */
const JOIN_AFTER = 4;

/** Pushes frames as a camera would: one every 40 ms. */
async function broadcast(
  output: string,
  format: StreamFormat | readonly StreamFormat[],
  params: StreamParams,
): Promise<void> {
  const gear = new StreamGear({
    output,
    format,
    streamParams: {
      '-input_framerate': FRAME_RATE,
      '-livestream': true,
      ...params,
      [format === 'hls' ? '-hls_time' : '-seg_duration']: 1,
      '-streams': [{ '-resolution': '320x180', '-video_bitrate': '300k' }],
    },
  });
  const [width, height] = [640, 360];
  const pictures = Array.from({ length: FRAME_RATE }, (_, index) =>
    paintFrame(width, height, 'bgr24', movingBox(width, height, index)),
  );
  const begin = performance.now();
  for (let index = 0; index < SECONDS * FRAME_RATE; index++) {
    await gear.stream(pictures[index % pictures.length]);
    await sleep(Math.max(0, begin + ((index + 1) * 1000) / FRAME_RATE - performance.now()));
  }
  await gear.close();
}

describe('players of a live presentation', () => {
  let folder: TemporaryFolder;
  let browser: Browser;

  before(async () => {
    folder = await temporaryFolder();
    browser = await launchBrowser();
  });
  after(async () => {
    await (browser as Browser | undefined)?.close();
    await (folder as TemporaryFolder | undefined)?.[Symbol.asyncDispose]();
  });

  const sound = { '-audio': ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'] };
  const both = ['dash', 'hls'] as const;
  const cases: [
    title: string,
    player: PlayerName,
    manifest: string,
    params: StreamParams,
    formats?: typeof both,
  ][] = [
    ['dash.js', 'dash.js', 'live.mpd', {}],
    ['hls.js', 'hls.js', 'live.m3u8', {}],
    ['dash.js, with sound,', 'dash.js', 'live.mpd', sound],
    ['hls.js, with sound in MPEG-TS,', 'hls.js', 'live.m3u8', sound],
    [
      'hls.js, with sound in fMP4,',
      'hls.js',
      'live.m3u8',
      { ...sound, '-hls_segment_type': 'fmp4' },
    ],
    ['dash.js, beside playlists,', 'dash.js', 'live.mpd', sound, both],
    ['hls.js, beside an MPD,', 'hls.js', 'live.m3u8', sound, both],
  ];
  for (const [index, [title, player, manifest, params, formats]] of cases.entries()) {
    it(`${title} joins, follows without a stall, and comes to the end`, async () => {
      const output = join(folder.path, String(index), manifest);
      const own = player === 'dash.js' ? 'dash' : 'hls';
      const broadcasting = broadcast(output, formats ?? own, params);
      await sleep(JOIN_AFTER * 1000);
      const seen = await playback(browser, player, dirname(output), manifest);
      await broadcasting;
      const report = JSON.stringify(seen);
      expect(realErrors(seen), report).to.deep.equal([]);
      expect(seen.consoleErrors, report).to.deep.equal([]);
      expect(seen.missing, report).to.deep.equal([]);
      expect(seen.isEnded, report).to.equal(true);
      expect(seen.longestStall, report).to.be.below(1);
      expect(seen.corrupted, report).to.equal(0);
      if ('-audio' in params) expect(seen.heard, report).to.be.above(9 * seen.silent);
      else expect(seen.heard, report).to.equal(0);
      expect(new Set(seen.sizes), report).to.deep.equal(new Set(['320x180', '640x360']));
      // dash.js ends at the last segment but one when the MPD turns static behind its back.
      expect(seen.currentTime, report).to.be.at.least(SECONDS - 1.1);
      expect(seen.frames, report).to.be.at.least((SECONDS - JOIN_AFTER - 2) * FRAME_RATE);
    });
  }
});
