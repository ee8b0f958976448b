// Files as they are: what comes out has their pictures, upright and in their colours, at their times.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'chai';

import { openFrames, probe } from '../src/index.js';
import { awkward, TURNS } from './support/awkward.js';
import { temporaryFolder, type TemporaryFolder } from './support/media.js';
import { faults } from './support/presentation.js';
import { outputBytes } from './support/run.js';
import { processWarnings, rejection } from './support/small.js';
import { gearOf, pictureTimes, streamOf, timesOf, transcode } from './support/transcoded.js';
import { expectWhole, freshFolder, type Whole } from './support/whole-source.js';

/** ffmpeg's conversions at their best, with chroma where H.264 has it: at the left of its pixels. */
const QUALITY = 'flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp';
const TO_LEFT = `out_h_chr_pos=0:out_v_chr_pos=128:${QUALITY},format=yuv420p`;
const FROM_LEFT = `in_h_chr_pos=0:in_v_chr_pos=128:${QUALITY}`;

describe('awkward sources', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder[Symbol.asyncDispose]());

  describe('of several videos', () => {
    /** Two tracks, the first larger and the default; nobody knows the signs of some. */
    async function signed(...unknown: readonly number[]): Promise<string> {
      const path = join(folder.path, `videos-${unknown.join('')}.mp4`);
      const inputs = ['128x72', '64x36'].flatMap((size) => [
        ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=1`],
      ]);
      const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
      await outputBytes('ffmpeg', [
        ...['-nostdin', '-v', 'error', '-y', ...inputs, '-map', '0', '-map', '1', ...encoder],
        ...['-disposition:v:0', 'default', '-disposition:v:1', '0', path],
      ]);
      const bytes = await readFile(path);
      let at = -1;
      for (const track of [0, 1]) {
        at = bytes.indexOf('stsd', at + 1);
        if (!unknown.includes(track)) continue;
        bytes.write('vvc1', bytes.indexOf('avc1', at), 'latin1');
        bytes.write('free', bytes.indexOf('avcC', at), 'latin1'); // which would tell
      }
      await writeFile(path, bytes);
      return path;
    }

    it('one that can be decoded is taken, and the other is told', async () => {
      for (const [unknown, size] of [
        [0, '64x36'],
        [1, '128x72'],
      ] as const) {
        const source = await signed(unknown);
        const told = new RegExp(`^Video track ${unknown} of .*vvc1.* no decoder`, 'u');
        const made = await transcode(source, join(await freshFolder(folder.path), 'out.mpd'));
        expect(made.warnings.map(({ code }) => code)).to.deep.equal(['TRACK_LEFT_OUT']);
        expect(made.warnings[0]?.message).to.match(told);
        const { width, height } = await streamOf(made.manifest, 'video');
        expect(`${width}x${height}`).to.equal(size);

        const said = await processWarnings(async () => {
          await using frames = await openFrames(source);
          expect(`${frames.width}x${frames.height}`).to.equal(size);
          expect((await frames[Symbol.asyncIterator]().next()).done).to.equal(false);
        });
        expect(said).to.have.length(1);
        expect(said[0]?.[1]).to.match(told);
        const { video } = await probe(source);
        expect(`${video?.width}x${video?.height}`).to.equal(size);
      }
    });

    it('none that can be decoded is NO_DECODER', async () => {
      const source = await signed(0, 1);
      const { gear, warnings } = gearOf(source, join(await freshFolder(folder.path), 'out.mpd'));
      expect((await rejection(gear.transcodeSource())).code).to.equal('NO_DECODER');
      expect(warnings).to.deep.equal([]);
      expect((await rejection(openFrames(source))).code).to.equal('NO_DECODER');
    });
  });

  describe('in time', () => {
    // Rates that vary have no true one to state.
    const varying: Whole = { except: ['frame-rate'] };
    const cases: Readonly<Record<string, [what: string, whole?: Whole]>> = {
      'vfr.mp4': ['a variable rate with a long last gap', varying],
      'vfr.mkv': ['a variable rate in milliseconds', varying],
      'starts-at-3.5.mp4': ['a start that is not zero'],
      'starts-at-100.ts': ['a start that is not zero, in MPEG-TS'],
      'edited.mp4': ['an edit list that hides the first pictures'],
      'b-frames.mp4': ['pictures that are not stored in their order'],
      'b-frames.ts': ['pictures that are not stored in their order, in MPEG-TS'],
      'no-timestamps.h264': ['no times at all'],
      'wraps.ts': ['a clock that runs over in the middle'],
      'one-frame.mp4': ['one frame'],
    };
    for (const [name, [what, whole]] of Object.entries(cases)) {
      it(`${name}: ${what}`, async () => {
        await expectWhole(name, folder.path, whole);
      });
    }

    it('one-late.mkv: one packet that is far ahead is a mistake, and moves no other', async () => {
      const source = await awkward('one-late.mkv', folder.path);
      const made = await transcode(source, join(await freshFolder(folder.path), 'out.mpd'));
      expect(await faults(made.manifest)).to.deep.equal([]);
      expect(made.warnings).to.deep.equal([]);
      const times = await pictureTimes(made.manifest);
      expect(times).to.have.length(50);
      for (const [index, time] of times.entries()) expect(time).to.be.closeTo(index / 25, 0.0011);
    });

    for (const name of ['jumps-on.ts', 'jumps-back.ts']) {
      it(`${name}: times jump, and what comes out goes on`, async () => {
        const source = await awkward(name, folder.path);
        const made = await transcode(source, join(await freshFolder(folder.path), 'out.mpd'));
        expect(await faults(made.manifest)).to.deep.equal([]);
        expect(made.warnings.map(({ code }) => code)).to.deep.equal(['TIMESTAMP_JUMP']);
        const times = await pictureTimes(made.manifest);
        expect(times).to.have.length(100);
        const steps = times.slice(1).map((time, index) => time - (times[index] ?? NaN));
        for (const step of steps) expect(step).to.be.within(0.039, 0.13);
        expect(made.summary.duration).to.be.closeTo(4, 0.1);
        const sound = await timesOf(made.manifest, 'audio');
        expect((sound.at(-1) ?? NaN) - (sound[0] ?? NaN)).to.be.closeTo(4, 0.15);
      });
    }
  });

  describe('in shape', () => {
    for (const [name, { turn, filter }] of Object.entries(TURNS)) {
      it(`${name}.mp4 comes out upright`, async () => {
        // With chroma of full size: else it would end up on the other side of its pixels.
        const whole = `scale=${FROM_LEFT},format=yuv444p,${filter},scale=${TO_LEFT}`;
        await expectWhole(`${name}.mp4`, folder.path, {
          size: turn[0] === 0 ? '180x320' : '320x180',
          filter: whole,
          options: ['-noautorotate'],
        });
      });
    }

    it('anamorphic.mp4 keeps its display aspect in all renditions', async () => {
      const made = await expectWhole(
        'anamorphic.mp4',
        folder.path,
        { size: '180x144', sampleAspectRatio: '16:15' },
        { '-streams': [{ '-resolution': '96x72', '-video_bitrate': '200k' }] },
      );
      expect(made.summary.renditions[1]).to.include({ width: 96, height: 72 });
    });

    it('odd-420.mkv: odd sizes of halved chroma too', async () => {
      const whole = { size: '160x90', filter: 'crop=160:90:0:0', warnings: ['ODD_SIZE'] };
      await expectWhole('odd-420.mkv', folder.path, whole);
    });

    it('odd-444.mp4: odd sizes of whole chroma', async () => {
      const filter = `crop=160:90:0:0,scale=${TO_LEFT}`;
      const whole = { size: '160x90', filter, warnings: ['ODD_SIZE'] };
      await expectWhole('odd-444.mp4', folder.path, whole);
    });

    it('tiny.mkv: 16x16', async () => {
      await expectWhole('tiny.mkv', folder.path, { size: '16x16', luma: 34, chroma: 30 });
    });

    it('changes-aspect.ts: pictures of another pixel aspect keep their shape', async () => {
      const source = await awkward('changes-aspect.ts', folder.path);
      const made = await transcode(source, join(await freshFolder(folder.path), 'out.mpd'));
      expect(await faults(made.manifest)).to.deep.equal([]);
      const codes = made.warnings.map(({ code }) => code);
      expect(codes.filter((code) => code !== 'TIMESTAMP_JUMP')).to.deep.equal(['SHAPE_CHANGED']);
      // 320x180 of 3:4 is as wide as 240x180: 40 columns of black on either side.
      const lumaAt = async (frame: number, left: number): Promise<number> => {
        const filter = `trim=start_frame=${frame}:end_frame=${frame + 1},extractplanes=y,crop=24:180:${left}:0,scale=1:1:flags=area`;
        const input = ['-v', 'error', '-i', made.manifest, '-map', '0:v:0', '-vf', filter];
        const raw = ['-frames:v', '1', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'];
        return (await outputBytes('ffmpeg', [...input, ...raw]))[0] ?? NaN;
      };
      for (const left of [8, 288]) {
        expect(await lumaAt(25, left)).to.be.above(40);
        expect(await lumaAt(75, left)).to.be.below(20);
      }
      expect(await lumaAt(75, 48)).to.be.above(40);
    });

    it('changes-size.ts: pictures of another size are scaled to the first one', async () => {
      const filter = 'scale=320:180:flags=bicubic+accurate_rnd';
      const whole = { filter, warnings: ['SIZE_CHANGED'] };
      await expectWhole('changes-size.ts', folder.path, whole);
    });
  });

  describe('in fields', () => {
    for (const name of ['tff.mp4', 'bff.mp4', 'tff-mpeg2.ts']) {
      it(`${name} comes out progressive, at the same rate`, async () => {
        const filter = 'bwdif=mode=send_frame:deint=interlaced';
        await expectWhole(name, folder.path, { filter });
      });
    }
  });

  describe('in colour', () => {
    const fromRgb = { filter: `scale=out_color_matrix=bt601:out_range=tv:${TO_LEFT}` };
    // JPEG's chroma lies in the middle of its pixels.
    const fromJpeg = { filter: `scale=in_h_chr_pos=128:in_v_chr_pos=128:${TO_LEFT}` };
    const cases: Readonly<Record<string, Whole>> = {
      'ten-bit.mp4': {},
      '422.mp4': {},
      '422-ten-bit.mov': {},
      '444.mp4': { filter: `scale=${TO_LEFT}` },
      'full-range.mov': fromJpeg,
      'full-range.mp4': {},
      'rgb.mp4': fromRgb,
      'rgb-png.mov': fromRgb,
      'picture.png': fromRgb,
      'gray.mkv': {},
      'hd-untagged.mp4': { size: '1280x720' },
    };
    for (const [name, whole] of Object.entries(cases)) {
      it(`${name} keeps its colours in 8 bit 4:2:0`, async () => {
        const { manifest } = await expectWhole(name, folder.path, whole);
        const { colorSpace } = await streamOf(manifest, 'video');
        // BT.601 has two names, of which JPEG has the other.
        const small = name === 'full-range.mov' ? 'bt470bg' : 'smpte170m';
        expect(colorSpace).to.equal(name.startsWith('hd') ? 'bt709' : small);
      });
    }

    for (const name of ['pq.mp4', 'hlg.mp4']) {
      it(`${name} is tone-mapped to BT.709, and says so`, async () => {
        const linear = 'zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709';
        const curve = 'tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p';
        const whole = { filter: `${linear},${curve}`, warnings: ['HDR_TONE_MAPPED'] };
        const { manifest } = await expectWhole(name, folder.path, whole);
        const { colorSpace, colorPrimaries, colorTransfer } = await streamOf(manifest, 'video');
        expect([colorSpace, colorPrimaries, colorTransfer]).to.deep.equal(Array(3).fill('bt709'));
      });
    }
  });

  describe('in their streams', () => {
    it('no-audio.mp4 comes out without audio', async () => {
      const { summary, manifest } = await expectWhole('no-audio.mp4', folder.path);
      expect(summary.audio).to.equal(undefined);
      expect(await readFile(manifest, 'utf8')).not.to.contain('audio');
    });

    for (const [name, map, language] of [
      ['two-languages.mkv', {}, 'en'],
      ['second-is-default.mkv', {}, 'de'],
      ['two-languages.mkv', { '-map': '0:a:1' }, 'de'],
    ] as const) {
      it(`${name}: one track comes along, with its language ${JSON.stringify(map)}`, async () => {
        const { manifest } = await expectWhole(name, folder.path, {}, map);
        const text = await readFile(manifest, 'utf8');
        expect([...text.matchAll(/lang="(\w+)"/g)].map(([, tag]) => tag)).to.deep.equal([language]);
      });
    }

    it('cover-first.mp4: a cover is no video', async () => {
      await expectWhole('cover-first.mp4', folder.path);
    });

    for (const [name, held] of [
      ['audio-only.m4a', 'audio'],
      ['cover.mp3', 'a cover'],
    ] as const) {
      it(`${name} has no video, which is what the error says`, async () => {
        const source = await awkward(name, folder.path);
        const { gear } = gearOf(source, join(folder.path, 'never.mpd'));
        const error = await rejection(gear.transcodeSource());
        expect(error.code).to.equal('NO_VIDEO');
        expect(error.message).to.contain(source).and.to.contain(held);
      });
    }

    for (const [name, size, segments] of [
      ['tracks-apart.mp4', '160x90', 10],
      ['streams-apart.ts', '320x180', 4],
    ] as const) {
      it(`${name}: one stream behind the other holds nothing up`, async () => {
        const made = await expectWhole(name, folder.path, { size });
        expect(made.summary.audio?.renditions[0]?.segments).to.equal(segments);
      });
    }
  });
});
