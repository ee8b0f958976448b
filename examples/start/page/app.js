// Two players side by side. Each adapter gives the same small interface, so that the page itself
// does not know which player it drives:
//   levels      [{ id, width, height, bitrate }], the bitrate as the manifest has it
//   select      (id | undefined) => void, undefined = automatic
//   current     () => id of the rendition that is fetched now
//   throughput  () => measured bit/s, or NaN

import { MediaPlayer } from 'dashjs';
import Hls from 'hls.js';

const AUTO = undefined;
/** Little is buffered, so that a switch is seen soon. */
const BUFFER_SECONDS = 4;
const REFRESH_MS = 250;

function dashPlayer(video, url) {
  const player = MediaPlayer().create();
  player.updateSettings({
    streaming: {
      buffer: {
        fastSwitchEnabled: true,
        bufferTimeDefault: BUFFER_SECONDS,
        bufferTimeAtTopQuality: BUFFER_SECONDS,
        bufferTimeAtTopQualityLongForm: BUFFER_SECONDS,
      },
    },
  });
  return new Promise((resolve, reject) => {
    player.on(MediaPlayer.events.ERROR, ({ error }) => reject(new Error(error.message)));
    player.on(MediaPlayer.events.STREAM_INITIALIZED, () => {
      const levels = player.getRepresentationsByType('video').map((representation) => ({
        id: representation.id,
        width: representation.width,
        height: representation.height,
        bitrate: representation.bandwidth,
      }));
      resolve({
        levels,
        select(id) {
          player.updateSettings({
            streaming: { abr: { autoSwitchBitrate: { video: id === AUTO } } },
          });
          // Replaces what is buffered: all of a short clip is buffered long before it is played.
          if (id !== AUTO) player.setRepresentationForTypeById('video', id, true);
        },
        current: () => player.getCurrentRepresentationForType('video')?.id,
        throughput: () => player.getAverageThroughput('video') * 1000,
      });
    });
    player.initialize(video, new URL(url, location.href).href, true);
  });
}

function hlsPlayer(video, url) {
  const player = new Hls({ maxBufferLength: BUFFER_SECONDS, maxMaxBufferLength: BUFFER_SECONDS });
  return new Promise((resolve, reject) => {
    player.on(Hls.Events.ERROR, (_event, { fatal, details }) => {
      if (fatal) reject(new Error(details));
    });
    player.on(Hls.Events.MANIFEST_PARSED, () => {
      const levels = player.levels.map(({ width, height, bitrate }, id) => ({
        id,
        width,
        height,
        bitrate,
      }));
      resolve({
        levels,
        select: (id) => (player.currentLevel = id ?? -1),
        current: () => player.loadLevel,
        throughput: () => player.bandwidthEstimate,
      });
      video.play().catch(reject);
    });
    player.loadSource(url);
    player.attachMedia(video);
  });
}

const SOURCES = [
  {
    format: 'dash',
    title: 'MPEG-DASH in dash.js',
    manifest: 'media/manifest.mpd',
    open: dashPlayer,
  },
  { format: 'hls', title: 'HLS in hls.js', manifest: 'media/master.m3u8', open: hlsPlayer },
];

/** What the console said of the renditions: manifests have peaks instead, and HLS adds the sound to them. */
const FIGURES = await (await fetch('figures.json')).json();

const megabits = (bitsPerSecond) =>
  Number.isFinite(bitsPerSecond) && bitsPerSecond > 0
    ? `${(bitsPerSecond / 1e6).toFixed(bitsPerSecond < 1e8 ? 2 : 0)} Mbit/s`
    : '–';

/** Seconds that can be played on from here without another request. */
function bufferAhead({ buffered, currentTime }) {
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= currentTime + 0.1 && currentTime < buffered.end(i)) {
      return buffered.end(i) - currentTime;
    }
  }
  return 0;
}

function addButton(group, label, title, onClick) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = label;
  button.title = title;
  button.addEventListener('click', onClick);
  group.append(button);
  return button;
}

/** Auto and one button per rendition; exactly one is pressed. */
function createLevelButtons(group, player, figureOf) {
  const buttons = new Map();
  const choose = (id) => {
    player.select(id);
    for (const [key, button] of buttons) button.ariaPressed = String(key === id);
  };
  const add = (id, label, title) =>
    buttons.set(
      id,
      addButton(group, label, title, () => choose(id)),
    );
  add(AUTO, 'Auto', 'The player chooses');
  for (const level of player.levels) {
    const { id, width, height } = level;
    add(id, `${height}p`, `${width} × ${height}, ${megabits(figureOf(level)?.declared)}`);
  }
  choose(AUTO);
  return buttons;
}

