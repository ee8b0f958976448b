// beamcoder as its documentation shows it: one filter graph that makes all sizes, one encoder for each
// rendition, all of them at once, one muxer.
import { createRequire } from 'node:module';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

import { encoderOptions, muxerOptions, threadsOf } from '../settings.mjs';
import { quantile } from '../statistics.mjs';
import { createLane } from './lane.mjs';

/** @import { Case } from '../cases.mjs' */
/** @import { Open } from './contender.d.ts' */

/** Where scripts/beamcoder.mjs puts it. */
const CACHE = path.join(import.meta.dirname, '../../node_modules/.cache/beamcoder/package.json');
/** Frames of one rendition that wait or are in work, as many as ours has. */
const DEPTH = 4;

const require = createRequire(CACHE);

/** It greets on standard output, which is ours. */
function load() {
  const { log } = console;
  console.log = () => undefined;
  try {
    return require('beamcoder');
  } finally {
    console.log = log;
  }
}

const beamcoder = load();
beamcoder.logging('error');

/** libavfilter's own, unless it is told otherwise. */
export const matrix = () => 'bt601';

export const env = { UV_THREADPOOL_SIZE: '24' };

export const note =
  'one filter graph (split, scale bicubic) and one encoder for each rendition, asynchronous, as many encoder threads as ours, a libuv pool of 24.';

export const version = () =>
  `${require('beamcoder/package.json').version}, FFmpeg ${beamcoder.avVersionInfo()}`;

/** @param {Case} item */
function openFilter(item) {
  const names = item.renditions.map((_, i) => `out${i}:v`);
  const split = `[in0:v]split=${names.length}${names.map((_, i) => `[s${i}]`).join('')}`;
  const scale = item.renditions.map(
    ({ width, height }, i) => `[s${i}]scale=${width}:${height}:flags=bicubic[out${i}:v]`,
  );
  return beamcoder.filterer({
    filterType: 'video',
    inputParams: [
      {
        name: 'in0:v',
        width: item.width,
        height: item.height,
        pixelFormat: item.pixelFormat,
        timeBase: [1, item.fps],
        pixelAspect: [1, 1],
      },
    ],
    outputParams: names.map((name) => ({ name, pixelFormat: 'yuv420p' })),
    filterSpec: [split, ...scale].join(';'),
  });
}

/** @param {Case} item @param {number} index */
function openEncoder(item, index) {
  const rendition = item.renditions[index];
  const { g, bf, keyint_min, maxrate, bufsize, b, profile, ...own } = encoderOptions(
    item,
    rendition,
  );
  return beamcoder.encoder({
    name: 'libx264',
    width: rendition.width,
    height: rendition.height,
    pix_fmt: 'yuv420p',
    time_base: [1, item.fps],
    framerate: [item.fps, 1],
    thread_count: threadsOf(item)[index],
    gop_size: Number(g),
    keyint_min: Number(keyint_min),
    max_b_frames: Number(bf),
    bit_rate: Number(b ?? 0),
    rc_max_rate: Number(maxrate),
    rc_buffer_size: Number(bufsize),
    flags: { GLOBAL_HEADER: true },
    priv_data: { ...own, profile },
  });
}

/** @param {Case} item @param {string} output @param {any[]} encoders */
async function openMuxer(item, output, encoders) {
  const { file, options } = muxerOptions(item, output);
  const muxer = beamcoder.muxer({ format_name: item.format, filename: file });
  // A stream points to its parameters without keeping them from being collected.
  const parameters = encoders.map((encoder) => encoder.extractParams());
  const streams = parameters.map((each) => {
    const stream = muxer.newStream({
      name: 'h264',
      time_base: [1, item.fps],
      avg_frame_rate: [item.fps, 1],
      interleaved: true,
    });
    stream.codecpar = each;
    return stream;
  });
  await muxer.writeHeader({ options });
  const writes = createLane((packet) => muxer.writeFrame(packet), 1);
  return { muxer, streams, parameters, write: writes.push };
}

/** Rescales as libav does, for whole numbers. @param {number} ticks @param {number[]} from @param {number[]} to */
const rescale = (ticks, from, to) => Math.round((ticks * from[0] * to[1]) / (from[1] * to[0]));

/**
 * The planes of a frame, in the caller's buffer.
 *
 * @param {Case} item
 * @param {Buffer} data
 */
function planesOf({ width, height, pixelFormat }, data) {
  const luma = width * height;
  const parts = { nv12: [luma, luma / 2], yuv420p: [luma, luma / 4, luma / 4] }[pixelFormat];
  let offset = 0;
  return parts?.map((bytes) => data.subarray(offset, (offset += bytes))) ?? [data];
}

/**
 * The muxer, once every encoder has made its first packets: before, an encoder of beamcoder is not open and has
 * no header to tell.
 *
 * @param {Case} item
 * @param {string} output
 * @param {any[]} encoders
 */
function awaitMuxer(item, output, encoders) {
  let missing = encoders.length;
  /** @type {() => void} */
  let begin = () => undefined;
  /** @type {Promise<void>} */
  const begun = new Promise((resolve) => (begin = resolve));
  const muxer = begun.then(() => openMuxer(item, output, encoders));
  return {
    encoded: () => {
      missing--;
      if (missing === 0) begin();
    },
    muxer,
  };
}

/** @type {Open} */
export async function open({ item, output }) {
  const filter = await openFilter(item);
  const encoders = item.renditions.map((_, i) => openEncoder(item, i));
  const { encoded, muxer } = awaitMuxer(item, output, encoders);
  const base = [1, item.fps];
  const latencies = [];
  const lanes = encoders.map((encoder, i) =>
    createLane(async ({ frame, at }) => {
      const { packets } = await (frame === null ? encoder.flush() : encoder.encode(frame));
      encoded();
      const { streams, write } = await muxer;
      for (const packet of packets) {
        if (i === 0) latencies.push(performance.now() - at);
        const to = streams[i].time_base;
        packet.stream_index = i;
        packet.pts = rescale(packet.pts, base, to);
        packet.dts = rescale(packet.dts, base, to);
        packet.duration = rescale(1, base, to);
        await write(packet);
      }
    }, DEPTH),
  );
  let number = 0;
  return {
    push: async (data) => {
      const at = performance.now();
      const { width, height, pixelFormat: format } = item;
      const picture = { width, height, format, pts: number, data: planesOf(item, data) };
      number++;
      const frames = [beamcoder.frame(picture)];
      const made = await filter.filter([{ name: 'in0:v', frames }]);
      await Promise.all(
        lanes.map((lane, i) => {
          const [frame] = made.find(({ name }) => name === `out${i}:v`).frames;
          return lane.push({ frame, at });
        }),
      );
    },
    close: async () => {
      await Promise.all(lanes.map((lane) => lane.push({ frame: null, at: performance.now() })));
      await Promise.all(lanes.map((lane) => lane.end()));
      await (await muxer).muxer.writeTrailer();
      return { packetLatency: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) } };
    },
  };
}
