// Runs the random faults of test/faults for as long as one likes:
//   npm run test:faults -- --minutes 10 --seed 7
import { runWithSeed } from './run-with-seed.mjs';

const minutes = { option: 'minutes', byDefault: '10', form: /^\d+(\.\d+)?$/, word: 'number', variable: 'STOWAGE_FAULT_MINUTES' };
await runWithSeed('test/faults', minutes, 'STOWAGE_FAULT_SEED');