async function createPlayer({ format, title, manifest, open }) {
  const root = document.getElementById('player').content.cloneNode(true).firstElementChild;
  document.getElementById('players').append(root);
  const video = root.querySelector('video');
  const link = root.querySelector('.manifest');
  root.querySelector('h2').textContent = title;
  root.ariaLabel = title;
  video.ariaLabel = title;
  link.textContent = manifest.replace('media/', '');
  link.href = manifest;

  const renditions = FIGURES.find((figures) => figures.format === format)?.renditions ?? [];
  const figureOf = (level) =>
    renditions.find(({ width, height }) => width === level?.width && height === level?.height);
  const show = (name, text) => {
    root.querySelector(`[data-stat="${name}"]`).textContent = text;
  };
  let sizes = '';
  let switches = -1;
  // The video element fires this whenever pictures of another size begin to show.
  video.addEventListener('resize', () => {
    const size = `${video.videoWidth} × ${video.videoHeight}`;
    if (size !== sizes) switches += 1;
    sizes = size;
    show('size', size);
    show('switches', String(Math.max(0, switches)));
  });

  try {
    const player = await open(video, manifest);
    player.levels.sort((a, b) => b.bitrate - a.bitrate);
    const buttons = createLevelButtons(root.querySelector('.levels'), player, figureOf);
    setInterval(() => {
      const current = player.current();
      const level = player.levels.find(({ id }) => id === current);
      for (const [id, button] of buttons) {
        button.classList.toggle('playing', id !== AUTO && id === current);
      }
      const quality = video.getVideoPlaybackQuality();
      show('rendition', level === undefined ? '–' : `${level.height}p`);
      show('declared', megabits(figureOf(level)?.declared));
      show('average', megabits(figureOf(level)?.average));
      show('throughput', megabits(player.throughput()));
      show('buffer', `${bufferAhead(video).toFixed(1)} s`);
      show('dropped', `${quality.droppedVideoFrames} of ${quality.totalVideoFrames}`);
      show('time', `${video.currentTime.toFixed(2)} s of ${video.duration.toFixed(2)} s`);
    }, REFRESH_MS);
  } catch (error) {
    const failure = root.querySelector('.failure');
    failure.textContent = `Cannot play: ${error.message}`;
    failure.hidden = false;
  }
  return video;
}

function connectTransport(videos) {
  const toggle = document.getElementById('toggle');
  let playing = true;
  const apply = () => {
    toggle.textContent = playing ? 'Pause' : 'Play';
    for (const video of videos) {
      if (playing) video.play().catch(console.error);
      else video.pause();
    }
  };
  toggle.addEventListener('click', () => {
    playing = !playing;
    apply();
  });
  const seekTo = (time) => {
    for (const video of videos) video.currentTime = time;
  };
  document.getElementById('restart').addEventListener('click', () => {
    seekTo(0);
    playing = true;
    apply();
  });
  connectSeek(videos[0], seekTo);
  connectSound(videos[0]);
}

/** The slider follows the first player, and moves both. */
function connectSeek(leader, seekTo) {
  const seek = document.getElementById('seek');
  const position = document.getElementById('position');
  let held = false;
  const tell = () => (position.textContent = `${Number(seek.value).toFixed(1)} s`);
  seek.addEventListener('pointerdown', () => (held = true));
  seek.addEventListener('change', () => (held = false));
  seek.addEventListener('input', () => {
    seekTo(Number(seek.value));
    tell();
  });
  setInterval(() => {
    if (Number.isFinite(leader.duration)) seek.max = String(leader.duration);
    if (held) return;
    seek.value = String(leader.currentTime);
    tell();
  }, REFRESH_MS);
}

/** Browsers let nothing be heard before a person has pressed something. Two players at once would echo. */
function connectSound(leader) {
  const mute = document.getElementById('mute');
  const volume = document.getElementById('volume');
  const apply = (muted) => {
    leader.muted = muted;
    leader.volume = Number(volume.value);
    mute.textContent = muted ? 'Muted' : 'Sound';
    mute.ariaPressed = String(muted);
  };
  mute.addEventListener('click', () => apply(!leader.muted));
  volume.addEventListener('input', () => apply(Number(volume.value) === 0));
  apply(true);
}

connectTransport(await Promise.all(SOURCES.map(createPlayer)));
