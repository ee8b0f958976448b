#include "addon/addon_objects.h"

#include <array>
#include <mutex>
#include <utility>

#include "addon/addon_config.h"
#include "addon/addon_media.h"
#include "addon/addon_values.h"
#include "base/secrets.h"

namespace streamgear {
void ThrowFailure(Napi::Env env, const Failure& failure) {
  Napi::TypeError error = Napi::TypeError::New(env, WithoutSecrets(failure.message));
  error.Set("code", Napi::String::New(env, failure.code));
  error.ThrowAsJavaScriptException();
}

namespace {

/// How long the end of an environment waits for threads, all in all. What is told to end takes a
/// fraction of it, unless it waits in the kernel.
constexpr std::chrono::seconds kPatience{2};

/// Never freed: a session's threads may still run when the process ends, and once they have ended
/// what it holds of an environment that is gone must not be given back by another one.
void KeepForEver(std::function<bool()> has_ended) {
  static std::mutex mutex;
  static auto* const kept = new std::vector<std::function<bool()>>();  // NOLINT
  const std::lock_guard lock(mutex);
  kept->push_back(std::move(has_ended));
}

}  // namespace

std::size_t AddonData::Reap() {
  std::erase_if(left_behind, [](const auto& has_ended) { return has_ended(); });
  return left_behind.size();
}

template <typename SessionType>
void AddonData::JoinOrKeep(std::unordered_set<std::shared_ptr<SessionType>>& sessions,
                           std::chrono::steady_clock::time_point deadline) {
  for (const auto& session : sessions) {
    if (session->native->JoinUntil(deadline)) continue;
    session->events->Silence();
    KeepForEver(HasEnded(session));
  }
  sessions.clear();
}

void AddonData::Shutdown() {
  for (const auto& session : pipelines) session->native->Abort();
  for (const auto& session : readers) session->native->Close();
  for (const auto& session : inputs) session->native->Close();
  for (const auto& session : trials) session->native->Close();
  for (const auto& session : listers) session->native->Close();
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  JoinOrKeep(pipelines, deadline);
  JoinOrKeep(readers, deadline);
  JoinOrKeep(inputs, deadline);
  JoinOrKeep(trials, deadline);
  JoinOrKeep(listers, deadline);
  Reap();
  for (auto& has_ended : left_behind) KeepForEver(std::move(has_ended));
  left_behind.clear();
}

Napi::Function PipelineObject::Define(Napi::Env env) {
  return DefineClass(
      env, "Pipeline",
      {InstanceMethod<&PipelineObject::Start>("start"),
       InstanceMethod<&PipelineObject::Write>("write"),
       InstanceMethod<&PipelineObject::IsFull>("isFull"),
       InstanceMethod<&PipelineObject::WriteAudio>("writeAudio"),
       InstanceMethod<&PipelineObject::Finish>("finish"),
       InstanceMethod<&PipelineObject::Stop>("stop"),
       InstanceMethod<&PipelineObject::Abort>("abort"),
       InstanceMethod<&PipelineObject::Abandon>("abandon"),
       InstanceMethod<&PipelineObject::Stats>("stats"), InstanceMethod<&PipelineObject::Ref>("ref"),
       InstanceMethod<&PipelineObject::Unref>("unref")});
}

PipelineObject::PipelineObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<PipelineObject>(info), session_(std::make_shared<PipelineSession>()) {
  const Napi::Env env = info.Env();
  PipelineConfig config = PipelineConfigFromJs(info[0].As<Napi::Object>());
  // Without an exception, but empty: the environment is being terminated and nothing can be read
  // any more.
  if (env.IsExceptionPending() || !config.picture_rate.valid()) return;
  session_->events =
      EventChannel::Create(info[1].As<Napi::Function>(),
                           MakeHook<PipelineSession>(env, session_, &AddonData::pipelines));
  if (session_->events == nullptr) return;  // it has thrown
  std::unique_ptr<MediaInput> source;
  if (config.source.enabled) {
    source = MediaInputObject::Take(info[2]);
    if (source == nullptr) return;  // it has thrown
  }
  session_->native = std::make_unique<Pipeline>(
      std::move(config),
      [events = session_->events](Event event) { events->Push(std::move(event)); }, nullptr,
      std::move(source));
}

/// While it runs, AddonData holds the session: it outlives this object, until its ClosedEvent.
PipelineObject::~PipelineObject() = default;

Napi::Value PipelineObject::Start(const Napi::CallbackInfo& info) {
  AddonData* data = info.Env().GetInstanceData<AddonData>();
  data->pipelines.insert(session_);
  session_->native->Start();
  return info.Env().Undefined();
}

Napi::Value PipelineObject::Write(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto planes = info[1].As<Napi::Array>();
  const auto strides = info[2].As<Napi::Array>();
  std::vector<PinnedBuffer> pinned;
  std::array<PixelView, 3> views{};
  std::array<std::ptrdiff_t, 3> stride_values{};
  const std::size_t view_count = std::min<std::size_t>(planes.Length(), views.size());
  const std::size_t stride_count = std::min<std::size_t>(strides.Length(), stride_values.size());
  for (std::uint32_t i = 0; i < view_count; ++i) {
    pinned.push_back(PinnedBuffer::Pin(planes.Get(i)));
    views[i] = {pinned.back().data(), pinned.back().size()};
  }
  for (std::uint32_t i = 0; i < stride_count; ++i) {
    stride_values[i] = static_cast<std::ptrdiff_t>(strides.Get(i).ToNumber().Int64Value());
  }
  InputFrame frame;
  frame.id = static_cast<std::uint64_t>(info[0].ToNumber().Int64Value());
  frame.pts = info[3].ToNumber().Int64Value();
  frame.force_key_frame = info[4].ToBoolean();
  frame.pushed_at = Clock::now();
  if (Status status = LayOutPlanes(session_->native->config().input, views.data(), view_count,
                                   stride_values.data(), stride_count, &frame);
      !status.ok()) {
    ThrowFailure(env, status.failure());
    return env.Undefined();
  }
  session_->pinned.emplace(frame.id, std::move(pinned));
  // When the pipeline has ended, its ClosedEvent is on the way and settles this write too.
  if (!session_->native->Write(frame)) session_->pinned.erase(frame.id);
  return env.Undefined();
}

Napi::Value PipelineObject::IsFull(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), session_->native->IsFull());
}

