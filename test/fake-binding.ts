// A binding without libav, for tests of pure TypeScript: it knows a handful of names and ranges, and nothing
// runs on it.

import type {
  NativeAudioEncoderInfo,
  NativeBinding,
  NativeEncoderInfo,
  NativeFilterPad,
  NativeOption,
} from '../src/native/native-binding.js';

function option(name: string, rest: Partial<NativeOption> = {}): NativeOption {
  const defaults = { help: '', type: 'string', default: '', min: 0, max: 0, constants: [] };
  return { name, private: false, ...defaults, ...rest };
}

const GENERIC = [
  option('b', { type: 'int64', min: 0, max: 2 ** 53 }),
  option('maxrate', { type: 'int64', min: 0, max: 2 ** 53 }),
  option('bufsize', { type: 'int', min: -(2 ** 31), max: 2 ** 31 }),
  option('bf', { type: 'int', min: -1, max: 16 }),
  option('threads', { type: 'int', min: 0, max: 1024 }),
  option('flags', { type: 'flags', constants: ['cgop', 'low_delay'] }),
  option('profile', { type: 'int', min: -99, max: 9999 }),
];

const OPTIONS: Readonly<Record<string, readonly NativeOption[]>> = {
  'encoder:libx264': [
    ...GENERIC,
    option('preset'),
    option('tune'),
    option('crf', { type: 'float', min: -1, max: 51 }),
    option('qp', { type: 'int', min: -1, max: 51 }),
    option('x264-params'),
    option('sc_threshold', { type: 'int', min: -1000, max: 1000 }),
  ],
  'encoder:libx265': [...GENERIC, option('preset'), option('crf'), option('x265-params')],
  'encoder:libvpx-vp9': [...GENERIC, option('deadline'), option('cpu-used')],
  'encoder:aac': [
    option('b', { type: 'int64', min: 0, max: 2 ** 53 }),
    option('profile', { type: 'int', min: -99, max: 9999 }),
    option('cutoff', { type: 'int', min: -(2 ** 31), max: 2 ** 31 }),
    option('ar', { type: 'int' }),
    option('flags', { type: 'flags' }),
    option('aac_coder', { private: true }),
  ],
  'encoder:libopus': [option('application', { private: true }), option('b')],
  'demuxer:alsa': [option('sample_rate'), option('channels')],
  'muxer:mp4': [option('movflags', { type: 'flags', private: true }), option('max_delay')],
  'muxer:mpegts': [option('mpegts_flags', { type: 'flags', private: true }), option('max_delay')],
  'muxer:dash': [option('ldash', { private: true })],
  'muxer:hls': [option('hls_key_info_file', { private: true })],
  'protocol:http': [option('method'), option('timeout', { type: 'int64' }), option('user_agent')],
};

function encoder(name: string, codec: string, hardware = false): NativeEncoderInfo {
  const pixelFormats = ['yuv420p', 'yuv422p', 'yuv420p10le'];
  const devices = hardware ? ['cuda'] : [];
  return { name, codec, description: name, hardware, pixelFormats, devices, reorders: true };
}

const ENCODERS = [
  encoder('libx264', 'h264'),
  encoder('h264_nvenc', 'h264', true),
  encoder('libx265', 'hevc'),
  encoder('libvpx-vp9', 'vp9'),
  encoder('mpeg4', 'mpeg4'),
];

function audioEncoder(
  name: string,
  codec: string,
  rest: Partial<NativeAudioEncoderInfo> = {},
): NativeAudioEncoderInfo {
  const any = { experimental: false, sampleRates: [], channels: [] };
  return { name, codec, description: name, ...any, ...rest };
}

const AUDIO_ENCODERS = [
  audioEncoder('aac', 'aac'),
  audioEncoder('opus', 'opus', { experimental: true }),
  audioEncoder('libopus', 'opus', { sampleRates: [24_000, 48_000] }),
  audioEncoder('libmp3lame', 'mp3', { channels: [1, 2] }),
  audioEncoder('pcm_s16le', 'pcm_s16le'),
];

function checkOption(kind: string, name: string, key: string, value: string): string {
  const found = OPTIONS[`${kind}:${name}`]?.find((candidate) => candidate.name === key);
  if (found === undefined) return 'Option not found';
  if (!['int', 'int64', 'float'].includes(found.type) || found.max === 0) return '';
  const number = Number(value.replace(/k$/, '000').replace(/M$/, '000000'));
  return number >= found.min && number <= found.max ? '' : 'Numerical result out of range';
}

/** The fake. */
export const fakeBinding = {
  versions: () => ({ libavcodec: '0.0.0' }),
  videoEncoders: () => ENCODERS,
  audioEncoders: () => AUDIO_ENCODERS,
  options: (kind: string, name: string) => [...(OPTIONS[`${kind}:${name}`] ?? [])],
  checkOption,
  probeFilter: (filter: string, input: NativeFilterPad) => {
    const [, name, width, height] = /^(\w+)(?:=(\d+):(\d+))?$/.exec(filter) ?? [];
    if (name === 'hflip') return input;
    if (name !== 'crop' || Number(width) > input.width)
      return { error: `No such filter: ${filter}` };
    return { ...input, width: Number(width), height: Number(height) };
  },
  probeAudioFilter: (filter: string) =>
    /^(volume|apad)/.test(filter) ? '' : `No such filter: ${filter}`,
  liveObjects: () => ({ pipelines: 0, readers: 0, inputs: 0, trials: 0, pinnedBuffers: 0 }),
} satisfies Partial<Record<keyof NativeBinding, unknown>> as unknown as NativeBinding;

/** What `nativeBinding()` is elsewhere. */
export function getFakeBinding(): NativeBinding {
  return fakeBinding;
}
