// Runs Jest with the arguments given, and ends when it does. Node can hang for ever while it ends, after the last handler
// of its 'exit' event has run and with every result printed (nodejs/node#54918): then its exit code is known already.
//
// Without arguments it runs all tests, in two parts: two files at a time, then those that say in a comment why they must be
// alone (`@alone`): engines of one machine share their plugins, a hanging one of which holds up all of them, and some tests
// use both cores or give what shows little time.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Milliseconds from the 'exit' event of Jest's process to its end. */
const END_TIMEOUT_MS = 20_000;
const TESTS = fileURLToPath(new URL('../test/', import.meta.url));
/** Stands in the first line of a test file, with the reason, when no other may run beside it. */
const ALONE = '/** @alone ';

/** Arguments for the two parts in which all tests run. */
function partsOfAll() {
  const files = readdirSync(TESTS, { recursive: true })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => TESTS + file)
    .sort();
  const alone = files.filter((file) => readFileSync(file, 'utf8').startsWith(ALONE));
  const others = files.filter((file) => !alone.includes(file));
  return [
    ['--maxWorkers', '2', '--runTestsByPath', ...others],
    ['--runTestsByPath', ...alone],
  ];
}

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
const parts = given.length > 0 ? [given] : partsOfAll();
let exitCode = 0;
for (const part of parts) {
  const { code, wasStopped } = await runJest(part);
  exitCode = Math.max(exitCode, code);
  if (wasStopped) break;
}
process.exitCode = exitCode;
