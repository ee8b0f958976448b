#include "output/output_sink.h"

#ifndef _WIN32
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/av.h"
#include "base/url.h"
#include "output/http_sink.h"
#include "output/url_sink.h"

namespace streamgear {
namespace {

/// A regular file, emptied, or null with errno. A named pipe would wait in the kernel for a reader,
/// where no abort reaches it, and a link would write somewhere else.
std::FILE* OpenForWriting(const char* path) {
#ifdef _WIN32
  return std::fopen(path, "wb");
#else
  constexpr int kFlags = O_WRONLY | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
  constexpr mode_t kMode = 0666;  // less the umask, as fopen() has it
  const int number = open(path, kFlags, kMode);
  if (number < 0) return nullptr;
  struct stat file {};
  int error = fstat(number, &file) == 0 ? 0 : errno;
  if (error == 0 && !S_ISREG(file.st_mode)) error = ENXIO;
  if (error == 0 && file.st_nlink > 1) error = EMLINK;  // it has another name, of somebody else
  if (error == 0 && ftruncate(number, 0) != 0) error = errno;
  std::FILE* opened = error == 0 ? fdopen(number, "wb") : nullptr;
  if (opened != nullptr) return opened;
  close(number);
  if (error != 0) errno = error;
  return nullptr;
#endif
}

/// Writes beside the target and renames: a reader, or a kill at any moment, sees the old file or
/// the new one. Without fsync, which would stop the packager for as long as the disk likes, several
/// times per segment: what was written survives the process, and only a crash of the system itself
/// can lose the newest files.
class FolderSink final : public OutputSink {
 public:
  FolderSink(std::filesystem::path folder, EventSink sink)
      : folder_(std::move(folder)), sink_(std::move(sink)) {}

  Status Put(const std::string& name, const std::uint8_t* data, std::size_t size) override {
    const std::filesystem::path target = folder_ / name;
    const std::filesystem::path temporary = folder_ / (name + ".tmp");
    std::FILE* file = OpenForWriting(temporary.string().c_str());
    if (file == nullptr) {
      return Status(WriteFailure(target.string(), AVERROR(errno), std::strerror(errno)));
    }
    if (const int error = WriteFile(file, data, size); error != 0) {
      std::error_code ignored;
      std::filesystem::remove(temporary, ignored);
      return Status(WriteFailure(target.string(), AVERROR(error), std::strerror(error)));
    }
    std::error_code error;
    std::filesystem::rename(temporary, target, error);
    if (!error) return Status::Ok();
    return Status(WriteFailure(target.string(), AVERROR(error.value()), error.message()));
  }

  Status Remove(const std::string& name, bool* removed) override {
    std::error_code error;
    *removed = std::filesystem::remove(folder_ / name, error);
    // As on a server: what nobody lists any more is no reason to end a live stream.
    if (error && !std::exchange(told_, true)) {
      sink_(DeleteRefusal(PathOf(name), error.message()));
    }
    return Status::Ok();
  }

  std::string PathOf(const std::string& name) const override { return (folder_ / name).string(); }

  void Abort() override {}  // the local disk returns by itself

 private:
  /// errno, 0 = fine. Closing may be what finds the disk full.
  static int WriteFile(std::FILE* file, const std::uint8_t* data, std::size_t size) {
    int error = 0;
    if (size > 0 && std::fwrite(data, 1, size, file) != size) error = errno;
    if (std::fclose(file) != 0 && error == 0) error = errno;
    return error;
  }

  const std::filesystem::path folder_;
  const EventSink sink_;
  bool told_ = false;
};

}  // namespace

Failure WriteFailure(const std::string& path, int error, const std::string& reason) {
  return {.code = "WRITE_FAILED",
          .message = "Could not write " + path + ": " + reason,
          .stage = "packager",
          .averror = error};
}

WarningEvent DeleteRefusal(const std::string& path, const std::string& reason) {
  return {"DELETE_REFUSED",
          "Could not delete " + path + ": " + reason + ". Old segments stay there"};
}

std::unique_ptr<OutputSink> MakeOutputSink(const std::string& root, const OptionList& io_options,
                                           const EventSink& sink, std::string* root_name) {
  if (root.find("://") == std::string::npos) {
    const std::filesystem::path path(root);
    *root_name = path.filename().string();
    return std::make_unique<FolderSink>(path.parent_path(), sink);
  }
  const std::string whole = root.substr(0, root.find('#'));
  const std::string address = whole.substr(0, whole.find('?'));
  const std::size_t slash = address.rfind('/');
  *root_name = address.substr(slash + 1);
  std::string base = address.substr(0, slash + 1);
  if (!IsHttpUrl(root)) {
    return std::make_unique<UrlSink>(std::move(base), io_options);
  }
  *root_name = DecodeUri(*root_name);
  return std::make_unique<HttpSink>(std::move(base), whole.substr(address.size()), io_options,
                                    sink);
}

}  // namespace streamgear
