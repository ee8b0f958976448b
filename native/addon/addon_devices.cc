#include "addon/addon_devices.h"

#include <utility>

namespace streamgear {
Napi::Function DeviceListerObject::Define(Napi::Env env) {
  return DefineClass(env, "DeviceLister",
                     {InstanceMethod<&DeviceListerObject::Start>("start"),
                      InstanceMethod<&DeviceListerObject::Close>("close"),
                      InstanceMethod<&DeviceListerObject::Abandon>("abandon"),
                      InstanceMethod<&DeviceListerObject::Ref>("ref"),
                      InstanceMethod<&DeviceListerObject::Unref>("unref")});
}

DeviceListerObject::DeviceListerObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<DeviceListerObject>(info), session_(std::make_shared<ListerSession>()) {
  const Napi::Env env = info.Env();
  session_->events = EventChannel::Create(
      info[0].As<Napi::Function>(), MakeHook<ListerSession>(env, session_, &AddonData::listers));
  if (session_->events == nullptr) return;  // it has thrown
  session_->native = std::make_unique<DeviceLister>(
      [events = session_->events](Event event) { events->Push(std::move(event)); });
}

DeviceListerObject::~DeviceListerObject() {
  if (session_->native != nullptr) session_->native->Close();
}

Napi::Value DeviceListerObject::Start(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  AddonData* data = env.GetInstanceData<AddonData>();
  data->listers.insert(session_);
  if (Status status = session_->native->Start(); !status.ok()) {
    data->listers.erase(session_);
    ThrowFailure(env, status.failure());
  }
  return env.Undefined();
}

Napi::Value DeviceListerObject::Close(const Napi::CallbackInfo& info) {
  session_->native->Close();
  return info.Env().Undefined();
}

Napi::Value DeviceListerObject::Abandon(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), LeaveBehind(info.Env(), session_));
}

Napi::Value DeviceListerObject::Ref(const Napi::CallbackInfo& info) {
  session_->events->Ref(info.Env());
  return info.Env().Undefined();
}

Napi::Value DeviceListerObject::Unref(const Napi::CallbackInfo& info) {
  session_->events->Unref(info.Env());
  return info.Env().Undefined();
}

}  // namespace streamgear
