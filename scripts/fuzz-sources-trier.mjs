// Tries files for fuzz-sources.mjs, in a process whose end ends nobody else: each through every door, each call with an end.
import path from 'node:path';

const { AdaptiveStream, StreamError, openFrames, probe } = await import('../dist/index.js');

const folder = process.argv[2] ?? '.';
const LIMIT_MS = 10_000;

/** @type {Record<string, (file: string, signal: AbortSignal) => Promise<void>>} */
const DOORS = {
  async probe(file, signal) {
    await probe(file, { signal });
  },
  async frames(file, signal) {
    let count = 0;
    // The loop closes the source, also when it is left.
    for await (const frame of await openFrames(file, { signal })) {
      frame.release();
      count += 1;
      if (count === 30) break;
    }
  },
  async encode(file, signal) {
    const stream = await AdaptiveStream.transcode(file, {
      output: path.join(folder, 'encode', 'out.mpd'),
      video: { preset: 'ultrafast' },
      trim: { duration: 2 },
      signal,
    });
    await stream.finish();
  },
  async copy(file, signal) {
    const stream = await AdaptiveStream.transcode(file, {
      output: path.join(folder, 'copy', 'out.m3u8'),
      video: { codec: 'copy' },
      packaging: { segmentType: 'fmp4' },
      trim: { duration: 2 },
      signal,
    });
    await stream.finish();
  },
};

process.on('message', async (/** @type {string} */ file) => {
  const outcomes = [];
  for (const [door, enter] of Object.entries(DOORS)) {
    try {
      await enter(file, AbortSignal.timeout(LIMIT_MS));
      outcomes.push(`${door} ok`);
    } catch (error) {
      const isTyped = error instanceof StreamError;
      outcomes.push(
        isTyped ? `${door} ${error.code}` : `untyped ${door}: ${error?.stack ?? error}`,
      );
    }
  }
  process.send?.(outcomes);
});
