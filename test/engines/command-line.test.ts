import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { IMAGE } from '../harness/engines.js';
import { TEST_SECRET } from '../harness/gateway.js';
import { startStand, type Stand } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

const COMMAND = fileURLToPath(new URL('../../dist/bundle/main.js', import.meta.url));

let stand: Stand;
let folder: string;

beforeAll(async () => {
  folder = await makeTestFolder('command-line');
  // Slow enough for somebody to see how far a backup is.
  stand = await startStand(['alpha'], { environment: { STOWAGE_TRANSFER_BYTES_PER_SECOND: '10000000' } });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await stand.stop();
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `stowage` with these words, in an empty folder. */
function stowage(words: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const env = { PATH: process.env['PATH'], HOME: folder, STOWAGE_URL: stand.gateway.url, STOWAGE_TOKEN: TEST_SECRET, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...words], { env, cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const asJson = async (...words: string[]): Promise<unknown> => {
  const { stdout, stderr, code } = await stowage([...words, '--json']);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${String(code)}: ${stderr}`);
  return JSON.parse(stdout);
};

test('hosts are added with labels and keys, listed, and removed', async () => {
  const { endpoint } = stand.engine('alpha');
  const keyFile = path.join(folder, 'key');
  await writeFile(keyFile, 'no key');
  expect(await stowage(['host', 'add', 'again', endpoint, '-l', 'site=cellar', '-l', 'rack=3=b', '--ssh-key', keyFile])).toMatchObject({
    code: 1,
    stderr: 'ssh is only for ssh:// endpoints.\n',
  });
  expect(await stowage(['host', 'add', 'again', endpoint, '-l', 'site=cellar', '-l', 'rack=3=b'])).toEqual({ code: 0, stdout: 'again\n', stderr: '' });
  expect(await asJson('host', 'ls')).toMatchObject([
    {
      name: 'again',
      endpoint,
      status: 'ONLINE',
      labels: [
        { key: 'rack', value: '3=b' },
        { key: 'site', value: 'cellar' },
      ],
    },
    { name: 'alpha', status: 'ONLINE' },
  ]);
  const { stdout } = await stowage(['host', 'list']);
  expect(stdout).toMatch(/^NAME +ENDPOINT +STATUS +ENGINE +VOLUMES +CONTAINERS +SYNCED +DECLARED IN\nagain +unix:\S+ +ONLINE +\d/);
  expect(await asJson('host', 'remove', 'again')).toEqual({ name: 'again', removed: true });
  expect(await stowage(['host', 'rm', 'again'])).toEqual({ code: 1, stdout: '', stderr: 'There is no host named "again".\n' });
});

test('tokens are made, listed and revoked, and the secret is all that is printed', async () => {
  const { stdout } = await stowage(['token', 'create', 'portal', '--role', 'OPERATOR', '--host', 'alpha', '--expires', '30d']);
  const secret = stdout.trim();
  expect(secret).toMatch(/^stow_\S+$/);
  expect((await stowage(['host', 'list'], { STOWAGE_TOKEN: secret })).code).toBe(0);
  const tokens = (await asJson('token', 'list')) as { id: string; name: string }[];
  const portal = tokens.find(({ name }) => name === 'portal');
  expect(portal).toMatchObject({ role: 'OPERATOR', hosts: ['alpha'], revokedAt: null, expiresAt: expect.any(String) as string });
  expect(await asJson('token', 'revoke', portal?.id ?? '')).toEqual({ id: portal?.id, revoked: true });
  expect(await stowage(['host', 'list', '--json'], { STOWAGE_TOKEN: secret })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('{"error":{"code":"UNAUTHENTICATED"') as string,
  });
  expect(await stowage(['token', 'create', 'x', '--expires', 'soon'])).toMatchObject({ code: 1, stderr: expect.stringContaining('30d') as string });
});

test('a volume is backed up while the command waits, or not', async () => {
  const engine = stand.engine('alpha');
  await engine.cli('volume', 'create', 'kept');
  await engine.cli('run', '--rm', '--network', 'none', '-v', 'kept:/data', IMAGE, 'sh', '-c', 'echo content > /data/file');
  const { code, stdout } = await stowage(['backup', 'now', 'alpha', 'kept']);
  expect(stdout).toMatch(/ 8 B in 1 files, /);
  expect(code).toBe(0);
  const begun = (await asJson('backup', 'now', 'alpha', 'kept', '--quiesce', 'PAUSE', '--detach')) as { operation: string };
  expect((await stand.gateway.query<{ operation: { kind: string } }>(`{ operation(id: "${begun.operation}") { kind } }`)).operation.kind).toBe('BACKUP');
  expect(await stowage(['backup', 'now', 'alpha', 'missing', '--json'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('"NOT_FOUND"') as string,
  });
});

test('in a terminal, a bar shows how far a backup is', async () => {
  const engine = stand.engine('alpha');
  await engine.cli('volume', 'create', 'large');
  await engine.cli('run', '--rm', '--network', 'none', '-v', 'large:/data', IMAGE, 'dd', 'if=/dev/urandom', 'of=/data/file', 'bs=1M', 'count=16');
  const { measureVolumes } = await stand.gateway.query<{ measureVolumes: { operation: { id: string } } }>(
    'mutation { measureVolumes(input: {}) { operation { id } } }',
  );
  await eventually(
    async () => {
      const { operation } = await stand.gateway.query<{ operation: { state: string } }>(`{ operation(id: "${measureVolumes.operation.id}") { state } }`);
      expect(operation.state).toBe('SUCCEEDED');
    },
    { what: 'the volume is measured' },
  );
  const env = { PATH: process.env['PATH'], HOME: folder, TERM: 'xterm', STOWAGE_URL: stand.gateway.url, STOWAGE_TOKEN: TEST_SECRET };
  const inTerminal = ['--quiet', '--return', '--command', `${process.execPath} ${COMMAND} backup now alpha large`, '/dev/null'];
  const { stdout } = await promisify(execFile)('script', inTerminal, { env, cwd: folder });
  expect(stdout).toMatch(/alpha\/large \[=+-*\] \d+% [\d.]+ MB of 16\.8 MB/);
  expect(stdout).toMatch(/16\.8 MB in 1 files/);
});

test('what cannot be done is told by the exit code, too', async () => {
  expect(await stowage(['hots', 'list'])).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean host?') as string });
  expect(await stowage(['host', 'add', 'x'])).toMatchObject({ code: 2, stderr: expect.stringContaining("missing required argument 'endpoint'") as string });
  // --json holds for what cannot be read, too.
  for (const words of [['hots'], ['host'], ['host', 'add', 'x'], ['token', 'create', 'x', '--role', 'admin'], []]) {
    const { code, stderr } = await stowage([...words, '--json']);
    expect([code, (JSON.parse(stderr) as { error: { code: string } }).error.code]).toEqual([2, 'USAGE']);
  }
  // As with a file that has the line ends of Windows: the secret is not shown.
  const { code, stderr } = await stowage(['host', 'list'], { STOWAGE_TOKEN: `${TEST_SECRET}\r` });
  expect([code, stderr]).toEqual([3, expect.stringContaining('STOWAGE_TOKEN: must have letters')]);
  expect(stderr).not.toContain(TEST_SECRET);
  // The address that a gateway prints when it starts.
  expect(await stowage(['host', 'list', '--url', `${stand.gateway.url}/graphql`])).toMatchObject({ code: 0 });
  expect(await stowage(['host', 'list'], { STOWAGE_TOKEN: '' })).toMatchObject({ code: 3, stderr: expect.stringContaining('STOWAGE_TOKEN') as string });
  expect(await stowage(['host', 'list'], { STOWAGE_URL: 'http://127.0.0.1:9' })).toMatchObject({ code: 4 });
  expect(await stowage(['migrate', 'status'], { DATABASE_URL: 'postgresql://stowage@127.0.0.1:9/stowage' })).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('The database does not answer: ') as string,
  });
});

test('a health check finds its gateway by the settings, and tells by the exit code how it is', async () => {
  const { port } = new URL(stand.gateway.url);
  expect(await stowage(['health'], { STOWAGE_PORT: port })).toEqual({ code: 0, stdout: `The gateway at ${stand.gateway.url} is ready.\n`, stderr: '' });
  // Listening everywhere includes this machine; what is wrong with other settings does not make a running gateway ill.
  const config = path.join(folder, 'health.yaml');
  await writeFile(config, `bind: 0.0.0.0\nport: ${port}\nprot: 4000\nmaxDepth: none\n`);
  expect(await stowage(['health', '--json', '--config', config])).toEqual({
    code: 0,
    stdout: `${JSON.stringify({ ready: true, url: stand.gateway.url })}\n`,
    stderr: '',
  });
  expect(await stowage(['health'], { STOWAGE_PORT: '9' })).toMatchObject({ code: 4, stderr: expect.stringContaining('http://127.0.0.1:9') as string });
  expect(await stowage(['health'], { STOWAGE_PORT: '0' })).toMatchObject({ code: 3 });
  expect(await stowage(['health', '--json'], { STOWAGE_PORT: port, STOWAGE_TLS_CERT: 'any.pem' })).toMatchObject({
    code: 4,
    stderr: expect.stringContaining(`"UNAVAILABLE","message":"No gateway answers at https://127.0.0.1:${port}: `) as string,
  });
});

test('what is printed into a pipe comes whole, however slowly it is read, and who has read enough may leave', async () => {
  const config = path.join(folder, 'many-hosts.yaml');
  const hosts = Array.from(
    { length: 2_000 },
    (_, index) => `  host-${String(index)}: { endpoint: 'tcp://a-name-of-many-letters-${String(index)}.example:2376' }\n`,
  );
  await writeFile(config, `hosts:\n${hosts.join('')}`);
  const shell = async (reader: string) => {
    const script = `set -o pipefail; '${process.execPath}' '${COMMAND}' check --json --config '${config}' | ${reader}`;
    return (await promisify(execFile)('bash', ['-c', script], { env: { PATH: process.env['PATH'] }, cwd: folder })).stdout;
  };
  const { stdout } = await stowage(['check', '--json', '--config', config]);
  expect(stdout.length).toBeGreaterThan(130_000);
  expect(Number(await shell('wc -c'))).toBe(stdout.length);
  expect(await shell('head -c 5')).toBe('{"ok"');
  // What was done and could not be told is no success: the secret of a token would be lost without a word.
  await expect(
    promisify(execFile)('sh', ['-c', `'${process.execPath}' '${COMMAND}' version > /dev/full`], { env: { PATH: process.env['PATH'] } }),
  ).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('could not be printed') as string });
});

