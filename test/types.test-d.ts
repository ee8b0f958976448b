// Type tests: compiled, never run.

import { expectTypeOf } from 'expect-type';
import {
  AdaptiveStream,
  InvalidFrameError,
  StreamError,
  StreamGear,
  listDevices,
  openFrames,
  probe,
} from '../src/index.js';
import type {
  AbortError,
  AdaptiveStreamOptions,
  AudioOptions,
  AudioSamples,
  AudioStats,
  DecodedFrame,
  Device,
  FileEvent,
  Frame,
  FrameBytes,
  FrameSource,
  InvalidOptionsError,
  MediaAudioStream,
  MediaInfo,
  MediaStream,
  MediaVideoStream,
  OptionIssue,
  ProgressEvent,
  RawFrame,
  SegmentEvent,
  StreamGearError,
  StreamGearOptions,
  StreamParams,
  StreamStats,
  StreamSummary,
  TranscodeProgress,
  VideoCodec,
  WarningCode,
} from '../src/index.js';

// The examples of the design compile as they stand.
const data = new Uint8Array(3);
const gear = new StreamGear({
  output: 'out/live.m3u8',
  format: 'hls',
  logging: false,
  strict: true,
  streamParams: {
    '-input_framerate': 30,
    '-livestream': true,
    '-streams': [{ '-resolution': '1280x720', '-video_bitrate': '3000k' }],
    '-x264-params': 'aq-mode=3',
    '-b:v:1': '1M',
  },
});
expectTypeOf(gear.stream({ data, width: 1, height: 1, channels: 3 })).resolves.toBeBoolean();
expectTypeOf(gear.stream({ data, shape: [1, 1, 3] }, { rgbMode: true })).resolves.toBeBoolean();
expectTypeOf(gear.stream(null)).resolves.toBeBoolean();
expectTypeOf(gear.writeAudio(new Int16Array(2), 0.5)).resolves.toBeBoolean();
expectTypeOf(gear.close()).resolves.toEqualTypeOf<StreamSummary>();
expectTypeOf<StreamGear['terminate']>().returns.resolves.toEqualTypeOf<StreamSummary>();
expectTypeOf(gear.abort('reason')).resolves.toBeVoid();
expectTypeOf(
  gear.transcodeSource({
    signal: new AbortController().signal,
    onProgress: (progress) => {
      expectTypeOf(progress).toEqualTypeOf<TranscodeProgress>();
      expectTypeOf(progress.done).toEqualTypeOf<number | undefined>();
    },
  }),
).resolves.toExtend<StreamSummary>();
expectTypeOf(gear.mode).toEqualTypeOf<'real-time' | 'single-source'>();
expectTypeOf(gear).toExtend<AsyncDisposable>();

const stream = AdaptiveStream.open({
  input: { width: 1920, height: 1080, pixelFormat: 'bgr24', frameRate: 30 },
  renditions: [{ height: 1080, bitrate: '5M' }, { height: 720 }, { height: 360, frameRate: 15 }],
  video: { codec: 'libx264', preset: 'veryfast', options: { bf: 1 } },
  audio: { source: 'music.aac', codec: 'libopus', bitrate: '96k', language: 'en' },
  packaging: { format: 'dash', segmentDuration: 4, live: { window: 5 }, options: {} },
  output: 'out/manifest.mpd',
  whenFull: 'wait',
  signal: new AbortController().signal,
});
expectTypeOf(stream).resolves.toEqualTypeOf<AdaptiveStream>();
expectTypeOf<AdaptiveStream['write']>().parameter(0).toEqualTypeOf<Frame | FrameBytes>();
expectTypeOf<AdaptiveStream['writeAudio']>().parameter(0).toEqualTypeOf<AudioSamples>();
expectTypeOf<AdaptiveStream['writeAudio']>().returns.resolves.toBeBoolean();
expectTypeOf<Float32Array | Float32Array[] | Int16Array>().toExtend<AudioSamples>();
expectTypeOf<Buffer>().not.toExtend<AudioSamples>();
expectTypeOf<StreamStats['audio']>().toEqualTypeOf<AudioStats | undefined>();
expectTypeOf<AdaptiveStream['stats']>().returns.toEqualTypeOf<StreamStats>();
expectTypeOf<AdaptiveStream>().toExtend<AsyncDisposable>();
expectTypeOf<StreamSummary>().toExtend<StreamStats>();

