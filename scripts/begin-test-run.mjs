// Jest's globalSetup: names the run, so that all of its test files and workers share what is made once (test/harness/made-once.ts).
export default function beginTestRun() {
  process.env.STOWAGE_TEST_RUN = String(process.pid);
}
