// Ten minutes of flashes and beeps, made as fast as they encode: they meet at the begin, in the middle and at the end.
import { join } from 'node:path';

import { expect } from 'chai';

import { AdaptiveStream } from '../src/index.js';
import type { AudioOptions, PackagingOptions } from '../src/index.js';
import {
  beepSamples,
  beepSource,
  isFlash,
  makeSyncFilm,
  observe,
  rationalRate,
  syncFaults,
  type Rhythm,
} from './support/av-sync.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { faults } from './support/presentation.js';
import { output } from './support/run.js';
import { transcode } from './support/transcoded.js';

const SECONDS = 600;
/** Seconds from one beep to the next: no multiple of a segment, nor of a frame at the rates of television. */
const PERIOD = 7;
const BEEPS = Math.floor((SECONDS - 1) / PERIOD);
const SIZE = { width: 64, height: 64 } as const;

const RATES = [24_000 / 1001, 25, 30_000 / 1001, 60];
const PACKAGING: Readonly<Record<string, PackagingOptions>> = {
  'dash/out.mpd': { format: 'dash' },
  'fmp4/out.m3u8': { format: 'hls', segmentType: 'fmp4' },
  'ts/out.m3u8': { format: 'hls', segmentType: 'mpegts' },
};

const picture = (luma: number): Uint8Array => new Uint8Array(SIZE.width * SIZE.height).fill(luma);
const BLACK = picture(0);
const WHITE = picture(255);

/** Where the sound of a stream comes from. */
interface Sound {
  name: string;
  audio: AudioOptions;
}

function soundsOf(file: string): Sound[] {
  return [
    { name: 'pushed', audio: { push: { sampleRate: 48_000, channels: 1 } } },
    { name: 'a graph', audio: { source: ['-f', 'lavfi', '-i', beepSource(PERIOD, SECONDS + 5)] } },
    { name: 'a file', audio: { source: file } },
  ];
}

/** Pushes a second of beeps with each second of pictures. */
async function pushSound(stream: AdaptiveStream, second: number): Promise<void> {
  const [first, next] = [second * 48_000, (second + 1) * 48_000];
  await stream.writeAudio(beepSamples(first, next - first, PERIOD));
}

async function pushPictures(streams: readonly AdaptiveStream[], rhythm: Rhythm): Promise<void> {
  const count = Math.round(SECONDS * rhythm.frameRate);
  for (let index = 0; index < count; index++) {
    const data = isFlash(index, rhythm) ? WHITE : BLACK;
    const frame = { data, ...SIZE, pixelFormat: 'gray' } as const;
    await Promise.all(streams.map((stream) => stream.write(frame)));
  }
}

describe('picture and sound', function () {
  this.timeout(600_000);
  let folder: TemporaryFolder;
  let file: string;
  before(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, 'beeps.m4a');
    const source = ['-f', 'lavfi', '-i', beepSource(PERIOD, SECONDS + 5)];
    await output('ffmpeg', ['-nostdin', '-v', 'error', ...source, '-c:a', 'aac', file]);
  });
  after(() => folder[Symbol.asyncDispose]());

  for (const [turn, frameRate] of RATES.entries()) {
    it(`meet for ten minutes at ${frameRate.toFixed(3)} frames per second`, async () => {
      const rhythm = { period: PERIOD, frameRate };
      const sounds = soundsOf(file);
      // Each container gets its sound from another place at each rate.
      const plans = Object.entries(PACKAGING).map(([name, packaging], index) => ({
        title: `${name}, ${sounds[(index + turn) % sounds.length]?.name ?? ''}`,
        output: join(folder.path, rationalRate(frameRate).replace('/', '-'), name),
        packaging,
        sound: sounds[(index + turn) % sounds.length],
      }));
      const streams = await Promise.all(
        plans.map(({ output: manifest, packaging, sound }) =>
          AdaptiveStream.open({
            input: { ...SIZE, pixelFormat: 'gray', frameRate },
            video: { preset: 'ultrafast' },
            ...(sound === undefined ? {} : { audio: sound.audio }),
            packaging: { ...packaging, segmentDuration: 4 },
            output: manifest,
          }),
        ),
      );
      const pushed = streams.filter((_, index) => plans[index]?.sound?.name === 'pushed');
      const speaking = pushed.map(async (stream) => {
        for (let second = 0; second < SECONDS; second++) await pushSound(stream, second);
      });
      await pushPictures(streams, rhythm);
      await Promise.all(speaking);
      await Promise.all(streams.map((stream) => stream.finish()));
      for (const { title, output: manifest } of plans) {
        expect(syncFaults(await observe(manifest), rhythm, BEEPS), title).to.deep.equal([]);
      }
    });
  }

  it('of a film meet for ten minutes, encoded and copied', async () => {
    const rhythm = { period: PERIOD, frameRate: 30_000 / 1001 };
    const film = join(folder.path, 'film.mp4');
    await makeSyncFilm(film, rhythm, SECONDS);
    const made = await Promise.all([
      transcode(film, join(folder.path, 'encoded', 'out.mpd'), { '-acodec': 'aac' }),
      transcode(film, join(folder.path, 'copied', 'out.m3u8')),
    ]);
    for (const { manifest } of made) {
      expect(syncFaults(await observe(manifest), rhythm, BEEPS), manifest).to.deep.equal([]);
      expect(await faults(manifest)).to.deep.equal([]);
    }
  });
});
