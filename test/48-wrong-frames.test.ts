// Everything that a caller of AdaptiveStream can do wrong: options and frames.
import { mkdirSync, readdirSync } from 'node:fs';

import { expect } from 'chai';

import { AdaptiveStream, InvalidFrameError, StreamError } from '../src/index.js';
import type { OptionIssue } from '../src/index.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { issuesOf, rejection, smallOptions } from './support/small.js';

describe('AdaptiveStream', () => {
  let folder: TemporaryFolder;
  before(async () => (folder = await temporaryFolder()));
  after(() => folder[Symbol.asyncDispose]());

  describe('open() refuses', () => {
    const open = async (more: object): Promise<readonly OptionIssue[]> =>
      issuesOf(await rejection(AdaptiveStream.open({ ...smallOptions(folder.path), ...more })));
    const cases: readonly (readonly [more: object, path: string, says: RegExp])[] = [
      [{ input: undefined }, 'input', /an object/],
      [{ input: { height: 180 } }, 'input.width', /whole number from 2 to 16384 .*nothing/],
      [{ input: { width: 1, height: 180 } }, 'input.width', /received 1$/],
      [{ input: { width: 320.5, height: 180 } }, 'input.width', /received 320\.5$/],
      [{ input: { width: NaN, height: 180 } }, 'input.width', /received NaN$/],
      [{ input: { width: 320, height: 20000 } }, 'input.height', /received 20000$/],
      [
        { input: { width: 320, height: 180, pixelFormat: 'rgb' } },
        'input.pixelFormat',
        /Did you mean "rgb/,
      ],
      [{ input: { width: 320, height: 180, frameRate: 0 } }, 'input.frameRate', /frame rate/],
      [
        { input: { width: 320, height: 180, framerate: 25 } },
        'input.framerate',
        /Did you mean "frameRate"\?$/,
      ],
      [{ renditions: [] }, 'renditions', /at least one rendition/],
      [{ renditions: 'all' }, 'renditions', /array of renditions/],
      [{ renditions: [{ height: 91 }] }, 'renditions[0].height', /90 or 92/],
      [{ renditions: [{}, { bitrate: '5Q' }] }, 'renditions[1].bitrate', /"5Q"$/],
      [{ renditions: [{ bitrate: 10 }] }, 'renditions[0].bitrate', /received 10$/],
      [{ renditions: [{ frameRate: 50 }] }, 'renditions[0].frameRate', /at most the input's 25/],
      [
        { renditions: [{ options: { refs_: 1 } }] },
        'renditions[0].options.refs_',
        /Did you mean "refs"\?$/,
      ],
      [{ video: { codec: 'libx246' } }, 'video.codec', /Did you mean "libx264"\?$/],
      [{ video: { crf: -1 } }, 'video.crf', /at least 0/],
      [{ video: { preset: 'quick' } }, 'video.preset', /ultrafast/],
      [{ video: { options: { bf: 'many' } } }, 'video.options.bf', /whole number/],
      [{ video: { filter: 'nonsense' } }, 'video.filter', /nonsense/],
      [{ packaging: { format: 'hsl' } }, 'packaging.format', /Did you mean "hls"\?$/],
      [{ packaging: { segmentDuration: 0 } }, 'packaging.segmentDuration', /duration/],
      [{ packaging: { segmentType: 'mpegts' } }, 'packaging.segmentType', /as DASH needs/],
      [{ packaging: { live: 'yes' } }, 'packaging.live', /\{ window: 5 \}/],
      [{ packaging: { live: { window: -1 } } }, 'packaging.live.window', /whole number/],
      [{ packaging: { hls: { omitEndlist: true } } }, 'packaging.hls.omitEndlist', /format "dash"/],
      [{ packaging: { options: { movflag: '1' } } }, 'packaging.options.movflag', /"movflags"\?$/],
      [
        { packaging: { protocolOptions: { method: 'PUT' } } },
        'packaging.protocolOptions.method',
        /output is a file/,
      ],
      [{ trim: { start: -1 } }, 'trim.start', /time in seconds/],
      [{ trim: { start: 5, end: 5 } }, 'trim.end', /after the start/],
      [{ whenFull: 'block' }, 'whenFull', /"wait" or "drop"/],
      [{ signal: {} }, 'signal', /an AbortSignal/],
      [{ rendition: [] }, 'options.rendition', /Did you mean "renditions"\?$/],
      [{ output: 7 }, 'output', /non-empty string/],
    ];
    for (const [more, path, says] of cases) {
      it(JSON.stringify(more), async () => {
        const issues = await open(more);
        expect(issues.map((issue) => issue.path)).to.deep.equal([path]);
        expect(issues[0]?.message).to.match(says);
      });
    }

    it('everything that is wrong at once', async () => {
      const issues = await open({
        input: { width: 'wide', height: 180 },
        renditions: [{ bitrate: 'x' }, { heigth: 90 }],
        video: { codec: 'nothing' },
        output: `${folder.path}/a.mp4`,
        whenFull: 0,
      });
      expect(issues.map(({ path }) => path)).to.include.members([
        'input.width',
        'renditions[0].bitrate',
        'renditions[1].heigth',
        'whenFull',
      ]);
    });

    it('options that are no object', async () => {
      for (const options of [undefined, null, 'out.mpd', 7]) {
        const error = await rejection(AdaptiveStream.open(options as never));
        expect(issuesOf(error).map(({ path }) => path)).to.deep.equal(['options']);
      }
    });

    it('audio from nowhere', async () => {
      const options = smallOptions(folder.path, { audio: { source: 'missing.aac' } });
      const error = await rejection(AdaptiveStream.open(options));
      expect(issuesOf(error).map(({ path }) => path)).to.deep.equal(['audio.source']);
    });

    it('before it makes a folder', async () => {
      mkdirSync(`${folder.path}/sub`);
      await open({ output: `${folder.path}/sub/deep/out.mpd`, whenFull: 'x' });
      expect(readdirSync(`${folder.path}/sub`)).to.deep.equal([]);
    });
  });

  describe('write() refuses', () => {
    let stream: AdaptiveStream;
    let good = 0;
    before(async () => {
      stream = await AdaptiveStream.open({
        ...smallOptions(folder.path),
        output: `${folder.path}/frames.mpd`,
        input: { width: 320, height: 180, pixelFormat: 'bgr24', frameRate: 25 },
      });
    });
    after(() => stream.abort());

    const size = { width: 320, height: 180 };
    const bgr = (): Uint8Array => new Uint8Array(320 * 180 * 3);
    const planar = { ...size, pixelFormat: 'yuv420p' };
    const plane = (bytes: number): Uint8Array => new Uint8Array(bytes);
    const resizable = (): unknown =>
      Reflect.construct(ArrayBuffer, [172_800, { maxByteLength: 200_000 }]);
    const detached = (): Uint8Array => {
      const data = bgr();
      structuredClone(data.buffer, { transfer: [data.buffer] });
      return data;
    };

    const cases: readonly (readonly [
      what: string,
      frame: () => unknown,
      code: string,
      says: RegExp,
    ])[] = [
      ['nothing', () => undefined, 'INVALID_FRAME', /\{ data, width, height, channels \}.*nothing/],
      ['null', () => null, 'INVALID_FRAME', /received null/],
      ['a number', () => 5, 'INVALID_FRAME', /received 5/],
      ['bytes that are too few', () => plane(9), 'BUFFER_TOO_SHORT', /172800/],
      ['bare floats', () => new Float32Array(172_800), 'FRAME_NOT_8_BIT', /Float32Array/],
      ['an empty object', () => ({}), 'INVALID_FRAME', /width and height/],
      ['no pixels', () => ({ ...size, channels: 3 }), 'INVALID_FRAME', /received nothing/],
      ['no layout', () => ({ data: bgr(), ...size }), 'INVALID_FRAME', /1, 2, 3 or 4 channels/],
      ['5 channels', () => ({ data: bgr(), ...size, channels: 5 }), 'INVALID_FRAME', /received 5/],
      [
        'a wrong layout',
        () => ({ data: bgr(), ...size, pixelFormat: 'yuv444p' }),
        'INVALID_FRAME',
        /a pixelFormat of gray, .*"yuv444p"/,
      ],
      [
        'width NaN',
        () => ({ data: bgr(), width: NaN, height: 180, channels: 3 }),
        'INVALID_FRAME',
        /width/,
      ],
      [
        'height 0',
        () => ({ data: bgr(), width: 320, height: 0, channels: 3 }),
        'INVALID_FRAME',
        /width/,
      ],
      [
        'a plain array',
        () => ({ data: [1, 2, 3], ...size, channels: 3 }),
        'INVALID_FRAME',
        /Uint8Array/,
      ],
      [
        'a string',
        () => ({ data: 'pixels', ...size, channels: 3 }),
        'INVALID_FRAME',
        /received "pixels"/,
      ],
      [
        'floats',
        () => ({ data: new Float32Array(320 * 180 * 3), ...size, channels: 3 }),
        'FRAME_NOT_8_BIT',
        /8-bit pixels .* received a Float32Array: convert its values to 0…255/,
      ],
      [
        'doubles in an ndarray',
        () => ({ data: new Float64Array(320 * 180 * 3), shape: [180, 320, 3] }),
        'FRAME_NOT_8_BIT',
        /Float64Array/,
      ],
      [
        '16 bits',
        () => ({ data: new Uint16Array(320 * 180 * 3), ...size, channels: 3 }),
        'FRAME_NOT_8_BIT',
        /Uint16Array/,
      ],
      [
        'signed bytes',
        () => ({ data: new Int8Array(320 * 180 * 3), ...size, channels: 3 }),
        'FRAME_NOT_8_BIT',
        /Int8Array/,
      ],
      [
        'a Mat of floats',
        () => ({ rows: 180, cols: 320, channels: 3, depth: 5, data: bgr() }),
        'FRAME_NOT_8_BIT',
        /depth 5/,
      ],
      [
        'a short buffer',
        () => ({ data: bgr().subarray(1), ...size, channels: 3 }),
        'BUFFER_TOO_SHORT',
        /^Expected at least 172800 bytes in data of a 320x180 bgr24 frame but received 172799$/,
      ],
      [
        'a buffer too short for its stride',
        () => ({ data: bgr(), ...size, channels: 3, stride: 961 }),
        'BUFFER_TOO_SHORT',
        /at least 172979 bytes/,
      ],
      [
        'a stride shorter than a row',
        () => ({ data: bgr(), ...size, channels: 3, stride: 959 }),
        'INVALID_FRAME',
        /a stride of at least 960 bytes .* received 959/,
      ],
      [
        'a stride that is no number',
        () => ({ data: bgr(), ...size, channels: 3, stride: 'wide' }),
        'INVALID_FRAME',
        /stride/,
      ],
      [
        'a negative stride',
        () => ({ data: bgr(), ...size, channels: 3, stride: -960 }),
        'INVALID_FRAME',
        /received -960/,
      ],
      [
        'too few strides',
        () => ({ data: plane(86_400), ...planar, stride: [320, 160] }),
        'INVALID_FRAME',
        /a stride for each of 3 planes/,
      ],
      [
        'too few planes',
        () => ({ planes: [plane(57_600), plane(14_400)], ...planar }),
        'INVALID_FRAME',
        /3 planes for yuv420p .* received 2/,
      ],
      [
        'a short plane',
        () => ({ planes: [plane(57_600), plane(14_400), plane(14_399)], ...planar }),
        'BUFFER_TOO_SHORT',
        /at least 14400 bytes in planes\[2\]/,
      ],
      [
        'a shape of one number',
        () => ({ data: bgr(), shape: [180] }),
        'INVALID_FRAME',
        /a shape such as/,
      ],
      [
        'a shape of four numbers',
        () => ({ data: bgr(), shape: [1, 180, 320, 3] }),
        'INVALID_FRAME',
        /a shape such as/,
      ],
      [
        'a shape that is none',
        () => ({ data: bgr(), shape: null }),
        'INVALID_FRAME',
        /a shape such as .* received null/,
      ],
      [
        'an ndarray with one stride',
        () => ({ data: bgr(), shape: [180, 320, 3], stride: 960 }),
        'INVALID_FRAME',
        /pixels follow each other/,
      ],
      [
        'raw output of sharp without its info',
        () => ({ data: bgr(), info: null }),
        'INVALID_FRAME',
        /width and height/,
      ],
      [
        'a NativeImage whose methods are none',
        () => ({ toBitmap: bgr(), getSize: size }),
        'INVALID_FRAME',
        /width and height/,
      ],
      [
        'a Mat whose method is none',
        () => ({ rows: 180, cols: 320, channels: 3, getData: bgr() }),
        'INVALID_FRAME',
        /a Mat with data or getData\(\)/,
      ],
      [
        'a beamcoder Frame whose format is a number',
        () => ({ data: [bgr()], linesize: [960], format: 3, ...size, channels: 3 }),
        'INVALID_FRAME',
        /bytes .* in data/,
      ],
      [
        'planes that are no list',
        () => ({ planes: { length: 3 }, ...planar }),
        'INVALID_FRAME',
        /3 planes for yuv420p/,
      ],
      [
        'a stride of null',
        () => ({ data: bgr(), ...size, channels: 3, stride: null }),
        'INVALID_FRAME',
        /a stride for each of 1 planes .* received null/,
      ],
      [
        'a transposed ndarray',
        () => ({ data: bgr(), shape: [180, 320, 3], stride: [3, 540, 1] }),
        'INVALID_FRAME',
        /pixels follow each other/,
      ],
      [
        'a timestamp that is no number',
        () => ({ data: bgr(), ...size, channels: 3, timestamp: '1' }),
        'INVALID_FRAME',
        /timestamp in seconds .* received "1"/,
      ],
      [
        'a timestamp of NaN',
        () => ({ data: bgr(), ...size, channels: 3, timestamp: NaN }),
        'INVALID_FRAME',
        /received NaN/,
      ],
      [
        'a resizable buffer',
        () => ({ data: resizable(), ...size, channels: 3 }),
        'BUFFER_RESIZABLE',
        /fixed length/,
      ],
      [
        'a detached buffer',
        () => ({ data: detached(), ...size, channels: 3 }),
        'BUFFER_DETACHED',
        /transferred/,
      ],
      [
        'another size than before',
        () => ({ data: bgr(), width: 322, height: 178, channels: 3 }),
        'FRAME_SIZE_CHANGED',
        /^Expected a frame of 320x180, as the stream was opened with, but received 322x178$/,
      ],
      [
        'another layout than before',
        () => ({ data: new Uint8Array(320 * 180 * 4), ...size, channels: 4 }),
        'FRAME_FORMAT_CHANGED',
        /frame of bgr24, .* received bgra$/,
      ],
      [
        'a beamcoder Frame of a format that is none of ours',
        () => ({ data: [bgr()], linesize: [960], format: 'yuv422p10le', ...size }),
        'INVALID_FRAME',
        /yuv422p10le/,
      ],
    ];
    for (const [what, frame, code, says] of cases) {
      it(`${what}, and goes on`, async () => {
        const error = await rejection(stream.write(frame() as never));
        expect(error).to.be.instanceOf(InvalidFrameError);
        expect(error.name).to.equal('InvalidFrameError');
        expect(error.code).to.equal(code);
        expect(error.message).to.match(says);
        await stream.write({ data: bgr(), ...size, channels: 3 });
        expect(stream.stats().framesIn).to.equal(++good);
      });
    }

    it('RGB where the stream has BGR', async () => {
      const frame = { data: bgr(), ...size, channels: 3 };
      const error = await rejection(stream.write(frame, { rgbMode: true }));
      expect(error.code).to.equal('FRAME_FORMAT_CHANGED');
    });

    it('a timestamp that does not grow, with the times', async () => {
      const frame = { data: bgr(), ...size, channels: 3, timestamp: 0 };
      const error = await rejection(stream.write(frame));
      expect(error).to.be.instanceOf(StreamError);
      expect(error).to.include({ code: 'TIMESTAMP_NOT_INCREASING', stage: 'ingest' });
      expect(error.message).to.match(/after \d+\.\d{6} s, .* but received 0\.000000 s/);
    });

    it('nothing more, when all of that is over: the rest is a presentation', async () => {
      await stream.write({ data: bgr(), ...size, channels: 3 });
      const summary = await stream.finish();
      expect(summary).to.include({ framesIn: good + 1, framesEncoded: good + 1 });
    });
  });
});