test('help names every command, and --version the version', async () => {
  const { stdout, code } = await stowage(['--help']);
  expect(code).toBe(0);
  for (const word of ['serve', 'check', 'health', 'token', 'host', 'backup', 'migrate', 'version', 'STOWAGE_TOKEN', 'Exit codes:'])
    expect(stdout).toContain(word);
  expect((await stowage(['host', 'add', '--help'])).stdout).toMatch(/^Usage: stowage host add \[OPTIONS\] NAME ENDPOINT\n/);
  expect(await asJson('version')).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string, node: process.versions.node });
  expect((await stowage(['help', 'host'])).stdout).toMatch(/^Usage: stowage host COMMAND\n/);
  expect((await stowage(['-v'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('settings are checked without a start, all of them at once', async () => {
  expect(await stowage(['check'], { STOWAGE_PORT: '4100' })).toMatchObject({ code: 0, stdout: expect.stringContaining('http://127.0.0.1:4100') as string });
  const config = path.join(folder, 'wrong.yaml');
  await writeFile(config, 'prot: 4000\ntlsCert: none.pem\ntlsKey: none.pem\n');
  expect(await stowage(['check', '--config', config])).toEqual({
    code: 3,
    stdout: '',
    stderr: `These settings are wrong:\n  ${config}:1 prot: is no setting; did you mean port?\n`,
  });
  // What only opening tells, too, of all of them.
  await writeFile(config, 'tlsCert: none.pem\ntlsKey: none.pem\ndocuments: none.json\nbackupKey: AGE-SECRET-KEY-1AAAA\n');
  for (const word of ['check', 'serve']) {
    const { code, stderr } = await stowage([word], { STOWAGE_CONFIG: config });
    expect([code, ...stderr.matchAll(/STOWAGE_(DOCUMENTS|TLS_CERT|BACKUP_KEY)(?=[: ])/g)].map(String)).toEqual([
      '3',
      ...['DOCUMENTS', 'TLS_CERT', 'BACKUP_KEY'].map((name) => `STOWAGE_${name},${name}`),
    ]);
  }
});
