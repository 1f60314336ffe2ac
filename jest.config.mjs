/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transformIgnorePatterns: ['/node_modules/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  globalSetup: '<rootDir>/scripts/begin-test-run.mjs',
  globalTeardown: '<rootDir>/scripts/end-test-run.mjs',
  reporters: ['default', '<rootDir>/scripts/failed-tests-reporter.mjs'],
  // One file may use both cores: engines and gateways are processes of their own.
  maxWorkers: 1,
  // Waits have limits of their own, which say what did not come about; this one is for what waits for nothing.
  testTimeout: 180_000,
};
