#include "addon/addon_values.h"

#include "base/secrets.h"
#include "source/decoder_lookup.h"

namespace streamgear {
namespace {

Napi::Object LatencyToJs(Napi::Env env, const LatencyHistogram& histogram) {
  const LatencyHistogram::Summary summary = histogram.Summarize();
  Napi::Object object = Napi::Object::New(env);
  object.Set("p50", summary.p50);
  object.Set("p99", summary.p99);
  object.Set("max", summary.max);
  object.Set("count", static_cast<double>(summary.count));
  return object;
}

double Load(const std::atomic<std::int64_t>& value) {
  return static_cast<double>(value.load(std::memory_order_relaxed));
}

Napi::Object RenditionToJs(Napi::Env env, const RenditionStats& stats, std::size_t queue) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("fellBack", stats.fell_back.load(std::memory_order_relaxed));
  object.Set("framesEncoded", Load(stats.frames_encoded));
  object.Set("bytes", Load(stats.bytes));
  object.Set("segments", Load(stats.segments));
  object.Set("peakBitrate", Load(stats.peak_bitrate));
  object.Set("averageBitrate", Load(stats.average_bitrate));
  object.Set("queue", static_cast<double>(queue));
  object.Set("cpuSeconds", Load(stats.cpu_nanoseconds) / 1e9);
  return object;
}

Napi::Object ToJs(Napi::Env env, const AudioStats& stats) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("position", stats.position.load(std::memory_order_relaxed));
  object.Set("offset", stats.offset.load(std::memory_order_relaxed));
  object.Set("correction", stats.correction.load(std::memory_order_relaxed));
  object.Set("corrected", stats.corrected.load(std::memory_order_relaxed));
  object.Set("gaps", Load(stats.gaps));
  object.Set("dropped", Load(stats.dropped_samples));
  return object;
}

}  // namespace

Napi::Object ToJs(Napi::Env env, const Failure& failure) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("code", failure.code);
  object.Set("message", WithoutSecrets(failure.message));
  object.Set("stage", failure.stage);
  object.Set("rendition", failure.rendition);
  object.Set("averror", failure.averror);
  object.Set("log", WithoutSecrets(failure.log));
  return object;
}

Napi::Object ToJs(Napi::Env env, Rational value) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("num", static_cast<double>(value.num));
  object.Set("den", static_cast<double>(value.den));
  return object;
}

Napi::Object ToJs(Napi::Env env, const SourceInfo& info) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("width", info.width);
  object.Set("height", info.height);
  object.Set("frameRate", ToJs(env, info.frame_rate));
  object.Set("duration", info.duration);
  object.Set("frameCount", static_cast<double>(info.frame_count));
  object.Set("sampleAspectRatio", ToJs(env, info.sample_aspect_ratio));
  object.Set("rotation", info.rotation);
  object.Set("codec", info.codec);
  object.Set("sourcePixelFormat", info.source_pixel_format);
  object.Set("colorSpace", info.color_space);
  object.Set("colorRange", info.color_range);
  object.Set("bufferBytes", static_cast<double>(info.buffer_bytes));
  return object;
}

Napi::Object ToJs(Napi::Env env, const MediaInfo& info) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("url", info.url);
  object.Set("format", info.format);
  object.Set("start", info.start);
  object.Set("duration", info.duration);
  object.Set("bitrate", static_cast<double>(info.bitrate));
  object.Set("device", info.device);
  object.Set("seekable", info.seekable);
  object.Set("durationDeclared", info.duration_declared);
  object.Set("bestVideo", info.best_video);
  object.Set("bestAudio", info.best_audio);
  Napi::Array streams = Napi::Array::New(env, info.streams.size());
  for (std::size_t i = 0; i < info.streams.size(); ++i) {
    streams.Set(static_cast<std::uint32_t>(i), ToJs(env, info.streams[i]));
  }
  object.Set("streams", streams);
  return object;
}

