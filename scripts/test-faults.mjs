// Runs the random faults of test/faults for as long as one likes:
//   npm run test:faults -- --minutes 10 --seed 7
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } } });
for (const [name, value] of Object.entries(values)) {
  if (!/^\d+(\.\d+)?$/.test(value)) {
    process.stderr.write(`--${name} ${value} is not a number\n`);
    process.exit(2);
  }
}
process.env['STOWAGE_FAULT_MINUTES'] = values.minutes;
process.env['STOWAGE_FAULT_SEED'] = values.seed;
process.argv.splice(2, Infinity, 'test/faults');
await import('./run-jest.mjs');
