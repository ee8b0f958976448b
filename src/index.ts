// The public list, nothing else.

export { StreamGear } from './stream-gear.js';
export type { StreamOptions } from './stream-gear.js';
export type {
  StreamGearOptions,
  StreamParamValue,
  StreamParams,
  StreamParamsPush,
  StreamParamsRendition,
} from './stream-gear-options.js';
export { AdaptiveStream } from './adaptive-stream.js';
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
} from './options.js';
export type { Bitrate, FrameRate, OptionValues, Seconds } from './option-types.js';
export type {
  DashOptions,
  HlsOptions,
  LiveOptions,
  NameOptions,
  PackagingOptions,
} from './packaging-options.js';
export { FrameSource, openFrames } from './open-frames.js';
export type { DecodedFrame } from './open-frames.js';
export type { MediaSource } from './media-source.js';
export { probe } from './probe.js';
export type { ProbeOptions } from './probe.js';
export type {
  MediaAudioStream,
  MediaInfo,
  MediaOtherStream,
  MediaStream,
  MediaStreamBase,
  MediaVideoStream,
} from './media-info.js';
export { listDevices } from './list-devices.js';
export type { Device } from './list-devices.js';
export type { OpenFramesOptions } from './reader-options.js';
export { fromBeamcoder, fromImageData, fromMat, fromNativeImage, fromSharp } from './frames.js';
export type { MatTags } from './frames.js';
export { frameSplitter } from './frame-splitter.js';
export type { FrameSplitterOptions, SplitFrame } from './frame-splitter.js';
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
} from './frame-types.js';
export type { ColorRange, ColorSpace, PixelFormat } from './pixel-layout.js';
export type { Scaling } from './scaling.js';
export type { Rational } from './rational.js';
export type { Listener } from './emitter.js';
export type { StreamEventSource } from './stream-emitter.js';
export type {
  AudioCodec,
  EncoderPixelFormat,
  GearFormat,
  Preset,
  Profile,
  Tune,
  VideoCodec,
} from './known-values.js';
export type { StreamFormat } from './formats.js';
export type { Logging } from './events.js';
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
} from './events.js';
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
} from './stats.js';
export {
  AbortError,
  InvalidFrameError,
  InvalidOptionsError,
  InvalidStateError,
  StreamError,
} from './errors.js';
export type {
  InvalidFrameCode,
  OptionIssue,
  PipelineError,
  Stage,
  StreamErrorDetails,
  StreamGearError,
} from './errors.js';
export type { StreamErrorCode, WarningCode } from './codes.js';
export { listEncoders } from './list-encoders.js';
export type { EncoderReport, ListEncodersOptions } from './list-encoders.js';
export { versions } from './versions.js';
export type { Versions } from './native-binding.js';
