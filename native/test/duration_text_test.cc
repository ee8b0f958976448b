#include "base/duration_text.h"

#include <gtest/gtest.h>

// Beside it, what the manifests call a duration: both are linked into one program.
#include "manifest/manifest_text.h"

namespace streamgear {
namespace {

TEST(DurationText, IsForPeople) {
  EXPECT_EQ(DurationText(0.5), "0.5 s");
  EXPECT_EQ(DurationText(12), "12.0 s");
  EXPECT_EQ(DurationText(11.016, 2), "11.02 s");
  EXPECT_EQ(IsoDuration(0.5), "PT0.5S");
}

}  // namespace
}  // namespace streamgear
