// Sends a gateway as much that no client would send as one likes (test/fuzz):
//   npm run test:fuzz -- --count 20000 --seed 7
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { count: { type: 'string', default: '20000' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } } });
for (const [name, value] of Object.entries(values)) {
  if (!/^\d{1,9}$/.test(value)) {
    process.stderr.write(`--${name} ${value} is not a whole number\n`);
    process.exit(2);
  }
}
process.env['STOWAGE_FUZZ_COUNT'] = values.count;
process.env['STOWAGE_FUZZ_SEED'] = values.seed;
process.argv.splice(2, Infinity, 'test/fuzz');
await import('./run-jest.mjs');
