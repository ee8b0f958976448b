#include "base/queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace streamgear {
namespace {

using namespace std::chrono_literals;

/// Long enough for a thread that is not blocked to get on, also under ThreadSanitizer. Never needed
/// for success.
constexpr auto kSettle = 30ms;

template <typename Predicate>
[[nodiscard]] bool Eventually(Predicate predicate) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!predicate()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

TEST(BoundedQueue, KeepsOrder) {
  BoundedQueue<int> queue(3);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue.Push(i));
  EXPECT_EQ(queue.size(), 3u);
  EXPECT_EQ(queue.capacity(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(queue.Pop(), i);
  EXPECT_EQ(queue.size(), 0u);
}

TEST(BoundedQueue, HoldsWhatCanOnlyBeMoved) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  ASSERT_TRUE(queue.Push(std::make_unique<int>(7)));
  std::optional<std::unique_ptr<int>> item = queue.Pop();
  ASSERT_TRUE(item.has_value());
  EXPECT_EQ(**item, 7);
}

TEST(BoundedQueue, PushWaitsForRoom) {
  BoundedQueue<int> queue(2);
  std::atomic<int> pushed = 0;
  std::jthread producer([&] {
    for (int i = 0; i < 5; ++i) {
      if (queue.Push(i)) ++pushed;
    }
  });
  ASSERT_TRUE(Eventually([&] { return pushed == 2; }));
  std::this_thread::sleep_for(kSettle);
  EXPECT_EQ(pushed, 2);
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.Pop(), 0);
  ASSERT_TRUE(Eventually([&] { return pushed == 3; }));
  std::this_thread::sleep_for(kSettle);
  EXPECT_EQ(pushed, 3);
  for (int i = 1; i < 5; ++i) EXPECT_EQ(queue.Pop(), i);
}

TEST(BoundedQueue, PopWaitsForAnItem) {
  BoundedQueue<int> queue(2);
  std::atomic<int> popped = -1;
  std::jthread consumer([&] { popped = queue.Pop().value_or(-2); });
  std::this_thread::sleep_for(kSettle);
  EXPECT_EQ(popped, -1);
  ASSERT_TRUE(queue.Push(9));
  EXPECT_TRUE(Eventually([&] { return popped == 9; }));
}

TEST(BoundedQueue, PushNoWaitIgnoresTheCapacityButNotTheEnd) {
  BoundedQueue<int> queue(1);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(queue.PushNoWait(i));
  EXPECT_EQ(queue.size(), 10u);
  queue.Close();
  EXPECT_FALSE(queue.PushNoWait(10));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(queue.Pop(), i);
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

TEST(BoundedQueue, PushWaitsUntilAnOverfullQueueHasRoom) {
  BoundedQueue<int> queue(1);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue.PushNoWait(i));
  std::atomic<bool> pushed = false;
  std::jthread producer([&] { pushed = queue.Push(3); });
  EXPECT_EQ(queue.Pop(), 0);
  EXPECT_EQ(queue.Pop(), 1);
  std::this_thread::sleep_for(kSettle);
  EXPECT_FALSE(pushed);  // one is left, and one is the capacity
  EXPECT_EQ(queue.Pop(), 2);
  EXPECT_EQ(queue.Pop(), 3);
  EXPECT_TRUE(Eventually([&] { return pushed.load(); }));
}

TEST(BoundedQueue, CloseLetsTheConsumerDrain) {
  BoundedQueue<int> queue(4);
  ASSERT_TRUE(queue.Push(1));
  ASSERT_TRUE(queue.Push(2));
  EXPECT_FALSE(queue.closed());
  queue.Close();
  queue.Close();
  EXPECT_TRUE(queue.closed());
  EXPECT_FALSE(queue.Push(3));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), 2);
  EXPECT_EQ(queue.Pop(), std::nullopt);
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

TEST(BoundedQueue, CloseWakesEveryWaiter) {
  BoundedQueue<int> empty(1);
  BoundedQueue<int> full(1);
  ASSERT_TRUE(full.Push(0));
  std::atomic<int> woken = 0;
  std::vector<std::jthread> waiters;
  for (int i = 0; i < 3; ++i) {
    waiters.emplace_back([&] {
      if (empty.Pop() == std::nullopt) ++woken;
    });
    waiters.emplace_back([&] {
      if (!full.Push(1)) ++woken;
    });
  }
  std::this_thread::sleep_for(kSettle);
  EXPECT_EQ(woken, 0);
  empty.Close();
  full.Close();
  waiters.clear();  // joins
  EXPECT_EQ(woken, 6);
  EXPECT_EQ(full.Pop(), 0);
  EXPECT_EQ(full.Pop(), std::nullopt);
}

