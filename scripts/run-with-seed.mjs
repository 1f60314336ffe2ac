// Runs a folder of tests that draw lots, with how much of it and the seed from the command line.
import { parseArgs } from 'node:util';

/**
 * `amount` names the option, what it is without it, what it must look like with a word for that, and the variable that the tests
 * read it from; `seedVariable` is that of --seed. Ends with code 2 for what is none.
 */
export async function runWithSeed(folder, amount, seedVariable) {
  const seed = { option: 'seed', byDefault: String(Date.now() % 1_000_000), form: amount.form, word: amount.word, variable: seedVariable };
  const options = [amount, seed];
  const { values } = parseArgs({ options: Object.fromEntries(options.map(({ option, byDefault }) => [option, { type: 'string', default: byDefault }])) });
  for (const { option, form, word, variable } of options) {
    const value = values[option];
    if (!form.test(value)) {
      process.stderr.write(`--${option} ${value} is not a ${word}\n`);
      process.exit(2);
    }
    process.env[variable] = value;
  }
  process.argv.splice(2, Infinity, folder);
  await import('./run-jest.mjs');
}
