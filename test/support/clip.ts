// A small film, as tests need one that only has to be a film.
import { output } from './run.js';

export interface Clip {
  /** Default 160x90. */
  readonly size?: string;
  readonly seconds: number;
  /** With a tone of 440 Hz as AAC. Default false. */
  readonly sound?: boolean;
  /** More of ffmpeg's options for libx264. */
  readonly options?: readonly string[];
}

/** Writes ffmpeg's moving test picture at 25 frames per second, in H.264; the extension of `path` says the container. */
export async function makeClip(
  path: string,
  { size = '160x90', seconds, sound = false, options = [] }: Clip,
): Promise<void> {
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=${seconds}`];
  const tone = `sine=frequency=440:sample_rate=48000:duration=${seconds}`;
  await output('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-y', ...picture],
    ...(sound ? ['-f', 'lavfi', '-i', tone, '-c:a', 'aac'] : []),
    ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p', ...options, path],
  ]);
}
