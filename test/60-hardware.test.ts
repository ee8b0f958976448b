// Hardware encoders: their options, and what happens where the hardware is missing, which this test does not
// leave to chance: the devices that it names exist nowhere.
import { join } from 'node:path';

import { expect } from 'chai';

import { encoderSettings } from '../src/plan/encoder-defaults.js';
import type { EncoderRequest } from '../src/plan/encoder-defaults.js';
import { AdaptiveStream, StreamGear, listEncoders } from '../src/index.js';
import type { StreamParams, WarningEvent } from '../src/index.js';
import { parseDevice } from '../src/gear/named-device.js';
import type { NamedDevice } from '../src/gear/named-device.js';
import { Issues } from '../src/check/issues.js';
import { libavOf } from '../src/native/libav.js';
import { nativeBinding } from '../src/native/native.js';
import { resolveOptions } from '../src/plan/resolve.js';
import type { StreamPlan } from '../src/plan/resolve.js';
import { planStreamGear } from '../src/gear/stream-gear-plan.js';
import { getFakeBinding } from './fake-binding.js';
import { lintDash } from './support/dash-lint.js';
import { decodeErrors, packets } from './support/ffprobe.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { newGear } from './support/gear.js';
import {
  middlesOf,
  pushSmall,
  rejection,
  smallFrame,
  smallLuma,
  smallOptions,
} from './support/small.js';

const NOWHERE = '/dev/dri/no-such-device';

/** Skips a test whose encoders this libavcodec does not have. */
function needs(context: Mocha.Context, ...names: string[]): void {
  const { encoders } = libavOf(nativeBinding());
  if (!names.every((name) => encoders.has(name))) context.skip();
}

function resolve(video: object): { plan: StreamPlan | undefined; messages: string[] } {
  const issues = new Issues();
  const options = { input: { width: 640, height: 360 }, video, output: 'out.mpd' };
  const plan = resolveOptions(options, issues, nativeBinding);
  return { plan, messages: issues.list.map(({ message }) => message) };
}

describe('video.hardware', () => {
  it('is the device of the encoder', function () {
    needs(this, 'h264_vaapi', 'h264_nvenc');
    const hardware = {
      type: 'vaapi',
      device: NOWHERE,
      options: { driver: 'iHD', flag: true },
    };
    const vaapi = resolve({ codec: 'h264_vaapi', hardware });
    expect(vaapi.messages).to.deep.equal([]);
    expect(vaapi.plan?.config.hardware).to.deep.equal({
      type: 'vaapi',
      device: NOWHERE,
      options: [
        ['driver', 'iHD'],
        ['flag', '1'],
      ],
    });
    const nvenc = resolve({ codec: 'h264_nvenc', hardware: { device: 1 } });
    expect(nvenc.plan?.config.hardware).to.deep.equal({ type: '', device: '1', options: [] });
    const none = { type: '', device: '', options: [] };
    expect(resolve({ codec: 'h264_nvenc' }).plan?.config.hardware).to.deep.equal(none);
  });

  it('is a node for Quick Sync, too', function () {
    needs(this, 'h264_qsv');
    for (const hardware of [{ device: NOWHERE }, { type: 'qsv', device: NOWHERE }]) {
      expect(resolve({ codec: 'h264_qsv', hardware }).plan?.config.hardware).to.deep.equal({
        type: 'qsv',
        device: '',
        options: [['child_device', NOWHERE]],
      });
    }
  });

  it('must be one that the encoder can be given', function () {
    needs(this, 'h264_vaapi', 'h264_v4l2m2m');
    expect(resolve({ codec: 'h264_vaapi', hardware: { type: 'cuda' } }).messages).to.deep.equal([
      'Expected "vaapi", as h264_vaapi needs, for video.hardware.type but received "cuda"',
    ]);
    expect(resolve({ codec: 'h264_v4l2m2m', hardware: { device: '/x' } }).messages).to.deep.equal([
      'Expected no device, as h264_v4l2m2m finds its own, for video.hardware but received {"device":"/x"}',
    ]);
    expect(resolve({ codec: 'h264_vaapi', hardware: { kind: 'x' } }).messages[0]).to.match(
      /^Expected one of type, device, options for video\.hardware but received "kind"/,
    );
  });

  it('has no effect on an encoder of the processor, and a warning says so', () => {
    const { plan } = resolve({ hardware: { type: 'vaapi' } });
    expect(plan?.config.hardware.type).to.equal('');
    expect(plan?.warnings).to.deep.equal([
      {
        code: 'IGNORED_OPTION',
        message: 'video.hardware has no effect: libx264 encodes in software',
      },
    ]);
  });
});

