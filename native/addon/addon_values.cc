#include "addon/addon_values.h"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "addon/addon_events.h"
#include "base/av.h"
#include "base/password.h"

namespace streamgear {

Napi::Value ObjectReader::Get(const char* key) const { return object_.Get(key); }

void ObjectReader::Mistyped(const char* key, const char* expected) const {
  const Napi::Env env = object_.Env();
  if (env.IsExceptionPending()) return;
  Napi::TypeError::New(env, std::string("Expected ") + expected + " for the native option " + key)
      .ThrowAsJavaScriptException();
}

std::string ObjectReader::String(const char* key) const {
  const Napi::Value value = Get(key);
  if (value.IsString()) return value.As<Napi::String>().Utf8Value();
  Mistyped(key, "a string");
  return "";
}

double ObjectReader::Number(const char* key) const {
  const Napi::Value value = Get(key);
  if (value.IsNumber()) return value.As<Napi::Number>().DoubleValue();
  Mistyped(key, "a number");
  return 0;
}

std::int64_t ObjectReader::Integer(const char* key) const {
  return static_cast<std::int64_t>(Number(key));
}

int ObjectReader::Int(const char* key) const { return static_cast<int>(Number(key)); }

bool ObjectReader::Bool(const char* key) const {
  const Napi::Value value = Get(key);
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
  Mistyped(key, "a boolean");
  return false;
}

bool ObjectReader::Has(const char* key) const { return Get(key).IsObject(); }

ObjectReader ObjectReader::Object(const char* key) const {
  const Napi::Value value = Get(key);
  if (value.IsObject()) return ObjectReader(value.As<Napi::Object>());
  Mistyped(key, "an object");
  return ObjectReader(Napi::Object::New(object_.Env()));
}

Napi::Array ObjectReader::Array(const char* key) const {
  const Napi::Value value = Get(key);
  if (value.IsArray()) return value.As<Napi::Array>();
  Mistyped(key, "an array");
  return Napi::Array::New(object_.Env());
}

Rational ObjectReader::Ratio(const char* key) const {
  const ObjectReader ratio = Object(key);
  return {ratio.Integer("num"), ratio.Integer("den")};
}

OptionList ObjectReader::Options(const char* key) const {
  OptionList options;
  const Napi::Array pairs = Array(key);
  for (std::uint32_t i = 0; i < pairs.Length(); ++i) {
    const Napi::Array pair = pairs.Get(i).As<Napi::Array>();
    options.emplace_back(pair.Get(0U).ToString().Utf8Value(), pair.Get(1U).ToString().Utf8Value());
  }
  return options;
}

PixelFormat ObjectReader::Pixels(const char* key) const {
  const std::optional<PixelFormat> format = PixelFormatFromName(String(key));
  if (!format.has_value()) Mistyped(key, "a pixel format");
  return format.value_or(PixelFormat::kBgr24);
}

namespace {

InputConfig InputFromJs(const ObjectReader& object) {
  return {.width = object.Int("width"),
          .height = object.Int("height"),
          .pixel_format = object.Pixels("pixelFormat"),
          .frame_rate = object.Ratio("frameRate"),
          .ticks_per_second = object.Integer("ticksPerSecond"),
          .sample_aspect_ratio = object.Ratio("sampleAspectRatio"),
          .color_space = object.String("colorSpace"),
          .full_range = object.Bool("fullRange")};
}

RenditionConfig RenditionFromJs(const ObjectReader& object) {
  return {.width = object.Int("width"),
          .height = object.Int("height"),
          .sample_aspect_ratio = object.Ratio("sampleAspectRatio"),
          .frame_rate = object.Ratio("frameRate"),
          .codec = object.String("codec"),
          .pixel_format = object.String("pixelFormat"),
          .options = object.Options("options"),
          .bitrate = object.Integer("bitrate"),
          .declared_peak = object.Integer("declaredPeak"),
          .audio = object.Int("audio"),
          .fallback_codec = object.String("fallbackCodec"),
          .fallback_options = object.Options("fallbackOptions")};
}

SourceConfig SourceFromJs(const ObjectReader& object) {
  return {.enabled = true,
          .video_stream = object.Int("videoStream"),
          .start = object.Number("start"),
          .duration = object.Number("duration"),
          .copy_video = object.Bool("copyVideo"),
          .deinterlace = object.String("deinterlace"),
          .threads = object.Int("threads")};
}

AudioOrigin OriginFromName(const std::string& name) {
  if (name == "input") return AudioOrigin::kInput;
  if (name == "push") return AudioOrigin::kPush;
  return name == "source" ? AudioOrigin::kSource : AudioOrigin::kNone;
}

SampleFormat SampleFormatFromName(const std::string& name) {
  if (name == "f32-planar") return SampleFormat::kFloat32Planar;
  return name == "s16" ? SampleFormat::kInt16 : SampleFormat::kFloat32;
}

AudioConfig AudioFromJs(const ObjectReader& object) {
  AudioConfig config{.origin = OriginFromName(object.String("origin")),
                     .input = MediaInputConfigFromJs(object.Object("input")),
                     .stream = object.Int("stream"),
                     .track = object.Int("track"),
                     .push_sample_rate = object.Int("pushSampleRate"),
                     .push_channels = object.Int("pushChannels"),
                     .push_format = SampleFormatFromName(object.String("pushFormat")),
                     .start = object.Number("start"),
                     .clock = object.String("clock"),
                     .sample_rate = object.Int("sampleRate"),
                     .channels = object.Int("channels"),
                     .filter = object.String("filter"),
                     .fill_gaps = object.Bool("fillGaps"),
                     .language = object.String("language"),
                     .name = object.String("name")};
  const Napi::Array renditions = object.Array("renditions");
  for (std::uint32_t i = 0; i < renditions.Length(); ++i) {
    const ObjectReader rendition(renditions.Get(i).As<Napi::Object>());
    config.renditions.push_back({.codec = rendition.String("codec"),
                                 .bitrate = rendition.Integer("bitrate"),
                                 .options = rendition.Options("options")});
  }
  return config;
}

Scaling ScalingFromJs(const std::string& name) {
  if (name == "fast") return Scaling::kFast;
  return name == "best" ? Scaling::kBest : Scaling::kBalanced;
}

PackagingConfig PackagingFromJs(const ObjectReader& object) {
  return {.format = object.String("format") == "hls" ? ManifestFormat::kHls : ManifestFormat::kDash,
          .segment_type =
              object.String("segmentType") == "mpegts" ? SegmentType::kMpegTs : SegmentType::kFmp4,
          .output = object.String("output"),
          .init_name = object.String("initName"),
          .segment_name = object.String("segmentName"),
          .playlist_name = object.String("playlistName"),
          .start_number = object.Integer("startNumber"),
          .live = object.Bool("live"),
          .window = object.Int("window"),
          .extra_window = object.Int("extraWindow"),
          .delete_segments = object.Bool("deleteSegments"),
          .remove_at_exit = object.Bool("removeAtExit"),
          .base_url = object.String("baseUrl"),
          .playlist_type = object.String("playlistType"),
          .program_date_time = object.Bool("programDateTime"),
          .discontinuity_start = object.Bool("discontinuityStart"),
          .omit_endlist = object.Bool("omitEndlist"),
          .round_durations = object.Bool("roundDurations"),
          .use_timeline = object.Bool("useTimeline"),
          .use_template = object.Bool("useTemplate"),
          .utc_timing_url = object.String("utcTimingUrl"),
          .metadata = object.Options("metadata"),
          .muxer_options = object.Options("muxerOptions"),
          .io_options = object.Options("ioOptions"),
          .fragment_duration = object.Integer("fragmentDuration")};
}

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

const char* LevelName(int level) {
  if (level <= AV_LOG_ERROR) return "error";
  if (level <= AV_LOG_WARNING) return "warning";
  if (level <= AV_LOG_INFO) return "info";
  return level <= AV_LOG_VERBOSE ? "verbose" : "debug";
}

Napi::Object Typed(Napi::Env env, const char* type) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("type", type);
  return object;
}

/// One overload per event: std::visit finds it, the compiler finds a missing one.
struct EventToJs {
  Napi::Env env;

