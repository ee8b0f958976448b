#include "output_sink.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "av.h"
#include "http_message.h"
#include "http_sink.h"
#include "net_stream.h"

namespace streamgear {
namespace {

/// Writes beside the target and renames: a reader, or a kill at any moment, sees the old file or
/// the new one. Without fsync, which would stop the packager for as long as the disk likes, several
/// times per segment: what was written survives the process, and only a crash of the system itself
/// can lose the newest files.
class FolderSink final : public OutputSink {
 public:
  explicit FolderSink(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Status Put(const std::string& name, const std::uint8_t* data, std::size_t size) override {
    const std::filesystem::path target = folder_ / name;
    const std::filesystem::path temporary = folder_ / (name + ".tmp");
    if (const int error = WriteFile(temporary, data, size); error != 0) {
      std::error_code ignored;
      std::filesystem::remove(temporary, ignored);
      return Status(WriteFailure(target.string(), AVERROR(error), std::strerror(error)));
    }
    std::error_code error;
    std::filesystem::rename(temporary, target, error);
    if (!error) return Status::Ok();
    return Status(WriteFailure(target.string(), AVERROR(error.value()), error.message()));
  }

  Status Remove(const std::string& name) override {
    std::error_code error;
    std::filesystem::remove(folder_ / name, error);
    if (!error) return Status::Ok();
    return Status(Failure{.code = "DELETE_FAILED",
                          .message = "Could not delete " + PathOf(name) + ": " + error.message(),
                          .stage = "packager",
                          .averror = AVERROR(error.value())});
  }

  std::string PathOf(const std::string& name) const override { return (folder_ / name).string(); }

  void Abort() override {}  // the local disk returns by itself

 private:
  /// errno, 0 = fine. Closing may be what finds the disk full.
  static int WriteFile(const std::filesystem::path& path, const std::uint8_t* data,
                       std::size_t size) {
    std::FILE* file = std::fopen(path.string().c_str(), "wb");
    if (file == nullptr) return errno;
    int error = 0;
    if (size > 0 && std::fwrite(data, 1, size, file) != size) error = errno;
    if (std::fclose(file) != 0 && error == 0) error = errno;
    return error;
  }

  const std::filesystem::path folder_;
};

/// One connection per file, over a protocol of libavformat that stores files by name (ftp, sftp).
/// None of them can delete.
class UrlSink final : public OutputSink {
 public:
  UrlSink(std::string base, OptionList options)
      : base_(std::move(base)), options_(std::move(options)), stream_(kTimeout) {}

  Status Put(const std::string& name, const std::uint8_t* data, std::size_t size) override {
    int error = stream_.OpenForWriting(base_ + name, options_);
    if (error >= 0) error = stream_.Write(data, size);
    const int closed = stream_.Close();
    if (error >= 0) error = closed;
    if (error >= 0) return Status::Ok();
    return Status(WriteFailure(PathOf(name), error, AvErrorText(error)));
  }

  Status Remove(const std::string& /*name*/) override { return Status::Ok(); }

  std::string PathOf(const std::string& name) const override { return PublicUrl(base_ + name); }

  void Abort() override { stream_.Abort(); }

 private:
  static constexpr std::chrono::seconds kTimeout{30};

  const std::string base_;
  const OptionList options_;
  NetStream stream_;
};

}  // namespace

Failure WriteFailure(const std::string& path, int error, const std::string& reason) {
  return {.code = "WRITE_FAILED",
          .message = "Could not write " + path + ": " + reason,
          .stage = "packager",
          .averror = error};
}

std::unique_ptr<OutputSink> MakeOutputSink(const std::string& root, const OptionList& io_options,
                                           const EventSink& sink, std::string* root_name) {
  if (root.find("://") == std::string::npos) {
    const std::filesystem::path path(root);
    *root_name = path.filename().string();
    return std::make_unique<FolderSink>(path.parent_path());
  }
  const std::string whole = root.substr(0, root.find('#'));
  const std::string address = whole.substr(0, whole.find('?'));
  const std::size_t slash = address.rfind('/');
  *root_name = address.substr(slash + 1);
  std::string base = address.substr(0, slash + 1);
  if (!StartsWithWord(root, "http://") && !StartsWithWord(root, "https://")) {
    return std::make_unique<UrlSink>(std::move(base), io_options);
  }
  return std::make_unique<HttpSink>(std::move(base), whole.substr(address.size()), io_options,
                                    sink);
}

}  // namespace streamgear
