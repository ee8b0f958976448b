#include "manifest/name_template.h"

#include <cstddef>

namespace streamgear {
namespace {

std::string Padded(std::int64_t value, std::size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

/// Width in "%05d"; 0 when there is none.
std::size_t WidthOf(const std::string& format) {
  std::size_t width = 0;
  for (const char c : format) {
    if (c >= '0' && c <= '9') width = width * 10 + static_cast<std::size_t>(c - '0');
  }
  return width;
}

std::string DashValue(const std::string& identifier, const NameValues& values) {
  const std::size_t percent = identifier.find('%');
  const std::string name = identifier.substr(0, percent);
  const std::size_t width = percent == std::string::npos ? 0 : WidthOf(identifier.substr(percent));
  if (name == "RepresentationID") return values.id;
  if (name == "Number") return Padded(values.number, width);
  if (name == "Time") return Padded(values.time, width);
  if (name == "Bandwidth") return Padded(values.bandwidth, width);
  return "$" + identifier + "$";
}

/// Replaces each $identifier$ by what `value` makes of it.
template <typename Value>
std::string ExpandIdentifiers(const std::string& name, Value value) {
  std::string result;
  std::size_t position = 0;
  while (position < name.size()) {
    const std::size_t open = name.find('$', position);
    const std::size_t close = open == std::string::npos ? open : name.find('$', open + 1);
    if (close == std::string::npos) break;
    result += name.substr(position, open - position);
    result += value(name.substr(open + 1, close - open - 1));
    position = close + 1;
  }
  return result + name.substr(position);
}

}  // namespace

std::string ExpandDashTemplate(const std::string& name, const NameValues& values) {
  return ExpandIdentifiers(name, [&values](const std::string& identifier) {
    return identifier.empty() ? "$" : DashValue(identifier, values);
  });
}

std::string ExpandDashBandwidth(const std::string& name, std::int64_t bandwidth) {
  const NameValues values{.bandwidth = bandwidth};
  return ExpandIdentifiers(name, [&values](const std::string& identifier) {
    const bool matches = identifier.rfind("Bandwidth", 0) == 0;
    return matches ? DashValue(identifier, values) : "$" + identifier + "$";
  });
}

std::string ExpandHlsTemplate(const std::string& name, const NameValues& values) {
  std::string result;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '%') {
      result += name[i];
      continue;
    }
    std::size_t end = i + 1;
    while (end < name.size() && name[end] >= '0' && name[end] <= '9') ++end;
    const char kind = end < name.size() ? name[end] : '\0';
    if (kind == 'v') {
      result += values.id;
    } else if (kind == 'd') {
      result += Padded(values.number, WidthOf(name.substr(i, end - i)));
    } else if (kind == '%') {
      result += '%';
    } else {
      result += name.substr(i, end - i);
      --end;
    }
    i = end;
  }
  return result;
}

}  // namespace streamgear
