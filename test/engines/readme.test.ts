import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { IMAGE } from '../harness/engines.js';
import { TEST_SECRET } from '../harness/gateway.js';
import { startStand, type Stand } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

let stand: Stand;

beforeAll(async () => {
  stand = await startStand(['alpha', 'beta', 'gamma']);
});

afterAll(async () => {
  await stand.stop();
});

/** The code of an example, and the answer that the README prints for it, if any. */
function example(name: string): { code: string; answer: string | undefined } {
  const found = new RegExp(`<!-- example: ${name} -->\n\`\`\`\\w+\n(.*?)\n\`\`\`(?:\n\n\`\`\`json\n(.*?)\n\`\`\`)?`, 's').exec(README);
  if (found?.[1] === undefined) throw new Error(`the README has no example ${name}`);
  return { code: found[1], answer: found[2] };
}

/** Runs a shell example as it stands there, against the gateway of this test. */
async function runShell(code: string): Promise<unknown> {
  const here = code.replaceAll('http://127.0.0.1:4000', stand.gateway.url).replaceAll('tcp://engine.example:2375', stand.engine('alpha').endpoint);
  const { stdout } = await promisify(execFile)('sh', ['-c', here], { env: { ...process.env, STOWAGE_TOKEN: TEST_SECRET } });
  return JSON.parse(stdout) as unknown;
}

test('the query of the README is answered as it says', async () => {
  const alpha = stand.engine('alpha');
  await alpha.cli('volume', 'create', 'my-data-volume');
  await alpha.cli('run', '-d', '--network', 'none', '--name', 'writer', '-v', 'my-data-volume:/data', IMAGE, 'sleep', '1000');
  await alpha.cli('run', '-d', '--network', 'none', '--name', 'reader', '-v', 'my-data-volume:/data:ro', IMAGE, 'sleep', '1000');
  const { code, answer } = example('query');
  await eventually(
    async () => {
      expect(await runShell(code)).toEqual(JSON.parse(answer ?? ''));
    },
    { what: 'both containers show' },
  );
});

test('the script of the README is answered as it says, and once more it changes nothing', async () => {
  const { code, answer } = example('script');
  expect(await runShell(code)).toEqual(JSON.parse(answer ?? ''));
  expect(JSON.stringify(await runShell(code))).toBe(answer?.replaceAll('"created":true', '"created":false'));
});

test('the client of the README creates, plans, and removes as it says', async () => {
  const file = path.join(ROOT, `prune-${String(process.pid)}.mjs`);
  const { code } = example('client');
  await writeFile(file, code.replace('http://127.0.0.1:4000', stand.gateway.url));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env: { ...process.env, STOWAGE_TOKEN: TEST_SECRET }, cwd: ROOT });
    expect(stdout.trim()).toBe(/<!-- example: client -->.*?```\n\n```\n(.*?)\n```/s.exec(README)?.[1]);
  } finally {
    await rm(file);
  }
});

test('the mutation of the README adds a host', async () => {
  expect(await runShell(example('host').code)).toMatchObject({ data: { addHost: { host: { name: 'again', status: 'ONLINE' } } } });
});

test('the subscription of the README prints what happens, from the beginning and live', async () => {
  const file = path.join(ROOT, `watch-${String(process.pid)}.mjs`);
  await writeFile(file, example('watch').code.replace('ws://127.0.0.1:4000', stand.gateway.url.replace('http', 'ws')));
  const watching = spawn(process.execPath, [file, 'j0'], { env: { ...process.env, STOWAGE_TOKEN: TEST_SECRET }, cwd: ROOT });
  try {
    let printed = '';
    watching.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    watching.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await eventually(
      () => {
        expect(printed).toContain('"type":"HOST_ADDED"');
      },
      { what: 'the past is printed' },
    );
    await stand.engine('beta').cli('volume', 'create', 'made-live');
    await eventually(
      () => {
        expect(printed).toMatch(/"type":"VOLUME_CREATED","occurredAt":"[^"]+","hostName":"beta","volumeName":"made-live"/);
      },
      { what: 'what is live is printed' },
    );
  } finally {
    watching.kill();
    await rm(file);
  }
});