const transcode = AdaptiveStream.transcode(['-f', 'v4l2', '-i', '/dev/video0'], {
  input: { videoTrack: 0, deinterlace: 'off', threads: 2 },
  renditions: [{ height: 720, audioBitrate: '96k' }],
  video: { codec: 'libx264' },
  audio: false,
  packaging: { live: true },
  trim: { start: 1, duration: '00:01:00' },
  output: 'out/manifest.mpd',
  onProgress: ({ time, speed, timeLeft = 0 }) => time + speed + timeLeft,
});
expectTypeOf(transcode).resolves.toEqualTypeOf<AdaptiveStream>();
// @ts-expect-error a source waits for the encoders
void AdaptiveStream.transcode('in.mp4', { output: 'out.mpd', whenFull: 'drop' });
expectTypeOf<ProgressEvent>().toExtend<TranscodeProgress>();
expectTypeOf<StreamError['summary']>().toEqualTypeOf<StreamSummary | undefined>();

// Streams are made by open() and transcode() alone.
// @ts-expect-error the constructor is private
new AdaptiveStream();

// Listeners know their event, and on() gives its off-function.
expectTypeOf(
  gear.on('segment', (event) => {
    expectTypeOf(event).toEqualTypeOf<SegmentEvent>();
  }),
).toEqualTypeOf<() => void>();
// @ts-expect-error no such event
gear.on('segmnt', () => undefined);
expectTypeOf(gear.off('segment', () => undefined)).toEqualTypeOf<StreamGear>();
expectTypeOf(gear.events('segment')).toExtend<AsyncIterable<SegmentEvent>>();
gear.addListener('warning', ({ code }) => {
  expectTypeOf(code).toEqualTypeOf<WarningCode>();
  // @ts-expect-error no such code
  if (code === 'ODD_SIZES') return;
});
gear.on('file', (file) => {
  expectTypeOf(file).toEqualTypeOf<FileEvent>();
});

// The code tells the class, and with it what else the error carries.
const narrow = (error: StreamGearError): void => {
  if (error.code === 'INVALID_OPTIONS') expectTypeOf(error).toEqualTypeOf<InvalidOptionsError>();
  else if (error.code === 'ABORTED') expectTypeOf(error).toEqualTypeOf<AbortError>();
  else if (error.code === 'BUFFER_TOO_SHORT')
    expectTypeOf(error).toEqualTypeOf<InvalidFrameError>();
  // @ts-expect-error no such code
  else if (error.code === 'NO_SUCH') return;
};
gear.once('end', ({ error }) => {
  if (error?.code === 'INVALID_OPTIONS')
    expectTypeOf(error.issues[0]?.path).toEqualTypeOf<string | undefined>();
});
const caught: unknown = undefined;
if (caught instanceof StreamError) {
  narrow(caught);
  if (caught.code === 'INVALID_OPTIONS')
    expectTypeOf(caught.issues).toEqualTypeOf<readonly OptionIssue[]>();
  if (caught.code === 'SOURCE_TRUNCATED')
    expectTypeOf(caught.summary).toEqualTypeOf<StreamSummary | undefined>();
}
if (caught instanceof InvalidFrameError) expectTypeOf(caught).toEqualTypeOf<InvalidFrameError>();

// Frames of other libraries are taken as they are.
declare const canvas: CanvasRenderingContext2D;
expectTypeOf(canvas.getImageData(0, 0, 1, 1)).toExtend<Frame>();
expectTypeOf<{
  data: Buffer;
  info: { width: number; height: number; channels: 3 };
}>().toExtend<Frame>();
expectTypeOf<DecodedFrame>().toExtend<Frame>();
expectTypeOf<{ data: Float32Array; width: number; height: number }>().not.toExtend<Frame>();

