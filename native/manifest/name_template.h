// name_template: file names of segments, init segments and playlists. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace streamgear {

/// What a template may ask for.
struct NameValues {
  std::string id;              ///< $RepresentationID$, %v
  std::int64_t number = 0;     ///< $Number$, %d
  std::int64_t time = 0;       ///< $Time$
  std::int64_t bandwidth = 0;  ///< $Bandwidth$
};

/// DASH (ISO/IEC 23009-1 §5.3.9.4.4): $RepresentationID$, $Number$, $Time$, $Bandwidth$, each with
/// an optional %0Nd, and $$.
[[nodiscard]] std::string ExpandDashTemplate(const std::string& name, const NameValues& values);

/// Only $Bandwidth$ expanded: in a manifest it would stand for Representation@bandwidth, which is
/// measured later.
[[nodiscard]] std::string ExpandDashBandwidth(const std::string& name, std::int64_t bandwidth);

/// HLS, as libavformat's: %v is the variant, %d or %0Nd the segment's number, %% a percent sign.
[[nodiscard]] std::string ExpandHlsTemplate(const std::string& name, const NameValues& values);

}  // namespace streamgear
