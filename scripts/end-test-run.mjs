// Jest's globalTeardown: removes what the run made once (test/harness/made-once.ts).
import { realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';

export default async function endTestRun() {
  for (const root of ['/dev/shm', realpathSync(os.tmpdir())]) {
    await rm(`${root}/stowage-template-${process.env.STOWAGE_TEST_RUN}`, { recursive: true, force: true });
  }
}
