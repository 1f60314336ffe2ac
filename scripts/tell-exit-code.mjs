// Loaded into Jest's process by run-jest.mjs: tells it the exit code when all else is done.
import { writeSync } from 'node:fs';

const pipe = process.env['STOWAGE_EXIT_CODE_PIPE'];
// Processes that tests start are not to find it.
delete process.env['STOWAGE_EXIT_CODE_PIPE'];
// Jest's own handler of 'exit', which decides the code, is to come first.
if (pipe !== undefined) {
  process.once('beforeExit', () => {
    process.once('exit', (code) => {
      writeSync(Number(pipe), String(process.exitCode ?? code));
    });
  });
}
