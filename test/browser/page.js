// Runs in the browser: plays a presentation to its end, forces another rendition for every segment,
// and notes what it sees. window.play(player, url, seconds) resolves to the report that
// players.test.ts checks.

/* global AudioContext, dashjs, document, Hls, setInterval, clearInterval, setTimeout, window */

const video = document.querySelector('#video');

/** How often is looked whether it goes on. */
const LOOK_MS = 20;

/** A function that says how loud it is just now: the root mean square of the last samples. */
async function listen() {
  const context = new AudioContext();
  await context.resume();
  const analyser = context.createAnalyser();
  context.createMediaElementSource(video).connect(analyser);
  analyser.connect(context.destination);
  const samples = new Float32Array(analyser.fftSize);
  return () => {
    analyser.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
  };
}

/** Notes each size of the displayed frames, in order, the longest standstill, and how much is heard. */
async function observe() {
  const seen = { sizes: [], longestStall: 0, heard: 0, silent: 0 };
  const loudness = await listen();
  const onFrame = () => {
    const size = `${video.videoWidth}x${video.videoHeight}`;
    if (seen.sizes.at(-1) !== size) seen.sizes.push(size);
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
  let lastTime = 0;
  let still = 0;
  const timer = setInterval(() => {
    if (video.currentTime === lastTime) {
      // By looks, not by the clock: where the whole machine stands still, nobody sees it.
      still += LOOK_MS;
      return;
    }
    if (lastTime > 0) seen.longestStall = Math.max(seen.longestStall, still / 1000);
    lastTime = video.currentTime;
    still = 0;
    if (loudness() > 0.02) seen.heard++;
    else seen.silent++;
  }, LOOK_MS);
  return { seen, stop: () => clearInterval(timer) };
}

/** hls.js: loadLevel is the level of the next fragment, without a flush of the buffer. */
function playHls(url, errors, requested) {
  const hls = new Hls({ capLevelToPlayerSize: false, startLevel: 0, testBandwidth: false });
  hls.on(Hls.Events.ERROR, (_, { type, details, fatal, frag }) => {
    const where = frag === undefined ? '' : ` of ${frag.type} segment ${frag.sn}`;
    errors.push(`hls.js ${type} ${details}${where}${fatal ? ' fatal' : ''}`);
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    video.play().catch((error) => errors.push(String(error)));
  });
  hls.on(Hls.Events.FRAG_LOADING, (_, { frag }) => {
    if (frag.type !== 'main' || frag.sn === 'initSegment') return;
    requested.push(hls.levels[frag.level].height);
  });
  hls.on(Hls.Events.FRAG_PARSED, (_, { frag }) => {
    // Behind the last segment a switch would only make hls.js load that one again.
    if (frag.type !== 'main' || frag.sn === 'initSegment') return;
    if (frag.sn === hls.levels[frag.level].details?.endSN) return;
    hls.loadLevel = (frag.level + 1) % hls.levels.length;
  });
  hls.loadSource(url);
  hls.attachMedia(video);
}

/** The shape that dash.js wants of a rule: `this.context` comes from its factory. */
function ruleThatCycles(requested) {
  function CycleRule() {
    const { context } = this;
    const SwitchRequest = dashjs.FactoryMaker.getClassFactoryByName('SwitchRequest');
    return {
      getClassName: () => 'CycleRule',
      getSwitchRequest(rules) {
        const choices = rules.getAbrController().getPossibleVoRepresentations(rules.getMediaInfo());
        const request = SwitchRequest(context).create();
        request.representation = choices[requested.length % choices.length];
        request.priority = SwitchRequest.PRIORITY.STRONG;
        return request;
      },
    };
  }
  CycleRule.__dashjs_factory_name = 'CycleRule';
  return dashjs.FactoryMaker.getClassFactory(CycleRule);
}

/**
 * dash.js: a rule of our own, asked before every segment, instead of those that look at the
 * bandwidth.
 */
function playDash(url, errors, requested) {
  const player = dashjs.MediaPlayer().create();
  const { events } = dashjs.MediaPlayer;
  const off = { active: false };
  player.updateSettings({
    streaming: {
      abr: {
        limitBitrateByPortal: false,
        rules: {
          throughputRule: off,
          bolaRule: off,
          insufficientBufferRule: off,
          switchHistoryRule: off,
          droppedFramesRule: off,
          abandonRequestsRule: off,
        },
      },
      buffer: { fastSwitchEnabled: false },
    },
  });
  player.addABRCustomRule('qualitySwitchRules', 'CycleRule', ruleThatCycles(requested));
  player.on(events.ERROR, ({ error }) => errors.push(`dash.js ${error.code} ${error.message}`));
  player.on(events.PLAYBACK_ERROR, ({ error }) => errors.push(`dash.js playback ${error}`));
  player.on(events.FRAGMENT_LOADING_STARTED, ({ request }) => {
    const isVideo = request.mediaType === 'video';
    if (isVideo && request.type === 'MediaSegment') requested.push(request.representation.height);
  });
  player.initialize(video, url, true);
}

window.play = async (player, url, timeout) => {
  const errors = [];
  const requested = [];
  video.addEventListener('error', () => errors.push(`video ${video.error?.message}`));
  const { seen, stop } = await observe();
  (player === 'dash.js' ? playDash : playHls)(url, errors, requested);
  const isEnded = await new Promise((resolve) => {
    video.addEventListener('ended', () => resolve(true), { once: true });
    // dash.js (5.2) now and then leaves the source open behind its last segment: all is played, nobody says so.
    let since = 0;
    setInterval(() => {
      since = video.currentTime >= video.duration - 0.01 ? since + 1 : 0;
      if (since === 20) resolve(true);
    }, 100);
    setTimeout(() => resolve(false), timeout * 1000);
  });
  stop();
  const { currentTime, duration, buffered } = video;
  const ranges = Array.from({ length: buffered.length }, (_, index) => [
    buffered.start(index),
    buffered.end(index),
  ]);
  const quality = video.getVideoPlaybackQuality();
  return {
    ...seen,
    isEnded,
    currentTime,
    duration,
    buffered: ranges,
    errors,
    requested,
    frames: quality.totalVideoFrames,
    dropped: quality.droppedVideoFrames,
    corrupted: quality.corruptedVideoFrames,
  };
};
