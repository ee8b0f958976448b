// The ladder of the product's promise, from real video: Big Buck Bunny at 1280x720 through StreamGear.
import { expect } from 'chai';

import { openFrames, StreamGear } from '../../src/index.js';
import type { SegmentEvent, StreamParams, StreamSummary } from '../../src/index.js';
import { keyTimes, packets, presentationTimes, streams } from './ffprobe.js';
import { bigBuckBunny } from './media.js';
import { psnr } from './psnr.js';

export const LADDER = ['1280x720', '854x480', '640x360', '320x240'] as const;
export const FPS = 24;
/** Long enough for three segments of two seconds and a shorter last one. */
export const FRAMES = 156;
export const SEGMENT_SECONDS = 2;
export const SEGMENTS = Math.ceil(FRAMES / FPS / SEGMENT_SECONDS);

/** Default bitrates (0.1 bit per pixel) for everything. */
const PARAMS: StreamParams = {
  '-input_framerate': FPS,
  '-streams': LADDER.slice(1).map((size) => ({ '-resolution': size, '-framerate': FPS })),
};

/** One presentation of the ladder. */
export interface RealLadder {
  manifest: string;
  summary: StreamSummary;
  segments: SegmentEvent[];
}

/** Decodes the clip once and pushes each frame to one StreamGear per entry of `outputs`. */
export async function encodeLadders(
  outputs: readonly { output: string; format: 'dash' | 'hls'; params: StreamParams }[],
): Promise<RealLadder[]> {
  const made = outputs.map(({ output, format, params }) => {
    const gear = new StreamGear({ output, format, streamParams: { ...PARAMS, ...params } });
    const segments: SegmentEvent[] = [];
    gear.on('segment', (event) => segments.push(event));
    return { gear, segments };
  });
  const source = await openFrames(bigBuckBunny, { width: 1280, height: 720 });
  try {
    for await (const frame of source) {
      if (frame.index === FRAMES) break;
      await Promise.all(made.map(({ gear }) => gear.stream(frame)));
      frame.release();
    }
    return await Promise.all(
      made.map(async ({ gear, segments }) => {
        const summary = await gear.close();
        return { manifest: summary.manifest, summary, segments };
      }),
    );
  } catch (error) {
    await Promise.all(made.map(({ gear }) => gear.abort(error)));
    throw error;
  } finally {
    await source.close();
  }
}

/** Every frame is there once, at its time, and every rendition cuts at the same key frames. */
export async function expectExactTimes({ manifest, segments }: RealLadder): Promise<void> {
  const found = await packets(manifest);
  expect(found).to.have.length(LADDER.length);
  const [first = []] = found;
  // MPEG-TS leaves room for decoding times before the first picture: what counts is the distance.
  const origin = presentationTimes(first)[0] ?? NaN;
  const starts = Array.from({ length: SEGMENTS }, (_, index) => index * SEGMENT_SECONDS);
  for (const [index, list] of found.entries()) {
    const times = presentationTimes(list).map((time) => time - origin);
    expect(times).to.have.length(FRAMES);
    // Two microseconds: ffprobe prints six decimals. MPEG-TS ticks are finer than 12 microseconds.
    const tolerance = manifest.endsWith('.mpd') ? 2e-6 : 12e-6;
    const late = times.filter((time, number) => Math.abs(time - number / FPS) > tolerance);
    expect(late, `late frames of rendition ${index}`).to.deep.equal([]);
    const keys = keyTimes(list).map((time) => Math.round((time - origin) * 1000) / 1000);
    expect(keys, `key times of rendition ${index}`).to.deep.equal(starts);
    const told = segments.filter(({ rendition }) => rendition === index);
    expect(told.map(({ start }) => start)).to.deep.equal(starts);
  }
}

/** Size and display aspect of every rendition, and that the picture is tagged. */
export async function expectSizes(manifest: string): Promise<void> {
  const found = await streams(manifest);
  expect(found.map(({ width, height }) => `${width}x${height}`)).to.deep.equal(LADDER);
  for (const info of found) {
    expect(info.displayAspectRatio).to.equal('16:9');
    expect(info.colorSpace).to.equal('bt709');
    expect(info.colorRange).to.equal('tv');
  }
}

/** The first pictures of every rendition have 35 dB or more against the clip itself, scaled with bicubic. */
export async function expectQuality(manifest: string, frames: number): Promise<void> {
  for (const [stream, size] of LADDER.entries()) {
    const [width = 0, height = 0] = size.split('x').map(Number);
    const options = { width, height, frames };
    const result = await psnr({ input: manifest, stream }, bigBuckBunny, options);
    expect(result.frames).to.equal(frames);
    expect(result.average, `PSNR of ${size}`).to.be.at.least(35);
  }
}
