// Runs Jest with the arguments given, and ends when it does. Node can hang for ever while it ends, after the last handler
// of its 'exit' event has run and with every result printed (nodejs/node#54918): then its exit code is known already.
//
// Without arguments it runs all tests, in two parts: those that need no engine two files at a time, then the others one
// after the other. Engines of one machine share their plugins, a hanging one of which holds up all of them, and may use
// both cores.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Milliseconds from the 'exit' event of Jest's process to its end. */
const END_TIMEOUT_MS = 20_000;
/** Folders of tests that start engines. */
const WITH_ENGINES = '/test/(browser|engine|engines|faults|fuzz|sync)/';

/** Runs Jest once; resolves to its exit code. */
function runJest(jestArguments) {
  const jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--import',
      fileURLToPath(new URL('tell-exit-code.mjs', import.meta.url)),
      fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url)),
      ...jestArguments,
    ],
    { stdio: ['inherit', 'inherit', 'inherit', 'pipe'], env: { ...process.env, STOWAGE_EXIT_CODE_PIPE: '3' } },
  );
  const forward = (signal) => jest.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forward);
  return new Promise((resolve) => {
    let known;
    let timer;
    jest.stdio[3]?.once('data', (code) => {
      known = Number(String(code));
      timer = setTimeout(() => {
        process.stderr.write(`Jest was done, and its process did not end within ${String(END_TIMEOUT_MS / 1000)} s: it is killed.\n`);
        jest.kill('SIGKILL');
      }, END_TIMEOUT_MS);
    });
    jest.on('exit', (code, signal) => {
      clearTimeout(timer);
      for (const name of ['SIGINT', 'SIGTERM']) process.off(name, forward);
      resolve({ code: known ?? code ?? 1, wasStopped: signal !== null && known === undefined });
    });
  });
}

const given = process.argv.slice(2);
const parts =
  given.length > 0
    ? [given]
    : [
        ['--maxWorkers', '2', '--testPathIgnorePatterns', WITH_ENGINES],
        ['--testPathPatterns', WITH_ENGINES],
      ];
let exitCode = 0;
for (const part of parts) {
  const { code, wasStopped } = await runJest(part);
  exitCode = Math.max(exitCode, code);
  if (wasStopped) break;
}
process.exitCode = exitCode;