  Napi::Value operator()(const OpenedEvent& event) const {
    Napi::Object object = Typed(env, "opened");
    Napi::Array renditions = Napi::Array::New(env, event.codecs.size());
    for (std::size_t i = 0; i < event.codecs.size(); ++i) {
      Napi::Object rendition = Napi::Object::New(env);
      rendition.Set("codecs", event.codecs[i]);
      renditions.Set(static_cast<std::uint32_t>(i), rendition);
    }
    object.Set("renditions", renditions);
    Napi::Array audio = Napi::Array::New(env, event.audio.size());
    for (std::size_t i = 0; i < event.audio.size(); ++i) {
      const AudioTrackInfo& info = event.audio[i];
      Napi::Object track = Napi::Object::New(env);
      track.Set("codec", info.codec);
      track.Set("sampleRate", info.sample_rate);
      track.Set("channels", info.channels);
      track.Set("bitrate", static_cast<double>(info.bitrate));
      track.Set("language", info.language);
      audio.Set(static_cast<std::uint32_t>(i), track);
    }
    object.Set("audio", audio);
    return object;
  }
  Napi::Value operator()(const ReadEvent& event) const {
    Napi::Object object = Typed(env, "read");
    object.Set("id", static_cast<double>(event.id));
    return object;
  }
  Napi::Value operator()(const AudioReadEvent& event) const {
    Napi::Object object = Typed(env, "audioRead");
    object.Set("id", static_cast<double>(event.id));
    return object;
  }
  Napi::Value operator()(const SourceEndEvent& event) const {
    Napi::Object object = Typed(env, "sourceEnd");
    object.Set("position", event.position);
    object.Set("complete", event.complete);
    object.Set("failure", ToJs(env, event.failure));
    return object;
  }
  Napi::Value operator()(const SegmentEvent& event) const {
    Napi::Object object = Typed(env, "segment");
    object.Set("rendition", event.rendition);
    object.Set("path", event.path);
    object.Set("start", event.start);
    object.Set("duration", event.duration);
    object.Set("bytes", static_cast<double>(event.bytes));
    return object;
  }
  Napi::Value operator()(const ManifestEvent& event) const {
    Napi::Object object = Typed(env, "manifest");
    object.Set("path", event.path);
    object.Set("isRoot", event.is_root);
    return object;
  }
  Napi::Value operator()(const WarningEvent& event) const {
    Napi::Object object = Typed(env, "warning");
    object.Set("code", event.code);
    object.Set("message", WithoutPasswords(event.message));
    return object;
  }
  Napi::Value operator()(const LogEvent& event) const {
    Napi::Object object = Typed(env, "log");
    object.Set("level", LevelName(event.level));
    object.Set("message", WithoutPasswords(event.message));
    return object;
  }
  Napi::Value operator()(const FinishedEvent& /*event*/) const { return Typed(env, "finished"); }
  Napi::Value operator()(const FailedEvent& event) const {
    Napi::Object object = Typed(env, "failed");
    object.Set("failure", ToJs(env, event.failure));
    return object;
  }
  Napi::Value operator()(const ClosedEvent& /*event*/) const { return Typed(env, "closed"); }
  Napi::Value operator()(const SourceOpenedEvent& event) const {
    Napi::Object object = Typed(env, "opened");
    object.Set("info", ToJs(env, event.info));
    return object;
  }
  Napi::Value operator()(const MediaOpenedEvent& event) const {
    Napi::Object object = Typed(env, "opened");
    object.Set("info", ToJs(env, event.info));
    return object;
  }
  Napi::Value operator()(const FrameEvent& event) const {
    Napi::Object object = Typed(env, "frame");
    object.Set("id", static_cast<double>(event.id));
    object.Set("timestamp", event.timestamp);
    object.Set("keyFrame", event.key_frame);
    return object;
  }
  Napi::Value operator()(const EndEvent& /*event*/) const { return Typed(env, "end"); }
  Napi::Value operator()(const EncoderTriedEvent& event) const {
    Napi::Object object = Typed(env, "tried");
    object.Set("index", event.index);
    object.Set("works", event.works);
    object.Set("failure", ToJs(env, event.failure));
    return object;
  }
};

}  // namespace

