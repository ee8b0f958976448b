// What the encoders alone need: one thread per rendition encodes pictures that lie in memory,
// scaled and converted before, and writes the packets to a file. No JavaScript, no scaling, no
// manifests.
//
//   limit FRAMES FPS FOLDER  {WIDTH HEIGHT FILE OPTIONS} …
//
// FILE has yuv420p pictures, one behind the other, that are shown forth and back; OPTIONS are
// libx264's, as name=value:name=value. Prints one line of JSON.
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/dict.h>
}

namespace {

struct Job {
  int width = 0;
  int height = 0;
  std::string options;
  /// Shared by the jobs that have the same file.
  std::shared_ptr<const std::vector<std::uint8_t>> pictures;

  std::size_t picture_bytes() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3 / 2;
  }
};

struct Settings {
  int frames = 0;
  int fps = 0;
  std::string folder;
};

struct ContextDeleter {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FrameDeleter {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct PacketDeleter {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using Context = std::unique_ptr<AVCodecContext, ContextDeleter>;
using Frame = std::unique_ptr<AVFrame, FrameDeleter>;
using Packet = std::unique_ptr<AVPacket, PacketDeleter>;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "limit: %s\n", what.c_str());
  std::exit(1);
}

std::shared_ptr<const std::vector<std::uint8_t>> Load(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) Die("no file " + file);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size));
  std::ifstream stream(file, std::ios::binary);
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!stream) Die("could not read " + file);
  return std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
}

Context Open(const Job& job, const Settings& settings) {
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  if (codec == nullptr) Die("no libx264");
  Context context(avcodec_alloc_context3(codec));
  context->width = job.width;
  context->height = job.height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = {1, settings.fps};
  context->framerate = {settings.fps, 1};
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP;
  AVDictionary* options = nullptr;
  av_dict_parse_string(&options, job.options.c_str(), "=", ":", 0);
  const int result = avcodec_open2(context.get(), codec, &options);
  const int unknown = av_dict_count(options);
  av_dict_free(&options);
  if (result < 0 || unknown > 0) Die("the encoder does not take " + job.options);
  return context;
}

void Write(AVCodecContext* context, AVPacket* packet, std::ofstream* out) {
  while (avcodec_receive_packet(context, packet) >= 0) {
    out->write(reinterpret_cast<const char*>(packet->data), packet->size);
    av_packet_unref(packet);
  }
}

/// The picture of a frame: 0 1 2 … n-1 n-2 … 1 0 1 …
std::size_t PictureAt(int index, std::size_t count) {
  const std::size_t at = static_cast<std::size_t>(index) % (2 * count - 2);
  return at < count ? at : 2 * count - 2 - at;
}

void Encode(const Job& job, const Settings& settings, std::size_t index) {
  const Context context = Open(job, settings);
  std::ofstream out(settings.folder + "/chunk-stream" + std::to_string(index) + "-0.h264",
                    std::ios::binary);
  const Packet packet(av_packet_alloc());
  const Frame frame(av_frame_alloc());
  frame->width = job.width;
  frame->height = job.height;
  frame->format = AV_PIX_FMT_YUV420P;
  frame->linesize[0] = job.width;
  frame->linesize[1] = frame->linesize[2] = job.width / 2;
  const std::size_t count = job.pictures->size() / job.picture_bytes();
  if (count < 2) Die("too few pictures");
  const std::size_t luma = job.picture_bytes() * 2 / 3;
  for (int i = 0; i < settings.frames; ++i) {
    // libavcodec has no const in its frames; the encoder does not write to them.
    auto* data =
        const_cast<std::uint8_t*>(job.pictures->data()) + job.picture_bytes() * PictureAt(i, count);
    frame->data[0] = data;
    frame->data[1] = data + luma;
    frame->data[2] = data + luma + luma / 4;
    frame->pts = i;
    if (avcodec_send_frame(context.get(), frame.get()) < 0) Die("a frame was refused");
    Write(context.get(), packet.get(), &out);
  }
  avcodec_send_frame(context.get(), nullptr);
  Write(context.get(), packet.get(), &out);
}

double Seconds(const timeval& value) {
  return static_cast<double>(value.tv_sec) + static_cast<double>(value.tv_usec) / 1e6;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

std::vector<Job> ReadJobs(int argc, char** argv) {
  std::vector<Job> jobs;
  std::vector<std::string> files;
  for (int i = 4; i + 3 < argc; i += 4) {
    Job job{std::atoi(argv[i]), std::atoi(argv[i + 1]), argv[i + 3], nullptr};
    for (std::size_t k = 0; k < files.size(); ++k) {
      if (files[k] == argv[i + 2]) job.pictures = jobs[k].pictures;
    }
    if (job.pictures == nullptr) job.pictures = Load(argv[i + 2]);
    files.emplace_back(argv[i + 2]);
    jobs.push_back(job);
  }
  return jobs;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 8) Die("expected FRAMES FPS FOLDER {WIDTH HEIGHT FILE OPTIONS} …");
  const Settings settings{std::atoi(argv[1]), std::atoi(argv[2]), argv[3]};
  const std::vector<Job> jobs = ReadJobs(argc, argv);
  av_log_set_level(AV_LOG_ERROR);
  const double cpu = CpuSeconds();
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    threads.emplace_back([&, i] { Encode(jobs[i], settings, i); });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf("{\"seconds\":%.4f,\"cpuSeconds\":%.4f}\n", seconds.count(), CpuSeconds() - cpu);
  return 0;
}
