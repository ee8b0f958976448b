// A live presentation without an end, for tests that kill it: endless-live.ts <manifest> <dash | hls> [audio].
import { StreamGear } from '../../src/index.js';
import { boxes, cycle } from './pushed.js';

const [, , output = '', format = '', audio = ''] = process.argv;

const gear = new StreamGear({
  output,
  format,
  streamParams: {
    '-livestream': true,
    '-input_framerate': 25,
    '-preset': 'ultrafast',
    '-streams': [{ '-resolution': '160x90', '-video_bitrate': '100k' }],
    ...(format === 'dash' ? { '-seg_duration': 0.2 } : { '-hls_time': 0.2 }),
    ...(audio === '' ? {} : { '-audio': ['-f', 'lavfi', '-i', 'sine=frequency=440'] }),
  },
});
gear.once('manifest', () => process.stdout.write('manifest\n'));
const pictures = boxes();
for (let index = 0; ; index++) await gear.stream(cycle(pictures, index));
