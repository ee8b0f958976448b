#!/usr/bin/env node
// The command `streamgear`.

import process from 'node:process';
import { runCommand } from './cli/program.js';

process.exitCode = await runCommand(process.argv.slice(2));