Napi::Object ToJs(Napi::Env env, const MediaStream& stream) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("index", stream.index);
  object.Set("kind", stream.kind);
  object.Set("codec", stream.codec);
  object.Set("profile", stream.profile);
  object.Set("language", stream.language);
  object.Set("title", stream.title);
  object.Set("bitrate", static_cast<double>(stream.bitrate));
  object.Set("start", stream.start);
  object.Set("duration", stream.duration);
  object.Set("isDefault", stream.is_default);
  object.Set("decodable", IsDecodable(stream));
  object.Set("attachedPicture", stream.attached_picture);
  object.Set("width", stream.width);
  object.Set("height", stream.height);
  object.Set("pixelFormat", stream.pixel_format);
  object.Set("sampleAspectRatio", ToJs(env, stream.sample_aspect_ratio));
  object.Set("frameRate", ToJs(env, stream.frame_rate));
  object.Set("frameCount", static_cast<double>(stream.frame_count));
  object.Set("rotation", ClockwiseDegrees(stream.orientation));
  object.Set("mirrored", stream.orientation.mirrored());
  object.Set("interlaced", stream.interlaced);
  object.Set("colorSpace", stream.color_space);
  object.Set("colorPrimaries", stream.color_primaries);
  object.Set("colorTransfer", stream.color_transfer);
  object.Set("colorRange", stream.color_range);
  object.Set("hdr", stream.hdr);
  Napi::Object pictures = Napi::Object::New(env);
  pictures.Set("width", stream.pictures.width);
  pictures.Set("height", stream.pictures.height);
  pictures.Set("sampleAspectRatio", ToJs(env, stream.pictures.sample_aspect_ratio));
  pictures.Set("frameRate", ToJs(env, stream.pictures.frame_rate));
  pictures.Set("colorSpace", stream.pictures.color_space);
  object.Set("pictures", pictures);
  object.Set("sampleRate", stream.sample_rate);
  object.Set("channels", stream.channels);
  object.Set("channelLayout", stream.channel_layout);
  object.Set("encodedBitrate", static_cast<double>(stream.encoded_bitrate));
  return object;
}

Napi::Object ToJs(Napi::Env env, const DeviceInfo& device) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("format", device.format);
  object.Set("name", device.name);
  object.Set("description", device.description);
  object.Set("kind", device.kind);
  object.Set("isDefault", device.is_default);
  return object;
}

Napi::Object StatsToJs(Napi::Env env, const Pipeline& pipeline) {
  const PipelineStats& stats = pipeline.stats();
  Napi::Object object = Napi::Object::New(env);
  object.Set("framesIn", Load(stats.frames_in));
  Napi::Array renditions = Napi::Array::New(env, stats.renditions.size());
  Napi::Array encode_latency = Napi::Array::New(env, stats.renditions.size());
  double total_cpu =
      Load(stats.scaler_cpu_nanoseconds) / 1e9 + Load(stats.packager_cpu_nanoseconds) / 1e9 +
      Load(stats.source_cpu_nanoseconds) / 1e9 + Load(stats.audio.cpu_nanoseconds) / 1e9;
  for (std::size_t i = 0; i < stats.renditions.size(); ++i) {
    const auto index = static_cast<std::uint32_t>(i);
    const RenditionStats& rendition = *stats.renditions[i];
    renditions.Set(index, RenditionToJs(env, rendition, pipeline.pictures_size(i)));
    encode_latency.Set(index, LatencyToJs(env, rendition.encode_latency));
    total_cpu += Load(rendition.cpu_nanoseconds) / 1e9;
  }
  object.Set("renditions", renditions);
  Napi::Object queues = Napi::Object::New(env);
  queues.Set("ingest", static_cast<double>(pipeline.ingest_size()));
  queues.Set("packets", static_cast<double>(pipeline.packets_size()));
  queues.Set("audio", static_cast<double>(pipeline.audio_size()));
  object.Set("queues", queues);
  Napi::Object latency = Napi::Object::New(env);
  latency.Set("read", LatencyToJs(env, stats.read_latency));
  latency.Set("encode", encode_latency);
  latency.Set("package", LatencyToJs(env, stats.package_latency));
  object.Set("latency", latency);
  object.Set("audio", ToJs(env, stats.audio));
  Napi::Object cpu = Napi::Object::New(env);
  cpu.Set("scaler", Load(stats.scaler_cpu_nanoseconds) / 1e9);
  cpu.Set("packager", Load(stats.packager_cpu_nanoseconds) / 1e9);
  cpu.Set("source", Load(stats.source_cpu_nanoseconds) / 1e9);
  cpu.Set("audio", Load(stats.audio.cpu_nanoseconds) / 1e9);
  cpu.Set("total", total_cpu);
  object.Set("cpuSeconds", cpu);
  Napi::Object pictures = Napi::Object::New(env);
  pictures.Set("buffers", static_cast<double>(Load(stats.pictures.buffers)));
  pictures.Set("bytes", static_cast<double>(Load(stats.pictures.bytes)));
  object.Set("pictures", pictures);
  object.Set("duration", stats.duration.load(std::memory_order_relaxed));
  return object;
}

}  // namespace streamgear
