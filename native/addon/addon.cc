// addon: the door between Node and the core. What JavaScript may call is listed here;
// src/native/native-binding.ts has the types.
#include <string>

#include "addon/addon_config.h"
#include "addon/addon_devices.h"
#include "addon/addon_encoders.h"
#include "addon/addon_media.h"
#include "addon/addon_napi.h"
#include "addon/addon_objects.h"
#include "addon/addon_values.h"
#include "audio/audio_filter.h"
#include "base/log.h"
#include "base/options.h"
#include "video/filter_chain.h"

#ifdef __linux__
#include <dlfcn.h>
#endif

namespace streamgear {
namespace {

constexpr EnumName<ComponentKind> kComponentKinds[] = {
    {"encoder", ComponentKind::kEncoder},
    {"muxer", ComponentKind::kMuxer},
    {"demuxer", ComponentKind::kDemuxer},
    {"protocol", ComponentKind::kProtocol},
};

std::string Text(const Napi::Value& value) { return value.ToString().Utf8Value(); }

/// An unknown kind throws.
ComponentKind KindOf(const Napi::Value& value) {
  return ValueOf(value.Env(), "kind", kComponentKinds, Text(value));
}

Napi::Array Strings(Napi::Env env, const std::vector<std::string>& values) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    array.Set(static_cast<std::uint32_t>(i), values[i]);
  return array;
}

Napi::Array Numbers(Napi::Env env, const std::vector<int>& values) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    array.Set(static_cast<std::uint32_t>(i), values[i]);
  return array;
}

Napi::Value GetVersions(const Napi::CallbackInfo& info) {
  Napi::Object object = Napi::Object::New(info.Env());
  for (const LibraryVersion& library : Versions()) object.Set(library.name, library.version);
  return object;
}

Napi::Value GetVideoEncoders(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array array = Napi::Array::New(env);
  for (const EncoderInfo& encoder : ListVideoEncoders()) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("name", encoder.name);
    object.Set("codec", encoder.codec);
    object.Set("description", encoder.description);
    object.Set("hardware", encoder.hardware);
    object.Set("pixelFormats", Strings(env, encoder.pixel_formats));
    object.Set("devices", Strings(env, encoder.devices));
    object.Set("reorders", encoder.reorders);
    array.Set(array.Length(), object);
  }
  return array;
}

Napi::Value GetAudioEncoders(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array array = Napi::Array::New(env);
  for (const AudioEncoderInfo& encoder : ListAudioEncoders()) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("name", encoder.name);
    object.Set("codec", encoder.codec);
    object.Set("description", encoder.description);
    object.Set("experimental", encoder.experimental);
    object.Set("sampleRates", Numbers(env, encoder.sample_rates));
    object.Set("channels", Numbers(env, encoder.channels));
    array.Set(array.Length(), object);
  }
  return array;
}

Napi::Value GetOptions(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ComponentKind kind = KindOf(info[0]);
  if (env.IsExceptionPending()) return env.Undefined();
  Napi::Array array = Napi::Array::New(env);
  for (const OptionInfo& option : ListOptions(kind, Text(info[1]))) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("name", option.name);
    object.Set("help", option.help);
    object.Set("type", option.type);
    object.Set("default", option.default_value);
    object.Set("min", option.min);
    object.Set("max", option.max);
    object.Set("constants", Strings(env, option.constants));
    object.Set("private", option.is_private);
    array.Set(array.Length(), object);
  }
  return array;
}

Napi::Value GetOptionProblem(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ComponentKind kind = KindOf(info[0]);
  if (env.IsExceptionPending()) return env.Undefined();
  return Napi::String::New(env, CheckOption(kind, Text(info[1]), Text(info[2]), Text(info[3])));
}

/// Why a filter was refused; what libav says of it is more than its code.
std::string Reason(const Status& status, const LogRing& log) {
  const std::string complaint = log.LastComplaint();
  return status.failure().message + (complaint.empty() ? "" : " (" + complaint + ")");
}

/// As ProbeFilter(), with samples.
Napi::Value ProbeAudioFilter(const Napi::CallbackInfo& info) {
  const ObjectReader input(info[1].As<Napi::Object>());
  const AudioFormat format{.sample_format = AV_SAMPLE_FMT_FLTP,
                           .sample_rate = input.Int("sampleRate"),
                           .layout = ChannelLayout::Default(input.Int("channels"))};
  if (info.Env().IsExceptionPending()) return info.Env().Undefined();
  LogRing log(nullptr);
  const LogScope scope(&log);
  std::unique_ptr<AudioFilter> filter;
  const Status status = AudioFilter::Create(Text(info[0]), format, &filter);
  return Napi::String::New(info.Env(), status.ok() ? "" : Reason(status, log));
}

