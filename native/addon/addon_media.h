// addon_media: MediaInput as a JavaScript class.
#pragma once

#include <memory>

#include "addon/addon_napi.h"
#include "addon/addon_objects.h"
#include "source/media_input.h"

namespace streamgear {

class MediaInputObject : public Napi::ObjectWrap<MediaInputObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit MediaInputObject(const Napi::CallbackInfo& info);
  /// Collected: closes it, on its own thread.
  ~MediaInputObject() override;

  /// The open input behind a JavaScript object. Null, with a JavaScript exception, when it is not
  /// open.
  [[nodiscard]] static std::unique_ptr<MediaInput> Take(const Napi::Value& object);

 private:
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);
  Napi::Value Abandon(const Napi::CallbackInfo& info);
  Napi::Value Ref(const Napi::CallbackInfo& info);
  Napi::Value Unref(const Napi::CallbackInfo& info);

  std::shared_ptr<InputSession> session_;
};

}  // namespace streamgear
