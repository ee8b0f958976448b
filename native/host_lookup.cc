#include "host_lookup.h"

#ifdef _WIN32
namespace streamgear {

/// Windows' resolver gives up by itself after some seconds.
std::string LookUpHost(const std::string& /*host*/, const std::function<bool()>& /*is_over*/) {
  return "";
}

}  // namespace streamgear
#else

#include <netdb.h>
#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace streamgear {
namespace {

/// Between the resolver's thread and the one that waits; the last of them frees it.
struct Lookup {
  std::mutex mutex;
  std::condition_variable done;
  bool is_done = false;
  int error = 0;
};

int Resolve(const std::string& host, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* addresses = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &addresses);
  if (error == 0) freeaddrinfo(addresses);
  return error;
}

}  // namespace

std::string LookUpHost(const std::string& host, const std::function<bool()>& is_over) {
  if (Resolve(host, AI_NUMERICHOST) == 0) return "";
  auto lookup = std::make_shared<Lookup>();
  try {
    std::thread([lookup, host] {
      const int error = Resolve(host, 0);
      std::lock_guard lock(lookup->mutex);
      lookup->error = error;
      lookup->is_done = true;
      lookup->done.notify_one();
    }).detach();
  } catch (const std::system_error&) {
    return "";  // no thread: then libavformat's own call may take its time
  }
  constexpr auto kStep = std::chrono::milliseconds(100);
  std::unique_lock lock(lookup->mutex);
  while (!lookup->done.wait_for(lock, kStep, [&] { return lookup->is_done; })) {
    if (is_over()) return "the resolver did not answer for \"" + host + "\"";
  }
  return lookup->error == 0 ? "" : "\"" + host + "\": " + gai_strerror(lookup->error);
}

}  // namespace streamgear
#endif
