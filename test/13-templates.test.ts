// Templates: small programs against the types of the package, as people set up TypeScript; and whether the types list
// what the tables know.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { AUDIO_PROGRAM_OPTIONS } from '../src/gear/audio-program-options.js';
import { PROGRAM_OPTIONS } from '../src/gear/program-options.js';
import { temporaryFolder } from './support/media.js';

const root = path.dirname(import.meta.dirname);

const PROGRAM = `
import { AdaptiveStream, StreamError, StreamGear } from 'streamgear';
import type { RawFrame, StreamGearOptions } from 'streamgear';

const options: StreamGearOptions = {
  output: 'out/manifest.mpd',
  format: 'dash',
  logging: 'warning',
  streamParams: {
    '-c:v': 'libx264',
    '-b:v': '2M',
    '-g': 50,
    '-ss': '00:00:01',
    '-metadata': 'title=A film',
    '-streams': [{ '-resolution': '640x360', '-video_bitrate': '900k' }],
    '-some_option_of_libav': 1,
  },
};

export async function run(frames: AsyncIterable<RawFrame>): Promise<number> {
  const gear = new StreamGear(options);
  gear.on('warning', ({ code, message }) => console.error(code, message));
  try {
    for await (const frame of frames) await gear.stream(frame);
    for await (const { bytes } of gear.events('file')) console.log(bytes + 1);
    return (await gear.close()).framesEncoded;
  } catch (error) {
    if (error instanceof StreamError && error.code === 'INVALID_OPTIONS') return error.issues.length;
    throw error;
  }
}

export const open = (): Promise<AdaptiveStream> =>
  AdaptiveStream.open({ input: { width: 640, height: 360 }, output: 'out/manifest.mpd' });
`;

interface Template {
  readonly name: string;
  readonly type: 'commonjs' | 'module';
  readonly options: ts.CompilerOptions;
}

const TEMPLATES: readonly Template[] = [
  {
    name: 'CommonJS with node10 resolution',
    type: 'commonjs',
    options: {
      module: ts.ModuleKind.CommonJS,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- that is why it is tried
      moduleResolution: ts.ModuleResolutionKind.Node10,
      ignoreDeprecations: '6.0',
    },
  },
  {
    name: 'ES modules with node16 resolution',
    type: 'module',
    options: {
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
    },
  },
  {
    name: 'CommonJS of today, which requires ES modules',
    type: 'commonjs',
    options: {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    },
  },
  {
    name: 'a bundler',
    type: 'module',
    options: {
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
    },
  },
];

/** What the compiler says of the program. */
function complaints(folder: string, options: ts.CompilerOptions): string[] {
  const program = ts.createProgram([path.join(folder, 'main.ts')], {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts'],
    types: ['node'],
    typeRoots: [path.join(root, 'node_modules/@types')],
    outDir: path.join(folder, 'out'),
    rootDir: '/',
    ...options,
  });
  const emitted = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics].map(
    ({ file, messageText }) =>
      `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
}

describe('A TypeScript template', () => {
  for (const { name, type, options } of TEMPLATES) {
    it(`compiles: ${name}`, async () => {
      await using folder = await temporaryFolder();
      mkdirSync(path.join(folder.path, 'node_modules'));
      symlinkSync(root, path.join(folder.path, 'node_modules/streamgear'));
      writeFileSync(path.join(folder.path, 'package.json'), JSON.stringify({ type }));
      writeFileSync(path.join(folder.path, 'main.ts'), PROGRAM);
      expect(complaints(folder.path, options)).to.deep.equal([]);
      if (type !== 'commonjs') return;
      const compiled = path.join(folder.path, 'out', folder.path, 'main.js');
      const { open } = createRequire(import.meta.url)(compiled) as { open: unknown };
      expect(open).to.be.a('function');
    });
  }
});

describe('The types of StreamParams', () => {
  const types = readFileSync(path.join(root, 'src/gear/stream-gear-options.ts'), 'utf8');

  it('list every attribute of docs/streamgear.md and every known option of the ffmpeg program that does something', () => {
    const page = readFileSync(path.join(root, 'docs/streamgear.md'), 'utf8');
    const attributes = page.split('## FFmpeg options')[0] ?? '';
    const rows = [...attributes.matchAll(/^\| (`-.*?) +\|/gm)].map(([, cell = '']) => cell);
    const documented = rows.flatMap((cell) => [...cell.matchAll(/`(-\w+)`/g)].map(([, it]) => it));
    expect(documented).to.include.members(['-streams', '-hls_time', '-seg_duration']);
    const program = [...PROGRAM_OPTIONS.keys(), ...AUDIO_PROGRAM_OPTIONS.keys()].map(
      (name) => `-${name}`,
    );
    const missing = [...documented, ...program].filter(
      (name) => !types.includes(`'${String(name)}'?:`) && !WITHOUT_EFFECT.has(String(name)),
    );
    expect(missing).to.deep.equal([]);
  });
});

/** Known so that a warning or an error can tell what to do instead, or under another spelling. */
const WITHOUT_EFFECT = new Set(
  'y n hide_banner loglevel v re nostdin stats nostats report keyint_min force_key_frames hwaccel hwaccel_device hwaccel_output_format extra_hw_frames i vn filter_complex pass q qscale aq c codec vb ab filter ffmpeg_download_path enable_force_termination'
    .split(' ')
    .map((name) => `-${name}`),
);
