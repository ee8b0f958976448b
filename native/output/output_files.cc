#include "output/output_files.h"

#include <utility>

namespace streamgear {

OutputFiles::OutputFiles(std::unique_ptr<OutputSink> output, EventSink sink)
    : output_(std::move(output)), sink_(std::move(sink)) {}

Status OutputFiles::Put(const OutputFile& file, const std::uint8_t* data, std::size_t size) {
  if (Status status = output_->Put(file.name, data, size); !status.ok()) return status;
  const auto bytes = static_cast<std::int64_t>(size);
  if (file.role != FileRole::kSegment) sizes_[file.name] = bytes;
  Tell(FileAction::kWrite, file, bytes);
  return Status::Ok();
}

Status OutputFiles::Remove(const OutputFile& file) {
  bool removed = false;
  if (Status status = output_->Remove(file.name, &removed); !status.ok()) return status;
  std::int64_t bytes = file.bytes;
  if (const auto known = sizes_.find(file.name); known != sizes_.end()) {
    bytes = known->second;
    sizes_.erase(known);
  }
  if (removed) Tell(FileAction::kRemove, file, bytes);
  return Status::Ok();
}

void OutputFiles::Tell(FileAction action, const OutputFile& file, std::int64_t bytes) {
  sink_(FileEvent{.action = action,
                  .name = file.name,
                  .path = output_->PathOf(file.name),
                  .role = file.role,
                  .rendition = file.rendition,
                  .bytes = bytes});
}

}  // namespace streamgear
