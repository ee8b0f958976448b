// BoundedQueue: the only way in which two threads of a pipeline talk. It can be ended from both
// sides, which is what makes shutdown simple: the producer closes it (the consumer still drains
// what is left), or anybody cancels it (what is left is dropped and every waiter wakes).
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace streamgear {

template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}
  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  /// Waits for room. False when the queue was closed or cancelled: the item was not taken.
  [[nodiscard]] bool Push(T item) {
    std::unique_lock lock(mutex_);
    not_full_.wait(lock, [this] { return items_.size() < capacity_ || closed_; });
    return Append(std::move(item), lock);
  }

  /// Never waits and ignores the capacity: for the JavaScript thread, whose own promise is the
  /// backpressure.
  [[nodiscard]] bool PushNoWait(T item) {
    std::unique_lock lock(mutex_);
    return Append(std::move(item), lock);
  }

  /// Waits for an item. Empty when the queue was cancelled, or closed and drained.
  [[nodiscard]] std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [this] { return !items_.empty() || closed_; });
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    lock.unlock();
    not_full_.notify_one();
    return item;
  }

  /// The producer is done: pushes fail from now on, pops drain what is left.
  void Close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    not_empty_.notify_all();
    not_full_.notify_all();
  }

  /// Nobody wants the rest: what is queued is dropped, every waiter wakes.
  void Cancel() {
    std::deque<T> dropped;  // destroyed outside the lock
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
      dropped.swap(items_);
    }
    not_empty_.notify_all();
    not_full_.notify_all();
  }

  /// Closed or cancelled: nothing more can be pushed.
  [[nodiscard]] bool closed() const {
    std::lock_guard lock(mutex_);
    return closed_;
  }

  [[nodiscard]] std::size_t size() const {
    std::lock_guard lock(mutex_);
    return items_.size();
  }

  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  bool Append(T&& item, std::unique_lock<std::mutex>& lock) {
    if (closed_) return false;
    items_.push_back(std::move(item));
    lock.unlock();
    not_empty_.notify_one();
    return true;
  }

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable not_full_;
  std::condition_variable not_empty_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace streamgear
