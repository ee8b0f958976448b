// @ts-check
// A worker thread makes the pictures, the main thread pushes them. A buffer goes to the worker and comes back with a picture: its memory
// changes its owner and is never copied. `stream()` tells when it may go back.
// Usage: node examples/worker-threads.mjs [folder]

import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { StreamGear } from 'streamgear';

const [width, height, rate, frames] = [640, 360, 25, 50];

/** @typedef {{ index: number, data: Uint8Array<ArrayBuffer> }} Picture */

/** The worker draws into what it is sent, and sends it back. */
function draw() {
  parentPort?.on('message', (/** @type {Picture} */ { index, data }) => {
    data.fill(40);
    data.fill(220, 0, Math.round(((index + 1) / frames) * height) * width * 3);
    parentPort?.postMessage({ index, data }, [data.buffer]);
  });
}

async function main() {
  const folder = process.argv[2] ?? 'out/worker-threads';
  const gear = new StreamGear({
    output: `${folder}/manifest.mpd`,
    streamParams: { '-input_framerate': rate },
  });
  const worker = new Worker(new URL(import.meta.url));
  const send = (/** @type {number} */ index, /** @type {ArrayBuffer} */ buffer) =>
    worker.postMessage({ index, data: new Uint8Array(buffer) }, [buffer]);
  try {
    // Two buffers: one is drawn while the other is encoded.
    send(0, new ArrayBuffer(width * height * 3));
    send(1, new ArrayBuffer(width * height * 3));
    for (let count = 0; count < frames; count += 1) {
      const [{ index, data }] = /** @type {[Picture]} */ (await once(worker, 'message'));
      await gear.stream({ data, width, height, channels: 3 });
      if (index + 2 < frames) send(index + 2, data.buffer);
    }
    const summary = await gear.close();
    console.log(`${summary.framesIn} frames -> ${gear.output}`);
  } catch (error) {
    await gear.abort(error);
    throw error;
  } finally {
    await worker.terminate();
  }
}

if (isMainThread) await main();
else draw();