PipelineConfig PipelineConfigFromJs(const Napi::Object& object) {
  const ObjectReader reader(object);
  PipelineConfig config;
  config.input = InputFromJs(reader.Object("input"));
  config.filter = reader.String("filter");
  config.scaling = ScalingFromJs(reader.String("scaling"));
  config.picture_rate = reader.Ratio("pictureRate");
  const Napi::Array renditions = reader.Array("renditions");
  for (std::uint32_t i = 0; i < renditions.Length(); ++i) {
    config.renditions.push_back(
        RenditionFromJs(ObjectReader(renditions.Get(i).As<Napi::Object>())));
  }
  const ObjectReader grid = reader.Object("grid");
  config.grid = {grid.Integer("segmentDuration"), grid.Integer("gopDuration")};
  config.packaging = PackagingFromJs(reader.Object("packaging"));
  // Null when there is none.
  if (reader.Has("source")) config.source = SourceFromJs(reader.Object("source"));
  if (reader.Has("audio")) config.audio = AudioFromJs(reader.Object("audio"));
  config.hardware = HardwareConfigFromJs(reader.Object("hardware"));
  const ObjectReader queues = reader.Object("queues");
  config.ingest_queue = queues.Int("ingest");
  config.encoder_queue = queues.Int("encoder");
  config.packet_queue = queues.Int("packets");
  return config;
}

HardwareConfig HardwareConfigFromJs(const ObjectReader& object) {
  return {.type = object.String("type"),
          .device = object.String("device"),
          .options = object.Options("options")};
}

MediaInputConfig MediaInputConfigFromJs(const ObjectReader& object) {
  return {.url = object.String("url"),
          .format = object.String("format"),
          .options = object.Options("options")};
}

FrameReaderConfig FrameReaderConfigFromJs(const Napi::Object& object) {
  const ObjectReader reader(object);
  return {.source = reader.String("source"),
          .format = reader.String("format"),
          .options = reader.Options("options"),
          .pixel_format = reader.Pixels("pixelFormat"),
          .width = reader.Int("width"),
          .height = reader.Int("height"),
          .start = reader.Number("start"),
          .duration = reader.Number("duration"),
          .threads = reader.Int("threads")};
}

Napi::Object ToJs(Napi::Env env, const Failure& failure) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("code", failure.code);
  object.Set("message", WithoutPasswords(failure.message));
  object.Set("stage", failure.stage);
  object.Set("rendition", failure.rendition);
  object.Set("averror", failure.averror);
  object.Set("log", WithoutPasswords(failure.log));
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

Napi::Value ToJs(Napi::Env env, const Event& event) { return std::visit(EventToJs{env}, event); }

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
