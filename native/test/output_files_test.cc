// What is told of files: each that was written or removed, and nothing else.
#include "output/output_files.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace streamgear::test {
namespace {

/// A place in memory. A name with a '!' can neither be written nor removed.
class MemorySink final : public OutputSink {
 public:
  Status Put(const std::string& name, const std::uint8_t* /*data*/, std::size_t size) override {
    if (Refuses(name)) return Status(WriteFailure(name));
    files_[name] = size;
    return Status::Ok();
  }
  Status Remove(const std::string& name, bool* removed) override {
    *removed = !Refuses(name) && files_.erase(name) == 1;
    return Status::Ok();
  }
  std::string PathOf(const std::string& name) const override { return "/there/" + name; }
  void Abort() override {}

 private:
  static bool Refuses(const std::string& name) { return name.find('!') != std::string::npos; }
  static Failure WriteFailure(const std::string& name) {
    return {.code = "WRITE_FAILED", .message = name, .stage = "packager"};
  }

  std::map<std::string, std::size_t> files_;
};

class OutputFilesTest : public ::testing::Test {
 protected:
  std::vector<FileEvent> told_;
  OutputFiles files_{std::make_unique<MemorySink>(),
                     [this](Event event) { told_.push_back(std::get<FileEvent>(event)); }};
  const std::vector<std::uint8_t> data_ = std::vector<std::uint8_t>(9);
};

TEST_F(OutputFilesTest, TellsWhatWasWritten) {
  const OutputFile file{.name = "a.m4s", .role = FileRole::kSegment, .rendition = 2};
  ASSERT_TRUE(files_.Put(file, data_.data(), 7).ok());
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].action, FileAction::kWrite);
  EXPECT_EQ(told_[0].name, "a.m4s");
  EXPECT_EQ(told_[0].path, "/there/a.m4s");
  EXPECT_EQ(told_[0].role, FileRole::kSegment);
  EXPECT_EQ(told_[0].rendition, 2);
  EXPECT_EQ(told_[0].bytes, 7);
}

TEST_F(OutputFilesTest, TellsWhatWasRemovedWithItsLastSize) {
  const OutputFile manifest{.name = "out.mpd"};
  ASSERT_TRUE(files_.Put(manifest, data_.data(), 5).ok());
  ASSERT_TRUE(files_.Put(manifest, data_.data(), 9).ok());
  ASSERT_TRUE(files_.Remove(manifest).ok());
  const OutputFile segment{.name = "a.ts", .role = FileRole::kSegment, .rendition = 0, .bytes = 4};
  ASSERT_TRUE(files_.Put(segment, data_.data(), 4).ok());
  ASSERT_TRUE(files_.Remove(segment).ok());
  ASSERT_EQ(told_.size(), 5u);
  EXPECT_EQ(told_[2].action, FileAction::kRemove);
  EXPECT_EQ(told_[2].bytes, 9);
  EXPECT_EQ(told_[2].rendition, -1);
  EXPECT_EQ(told_[4].action, FileAction::kRemove);
  EXPECT_EQ(told_[4].bytes, 4);
}

TEST_F(OutputFilesTest, TellsNothingOfWhatDidNotHappen) {
  EXPECT_FALSE(files_.Put({.name = "a!"}, data_.data(), 1).ok());
  EXPECT_TRUE(files_.Remove({.name = "a!"}).ok());
  EXPECT_TRUE(files_.Remove({.name = "never there"}).ok());
  EXPECT_TRUE(told_.empty());
}

}  // namespace
}  // namespace streamgear::test
