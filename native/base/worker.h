// Worker: one named thread of a pipeline, and the only place that catches exceptions.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/status.h"

#ifdef __linux__
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace streamgear {

/// CPU time of the calling thread in nanoseconds; 0 where the platform cannot tell.
[[nodiscard]] inline std::int64_t ThreadCpuNanoseconds() {
#ifdef CLOCK_THREAD_CPUTIME_ID
  timespec now{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) return 0;
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
#else
  return 0;
#endif
}

class Worker {
 public:
  using Body = std::function<Status()>;
  using Done = std::function<void(Status)>;

  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() { Join(); }

  /// Runs `body` on a new thread, then `done` with its result, which it must never be without.
  [[nodiscard]] Status Start(std::string name, LogRing* log, Body body, Done done) {
    try {
      thread_ =
          std::thread([name, log, end = end_, body = std::move(body), done = std::move(done)] {
            SetName(name);
            YieldToEventLoop();
            {
              LogScope scope(log);
              done(Guard(name, body));
            }
            end->Reach();
          });
      started_ = true;
    } catch (const std::system_error& error) {
      return Status(Failure{.code = "THREAD_FAILED",
                            .message = "Expected a thread for the " + name +
                                       " but the system gave none: " + error.what(),
                            .stage = name});
    }
    return Status::Ok();
  }

  void Join() {
    if (thread_.joinable()) thread_.join();
  }

  /// False: it still runs at `deadline`. A thread that waits in the kernel, for a disk of the
  /// network or a driver, cannot be woken by anybody.
  [[nodiscard]] bool JoinUntil(std::chrono::steady_clock::time_point deadline) {
    if (started_ && !end_->WaitUntil(deadline)) return false;
    Join();
    return true;
  }

 private:
  /// That the thread has done its work. Shared with it: the worker may go first.
  class End {
   public:
    void Reach() {
      const std::lock_guard lock(mutex_);
      reached_ = true;
      changed_.notify_all();
    }
    [[nodiscard]] bool WaitUntil(std::chrono::steady_clock::time_point deadline) {
      std::unique_lock lock(mutex_);
      return changed_.wait_until(lock, deadline, [this] { return reached_; });
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool reached_ = false;
  };

  static Status Guard(const std::string& name, const Body& body) {
    try {
      return body();
    } catch (const std::exception& error) {
      return Status(Failure{.code = "OUT_OF_RESOURCES",
                            .message = "The " + name + " stopped: " + error.what(),
                            .stage = name});
    }
  }

  static void SetName([[maybe_unused]] const std::string& name) {
#ifdef __linux__
    pthread_setname_np(pthread_self(), ("sg-" + name).substr(0, 15).c_str());
#endif
  }

  /// With more encoder threads than cores, the event loop would wait for its turn behind them, and
  /// a worker that it wakes could take its core in the middle of a call: SCHED_BATCH never does.
  /// On Linux both are per thread, are inherited by the threads that an encoder starts, and may be
  /// had by anybody.
  static void YieldToEventLoop() {
#ifdef __linux__
    const sched_param none{};
    sched_setscheduler(0, SCHED_BATCH, &none);
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
#endif
  }

  static constexpr int kNice = 5;

  const std::shared_ptr<End> end_ = std::make_shared<End>();
  bool started_ = false;
  std::thread thread_;
};

}  // namespace streamgear
