// Every script on the right-hand side of docs/migration.md runs as it stands, with stand-ins for files and devices.
import { readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { decodeErrors, streams } from './support/ffprobe.js';
import { temporaryFolder } from './support/media.js';
import type { TemporaryFolder } from './support/media.js';
import { output, run } from './support/run.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Two seconds of everything. */
const VIDEO = 'testsrc2=size=320x180:rate=25:duration=2';
const SOUND = 'sine=frequency=440:sample_rate=44100:duration=2';

/** What is not at hand where tests run. */
const STAND_INS = [
  ["'/dev/video0'", `'${VIDEO}'`],
  ["'v4l2'", "'lavfi'"],
  ["['-f', 'alsa', '-i', 'hw:1']", `['-f', 'lavfi', '-i', '${SOUND}']`],
] as const;

interface Script {
  readonly title: string;
  readonly code: string;
}

/** The scripts, by the headings above them. */
function scripts(): Script[] {
  const text = readFileSync(join(ROOT, 'docs', 'migration.md'), 'utf8');
  const found: Script[] = [];
  let title = '';
  for (const [, heading, code] of text.matchAll(/^#+ (.+?)$|```js\n(.+?)```/gms)) {
    if (heading !== undefined) title = heading;
    if (code !== undefined) found.push({ title, code });
  }
  return found;
}

describe('docs/migration.md', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await temporaryFolder();
    await mkdir(join(folder.path, 'node_modules'));
    await symlink(ROOT, join(folder.path, 'node_modules', 'streamgear'), 'junction');
    const inputs = ['-f', 'lavfi', '-i', VIDEO, '-f', 'lavfi', '-i', SOUND];
    const encode = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
    const files = ['-map', '0', '-map', '1', 'foo.mp4', '-map', '1', 'foo.aac'];
    await output('ffmpeg', ['-v', 'error', ...inputs, ...encode, ...files], { cwd: folder.path });
  });
  after(() => folder[Symbol.asyncDispose]());

  it('has a script for each usage of both modes', () => {
    expect(scripts()).to.have.length(14);
  });

  for (const [index, { title, code }] of scripts().entries()) {
    it(`${title} (script ${index + 1}) writes a presentation`, async () => {
      let program = code;
      for (const [name, standIn] of STAND_INS) program = program.replaceAll(name, standIn);
      const file = join(folder.path, `script-${index}.mjs`);
      // Each in a folder of its own: none may live on what another one has written.
      const [, name = ''] = /output: '([^']+)'/.exec(program) ?? [];
      const manifest = join(folder.path, `out-${index}`, name);
      await writeFile(file, program.replace(`'${name}'`, JSON.stringify(manifest)));
      // That a device is missing here, and that pixels are not square, is told and is no fault.
      const quiet = '--disable-warning=StreamGearWarning';
      const { code: exit, stderr } = await run(process.execPath, [quiet, file], {
        cwd: folder.path,
      });
      if (!program.includes('logging: true')) expect(stderr).to.equal('');
      expect(exit, stderr).to.equal(0);
      const found = await streams(manifest);
      const videos = found.filter(({ kind }) => kind === 'video');
      const extra = program.match(/-resolution/g)?.length ?? 0;
      expect(videos).to.have.length(1 + extra);
      const hasSound = /-audio|-video_source/.test(program);
      expect(found.some(({ kind }) => kind === 'audio')).to.equal(hasSound);
      expect(await decodeErrors(manifest)).to.equal('');
    });
  }
});
