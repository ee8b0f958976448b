#include "addon/addon_media.h"

#include <utility>

#include "addon/addon_config.h"

namespace streamgear {
Napi::Function MediaInputObject::Define(Napi::Env env) {
  return DefineClass(env, "MediaInput",
                     {InstanceMethod<&MediaInputObject::Start>("start"),
                      InstanceMethod<&MediaInputObject::Close>("close"),
                      InstanceMethod<&MediaInputObject::Abandon>("abandon"),
                      InstanceMethod<&MediaInputObject::Ref>("ref"),
                      InstanceMethod<&MediaInputObject::Unref>("unref")});
}

MediaInputObject::MediaInputObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<MediaInputObject>(info), session_(std::make_shared<InputSession>()) {
  const Napi::Env env = info.Env();
  MediaInputConfig config = MediaInputConfigFromJs(ObjectReader(info[0].As<Napi::Object>()));
  if (env.IsExceptionPending()) return;
  session_->events = EventChannel::Create(
      info[1].As<Napi::Function>(), MakeHook<InputSession>(env, session_, &AddonData::inputs));
  if (session_->events == nullptr) return;  // it has thrown
  session_->native = std::make_unique<MediaOpener>(
      std::move(config),
      [events = session_->events](Event event) { events->Push(std::move(event)); });
}

MediaInputObject::~MediaInputObject() {
  if (session_->native != nullptr) session_->native->Close();
}

std::unique_ptr<MediaInput> MediaInputObject::Take(const Napi::Value& object) {
  std::unique_ptr<MediaInput> input;
  if (object.IsObject()) input = Unwrap(object.As<Napi::Object>())->session_->native->Take();
  if (input == nullptr) {
    ThrowFailure(object.Env(),
                 {.code = "SOURCE_NOT_OPEN",
                  .message = "Expected an open media input for the pipeline's source but received "
                             "one that is closed or taken",
                  .stage = "reader"});
  }
  return input;
}

Napi::Value MediaInputObject::Start(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  AddonData* data = env.GetInstanceData<AddonData>();
  data->inputs.insert(session_);
  if (Status status = session_->native->Start(); !status.ok()) {
    data->inputs.erase(session_);
    ThrowFailure(env, status.failure());
  }
  return env.Undefined();
}

Napi::Value MediaInputObject::Close(const Napi::CallbackInfo& info) {
  session_->native->Close();
  return info.Env().Undefined();
}

Napi::Value MediaInputObject::Abandon(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), LeaveBehind(info.Env(), session_));
}

Napi::Value MediaInputObject::Ref(const Napi::CallbackInfo& info) {
  session_->events->Ref(info.Env());
  return info.Env().Undefined();
}

Napi::Value MediaInputObject::Unref(const Napi::CallbackInfo& info) {
  session_->events->Unref(info.Env());
  return info.Env().Undefined();
}

}  // namespace streamgear
