// Loaded before all tests: what of the machine's environment must not reach them, nor the programs that they start.

// The servers of the tests are on loopback, where no proxy finds them. libcurl, libavformat and ffmpeg all ask for these.
for (const protocol of ['http', 'https', 'ftp', 'all', 'no']) {
  for (const name of [`${protocol}_proxy`, `${protocol.toUpperCase()}_PROXY`]) {
    Reflect.deleteProperty(process.env, name);
  }
}
