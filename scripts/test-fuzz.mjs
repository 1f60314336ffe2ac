// Sends a gateway as much that no client would send as one likes (test/fuzz):
//   npm run test:fuzz -- --count 20000 --seed 7
import { runWithSeed } from './run-with-seed.mjs';

const count = { option: 'count', byDefault: '20000', form: /^\d{1,9}$/, word: 'whole number', variable: 'STOWAGE_FUZZ_COUNT' };
await runWithSeed('test/fuzz', count, 'STOWAGE_FUZZ_SEED');
