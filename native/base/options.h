// options: what libav says of its own options, for validation before anything is opened. Any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace streamgear {

enum class ComponentKind { kEncoder, kMuxer, kDemuxer, kProtocol };

/// One option. See NativeOption in src/native/native-binding.ts.
struct OptionInfo {
  std::string name;
  std::string help;
  std::string type;  ///< "flags" | "int" | … | "other"
  std::string default_value;
  double min = 0;
  double max = 0;
  std::vector<std::string> constants;  ///< named values
  bool is_private = false;             ///< of the component itself, not of the generic context
};

/// One video encoder of the local libavcodec.
struct EncoderInfo {
  std::string name;         ///< "libx264"
  std::string codec;        ///< "h264"
  std::string description;  ///< libav's long name
  bool hardware = false;
  std::vector<std::string> pixel_formats;  ///< of pictures in memory; empty when it does not say
  std::vector<std::string> devices;        ///< types of hardware devices that it can be given
  bool reorders =
      false;  ///< the codec knows B-frames, so presentation and decoding order may differ
};

/// One audio encoder of the local libavcodec.
struct AudioEncoderInfo {
  std::string name;         ///< "libopus"
  std::string codec;        ///< "opus"
  std::string description;  ///< libav's long name
  bool experimental = false;
  std::vector<int> sample_rates;  ///< Hz, ascending; empty when it takes any
  std::vector<int> channels;      ///< ascending; empty when it takes any number
};

/// One linked library. `name` is "libavcodec", …; `version` is "59.37.100". The last entry is
/// "license".
struct LibraryVersion {
  std::string name;
  std::string version;
};

/// Options of a component, its private ones first, then those of the generic context that fit it.
/// Empty when there is no such component.
[[nodiscard]] std::vector<OptionInfo> ListOptions(ComponentKind kind, const std::string& name);

/// Tries the value on a fresh context. "" = fine, else the reason in libav's words. One component
/// is not enough to judge pairs of options that exclude each other; only opening it does that.
[[nodiscard]] std::string CheckOption(ComponentKind kind, const std::string& name,
                                      const std::string& key, const std::string& value);

/// In libavcodec's own order: for each codec the preferred encoder comes first.
[[nodiscard]] std::vector<EncoderInfo> ListVideoEncoders();
[[nodiscard]] std::vector<AudioEncoderInfo> ListAudioEncoders();

[[nodiscard]] std::vector<LibraryVersion> Versions();

}  // namespace streamgear
