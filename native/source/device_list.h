// device_list: the capture devices of this machine, as far as libavdevice can list them.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace streamgear {

struct DeviceInfo {
  std::string format;       ///< libavdevice's name, "v4l2"
  std::string name;         ///< what to open, "/dev/video0"
  std::string description;  ///< for a person
  std::string kind;         ///< "audio" | "video"
  bool is_default = false;
};

/// Makes libavformat know libavdevice's formats. Cheap when that is done.
void RegisterDevices();

/// Asks every input device that can list its sources. Waits for drivers and sound servers, for as
/// long as one hangs. Between two of them it ends when `cancelled` says so.
[[nodiscard]] std::vector<DeviceInfo> ListDevices(const std::function<bool()>& cancelled);

}  // namespace streamgear
