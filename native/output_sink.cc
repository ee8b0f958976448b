#include "output_sink.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "av.h"

namespace streamgear {
namespace {

Status WriteFailed(const std::string& path, int error, const std::string& reason) {
  return Status(Failure{.code = "WRITE_FAILED",
                        .message = "Could not write " + path + ": " + reason,
                        .stage = "packager",
                        .averror = error});
}

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
      return WriteFailed(target.string(), AVERROR(error), std::strerror(error));
    }
    std::error_code error;
    std::filesystem::rename(temporary, target, error);
    if (error) return WriteFailed(target.string(), AVERROR(error.value()), error.message());
    return Status::Ok();
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

/// One request per file, over any protocol that libavformat can write.
class UrlSink final : public OutputSink {
 public:
  UrlSink(std::string base, OptionList options)
      : base_(std::move(base)), options_(std::move(options)) {}

  Status Put(const std::string& name, const std::uint8_t* data, std::size_t size) override {
    return Send(name, options_, data, size);
  }

  Status Remove(const std::string& name) override {
    if (!IsHttp()) return Status::Ok();  // no other protocol of libavformat can delete
    OptionList options;
    for (const auto& option : options_) {
      if (option.first != "method") options.push_back(option);
    }
    options.emplace_back("method", "DELETE");
    const Status status = Send(name, options, nullptr, 0);
    const bool gone = !status.ok() && status.failure().averror == AVERROR_HTTP_NOT_FOUND;
    return gone ? Status::Ok() : status;
  }

  std::string PathOf(const std::string& name) const override { return base_ + name; }

  void Abort() override { aborted_.store(true, std::memory_order_relaxed); }

 private:
  [[nodiscard]] bool IsHttp() const { return base_.rfind("http", 0) == 0; }

  static int IsAborted(void* opaque) {
    return static_cast<UrlSink*>(opaque)->aborted_.load(std::memory_order_relaxed) ? 1 : 0;
  }

  /// A request with its body as one option: only so does libavformat read the server's answer.
  Status Request(const std::string& url, Dict& dict, const std::uint8_t* data, std::size_t size) {
    av_dict_set(&dict.raw, "method", "PUT", AV_DICT_DONT_OVERWRITE);
    if (size > 0) av_dict_set(&dict.raw, "post_data", Hexadecimal(data, size).c_str(), 0);
    const AVIOInterruptCB interrupt{IsAborted, this};
    AVIOContext* io = nullptr;
    const int error = avio_open2(&io, url.c_str(), AVIO_FLAG_READ, &interrupt, &dict.raw);
    avio_closep(&io);
    return error < 0 ? WriteFailed(url, error, AvErrorText(error)) : Status::Ok();
  }

  /// libav's notation of binary option values.
  static std::string Hexadecimal(const std::uint8_t* data, std::size_t size) {
    constexpr const char* kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * size);
    for (std::size_t i = 0; i < size; ++i) {
      text += kDigits[data[i] >> 4];
      text += kDigits[data[i] & 15];
    }
    return text;
  }

  Status Send(const std::string& name, const OptionList& options, const std::uint8_t* data,
              std::size_t size) {
    const std::string url = base_ + name;
    Dict dict(options);
    if (IsHttp()) return Request(url, dict, data, size);
    const AVIOInterruptCB interrupt{IsAborted, this};
    AVIOContext* io = nullptr;
    int error = avio_open2(&io, url.c_str(), AVIO_FLAG_WRITE, &interrupt, &dict.raw);
    if (error < 0) return WriteFailed(url, error, AvErrorText(error));
    if (size > 0) avio_write(io, data, static_cast<int>(size));
    avio_flush(io);
    error = io->error;
    const int close_error = avio_closep(&io);
    if (error >= 0) error = close_error;
    return error < 0 ? WriteFailed(url, error, AvErrorText(error)) : Status::Ok();
  }

  const std::string base_;
  const OptionList options_;
  std::atomic<bool> aborted_{false};
};

}  // namespace

std::unique_ptr<OutputSink> MakeOutputSink(const std::string& root, const OptionList& io_options,
                                           std::string* root_name) {
  if (root.find("://") == std::string::npos) {
    const std::filesystem::path path(root);
    *root_name = path.filename().string();
    return std::make_unique<FolderSink>(path.parent_path());
  }
  const std::string address = root.substr(0, root.find_first_of("?#"));
  const std::size_t slash = address.rfind('/');
  *root_name = address.substr(slash + 1);
  return std::make_unique<UrlSink>(address.substr(0, slash + 1), io_options);
}

}  // namespace streamgear
