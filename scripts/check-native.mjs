// Runs before the addon is built: says what is missing and how to install it, instead of letting
// the compiler fail with a page of errors.
import { existsSync } from 'node:fs';

import { describeMissing, findMissing } from './requirements.mjs';

/** MSVC has no pkg-config; node-gyp itself says what it misses of Visual Studio and Python. */
function checkWindows() {
  const folder = process.env.STREAMGEAR_FFMPEG_DIR;
  const headers = ['libavcodec/avcodec.h', 'curl/curl.h'];
  if (folder !== undefined && headers.every((name) => existsSync(`${folder}/include/${name}`))) {
    return;
  }
  console.error(
    'Expected STREAMGEAR_FFMPEG_DIR to be the folder of an FFmpeg development build (5.1 or later, ' +
      `with include/ and lib/) that also holds libcurl's (7.87 or later) but received ${folder === undefined ? 'nothing' : `"${folder}"`}`,
  );
  process.exitCode = 1;
}

if (process.platform === 'win32') {
  checkWindows();
} else {
  const missing = findMissing(new Set(['build']));
  if (missing.length > 0) {
    console.error(describeMissing(missing));
    process.exitCode = 1;
  }
}
