// @ts-check
// What the services below stream: pictures at the pace of a clock, drawn here, and a StreamGear that makes a live HLS
// presentation of them. A service of yours has a camera, a game or a canvas instead.

import { setTimeout as sleep } from 'node:timers/promises';
import { StreamGear } from 'streamgear';

const [width, height, rate] = [640, 360, 25];

/**
 * Begins to stream into a folder.
 * @param {string} folder
 */
export function startCamera(folder) {
  const gear = new StreamGear({
    output: `${folder}/live.m3u8`,
    format: 'hls',
    whenFull: 'drop', // a live picture that is late is worth less than the next one
    streamParams: {
      '-livestream': true,
      '-input_framerate': rate,
      '-hls_time': 1,
      '-clear_prev_assets': true,
      '-streams': [{ '-resolution': '320x180', '-video_bitrate': '250k' }],
    },
  });
  const state = { isStopped: false };
  const ended = push(gear, state);
  const ready = new Promise((resolve) => {
    gear.on('manifest', ({ isRoot }) => isRoot && resolve(undefined));
  });
  return {
    /** Counters for a health check. */
    stats: () => gear.stats(),
    /** Settles with the stream; whatever goes wrong, also in an hour, rejects here. */
    ended,
    /** There is something to play, or it failed before. */
    ready: () => Promise.race([ready, ended]),
    /** Ends the presentation in good order: what was pushed is encoded, and the playlists are final. */
    async stop() {
      state.isStopped = true;
      await ended;
    },
  };
}

/**
 * @param {StreamGear} gear
 * @param {{ isStopped: boolean }} state
 */
async function push(gear, state) {
  const data = new Uint8Array(width * height * 3);
  const begin = performance.now();
  try {
    for (let index = 0; !state.isStopped; index += 1) {
      await sleep(Math.max(0, begin + (index * 1000) / rate - performance.now()));
      data.fill(32).fill(230, 0, ((index % rate) + 1) * width * 3); // a bar that grows for a second
      await gear.stream({ data, width, height, channels: 3, timestamp: index / rate });
    }
    return await gear.close();
  } catch (error) {
    await gear.abort(error);
    throw error;
  }
}
