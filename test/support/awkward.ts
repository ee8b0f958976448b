// Files as they come from cameras, recorders and editors: small ones, made with ffmpeg's own sources and filters.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  cutOff,
  damaged,
  onePacketLate,
  streamsApart,
  tracksApart,
  tunedIn,
  turned,
  type Turn,
} from './awkward-bytes.js';
import { output } from './run.js';

/** Makes the file; `folder` is for what it is made of. */
type Make = (path: string, folder: string) => Promise<void>;

/** Size of the pictures unless the name of a file says another. */
export const SIZE = { width: 320, height: 180 } as const;
/** Frames per second, alike. */
export const RATE = 25;
/** Seconds, alike. */
export const SECONDS = 2;

const H264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '16', '-pix_fmt', 'yuv420p'];
const AAC = ['-c:a', 'aac', '-b:a', '96k'];

async function ffmpeg(args: readonly string[], path: string): Promise<void> {
  await output('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args, path]);
}

interface Pictures {
  size?: string;
  rate?: number;
  seconds?: number;
  /** Of libavfilter, behind the source. */
  filter?: string;
}

/** ffmpeg's moving test picture as an input. */
function pictures({
  size = '320x180',
  rate = RATE,
  seconds = SECONDS,
  filter,
}: Pictures = {}): string[] {
  const source = `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`;
  return ['-f', 'lavfi', '-i', filter === undefined ? source : `${source},${filter}`];
}

/** A tone as an input. */
function tone(frequency = 440, seconds = SECONDS): string[] {
  return ['-f', 'lavfi', '-i', `sine=frequency=${frequency}:sample_rate=48000:duration=${seconds}`];
}

/** One call of ffmpeg. */
function made(...args: readonly (string | readonly string[])[]): Make {
  return (path) => ffmpeg(args.flat(), path);
}

/** What another file becomes when its bytes are changed. */
function changed(from: string, change: (bytes: Buffer) => Buffer): Make {
  return async (path, folder) => {
    await writeFile(path, change(Buffer.from(await readFile(await awkward(from, folder)))));
  };
}

/** Another file without its first five packets, and so without its first key frame. */
function cutStart(from: string): Make {
  return async (path, folder) => {
    const filter = ['-c', 'copy', '-bsf:v', 'noise=drop=lt(n\\,5)'];
    await ffmpeg(['-i', await awkward(from, folder), ...filter], path);
  };
}

/** One file behind the other, byte by byte. */
function chained(...parts: readonly string[]): Make {
  return async (path, folder) => {
    const bytes: Buffer[] = [];
    for (const part of parts) bytes.push(await readFile(await awkward(part, folder)));
    await writeFile(path, Buffer.concat(bytes));
  };
}

const plain = made(pictures(), tone(), H264, AAC);
const movie = made(pictures({ seconds: 10, size: '160x90' }), tone(440, 10), H264, AAC);
/** Key frames only at the begin and in the middle. */
const LONG_GOP = ['-g', String(RATE), '-sc_threshold', '0'];

/** Pictures that are shown before a key frame refer across it. */
const OPEN_GROUPS = [
  '-x264-params',
  'open-gop=1:keyint=10:min-keyint=10:scenecut=0:bframes=3:b-adapt=0',
];

interface Held {
  /** What the file says. */
  turn: Turn;
  /** Filters of ffmpeg that do the same. */
  filter: string;
}

/** All eight ways to hold a camera; names say what a player does with the picture. */
export const TURNS: Readonly<Record<string, Held>> = {
  upright: { turn: [1, 0, 0, 1], filter: 'null' },
  'clockwise-90': { turn: [0, 1, -1, 0], filter: 'transpose=clock' },
  'upside-down': { turn: [-1, 0, 0, -1], filter: 'hflip,vflip' },
  'clockwise-270': { turn: [0, -1, 1, 0], filter: 'transpose=cclock' },
  'mirrored-sideways': { turn: [-1, 0, 0, 1], filter: 'hflip' },
  'mirrored-upside-down': { turn: [1, 0, 0, -1], filter: 'vflip' },
  transposed: { turn: [0, 1, 1, 0], filter: 'transpose=cclock_flip' },
  transversed: { turn: [0, -1, -1, 0], filter: 'transpose=clock_flip' },
};

function turns(): Record<string, Make> {
  return Object.fromEntries(
    Object.entries(TURNS).map(([name, { turn }]) => [
      `${name}.mp4`,
      changed('plain.mp4', (bytes) => turned(bytes, turn, SIZE.width, SIZE.height)),
    ]),
  );
}

/** The first field is the upper (tff) or the lower (bff) one. */
function interlaced(order: 'tff' | 'bff', encoder: readonly string[]): Make {
  const mode = order === 'tff' ? 'interleave_top' : 'interleave_bottom';
  // Behind the input: what lavfi gives has no flags.
  const filter = ['-vf', `tinterlace=mode=${mode},setfield=${order}`];
  return made(pictures({ rate: 2 * RATE }), filter, encoder, ['-flags', '+ildct+ilme']);
}

/** Ten bits of BT.2020 in the encoding of a transfer function. */
function hdr(transfer: 'smpte2084' | 'arib-std-b67'): Make {
  const tags = `colorprim=bt2020:transfer=${transfer}:colormatrix=bt2020nc:range=limited`;
  const mastering = 'G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)';
  const light =
    transfer === 'smpte2084' ? `:hdr10=1:master-display=${mastering}:max-cll=1000,400` : '';
  const parameters = `log-level=none:${tags}${light}`;
  // The picture is converted to the matrix in which it is then tagged; its values are taken for those of the transfer.
  const filter = 'scale=out_color_matrix=bt2020:out_range=tv,format=yuv420p10le';
  const encoder = ['-c:v', 'libx265', '-preset', 'ultrafast', '-crf', '12', '-tag:v', 'hvc1'];
  return made(
    pictures({ seconds: 1, filter }),
    encoder,
    ['-x265-params', parameters],
    ['-colorspace', 'bt2020nc', '-color_primaries', 'bt2020', '-color_trc', transfer],
  );
}

/** Another pixel format, in a codec that keeps it. */
function pixels(format: string, codec: readonly string[], more: Pictures = {}): Make {
  return made(pictures(more), codec, '-pix_fmt', format);
}

const X264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '12'];
const FFV1 = ['-c:v', 'ffv1'];
/** Sizes of the smallest pictures there are. */
export const TINY = ['1x1', '1x16', '16x1', '2x2', '2x3', '3x5', '15x2', '7x16', '16x16'] as const;

