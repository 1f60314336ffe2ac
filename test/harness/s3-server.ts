import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTestFolder } from './test-folder.js';

const PROCESS = fileURLToPath(new URL('s3-server-process.mjs', import.meta.url));

/** The one pair of keys that the server knows. It checks signatures (version 4). */
const KEY = 'S3RVER';

/** An S3 server in a process of its own, with one bucket. */
export interface TestS3Server {
  readonly port: number;
  /** What finds it as the usual variables: keys, region and endpoint; `port`: another one that leads there. */
  environment(port?: number): Record<string, string>;
  /** Names of the objects in the bucket, in order. */
  objects(): Promise<string[]>;
  /** Whether an upload of several parts is under way, or was left. */
  partsWritten(): Promise<boolean>;
  stop(): Promise<void>;
}

/** The bucket that is there. */
export const BUCKET = 'backups';

export async function startS3Server(): Promise<TestS3Server> {
  const folder = await makeTestFolder('s3');
  const data = path.join(folder, 'data');
  const child = spawn(process.execPath, [PROCESS, data], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  const filesOf = (...parts: string[]) => readdir(path.join(data, BUCKET, ...parts), { recursive: true }).catch(() => [] as string[]);
  return {
    port,
    environment: (reached = port) => ({
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: KEY,
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${String(reached)}`,
    }),
    async objects() {
      const files = await filesOf();
      return files.flatMap((file) => (file.endsWith('._S3rver_object') ? [file.slice(0, -'._S3rver_object'.length)] : [])).sort();
    },
    async partsWritten() {
      return (await filesOf('._S3rver_uploads')).some((file) => /\/\d+$/.test(file));
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
