#include "video/encoder_trial.h"

#include <gtest/gtest.h>

#include "base/av.h"
#include "pipeline_fixture.h"

namespace streamgear::test {
namespace {

TrialConfig MakeTrial(const std::string& codec, OptionList options = {{"b", "500000"}}) {
  RenditionConfig rendition{.width = 320, .height = 192, .codec = codec};
  rendition.options = std::move(options);
  return {.rendition = std::move(rendition), .hardware = {}};
}

TEST(EncoderTrial, TellsWhatWorksAndWhyNot) {
  EventRecorder recorder;
  EncoderTrial trial({MakeTrial("libx264"), MakeTrial("no-such-encoder"),
                      MakeTrial("libx264", {{"level", "banana"}}), MakeTrial("libx264")},
                     recorder.sink());
  ASSERT_TRUE(trial.Start().ok());
  trial.Join();
  EXPECT_TRUE(recorder.LastIsClosed());
  const auto tried = recorder.All<EncoderTriedEvent>();
  ASSERT_EQ(tried.size(), 4U);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tried[static_cast<std::size_t>(i)].index, i);
  EXPECT_TRUE(tried[0].works) << tried[0].failure.message;
  EXPECT_FALSE(tried[1].works);
  EXPECT_EQ(tried[1].failure.code, "ENCODER_NOT_FOUND");
  EXPECT_FALSE(tried[2].works);
  EXPECT_EQ(tried[2].failure.code, "ENCODER_OPEN_FAILED");
  EXPECT_TRUE(tried[3].works) << "what went wrong before is over";
}

TEST(EncoderTrial, OpensTheDeviceThatIsNamed) {
  if (avcodec_find_encoder_by_name("h264_vaapi") == nullptr) GTEST_SKIP();
  EventRecorder recorder;
  TrialConfig config = MakeTrial("h264_vaapi");
  config.hardware.device = "/nowhere";
  EncoderTrial trial({config}, recorder.sink());
  ASSERT_TRUE(trial.Start().ok());
  trial.Join();
  const auto tried = recorder.All<EncoderTriedEvent>();
  ASSERT_EQ(tried.size(), 1U);
  EXPECT_FALSE(tried[0].works);
  EXPECT_EQ(tried[0].failure.code, "HARDWARE_UNAVAILABLE");
  EXPECT_NE(tried[0].failure.message.find("/nowhere"), std::string::npos);
}

TEST(EncoderTrial, EndsEarlyWhenItIsClosed) {
  EventRecorder recorder;
  {
    EncoderTrial trial(std::vector<TrialConfig>(2000, MakeTrial("libx264")), recorder.sink());
    ASSERT_TRUE(trial.Start().ok());
    ASSERT_TRUE(recorder.WaitFor<EncoderTriedEvent>());
    trial.Close();
    trial.Close();
  }
  EXPECT_LT(recorder.All<EncoderTriedEvent>().size(), 2000U);
  EXPECT_TRUE(recorder.LastIsClosed());
  EncoderTrial never(std::vector<TrialConfig>{}, recorder.sink());
}

}  // namespace
}  // namespace streamgear::test
