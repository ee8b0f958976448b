// A sound presentation that owes nothing to this project: media by the ffmpeg program, manifests by
// hand, with true numbers. What the lints must find no fault in, until a test breaks it.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { averageRate, peakRate, type Rated } from './lint-report.js';
import { readInit } from './mp4.js';
import { output } from './run.js';

export interface Reference {
  folder: string;
  mpd: string;
  /** Multivariant playlist over the fMP4 segments of the MPD. */
  hlsFmp4: string;
  /** Multivariant playlist over MPEG-TS segments. */
  hlsTs: string;
}

/** Four segments of one second at 25 fps, with B-frames; both renditions are shown as 16:9. */
const RENDITIONS = [
  { size: '256x144', sar: '1:1', bitrate: '150k' },
  { size: '192x144', sar: '4:3', bitrate: '90k' },
] as const;

async function encode(folder: string, muxer: readonly string[]): Promise<void> {
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=256x144:rate=25:duration=4'];
  const maps = RENDITIONS.flatMap(({ size, bitrate }, index) => {
    return ['-map', '0:v', `-s:v:${index}`, size, `-b:v:${index}`, bitrate];
  });
  const codec = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-aspect', '16:9'];
  const grid = ['-g', '25', '-keyint_min', '25', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'];
  const args = ['-nostdin', '-v', 'error', '-y', ...source, ...maps, ...codec, ...grid, ...muxer];
  await output('ffmpeg', args, { cwd: folder });
}

async function rates(folder: string, prefix: string): Promise<Rated[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix)).sort();
  return Promise.all(
    names.map(async (name) => ({ duration: 1, bytes: (await stat(join(folder, name))).size })),
  );
}

function mediaPlaylist(version: number, map: string, segments: readonly string[]): string {
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${version}`,
    '#EXT-X-TARGETDURATION:1',
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    ...(map === '' ? [] : [`#EXT-X-MAP:URI="${map}"`]),
    ...segments.flatMap((name) => ['#EXTINF:1.000000,', name]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}

function variant(codec: string, size: string, segments: readonly Rated[], uri: string): string {
  const attributes = [
    `BANDWIDTH=${Math.ceil(peakRate(segments, 1))}`,
    `AVERAGE-BANDWIDTH=${Math.round(averageRate(segments))}`,
    `CODECS="${codec}"`,
    `RESOLUTION=${size}`,
    'FRAME-RATE=25.000',
  ];
  return `#EXT-X-STREAM-INF:${attributes.join(',')}\n${uri}\n`;
}

function representation(index: number, codec: string, timescale: number, peak: number): string {
  const { size, sar } = RENDITIONS[index] ?? RENDITIONS[0];
  const [width, height] = size.split('x');
  return `
      <Representation id="${index}" mimeType="video/mp4" codecs="${codec}" bandwidth="${Math.ceil(peak)}"
          width="${width}" height="${height}" sar="${sar}" frameRate="25">
        <SegmentTemplate timescale="${timescale}" startNumber="1"
            initialization="init-stream$RepresentationID$.m4s"
            media="chunk-stream$RepresentationID$-$Number%05d$.m4s">
          <SegmentTimeline><S t="0" d="${timescale}" r="3"/></SegmentTimeline>
        </SegmentTemplate>
      </Representation>`;
}

function mpdText(representations: readonly string[]): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static"
    mediaPresentationDuration="PT4S" maxSegmentDuration="PT1S" minBufferTime="PT2S">
  <Period id="0" start="PT0S">
    <AdaptationSet id="0" contentType="video" segmentAlignment="true" startWithSAP="1" par="16:9">${representations.join('')}
    </AdaptationSet>
  </Period>
</MPD>
`;
}

/** Writes the presentation into an empty folder; takes about a second. */
export async function writeReference(folder: string): Promise<Reference> {
  const live = ['-use_template', '1', '-use_timeline', '1', '-adaptation_sets', 'id=0,streams=v'];
  await encode(folder, ['-f', 'dash', '-seg_duration', '1', ...live, 'made-by-ffmpeg.mpd']);
  const names = ['-hls_segment_filename', 'ts-stream%v-%03d.ts', 'made-by-ffmpeg_%v.m3u8'];
  const list = ['-hls_time', '1', '-hls_playlist_type', 'vod', '-var_stream_map', 'v:0 v:1'];
  await encode(folder, ['-f', 'hls', ...list, ...names]);
  const numbers = [1, 2, 3, 4];
  const representations: string[] = [];
  let fmp4 = '#EXTM3U\n#EXT-X-VERSION:7\n';
  let ts = '#EXTM3U\n#EXT-X-VERSION:3\n';
  for (const [index, { size }] of RENDITIONS.entries()) {
    const init = await readInit(join(folder, `init-stream${index}.m4s`));
    const { codec = '', timescale = 0 } = init.tracks[0] ?? {};
    const chunks = numbers.map((number) => `chunk-stream${index}-0000${number}.m4s`);
    const packets = numbers.map((number) => `ts-stream${index}-00${number - 1}.ts`);
    const rated = await rates(folder, `chunk-stream${index}`);
    const text = mediaPlaylist(7, `init-stream${index}.m4s`, chunks);
    await writeFile(join(folder, `stream_${index}.m3u8`), text);
    await writeFile(join(folder, `ts_${index}.m3u8`), mediaPlaylist(3, '', packets));
    representations.push(representation(index, codec, timescale, peakRate(rated, 1)));
    fmp4 += variant(codec, size, rated, `stream_${index}.m3u8`);
    ts += variant(codec, size, await rates(folder, `ts-stream${index}`), `ts_${index}.m3u8`);
  }
  const reference: Reference = {
    folder,
    mpd: join(folder, 'reference.mpd'),
    hlsFmp4: join(folder, 'reference.m3u8'),
    hlsTs: join(folder, 'reference-ts.m3u8'),
  };
  await writeFile(reference.mpd, mpdText(representations));
  await writeFile(reference.hlsFmp4, fmp4);
  await writeFile(reference.hlsTs, ts);
  return reference;
}

/** Changes a file while `use` runs, then puts it back. Text, or bytes when the file is media. */
export async function withChange<T>(
  path: string,
  change: ((text: string) => string) | { bytes: (bytes: Buffer) => Buffer },
  use: () => Promise<T>,
): Promise<T> {
  const before = await readFile(path);
  const after =
    'bytes' in change
      ? change.bytes(Buffer.from(before))
      : Buffer.from(change(before.toString('utf8')));
  if (after.equals(before)) throw new Error(`The change of ${path} changes nothing`);
  await writeFile(path, after);
  try {
    return await use();
  } finally {
    await writeFile(path, before);
  }
}
