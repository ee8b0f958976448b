#include "addon/addon_buffer.h"

#include <cstring>

#ifndef STREAMGEAR_ELECTRON
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif
#include <v8.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#endif

namespace streamgear {

#ifndef STREAMGEAR_ELECTRON

PinnedBuffer PinnedBuffer::Pin(const Napi::Value& value) {
  PinnedBuffer pinned;
  if (value.IsEmpty()) return pinned;  // the environment is being terminated
  // A napi_value is a v8::Local in a C coat (Node's own js_native_api_v8.h converts it in the same
  // way).
  const napi_value raw = value;
  v8::Local<v8::Value> local;
  static_assert(sizeof(raw) == sizeof(local));
  std::memcpy(static_cast<void*>(&local), &raw, sizeof(raw));
  if (!local->IsArrayBufferView()) return pinned;

  const v8::Local<v8::ArrayBufferView> view = local.As<v8::ArrayBufferView>();
  const v8::Local<v8::Value> buffer = view->Buffer();
  const std::shared_ptr<v8::BackingStore> store =
      buffer->IsSharedArrayBuffer() ? buffer.As<v8::SharedArrayBuffer>()->GetBackingStore()
                                    : buffer.As<v8::ArrayBuffer>()->GetBackingStore();
  if (store == nullptr || store->Data() == nullptr || view->ByteLength() == 0) return pinned;
  pinned.data_ = static_cast<std::uint8_t*>(store->Data()) + view->ByteOffset();
  pinned.size_ = view->ByteLength();
  pinned.owner_ = store;
  return pinned;
}

#else

PinnedBuffer PinnedBuffer::Pin(const Napi::Value& value) {
  PinnedBuffer pinned;
  if (value.IsEmpty() || !value.IsTypedArray()) return pinned;
  const Napi::TypedArray view = value.As<Napi::TypedArray>();
  Napi::ArrayBuffer buffer = view.ArrayBuffer();
  if (buffer.Data() == nullptr || view.ByteLength() == 0) return pinned;
  pinned.data_ = static_cast<std::uint8_t*>(buffer.Data()) + view.ByteOffset();
  pinned.size_ = view.ByteLength();
  pinned.owner_ = std::make_shared<Napi::Reference<Napi::Value>>(Napi::Persistent(value));
  return pinned;
}

#endif

}  // namespace streamgear
