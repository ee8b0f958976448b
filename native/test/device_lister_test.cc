// The capture devices of this machine, asked for on a thread.
#include "source/device_lister.h"

#include <gtest/gtest.h>

#include "pipeline_fixture.h"

namespace streamgear::test {
namespace {

TEST(DeviceLister, ListsOnceThenCloses) {
  EventRecorder recorder;
  DeviceLister lister(recorder.sink());
  ASSERT_TRUE(lister.Start().ok());
  lister.Join();
  const std::vector<DevicesListedEvent> listed = recorder.All<DevicesListedEvent>();
  ASSERT_EQ(listed.size(), 1U);
  for (const DeviceInfo& device : listed[0].devices) {
    EXPECT_FALSE(device.format.empty());
    EXPECT_TRUE(device.kind == "audio" || device.kind == "video") << device.kind;
  }
  EXPECT_TRUE(recorder.LastIsClosed());
}

TEST(DeviceLister, ListsNothingOnceItIsClosed) {
  EventRecorder recorder;
  DeviceLister lister(recorder.sink());
  lister.Close();
  ASSERT_TRUE(lister.Start().ok());
  lister.Join();
  EXPECT_TRUE(recorder.All<DevicesListedEvent>().empty());
  EXPECT_TRUE(recorder.LastIsClosed());
}

TEST(DeviceLister, MayBeDestroyedBeforeItHasListed) {
  EventRecorder recorder;
  {
    DeviceLister lister(recorder.sink());
    ASSERT_TRUE(lister.Start().ok());
  }
  EXPECT_TRUE(recorder.LastIsClosed());
}

}  // namespace
}  // namespace streamgear::test
