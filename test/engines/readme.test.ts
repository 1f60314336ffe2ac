import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { IMAGE } from '../harness/engines.js';
import { startFaultProxy } from '../harness/fault-proxy.js';
import { TEST_SECRET } from '../harness/gateway.js';
import { startStand, type Stand } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMMAND = path.join(ROOT, 'dist/bundle/main.js');
/** Milliseconds for all examples of a page together. */
const PAGE_LIMIT_MS = 60_000;
/** Ends what one example of a page prints; no program prints it. */
const SEPARATOR = '\u001e';

let stand: Stand;

beforeAll(async () => {
  stand = await startStand(['alpha', 'beta', 'gamma']);
});

afterAll(async () => {
  await stand.stop();
});

interface Example {
  readonly name: string;
  readonly code: string;
  /** What the page prints for it, if anything. */
  readonly answer: string | undefined;
}

/** The examples of a page, in its order. */
function examplesOf(page: string): Example[] {
  const found = readFileSync(path.join(ROOT, page), 'utf8').matchAll(
    /<!-- example: (\S+) -->\n```\w+\n(?<code>.*?)\n```(?:\n\n```(?:json)?\n(?<answer>.*?)\n```)?/gs,
  );
  return [...found].map(({ 1: name = '', groups }) => ({ name, code: groups?.['code'] ?? '', answer: groups?.['answer'] }));
}

/** An example of the README. */
function example(name: string): Example {
  const found = examplesOf('README.md').find((each) => each.name === name);
  if (found === undefined) throw new Error(`the README has no example ${name}`);
  return found;
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
  const { code, answer } = example('client');
  await writeFile(file, code.replace('http://127.0.0.1:4000', stand.gateway.url));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env: { ...process.env, STOWAGE_TOKEN: TEST_SECRET }, cwd: ROOT });
    expect(stdout.trim()).toBe(answer);
  } finally {
    await rm(file);
  }
});

