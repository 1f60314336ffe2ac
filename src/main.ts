#!/usr/bin/env node
import { runCommandLine } from './cli/program.js';

// Whatever is still open is not waited for: what matters is committed, and printed.
process.exit(await runCommandLine(process.argv.slice(2), process.env));
