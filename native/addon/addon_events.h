// addon_events: events from worker threads to one JavaScript callback, in batches.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "addon/addon_napi.h"
#include "base/event.h"

namespace streamgear {

/// One per pipeline or reader. Push() from any thread; everything else on the JavaScript thread.
class EventChannel {
 public:
  /// Called on the JavaScript thread for each event before JavaScript sees it.
  using Hook = std::function<void(const Event&)>;

  /// `callback` gets arrays of events. Starts unreferenced: it does not keep the event loop alive.
  /// Null with a JavaScript exception when Node gives no thread-safe function.
  [[nodiscard]] static std::shared_ptr<EventChannel> Create(const Napi::Function& callback,
                                                            Hook hook);

  /// Queues the event and wakes JavaScript if it is not awake yet. Never blocks. False: dropped, as
  /// all are after the ClosedEvent.
  bool Push(Event event);

  /// The environment goes away: nothing more is taken, and Node is not called any more.
  void Silence();

  void Ref(Napi::Env env);
  void Unref(Napi::Env env);

 private:
  static void OnWake(napi_env env, napi_value callback, void* context, void* data);
  static void OnFinalize(napi_env env, void* data, void* hint);
  void Deliver(Napi::Env env);

  Napi::FunctionReference callback_;
  Hook hook_;
  napi_threadsafe_function wake_ = nullptr;
  bool released_ = false;  ///< JavaScript thread only

  std::mutex mutex_;
  std::vector<Event> pending_;  ///< guarded by mutex_
  bool woken_ = false;          ///< guarded by mutex_
  bool closed_ = false;         ///< guarded by mutex_
};

/// One event as the object of src/native/native-events.ts.
[[nodiscard]] Napi::Value ToJs(Napi::Env env, const Event& event);

}  // namespace streamgear
