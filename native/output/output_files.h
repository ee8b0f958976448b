// output_files: the files of one presentation. Everything that is written or removed passes here,
// and is told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/event.h"
#include "base/status.h"
#include "output/output_sink.h"

namespace streamgear {

/// What a file is, for whoever wants to know.
struct OutputFile {
  std::string name;  ///< relative to the root manifest
  FileRole role = FileRole::kManifest;
  int rendition = -1;      ///< -1: it belongs to all
  std::int64_t bytes = 0;  ///< of a segment that is removed
};

/// Hands files to an OutputSink, with a FileEvent for each that it took or removed.
class OutputFiles {
 public:
  OutputFiles(std::unique_ptr<OutputSink> output, EventSink sink);

  /// See OutputSink::Put.
  [[nodiscard]] Status Put(const OutputFile& file, const std::uint8_t* data, std::size_t size);

  /// See OutputSink::Remove. A file that is gone already, or that nobody can remove, is not told
  /// of.
  [[nodiscard]] Status Remove(const OutputFile& file);

  [[nodiscard]] std::string PathOf(const std::string& name) const { return output_->PathOf(name); }

  /// From any thread; see OutputSink::Abort.
  void Abort() { output_->Abort(); }

 private:
  void Tell(FileAction action, const OutputFile& file, std::int64_t bytes);

  const std::unique_ptr<OutputSink> output_;
  const EventSink sink_;
  std::map<std::string, std::int64_t> sizes_;  ///< of manifests and initializations, which are few
};

}  // namespace streamgear
