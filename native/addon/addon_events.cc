#include "addon/addon_events.h"

#include <type_traits>
#include <utility>
#include <variant>

namespace streamgear {
namespace {

/// While an environment is torn down Node still calls thread-safe functions, but refuses to run
/// JavaScript; and what then fails, node-addon-api makes fatal. Any call of Node-API that may run
/// JavaScript tells.
bool CanRunJavaScript(napi_env env) {
  napi_value global = nullptr;
  napi_value object = nullptr;
  return napi_get_global(env, &global) == napi_ok &&
         napi_coerce_to_object(env, global, &object) == napi_ok;
}

}  // namespace

std::shared_ptr<EventChannel> EventChannel::Create(const Napi::Function& callback, Hook hook) {
  auto channel = std::make_shared<EventChannel>();
  channel->callback_ = Napi::Persistent(callback);
  channel->hook_ = std::move(hook);
  const Napi::Env env = callback.Env();
  // The thread-safe function owns one reference to the channel, until Node finalizes it.
  auto* owner = new std::shared_ptr<EventChannel>(channel);  // NOLINT: freed in OnFinalize
  const napi_status status =
      napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "streamgear"),
                                      0, 1, owner, OnFinalize, owner, OnWake, &channel->wake_);
  if (status != napi_ok) {
    delete owner;
    Napi::TypeError error =
        Napi::TypeError::New(env, "Expected a way back to the event loop but Node gave none");
    error.Set("code", Napi::String::New(env, "OUT_OF_RESOURCES"));
    error.ThrowAsJavaScriptException();
    return nullptr;
  }
  napi_unref_threadsafe_function(env, channel->wake_);
  return channel;
}

bool EventChannel::Push(Event event) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  closed_ = std::holds_alternative<ClosedEvent>(event);
  pending_.push_back(std::move(event));
  if (woken_) return true;
  // Under the lock: the function is released only after the ClosedEvent was taken out under it.
  woken_ = napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking) == napi_ok;
  return true;
}

void EventChannel::Silence() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  pending_.clear();
}

void EventChannel::Ref(Napi::Env env) {
  if (!released_) napi_ref_threadsafe_function(env, wake_);
}

void EventChannel::Unref(Napi::Env env) {
  if (!released_) napi_unref_threadsafe_function(env, wake_);
}

void EventChannel::OnWake(napi_env env, napi_value /*callback*/, void* context, void* /*data*/) {
  if (env == nullptr) return;
  const Napi::HandleScope scope(env);
  // Going away: AddonData::Shutdown() ends the threads, and nobody is left to be told.
  if (!CanRunJavaScript(env)) return;
  const std::shared_ptr<EventChannel> channel =
      *static_cast<std::shared_ptr<EventChannel>*>(context);
  channel->Deliver(Napi::Env(env));
}

void EventChannel::OnFinalize(napi_env /*env*/, void* data, void* /*hint*/) {
  auto* owner = static_cast<std::shared_ptr<EventChannel>*>(data);
  (*owner)->callback_.Reset();
  delete owner;
}

void EventChannel::Deliver(Napi::Env env) {
  std::vector<Event> events;
  {
    std::lock_guard lock(mutex_);
    events.swap(pending_);
    woken_ = false;
  }
  if (events.empty()) return;
  Napi::Array batch = Napi::Array::New(env, events.size());
  bool closed = false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    hook_(events[i]);
    closed = closed || std::holds_alternative<ClosedEvent>(events[i]);
    batch.Set(static_cast<std::uint32_t>(i), ToJs(env, events[i]));
  }
  if (closed) {
    released_ = true;
    napi_release_threadsafe_function(wake_, napi_tsfn_release);
  }
  callback_.Call({batch});
  if (env.IsExceptionPending()) {
    // A listener threw: that is the program's own uncaught exception, not an error of the stream.
    const Napi::Error error = env.GetAndClearPendingException();
    napi_fatal_exception(env, error.Value());
  }
}

}  // namespace streamgear
