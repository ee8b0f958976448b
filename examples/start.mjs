// @ts-check
// The main job, `npm start`: a real clip in, every frame changed in JavaScript, DASH and HLS out of one encoding.

import { join } from 'node:path';
import { openFrames, StreamGear } from 'streamgear';
import { clip } from './clip.mjs';
import { HELP, parseArguments } from './start/arguments.mjs';
import { drawOverlay } from './start/overlay.mjs';
import { createProgress } from './start/progress.mjs';
import { figuresOf, printReport } from './start/report.mjs';
import { serve } from './start/server.mjs';

/** What a shell expects of a program that SIGINT ended: 128 + 2. */
const EXIT_INTERRUPTED = 130;

/** Below the first rendition, which has the size of the source. */
const LADDER = [
  { '-resolution': '1280x720', '-video_bitrate': '2500k' },
  { '-resolution': '854x480', '-video_bitrate': '1200k' },
  { '-resolution': '640x360', '-video_bitrate': '700k' },
];

/** Short enough to see a switch in a clip of ten seconds. */
const SEGMENT_SECONDS = 2;

/**
 * @param {{ out: string, clears: boolean, start: number }} options `start` of the frames in the clip, seconds
 * @param {import('streamgear').Rational} frameRate
 * @returns {StreamGear} writes `manifest.mpd` and `master.m3u8`, which name the same segments
 */
function openGear({ out, clears, start }, frameRate) {
  return new StreamGear({
    output: join(out, '/'),
    format: ['dash', 'hls'],
    streamParams: {
      '-input_framerate': frameRate,
      // The clip's own sound, from where its frames begin; six channels are mixed down to two.
      '-audio': clip,
      '-af': `atrim=start=${start},asetpts=PTS-STARTPTS`,
      '-ac': 2,
      '-b:a': '128k',
      '-b:v:0': '5000k',
      '-clear_prev_assets': clears,
      '-streams': LADDER,
      '-seg_duration': SEGMENT_SECONDS,
    },
  });
}

/**
 * Draws into each frame and pushes it.
 * @param {import('streamgear').FrameSource} source
 * @param {StreamGear} gear
 */
async function push(source, gear) {
  // The clip tells its number of frames; of less than one frame's duration there is still one.
  const progress = createProgress(Math.max(1, source.frameCount ?? 1));
  try {
    for await (const frame of source) {
      drawOverlay(frame, frame);
      await gear.stream(frame);
      frame.release();
      progress.advance();
    }
    return await gear.close();
  } catch (error) {
    await gear.abort(error);
    throw error;
  } finally {
    progress.stop();
  }
}

/** @param {{ start: number, seconds: number, out: string, clears: boolean, signal: AbortSignal }} options */
async function encode({ start, seconds, out, clears, signal }) {
  const source = await openFrames(clip, {
    pixelFormat: 'bgr24',
    signal,
    start,
    ...(seconds > 0 && { duration: seconds }),
  });
  try {
    return await push(source, openGear({ out, clears, start }, source.frameRate));
  } finally {
    await source.close();
  }
}

/**
 * Until Ctrl-C.
 * @param {{ out: string, port: number, summary: import('streamgear').StreamSummary }} options
 */
async function show({ out, port, summary }) {
  const server = await serve({ mediaFolder: out, port, figures: figuresOf(summary) });
  console.log(`\nPlaying at ${server.url}  (Ctrl-C ends)`);
  await new Promise((resolve) => process.once('SIGINT', resolve));
  console.log();
  await server.close();
}

/** @returns {Promise<number>} exit code */
async function main() {
  const { help, start, seconds, out, clears, port } = parseArguments(process.argv.slice(2));
  if (help) {
    console.log(HELP);
    return 0;
  }
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  let summary;
  try {
    const part = seconds > 0 ? `${seconds} s of ` : '';
    const from = start > 0 ? ` (from ${start} s on)` : '';
    console.log(`Encoding ${part}Big Buck Bunny${from} into ${out}`);
    summary = await encode({ start, seconds, out, clears, signal: interrupt.signal });
    printReport(summary);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    console.error('Interrupted.');
    return EXIT_INTERRUPTED;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
  if (process.stdout.isTTY) await show({ out, port, summary });
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`npm start: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
