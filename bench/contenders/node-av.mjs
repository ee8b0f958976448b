// node-av by its low-level API, as its author would: frames are scaled straight out of the caller's
// buffer, pictures are reused, and every rendition has a loop of its own, so that its asynchronous calls
// keep as many threads of libuv's pool busy as there are encoders.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_BGR24,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_RGBA,
  AV_PIX_FMT_YUV420P,
  AV_LOG_ERROR,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  Log,
  Packet,
  Rational,
  SoftwareScaleContext,
  SWS_BICUBIC,
  ffmpegVersion,
} from 'node-av';

import { encoderOptions, muxerOptions, threadsOf } from '../settings.mjs';
import { quantile } from '../statistics.mjs';
import { createLane } from './lane.mjs';

/** @import { Case } from '../cases.mjs' */
/** @import { Open } from './contender.d.ts' */

Log.setLevel(AV_LOG_ERROR);

const FORMATS = {
  bgr24: AV_PIX_FMT_BGR24,
  rgba: AV_PIX_FMT_RGBA,
  nv12: AV_PIX_FMT_NV12,
  yuv420p: AV_PIX_FMT_YUV420P,
};
/** Frames of one rendition that wait or are in work, as many as ours has. */
const DEPTH = 4;

/** swscale's own, unless it is told otherwise. */
export const matrix = () => 'bt601';

/** One thread for each encoder and its scaler, one for the conversion, one for the muxer. */
export const env = { UV_THREADPOOL_SIZE: '24' };

export const note =
  'its low-level API: converted once, scaled bicubic from the 4:2:0 picture, one asynchronous loop for each rendition, as many encoder threads as ours, a libuv pool of 24.';

export const version = () => {
  const manifest = new URL('../node_modules/node-av/package.json', import.meta.url);
  const own = JSON.parse(readFileSync(manifest, 'utf8')).version;
  return `${own}, with its own FFmpeg ${ffmpegVersion()}`;
};

/** @param {{ width: number, height: number }} size */
function createPicture({ width, height }) {
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = AV_PIX_FMT_YUV420P;
  FFmpegError.throwIfError(frame.allocBuffer(), 'allocBuffer');
  return frame;
}

/**
 * @param {{ width: number, height: number }} from
 * @param {number} format
 * @param {{ width: number, height: number }} to
 */
function createScaler(from, format, to) {
  const scaler = new SoftwareScaleContext();
  scaler.getContext(
    ...[from.width, from.height, format, to.width, to.height, AV_PIX_FMT_YUV420P, SWS_BICUBIC],
  );
  FFmpegError.throwIfError(scaler.initContext(), 'initContext');
  return scaler;
}

/** Rows of the planes in the caller's buffer. @param {Case} item @param {Buffer} data */
function planesOf({ width, height, pixelFormat }, data) {
  const luma = width * height;
  if (pixelFormat === 'nv12') {
    return { data: [data.subarray(0, luma), data.subarray(luma)], stride: [width, width] };
  }
  if (pixelFormat === 'yuv420p') {
    const chroma = luma / 4;
    return {
      data: [
        data.subarray(0, luma),
        data.subarray(luma, luma + chroma),
        data.subarray(luma + chroma),
      ],
      stride: [width, width / 2, width / 2],
    };
  }
  return { data: [data], stride: [width * (pixelFormat === 'rgba' ? 4 : 3)] };
}

/** Pictures of the full size that are used again when no rendition needs them any more. */
function createPool(item) {
  /** @type {{ frame: Frame, planes: Buffer[], users: number }[]} */
  const free = [];
  return {
    take: () => {
      const found = free.pop();
      if (found !== undefined) return found;
      const frame = createPicture(item);
      return { frame, planes: frame.data ?? [], users: 0 };
    },
    release: (picture) => {
      picture.users--;
      if (picture.users === 0) free.push(picture);
    },
  };
}

