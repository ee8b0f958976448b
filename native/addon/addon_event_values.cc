// Events as the JavaScript objects of src/native/native-events.ts.
#include <variant>

#include "addon/addon_events.h"
#include "addon/addon_values.h"
#include "base/av.h"
#include "base/secrets.h"

namespace streamgear {
namespace {

const char* LevelName(int level) {
  if (level <= AV_LOG_ERROR) return "error";
  if (level <= AV_LOG_WARNING) return "warning";
  if (level <= AV_LOG_INFO) return "info";
  return level <= AV_LOG_VERBOSE ? "verbose" : "debug";
}

const char* RoleName(FileRole role) {
  if (role == FileRole::kManifest) return "manifest";
  return role == FileRole::kInit ? "init" : "segment";
}

Napi::Object Typed(Napi::Env env, const char* type) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("type", type);
  return object;
}

/// One overload per event: std::visit finds it, the compiler finds a missing one.
struct EventToJs {
  Napi::Env env;

  Napi::Value operator()(const OpenedEvent& event) const {
    Napi::Object object = Typed(env, "opened");
    Napi::Array renditions = Napi::Array::New(env, event.codecs.size());
    for (std::size_t i = 0; i < event.codecs.size(); ++i) {
      Napi::Object rendition = Napi::Object::New(env);
      rendition.Set("codecs", event.codecs[i]);
      renditions.Set(static_cast<std::uint32_t>(i), rendition);
    }
    object.Set("renditions", renditions);
    Napi::Array audio = Napi::Array::New(env, event.audio.size());
    for (std::size_t i = 0; i < event.audio.size(); ++i) {
      const AudioTrackInfo& info = event.audio[i];
      Napi::Object track = Napi::Object::New(env);
      track.Set("codec", info.codec);
      track.Set("sampleRate", info.sample_rate);
      track.Set("channels", info.channels);
      track.Set("bitrate", static_cast<double>(info.bitrate));
      track.Set("language", info.language);
      audio.Set(static_cast<std::uint32_t>(i), track);
    }
    object.Set("audio", audio);
    return object;
  }
  Napi::Value operator()(const ReadEvent& event) const {
    Napi::Object object = Typed(env, "read");
    object.Set("id", static_cast<double>(event.id));
    return object;
  }
  Napi::Value operator()(const AudioReadEvent& event) const {
    Napi::Object object = Typed(env, "audioRead");
    object.Set("id", static_cast<double>(event.id));
    return object;
  }
  Napi::Value operator()(const SourceEndEvent& event) const {
    Napi::Object object = Typed(env, "sourceEnd");
    object.Set("position", event.position);
    object.Set("complete", event.complete);
    object.Set("failure", ToJs(env, event.failure));
    return object;
  }
  Napi::Value operator()(const SegmentEvent& event) const {
    Napi::Object object = Typed(env, "segment");
    object.Set("rendition", event.rendition);
    object.Set("path", event.path);
    object.Set("start", event.start);
    object.Set("duration", event.duration);
    object.Set("bytes", static_cast<double>(event.bytes));
    return object;
  }
  Napi::Value operator()(const ManifestEvent& event) const {
    Napi::Object object = Typed(env, "manifest");
    object.Set("path", event.path);
    object.Set("isRoot", event.is_root);
    return object;
  }
  Napi::Value operator()(const FileEvent& event) const {
    Napi::Object object = Typed(env, "file");
    object.Set("action", event.action == FileAction::kWrite ? "write" : "remove");
    object.Set("name", event.name);
    object.Set("path", event.path);
    object.Set("role", RoleName(event.role));
    object.Set("rendition", event.rendition);
    object.Set("bytes", static_cast<double>(event.bytes));
    return object;
  }
  Napi::Value operator()(const WarningEvent& event) const {
    Napi::Object object = Typed(env, "warning");
    object.Set("code", event.code);
    object.Set("message", WithoutSecrets(event.message));
    return object;
  }
  Napi::Value operator()(const LogEvent& event) const {
    Napi::Object object = Typed(env, "log");
    object.Set("level", LevelName(event.level));
    object.Set("message", WithoutSecrets(event.message));
    return object;
  }
  Napi::Value operator()(const FinishedEvent& /*event*/) const { return Typed(env, "finished"); }
  Napi::Value operator()(const FailedEvent& event) const {
    Napi::Object object = Typed(env, "failed");
    object.Set("failure", ToJs(env, event.failure));
    return object;
  }
  Napi::Value operator()(const ClosedEvent& /*event*/) const { return Typed(env, "closed"); }
  Napi::Value operator()(const SourceOpenedEvent& event) const {
    Napi::Object object = Typed(env, "opened");
    object.Set("info", ToJs(env, event.info));
    return object;
  }
  Napi::Value operator()(const MediaOpenedEvent& event) const {
    Napi::Object object = Typed(env, "opened");
    object.Set("info", ToJs(env, event.info));
    return object;
  }
  Napi::Value operator()(const FrameEvent& event) const {
    Napi::Object object = Typed(env, "frame");
    object.Set("id", static_cast<double>(event.id));
    object.Set("timestamp", event.timestamp);
    object.Set("keyFrame", event.key_frame);
    return object;
  }
  Napi::Value operator()(const EndEvent& /*event*/) const { return Typed(env, "end"); }
  Napi::Value operator()(const EncoderTriedEvent& event) const {
    Napi::Object object = Typed(env, "tried");
    object.Set("index", event.index);
    object.Set("works", event.works);
    object.Set("failure", ToJs(env, event.failure));
    return object;
  }
  Napi::Value operator()(const DevicesListedEvent& event) const {
    Napi::Object object = Typed(env, "listed");
    Napi::Array devices = Napi::Array::New(env, event.devices.size());
    for (std::size_t i = 0; i < event.devices.size(); ++i) {
      devices.Set(static_cast<std::uint32_t>(i), ToJs(env, event.devices[i]));
    }
    object.Set("devices", devices);
    return object;
  }
};

}  // namespace

Napi::Value ToJs(Napi::Env env, const Event& event) { return std::visit(EventToJs{env}, event); }

}  // namespace streamgear
