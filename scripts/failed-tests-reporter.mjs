// Jest's reporter for logs of which only the end is shown: after all else, each failed test with the beginning of its message.
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Lines of a message that are shown beside its first. */
const SHOWN_LINES = 2;
const TELLING = /^(?:Last failure:|Expected|Received|[-+] {2,}\S)(?!\s+[-+] +\d+$)/;
const SHOWN_CHARACTERS = 200;

export default class FailedTestsReporter {
  constructor(config) {
    this.root = config.rootDir;
  }

  onRunComplete(_contexts, { testResults }) {
    const lines = testResults.flatMap((file) => {
      const failed = file.testResults.filter(({ status }) => status === 'failed');
      const name = path.relative(this.root, file.testFilePath);
      const tests = failed.flatMap(({ fullName, failureMessages }) => [`  ${name} › ${fullName}`, ...beginning(failureMessages[0] ?? '')]);
      // The file itself failed: it could not be loaded, or something went wrong beside its tests.
      const whole = file.failureMessage && (file.testExecError !== undefined || failed.length === 0) ? [`  ${name}`, ...beginning(file.failureMessage)] : [];
      return [...whole, ...tests];
    });
    if (lines.length > 0) process.stderr.write(`\nFailed:\n${lines.join('\n')}\n`);
  }
}

/** The first line, and what tells most of those after it: the last failure of a wait, or what was expected and what came. */
function beginning(message) {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('●'));
  const telling = lines.slice(1).filter((line) => TELLING.test(line));
  return [...lines.slice(0, 1), ...telling.slice(0, SHOWN_LINES)].map((line) => `      ${line.slice(0, SHOWN_CHARACTERS)}`);
}
