// addon_devices: DeviceLister as a JavaScript class.
#pragma once

#include <memory>

#include "addon/addon_napi.h"
#include "addon/addon_objects.h"

namespace streamgear {

class DeviceListerObject : public Napi::ObjectWrap<DeviceListerObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit DeviceListerObject(const Napi::CallbackInfo& info);
  /// Collected: the thread ends by itself, after the kind of device that it is asking for.
  ~DeviceListerObject() override;

 private:
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);
  Napi::Value Abandon(const Napi::CallbackInfo& info);
  Napi::Value Ref(const Napi::CallbackInfo& info);
  Napi::Value Unref(const Napi::CallbackInfo& info);

  std::shared_ptr<ListerSession> session_;
};

}  // namespace streamgear