// Mistakes that the compiler sees.
const output = 'out.mpd';
// @ts-expect-error an attribute begins with a dash
expectTypeOf({ output, streamParams: { gop: 5 } } satisfies StreamGearOptions).toBeObject();
// Attributes that people paste have their types; others are free.
expectTypeOf({
  '-g': 50,
  '-s': '1280x720',
  '-b:v': '2M',
  '-ss': '00:00:01',
  '-to': 5,
  '-metadata': 'title=A film',
  '-an': '',
  '-tune': 'zerolatency',
  '-profile:v': 'high',
  '-x264-params': 'aq-mode=3',
  '-maxrate': '3M',
  '-movflags': '+negative_cts_offsets',
  '-headers': 'Authorization: Bearer x',
  '-some_option': 1,
} satisfies StreamParams).toBeObject();
expectTypeOf<'-g' | '-map' | '-shortest' | '-c:a'>().toExtend<keyof StreamParams>();
// @ts-expect-error a size is text
expectTypeOf({ '-s': 720 } satisfies StreamParams).toBeObject();
// @ts-expect-error a position is seconds or text
expectTypeOf({ '-ss': true } satisfies StreamParams).toBeObject();
expectTypeOf<'libx264' | 'my_encoder'>().toExtend<VideoCodec>();
expectTypeOf({ output, format: 'DASH' } satisfies StreamGearOptions).toBeObject();
expectTypeOf({ output, format: ['dash', 'hls'] } satisfies StreamGearOptions).toBeObject();
// @ts-expect-error a rendition needs a resolution
expectTypeOf({ '-streams': [{ '-video_bitrate': '1M' }] } satisfies StreamParams).toBeObject();
// @ts-expect-error a frame has data or planes
void gear.stream({ width: 1, height: 1, channels: 3 });
expectTypeOf({ planes: [data], width: 1, height: 1, channels: 3 }).toExtend<Frame>();
// @ts-expect-error no such layout
expectTypeOf({ data, width: 1, height: 1, pixelFormat: 'bgr' } satisfies RawFrame).toBeObject();
const sampleFormat = 's24';
// @ts-expect-error no such format of samples
expectTypeOf({ push: { sampleRate: 1, sampleFormat } } satisfies AudioOptions).toBeObject();
for (const audio of [
  'music.mp3',
  new URL('https://example.com/music.mp3'),
  ['-f', 'alsa', '-i', 'hw:1'],
  { push: { sampleRate: 48000 } },
] as const) {
  expectTypeOf({ '-audio': audio } satisfies StreamParams).toBeObject();
}
// @ts-expect-error the input's size is required
expectTypeOf({ output, input: { width: 1 } } satisfies AdaptiveStreamOptions).toBeObject();

expectTypeOf(openFrames('in.mp4', { pixelFormat: 'rgb24' })).resolves.toEqualTypeOf<FrameSource>();
expectTypeOf<FrameSource>().toExtend<AsyncIterable<DecodedFrame>>();
expectTypeOf<FrameSource['duration']>().toEqualTypeOf<number | undefined>();

const info = probe(new URL('https://host/in.mp4'), { options: { timeout: 1_000_000 } });
expectTypeOf(info).resolves.toEqualTypeOf<MediaInfo>();
expectTypeOf<MediaInfo['video']>().toEqualTypeOf<MediaVideoStream | undefined>();
expectTypeOf<Extract<MediaStream, { kind: 'audio' }>>().toEqualTypeOf<MediaAudioStream>();
expectTypeOf(listDevices()).resolves.toEqualTypeOf<Device[]>();

expectTypeOf<InvalidOptionsError>().toExtend<StreamError>();
expectTypeOf<InvalidOptionsError['issues']>().toEqualTypeOf<readonly OptionIssue[]>();