describe('The upload at the end of a filter chain', () => {
  for (const [chain, filter, pixelFormat] of [
    ['format=nv12,hwupload', '', ''],
    ['hwupload', '', ''],
    ['hflip,format=nv12,hwupload', 'hflip', ''],
    ['hflip , format=pix_fmts=p010 , hwupload=extra_hw_frames=64', 'hflip', 'p010le'],
    ['scale=320:180,format=nv12|vaapi,hwupload', 'scale=320:180', ''],
    ['format=yuv420p,hwupload_cuda', '', ''],
    ['format=gray,hflip', 'format=gray,hflip', ''],
  ] as const) {
    it(`"${chain}" is left to the encoder`, function () {
      needs(this, 'h264_vaapi');
      const { plan, messages } = resolve({ codec: 'h264_vaapi', filter: chain });
      expect(messages).to.deep.equal([]);
      expect(plan?.config.filter).to.equal(filter);
      expect(plan?.config.renditions[0]?.pixelFormat).to.equal(pixelFormat);
    });
  }

  it('is one of layouts that the encoder takes; what it calls a surface is left to it', function () {
    needs(this, 'h264_vaapi');
    const wrong = resolve({ codec: 'h264_vaapi', filter: 'format=yuv444p,hwupload' });
    expect(wrong.messages).to.have.length(1);
    expect(wrong.messages[0]).to.match(/^Expected one of nv12, p010le for video\.pixelFormat/);
    const { plan } = resolve({ codec: 'h264_vaapi', pixelFormat: 'vaapi' });
    expect(plan?.config.renditions[0]?.pixelFormat).to.equal('');
  });
});

describe('video.fallback', () => {
  const renditions = (video: object) => resolve(video).plan?.config.renditions[0];

  it('is the usual encoder of the codec, with its own defaults and bitrate', function () {
    needs(this, 'h264_vaapi', 'hevc_nvenc', 'vp9_qsv');
    const rendition = renditions({ codec: 'h264_vaapi', fallback: true });
    expect(rendition).to.include({ codec: 'h264_vaapi', fallbackCodec: 'libx264' });
    const options = Object.fromEntries(rendition?.fallbackOptions ?? []);
    expect(options).to.include({ preset: 'veryfast', 'forced-idr': '1', b: '576000' });
    expect(renditions({ codec: 'hevc_nvenc', fallback: true })?.fallbackCodec).to.equal('libx265');
    expect(renditions({ codec: 'vp9_qsv', fallback: true })?.fallbackCodec).to.equal('libvpx-vp9');
  });

  it('is none unless it is asked for, and none for what needs none', function () {
    needs(this, 'h264_vaapi');
    for (const video of [{ codec: 'h264_vaapi' }, { fallback: true }]) {
      expect(renditions(video)).to.deep.include({ fallbackCodec: '', fallbackOptions: [] });
    }
  });

  it('gets those of the encoder options that it takes, and warns of the others', function () {
    needs(this, 'h264_nvenc');
    const { plan } = resolve({
      codec: 'h264_nvenc',
      fallback: true,
      preset: 'p6',
      options: { 'spatial-aq': 1, refs: 3 },
    });
    const [rendition] = plan?.config.renditions ?? [];
    expect(Object.fromEntries(rendition?.options ?? [])).to.include({ preset: 'p6', refs: '3' });
    const options = Object.fromEntries(rendition?.fallbackOptions ?? []);
    expect(options).to.include({ preset: 'veryfast', refs: '3' });
    expect(options).not.to.have.property('spatial-aq');
    expect(plan?.warnings.map(({ message }) => message)).to.deep.equal([
      'preset has no effect where libx264 takes over from h264_nvenc',
      'spatial-aq has no effect where libx264 takes over from h264_nvenc',
    ]);
  });
});

