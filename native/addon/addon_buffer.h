// addon_buffer: the memory behind a typed array, held while worker threads use it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "addon/addon_napi.h"

namespace streamgear {

/// Keeps the memory of an ArrayBufferView alive, even when JavaScript transfers or detaches the
/// buffer meanwhile.
///
/// Node-API can hold the JavaScript object, but not its memory: a transfer hands the memory to
/// another owner, who may free it while the scaler reads. V8's BackingStore is the owner of the
/// memory, so holding that is the one safe way; it is the only use of V8's own API here. Electron's
/// V8 is built with another C++ library, where a shared_ptr must not cross (STREAMGEAR_ELECTRON):
/// there the object is held, and a buffer in flight must not be transferred.
class PinnedBuffer {
 public:
  PinnedBuffer() = default;
  PinnedBuffer(PinnedBuffer&&) = default;
  PinnedBuffer& operator=(PinnedBuffer&&) = default;

  /// Empty (data() == nullptr) when the value is no view or its buffer is detached. JavaScript
  /// thread only.
  static PinnedBuffer Pin(const Napi::Value& view);

  [[nodiscard]] std::uint8_t* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::shared_ptr<void> owner_;
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace streamgear
