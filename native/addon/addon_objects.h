// addon_objects: Pipeline and FrameReader as JavaScript classes, and what one environment owns.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "addon/addon_buffer.h"
#include "addon/addon_events.h"
#include "addon/addon_napi.h"
#include "pipeline.h"
#include "source/device_lister.h"
#include "source/frame_reader.h"
#include "source/media_opener.h"
#include "video/encoder_trial.h"

namespace streamgear {

/// The threads, the buffers that they use and the way back to JavaScript. Shared by the JavaScript
/// object and the environment, so that either may go first.
template <typename Native>
struct Session {
  std::unique_ptr<Native> native;
  std::shared_ptr<EventChannel> events;
  std::unordered_map<std::uint64_t, std::vector<PinnedBuffer>> pinned;  ///< JavaScript thread only
  bool left_behind = false;  ///< by LeaveBehind(); JavaScript thread only
};
using PipelineSession = Session<Pipeline>;
using ReaderSession = Session<FrameReader>;
using InputSession = Session<MediaOpener>;
using TrialSession = Session<EncoderTrial>;
using ListerSession = Session<DeviceLister>;

/// State of one environment (the main thread, or one worker thread).
class AddonData {
 public:
  std::unordered_set<std::shared_ptr<PipelineSession>> pipelines;
  std::unordered_set<std::shared_ptr<ReaderSession>> readers;
  std::unordered_set<std::shared_ptr<InputSession>> inputs;
  std::unordered_set<std::shared_ptr<TrialSession>> trials;
  std::unordered_set<std::shared_ptr<ListerSession>> listers;

  /// Threads that did not end when they were told to, each as a question whether it has ended
  /// meanwhile. What a thread uses stays with it: its session, and the buffers that it may write.
  std::vector<std::function<bool()>> left_behind;

  /// Forgets those that have ended; how many have not.
  std::size_t Reap();

  /// Ends everything and waits for it, but not for ever: the environment goes away. What has not
  /// ended by then stays in memory, and never comes back to JavaScript.
  void Shutdown();

 private:
  template <typename SessionType>
  void JoinOrKeep(std::unordered_set<std::shared_ptr<SessionType>>& sessions,
                  std::chrono::steady_clock::time_point deadline);
};

template <typename SessionType>
std::function<bool()> HasEnded(std::shared_ptr<SessionType> session) {
  return [session = std::move(session)] {
    return session->native->JoinUntil(std::chrono::steady_clock::now());
  };
}

/// What every session does when an event passes on the JavaScript thread: buffers go back, ended
/// threads are joined.
template <typename SessionType>
EventChannel::Hook MakeHook(Napi::Env env, std::weak_ptr<SessionType> weak,
                            std::unordered_set<std::shared_ptr<SessionType>> AddonData::*sessions) {
  return [env, weak = std::move(weak), sessions](const Event& event) {
    const std::shared_ptr<SessionType> session = weak.lock();
    if (session == nullptr) return;
    if (const auto* read = std::get_if<ReadEvent>(&event)) session->pinned.erase(read->id);
    if (const auto* frame = std::get_if<FrameEvent>(&event)) session->pinned.erase(frame->id);
    if (!std::holds_alternative<ClosedEvent>(event)) return;
    AddonData* data = env.GetInstanceData<AddonData>();
    if (!session->left_behind) {
      session->native->Join();  // its threads have said their last word: this does not wait
      session->pinned.clear();
    }
    (data->*sessions).erase(session);
  };
}

/// What was told to end and has not: its ClosedEvent comes now, and its threads are left behind,
/// with all that they use. False: it has ended, or its ClosedEvent is on the way.
template <typename SessionType>
bool LeaveBehind(Napi::Env env, const std::shared_ptr<SessionType>& session) {
  if (session->native->JoinUntil(std::chrono::steady_clock::now())) return false;
  session->left_behind = session->events->Push(ClosedEvent{});
  if (session->left_behind) {
    env.GetInstanceData<AddonData>()->left_behind.push_back(HasEnded(session));
  }
  return session->left_behind;
}

/// As a JavaScript TypeError with the failure's code.
void ThrowFailure(Napi::Env env, const Failure& failure);

class PipelineObject : public Napi::ObjectWrap<PipelineObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit PipelineObject(const Napi::CallbackInfo& info);
  ~PipelineObject() override;

 private:
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Write(const Napi::CallbackInfo& info);
  Napi::Value IsFull(const Napi::CallbackInfo& info);
  Napi::Value WriteAudio(const Napi::CallbackInfo& info);
  Napi::Value Finish(const Napi::CallbackInfo& info);
  Napi::Value Stop(const Napi::CallbackInfo& info);
  Napi::Value Abort(const Napi::CallbackInfo& info);
  Napi::Value Abandon(const Napi::CallbackInfo& info);
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
  Napi::Value Abandon(const Napi::CallbackInfo& info);
  Napi::Value Ref(const Napi::CallbackInfo& info);
  Napi::Value Unref(const Napi::CallbackInfo& info);

  std::shared_ptr<ReaderSession> session_;
};

}  // namespace streamgear
