import base from './jest.config.mjs';

/** Benchmarks: they print figures, and some fail when a promise does not hold. One command each in package.json. */
/** @type {import('jest').Config} */
export default { ...base, testMatch: ['**/*.bench.ts'], testTimeout: 1_800_000, verbose: false };
