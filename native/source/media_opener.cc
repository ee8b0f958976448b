#include "source/media_opener.h"

#include <utility>

namespace streamgear {

MediaOpener::MediaOpener(MediaInputConfig config, EventSink sink)
    : sink_(std::move(sink)),
      log_(EventSink()),
      input_(std::make_unique<MediaInput>(std::move(config))) {}

MediaOpener::~MediaOpener() {
  Close();
  Join();
}

Status MediaOpener::Start() {
  return worker_.Start(
      "opener", &log_, [this] { return Run(); }, [this](const Status& status) { OnDone(status); });
}

Status MediaOpener::Run() {
  // Close() may cancel it meanwhile, but nobody takes it before it is open.
  MediaInput& input = *input_;
  if (Status status = input.Open(); !status.ok()) return status;
  MediaInfo info = input.info();
  std::unique_lock lock(mutex_);
  open_ = !done_;
  if (open_) sink_(MediaOpenedEvent{std::move(info)});
  changed_.wait(lock, [this] { return done_; });
  return Status::Ok();
}

void MediaOpener::OnDone(const Status& status) {
  std::unique_ptr<MediaInput> rest;
  bool closed = false;
  {
    std::lock_guard lock(mutex_);
    closed = std::exchange(done_, true);
    rest = std::move(input_);
  }
  rest.reset();  // here: closing may take its time
  if (!status.ok() && !closed) {
    Failure failure = status.failure();
    if (failure.log.empty()) failure.log = log_.LastComplaint();
    sink_(FailedEvent{std::move(failure)});
  }
  sink_(ClosedEvent{});
}

std::unique_ptr<MediaInput> MediaOpener::Take() {
  std::unique_ptr<MediaInput> taken;
  {
    std::lock_guard lock(mutex_);
    if (!open_ || done_) return nullptr;
    done_ = true;
    taken = std::move(input_);
  }
  changed_.notify_all();
  return taken;
}

void MediaOpener::Close() {
  {
    std::lock_guard lock(mutex_);
    done_ = true;
    if (input_ != nullptr) input_->Cancel();
  }
  changed_.notify_all();
}

void MediaOpener::Join() { worker_.Join(); }

bool MediaOpener::JoinUntil(std::chrono::steady_clock::time_point deadline) {
  return worker_.JoinUntil(deadline);
}

}  // namespace streamgear
