#include "base/password.h"

#include <gtest/gtest.h>

namespace streamgear {
namespace {

TEST(Password, IsLeftOutOfUrls) {
  EXPECT_EQ(WithoutPasswords("rtsp://me:secret@host:554/a@b"), "rtsp://host:554/a@b");
  EXPECT_EQ(WithoutPasswords("Opening 'https://me:s@cret@host' for reading"),
            "Opening 'https://host' for reading");
  EXPECT_EQ(WithoutPasswords("http://a:b@c/d to http://e:f@g?h"), "http://c/d to http://g?h");
  EXPECT_EQ(WithoutPasswords("http://me@host"), "http://host");
  EXPECT_EQ(WithoutPasswords("ftp://a:b@"), "ftp://");
}

TEST(Password, IsNotWhatIsNoUrl) {
  for (const char* text : {"", "a@b", "://", "://a@b", "http://host/a?mail=b@c", "file:///a@b",
                           "Expected \"udp://239.0.0.1:1234\" but", "Lavf @ 0x55"}) {
    EXPECT_EQ(WithoutPasswords(text), text);
  }
}

}  // namespace
}  // namespace streamgear
