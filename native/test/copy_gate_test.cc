// CopyGate: which packets of a video a copy may have.
#include "source/copy_gate.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace streamgear::test {
namespace {

constexpr int kKey = AV_PKT_FLAG_KEY;
constexpr int kDamaged = AV_PKT_FLAG_CORRUPT;
constexpr int kHidden = AV_PKT_FLAG_DISCARD;

class CopyGateTest : public testing::Test {
 protected:
  void Send(std::int64_t pts, int flags = 0) {
    PacketPtr packet(av_packet_alloc());
    packet->pts = pts;
    packet->flags = flags;
    gate_.Send(std::move(packet), &passed_);
  }

  std::vector<std::int64_t> Finish(bool at_splice = false) {
    gate_.Finish(at_splice, &passed_);
    std::vector<std::int64_t> times;
    for (const PacketPtr& packet : passed_) times.push_back(packet->pts);
    return times;
  }

  std::vector<std::string> codes_;
  std::string said_;
  std::vector<PacketPtr> passed_;
  CopyGate gate_{"clip.ts", 0.04, [this](const Event& event) {
                   const auto& warning = std::get<WarningEvent>(event);
                   codes_.push_back(warning.code);
                   said_ = warning.message;
                 }};
};

using Times = std::vector<std::int64_t>;

TEST_F(CopyGateTest, PassesAWholeVideoFromItsFirstKeyFrame) {
  Send(0, kKey);
  for (std::int64_t pts : {3, 1, 2}) Send(pts);
  EXPECT_EQ(Finish(), (Times{0, 3, 1, 2}));
  EXPECT_TRUE(codes_.empty());
}

TEST_F(CopyGateTest, LeavesOutWhatNoKeyFrameCameFor) {
  Send(0);
  Send(5, kKey);
  Send(3);  // before it in time: it refers to what was left out
  Send(6);
  EXPECT_EQ(Finish(), (Times{5, 6}));
}

TEST_F(CopyGateTest, LeavesOutWhatIsDamaged) {
  Send(0, kKey);
  Send(1, kDamaged);
  for (std::int64_t pts : {2, 3, 4}) Send(pts);
  EXPECT_EQ(Finish(), (Times{0, 2, 3, 4}));
  EXPECT_EQ(codes_, std::vector<std::string>{"DECODE_ERROR"});
}

TEST_F(CopyGateTest, TakesWhatIsMarkedJustBeforeAKeyFrameForWhole) {
  for (const int between : {0, 1}) {
    SCOPED_TRACE(between);
    passed_.clear();
    Send(0, kKey);
    Send(1, kDamaged);
    for (int i = 0; i < between; ++i) Send(2);
    Send(10, kKey);
    for (const PacketPtr& packet : passed_) EXPECT_EQ(packet->flags & kDamaged, 0);
    EXPECT_EQ(passed_.size(), 3U + static_cast<unsigned>(between));
  }
  EXPECT_TRUE(codes_.empty());
}

TEST_F(CopyGateTest, BelievesAMarkThatNoKeyFrameFollowsInTime) {
  Send(0, kKey);
  Send(1, kDamaged);
  Send(2);
  Send(3);
  Send(10, kKey);
  EXPECT_EQ(Finish(), (Times{0, 2, 3, 10}));
  EXPECT_EQ(codes_, std::vector<std::string>{"DECODE_ERROR"});
}

TEST_F(CopyGateTest, AtASpliceWhatWasOpenIsWhole) {
  Send(0, kKey);
  Send(1, kDamaged);
  EXPECT_EQ(Finish(true), (Times{0, 1}));
  EXPECT_TRUE(codes_.empty());
}

TEST_F(CopyGateTest, AtTheEndAMarkIsBelieved) {
  Send(0, kKey);
  Send(1, kDamaged);
  EXPECT_EQ(Finish(false), (Times{0}));
  EXPECT_EQ(codes_, std::vector<std::string>{"DECODE_ERROR"});
}

TEST_F(CopyGateTest, NeverShowsWhatAnEditListHides) {
  Send(0, kKey | kHidden);
  Send(1, kHidden);
  EXPECT_TRUE(gate_.hides());
  Send(2);  // is shown, and nobody can decode it
  Send(3);
  Send(10, kKey);
  EXPECT_FALSE(gate_.hides());
  Send(11);
  EXPECT_EQ(Finish(), (Times{10, 11}));
  EXPECT_EQ(codes_, std::vector<std::string>{"EDIT_NOT_COPIED"});
  EXPECT_NE(said_.find("0.32 s"), std::string::npos) << said_;  // 2 to 10
}

TEST_F(CopyGateTest, TellsNothingWhereTheEditCutsAtAKeyFrame) {
  Send(0, kKey | kHidden);
  Send(10, kKey);
  EXPECT_EQ(Finish(), (Times{10}));
  EXPECT_TRUE(codes_.empty());
}

TEST_F(CopyGateTest, TellsWhatIsLostWhereNoKeyFrameFollows) {
  Send(0, kKey | kHidden);
  Send(1);
  Send(2);
  EXPECT_EQ(Finish(), Times{});
  EXPECT_TRUE(gate_.hides());
  EXPECT_EQ(codes_, std::vector<std::string>{"EDIT_NOT_COPIED"});
}

}  // namespace
}  // namespace streamgear::test
