// Program: the commands and flags of the command line, as commander parses and explains them.

import { Command, CommanderError } from 'commander';
import { EXIT_OK, EXIT_USAGE, exitCodeOf, failureOf, failureText } from './failure.js';
import { findHabits } from './habits.js';
import { listenForInterrupt } from './interrupt.js';
import type { Interrupt } from './interrupt.js';
import { printDevices, printEncoders, printVersion } from './lists.js';
import type { ListFlags } from './lists.js';
import { splitArguments } from './params.js';
import type { TranscodeFlags } from './params.js';
import { printProbe } from './probe.js';
import type { ProbeFlags } from './probe.js';
import { tellError } from './report.js';
import { transcode } from './transcode.js';

const EXAMPLES = `
Examples:
  streamgear input.mp4 out/manifest.mpd
  streamgear input.mp4 out/master.m3u8 --streams 1280x720@3000k,640x360@800k
  streamgear input.mp4 out/manifest.mpd --ladder auto --dry-run
  streamgear input.mp4 out/master.m3u8 --codec copy --segment-type fmp4
  streamgear silent.mp4 out/manifest.mpd --audio music.aac --audio-bitrate 96k
  streamgear /dev/video0 out/live.m3u8 --input-format v4l2 --live
  streamgear input.mp4 out/manifest.mpd -- -bf 2 -x264-params aq-mode=3
  streamgear probe input.mp4 --json

What follows -- are attributes of StreamGear and options of FFmpeg, as in streamParams.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`;

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** Runs the command line and gives its exit code; what went wrong is told on stderr, not thrown. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const interrupt = listenForInterrupt();
  const { own, ffmpeg } = splitArguments(argv);
  let exitCode: number = EXIT_OK;
  const program = transcodeCommand();
  program.action(async (input: string, output: string | undefined, flags: TranscodeFlags) => {
    exitCode = await transcode(input, output, flags, ffmpeg, interrupt);
  });
  addCommands(program, interrupt);
  const habits = findHabits(own, ffmpeg, program);
  if (habits.issues.length > 0) {
    const advice = habits.issues.map(({ message }) => message).join('\n');
    tellError(`${advice}\nTry: ${habits.command}`);
    return EXIT_USAGE;
  }
  try {
    await program.parseAsync(own, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    const interruption = interrupt.cause();
    tellError(interruption?.message ?? failureText(failureOf(error, new Map())));
    return interruption?.exitCode ?? exitCodeOf(error);
  }
}

/** The command without a name. */
function transcodeCommand(): Command {
  const program = new Command('streamgear')
    .description('Transcodes a file, a URL or a device to multi-rendition MPEG-DASH or HLS.')
    .argument('<input>', 'file, URL, name of a device, or - for standard input')
    .argument('[output]', 'manifest, folder or URL (default: <name>-<format>/ here)')
    .usage('<input> [output] [options] [-- -option value ...]')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({ outputError })
    .helpCommand('help [command]', 'print this, or the help of a command')
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', EXAMPLES);
  addPresentationFlags(program);
  addVideoFlags(program);
  addAudioFlags(program);
  addSourceFlags(program);
  return program
    .optionsGroup('Options:')
    .option('--dry-run', 'print what would be done, and write nothing')
    .option('--quiet', 'print nothing but errors')
    .option(
      '--json',
      'print one JSON object per line: progress, segment, manifest, file, warning, end',
    )
    .option('--version', 'print the versions of streamgear and of libav')
    .on('option:version', () => {
      printVersion();
      throw new CommanderError(EXIT_OK, 'streamgear.version', '');
    });
}

function addPresentationFlags(program: Command): void {
  program
    .optionsGroup('Presentation:')
    .option(
      '--format <format>',
      'dash, hls or dash,hls (default: by the extension of output, else dash)',
    )
    .option(
      '--streams <list>',
      'more renditions: 1280x720@3000k,640x360@30fps+96k (size, bitrate or rate, audio bitrate)',
      collect,
    )
    .option('--ladder <auto>', "auto: smaller renditions that follow from the source's size")
    .option('--segment-duration <seconds>', 'length of a segment (default: 4)')
    .option('--segment-type <type>', 'fmp4 or mpegts, for HLS alone (default: mpegts)')
    .option('--metadata <tag>', 'tag such as "title=My film"; may come more than once', collect)
    .option('--clear', 'delete what an earlier run left beside the output')
    .option(
      '--live',
      'sliding window and low delay, for sources without an end, or with --realtime',
    );
}

function addVideoFlags(program: Command): void {
  program
    .optionsGroup('Video:')
    .option('--codec <name>', 'encoder, or copy (default: libx264)')
    .option('--preset <name>', "the encoder's preset")
    .option('--crf <number>', 'constant quality, capped by the bitrates')
    .option('--bitrate <rate>', 'of the first rendition: 5M, 2500k (default: by size and rate)')
    .option('--size <WxH>', "of the first rendition (default: the source's)")
    .option('--gop <frames>', 'greatest distance of key frames')
    .option('--filter <chain>', 'libavfilter chain, applied once before scaling')
    .option('--scaling <mode>', 'fast, balanced or best (default: balanced)')
    .option('--fallback', 'take a software encoder when one of hardware cannot be opened');
}

function addAudioFlags(program: Command): void {
  program
    .optionsGroup('Audio:')
    .option('--audio <source>', "file, URL or device instead of the source's audio")
    .option('--audio-format <name>', 'format of that device: alsa, pulse, avfoundation, dshow')
    .option('--audio-codec <name>', 'encoder, or copy (default: aac)')
    .option('--audio-bitrate <rate>', "128k (default: the source's)")
    .option('--fill-gaps', 'encode it, with silence where it has nothing (default where encoded)')
    .option('--no-fill-gaps', 'leave its gaps as they are')
    .option('--no-audio', 'leave it out');
}

function addSourceFlags(program: Command): void {
  program
    .optionsGroup('Source:')
    .option('--start <time>', 'where to begin: 90, 1:30')
    .option('--duration <time>', 'how much to take')
    .option('--to <time>', 'where to end')
    .option('--realtime', 'read it no faster than it plays')
    .option(
      '--hold-picture <which>',
      'first, last or both: while there is only sound (default: none)',
    )
    .option('--input-format <name>', 'format or device: v4l2, x11grab, lavfi (default: probed)')
    .option('--input-option <key=value>', 'framerate=30; may come more than once', collect);
}

function addCommands(program: Command, interrupt: Interrupt): void {
  program
    .command('probe')
    .description('print what a file, a URL or a device holds')
    .argument('<input>', 'file, URL, name of a device, or - for standard input')
    .option('--format <name>', 'format or device (default: probed)')
    .option('--json', 'print JSON')
    .action((input: string, flags: ProbeFlags) => printProbe(input, flags, interrupt));
  program
    .command('encoders')
    .description('print the video encoders, and whether they work on this machine')
    .argument('[codec]', 'only those of a codec such as h264, or one by its name')
    .option('--json', 'print JSON')
    .action((codec: string | undefined, flags: ListFlags) =>
      printEncoders(codec, flags, interrupt),
    );
  program
    .command('devices')
    .description('print the capture devices of this machine')
    .option('--json', 'print JSON')
    .action((flags: ListFlags) => printDevices(flags, interrupt));
}

/** commander's sentence, in our form. */
function outputError(text: string): void {
  const sentence = text
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/[\s.]+$/, '');
  tellError(`${sentence}. See streamgear --help`);
}