function cropTo(size: string): string {
  return `format=yuv444p,crop=${size.replace('x', ':')}:exact=1`;
}

/** testsrc2 itself makes even sizes only. */
const ODD = { size: '162x92', filter: 'format=yuv444p,crop=161:91' };
const NO_PRELOAD = ['-muxdelay', '0', '-muxpreload', '0'];

/** A picture and a sound that begin at other times than the file. */
function shifted(video: number, audio: number): Make {
  const at = (seconds: number): string[] => ['-itsoffset', String(seconds)];
  return made(at(video), pictures(), at(audio), tone(), '-map', '0', '-map', '1', H264, AAC);
}

const MAKERS: Readonly<Record<string, Make>> = {
  'plain.mp4': plain,
  'plain.mkv': plain,
  'plain.ts': plain,
  'movie.mp4': movie,

  // Time.
  'vfr.mp4': made(
    pictures({ filter: "select='lt(n,15)+not(mod(n,3))*lt(n,40)+eq(n,49)'" }),
    H264,
    '-fps_mode',
    'vfr',
  ),
  'vfr.mkv': made(
    pictures({ filter: "select='lt(n,15)+not(mod(n,3))'" }),
    H264,
    '-fps_mode',
    'vfr',
  ),
  'starts-at-3.5.mp4': made(pictures(), tone(), H264, AAC, '-output_ts_offset', '3.5'),
  'starts-at-100.ts': made(pictures(), tone(), H264, AAC, '-output_ts_offset', '100'),
  'edited.mp4': async (path, folder) => {
    // A cut between key frames, without encoding: an edit list hides the first pictures.
    const long = await awkward('long-gop.mp4', folder);
    await ffmpeg(['-ss', '0.52', '-i', long, '-c', 'copy'], path);
  },
  'edited-within-a-group.mp4': async (path, folder) => {
    const long = await awkward('long-gop.mp4', folder);
    await ffmpeg(['-ss', '2.52', '-i', long, '-c', 'copy', '-an'], path);
  },
  'open-groups.mp4': made(pictures(), H264, OPEN_GROUPS),
  'open-groups.ts': made(pictures(), H264, OPEN_GROUPS),
  'repeated-times.ts': made(pictures(), H264, '-bf', '0', [
    '-bsf:v',
    'setts=pts=if(eq(mod(N\\,10)\\,5)\\,PREV_OUTPTS\\,PTS):dts=if(eq(mod(N\\,10)\\,5)\\,PREV_OUTDTS\\,DTS)',
  ]),
  'refresh.mkv': made(pictures({ seconds: 4 }), H264, [
    ...['-bf', '0', '-x264-params', 'intra-refresh=1:keyint=25'],
  ]),
  'refresh-cut.mkv': cutStart('refresh.mkv'),
  'hevc-refresh.mkv': made(pictures(), [
    ...['-c:v', 'libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
    ...['-x265-params', 'log-level=none:intra-refresh=1:keyint=25'],
  ]),
  'hevc-refresh-cut.mkv': cutStart('hevc-refresh.mkv'),
  'no-sps.ts': made(pictures({ seconds: 0.4 }), H264, '-bsf:v', 'filter_units=remove_types=7'),
  'long-gop.mp4': made(pictures({ seconds: 3 }), tone(440, 3), H264, AAC, LONG_GOP, '-bf', '2'),
  'long-gop.ts': made(pictures({ seconds: 3 }), tone(440, 3), H264, AAC, LONG_GOP, '-bf', '2'),
  'b-frames.mp4': made(
    pictures(),
    X264,
    '-pix_fmt',
    'yuv420p',
    '-bf',
    '4',
    '-x264-params',
    'b-pyramid=normal',
  ),
  'b-frames.ts': made(
    pictures(),
    X264,
    '-pix_fmt',
    'yuv420p',
    '-bf',
    '4',
    '-x264-params',
    'b-pyramid=normal',
  ),
  'no-timestamps.h264': made(pictures(), H264, '-bf', '2'),
  'wraps.ts': made(pictures(), tone(), H264, AAC, '-output_ts_offset', '95442.5', NO_PRELOAD),
  'later.ts': made(pictures(), tone(), H264, AAC, '-output_ts_offset', '1000'),
  'jumps-on.ts': chained('plain.ts', 'later.ts'),
  'jumps-back.ts': chained('later.ts', 'plain.ts'),

  'no-b-frames.mkv': made(pictures(), tone(), H264, '-bf', '0', AAC),
  'one-late.mkv': changed('no-b-frames.mkv', onePacketLate),

  // Geometry and orientation.
  ...turns(),
  'anamorphic.mp4': made(pictures({ size: '180x144', filter: 'setsar=16/15' }), H264),
  'odd-444.mp4': pixels('yuv444p', X264, ODD),
  'odd-420.mkv': pixels('yuv420p', FFV1, ODD),
  ...Object.fromEntries(
    TINY.map((size) => [`${size}.mkv`, pixels('yuv444p', FFV1, { filter: cropTo(size) })]),
  ),
  'tiny.mkv': pixels('yuv420p', FFV1, { size: '16x16' }),
  'first-size.ts': made(pictures(), tone(), H264, '-bf', '0', AAC),
  'second-size.ts': made(pictures({ size: '160x90' }), tone(), [
    ...H264,
    '-bf',
    '0',
    ...AAC,
    '-output_ts_offset',
    String(SECONDS),
  ]),
  'changes-size.ts': chained('first-size.ts', 'second-size.ts'),

  'narrow-pixels.ts': made(
    pictures({ filter: 'setsar=3/4' }),
    tone(),
    [...H264, '-bf', '0', ...AAC],
    ['-output_ts_offset', String(SECONDS)],
  ),
  'changes-aspect.ts': chained('first-size.ts', 'narrow-pixels.ts'),
  'baseline.ts': made(pictures(), tone(), H264, '-profile:v', 'baseline', AAC, [
    '-output_ts_offset',
    String(SECONDS),
  ]),
  'changes-profile.ts': chained('first-size.ts', 'baseline.ts'),

  // Fields.
  'tff.mp4': interlaced('tff', [...X264, '-x264-params', 'tff=1', '-pix_fmt', 'yuv420p']),
  'bff.mp4': interlaced('bff', [...X264, '-x264-params', 'bff=1', '-pix_fmt', 'yuv420p']),
  'tff-mpeg2.ts': interlaced('tff', ['-c:v', 'mpeg2video', '-q:v', '2', '-pix_fmt', 'yuv420p']),

  // Colour.
  'pq.mp4': hdr('smpte2084'),
  'hlg.mp4': hdr('arib-std-b67'),
  'ten-bit.mp4': pixels('yuv420p10le', X264),
  '422.mp4': pixels('yuv422p', X264),
  '422-ten-bit.mov': pixels('yuv422p10le', ['-c:v', 'prores_ks']),
  '444.mp4': pixels('yuv444p', X264),
  'full-range.mov': pixels('yuvj420p', ['-c:v', 'mjpeg', '-q:v', '2']),
  'full-range.mp4': pixels('yuvj420p', X264),
  'rgb.mp4': pixels('rgb24', ['-c:v', 'libx264rgb', '-preset', 'veryfast', '-crf', '8']),
  'rgb-png.mov': pixels('rgb24', ['-c:v', 'png']),
  'gray.mkv': pixels('gray', FFV1),
  'hd-untagged.mp4': pixels('yuv420p', X264, { size: '1280x720', seconds: 0.4 }),

  // Protection.
  'encrypted.mp4': made(pictures(), H264, [
    ...['-encryption_scheme', 'cenc-aes-ctr'],
    ...['-encryption_key', '76a6c65c5ea762046bd749a2e632ccbb'],
    ...['-encryption_kid', 'a7e61c373e219033c21091fa607bf3b8'],
  ]),

  // Streams.
  'no-audio.mp4': made(pictures(), H264),
  'audio-only.m4a': made(tone(), AAC),
  'two-languages.mkv': made(
    [...pictures(), ...tone(440), ...tone(880), '-map', '0', '-map', '1', '-map', '2'],
    [...H264, ...AAC, '-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=deu'],
    ['-disposition:a:0', 'default', '-disposition:a:1', '0'],
  ),
  'second-is-default.mkv': made(
    [...pictures(), ...tone(440), ...tone(880), '-map', '0', '-map', '1', '-map', '2'],
    [...H264, ...AAC, '-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=deu'],
    ['-disposition:a:0', '0', '-disposition:a:1', 'default'],
  ),
  'cover.png': made(pictures({ size: '64x64', seconds: 0.04 }), '-frames:v', '1'),
  'cover.mp3': async (path, folder) => {
    const cover = ['-i', await awkward('cover.png', folder), '-map', '0', '-map', '1'];
    await ffmpeg([...tone(), ...cover, '-c:v', 'copy', '-c:a', 'libmp3lame'], path);
  },
  'cover-first.mp4': async (path, folder) => {
    const inputs = ['-i', await awkward('cover.png', folder), ...pictures(), ...tone()];
    const maps = ['-map', '0', '-map', '1', '-map', '2', '-c:v:0', 'copy'];
    const video = ['-c:v:1', 'libx264', '-preset', 'veryfast', '-crf', '16', '-pix_fmt', 'yuv420p'];
    await ffmpeg([...inputs, ...maps, ...video, ...AAC, '-disposition:v:0', 'attached_pic'], path);
  },
  'audio-later.mp4': shifted(0, 0.7),
  'audio-earlier.mp4': shifted(0.7, 0),
  'audio-later.ts': shifted(0, 0.7),
  'audio-earlier.ts': shifted(0.7, 0),
  'tracks-apart.mp4': changed('movie.mp4', tracksApart),
  'streams-apart.ts': changed('four-seconds.ts', streamsApart),
  'one-frame.mp4': made(pictures({ seconds: 0.04 }), H264),
  'picture.png': made(pictures({ seconds: 0.04 }), '-frames:v', '1'),

  // What is not whole.
  'tuned-in.ts': changed('long-gop.ts', (bytes) => tunedIn(bytes, 60)),
  'faststart.mp4': made(pictures({ seconds: 4 }), tone(440, 4), [
    ...H264,
    ...LONG_GOP,
    ...AAC,
    '-movflags',
    '+faststart',
  ]),
  'four-seconds.mkv': made(pictures({ seconds: 4 }), tone(440, 4), H264, LONG_GOP, AAC),
  'four-seconds.ts': made(pictures({ seconds: 4 }), tone(440, 4), H264, LONG_GOP, AAC),
  'truncated.mp4': changed('faststart.mp4', (bytes) => cutOff(bytes, 0.6)),
  'truncated.mkv': changed('four-seconds.mkv', (bytes) => cutOff(bytes, 0.6)),
  'truncated.ts': changed('four-seconds.ts', (bytes) => cutOff(bytes, 0.6)),
  'without-moov.mp4': changed('plain.mp4', (bytes) => cutOff(bytes, 0.6)),
  'damaged.ts': changed('four-seconds.ts', (bytes) => damaged(bytes, 6000)),
  'empty.mp4': (path) => writeFile(path, ''),
  'text.mp4': (path) => writeFile(path, 'This is not a film.\n'.repeat(50)),
  'folder.mp4': async (path) => {
    await mkdir(path);
  },
};

const making = new Map<string, Promise<string>>();

/**
 * The path of an awkward file, which is made in `folder` when it is asked for first.
 * @param name One of the names above: "vfr.mp4".
 */
export function awkward(name: string, folder: string): Promise<string> {
  const path = join(folder, name);
  const make = MAKERS[name];
  if (make === undefined) throw new Error(`Nobody knows how to make ${name}`);
  const running = making.get(path) ?? make(path, folder).then(() => path);
  making.set(path, running);
  return running;
}