/// Samples are few: they are copied here, and the caller's memory is free at once. The event only
/// says that there is room again.
Napi::Value PipelineObject::WriteAudio(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto planes = info[1].As<Napi::Array>();
  std::vector<PinnedBuffer> pinned;
  std::vector<PixelView> views;
  for (std::uint32_t i = 0; i < planes.Length(); ++i) {
    pinned.push_back(PinnedBuffer::Pin(planes.Get(i)));
    views.push_back({pinned.back().data(), pinned.back().size()});
  }
  AudioChunk chunk{.id = static_cast<std::uint64_t>(info[0].ToNumber().Int64Value()),
                   .timestamp = info[3].ToNumber().DoubleValue()};
  const auto count = static_cast<std::size_t>(info[2].ToNumber().Int64Value());
  if (Status status = MakeAudioFrame(session_->native->config().audio, views.data(), views.size(),
                                     count, &chunk.samples);
      !status.ok()) {
    ThrowFailure(env, status.failure());
    return env.Undefined();
  }
  return Napi::Boolean::New(env, session_->native->WriteAudio(std::move(chunk)));
}

Napi::Value PipelineObject::Stop(const Napi::CallbackInfo& info) {
  session_->native->Stop();
  return info.Env().Undefined();
}

Napi::Value PipelineObject::Finish(const Napi::CallbackInfo& info) {
  session_->native->Finish();
  return info.Env().Undefined();
}

Napi::Value PipelineObject::Abort(const Napi::CallbackInfo& info) {
  session_->native->Abort();
  return info.Env().Undefined();
}

Napi::Value PipelineObject::Abandon(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), LeaveBehind(info.Env(), session_));
}

Napi::Value PipelineObject::Stats(const Napi::CallbackInfo& info) {
  return StatsToJs(info.Env(), *session_->native);
}

Napi::Value PipelineObject::Ref(const Napi::CallbackInfo& info) {
  session_->events->Ref(info.Env());
  return info.Env().Undefined();
}

Napi::Value PipelineObject::Unref(const Napi::CallbackInfo& info) {
  session_->events->Unref(info.Env());
  return info.Env().Undefined();
}

Napi::Function FrameReaderObject::Define(Napi::Env env) {
  return DefineClass(env, "FrameReader",
                     {InstanceMethod<&FrameReaderObject::Start>("start"),
                      InstanceMethod<&FrameReaderObject::Read>("read"),
                      InstanceMethod<&FrameReaderObject::Close>("close"),
                      InstanceMethod<&FrameReaderObject::Abandon>("abandon"),
                      InstanceMethod<&FrameReaderObject::Ref>("ref"),
                      InstanceMethod<&FrameReaderObject::Unref>("unref")});
}

FrameReaderObject::FrameReaderObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<FrameReaderObject>(info), session_(std::make_shared<ReaderSession>()) {
  const Napi::Env env = info.Env();
  FrameReaderConfig config = FrameReaderConfigFromJs(info[0].As<Napi::Object>());
  if (env.IsExceptionPending()) return;
  session_->events = EventChannel::Create(
      info[1].As<Napi::Function>(), MakeHook<ReaderSession>(env, session_, &AddonData::readers));
  if (session_->events == nullptr) return;  // it has thrown
  session_->native = std::make_unique<FrameReader>(
      std::move(config),
      [events = session_->events](Event event) { events->Push(std::move(event)); });
}

FrameReaderObject::~FrameReaderObject() = default;

Napi::Value FrameReaderObject::Start(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  AddonData* data = env.GetInstanceData<AddonData>();
  data->readers.insert(session_);
  if (Status status = session_->native->Start(); !status.ok()) {
    data->readers.erase(session_);
    ThrowFailure(env, status.failure());
  }
  return env.Undefined();
}

Napi::Value FrameReaderObject::Read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto id = static_cast<std::uint64_t>(info[0].ToNumber().Int64Value());
  std::vector<PinnedBuffer> pinned;
  pinned.push_back(PinnedBuffer::Pin(info[1]));
  std::uint8_t* data = pinned.front().data();
  const std::size_t size = pinned.front().size();
  if (data == nullptr) {
    ThrowFailure(env,
                 {.code = "BUFFER_DETACHED",
                  .message = "Expected a buffer to read a frame into but received a detached one",
                  .stage = "reader"});
    return env.Undefined();
  }
  session_->pinned.emplace(id, std::move(pinned));
  if (!session_->native->Read(id, data, size)) session_->pinned.erase(id);
  return env.Undefined();
}

Napi::Value FrameReaderObject::Close(const Napi::CallbackInfo& info) {
  session_->native->Close();
  return info.Env().Undefined();
}

Napi::Value FrameReaderObject::Abandon(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), LeaveBehind(info.Env(), session_));
}

Napi::Value FrameReaderObject::Ref(const Napi::CallbackInfo& info) {
  session_->events->Ref(info.Env());
  return info.Env().Undefined();
}

Napi::Value FrameReaderObject::Unref(const Napi::CallbackInfo& info) {
  session_->events->Unref(info.Env());
  return info.Env().Undefined();
}

}  // namespace streamgear
