// @ts-check
// A live presentation in a bucket of S3, or of anything that speaks its API: each file is uploaded when it is whole, and deleted when the
// window has left it behind. The order is kept: a playlist follows the segments that it names.
// Usage: S3_ENDPOINT=… S3_BUCKET=… AWS_REGION=… AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… node examples/s3-upload.mjs [folder]

import { readFile } from 'node:fs/promises';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { openFrames, StreamGear } from 'streamgear';
import { clip } from './clip.mjs';

const folder = process.argv[2] ?? 'out/s3-upload';
const { S3_ENDPOINT: endpoint, S3_BUCKET: Bucket = 'live' } = process.env;
const s3 = new S3Client({ ...(endpoint && { endpoint, forcePathStyle: true }) });

/** @param {import('streamgear').FileEvent} file */
async function mirror({ action, name, path, type, role }) {
  if (action === 'remove') {
    await s3.send(new DeleteObjectCommand({ Bucket, Key: name }));
    return;
  }
  const Body = await readFile(path).catch(() => undefined);
  if (Body === undefined) return; // the window has left it behind meanwhile
  const CacheControl = role === 'manifest' ? 'no-cache' : 'public, max-age=3600';
  await s3.send(new PutObjectCommand({ Bucket, Key: name, Body, ContentType: type, CacheControl }));
}

const source = await openFrames(clip, { width: 640, height: 360, start: 12, duration: 4 });
const gear = new StreamGear({
  output: `${folder}/live.m3u8`,
  format: 'hls',
  streamParams: {
    '-livestream': true,
    '-input_framerate': source.frameRate,
    '-hls_time': 1,
    '-hls_list_size': 3,
    '-hls_delete_threshold': 1,
  },
});

// One after the other. An upload that fails ends the stream: `stream()` and `close()` reject with its reason as the cause.
let uploads = Promise.resolve();
gear.on('file', (file) => {
  uploads = uploads.then(() => mirror(file));
  uploads.catch((error) => gear.abort(error));
});

for await (const frame of source) {
  await gear.stream(frame);
  await uploads; // a bucket that is slow slows the frames, too
  frame.release();
}
const summary = await gear.close();
await uploads;
console.log(`${summary.framesIn} frames -> s3://${Bucket}/live.m3u8`);
