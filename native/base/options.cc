#include "base/options.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>

#include "audio/audio_encoder_format.h"
#include "base/av.h"
#include "base/log.h"
#include "source/device_list.h"
#include "video/hw_device.h"

extern "C" {
#include <libavdevice/avdevice.h>
#include <libavfilter/avfilter.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

namespace streamgear {
namespace {

const AVClass* ChildClass(const AVClass* parent, std::string_view name) {
  void* iterator = nullptr;
  while (const AVClass* child = av_opt_child_class_iterate(parent, &iterator)) {
    if (child->class_name == name) return child;
  }
  return nullptr;
}

/// What every protocol takes (rw_timeout, protocol_whitelist …). Not exported: reached from
/// AVFormatContext's class.
const AVClass* GenericProtocolClass() {
  const AVClass* io = ChildClass(avformat_get_class(), "AVIOContext");
  return io == nullptr ? nullptr : ChildClass(io, "URLContext");
}

bool ProtocolExists(const std::string& name) {
  for (const int output : {0, 1}) {
    void* iterator = nullptr;
    while (const char* protocol = avio_enum_protocols(&iterator, output)) {
      if (name == protocol) return true;
    }
  }
  return false;
}

/// The two places where a component's options are. Either may be null.
struct Component {
  bool exists = false;
  const AVClass* own = nullptr;
  const AVClass* generic = nullptr;
  int own_flags = 0;      ///< an option that has any of them fits; 0 = all fit
  int generic_flags = 0;  ///< an option that has all of them fits
};

Component FindComponent(ComponentKind kind, const std::string& name) {
  RegisterDevices();
  Component component;
  switch (kind) {
    case ComponentKind::kEncoder:
      if (const AVCodec* codec = avcodec_find_encoder_by_name(name.c_str())) {
        const bool video = codec->type == AVMEDIA_TYPE_VIDEO;
        component = {true, codec->priv_class, avcodec_get_class(), AV_OPT_FLAG_ENCODING_PARAM,
                     AV_OPT_FLAG_ENCODING_PARAM |
                         (video ? AV_OPT_FLAG_VIDEO_PARAM : AV_OPT_FLAG_AUDIO_PARAM)};
      }
      break;
    case ComponentKind::kMuxer:
      if (const AVOutputFormat* muxer = av_guess_format(name.c_str(), nullptr, nullptr)) {
        component = {true, muxer->priv_class, avformat_get_class(), AV_OPT_FLAG_ENCODING_PARAM,
                     AV_OPT_FLAG_ENCODING_PARAM};
      }
      break;
    case ComponentKind::kDemuxer:
      if (const AVInputFormat* demuxer = av_find_input_format(name.c_str())) {
        component = {true, demuxer->priv_class, avformat_get_class(), AV_OPT_FLAG_DECODING_PARAM,
                     AV_OPT_FLAG_DECODING_PARAM};
      }
      break;
    case ComponentKind::kProtocol:
      if (ProtocolExists(name)) {
        component = {true, avio_protocol_get_class(name.c_str()), GenericProtocolClass(), 0, 0};
      }
      break;
  }
  return component;
}

const AVOption* NextOption(const AVClass* av_class, const AVOption* previous) {
  return av_opt_next(&av_class,
                     previous);  // libav takes the address of a class for an object without values
}

/// A zeroed block that is to libav's option system an object of a class: options are read and
/// written at their offsets. So no codec, muxer, device or connection has to be made to ask about a
/// value. Children are not looked at. What libav says on this thread meanwhile is kept here.
class ProbeObject {
 public:
  explicit ProbeObject(const AVClass* av_class) {
    std::size_t size = kSlack;
    for (const AVOption* option = nullptr; (option = NextOption(av_class, option)) != nullptr;) {
      size = std::max(size, static_cast<std::size_t>(std::max(option->offset, 0)) + kSlack);
    }
    block_.resize(size / sizeof(std::uint64_t) + 1);
    std::memcpy(block_.data(), &av_class, sizeof(av_class));
    av_opt_set_defaults(get());
  }
  ~ProbeObject() { av_opt_free(get()); }
  ProbeObject(const ProbeObject&) = delete;
  ProbeObject& operator=(const ProbeObject&) = delete;

  /// "" = fine, else why not. The log line ("Value 99.000000 for parameter 'crf' out of range [-1 -
  /// 51]") says more than the error code.
  [[nodiscard]] std::string Set(const std::string& key, const std::string& value) {
    const int error = av_opt_set(get(), key.c_str(), value.c_str(), 0);
    if (error >= 0) return "";
    const std::string line = log_.LastComplaint();
    return line.empty() ? AvErrorText(error) : line;
  }

  [[nodiscard]] std::string Value(const char* name) {
    std::uint8_t* text = nullptr;
    if (av_opt_get(get(), name, 0, &text) < 0 || text == nullptr) return "";
    const std::unique_ptr<std::uint8_t, decltype(&av_free)> owner(text, av_free);
    return reinterpret_cast<const char*>(text);
  }

 private:
  /// More than the largest value (an AVChannelLayout) and than what a class's item_name() reads of
  /// a context's head.
  static constexpr std::size_t kSlack = 256;

  [[nodiscard]] void* get() { return block_.data(); }

  LogRing log_{EventSink()};
  LogScope scope_{&log_};
  std::vector<std::uint64_t> block_;  ///< allocated with the alignment of any type
};

const char* TypeName(const AVOption& option) {
  // From FFmpeg 7 on this bit marks a list of values; before, it is never set.
  constexpr int kArrayFlag = 1 << 16;
  switch (static_cast<AVOptionType>(static_cast<int>(option.type) & ~kArrayFlag)) {
    case AV_OPT_TYPE_FLAGS:
      return "flags";
    case AV_OPT_TYPE_INT:
#if LIBAVUTIL_VERSION_MAJOR >= 60
    case AV_OPT_TYPE_UINT:
#endif
      return "int";
    case AV_OPT_TYPE_INT64:
      return "int64";
    case AV_OPT_TYPE_UINT64:
      return "uint64";
    case AV_OPT_TYPE_DOUBLE:
      return "double";
    case AV_OPT_TYPE_FLOAT:
      return "float";
    case AV_OPT_TYPE_STRING:
      return "string";
    case AV_OPT_TYPE_RATIONAL:
      return "rational";
    case AV_OPT_TYPE_BINARY:
      return "binary";
    case AV_OPT_TYPE_DICT:
      return "dict";
    case AV_OPT_TYPE_BOOL:
      return "bool";
    case AV_OPT_TYPE_DURATION:
      return "duration";
    case AV_OPT_TYPE_COLOR:
      return "color";
    case AV_OPT_TYPE_IMAGE_SIZE:
      return "size";
    case AV_OPT_TYPE_VIDEO_RATE:
      return "rate";
    case AV_OPT_TYPE_PIXEL_FMT:
      return "pixelFormat";
    case AV_OPT_TYPE_SAMPLE_FMT:
      return "sampleFormat";
    case AV_OPT_TYPE_CHLAYOUT:
      return "channelLayout";
    case AV_OPT_TYPE_CONST:
      return "constant";
    default:
      return "other";
  }
}

/// Named values of an option of `av_class`. Some of the generic context, such as "profile", have
/// theirs in the component's own class.
std::vector<std::string> ConstantsOf(const AVClass* av_class, const AVOption& option,
                                     const Component& component) {
  std::vector<std::string> names;
  if (option.unit == nullptr) return names;
  const auto append = [&](const AVClass* from) {
    for (const AVOption* other = nullptr; (other = NextOption(from, other)) != nullptr;) {
      if (other->type == AV_OPT_TYPE_CONST && other->unit != nullptr &&
          std::strcmp(other->unit, option.unit) == 0) {
        names.emplace_back(other->name);
      }
    }
  };
  append(av_class);
  const bool is_shared = (option.flags & AV_OPT_FLAG_CHILD_CONSTS) != 0;
  if (is_shared && component.own != nullptr && component.own != av_class) append(component.own);
  return names;
}

bool IsSettable(const AVOption& option) {
  return option.type != AV_OPT_TYPE_CONST && (option.flags & AV_OPT_FLAG_READONLY) == 0;
}

bool Fits(const AVOption& option, const Component& component, bool is_private) {
  if (!IsSettable(option)) return false;
  if (!is_private) return (option.flags & component.generic_flags) == component.generic_flags;
  // Some components do not mark their own options at all.
  constexpr int kDirections = AV_OPT_FLAG_ENCODING_PARAM | AV_OPT_FLAG_DECODING_PARAM;
  return component.own_flags == 0 || (option.flags & kDirections) == 0 ||
         (option.flags & component.own_flags) != 0;
}

void AppendOptions(const AVClass* av_class, const Component& component, bool is_private,
                   std::vector<OptionInfo>* list) {
  if (av_class == nullptr) return;
  ProbeObject object(av_class);
  for (const AVOption* option = nullptr; (option = NextOption(av_class, option)) != nullptr;) {
    if (!Fits(*option, component, is_private)) continue;
    const bool known = std::any_of(list->begin(), list->end(), [option](const OptionInfo& other) {
      return other.name == option->name;
    });
    if (known) continue;  // libav looks at the private ones first, too
    list->push_back({.name = option->name,
                     .help = option->help == nullptr ? "" : option->help,
                     .type = TypeName(*option),
                     .default_value = object.Value(option->name),
                     .min = option->min,
                     .max = option->max,
                     .constants = ConstantsOf(av_class, *option, component),
                     .is_private = is_private});
  }
}

const AVOption* FindOption(const AVClass* av_class, const Component& component, bool is_private,
                           const std::string& key) {
  if (av_class == nullptr) return nullptr;
  for (const AVOption* option = nullptr; (option = NextOption(av_class, option)) != nullptr;) {
    if (key == option->name && Fits(*option, component, is_private)) return option;
  }
  return nullptr;
}

}  // namespace

std::vector<OptionInfo> ListOptions(ComponentKind kind, const std::string& name) {
  const Component component = FindComponent(kind, name);
  std::vector<OptionInfo> list;
  AppendOptions(component.own, component, true, &list);
  AppendOptions(component.generic, component, false, &list);
  return list;
}

std::string CheckOption(ComponentKind kind, const std::string& name, const std::string& key,
                        const std::string& value) {
  const Component component = FindComponent(kind, name);
  if (!component.exists) return "libav has no \"" + name + "\"";
  if (FindOption(component.own, component, true, key) != nullptr) {
    return ProbeObject(component.own).Set(key, value);
  }
  const AVOption* option = FindOption(component.generic, component, false, key);
  if (option == nullptr) return AvErrorText(AVERROR_OPTION_NOT_FOUND);
  // The object has no children, so constants of the component's own class are looked up here.
  const std::vector<std::string> constants = ConstantsOf(component.generic, *option, component);
  if (std::ranges::find(constants, value) != constants.end()) return "";
  return ProbeObject(component.generic).Set(key, value);
}

std::vector<EncoderInfo> ListVideoEncoders() {
  std::vector<EncoderInfo> list;
  void* iterator = nullptr;
  while (const AVCodec* codec = av_codec_iterate(&iterator)) {
    if (av_codec_is_encoder(codec) == 0 || codec->type != AVMEDIA_TYPE_VIDEO) continue;
    const AVCodecDescriptor* descriptor = avcodec_descriptor_get(codec->id);
    EncoderInfo info{
        .name = codec->name,
        .codec = avcodec_get_name(codec->id),
        .description = codec->long_name == nullptr ? "" : codec->long_name,
        .hardware = IsHardwareEncoder(codec),
        .devices = DevicesOf(codec),
        .reorders = descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_REORDER) != 0};
    for (const AVPixelFormat format : PictureFormatsOf(codec)) {
      if (const char* format_name = av_get_pix_fmt_name(format)) {
        info.pixel_formats.emplace_back(format_name);
      }
    }
    list.push_back(std::move(info));
  }
  return list;
}

std::vector<AudioEncoderInfo> ListAudioEncoders() {
  std::vector<AudioEncoderInfo> list;
  void* iterator = nullptr;
  while (const AVCodec* codec = av_codec_iterate(&iterator)) {
    if (av_codec_is_encoder(codec) == 0 || codec->type != AVMEDIA_TYPE_AUDIO) continue;
    list.push_back({.name = codec->name,
                    .codec = avcodec_get_name(codec->id),
                    .description = codec->long_name == nullptr ? "" : codec->long_name,
                    .experimental = (codec->capabilities & AV_CODEC_CAP_EXPERIMENTAL) != 0,
                    .sample_rates = SampleRatesFor(codec),
                    .channels = ChannelCountsFor(codec)});
  }
  return list;
}

std::vector<LibraryVersion> Versions() {
  const auto text = [](unsigned version) {
    return std::to_string(AV_VERSION_MAJOR(version)) + "." +
           std::to_string(AV_VERSION_MINOR(version)) + "." +
           std::to_string(AV_VERSION_MICRO(version));
  };
  return {{"libavcodec", text(avcodec_version())},       {"libavformat", text(avformat_version())},
          {"libavutil", text(avutil_version())},         {"libswscale", text(swscale_version())},
          {"libswresample", text(swresample_version())}, {"libavfilter", text(avfilter_version())},
          {"libavdevice", text(avdevice_version())},     {"license", avcodec_license()}};
}

}  // namespace streamgear
