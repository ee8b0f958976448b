#include "video/hw_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "pixels/frame.h"
#include "video/encoder_input.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace streamgear {
namespace {

/// Drivers leave things behind when they are unloaded, which nobody can tell apart by name then.
class DriverScope {
#ifdef __SANITIZE_ADDRESS__
  __lsan::ScopedDisabler disabler_;
#endif
};

constexpr int kWidth = 320;
constexpr int kHeight = 180;

const AVCodec* Find(const char* name) { return avcodec_find_encoder_by_name(name); }

/// A picture of which every sample is another than its neighbours.
FramePtr MakePicture(AVPixelFormat format) {
  FramePool pool(kWidth, kHeight, format);
  FramePtr picture = pool.Get();
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  for (int plane = 0; plane < av_pix_fmt_count_planes(format); ++plane) {
    const int rows = plane == 0 ? kHeight : AV_CEIL_RSHIFT(kHeight, descriptor->log2_chroma_h);
    for (int row = 0; row < rows; ++row) {
      std::uint8_t* line = picture->data[plane] + row * picture->linesize[plane];
      for (int x = 0; x < picture->linesize[plane]; ++x) {
        line[x] = static_cast<std::uint8_t>(16 + (x * 7 + row * 13 + plane * 29) % 220);
      }
    }
  }
  picture->pts = 7;
  picture->colorspace = AVCOL_SPC_BT709;
  return picture;
}

TEST(HardwareEncoders, AreToldFromThoseOfTheProcessor) {
  EXPECT_FALSE(IsHardwareEncoder(Find("libx264")));
  EXPECT_FALSE(IsHardwareEncoder(Find("mpeg4")));
  EXPECT_TRUE(DevicesOf(Find("libx264")).empty());
  for (const char* name : {"h264_nvenc", "h264_vaapi", "h264_qsv", "h264_v4l2m2m", "h264_omx",
                           "h264_amf", "h264_videotoolbox", "h264_vulkan"}) {
    const AVCodec* codec = Find(name);
    if (codec == nullptr) continue;  // not in this libavcodec
    EXPECT_TRUE(IsHardwareEncoder(codec)) << name;
    EXPECT_FALSE(HardwareAdvice(codec).empty());
    for (const AVPixelFormat format : PictureFormatsOf(codec)) {
      EXPECT_EQ(av_pix_fmt_desc_get(format)->flags & AV_PIX_FMT_FLAG_HWACCEL, 0U) << name;
    }
  }
}

TEST(ChooseDevice, TakesWhatTheEncoderNeedsAndWhatIsAskedFor) {
  const AVCodec* vaapi = Find("h264_vaapi");
  const AVCodec* nvenc = Find("h264_nvenc");
  if (vaapi == nullptr || nvenc == nullptr) GTEST_SKIP() << "not in this libavcodec";
  std::optional<DeviceUse> use;
  ASSERT_TRUE(ChooseDevice(vaapi, {}, &use).ok());
  ASSERT_TRUE(use.has_value());
  EXPECT_EQ(use->type, AV_HWDEVICE_TYPE_VAAPI);
  EXPECT_EQ(use->surface, AV_PIX_FMT_VAAPI);
  ASSERT_TRUE(ChooseDevice(nvenc, {}, &use).ok());
  EXPECT_FALSE(use.has_value()) << "it finds its card by itself";
  ASSERT_TRUE(ChooseDevice(nvenc, {.device = "1"}, &use).ok());
  ASSERT_TRUE(use.has_value());
  EXPECT_EQ(use->type, AV_HWDEVICE_TYPE_CUDA);
  EXPECT_EQ(use->surface, AV_PIX_FMT_NONE) << "its pictures stay in memory";
  const Status status = ChooseDevice(vaapi, {.type = "cuda"}, &use);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().code, "HARDWARE_UNAVAILABLE");
  EXPECT_NE(status.failure().message.find("\"cuda\""), std::string::npos);
}

TEST(HwDevice, SaysWhichDeviceItTried) {
  std::unique_ptr<HwDevice> device;
  const Status status =
      HwDevice::Open({.type = AV_HWDEVICE_TYPE_VAAPI},
                     {.device = "/nowhere", .options = {{"driver", "x"}}}, &device);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.failure().code, "HARDWARE_UNAVAILABLE");
  EXPECT_LT(status.failure().averror, 0);
  EXPECT_NE(status.failure().message.find("the vaapi device /nowhere with driver=x"),
            std::string::npos)
      << status.failure().message;
}