describe('Defaults of hardware encoders', () => {
  const settings = (
    encoder: string,
    {
      user = {},
      ...more
    }: Partial<Omit<EncoderRequest, 'user'>> & { user?: Record<string, string> } = {},
  ) =>
    Object.fromEntries(
      encoderSettings({
        encoder,
        pixelFormat: '',
        bitrate: 2_000_000,
        live: false,
        withoutReordering: false,
        threads: 4,
        gopFrames: 50,
        ...more,
        user: new Map(Object.entries(user)),
      }).options,
    );

  it('keep the bitrate and place no key frames and no B-frames of their own', () => {
    const rate = { b: '2000000', maxrate: '3000000', bufsize: '4000000', bf: '0' };
    expect(settings('h264_nvenc')).to.deep.equal({
      ...rate,
      'forced-idr': '1',
      'no-scenecut': '1',
      rc: 'vbr',
    });
    expect(settings('hevc_vaapi')).to.deep.equal(rate);
    expect(settings('h264_qsv')).to.include({ ...rate, forced_idr: '1', g: '65535' });
    expect(settings('h264_unknown')).to.include({ b: '2000000', threads: '4' });
  });

  it('add no delay when live', () => {
    expect(settings('h264_nvenc', { live: true })).to.include({ zerolatency: '1', delay: '0' });
    expect(settings('av1_qsv', { live: true })).to.include({ async_depth: '1' });
    expect(settings('h264_videotoolbox', { live: true })).to.include({ realtime: '1' });
  });

  it('leave the rate control to a constant quality', () => {
    expect(settings('h264_nvenc', { user: { qp: '20' } })).not.to.have.property('rc');
    expect(settings('h264_nvenc', { user: { cq: '24' } })).to.include({ maxrate: '3000000' });
    expect(settings('h264_nvenc', { user: { rc: 'cbr' } })).to.include({ rc: 'cbr' });
  });

  it('are only what the local version of the encoder knows', () => {
    const libav = libavOf(nativeBinding());
    const hardware = [...libav.encoders.values()].filter((encoder) => encoder.hardware);
    for (const { name } of hardware) {
      const known = libav.options('encoder', name);
      const knows = (option: string): boolean => known.has(option);
      for (const live of [false, true]) {
        for (const [key, value] of Object.entries(settings(name, { live, knows }))) {
          const option = known.get(key);
          expect(option, `${name} ${key}`).not.to.be.undefined;
          if (option === undefined) continue;
          const problem = libav.problem('encoder', name, option, value);
          expect(problem, `${name} ${key}=${value}`).to.be.undefined;
        }
      }
    }
  });
});

describe('Hardware attributes', () => {
  const plan = (params: StreamParams) =>
    planStreamGear({ output: '/tmp/x.mpd', streamParams: params }, nativeBinding);
  const hardware = (params: StreamParams): unknown => plan(params).outline?.options.video?.hardware;

  it('-init_hw_device, -vaapi_device and -qsv_device name a device', function () {
    needs(this, 'h264_vaapi', 'h264_qsv', 'h264_nvenc');
    const options = new Map();
    expect(hardware({ '-vcodec': 'h264_vaapi', '-vaapi_device': NOWHERE })).to.deep.equal({
      type: 'vaapi',
      device: NOWHERE,
      options,
    });
    expect(hardware({ '-vcodec': 'h264_qsv', '-qsv_device': NOWHERE })).to.deep.equal({
      type: 'qsv',
      device: NOWHERE,
      options,
    });
    expect(
      hardware({ '-vcodec': 'h264_nvenc', '-init_hw_device': 'cuda=gpu:1,primary_ctx=1' }),
    ).to.deep.equal({ type: 'cuda', device: '1', options: new Map([['primary_ctx', '1']]) });
  });

  it('of several devices, the one that fits the encoder is taken', function () {
    needs(this, 'h264_vaapi', 'h264_qsv');
    const devices = ['vaapi=va:/dev/dri/a', 'vaapi=vb:/dev/dri/b', 'qsv=qs@va'];
    const clones = devices.flatMap((device) => ['-init_hw_device', device]);
    const device = (params: StreamParams): unknown =>
      (hardware({ '-clones': clones, ...params }) as { device: string }).device;
    expect(device({ '-vcodec': 'h264_qsv' })).to.equal('/dev/dri/a');
    expect(device({ '-vcodec': 'h264_vaapi' })).to.equal('/dev/dri/b');
    expect(device({ '-vcodec': 'h264_vaapi', '-filter_hw_device': 'va' })).to.equal('/dev/dri/a');
    expect(() => device({ '-vcodec': 'h264_vaapi', '-filter_hw_device': 'vc' })).to.throw(
      /^Expected the name of a -init_hw_device for -filter_hw_device but received "vc"/,
    );
  });

  it('-hwaccel and the like have no effect: a warning says that decoding is in software', () => {
    const { warnings } = plan({ '-hwaccel': 'vaapi', '-hwaccel_output_format': 'vaapi' });
    expect(warnings.map(({ code, message }) => `${code}: ${message}`)).to.deep.equal([
      'IGNORED_OPTION: -hwaccel has no effect: decoding is in software',
      'IGNORED_OPTION: -hwaccel_output_format has no effect: decoding is in software',
    ]);
  });

  it('that are wrong are named', function () {
    needs(this, 'h264_vaapi');
    expect(() => plan({ '-init_hw_device': 'vaapi=va:/x,driver' })).to.throw(
      /^Expected a device such as "vaapi=va:.* for -init_hw_device but received/,
    );
    expect(() => plan({ '-vcodec': 'h264_vaapi', '-init_hw_device': 'cuda:0' })).to.throw(
      /^Expected "vaapi", as h264_vaapi needs, for -init_hw_device\.type but received "cuda"/,
    );
  });

  it('fallback: true is an option of StreamGear', () => {
    const options = { output: '/tmp/x.mpd', fallback: true };
    const { outline } = planStreamGear(options, getFakeBinding);
    expect(outline?.options.video?.fallback).to.equal(true);
  });

  const va: NamedDevice = { name: 'va', type: 'vaapi', device: '/dev/dri/x', options: new Map() };
  for (const [value, expected] of [
    ['vaapi', { name: 'vaapi1', type: 'vaapi', device: '', options: new Map() }],
    ['cuda:1', { name: 'cuda0', type: 'cuda', device: '1', options: new Map() }],
    ['cuda=g:', { name: 'g', type: 'cuda', device: '', options: new Map() }],
    [
      'vaapi=v:,driver=iHD,kernel_driver=i915',
      {
        name: 'v',
        type: 'vaapi',
        device: '',
        options: new Map(Object.entries({ driver: 'iHD', kernel_driver: 'i915' })),
      },
    ],
    [
      'vaapi=v,driver=a=b',
      { name: 'v', type: 'vaapi', device: '', options: new Map(Object.entries({ driver: 'a=b' })) },
    ],
    ['qsv@va', { name: 'qsv0', type: 'qsv', device: '/dev/dri/x', options: new Map() }],
    ['qsv=q@nobody', undefined],
    ['vulkan@va', undefined],
    ['', undefined],
    ['vaapi:/x,novalue', undefined],
  ] as const) {
    it(`"${value}" is ${expected === undefined ? 'no device' : 'a device'}`, () => {
      expect(parseDevice(value, new Map([['va', va]]))).to.deep.equal(expected);
    });
  }
});

