// What the encoders alone need: one thread per rendition encodes pictures that lie in memory, scaled
// and converted, and writes the packets to files. No JavaScript, no scaling, no manifests.
//
//   limit FRAMES FPS PRESET CRF GOP THREADS FOLDER  WxH:BITRATE:FILE.yuv …   (yuv420p, forth and back)
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
}

namespace {

struct Job {
  int width = 0;
  int height = 0;
  long bitrate = 0;
  std::vector<std::uint8_t> pictures;
  std::size_t picture_bytes = 0;
};

struct Settings {
  int frames = 0;
  int fps = 0;
  std::string preset;
  std::string crf;
  int gop = 0;
  int threads = 1;
  std::string folder;
};

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "limit: %s\n", what.c_str());
  std::exit(1);
}

Job Parse(const std::string& text) {
  Job job;
  char file[1024];
  if (std::sscanf(text.c_str(), "%dx%d:%ld:%1023s", &job.width, &job.height, &job.bitrate, file) != 4) {
    Die("expected WxH:BITRATE:FILE but received " + text);
  }
  std::ifstream stream(file, std::ios::binary);
  job.pictures.assign(std::istreambuf_iterator<char>(stream), {});
  job.picture_bytes = static_cast<std::size_t>(job.width) * job.height * 3 / 2;
  if (job.pictures.size() < 2 * job.picture_bytes) Die("too few pictures in " + std::string(file));
  return job;
}

AVCodecContext* Open(const Job& job, const Settings& settings) {
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  if (codec == nullptr) Die("no libx264");
  AVCodecContext* context = avcodec_alloc_context3(codec);
  context->width = job.width;
  context->height = job.height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = {1, settings.fps};
  context->framerate = {settings.fps, 1};
  context->gop_size = settings.gop;
  context->thread_count = settings.threads;
  context->bit_rate = 0;
  context->rc_max_rate = job.bitrate * 3 / 2;
  context->rc_buffer_size = static_cast<int>(job.bitrate * 2);
  context->max_b_frames = 0;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP;
  av_opt_set(context->priv_data, "preset", settings.preset.c_str(), 0);
  av_opt_set(context->priv_data, "tune", "zerolatency", 0);
  av_opt_set(context->priv_data, "crf", settings.crf.c_str(), 0);
  av_opt_set(context->priv_data, "profile", "high", 0);
  av_opt_set(context, "sc_threshold", "0", AV_OPT_SEARCH_CHILDREN);
  if (avcodec_open2(context, codec, nullptr) < 0) Die("the encoder could not be opened");
  return context;
}

void Write(AVCodecContext* context, AVPacket* packet, std::ofstream* out) {
  while (avcodec_receive_packet(context, packet) >= 0) {
    out->write(reinterpret_cast<const char*>(packet->data), packet->size);
    av_packet_unref(packet);
  }
}

void Encode(const Job& job, const Settings& settings, std::size_t index) {
  AVCodecContext* context = Open(job, settings);
  std::ofstream out(settings.folder + "/limit-" + std::to_string(index) + ".h264", std::ios::binary);
  out.write(reinterpret_cast<const char*>(context->extradata), context->extradata_size);
  AVPacket* packet = av_packet_alloc();
  AVFrame* frame = av_frame_alloc();
  frame->width = job.width;
  frame->height = job.height;
  frame->format = AV_PIX_FMT_YUV420P;
  const int count = static_cast<int>(job.pictures.size() / job.picture_bytes);
  const int luma = job.width * job.height;
  for (int i = 0; i < settings.frames; ++i) {
    const int at = i % (2 * count - 2);
    auto* data = const_cast<std::uint8_t*>(job.pictures.data()) +
                 job.picture_bytes * static_cast<std::size_t>(at < count ? at : 2 * count - 2 - at);
    frame->data[0] = data;
    frame->data[1] = data + luma;
    frame->data[2] = data + luma + luma / 4;
    frame->linesize[0] = job.width;
    frame->linesize[1] = frame->linesize[2] = job.width / 2;
    frame->pts = i;
    frame->pict_type = i % settings.gop == 0 ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    if (avcodec_send_frame(context, frame) < 0) Die("a frame was refused");
    Write(context, packet, &out);
  }
  avcodec_send_frame(context, nullptr);
  Write(context, packet, &out);
  av_frame_free(&frame);
  av_packet_free(&packet);
  avcodec_free_context(&context);
}

double Seconds(const timeval& value) { return static_cast<double>(value.tv_sec) + value.tv_usec / 1e6; }

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 9) Die("expected FRAMES FPS PRESET CRF GOP THREADS FOLDER WxH:BITRATE:FILE …");
  const Settings settings{std::atoi(argv[1]), std::atoi(argv[2]), argv[3],           argv[4],
                          std::atoi(argv[5]), std::atoi(argv[6]), std::string(argv[7])};
  std::vector<Job> jobs;
  for (int i = 8; i < argc; ++i) jobs.push_back(Parse(argv[i]));
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