/// With a driver that needs no card, such as Mesa's lavapipe for Vulkan, this is the real thing.
TEST(HwDevice, UploadsPicturesUnchanged) {
  [[maybe_unused]] const DriverScope scope;
  std::unique_ptr<HwDevice> device;
  const Status status =
      HwDevice::Open({.type = AV_HWDEVICE_TYPE_VULKAN, .surface = AV_PIX_FMT_VULKAN}, {}, &device);
  if (!status.ok()) GTEST_SKIP() << status.failure().message;
  const Status made = device->MakeSurfaces(kWidth, kHeight, AV_PIX_FMT_NV12);
  ASSERT_TRUE(made.ok()) << made.failure().message;
  ASSERT_TRUE(device->has_surfaces());
  const FramePtr picture = MakePicture(AV_PIX_FMT_NV12);
  FramePtr surface;
  const Status uploaded = device->Upload(*picture, &surface);
  ASSERT_TRUE(uploaded.ok()) << uploaded.failure().message;
  EXPECT_EQ(surface->format, AV_PIX_FMT_VULKAN);
  EXPECT_EQ(surface->pts, 7);
  EXPECT_EQ(surface->colorspace, AVCOL_SPC_BT709);
  const FramePtr back(av_frame_alloc());
  back->format = AV_PIX_FMT_NV12;
  ASSERT_GE(av_hwframe_transfer_data(back.get(), surface.get(), 0), 0);
  for (int row = 0; row < kHeight; ++row) {
    ASSERT_EQ(std::memcmp(back->data[0] + row * back->linesize[0],
                          picture->data[0] + row * picture->linesize[0], kWidth),
              0)
        << "luma row " << row;
  }
  for (int row = 0; row < kHeight / 2; ++row) {
    ASSERT_EQ(std::memcmp(back->data[1] + row * back->linesize[1],
                          picture->data[1] + row * picture->linesize[1], kWidth),
              0)
        << "chroma row " << row;
  }
}

class EncoderInputTest : public ::testing::Test {
 protected:
  Status Create(const char* name, AVPixelFormat layout) {
    const AVCodec* codec = Find(name);
    context_.reset(avcodec_alloc_context3(codec));
    context_->width = kWidth;
    context_->height = kHeight;
    return EncoderInput::Create(codec, context_.get(), layout, {}, &input_);
  }

  CodecContextPtr context_;
  std::unique_ptr<EncoderInput> input_;
};

TEST_F(EncoderInputTest, HandsOnWhatFits) {
  ASSERT_TRUE(Create("libx264", AV_PIX_FMT_YUV420P).ok());
  EXPECT_EQ(context_->pix_fmt, AV_PIX_FMT_YUV420P);
  FramePtr picture = MakePicture(AV_PIX_FMT_YUV420P);
  const std::uint8_t* pixels = picture->data[0];
  ASSERT_TRUE(input_->Prepare(&picture).ok());
  EXPECT_EQ(picture->data[0], pixels) << "not even copied";
}

/// What a card wants, and what a software encoder that takes over from one does not.
TEST_F(EncoderInputTest, ChangesTheLayoutWithoutChangingASample) {
  ASSERT_TRUE(Create("mpeg4", AV_PIX_FMT_NV12).ok());
  EXPECT_EQ(context_->pix_fmt, AV_PIX_FMT_YUV420P);
  FramePtr picture = MakePicture(AV_PIX_FMT_NV12);
  const FramePtr before = ShareFrame(picture.get());
  ASSERT_TRUE(input_->Prepare(&picture).ok());
  EXPECT_EQ(picture->format, AV_PIX_FMT_YUV420P);
  EXPECT_EQ(picture->pts, 7);
  for (int row = 0; row < kHeight; ++row) {
    for (int x = 0; x < kWidth; ++x) {
      ASSERT_EQ(picture->data[0][row * picture->linesize[0] + x],
                before->data[0][row * before->linesize[0] + x]);
      if (row % 2 != 0 || x % 2 != 0) continue;
      const std::uint8_t* pair = before->data[1] + row / 2 * before->linesize[1] + x;
      ASSERT_EQ(picture->data[1][row / 2 * picture->linesize[1] + x / 2], pair[0]);
      ASSERT_EQ(picture->data[2][row / 2 * picture->linesize[2] + x / 2], pair[1]);
    }
  }
}

TEST(EncoderPixelFormat, KeepsTheScalersOwnLayoutWhereTheSamplesAreTheSame) {
  RenditionConfig rendition;
  rendition.codec = "libx264";
  EXPECT_EQ(EncoderPixelFormat(rendition), AV_PIX_FMT_YUV420P);
  rendition.pixel_format = "yuv444p";
  EXPECT_EQ(EncoderPixelFormat(rendition), AV_PIX_FMT_YUV444P);
  rendition = {.codec = "no-such-encoder"};
  EXPECT_EQ(EncoderPixelFormat(rendition), AV_PIX_FMT_NONE);
  rendition = {.codec = "h264_vaapi"};
  if (Find("h264_vaapi") != nullptr) {
    EXPECT_EQ(EncoderPixelFormat(rendition), AV_PIX_FMT_YUV420P);
  }
}

}  // namespace
}  // namespace streamgear
