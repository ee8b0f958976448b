// Runs in the browser: plays a presentation to its end, forces another rendition for every segment,
// and notes what it sees. window.play(player, url, seconds) resolves to the report that
// players.test.ts checks.

/* global dashjs, document, Hls, performance, setInterval, clearInterval, setTimeout, window */

const video = document.querySelector('#video');

/** Notes each size of the displayed frames, in order, and the longest standstill. */
function observe() {
  const seen = { sizes: [], frames: 0, longestStall: 0, started: 0 };
  const onFrame = () => {
    const size = `${video.videoWidth}x${video.videoHeight}`;
    if (seen.sizes.at(-1) !== size) seen.sizes.push(size);
    seen.frames++;
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
  let lastTime = 0;
  let lastChange = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    if (video.currentTime !== lastTime) {
      if (seen.started === 0) seen.started = now;
      else seen.longestStall = Math.max(seen.longestStall, (now - lastChange) / 1000);
      lastTime = video.currentTime;
      lastChange = now;
    }
  }, 20);
  return { seen, stop: () => clearInterval(timer) };
}

/** hls.js: loadLevel is the level of the next fragment, without a flush of the buffer. */
function playHls(url, errors, requested) {
  const hls = new Hls({ capLevelToPlayerSize: false, startLevel: 0, testBandwidth: false });
  hls.on(Hls.Events.ERROR, (_, { type, details, fatal }) => {
    errors.push(`hls.js ${type} ${details}${fatal ? ' fatal' : ''}`);
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    video.play().catch((error) => errors.push(String(error)));
  });
  hls.on(Hls.Events.FRAG_LOADING, (_, { frag }) => {
    if (frag.sn === 'initSegment') return;
    requested.push(hls.levels[frag.level].height);
  });
  hls.on(Hls.Events.FRAG_LOADED, (_, { frag }) => {
    // Behind the last segment a switch would only make hls.js load that one again.
    const isLast = frag.sn === hls.levels[frag.level].details?.endSN;
    if (frag.sn === 'initSegment' || isLast) return;
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
    if (request.type === 'MediaSegment') requested.push(request.representation.height);
  });
  player.initialize(video, url, true);
}

window.play = async (player, url, timeout) => {
  const errors = [];
  const requested = [];
  video.addEventListener('error', () => errors.push(`video ${video.error?.message}`));
  const { seen, stop } = observe();
  (player === 'dash.js' ? playDash : playHls)(url, errors, requested);
  const ended = new Promise((resolve) => {
    video.addEventListener('ended', () => resolve(true), { once: true });
    setTimeout(() => resolve(false), timeout * 1000);
  });
  const isEnded = await ended;
  stop();
  const { currentTime, duration } = video;
  const quality = video.getVideoPlaybackQuality();
  return {
    ...seen,
    isEnded,
    currentTime,
    duration,
    errors,
    requested,
    dropped: quality.droppedVideoFrames,
    corrupted: quality.corruptedVideoFrames,
  };
};
