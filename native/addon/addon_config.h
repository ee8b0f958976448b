// addon_config: configurations from the JavaScript objects of src/native/native-config.ts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "addon/addon_napi.h"
#include "config.h"
#include "source/frame_reader.h"

namespace streamgear {

/// A JavaScript TypeError that lists the names there are, unless an exception is pending.
void ThrowUnknownName(Napi::Env env, const char* what, const std::vector<std::string>& known,
                      const std::string& received);

/// What stands for a value of an enumeration on the other side of the door.
template <typename Value>
using EnumName = std::pair<const char*, Value>;

/// The value that a name stands for. An unknown name throws, and yields the first value.
template <typename Value, std::size_t kCount>
[[nodiscard]] Value ValueOf(Napi::Env env, const char* what, const EnumName<Value> (&names)[kCount],
                            const std::string& name) {
  std::vector<std::string> known;
  for (const auto& [text, value] : names) {
    if (name == text) return value;
    known.emplace_back(text);
  }
  ThrowUnknownName(env, what, known, name);
  return names[0].second;
}

/// Reads fields of one object. A missing or mistyped field throws a JavaScript TypeError (once) and
/// yields a zero: it is a defect of our own TypeScript, never of a user.
class ObjectReader {
 public:
  explicit ObjectReader(Napi::Object object) : object_(object) {}

  [[nodiscard]] std::string String(const char* key) const;
  [[nodiscard]] double Number(const char* key) const;
  [[nodiscard]] std::int64_t Integer(const char* key) const;
  [[nodiscard]] int Int(const char* key) const;
  [[nodiscard]] bool Bool(const char* key) const;
  [[nodiscard]] Rational Ratio(const char* key) const;
  [[nodiscard]] OptionList Options(const char* key) const;
  /// There is an object, not null.
  [[nodiscard]] bool Has(const char* key) const;
  [[nodiscard]] ObjectReader Object(const char* key) const;
  [[nodiscard]] Napi::Array Array(const char* key) const;
  [[nodiscard]] PixelFormat Pixels(const char* key) const;
  /// The value that a name stands for; an unknown name is a defect like any other wrong value.
  template <typename Value, std::size_t kCount>
  [[nodiscard]] Value OneOf(const char* key, const EnumName<Value> (&names)[kCount]) const {
    return ValueOf(object_.Env(), key, names, String(key));
  }
  /// As OneOf(), for names that go on as they are: to libav, or into a manifest.
  [[nodiscard]] std::string Name(const char* key, std::initializer_list<const char*> known) const;

 private:
  [[nodiscard]] Napi::Value Get(const char* key) const;
  void Mistyped(const char* key, const char* expected) const;

  Napi::Object object_;
};

[[nodiscard]] PipelineConfig PipelineConfigFromJs(const Napi::Object& object);
[[nodiscard]] HardwareConfig HardwareConfigFromJs(const ObjectReader& object);
[[nodiscard]] MediaInputConfig MediaInputConfigFromJs(const ObjectReader& object);
[[nodiscard]] FrameReaderConfig FrameReaderConfigFromJs(const Napi::Object& object);

}  // namespace streamgear
