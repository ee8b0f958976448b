// The generated files are as awkward as their names say, and flashes and beeps are found where they are.
import { join } from 'node:path';

import { expect } from 'chai';

import { expectedTimes, isFlash, makeSyncFilm, observe, syncFaults } from './support/av-sync.js';
import { awkward } from './support/awkward.js';
import { packets } from './support/ffprobe.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { output } from './support/run.js';

/** What ffprobe says of the first video stream and of its first frame, "key=value". */
async function described(path: string): Promise<string[]> {
  const entries =
    'stream=field_order,sample_aspect_ratio,pix_fmt,color_range,color_space,color_transfer:' +
    'stream_side_data=rotation:frame=interlaced_frame,top_field_first';
  const args = ['-select_streams', 'v', '-read_intervals', '%+#1', '-show_entries', entries];
  const text = await output('ffprobe', ['-v', 'error', ...args, '-of', 'default=nw=1', path]);
  return text.split('\n');
}

const FACTS: Readonly<Record<string, readonly string[]>> = {
  'tff.mp4': ['field_order=tt', 'interlaced_frame=1', 'top_field_first=1'],
  'bff.mp4': ['field_order=bb', 'interlaced_frame=1', 'top_field_first=0'],
  'tff-mpeg2.ts': ['field_order=tt', 'interlaced_frame=1', 'top_field_first=1'],
  'clockwise-90.mp4': ['rotation=-90'],
  'clockwise-270.mp4': ['rotation=90'],
  'upside-down.mp4': ['rotation=-180'],
  'anamorphic.mp4': ['sample_aspect_ratio=16:15'],
  'pq.mp4': ['pix_fmt=yuv420p10le', 'color_space=bt2020nc', 'color_transfer=smpte2084'],
  'hlg.mp4': ['pix_fmt=yuv420p10le', 'color_space=bt2020nc', 'color_transfer=arib-std-b67'],
  'ten-bit.mp4': ['pix_fmt=yuv420p10le', 'color_transfer=unknown'],
  '422.mp4': ['pix_fmt=yuv422p'],
  '422-ten-bit.mov': ['pix_fmt=yuv422p10le'],
  '444.mp4': ['pix_fmt=yuv444p'],
  'full-range.mov': ['color_range=pc'],
  'full-range.mp4': ['color_range=pc'],
  'rgb.mp4': ['pix_fmt=gbrp'],
  'rgb-png.mov': ['pix_fmt=rgb24'],
};

describe('awkward files', () => {
  let folder: TemporaryFolder;
  before(async () => (folder = await temporaryFolder()));
  after(() => folder[Symbol.asyncDispose]());

  for (const [name, facts] of Object.entries(FACTS)) {
    it(`${name}: ${facts.join(', ')}`, async () => {
      expect(await described(await awkward(name, folder.path))).to.include.members([...facts]);
    });
  }

  it('begin where they say', async () => {
    const starts: number[] = [];
    for (const name of ['starts-at-3.5.mp4', 'edited.mp4', 'starts-at-100.ts']) {
      const [video = []] = await packets(await awkward(name, folder.path));
      starts.push(Math.round(Math.min(...video.map(({ pts }) => pts)) * 100) / 100);
    }
    expect(starts).to.deep.equal([3.5, -0.52, 101.4]);
  });

  it('jump in time, or run over the end of the clock', async () => {
    const steps = async (name: string, ...options: string[]): Promise<number> => {
      const args = [...options, '-select_streams', 'v', '-show_entries', 'packet=dts_time'];
      const path = await awkward(name, folder.path);
      const text = await output('ffprobe', ['-v', 'error', ...args, '-of', 'csv=p=0', path]);
      const times = text
        .split(/[\s,]+/)
        .filter((time) => time !== '')
        .map(Number);
      const far = times.filter((time, index) => Math.abs(time - (times[index - 1] ?? time)) > 1);
      return far.length;
    };
    expect(await steps('jumps-on.ts')).to.equal(1);
    expect(await steps('jumps-back.ts')).to.equal(1);
    expect(await steps('wraps.ts')).to.equal(0); // libavformat unwraps it …
    expect(await steps('wraps.ts', '-correct_ts_overflow', '0')).to.equal(1); // … and it is there
  });

  it('hold one stream behind the other', async () => {
    for (const name of ['tracks-apart.mp4', 'streams-apart.ts']) {
      const args = ['-show_entries', 'packet=stream_index,pos', '-of', 'csv=p=0'];
      const path = await awkward(name, folder.path);
      const text = await output('ffprobe', ['-v', 'error', ...args, path]);
      const places = text
        .split('\n')
        .map((line) => line.split(','))
        .filter(([, place]) => /^\d+$/.test(place ?? ''))
        .sort(([, one], [, other]) => Number(one) - Number(other));
      const changes = places.filter(([stream], index) => stream !== places[index - 1]?.[0]);
      expect(changes, name).to.have.length(2);
    }
  });
});

describe('flashes and beeps', () => {
  const rhythm = { period: 2, frameRate: 30_000 / 1001 };

  it('are found in a film, to the frame and to the millisecond', async () => {
    await using folder = await temporaryFolder();
    const film = join(folder.path, 'film.mp4');
    await makeSyncFilm(film, rhythm, 7);
    const seen = await observe(film);
    expect(syncFaults(seen, rhythm, 3)).to.deep.equal([]);
    for (const [index, beep] of seen.beeps.entries()) {
      expect(beep).to.be.closeTo(2 * index + 2, 0.003);
      expect(seen.flashes[index]).to.be.closeTo(expectedTimes(index + 1, rhythm).flash, 0.001);
    }
  });

  it('that are apart, missing or at another time are told', () => {
    const flashes = [1, 2, 3].map((beep) => expectedTimes(beep, rhythm).flash);
    const beeps = [2, 4, 6];
    expect(syncFaults({ flashes, beeps }, rhythm, 3)).to.deep.equal([]);
    const later = beeps.map((time) => time + 0.021);
    expect(syncFaults({ flashes, beeps: later }, rhythm, 3)).to.have.length(6);
    const all = { flashes: flashes.map((time) => time + 1), beeps: beeps.map((time) => time + 1) };
    expect(syncFaults(all, rhythm, 3)).to.have.length(6);
    expect(syncFaults({ flashes, beeps: beeps.slice(1) }, rhythm, 3).join()).to.contain('3 beeps');
  });

  it('come at the first frame at or after each beep', () => {
    const frames = Array.from({ length: 200 }, (_, index) => index);
    const found = frames.filter((index) => isFlash(index, rhythm));
    expect(found).to.deep.equal([60, 120, 180]); // 60 * 1001 / 30000 is 2.002
    expect(frames.filter((index) => isFlash(index, { period: 2, frameRate: 25 }))).to.deep.equal([
      50, 100, 150,
    ]);
  });
});
