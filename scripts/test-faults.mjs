// Runs the random faults of test/faults for as long as one likes:
//   npm run test:faults -- --minutes 10 --seed 7
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } } });
for (const [name, value] of Object.entries(values)) {
  if (!/^\d+(\.\d+)?$/.test(value)) {
    process.stderr.write(`--${name} ${value} is not a number\n`);
    process.exit(2);
  }
}
const { status } = spawnSync('npx', ['jest', 'test/faults'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    NODE_OPTIONS: '--experimental-vm-modules',
    STOWAGE_FAULT_MINUTES: values.minutes,
    STOWAGE_FAULT_SEED: values.seed,
  },
});
process.exit(status ?? 1);
