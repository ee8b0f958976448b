#include "source/device_list.h"

#include <mutex>

#include "base/av.h"
#include "base/log.h"

extern "C" {
#include <libavdevice/avdevice.h>
}

namespace streamgear {
namespace {

std::string Text(const char* text) { return text == nullptr ? "" : text; }

/// A format may list devices of both kinds (avfoundation, dshow); then each says what it gives.
std::string KindOf(const AVDeviceInfo& device, bool video_format) {
  for (int i = 0; i < device.nb_media_types; ++i) {
    if (device.media_types[i] == AVMEDIA_TYPE_VIDEO) return "video";
    if (device.media_types[i] == AVMEDIA_TYPE_AUDIO) return "audio";
  }
  return video_format ? "video" : "audio";
}

void Append(const AVInputFormat* format, bool video_format, std::vector<DeviceInfo>* devices) {
  AVDeviceInfoList* list = nullptr;
  // Many cannot list, or have nothing to list: that is no error.
  if (avdevice_list_input_sources(format, nullptr, nullptr, &list) >= 0 && list != nullptr) {
    for (int i = 0; i < list->nb_devices; ++i) {
      const AVDeviceInfo& device = *list->devices[i];
      devices->push_back({.format = format->name,
                          .name = Text(device.device_name),
                          .description = Text(device.device_description),
                          .kind = KindOf(device, video_format),
                          .is_default = i == list->default_device});
    }
  }
  avdevice_free_list_devices(&list);
}

}  // namespace

void RegisterDevices() {
  static std::once_flag once;
  std::call_once(once, [] { avdevice_register_all(); });
}

std::vector<DeviceInfo> ListDevices(const std::function<bool()>& cancelled) {
  RegisterDevices();
  LogRing log{EventSink()};  // that a sound server does not run is of no interest here
  const LogScope scope(&log);
  std::vector<DeviceInfo> devices;
  for (const AVInputFormat* format = av_input_video_device_next(nullptr);
       format != nullptr && !cancelled(); format = av_input_video_device_next(format)) {
    Append(format, true, &devices);
  }
  for (const AVInputFormat* format = av_input_audio_device_next(nullptr);
       format != nullptr && !cancelled(); format = av_input_audio_device_next(format)) {
    Append(format, false, &devices);
  }
  return devices;
}

}  // namespace streamgear
