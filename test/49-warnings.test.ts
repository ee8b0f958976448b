// What StreamGear lets pass with a warning, and what it refuses only when it is called.
import { expect } from 'chai';

import { AdaptiveStream, InvalidFrameError, InvalidStateError, StreamGear } from '../src/index.js';
import type { WarningEvent } from '../src/index.js';
import { newGear, warningsOf } from './support/gear.js';
import { bigBuckBunny, temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { SMALL, issuesOf, rejection, smallFrame, smallOptions, thrown } from './support/small.js';

describe('StreamGear', () => {
  let folder: TemporaryFolder;
  before(async () => (folder = await temporaryFolder()));
  after(() => folder[Symbol.asyncDispose]());

  describe('warns', () => {
    const cases: readonly (readonly [
      params: object,
      code: string,
      says: RegExp,
      format?: 'dash' | 'hls',
    ])[] = [
      [{ '-ffmpeg_download_path': '/x' }, 'NO_PROGRAM', /^-ffmpeg_download_path has no effect/],
      [{ '-enable_force_termination': true }, 'NO_PROGRAM', /^-enable_force_termination/],
      [{ '-y': '' }, 'IGNORED_OPTION', /^-y has no effect/],
      [{ '-keyint_min': 10 }, 'IGNORED_OPTION', /segment grid/],
      [{ '-acodec': 'aac' }, 'NO_AUDIO', /no audio/],
      [{ '-b:a': '128k' }, 'NO_AUDIO', /^-b:a has no effect: there is no audio/],
      [
        {
          '-streams': [
            { '-resolution': '160x90', '-video_bitrate': '50k', '-audio_bitrate': '64k' },
          ],
        },
        'NO_AUDIO',
        /^-streams\[0\].-audio_bitrate has no effect/,
      ],
      [{ '-vcodec': 'copy' }, 'COPY_REPLACED', /raw frames must be encoded/],
      [{ '-window_size': 5 }, 'IGNORED_OPTION', /without -livestream/],
      [{ '-hls_flags': 'split_by_time' }, 'IGNORED_OPTION', /key frames are never cut/, 'hls'],
      [{ '-mpegts_flags': 'latm' }, 'IGNORED_OPTION', /no effect on segments of mp4/],
    ];
    for (const [params, code, says, format] of cases) {
      it(`of ${JSON.stringify(params)}, once, and goes on`, async () => {
        const warnings = await warningsOf(newGear(folder.path, params, format));
        expect(warnings.map((warning) => warning.code)).to.deep.equal([code]);
        expect(warnings[0]?.message).to.match(says);
      });
    }

    it('of customFfmpeg, by either name', async () => {
      for (const more of [
        { customFfmpeg: '/usr/bin/ffmpeg' },
        { custom_ffmpeg: '/usr/bin/ffmpeg' },
      ]) {
        const warnings = await warningsOf(newGear(folder.path, {}, 'dash', more));
        expect(warnings.map(({ code }) => code)).to.deep.equal(['NO_PROGRAM']);
      }
    });

    it('of frames that say of themselves what the stream was not opened with, once', async () => {
      const stream = await AdaptiveStream.open(
        smallOptions(folder.path, { input: { ...SMALL, pixelFormat: 'yuv420p' } }),
      );
      const warnings: WarningEvent[] = [];
      stream.on('warning', (warning) => warnings.push(warning));
      const data = new Uint8Array(SMALL.width * SMALL.height * 1.5);
      const frame = { data, ...SMALL, pixelFormat: 'yuv420p' as const };
      await stream.write({ ...frame, colorSpace: 'smpte170m', colorRange: 'tv' });
      await stream.write({ ...frame, sampleAspectRatio: { num: 2, den: 2 } });
      expect(warnings).to.deep.equal([]);
      await stream.write({ ...frame, colorSpace: 'smpte170m', colorRange: 'pc' });
      await stream.write({ ...frame, colorSpace: 'bt709' });
      await stream.finish();
      expect(warnings).to.deep.equal([
        {
          code: 'FRAME_TAGS_DIFFER',
          message:
            'A frame says colorRange "pc", but the stream was opened with "tv" and takes it so',
        },
      ]);
    });

    it('of another aspect than the source’s, when the first frame tells that', async () => {
      const gear = newGear(folder.path, {
        '-streams': [{ '-resolution': '160x160', '-video_bitrate': '100k' }],
        '-preset': 'ultrafast',
      });
      const warnings = await warningsOf(gear);
      expect(warnings).to.deep.equal([]);
      await gear.stream(smallFrame(0));
      await gear.close();
      expect(warnings.map(({ code }) => code)).to.deep.equal(['ASPECT_DIFFERS']);
      expect(warnings[0]?.message).to.contain('Rendition 1 of 160x160');
    });
  });

  describe('with strict: false', () => {
    const lenient = { strict: false };

    it('warns of wrong values and goes on with the defaults', async () => {
      const gear = newGear(
        folder.path,
        {
          '-bpp': -1,
          '-gop': 'x',
          '-seg_duration': 'long',
          '-preset': 'ultrafast',
          '-nonsense': 1,
        },
        'dash',
        lenient,
      );
      const warnings = await warningsOf(gear);
      expect(warnings.map(({ code }) => code)).to.deep.equal(Array(4).fill('INVALID_OPTION'));
      const text = warnings.map(({ message }) => message).join('\n');
      for (const name of ['-bpp', '-gop', '-seg_duration', '-nonsense'])
        expect(text).to.contain(name);
      await gear.stream(smallFrame(0));
      const { renditions } = await gear.close();
      // 320 * 180 * 0.1 * 25 / 1000 = 144 kbit/s: the default of -bpp.
      expect(renditions.map(({ bitrate }) => bitrate.declared)).to.deep.equal([144_000]);
    });

    it('leaves out renditions without a resolution or a way to a bitrate', async () => {
      const gear = newGear(
        folder.path,
        {
          '-preset': 'ultrafast',
          '-streams': [
            { '-video_bitrate': '100k' },
            { '-resolution': '240x136' },
            { '-resolution': '160x90', '-framerate': 25 },
            { '-resolution': '80x46', '-video_bitrate': '5Q' },
          ],
        },
        'dash',
        lenient,
      );
      const warnings = await warningsOf(gear);
      expect(warnings).to.have.length(3);
      await gear.stream(smallFrame(0));
      const { renditions } = await gear.close();
      expect(renditions.map(({ width }) => width)).to.deep.equal([320, 160]);
      expect(renditions[1]?.bitrate.declared).to.equal(36_000);
    });

    it('still refuses a wrong format and a wrong output, which have no default', () => {
      const options = { output: `${folder.path}/x.mp4`, format: 'dsh', strict: false };
      const issues = issuesOf(thrown(() => new StreamGear(options)));
      expect(issues.map(({ path }) => path)).to.have.members(['format', 'output']);
    });
  });

  describe('in the wrong mode', () => {
    it('refuses transcodeSource() where frames are pushed', async () => {
      const gear = newGear(folder.path, {});
      expect(gear.mode).to.equal('real-time');
      const error = await rejection(gear.transcodeSource());
      expect(error).to.be.instanceOf(InvalidStateError);
      expect(error.message).to.contain('-video_source');
    });

    it('refuses stream() where a source is transcoded', async () => {
      const gear = newGear(folder.path, { '-video_source': bigBuckBunny });
      expect(gear.mode).to.equal('single-source');
      expect(await rejection(gear.stream(smallFrame(0)))).to.be.instanceOf(InvalidStateError);
      expect(() => {
        gear.forceKeyFrame();
      }).to.throw(InvalidStateError);
      const signal = AbortSignal.abort('no');
      expect(await rejection(gear.transcodeSource({ signal }))).to.include({
        code: 'ABORTED',
        cause: 'no',
      });
    });
  });

  describe('stream()', () => {
    it('ignores null and undefined, before the first frame and after it', async () => {
      const gear = newGear(folder.path, { '-preset': 'ultrafast' });
      expect(await gear.stream(null)).to.be.false;
      expect(await gear.stream(smallFrame(0))).to.be.true;
      expect(await gear.stream(undefined)).to.be.false;
      expect((await gear.close()).framesIn).to.equal(1);
    });

    it('refuses a wrong first frame and takes the next good one', async () => {
      const gear = newGear(folder.path, { '-preset': 'ultrafast' });
      expect(await rejection(gear.stream({} as never))).to.be.instanceOf(InvalidFrameError);
      const dot = { data: new Uint8Array(1), width: 1, height: 1, channels: 1 };
      expect(issuesOf(await rejection(gear.stream(dot))).map(({ path }) => path)).to.deep.equal([
        'input.width',
        'input.height',
      ]);
      await gear.stream(smallFrame(0));
      const summary = await gear.close();
      expect(summary.framesIn).to.equal(1);
      expect(summary.renditions[0]).to.include({ width: 320, height: 180 });
    });

    it('refuses a first frame for which the options are wrong, by the attribute’s name', async () => {
      const gear = newGear(folder.path, { '-vf': 'crop=1000:500' });
      const [issue] = issuesOf(await rejection(gear.stream(smallFrame(0))));
      expect(issue?.path).to.equal('-vf');
      expect((await gear.close()).framesIn).to.equal(0);
    });
  });
});