test('the mutation of the README adds a host', async () => {
  expect(await runShell(example('host').code)).toMatchObject({ data: { addHost: { host: { name: 'again', status: 'ONLINE' } } } });
  // For what follows, each engine has one name.
  await stand.gateway.query('mutation { removeHost(input: { name: "again" }) { removed } }');
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

describe('a page to get started', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await makeTestFolder('page');
    await mkdir(path.join(folder, 'bin'));
    await writeFile(path.join(folder, 'bin/stowage'), `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`, { mode: 0o755 });
    // What the pages have installed.
    await mkdir(path.join(folder, 'node_modules'));
    await symlink(ROOT, path.join(folder, 'node_modules/stowage'));
    for (const name of ['@apollo', 'graphql', 'graphql-ws', 'rxjs', 'ws'])
      await symlink(path.join(ROOT, 'node_modules', name), path.join(folder, 'node_modules', name));
    for (const engine of stand.engines) await engine.reset();
    await knownAre([]);
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  /** Waits until the gateway knows these volumes of the three hosts, `host/name` each, and no others. */
  async function knownAre(wanted: readonly string[]): Promise<void> {
    await eventually(
      async () => {
        const { volumes } = await stand.gateway.query<{ volumes: { nodes: { name: string; host: { name: string }; mounts: unknown[] }[] } }>(
          '{ volumes(filter: { hosts: ["alpha", "beta", "gamma"] }) { nodes { name host { name } } } }',
        );
        expect(volumes.nodes.map(({ name, host }) => `${host.name}/${name}`).sort()).toEqual([...wanted].sort());
      },
      { what: 'the volumes are known' },
    );
  }

  const environmentOf = (url = stand.gateway.url, token = TEST_SECRET) => ({
    PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    STOWAGE_URL: url,
    STOWAGE_TOKEN: token,
  });

  /** Saves the programs of a page, which are named like files, and gives its other examples. */
  async function savePrograms(page: string): Promise<Example[]> {
    const examples = examplesOf(page);
    const isProgram = ({ name }: Example) => name.endsWith('.mjs');
    for (const { name, code } of examples.filter(isProgram)) await writeFile(path.join(folder, name), code);
    return examples.filter((each) => !isProgram(each));
  }

  /** What each example of a page prints in one shell, by its name, beside what the page says. */
  async function runPage(page: string): Promise<{ readonly printed: Record<string, string>; readonly told: Record<string, string> }> {
    const examples = await savePrograms(page);
    const script = examples.map(({ code }) => `${code}\nprintf '${SEPARATOR}'\n`).join('');
    // What goes to stderr shows in a terminal, too.
    const { stdout } = await promisify(execFile)('sh', ['-c', `exec 2>&1\n${script}`], { env: environmentOf(), cwd: folder, timeout: PAGE_LIMIT_MS });
    const outputs = stdout.split(SEPARATOR);
    return {
      printed: Object.fromEntries(examples.map(({ name }, index) => [name, (outputs[index] ?? '').trimEnd()])),
      told: Object.fromEntries(examples.map(({ name, answer }) => [name, (answer ?? '').trimEnd()])),
    };
  }

  test('shows how a portal asks', async () => {
    const [alpha, beta, gamma] = stand.engines;
    for (const [engine, name] of [
      [alpha, 'orders'],
      [alpha, 'photos'],
      [beta, 'orders'],
      [gamma, 'orders'],
    ] as const) {
      await engine?.cli('volume', 'create', '--label', 'team=blue', name);
    }
    await alpha?.cli('run', '-d', '--network', 'none', '--name', 'shop', '-v', 'orders:/data', IMAGE, 'sleep', '1000');
    await eventually(
      async () => {
        const { volume } = await stand.gateway.query<{ volume: { state: string } }>('{ volume(host: "alpha", name: "orders") { state } }');
        expect(volume.state).toBe('IN_USE');
      },
      { what: 'the container shows' },
    );
    await knownAre(['alpha/orders', 'alpha/photos', 'beta/orders', 'gamma/orders']);
    const { printed, told } = await runPage('docs/start-portal.md');
    expect(printed).toEqual(told);
  });

  test('shows how a script changes', async () => {
    await stand.engine('gamma').cli('volume', 'create', '--label', 'team=green', 'release-cache');
    await stand.engine('alpha').cli('volume', 'create', 'orders');
    await knownAre(['alpha/orders', 'gamma/release-cache']);
    const { printed, told } = await runPage('docs/start-script.md');
    expect(printed).toEqual(told);
  });

  test('shows how a dashboard listens, and goes on where it was', async () => {
    const [live] = await savePrograms('docs/start-dashboard.md');
    const alpha = stand.engine('alpha');
    const { secret } = (
      await stand.gateway.query<{ createToken: { secret: string } }>(
        'mutation { createToken(input: { name: "dashboard", role: VIEWER, hosts: ["alpha"] }) { secret } }',
      )
    ).createToken;
    const proxy = await startFaultProxy({ target: { host: '127.0.0.1', port: Number(new URL(stand.gateway.url).port) } });
    const started = [
      spawn(process.execPath, ['live.mjs'], { env: environmentOf(proxy.endpoint.replace('tcp:', 'http:'), secret), cwd: folder }),
      spawn(process.execPath, ['watch-client.mjs', 'j0'], { env: environmentOf(stand.gateway.url, secret), cwd: folder }),
    ];
    const printed = ['', ''];
    for (const [index, { stdout, stderr }] of started.entries()) {
      for (const stream of [stdout, stderr]) stream.on('data', (chunk: Buffer) => (printed[index] = `${printed[index] ?? ''}${chunk.toString()}`));
    }
    const prints = (what: string, index = 0) =>
      eventually(
        () => {
          expect(printed[index]).toContain(what);
        },
        { what: `${what} is printed` },
      );
    try {
      await prints('connected');
      await alpha.cli('volume', 'create', 'one');
      await prints('VOLUME_CREATED alpha/one');
      proxy.setMode('reset');
      await alpha.cli('volume', 'create', 'two');
      await knownAre(['alpha/one', 'alpha/two']);
      await alpha.cli('volume', 'rm', 'one');
      await knownAre(['alpha/two']);
      proxy.setMode('pass');
      await prints('VOLUME_REMOVED alpha/one');
      expect(withPlaces(printed[0] ?? '')).toBe(withPlaces(live?.answer ?? ''));
      await prints('VOLUME_REMOVED alpha/one', 1);
      const transcript = (printed[1] ?? '').split('\n').slice(-4).join('\n');
      expect(withPlaces(transcript)).toBe('#0 VOLUME_CREATED alpha/one\n#1 VOLUME_CREATED alpha/two\n#2 VOLUME_REMOVED alpha/one');
    } finally {
      for (const child of started) child.kill();
      await proxy.close();
    }
  });

  /** With each cursor's place among those that are printed, since what happened before is not the same each time. */
  function withPlaces(text: string): string {
    const cursors = [...new Set(text.match(/\bj\d+\b/g))].sort((one, other) => Number(one.slice(1)) - Number(other.slice(1)));
    return text.replaceAll(/\bj\d+\b/g, (cursor) => `#${String(cursors.indexOf(cursor))}`).trim();
  }
});