/// Runs on the JavaScript thread, once per pipeline: a graph is built and thrown away, nothing is
/// filtered.
Napi::Value ProbeFilter(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ObjectReader input(info[1].As<Napi::Object>());
  const PictureFormat format{.width = input.Int("width"),
                             .height = input.Int("height"),
                             .pixel_format = ToAv(input.Pixels("pixelFormat")),
                             .frame_rate = input.Ratio("frameRate"),
                             .sample_aspect_ratio = input.Ratio("sampleAspectRatio")};
  if (env.IsExceptionPending()) return env.Undefined();
  LogRing log(nullptr);
  const LogScope scope(&log);
  Napi::Object result = Napi::Object::New(env);
  std::unique_ptr<FilterChain> chain;
  if (Status status = FilterChain::Create(Text(info[0]), format, &chain); !status.ok()) {
    result.Set("error", Reason(status, log));
    return result;
  }
  const PictureFormat& output = chain->output();
  result.Set("width", output.width);
  result.Set("height", output.height);
  result.Set("pixelFormat", av_get_pix_fmt_name(output.pixel_format));
  result.Set("frameRate", ToJs(env, output.frame_rate));
  result.Set("sampleAspectRatio", ToJs(env, output.sample_aspect_ratio));
  return result;
}

Napi::Value GetLiveObjects(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  AddonData* data = env.GetInstanceData<AddonData>();
  std::size_t pinned = 0;
  for (const auto& session : data->pipelines) pinned += session->pinned.size();
  for (const auto& session : data->readers) pinned += session->pinned.size();
  Napi::Object object = Napi::Object::New(env);
  object.Set("pipelines", static_cast<double>(data->pipelines.size()));
  object.Set("readers", static_cast<double>(data->readers.size()));
  object.Set("inputs", static_cast<double>(data->inputs.size()));
  object.Set("trials", static_cast<double>(data->trials.size()));
  object.Set("listers", static_cast<double>(data->listers.size()));
  object.Set("leftBehind", static_cast<double>(data->left_behind.size()));
  object.Set("pinnedBuffers", static_cast<double>(pinned));
  return object;
}

Napi::Value Reap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return Napi::Number::New(env, static_cast<double>(env.GetInstanceData<AddonData>()->Reap()));
}

/// Ends everything at once and waits for it. For process.exit() and uncaught exceptions, where Node
/// runs no cleanup hook.
Napi::Value Shutdown(const Napi::CallbackInfo& info) {
  info.Env().GetInstanceData<AddonData>()->Shutdown();
  return info.Env().Undefined();
}

/// A worker thread that ends unloads the addon, but libav keeps our log callback and other threads
/// may still be in our code: once loaded, it stays.
void StayLoaded() {
#ifdef __linux__
  Dl_info self{};
  if (dladdr(reinterpret_cast<const void*>(&StayLoaded), &self) != 0) {
    dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
#endif
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  StayLoaded();
  auto* data = new AddonData();  // NOLINT: owned by the environment from the next line on
  env.SetInstanceData(data);
  env.AddCleanupHook([data] { data->Shutdown(); });
  exports.Set("Pipeline", PipelineObject::Define(env));
  exports.Set("FrameReader", FrameReaderObject::Define(env));
  exports.Set("MediaInput", MediaInputObject::Define(env));
  exports.Set("EncoderTrial", EncoderTrialObject::Define(env));
  exports.Set("DeviceLister", DeviceListerObject::Define(env));
  exports.Set("versions", Napi::Function::New<GetVersions>(env, "versions"));
  exports.Set("videoEncoders", Napi::Function::New<GetVideoEncoders>(env, "videoEncoders"));
  exports.Set("audioEncoders", Napi::Function::New<GetAudioEncoders>(env, "audioEncoders"));
  exports.Set("options", Napi::Function::New<GetOptions>(env, "options"));
  exports.Set("checkOption", Napi::Function::New<GetOptionProblem>(env, "checkOption"));
  exports.Set("probeFilter", Napi::Function::New<ProbeFilter>(env, "probeFilter"));
  exports.Set("probeAudioFilter", Napi::Function::New<ProbeAudioFilter>(env, "probeAudioFilter"));
  exports.Set("reap", Napi::Function::New<Reap>(env, "reap"));
  exports.Set("liveObjects", Napi::Function::New<GetLiveObjects>(env, "liveObjects"));
  exports.Set("shutdown", Napi::Function::New<Shutdown>(env, "shutdown"));
  return exports;
}

}  // namespace
}  // namespace streamgear

static Napi::Object InitStreamgear(Napi::Env env, Napi::Object exports) {
  return streamgear::Init(env, exports);
}

NODE_API_MODULE(streamgear, InitStreamgear)
