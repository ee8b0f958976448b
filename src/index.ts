// The public list, nothing else.

export { StreamGear } from './gear/stream-gear.js';
export type { StreamOptions } from './gear/stream-gear.js';
export type {
  StreamGearOptions,
  StreamParamValue,
  StreamParams,
  StreamParamsPush,
  StreamParamsRendition,
} from './gear/stream-gear-options.js';
export { AdaptiveStream } from './stream/adaptive-stream.js';
export type {
  AdaptiveStreamOptions,
  AudioOptions,
  AudioPushOptions,
  AudioSamples,
  HardwareOptions,
  InputOptions,
  RenditionOptions,
  SourceInputOptions,
  SourceOptions,
  TrimOptions,
  VideoOptions,
  WriteOptions,
  TranscodeOptions,
} from './options/options.js';
export type { Bitrate, FrameRate, OptionValues, Seconds } from './check/option-types.js';
export type {
  DashOptions,
  HlsOptions,
  LiveOptions,
  NameOptions,
  PackagingOptions,
} from './options/packaging-options.js';
export { FrameSource, openFrames } from './source/open-frames.js';
export type { DecodedFrame } from './source/open-frames.js';
export type { MediaSource } from './source/media-source.js';
export { probe } from './source/probe.js';
export type { ProbeOptions } from './source/probe.js';
export type {
  MediaAudioStream,
  MediaInfo,
  MediaOtherStream,
  MediaStream,
  MediaStreamBase,
  MediaVideoStream,
} from './source/media-info.js';
export { listDevices } from './machine/list-devices.js';
export type { Device } from './machine/list-devices.js';
export type { OpenFramesOptions } from './source/reader-options.js';
export {
  fromBeamcoder,
  fromImageData,
  fromMat,
  fromNativeImage,
  fromSharp,
} from './frames/frames.js';
export type { MatTags } from './frames/frames.js';
export { frameSplitter } from './frames/frame-splitter.js';
export type { FrameSplitterOptions, SplitFrame } from './frames/frame-splitter.js';
export type {
  BeamcoderFrameLike,
  Frame,
  FrameBytes,
  FrameTags,
  ImageDataLike,
  MatLike,
  NativeImageLike,
  NdarrayFrame,
  PlanarFrame,
  RawFrame,
  RawFrameShape,
  SharpRawLike,
  WholeFrame,
} from './frames/frame-types.js';
export type { ColorRange, ColorSpace, PixelFormat } from './frames/pixel-layout.js';
export type { Scaling } from './frames/scaling.js';
export type { Rational } from './base/rational.js';
export type { Listener } from './stream/emitter.js';
export type { StreamEventSource } from './stream/stream-emitter.js';
export type {
  AudioCodec,
  EncoderPixelFormat,
  GearFormat,
  Preset,
  Profile,
  Tune,
  VideoCodec,
} from './check/known-values.js';
export type { StreamFormat } from './base/formats.js';
export type { Logging } from './report/events.js';
export type {
  DropEvent,
  EndEvent,
  FileEvent,
  LogEvent,
  ManifestEvent,
  ProgressEvent,
  SegmentEvent,
  StreamEvents,
  TranscodeProgress,
  WarningEvent,
} from './report/events.js';
export type {
  AudioDrift,
  AudioRenditionStats,
  AudioStats,
  Latency,
  PictureMemory,
  RenditionBitrate,
  RenditionStats,
  RootManifest,
  StreamStats,
  StreamSummary,
} from './report/stats.js';
export {
  AbortError,
  InvalidFrameError,
  InvalidOptionsError,
  InvalidStateError,
  StreamError,
} from './report/errors.js';
export type {
  InvalidFrameCode,
  OptionIssue,
  PipelineError,
  Stage,
  StreamErrorDetails,
  StreamGearError,
} from './report/errors.js';
export type { StreamErrorCode, WarningCode } from './report/codes.js';
export { listEncoders } from './machine/list-encoders.js';
export type { EncoderReport, ListEncodersOptions } from './machine/list-encoders.js';
export { versions } from './native/versions.js';
export type { Versions } from './native/native-binding.js';
