// addon_objects: Pipeline and FrameReader as JavaScript classes, and what one environment owns of
// them.
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "addon_buffer.h"
#include "addon_events.h"
#include "addon_napi.h"
#include "frame_reader.h"
#include "pipeline.h"

namespace streamgear {

/// The threads, the buffers that they use and the way back to JavaScript. Shared by the JavaScript
/// object and the environment, so that either may go first.
template <typename Native>
struct Session {
  std::unique_ptr<Native> native;
  std::shared_ptr<EventChannel> events;
  std::unordered_map<std::uint64_t, std::vector<PinnedBuffer>> pinned;  ///< JavaScript thread only
};
using PipelineSession = Session<Pipeline>;
using ReaderSession = Session<FrameReader>;

/// State of one environment (the main thread, or one worker thread).
class AddonData {
 public:
  std::unordered_set<std::shared_ptr<PipelineSession>> pipelines;
  std::unordered_set<std::shared_ptr<ReaderSession>> readers;

  /// Ends everything and waits for it: the environment goes away.
  void Shutdown();
};

class PipelineObject : public Napi::ObjectWrap<PipelineObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit PipelineObject(const Napi::CallbackInfo& info);
  ~PipelineObject() override;

 private:
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Write(const Napi::CallbackInfo& info);
  Napi::Value WriteAudio(const Napi::CallbackInfo& info);
  Napi::Value Finish(const Napi::CallbackInfo& info);
  Napi::Value Abort(const Napi::CallbackInfo& info);
  Napi::Value Stats(const Napi::CallbackInfo& info);
  Napi::Value Ref(const Napi::CallbackInfo& info);
  Napi::Value Unref(const Napi::CallbackInfo& info);

  std::shared_ptr<PipelineSession> session_;
};

class FrameReaderObject : public Napi::ObjectWrap<FrameReaderObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit FrameReaderObject(const Napi::CallbackInfo& info);
  ~FrameReaderObject() override;

 private:
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Read(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);
  Napi::Value Ref(const Napi::CallbackInfo& info);
  Napi::Value Unref(const Napi::CallbackInfo& info);

  std::shared_ptr<ReaderSession> session_;
};

}  // namespace streamgear
