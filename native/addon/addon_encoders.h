// addon_encoders: EncoderTrial as a JavaScript class.
#pragma once

#include <memory>

#include "addon/addon_napi.h"
#include "addon/addon_objects.h"

namespace streamgear {

class EncoderTrialObject : public Napi::ObjectWrap<EncoderTrialObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit EncoderTrialObject(const Napi::CallbackInfo& info);
  /// Collected: the thread ends by itself, after the encoder that it is trying.
  ~EncoderTrialObject() override;

 private:
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);
  Napi::Value Abandon(const Napi::CallbackInfo& info);
  Napi::Value Ref(const Napi::CallbackInfo& info);
  Napi::Value Unref(const Napi::CallbackInfo& info);

  std::shared_ptr<TrialSession> session_;
};

}  // namespace streamgear
