// stats: counters that worker threads bump and the JavaScript thread reads. Nothing here waits.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace streamgear {

using Clock = std::chrono::steady_clock;

/// Latencies in buckets of an eighth of an octave of microseconds: quantiles are right within 9 %.
class LatencyHistogram {
 public:
  void Record(Clock::duration latency) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(latency).count();
    const std::uint64_t value = micros > 0 ? static_cast<std::uint64_t>(micros) : 0;
    counts_[IndexOf(value)].fetch_add(1, std::memory_order_relaxed);
    std::uint64_t seen = max_.load(std::memory_order_relaxed);
    while (value > seen && !max_.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
    }
  }

  struct Summary {
    double p50 = 0;  ///< milliseconds, as the others
    double p99 = 0;
    double max = 0;
    std::uint64_t count = 0;
  };

  [[nodiscard]] Summary Summarize() const {
    std::array<std::uint64_t, kBuckets> counts{};
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      counts[i] = counts_[i].load(std::memory_order_relaxed);
      total += counts[i];
    }
    const double max = static_cast<double>(max_.load(std::memory_order_relaxed)) / 1000;
    return {Quantile(counts, total, 0.50, max), Quantile(counts, total, 0.99, max), max, total};
  }

 private:
  static constexpr std::size_t kStepsPerOctave = 8;
  static constexpr std::size_t kBuckets = 40 * kStepsPerOctave;

  static std::size_t IndexOf(std::uint64_t value) {
    if (value < kStepsPerOctave) return static_cast<std::size_t>(value);
    const int octave = std::bit_width(value) - 1;
    const std::uint64_t step = (value >> (octave - 3)) & (kStepsPerOctave - 1);
    const std::size_t index = static_cast<std::size_t>(octave - 2) * kStepsPerOctave + step;
    return index < kBuckets ? index : kBuckets - 1;
  }

  /// Upper end of a bucket, microseconds.
  static double UpperEnd(std::size_t index) {
    if (index < kStepsPerOctave) return static_cast<double>(index) + 1;
    const std::size_t octave = index / kStepsPerOctave + 2;
    const std::size_t step = index % kStepsPerOctave;
    return static_cast<double>((kStepsPerOctave + step + 1)) *
           static_cast<double>(1ULL << (octave - 3));
  }

  static double Quantile(const std::array<std::uint64_t, kBuckets>& counts, std::uint64_t total,
                         double quantile, double max) {
    const auto wanted = static_cast<std::uint64_t>(quantile * static_cast<double>(total));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      seen += counts[i];
      if (seen > wanted) {
        const double value = UpperEnd(i) / 1000;
        return value < max ? value : max;
      }
    }
    return max;
  }

  std::array<std::atomic<std::uint64_t>, kBuckets> counts_{};
  std::atomic<std::uint64_t> max_{0};
};

struct RenditionStats {
  std::atomic<std::int64_t> frames_encoded{0};  ///< that came out
  std::atomic<std::int64_t> bytes{0};           ///< of finished segments, container included
  std::atomic<std::int64_t> segments{0};
  std::atomic<std::int64_t> peak_bitrate{0};     ///< highest segment, bit/s
  std::atomic<std::int64_t> average_bitrate{0};  ///< all segments so far, bit/s
  std::atomic<std::int64_t> cpu_nanoseconds{0};
  std::atomic<bool> fell_back{false};  ///< its fallback_codec encodes
  LatencyHistogram encode_latency;     ///< from write() to the packet
};

struct AudioStats {
  std::atomic<double> position{0};    ///< seconds of presentation that were encoded
  std::atomic<double> offset{0};      ///< seconds by which the samples are late (> 0) or early now
  std::atomic<double> correction{0};  ///< how much faster (> 0) or slower they are played now: 1e-4
  std::atomic<double> corrected{0};   ///< seconds added (> 0) or removed by that so far
  std::atomic<std::int64_t> gaps{0};  ///< breaks in the samples' times
  std::atomic<std::int64_t> dropped_samples{0};  ///< before 0, behind the end, or overlapping
  std::atomic<std::int64_t> cpu_nanoseconds{0};
};

/// Picture buffers that pools have allocated so far. They are used again: flat once all queues were
/// full.
struct PoolStats {
  std::atomic<std::int64_t> buffers{0};
  std::atomic<std::int64_t> bytes{0};
};

struct PipelineStats {
  explicit PipelineStats(std::size_t rendition_count) {
    for (std::size_t i = 0; i < rendition_count; ++i) {
      renditions.push_back(std::make_unique<RenditionStats>());
    }
  }

  std::atomic<std::int64_t> frames_in{0};
  std::atomic<std::int64_t> scaler_cpu_nanoseconds{0};
  std::atomic<std::int64_t> packager_cpu_nanoseconds{0};
  std::atomic<std::int64_t> source_cpu_nanoseconds{0};  ///< demuxing and decoding
  std::atomic<double> duration{0};                      ///< seconds of presentation taken in
  LatencyHistogram read_latency;                        ///< from write() until the buffer was read
  LatencyHistogram package_latency;                     ///< from write() until the packet was muxed
  std::vector<std::unique_ptr<RenditionStats>> renditions;  ///< video, then audio
  AudioStats audio;
  PoolStats pictures;
};

}  // namespace streamgear
