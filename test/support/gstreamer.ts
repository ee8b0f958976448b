// GStreamer as a second set of demuxers and decoders.
import { pathToFileURL } from 'node:url';

import { run } from './run.js';

/**
 * Plays a manifest or file to its end as fast as it decodes, without a screen.
 * @returns '' when all is well, else what GStreamer said.
 */
export async function gstreamerErrors(input: string): Promise<string> {
  const uri = /^[a-z][a-z0-9+.-]+:/i.test(input) ? input : pathToFileURL(input).href;
  const sinks = ['video-sink=fakesink sync=false', 'audio-sink=fakesink sync=false'];
  const result = await run('gst-launch-1.0', ['-q', 'playbin', `uri=${uri}`, ...sinks], {
    // The registry of a first run would be written to the home directory.
    env: { ...process.env, GST_REGISTRY_FORK: 'no' },
  });
  const said = `${result.stdout}${result.stderr}`.trim();
  if (result.code !== 0) return said || `gst-launch-1.0 ended with ${result.code}`;
  return /\bERROR\b/.test(said) ? said : '';
}
