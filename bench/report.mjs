// Report: docs/benchmarks.md and its charts, from a result. Nothing in them is typed by hand.
//
//   node bench/report.mjs [results/latest.json]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { barChart } from './chart.mjs';
import { GOALS } from './goals.mjs';
import { median, ratio, spread } from './statistics.mjs';

const runsOf = (results, name) => (results[name] ?? []).filter((run) => !('failed' in run));

/** `34.1 ±2 %` */
function withSpread(values, digits) {
  return `${median(values).toFixed(digits)} ±${(spread(values) * 100).toFixed(0)} %`;
}

const FIGURES = [
  { title: 'fps', read: (run) => run.fps, digits: 1 },
  { title: 'CPU ms/frame', read: (run) => run.cpuPerFrame * 1000, digits: 1 },
  { title: 'memory added, MB', read: (run) => (run.memoryAdded ?? Number.NaN) / 1e6, digits: 0 },
  { title: 'loop p99, ms', read: (run) => run.loopDelay?.p99 ?? Number.NaN, digits: 2 },
  { title: 'segment p50 / p99, ms', text: (runs) => latency(runs, 'segmentLatency') },
  { title: 'first segment, s', read: (run) => run.firstSegment ?? Number.NaN, digits: 2 },
  { title: 'close, s', read: (run) => run.closeSeconds ?? Number.NaN, digits: 2 },
];

function latency(runs, key) {
  const found = runs.map((run) => run[key]).filter(Boolean);
  if (found.length === 0) return '–';
  return `${median(found.map(({ p50 }) => p50)).toFixed(0)} / ${median(found.map(({ p99 }) => p99)).toFixed(0)}`;
}

function cell({ read, text, digits }, runs) {
  if (text !== undefined) return text(runs);
  const values = runs.map(read).filter((value) => Number.isFinite(value));
  return values.length === 0 ? '–' : withSpread(values, digits);
}

function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function speedTable(results) {
  const ours = runsOf(results, 'streamgear').map(({ fps }) => fps);
  const rows = Object.keys(results).map((name) => {
    const runs = runsOf(results, name);
    if (runs.length === 0) return [name, ...FIGURES.map(() => 'failed'), '–'];
    const theirs = runs.map(({ fps }) => fps);
    return [name, ...FIGURES.map((figure) => cell(figure, runs)), `${ratio(ours, theirs).toFixed(2)}x`];
  });
  return table(['', ...FIGURES.map(({ title }) => title), 'ours is faster by'], rows);
}

function qualityTable(item, quality) {
  const names = Object.keys(quality);
  const rows = item.renditions.map(({ width, height }, i) => [
    `${width}x${height}`,
    ...names.map((name) => {
      const { psnr, ssim, bitrate } = quality[name][i];
      return `${psnr.toFixed(2)} dB, ${ssim.toFixed(4)}, ${(bitrate / 1000).toFixed(0)}k`;
    }),
  ]);
  return table(['PSNR Y, SSIM, bitrate', ...names], rows);
}

function chartOf(item, results) {
  const bars = Object.keys(results).flatMap((name) => {
    const runs = runsOf(results, name);
    if (runs.length === 0) return [];
    const value = median(runs.map(({ fps }) => fps));
    return [{ label: name, value, text: `${value.toFixed(1)} fps`, ours: name === 'streamgear' }];
  });
  return barChart(item.title, bars);
}

function goalsTable(result) {
  const rows = GOALS.map(({ title, goal, read, met, text }) => {
    const value = read(result);
    if (value === undefined || !Number.isFinite(value)) return [title, goal, 'not measured', ''];
    return [title, goal, text(value), met(value) ? 'met' : '**not met**'];
  });
  return table(['figure', 'goal', 'measured', ''], rows);
}

/**
 * @param {object} result
 * @param {string} folder
 */
export function writeReport(result, folder) {
  const { machine, rounds, contenders, missing, cases } = result;
  const charts = path.join(folder, 'benchmarks');
  mkdirSync(charts, { recursive: true });
  const parts = [
    '# Benchmarks',
    '<!-- Made by bench/report.mjs from bench/results/latest.json: do not edit. -->',
    `Measured on ${machine.date}: ${machine.cpu}, ${machine.cores} cores, ${(machine.memory / 2 ** 30).toFixed(0)} GiB, ` +
      `Linux ${machine.kernel}, Node ${machine.node}, ${machine.ffmpeg}. Command: \`${machine.command}\`. ` +
      `${rounds} rounds, contenders in turn, each run in a fresh process; medians, ± half the range, and ratios pair by pair of rounds. ` +
      'The same encoder settings for all: libx264, the case’s preset, tune zerolatency, crf 20 capped at the rendition’s bitrate.',
    `Contenders: ${contenders.map(({ name, version }) => `**${name}** (${version})`).join(', ')}, and **limit**: the encoders alone, a C++ program fed with pictures that were scaled before.`,
    ...missing.map(({ name, reason }) => `Without ${name}: ${reason}.`),
    '## Goals',
    goalsTable(result),
    '## Cases',
  ];
  for (const { case: item, results, quality } of cases) {
    writeFileSync(path.join(charts, `${item.id}.svg`), chartOf(item, results));
    parts.push(`### ${item.title}`, `![${item.title}](benchmarks/${item.id}.svg)`, speedTable(results));
    if (Object.keys(quality).length > 0) parts.push(qualityTable(item, quality));
    for (const [name, runs] of Object.entries(results)) {
      const failed = runs.find((run) => 'failed' in run);
      if (failed !== undefined) parts.push(`${name} failed: ${failed.failed}`);
    }
  }
  writeFileSync(path.join(folder, 'benchmarks.md'), `${parts.join('\n\n')}\n`);
}

if (process.argv[1] === import.meta.filename) {
  const file = process.argv[2] ?? path.join(import.meta.dirname, 'results/latest.json');
  writeReport(JSON.parse(readFileSync(file, 'utf8')), path.join(import.meta.dirname, '../docs'));
}
