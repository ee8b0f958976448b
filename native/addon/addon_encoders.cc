#include "addon/addon_encoders.h"

#include <utility>
#include <vector>

#include "addon/addon_config.h"

namespace streamgear {
namespace {

/// Large enough for every encoder, small enough to be quick.
constexpr int kWidth = 640;
constexpr int kHeight = 360;

std::vector<TrialConfig> TrialsFromJs(const Napi::Array& array) {
  std::vector<TrialConfig> trials;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const ObjectReader reader(array.Get(i).As<Napi::Object>());
    RenditionConfig rendition;
    rendition.width = kWidth;
    rendition.height = kHeight;
    rendition.codec = reader.String("codec");
    rendition.options = reader.Options("options");
    trials.push_back({.rendition = std::move(rendition),
                      .hardware = HardwareConfigFromJs(reader.Object("hardware"))});
  }
  return trials;
}

}  // namespace

Napi::Function EncoderTrialObject::Define(Napi::Env env) {
  return DefineClass(env, "EncoderTrial",
                     {InstanceMethod<&EncoderTrialObject::Start>("start"),
                      InstanceMethod<&EncoderTrialObject::Close>("close"),
                      InstanceMethod<&EncoderTrialObject::Abandon>("abandon"),
                      InstanceMethod<&EncoderTrialObject::Ref>("ref"),
                      InstanceMethod<&EncoderTrialObject::Unref>("unref")});
}

EncoderTrialObject::EncoderTrialObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<EncoderTrialObject>(info), session_(std::make_shared<TrialSession>()) {
  const Napi::Env env = info.Env();
  std::vector<TrialConfig> trials = TrialsFromJs(info[0].As<Napi::Array>());
  if (env.IsExceptionPending()) return;
  session_->events = EventChannel::Create(
      info[1].As<Napi::Function>(), MakeHook<TrialSession>(env, session_, &AddonData::trials));
  if (session_->events == nullptr) return;  // it has thrown
  session_->native = std::make_unique<EncoderTrial>(
      std::move(trials),
      [events = session_->events](Event event) { events->Push(std::move(event)); });
}

EncoderTrialObject::~EncoderTrialObject() {
  if (session_->native != nullptr) session_->native->Close();
}

Napi::Value EncoderTrialObject::Start(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  AddonData* data = env.GetInstanceData<AddonData>();
  data->trials.insert(session_);
  if (Status status = session_->native->Start(); !status.ok()) {
    data->trials.erase(session_);
    ThrowFailure(env, status.failure());
  }
  return env.Undefined();
}

Napi::Value EncoderTrialObject::Close(const Napi::CallbackInfo& info) {
  session_->native->Close();
  return info.Env().Undefined();
}

Napi::Value EncoderTrialObject::Abandon(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), LeaveBehind(info.Env(), session_));
}

Napi::Value EncoderTrialObject::Ref(const Napi::CallbackInfo& info) {
  session_->events->Ref(info.Env());
  return info.Env().Undefined();
}

Napi::Value EncoderTrialObject::Unref(const Napi::CallbackInfo& info) {
  session_->events->Unref(info.Env());
  return info.Env().Undefined();
}

}  // namespace streamgear
