#!/usr/bin/env node
import { allWritten } from './cli/output.js';
import { runCommandLine } from './cli/program.js';

const code = await runCommandLine(process.argv.slice(2), process.env);
// Whatever else is still open then is not waited for: what matters is committed, and printed.
process.exit(await allWritten(code));
