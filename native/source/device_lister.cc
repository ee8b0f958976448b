#include "source/device_lister.h"

#include <utility>

#include "source/device_list.h"

namespace streamgear {

DeviceLister::~DeviceLister() {
  Close();
  Join();
}

Status DeviceLister::Start() {
  return worker_.Start(
      "devices", nullptr, [this] { return Run(); },
      [this](const Status& status) { OnDone(status); });
}

Status DeviceLister::Run() {
  std::vector<DeviceInfo> devices = ListDevices([this] { return closed_.load(); });
  if (!closed_.load()) sink_(DevicesListedEvent{std::move(devices)});
  return Status::Ok();
}

void DeviceLister::OnDone(const Status& status) {
  if (!status.ok() && !closed_.load()) sink_(FailedEvent{status.failure()});
  sink_(ClosedEvent{});
}

}  // namespace streamgear
