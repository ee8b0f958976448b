// Subprocess mode: the original's own ffmpeg command, fed through a pipe. A drop-in of the same
// interface, with what care the way allows: the pipe's own backpressure, no copy on our side, errors
// with what ffmpeg said last.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** ffmpeg converts RGB with BT.601, whatever the size, and does not tag it. */
export const matrix = () => 'bt601';

export const version = () =>
  spawnSync('ffmpeg', ['-version'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? '';

/**
 * The command that VidGear's StreamGear (0.3) makes, with our ladder.
 *
 * @param {import('./contender.d.ts').Options} options
 */
export function command({ item, output, encoder }) {
  const gop = String(item.fps * item.segmentSeconds);
  const renditions = item.renditions.flatMap(({ width, height, bitrate }, i) => [
    ...['-map', '0:v:0', `-s:v:${i}`, `${width}x${height}`, `-b:v:${i}`, String(bitrate)],
    ...[`-maxrate:v:${i}`, String(1.5 * bitrate), `-bufsize:v:${i}`, String(2 * bitrate)],
  ]);
  const codec = [
    ...['-vcodec', 'libx264', '-crf', String(encoder.crf), '-profile:v', 'high'],
    ...['-tune', encoder.tune, '-preset', item.preset, '-bf', '0', '-sc_threshold', '0'],
    ...['-keyint_min', gop, '-g', gop, '-pix_fmt', 'yuv420p'],
  ];
  const dash = [
    ...['-use_timeline', '1', '-use_template', '1', '-seg_duration', String(item.segmentSeconds)],
    ...['-adaptation_sets', 'id=0,streams=v', '-f', 'dash', output],
  ];
  const folder = output.slice(0, output.lastIndexOf('/'));
  const hls = [
    ...['-hls_time', String(item.segmentSeconds), '-hls_list_size', '0', '-hls_playlist_type', 'vod'],
    ...['-hls_segment_type', 'fmp4', '-master_pl_name', output.slice(folder.length + 1)],
    ...['-hls_segment_filename', `${folder}/chunk-stream%v-%03d.m4s`],
    ...['-var_stream_map', item.renditions.map((_, i) => `v:${i}`).join(' ')],
    ...['-f', 'hls', `${folder}/stream_%v.m3u8`],
  ];
  return [
    ...['-y', '-hide_banner', '-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', item.pixelFormat],
    ...['-s', `${item.width}x${item.height}`, '-framerate', String(item.fps), '-i', '-'],
    ...codec,
    ...renditions,
    ...(item.format === 'dash' ? dash : hls),
  ];
}

/** @type {import('./contender.d.ts').Open} */
export async function open(options) {
  const child = spawn('ffmpeg', command(options), { stdio: ['pipe', 'ignore', 'pipe'] });
  await once(child, 'spawn');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = (said + text).slice(-2000);
  });
  const ended = once(child, 'close');
  /** @type {Error | undefined} */
  let broken;
  child.stdin.on('error', (error) => {
    broken = error;
  });
  const fail = () => new Error(`ffmpeg ended early: ${said.trim()}`, { cause: broken });
  return {
    push: async (data) => {
      if (broken !== undefined || child.exitCode !== null) throw fail();
      // False: what is buffered is above the high-water mark. Then the frame is still ours to keep.
      if (!child.stdin.write(data)) await Promise.race([once(child.stdin, 'drain'), ended]);
    },
    close: async () => {
      child.stdin.end();
      const [code] = await ended;
      if (code !== 0) throw fail();
      return {};
    },
  };
}
