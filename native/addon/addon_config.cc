#include "addon/addon_config.h"

#include <optional>
#include <utility>

namespace streamgear {

void ThrowUnknownName(Napi::Env env, const char* what, const std::vector<std::string>& known,
                      const std::string& received) {
  if (env.IsExceptionPending()) return;
  std::string names;
  for (const std::string& name : known) names += (names.empty() ? "\"" : ", \"") + name + "\"";
  Napi::TypeError::New(env, std::string("Expected one of ") + names + " for the native option " +
                                what + " but received \"" + received + "\"")
      .ThrowAsJavaScriptException();
}

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

std::string ObjectReader::Name(const char* key, std::initializer_list<const char*> known) const {
  std::string name = String(key);
  for (const char* text : known) {
    if (name == text) return name;
  }
  ThrowUnknownName(object_.Env(), key, {known.begin(), known.end()}, name);
  return name;
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
          .color_space = object.Name("colorSpace", {"bt709", "smpte170m", "bt470bg", "bt2020nc"}),
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

constexpr EnumName<Deinterlace> kDeinterlaces[] = {
    {"auto", Deinterlace::kAuto},
    {"off", Deinterlace::kOff},
};

SourceConfig SourceFromJs(const ObjectReader& object) {
  return {.enabled = true,
          .video_stream = object.Int("videoStream"),
          .start = object.Number("start"),
          .duration = object.Number("duration"),
          .copy_video = object.Bool("copyVideo"),
          .deinterlace = object.OneOf("deinterlace", kDeinterlaces),
          .threads = object.Int("threads"),
          .realtime = object.Bool("realtime"),
          .hold_first = object.Bool("holdFirst"),
          .hold_last = object.Bool("holdLast")};
}

constexpr EnumName<AudioOrigin> kAudioOrigins[] = {
    {"input", AudioOrigin::kInput},
    {"push", AudioOrigin::kPush},
    {"source", AudioOrigin::kSource},
};
constexpr EnumName<SampleFormat> kSampleFormats[] = {
    {"f32", SampleFormat::kFloat32},
    {"f32-planar", SampleFormat::kFloat32Planar},
    {"s16", SampleFormat::kInt16},
};
constexpr EnumName<AudioClock> kAudioClocks[] = {
    {"", AudioClock::kByInput},
    {"samples", AudioClock::kSamples},
    {"wall", AudioClock::kWall},
};
constexpr EnumName<Scaling> kScalings[] = {
    {"fast", Scaling::kFast},
    {"balanced", Scaling::kBalanced},
    {"best", Scaling::kBest},
};
constexpr EnumName<ManifestFormat> kManifestFormats[] = {
    {"dash", ManifestFormat::kDash},
    {"hls", ManifestFormat::kHls},
};
constexpr EnumName<SegmentType> kSegmentTypes[] = {
    {"fmp4", SegmentType::kFmp4},
    {"mpegts", SegmentType::kMpegTs},
};

AudioConfig AudioFromJs(const ObjectReader& object) {
  AudioConfig config{.origin = object.OneOf("origin", kAudioOrigins),
                     .input = MediaInputConfigFromJs(object.Object("input")),
                     .optional = object.Bool("optional"),
                     .stream = object.Int("stream"),
                     .track = object.Int("track"),
                     .push_sample_rate = object.Int("pushSampleRate"),
                     .push_channels = object.Int("pushChannels"),
                     .push_format = object.OneOf("pushFormat", kSampleFormats),
                     .start = object.Number("start"),
                     .clock = object.OneOf("clock", kAudioClocks),
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

std::vector<ManifestConfig> ManifestsFromJs(const Napi::Array& array) {
  std::vector<ManifestConfig> manifests;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const ObjectReader manifest(array.Get(i).As<Napi::Object>());
    manifests.push_back({.format = manifest.OneOf("format", kManifestFormats),
                         .name = manifest.String("name"),
                         .window = manifest.Int("window"),
                         .extra_window = manifest.Int("extraWindow")});
  }
  return manifests;
}

PackagingConfig PackagingFromJs(const ObjectReader& object) {
  return {.manifests = ManifestsFromJs(object.Array("manifests")),
          .segment_type = object.OneOf("segmentType", kSegmentTypes),
          .output = object.String("output"),
          .init_name = object.String("initName"),
          .segment_name = object.String("segmentName"),
          .playlist_name = object.String("playlistName"),
          .start_number = object.Integer("startNumber"),
          .live = object.Bool("live"),
          .delete_segments = object.Bool("deleteSegments"),
          .remove_at_exit = object.Bool("removeAtExit"),
          .base_url = object.String("baseUrl"),
          .playlist_type = object.Name("playlistType", {"", "vod", "event"}),
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

SourceLimits LimitsFromJs(const ObjectReader& object) {
  return {.protocols = object.String("protocols"),
          .refused_formats = object.String("refusedFormats"),
          .max_pixels = object.Integer("maxPixels"),
          .open_timeout = object.Number("openTimeout")};
}

}  // namespace

PipelineConfig PipelineConfigFromJs(const Napi::Object& object) {
  const ObjectReader reader(object);
  PipelineConfig config;
  config.input = InputFromJs(reader.Object("input"));
  config.filter = reader.String("filter");
  config.scaling = reader.OneOf("scaling", kScalings);
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
  config.debug_log = reader.Bool("debugLog");
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
          .options = object.Options("options"),
          .limits = LimitsFromJs(object.Object("limits"))};
}

FrameReaderConfig FrameReaderConfigFromJs(const Napi::Object& object) {
  const ObjectReader reader(object);
  return {.source = reader.String("source"),
          .format = reader.String("format"),
          .options = reader.Options("options"),
          .limits = LimitsFromJs(reader.Object("limits")),
          .pixel_format = reader.Pixels("pixelFormat"),
          .width = reader.Int("width"),
          .height = reader.Int("height"),
          .start = reader.Number("start"),
          .duration = reader.Number("duration"),
          .threads = reader.Int("threads")};
}

}  // namespace streamgear