TEST(BoundedQueue, CancelDropsWhatIsQueuedAndWakesEveryWaiter) {
  BoundedQueue<std::shared_ptr<int>> empty(1);
  BoundedQueue<std::shared_ptr<int>> full(1);
  const auto item = std::make_shared<int>(5);
  ASSERT_TRUE(full.Push(item));
  std::atomic<int> woken = 0;
  std::vector<std::jthread> waiters;
  waiters.emplace_back([&] {
    if (!empty.Pop()) ++woken;
  });
  waiters.emplace_back([&] {
    if (!full.Push(item)) ++woken;
  });
  std::this_thread::sleep_for(kSettle);
  EXPECT_EQ(woken, 0);
  empty.Cancel();
  full.Cancel();
  full.Cancel();
  waiters.clear();
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(item.use_count(), 1);
  EXPECT_EQ(full.size(), 0u);
  EXPECT_FALSE(full.Push(item));
  EXPECT_EQ(full.Pop(), std::nullopt);
}

TEST(BoundedQueue, CancelAfterCloseStillDrops) {
  BoundedQueue<int> queue(2);
  ASSERT_TRUE(queue.Push(1));
  queue.Close();
  queue.Cancel();
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

/// Asks its queue for the size when it dies, as a released frame's hook may.
struct Curious {
  explicit Curious(std::function<void()> ask) : ask_(std::move(ask)) {}
  ~Curious() { ask_(); }
  std::function<void()> ask_;
};

TEST(BoundedQueue, CancelDestroysItemsOutsideOfItsLock) {
  BoundedQueue<std::unique_ptr<Curious>> queue(2);
  int asked = 0;
  const auto ask = [&] {
    EXPECT_EQ(queue.size(), 0u);  // would deadlock under the lock
    ++asked;
  };
  ASSERT_TRUE(queue.Push(std::make_unique<Curious>(ask)));
  ASSERT_TRUE(queue.Push(std::make_unique<Curious>(ask)));
  queue.Cancel();
  EXPECT_EQ(asked, 2);
}

struct Numbered {
  int producer = 0;
  int index = 0;
};

TEST(BoundedQueue, ManyProducersAndConsumersLoseNothing) {
  constexpr int kProducers = 4;
  constexpr int kConsumers = 4;
  constexpr int kItems = 5000;
  BoundedQueue<Numbered> queue(3);
  std::vector<std::vector<Numbered>> received(kConsumers);
  std::vector<std::jthread> consumers;
  for (std::vector<Numbered>& mine : received) {
    consumers.emplace_back([&queue, &mine] {
      while (const auto item = queue.Pop()) mine.push_back(*item);
    });
  }
  std::vector<std::jthread> producers;
  std::atomic<int> refused = 0;
  for (int p = 0; p < kProducers; ++p) {
    producers.emplace_back([&queue, &refused, p] {
      for (int i = 0; i < kItems; ++i) {
        if (!queue.Push({p, i})) ++refused;
      }
    });
  }
  producers.clear();
  queue.Close();
  consumers.clear();
  EXPECT_EQ(refused, 0);
  std::set<std::pair<int, int>> all;
  for (const std::vector<Numbered>& mine : received) {
    std::vector<int> last(kProducers, -1);
    for (const Numbered& item : mine) {
      EXPECT_GT(item.index, last[static_cast<std::size_t>(item.producer)]);
      last[static_cast<std::size_t>(item.producer)] = item.index;
      EXPECT_TRUE(all.emplace(item.producer, item.index).second) << "twice";
    }
  }
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kProducers * kItems));
}

TEST(BoundedQueue, CancelInTheMiddleEndsEverybody) {
  for (int round = 0; round < 100; ++round) {
    BoundedQueue<int> queue(2);
    std::vector<std::jthread> threads;
    std::atomic<int> ended = 0;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        while (queue.Push(1)) {
        }
        ++ended;
      });
      threads.emplace_back([&] {
        while (queue.Pop()) {
        }
        ++ended;
      });
    }
    std::this_thread::sleep_for(std::chrono::microseconds(round * 10));
    queue.Cancel();
    threads.clear();
    ASSERT_EQ(ended, 4);
    ASSERT_EQ(queue.size(), 0u);
  }
}

}  // namespace
}  // namespace streamgear