/** @param {Case} item @param {number} index */
async function openEncoder(item, index) {
  const rendition = item.renditions[index];
  const codec = Codec.findEncoderByName('libx264');
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = rendition.width;
  context.height = rendition.height;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, item.fps);
  context.framerate = new Rational(item.fps, 1);
  context.threadCount = threadsOf(item)[index];
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  const options = Dictionary.fromObject(encoderOptions(item, rendition));
  FFmpegError.throwIfError(await context.open2(codec, options), 'open2');
  return context;
}

/** One muxer for all renditions. @param {Case} item @param {string} output @param {CodecContext[]} encoders */
async function openMuxer(item, output, encoders) {
  const { file, options } = muxerOptions(item, output);
  const muxer = new FormatContext();
  FFmpegError.throwIfError(muxer.allocOutputContext2(null, item.format, file), 'allocOutput');
  const streams = encoders.map((encoder) => {
    const stream = muxer.newStream();
    FFmpegError.throwIfError(stream.codecpar.fromContext(encoder), 'fromContext');
    stream.timeBase = encoder.timeBase;
    stream.avgFrameRate = encoder.framerate;
    return stream;
  });
  FFmpegError.throwIfError(await muxer.writeHeader(Dictionary.fromObject(options)), 'writeHeader');
  // Packets of all renditions come at any time; the muxer takes one after the other.
  const writes = createLane(
    async (/** @type {Packet} */ packet) =>
      FFmpegError.throwIfError(await muxer.interleavedWriteFrame(packet), 'writeFrame'),
    1,
  );
  return { muxer, streams, write: writes.push };
}

/** Encodes and writes what one rendition has. */
function createRendition(item, index, encoder, { streams, write }) {
  const packet = new Packet();
  packet.alloc();
  const rendition = item.renditions[index];
  const isFull = rendition.width === item.width && rendition.height === item.height;
  const scaler = isFull ? undefined : createScaler(item, AV_PIX_FMT_YUV420P, rendition);
  const own = isFull ? undefined : createPicture(rendition);
  const send = async (/** @type {Frame | null} */ frame, onPacket) => {
    FFmpegError.throwIfError(await encoder.sendFrame(frame), 'sendFrame');
    for (;;) {
      const received = await encoder.receivePacket(packet);
      if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return;
      FFmpegError.throwIfError(received, 'receivePacket');
      onPacket();
      packet.streamIndex = index;
      packet.duration = 1n;
      packet.rescaleTs(encoder.timeBase, streams[index].timeBase);
      await write(packet);
    }
  };
  return async (top, number, onPacket) => {
    if (top === null) return send(null, onPacket);
    const frame = own ?? top;
    if (scaler !== undefined) FFmpegError.throwIfError(await scaler.scaleFrame(own, top), 'scale');
    frame.pts = BigInt(number);
    await send(frame, onPacket);
  };
}

/** @type {Open} */
export async function open({ item, output }) {
  const encoders = await Promise.all(item.renditions.map((_, i) => openEncoder(item, i)));
  const out = await openMuxer(item, output, encoders);
  const pool = createPool(item);
  const converter = createScaler(item, FORMATS[item.pixelFormat], item);
  const latencies = [];
  const lanes = encoders.map((encoder, i) => {
    const encode = createRendition(item, i, encoder, out);
    return createLane(async ({ picture, number, at }) => {
      await encode(picture?.frame ?? null, number, () => {
        if (i === 0) latencies.push(performance.now() - at);
      });
      if (picture !== null) pool.release(picture);
    }, DEPTH);
  });
  let number = 0;
  return {
    push: async (data) => {
      const at = performance.now();
      const picture = pool.take();
      const from = planesOf(item, data);
      const { frame, planes } = picture;
      await converter.scale(from.data, from.stride, 0, item.height, planes, frame.linesize);
      picture.users = lanes.length;
      const job = { picture, number, at };
      number++;
      await Promise.all(lanes.map((lane) => lane.push(job)));
    },
    close: async () => {
      const last = { picture: null, number, at: performance.now() };
      await Promise.all(lanes.map((lane) => lane.push(last)));
      await Promise.all(lanes.map((lane) => lane.end()));
      FFmpegError.throwIfError(await out.muxer.writeTrailer(), 'writeTrailer');
      return { packetLatency: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) } };
    },
  };
}
