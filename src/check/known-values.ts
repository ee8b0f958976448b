// Known values: words that editors can offer. Anything else that libav knows is as good: the types are open.

/** One of these, or any other text. */
type Open<Known extends string> = Known | (string & Record<never, never>);

/**
 * Video encoders of libavcodec; `listEncoders()` tells which ones work here.
 *
 * @category AdaptiveStream
 */
export type VideoCodec = Open<
  | 'libx264'
  | 'libx265'
  | 'libvpx-vp9'
  | 'libaom-av1'
  | 'libsvtav1'
  | 'h264'
  | 'hevc'
  | 'vp9'
  | 'av1'
  | 'copy'
  | 'h264_nvenc'
  | 'hevc_nvenc'
  | 'av1_nvenc'
  | 'h264_qsv'
  | 'hevc_qsv'
  | 'vp9_qsv'
  | 'av1_qsv'
  | 'h264_vaapi'
  | 'hevc_vaapi'
  | 'vp9_vaapi'
  | 'av1_vaapi'
  | 'h264_videotoolbox'
  | 'hevc_videotoolbox'
  | 'h264_amf'
  | 'hevc_amf'
  | 'av1_amf'
  | 'h264_v4l2m2m'
  | 'hevc_v4l2m2m'
  | 'h264_vulkan'
  | 'hevc_vulkan'
>;

/**
 * Audio encoders of libavcodec.
 *
 * @category AdaptiveStream
 */
export type AudioCodec = Open<
  | 'aac'
  | 'libfdk_aac'
  | 'libopus'
  | 'opus'
  | 'libmp3lame'
  | 'mp3'
  | 'ac3'
  | 'eac3'
  | 'flac'
  | 'copy'
>;

/**
 * Presets: those of libx264 and libx265; numbers are those of libsvtav1; `p1` to `p7` NVENC's.
 *
 * @category AdaptiveStream
 */
export type Preset = Open<
  | 'ultrafast'
  | 'superfast'
  | 'veryfast'
  | 'faster'
  | 'fast'
  | 'medium'
  | 'slow'
  | 'slower'
  | 'veryslow'
  | 'placebo'
  | 'p1'
  | 'p2'
  | 'p3'
  | 'p4'
  | 'p5'
  | 'p6'
  | 'p7'
>;

/**
 * Tunes of libx264 and libx265, and of NVENC (`hq`, `ll`, `ull`, `lossless`).
 *
 * @category AdaptiveStream
 */
export type Tune = Open<
  | 'film'
  | 'animation'
  | 'grain'
  | 'stillimage'
  | 'psnr'
  | 'ssim'
  | 'fastdecode'
  | 'zerolatency'
  | 'hq'
  | 'll'
  | 'ull'
  | 'lossless'
>;

/**
 * Profiles of H.264 and HEVC.
 *
 * @category AdaptiveStream
 */
export type Profile = Open<
  | 'baseline'
  | 'constrained_baseline'
  | 'main'
  | 'high'
  | 'high10'
  | 'high422'
  | 'high444'
  | 'main10'
  | 'main444-8'
  | 'rext'
>;

/**
 * Layouts of pictures that encoders take, by libav's names.
 *
 * @category AdaptiveStream
 */
export type EncoderPixelFormat = Open<
  'yuv420p' | 'yuv422p' | 'yuv444p' | 'nv12' | 'yuv420p10le' | 'p010le' | 'yuv422p10le'
>;

/**
 * Format of the manifests.
 *
 * @category StreamGear
 */
export type GearFormat = Open<'dash' | 'hls'>;
