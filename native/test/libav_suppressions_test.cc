// Not a test: what ThreadSanitizer is told when it runs the tests.
//
// The system's libav is not compiled with ThreadSanitizer, which therefore does not see the atomics
// and barriers by which its own threads hand frames over, only the malloc, free and memset around
// them. Races between threads of ours that call no libav are still reported.

// NOLINTNEXTLINE: the sanitizer's name for it.
extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "race:libavcodec.so\n"
         "race:libavutil.so\n"
         "race:libavformat.so\n"
         "race:libavfilter.so\n"
         "race:libswresample.so\n"
         "race:libswscale.so\n";
}
