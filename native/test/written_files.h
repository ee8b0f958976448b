// What a packager has written, read again.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/av.h"

namespace streamgear::test {

inline std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// These files of a folder, one after the other, as libavformat reads them.
inline InputPtr OpenJoined(const std::filesystem::path& folder,
                           const std::vector<std::string>& names) {
  const std::filesystem::path joined = folder / "joined";
  {
    std::ofstream file(joined, std::ios::binary);
    for (const std::string& name : names) file << ReadText(folder / name);
  }
  AVFormatContext* context = nullptr;
  EXPECT_GE(avformat_open_input(&context, joined.c_str(), nullptr, nullptr), 0);
  std::filesystem::remove(joined);  // it is open
  return InputPtr(context);
}

}  // namespace streamgear::test
