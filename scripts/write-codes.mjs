// Makes docs/errors.md from the tables of src/report/codes.ts. With --check it only tells whether the page is current.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';
import { tsImport } from 'tsx/esm/api';

const root = path.dirname(import.meta.dirname);
const page = path.join(root, 'docs/errors.md');

/** @type {typeof import('../src/report/codes.js')} */
const { ERROR_CODES, WARNING_CODES } = await tsImport('../src/report/codes.ts', import.meta.url);

/** @param {Record<string, string>} codes */
const entries = (codes) =>
  Object.entries(codes)
    .map(([code, sentence]) => `### \`${code}\`\n\n${sentence}\n`)
    .join('\n');

const text = `<!-- Made by "node scripts/write-codes.mjs" from src/report/codes.ts: change it there. -->

# Errors and warnings

Every failure is a \`StreamError\` with a \`code\`, and every \`warning\` event has one. Codes are stable: switch on them, not
on messages, which say more and may change. A message names the value, file or rendition in question; what is below says what each code means.

## Errors

What a call throws or rejects with. \`stage\`, \`rendition\`, \`averror\` and \`log\` tell where it happened and what libav said.

${entries(ERROR_CODES)}
## Warnings

Something to know, though the stream goes on.

${entries(WARNING_CODES)}`;

const options = { ...(await prettier.resolveConfig(page)), filepath: page };
const made = await prettier.format(text, options);
if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== made) {
    console.error(
      'docs/errors.md is not what src/report/codes.ts says. Run "node scripts/write-codes.mjs".',
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(page, made);
}
