#include "base/rational.h"

#include <gtest/gtest.h>

namespace streamgear {
namespace {

TEST(Rational, ReducesToLowestTerms) {
  constexpr Rational reduced = Rational{1920, 1080}.reduced();
  EXPECT_EQ(reduced.num, 16);
  EXPECT_EQ(reduced.den, 9);
  EXPECT_EQ((Rational{24000, 1001}.reduced().num), 24000);
  EXPECT_EQ((Rational{24000, 1001}.reduced().den), 1001);
}

TEST(Rational, NothingIsReducedToNothing) {
  EXPECT_EQ((Rational{0, 0}.reduced().num), 0);
  EXPECT_EQ((Rational{0, 0}.reduced().den), 0);
  EXPECT_EQ((Rational{0, 7}.reduced().den), 1);
}

TEST(Rational, ValidMeansPositive) {
  EXPECT_TRUE((Rational{1, 1}.valid()));
  EXPECT_FALSE((Rational{0, 1}.valid()));
  EXPECT_FALSE((Rational{1, 0}.valid()));
  EXPECT_FALSE((Rational{-25, 1}.valid()));
  EXPECT_FALSE(Rational{}.valid());
}

TEST(Rational, Value) {
  EXPECT_DOUBLE_EQ((Rational{30000, 1001}.value()), 30000.0 / 1001.0);
  EXPECT_DOUBLE_EQ((Rational{25, 1}.value()), 25.0);
}

}  // namespace
}  // namespace streamgear