describe('Where the hardware is missing', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => (folder = await temporaryFolder()));
  afterEach(() => folder[Symbol.asyncDispose]());

  const cases = [
    ['h264_vaapi', NOWHERE, 'libx264'],
    ['hevc_vaapi', NOWHERE, 'libx265'],
    ['vp9_vaapi', NOWHERE, 'libvpx-vp9'],
    ['h264_qsv', NOWHERE, 'libx264'],
    ['h264_nvenc', '99', 'libx264'],
  ] as const;

  for (const [codec, device, software] of cases) {
    it(`${codec} says which device it tried, why it failed and what to do`, async function () {
      needs(this, codec);
      const video = { codec, hardware: { device } };
      const error = await rejection(AdaptiveStream.open(smallOptions(folder.path, { video })));
      expect(error).to.include({ code: 'HARDWARE_UNAVAILABLE', stage: 'encoder' });
      expect(error.rendition).to.be.oneOf([0, 1]);
      expect(error.averror).to.be.lessThan(0);
      expect(error.message).to.match(
        new RegExp(`^${codec} cannot run for rendition \\d \\(\\d+x\\d+\\): .*${device}.*: .+\\.`),
      );
      expect(error.message).to.match(
        /\. Check that .+; listEncoders\(\) tells what works here, and fallback: true encodes in software instead$/,
      );
    });

    it(`${codec} gives way to ${software} with fallback: true, and a warning says why`, async function () {
      needs(this, codec, software);
      const video = { codec, hardware: { device }, fallback: true };
      const stream = await AdaptiveStream.open(smallOptions(folder.path, { video }));
      const warnings: WarningEvent[] = [];
      stream.on('warning', (warning) => warnings.push(warning));
      await pushSmall(stream, 30);
      expect(stream.stats().renditions.map(({ encoder }) => encoder)).to.deep.equal([
        software,
        software,
      ]);
      const { renditions } = await stream.finish();
      expect(renditions.map(({ encoder }) => encoder)).to.deep.equal([software, software]);
      expect(renditions.map(({ framesEncoded }) => framesEncoded)).to.deep.equal([30, 30]);
      expect(await lintDash(stream.output)).to.deep.equal([]);
      expect(await decodeErrors(stream.output)).to.equal('');
      expect(warnings.map(({ code }) => code)).to.deep.equal([
        'HARDWARE_FALLBACK', // one per rendition
        'HARDWARE_FALLBACK',
      ]);
      expect(warnings[0]?.message).to.contain(`${software} encodes instead`);
      const middles = await middlesOf(stream.output);
      expect(middles).to.have.length(30);
      for (const [index, luma] of middles.entries()) {
        expect(luma, `picture ${index}`).to.be.closeTo(smallLuma(index), 4);
      }
    });
  }

  it('an encoder that finds its hardware by itself says so in the same way', async function () {
    const missing = (await listEncoders()).filter(({ hardware, works }) => hardware && !works);
    if (missing.length === 0) this.skip(); // this machine has everything
    for (const { name } of missing) {
      const options = smallOptions(folder.path, { video: { codec: name } });
      const error = await rejection(AdaptiveStream.open(options));
      expect(error, name).to.include({ code: 'HARDWARE_UNAVAILABLE' });
      expect(error.message, name).to.match(new RegExp(`^${name} .+; listEncoders\\(\\) tells`));
    }
  });

  it('StreamGear, live, packages HLS all the same with fallback: true', async function () {
    needs(this, 'h264_vaapi');
    const gear = new StreamGear({
      output: join(folder.path, 'out.m3u8'),
      format: 'hls',
      fallback: true,
      streamParams: {
        '-vcodec': 'h264_vaapi',
        '-vaapi_device': NOWHERE,
        '-vf': 'vflip,format=nv12,hwupload',
        '-livestream': true,
        '-hls_time': 0.4,
        '-hls_list_size': 0,
        '-streams': [{ '-resolution': '160x90', '-video_bitrate': '100k' }],
      },
    });
    const warnings: WarningEvent[] = [];
    gear.on('warning', (warning) => warnings.push(warning));
    for (let index = 0; index < 30; index++) await gear.stream(smallFrame(index));
    await gear.close();
    expect(await decodeErrors(gear.output)).to.equal('');
    for (const list of await packets(gear.output)) expect(list).to.have.length(30);
    const told = warnings.filter(({ code }) => code === 'HARDWARE_FALLBACK');
    expect(told).to.have.length(2); // one per rendition
    for (const { message } of told) {
      expect(message).to.match(
        /^h264_vaapi cannot run .+no-such-device.+\. libx264 encodes instead$/,
      );
    }
  });

  it('StreamGear fails with the first frame without it', async function () {
    needs(this, 'h264_vaapi');
    const gear = newGear(folder.path, { '-vcodec': 'h264_vaapi', '-vaapi_device': NOWHERE });
    const push = async (): Promise<void> => {
      for (let index = 0; index < 100; index++) await gear.stream(smallFrame(index));
    };
    const error = await rejection(push());
    expect(error).to.include({ code: 'HARDWARE_UNAVAILABLE', rendition: 0 });
    expect(await rejection(gear.close())).to.equal(error);
  });

  it('ten bits stay ten bits on the way to the software encoder', async function () {
    needs(this, 'hevc_vaapi', 'libx265');
    const stream = await AdaptiveStream.open(
      smallOptions(folder.path, {
        video: {
          codec: 'hevc_vaapi',
          hardware: { device: NOWHERE },
          pixelFormat: 'p010le',
          fallback: true,
        },
      }),
    );
    await pushSmall(stream, 12);
    const { renditions } = await stream.finish();
    for (const { codecs } of renditions) expect(codecs).to.match(/^hvc1\.2\./); // Main 10
    expect(await decodeErrors(stream.output)).to.equal('');
  });
});

describe('An encoder that has its parameter sets in the stream only, as those of V4L2', () => {
  // libx264 and libx265 do so, too, when they are told to.
  for (const [codec, name, packaging] of [
    ['libx264', 'out.mpd', {}],
    ['libx265', 'out.mpd', {}],
    ['libx264', 'out.m3u8', { segmentType: 'mpegts' }],
  ] as const) {
    it(`is packaged all the same: ${codec} in ${name}`, async () => {
      await using folder = await temporaryFolder();
      const stream = await AdaptiveStream.open(
        smallOptions(folder.path, {
          output: join(folder.path, name),
          video: { codec, preset: 'ultrafast', options: { flags: '-global_header' } },
          packaging: { segmentDuration: 0.4, ...packaging },
        }),
      );
      await pushSmall(stream, 30);
      const { renditions } = await stream.finish();
      for (const { codecs } of renditions) expect(codecs).to.match(/^(avc1|hvc1)\./);
      if (name.endsWith('.mpd')) expect(await lintDash(stream.output)).to.deep.equal([]);
      expect(await decodeErrors(stream.output)).to.equal('');
      expect(await middlesOf(stream.output)).to.have.length(30);
    });
  }
});
