// @ts-check
// The progress of the main job: a bar on a terminal, a line now and then without one.

import cliProgress from 'cli-progress';

/** Without a terminal a line per this many milliseconds is enough for a log. */
const LOG_INTERVAL_MS = 2000;

/** @param {number} seconds */
function duration(seconds) {
  if (!Number.isFinite(seconds)) return '--';
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/**
 * Counts frames and shows how many are done, how fast, and how long it will take.
 * @param {number} total frames expected
 * @param {NodeJS.WriteStream} [output]
 * @returns {{ advance(): void, stop(): void }} `advance` once per frame, `stop` in any case
 */
export function createProgress(total, output = process.stdout) {
  const start = performance.now();
  let frames = 0;
  const measure = () => {
    const fps = frames / ((performance.now() - start) / 1000);
    return { fps: fps.toFixed(1), left: duration((total - frames) / fps) };
  };
  return output.isTTY ? bar() : lines();

  function bar() {
    const view = new cliProgress.SingleBar(
      {
        stream: output,
        format: '  {bar} {value}/{total} frames  {fps} fps  {left} left',
        hideCursor: true,
        clearOnComplete: false,
      },
      cliProgress.Presets.shades_classic,
    );
    view.start(total, 0, { fps: '0.0', left: '--' });
    return {
      advance() {
        frames += 1;
        view.update(frames, measure());
      },
      stop: () => view.stop(),
    };
  }

  function lines() {
    let shown = start;
    const print = () => {
      const { fps, left } = measure();
      output.write(`  ${frames}/${total} frames  ${fps} fps  ${left} left\n`);
    };
    return {
      advance() {
        frames += 1;
        if (performance.now() - shown < LOG_INTERVAL_MS) return;
        shown = performance.now();
        print();
      },
      stop: print,
    };
  }
}
