// Runs Jest with the arguments given, and ends when it does. Node can hang for ever while it ends, after the last handler
// of its 'exit' event has run and with every result printed (nodejs/node#54918): then its exit code is known already.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Milliseconds from the 'exit' event of Jest's process to its end. */
const END_TIMEOUT_MS = 20_000;

const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--import',
    fileURLToPath(new URL('tell-exit-code.mjs', import.meta.url)),
    fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url)),
    ...process.argv.slice(2),
  ],
  { stdio: ['inherit', 'inherit', 'inherit', 'pipe'], env: { ...process.env, STOWAGE_EXIT_CODE_PIPE: '3' } },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jest.kill(signal));
jest.stdio[3]?.once('data', (code) => {
  setTimeout(() => {
    process.stderr.write(`Jest was done, and its process did not end within ${String(END_TIMEOUT_MS / 1000)} s: it is killed.\n`);
    process.exitCode = Number(String(code));
    jest.kill('SIGKILL');
  }, END_TIMEOUT_MS).unref();
});
jest.on('exit', (code) => {
  process.exitCode ??= code ?? 1;
});
