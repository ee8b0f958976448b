// addon_values: plain structs as the JavaScript objects of src/native/native-events.ts.
#pragma once

#include "addon/addon_napi.h"
#include "base/status.h"
#include "pipeline.h"
#include "source/device_list.h"
#include "source/frame_reader.h"

namespace streamgear {

[[nodiscard]] Napi::Object ToJs(Napi::Env env, const Failure& failure);
[[nodiscard]] Napi::Object ToJs(Napi::Env env, Rational value);
[[nodiscard]] Napi::Object ToJs(Napi::Env env, const SourceInfo& info);
[[nodiscard]] Napi::Object ToJs(Napi::Env env, const MediaInfo& info);
[[nodiscard]] Napi::Object ToJs(Napi::Env env, const MediaStream& stream);
[[nodiscard]] Napi::Object ToJs(Napi::Env env, const DeviceInfo& device);
[[nodiscard]] Napi::Object StatsToJs(Napi::Env env, const Pipeline& pipeline);

}  // namespace streamgear
