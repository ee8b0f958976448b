// host_lookup: asks the system's resolver, which cannot be interrupted, without being stuck in it.
#pragma once

#include <functional>
#include <string>

namespace streamgear {

/// Waits until the resolver knows an address of `host`, or until `is_over`. "" when it does; else
/// the reason. The resolver runs on a thread that is left behind when it hangs. libavformat asks
/// again when it connects, and then finds a resolver that answers.
[[nodiscard]] std::string LookUpHost(const std::string& host, const std::function<bool()>& is_over);

}  // namespace streamgear
