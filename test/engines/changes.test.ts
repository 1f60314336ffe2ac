import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildSchema } from 'graphql';
import { v7 as newId } from 'uuid';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { IMAGE, VOLUME_IMAGE, type TestEngine } from '../harness/engines.js';
import { readJournal } from '../harness/events.js';
import { hostsAre, startStand, type Stand } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

/** Secret of a token with the role VIEWER. */
const VIEWER = 'test-secret-of-a-viewer';

let stand: Stand;
let database: TestDatabase;

beforeAll(async () => {
  database = await startDatabase();
  const hash = new Uint8Array(createHash('sha256').update(VIEWER).digest());
  await database.database.accessToken.create({ data: { id: newId(), name: 'viewer', role: 'VIEWER', hash } });
  stand = await startStand(['alpha', 'beta', 'gamma'], { environment: { DATABASE_URL: database.url } }, () => database.stop());
});

afterAll(async () => {
  await stand.stop();
});

afterEach(async () => {
  await Promise.all(stand.engines.map((engine) => engine.reset()));
});

const CREATE = `mutation ($input: CreateVolumeInput!) {
  createVolume(input: $input) { results { host { name } created volume { id name driver labels { key value } } error { code message } } }
}`;
const REMOVE = `mutation ($input: RemoveVolumeInput!) {
  removeVolumes(input: $input) { results { host { name } name removed error { code message } } }
}`;
const RUN = `mutation ($input: RunContainerInput!) {
  runContainer(input: $input) { container { engineId name state volumesFrom { name } mounts { type source destination readOnly origin volume { name } } } }
}`;

interface Problem {
  code: string;
  message: string;
}
interface Created {
  createVolume: {
    results: {
      host: { name: string };
      created: boolean;
      volume: { id: string; name: string; labels: { key: string; value: string }[] } | null;
      error: Problem | null;
    }[];
  };
}
interface Removed {
  removeVolumes: { results: { host: { name: string }; name: string; removed: boolean; error: Problem | null }[] };
}
interface Ran {
  runContainer: { container: { engineId: string; name: string; state: string; volumesFrom: { name: string }[]; mounts: Record<string, unknown>[] } };
}

const create = (input: Record<string, unknown>) => stand.gateway.query<Created>(CREATE, { input }).then((data) => data.createVolume.results);
const remove = (input: Record<string, unknown>) => stand.gateway.query<Removed>(REMOVE, { input }).then((data) => data.removeVolumes.results);
const run = (input: Record<string, unknown>) =>
  stand.gateway.query<Ran>(RUN, { input: { image: IMAGE, network: 'none', command: ['sleep', '1000'], ...input } }).then((data) => data.runContainer.container);

async function volumesOf(engine: TestEngine): Promise<string[]> {
  return (await engine.cli('volume', 'ls', '-q')).split('\n').filter((name) => name !== '');
}

describe('createVolume', () => {
  test('makes a volume on several hosts, with one result a host in the order asked', async () => {
    const results = await create({ hosts: ['gamma', 'alpha', 'beta'], name: 'shared-data', labels: [{ key: 'team', value: 'blue' }, { key: 'bare' }] });
    expect(results.map(({ host, created, error }) => [host.name, created, error])).toEqual([
      ['gamma', true, null],
      ['alpha', true, null],
      ['beta', true, null],
    ]);
    for (const engine of stand.engines) {
      const [volume] = JSON.parse(await engine.cli('volume', 'inspect', 'shared-data')) as [{ Driver: string; Labels: Record<string, string> }];
      expect(volume).toMatchObject({ Driver: 'local', Labels: { team: 'blue', bare: '' } });
    }
  });

  test('says so without an error when it is there already, just so', async () => {
    const wanted = { hosts: ['alpha'], name: 'there', labels: [{ key: 'a', value: '1' }] };
    const [first] = await create(wanted);
    const [second] = await create(wanted);
    expect(second).toEqual({ ...first, created: false });
  });

  test('takes one that docker made for its own when it is just so', async () => {
    await stand.engine('alpha').cli('volume', 'create', '--label', 'a=1', 'by-hand');
    expect(await create({ hosts: ['alpha'], name: 'by-hand', labels: [{ key: 'a', value: '1' }] })).toMatchObject([
      { created: false, error: null, volume: { name: 'by-hand' } },
    ]);
  });

  test('tells what differs from the one that has the name, and leaves that as it is', async () => {
    const alpha = stand.engine('alpha');
    await alpha.cli('volume', 'create', '--label', 'a=1', '-o', 'type=tmpfs', '-o', 'device=tmpfs', 'taken');
    const before = await alpha.cli('volume', 'inspect', 'taken');
    const [result] = await create({ hosts: ['alpha'], name: 'taken', labels: [{ key: 'a', value: '2' }] });
    expect(result).toMatchObject({ created: false, volume: null, error: { code: 'CONFLICT' } });
    expect(result?.error?.message).toContain('its label "a" is "1"');
    expect(result?.error?.message).toContain('its option "type" is "tmpfs"');
    expect(await alpha.cli('volume', 'inspect', 'taken')).toBe(before);
  });

  test('of 8 racers for one name exactly one is told that it created it, 20 times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => create({ hosts: ['beta'], name: `raced-${String(round)}` })));
      expect(outcomes.flat().filter(({ created }) => created)).toHaveLength(1);
      expect(outcomes.flat().every(({ error, volume }) => error === null && volume?.id === outcomes[0]?.[0]?.volume?.id)).toBe(true);
    }
  });

  test('makes up a name, the same on all hosts, when none is given', async () => {
    const results = await create({ hosts: ['alpha', 'beta'] });
    const names = new Set(results.map(({ volume }) => volume?.name));
    expect(names.size).toBe(1);
    for (const name of ['alpha', 'beta']) expect(await volumesOf(stand.engine(name))).toEqual([...names]);
  });

  test('answers for the hosts that are there when one is down', async () => {
    const beta = stand.engine('beta');
    await beta.kill();
    await hostsAre(stand.gateway, 'UNREACHABLE', 'beta');
    const results = await create({ hosts: ['alpha', 'beta', 'gamma'], name: 'partly' });
    expect(results.map(({ created, error }) => [created, error?.code ?? null])).toEqual([
      [true, null],
      [false, 'HOST_UNREACHABLE'],
      [true, null],
    ]);
    await beta.start();
    await hostsAre(stand.gateway, 'ONLINE', 'beta', 40_000);
  });
});

describe('bad input to createVolume is refused before any host is asked', () => {
  const cases: [string, Record<string, unknown>, string][] = [
    ['an unknown host', { hosts: ['alpha', 'nowhere'], name: 'x1' }, 'NOT_FOUND'],
    ['no host', { hosts: [], name: 'x1' }, 'BAD_USER_INPUT'],
    ['an empty name', { hosts: ['alpha'], name: '' }, 'BAD_USER_INPUT'],
    ['a name of one letter', { hosts: ['alpha'], name: 'x' }, 'BAD_USER_INPUT'],
    ['an over-long name', { hosts: ['alpha'], name: 'x'.repeat(256) }, 'BAD_USER_INPUT'],
    ['a name that is a path', { hosts: ['alpha'], name: '../containers/x' }, 'BAD_USER_INPUT'],
    ['a name with a space', { hosts: ['alpha'], name: 'a b' }, 'BAD_USER_INPUT'],
    ['a name with a null byte', { hosts: ['alpha'], name: 'ab\0' }, 'BAD_USER_INPUT'],
    ['a driver that is no name', { hosts: ['alpha'], name: 'x1', driver: '../x' }, 'BAD_USER_INPUT'],
    ['a label without a key', { hosts: ['alpha'], name: 'x1', labels: [{ key: '' }] }, 'BAD_USER_INPUT'],
    ['a label twice', { hosts: ['alpha'], name: 'x1', labels: [{ key: 'a' }, { key: 'a' }] }, 'BAD_USER_INPUT'],
    ["a label that is the engine's", { hosts: ['alpha'], name: 'x1', labels: [{ key: 'com.docker.compose.project', value: 'x' }] }, 'BAD_USER_INPUT'],
    ["a label that is the gateway's", { hosts: ['alpha'], name: 'x1', labels: [{ key: 'io.stowage.nonce', value: 'x' }] }, 'BAD_USER_INPUT'],
    ['a missing field', { name: 'x1' }, 'BAD_USER_INPUT'],
    ['a field of the wrong type', { hosts: ['alpha'], name: 7 }, 'BAD_USER_INPUT'],
  ];
  test.each(cases)('%s', async (_what, input, code) => {
    expect(await stand.gateway.codeOf(CREATE, { input })).toBe(code);
    for (const engine of stand.engines) expect(await volumesOf(engine)).toEqual([]);
  });

  test('an unknown driver, on the host that does not have it', async () => {
    expect(await create({ hosts: ['alpha'], name: 'x1', driver: 'nonexistent' })).toMatchObject([{ created: false, error: { code: 'BAD_USER_INPUT' } }]);
    expect(await volumesOf(stand.engine('alpha'))).toEqual([]);
  });

  test('driver options that the engine refuses', async () => {
    const [result] = await create({ hosts: ['alpha'], name: 'x1', driverOptions: [{ key: 'nonsense', value: '1' }] });
    expect(result?.error?.code).toBe('BAD_USER_INPUT');
    expect(await volumesOf(stand.engine('alpha'))).toEqual([]);
  });
});

describe('removeVolumes', () => {
  test('removes volumes of several hosts, and they become history with their last use', async () => {
    await create({ hosts: ['alpha', 'beta'], name: 'old' });
    await stand.engine('alpha').cli('run', '--rm', '--name', 'last-user', '--network', 'none', '-v', 'old:/data', IMAGE, 'true');
    const results = await remove({
      volumes: [
        { host: 'alpha', name: 'old' },
        { host: 'beta', name: 'old' },
      ],
    });
    expect(results.map(({ removed, error }) => [removed, error])).toEqual([
      [true, null],
      [true, null],
    ]);
    expect(await volumesOf(stand.engine('alpha'))).toEqual([]);
    const { volume, volumes } = await stand.gateway.query<{
      volume: { state: string; lastUsedBy: string; removedAt: string };
      volumes: { totalCount: number };
    }>('{ volume(host: "alpha", name: "old") { state lastUsedBy removedAt } volumes(filter: { names: ["old"] }) { totalCount } }');
    expect(volume).toMatchObject({ state: 'REMOVED', lastUsedBy: 'last-user' });
    expect(Date.parse(volume.removedAt)).not.toBeNaN();
    expect(volumes.totalCount).toBe(0);
  });

  test('refuses one that a container refers to, running or not, and names the containers', async () => {
    const alpha = stand.engine('alpha');
    await alpha.cli('create', '--name', 'sleeper', '--network', 'none', '-v', 'wanted:/data', IMAGE, 'true');
    await run({ host: 'alpha', name: 'runner', mounts: [{ type: 'VOLUME', source: 'wanted', destination: '/data' }] });
    for (const force of [false, true]) {
      const [result] = await remove({ volumes: [{ host: 'alpha', name: 'wanted' }], force });
      expect(result).toMatchObject({ removed: false, error: { code: 'VOLUME_IN_USE' } });
      expect(result?.error?.message).toContain('runner, sleeper');
    }
    expect(await volumesOf(alpha)).toEqual(['wanted']);
  });

  test('says that there is none, also with force, which the engine takes for a success', async () => {
    expect(await remove({ volumes: [{ host: 'alpha', name: 'nope' }], force: true })).toMatchObject([{ removed: false, error: { code: 'NOT_FOUND' } }]);
  });

  test('never removes another volume than the one that was meant', async () => {
    const beta = stand.engine('beta');
    const [first] = await create({ hosts: ['beta'], name: 'reborn' });
    await beta.cli('volume', 'rm', 'reborn');
    await beta.cli('volume', 'create', 'reborn');
    expect(await remove({ volumes: [{ host: 'beta', name: 'reborn', id: first?.volume?.id }] })).toMatchObject([
      { removed: false, error: { code: 'CONFLICT' } },
    ]);
    expect(await volumesOf(beta)).toEqual(['reborn']);
  });

  test.each([
    ['an unknown host', { volumes: [{ host: 'nowhere', name: 'old' }] }, 'NOT_FOUND'],
    ['a name that is a path', { volumes: [{ host: 'alpha', name: '../containers/x' }] }, 'BAD_USER_INPUT'],
    ['nothing', { volumes: [] }, 'BAD_USER_INPUT'],
    ['an id of something else', { volumes: [{ host: 'alpha', name: 'old', id: 'Host:0190a0a0-0000-7000-8000-000000000000' }] }, 'BAD_USER_INPUT'],
    ['an id that is none', { volumes: [{ host: 'alpha', name: 'old', id: "x' or 1=1" }] }, 'BAD_USER_INPUT'],
  ])('refuses %s', async (_what, input, code) => {
    expect(await stand.gateway.codeOf(REMOVE, { input })).toBe(code);
  });
});

describe('containers', () => {
  test('run with volumes, binds, tmpfs and the mounts of others, just as docker then shows', async () => {
    await run({ host: 'alpha', name: 'donor', image: VOLUME_IMAGE });
    const container = await run({
      host: 'alpha',
      name: 'all-kinds',
      labels: [{ key: 'made', value: 'here' }],
      env: [{ key: 'GREETING', value: 'hello world' }],
      volumesFrom: ['donor:ro'],
      mounts: [
        { type: 'VOLUME', source: 'named', destination: '/named', readOnly: true },
        { type: 'BIND', source: '/usr/share', destination: '/share', readOnly: true },
        { type: 'TMPFS', destination: '/scratch' },
      ],
    });
    expect(container).toMatchObject({ name: 'all-kinds', state: 'RUNNING', volumesFrom: [{ name: 'donor' }] });
    expect(container.mounts.map(({ type, destination, readOnly, origin }) => [type, destination, readOnly, origin])).toEqual([
      ['VOLUME', '/data', true, 'VOLUMES_FROM'],
      ['VOLUME', '/named', true, 'DECLARED'],
      ['TMPFS', '/scratch', false, 'DECLARED'],
      ['BIND', '/share', true, 'DECLARED'],
    ]);
    const [inspected] = JSON.parse(await stand.engine('alpha').cli('inspect', 'all-kinds')) as [
      {
        Id: string;
        Config: { Env: string[]; Labels: Record<string, string> };
        State: { Running: boolean };
        Mounts: { Type: string; Destination: string; RW: boolean }[];
      },
    ];
    expect(inspected.Id).toBe(container.engineId);
    expect(inspected.State.Running).toBe(true);
    expect(inspected.Config.Labels).toEqual({ made: 'here' });
    expect(inspected.Config.Env).toContain('GREETING=hello world');
    expect(inspected.Mounts.map(({ Type, Destination, RW }) => `${Type} ${Destination} ${String(RW)}`).sort()).toEqual([
      'bind /share false',
      'tmpfs /scratch true',
      'volume /data false',
      'volume /named false',
    ]);
  });

  test('stop, start and are removed, with their anonymous volumes when asked for', async () => {
    await run({ host: 'gamma', name: 'cycle', image: VOLUME_IMAGE });
    const gamma = stand.engine('gamma');
    const reference = { host: 'gamma', name: 'cycle' };
    expect(
      await stand.gateway.query('mutation ($input: StopContainerInput!) { stopContainer(input: $input) { container { state } } }', {
        input: { container: reference, timeoutSeconds: 0 },
      }),
    ).toEqual({ stopContainer: { container: { state: 'EXITED' } } });
    expect(
      await stand.gateway.query('mutation ($container: ContainerRef!) { startContainer(container: $container) { container { state } } }', {
        container: reference,
      }),
    ).toEqual({
      startContainer: { container: { state: 'RUNNING' } },
    });
    const REMOVE_CONTAINER = 'mutation ($input: RemoveContainerInput!) { removeContainer(input: $input) { removed } }';
    expect(await stand.gateway.codeOf(REMOVE_CONTAINER, { input: { container: reference } })).toBe('CONFLICT');
    const [anonymous] = await volumesOf(gamma);
    expect(await stand.gateway.query(REMOVE_CONTAINER, { input: { container: reference, force: true, removeAnonymousVolumes: true } })).toEqual({
      removeContainer: { removed: true },
    });
    expect(await volumesOf(gamma)).toEqual([]);
    const history = await stand.gateway.query(
      'query ($name: String!) { container(host: "gamma", name: "cycle") { state } volume(host: "gamma", name: $name) { state anonymous } }',
      {
        name: anonymous,
      },
    );
    expect(history).toEqual({ container: { state: 'REMOVED' }, volume: { state: 'REMOVED', anonymous: true } });
  });

  test.each([
    ['an unknown host', { host: 'nowhere' }, 'NOT_FOUND'],
    ['an unknown image', { host: 'alpha', image: 'no-such-image:1' }, 'NOT_FOUND'],
    ['an image that is no reference', { host: 'alpha', image: '../x y' }, 'BAD_USER_INPUT'],
    ['a relative host path', { host: 'alpha', mounts: [{ type: 'BIND', source: 'etc', destination: '/x' }] }, 'BAD_USER_INPUT'],
    ['a host path that is not there', { host: 'alpha', mounts: [{ type: 'BIND', source: '/no/such/path', destination: '/x' }] }, 'BAD_USER_INPUT'],
    ['a relative destination', { host: 'alpha', mounts: [{ type: 'VOLUME', source: 'ab', destination: 'x' }] }, 'BAD_USER_INPUT'],
    [
      'two mounts in one place',
      {
        host: 'alpha',
        mounts: [
          { type: 'TMPFS', destination: '/x' },
          { type: 'TMPFS', destination: '/x' },
        ],
      },
      'BAD_USER_INPUT',
    ],
    ['a container to take mounts from that is not there', { host: 'alpha', command: ['true'], volumesFrom: ['ghost'] }, 'NOT_FOUND'],
    ['a name that is a path', { host: 'alpha', name: '../x' }, 'BAD_USER_INPUT'],
    ['a program that is not in the image', { host: 'alpha', command: ['/no/such/program'] }, 'BAD_USER_INPUT'],
  ])('are refused with %s, and nothing is left behind', async (_what, input, code) => {
    expect(await stand.gateway.codeOf(RUN, { input: { image: IMAGE, network: 'none', ...input } })).toBe(code);
    expect(await stand.engine('alpha').cli('ps', '-aq')).toBe('');
  });

  test('of a name that is taken are a CONFLICT', async () => {
    await run({ host: 'alpha', name: 'only-one' });
    expect(await stand.gateway.codeOf(RUN, { input: { host: 'alpha', image: IMAGE, name: 'only-one', network: 'none', command: ['true'] } })).toBe('CONFLICT');
  });
});

describe('the journal', () => {
  test('names who made a change through the gateway', async () => {
    await create({ hosts: ['alpha'], name: 'journalled' });
    const { volume } = await stand.gateway.query<{ volume: { events: { nodes: Record<string, unknown>[] } } }>(
      '{ volume(host: "alpha", name: "journalled") { events { nodes { type actor } } } }',
    );
    expect(volume.events.nodes).toEqual([{ type: 'VOLUME_CREATED', actor: 'admin' }]);
  });

  test("names them however early the engine's event comes", async () => {
    const cursor = (await readJournal(stand.gateway)).at(-1)?.cursor;
    const names = Array.from({ length: 40 }, (_, index) => `early-${String(index)}`);
    await Promise.all(names.map((name) => create({ hosts: ['alpha'], name })));
    await stand.gateway.query(RUN, { input: { host: 'alpha', name: 'early', image: IMAGE, network: 'none', command: ['sleep', '600'] } });
    await stand.gateway.query('mutation { removeContainer(input: { container: { host: "alpha", name: "early" }, force: true }) { removed } }');
    const { events } = await stand.gateway.query<{ events: { nodes: { type: string; actor: string | null }[] } }>(
      'query ($cursor: String) { events(first: 500, after: $cursor) { nodes { type actor } } }',
      { cursor },
    );
    const told = events.nodes.filter(({ type }) => /_(CREATED|STARTED|REMOVED)$/.test(type));
    expect(told.length).toBeGreaterThanOrEqual(names.length + 3);
    expect(told.filter(({ actor }) => actor !== 'admin')).toEqual([]);
  });

  /** Mutations that change nothing, and those of tokens, whose secrets are in no journal of events. */
  const NOT_HERE = ['syncHosts', 'createToken', 'revokeToken'];
  interface Step {
    readonly mutation: string;
    readonly input: Record<string, unknown>;
    /** Name of the argument; `input` unless told. */
    readonly argument?: string;
    /** What is journalled: its type, and what of `attributes` says how things were and are. */
    readonly told: string;
    readonly before?: unknown;
    readonly after?: unknown;
  }

  test('has for every mutation, made and refused, who asked, what it was before and what it is after', async () => {
    const { gateway } = stand;
    const schema = buildSchema(await readFile(fileURLToPath(new URL('../../schema.graphql', import.meta.url)), 'utf8'));
    const mutations = schema.getMutationType()?.getFields() ?? {};
    const volume = { host: 'alpha', name: 'told' };
    const container = { host: 'alpha', name: 'told' };
    let backup = '';
    const planned = async (name: string) =>
      (await gateway.query<{ prunePlan: { id: string } }>(`{ prunePlan(filter: { names: ["${name}"], hosts: ["alpha"] }) { id } }`)).prunePlan.id;
    const steps: (() => Promise<Step> | Step)[] = [
      () => ({
        mutation: 'addHost',
        input: { name: 'delta', endpoint: stand.engine('gamma').endpoint },
        told: 'HOST_ADDED',
        before: null,
        after: { name: 'delta' },
      }),
      () => ({
        mutation: 'updateHost',
        input: { name: 'delta', labels: [{ key: 'site', value: 'north' }] },
        told: 'HOST_UPDATED',
        before: { labels: {} },
        after: { labels: { site: 'north' } },
      }),
      () => ({ mutation: 'removeHost', input: { name: 'delta' }, told: 'HOST_REMOVED', before: { name: 'delta', labels: { site: 'north' } }, after: null }),
      () => ({ mutation: 'createVolume', input: { hosts: ['alpha'], name: 'told', labels: [{ key: 'a', value: '1' }] }, told: 'VOLUME_CREATED' }),
      () => ({
        mutation: 'updateVolume',
        input: { volume, annotations: [{ key: 'owner', value: 'me' }] },
        told: 'VOLUME_UPDATED',
        before: { annotations: {} },
        after: { annotations: { owner: 'me' } },
      }),
      () => ({
        mutation: 'runContainer',
        input: { ...container, image: IMAGE, network: 'none', command: ['sleep', '1000'], mounts: [{ type: 'VOLUME', source: 'told', destination: '/x' }] },
        told: 'CONTAINER_CREATED',
      }),
      () => ({
        mutation: 'stopContainer',
        input: { container, timeoutSeconds: 0 },
        told: 'CONTAINER_STOPPED',
        before: { state: 'RUNNING' },
        after: { state: 'EXITED' },
      }),
      () => ({
        mutation: 'startContainer',
        argument: 'container',
        input: container,
        told: 'CONTAINER_STARTED',
        before: { state: 'EXITED' },
        after: { state: 'RUNNING' },
      }),
      () => ({
        mutation: 'removeContainer',
        input: { container, force: true },
        told: 'CONTAINER_REMOVED',
        before: { name: 'told', mounts: [{ source: 'told' }] },
      }),
      () => ({ mutation: 'cloneVolume', input: { source: volume, name: 'cloned' }, told: 'OPERATION_CHANGED', after: { state: 'SUCCEEDED' } }),
      () => ({
        mutation: 'renameVolume',
        input: { volume: { host: 'alpha', name: 'cloned' }, newName: 'renamed' },
        told: 'OPERATION_CHANGED',
        after: { state: 'SUCCEEDED' },
      }),
      () => ({ mutation: 'migrateVolume', input: { source: volume, toHost: 'beta' }, told: 'OPERATION_CHANGED', after: { state: 'SUCCEEDED' } }),
      () => ({
        mutation: 'setBackupPolicy',
        input: { volume, cron: '0 3 * * *', keepLast: 2 },
        told: 'BACKUP_POLICY_CHANGED',
        before: null,
        after: { cron: '0 3 * * *', keepLast: 2 },
      }),
      () => ({ mutation: 'backupVolume', input: { volume }, told: 'OPERATION_CHANGED', after: { state: 'SUCCEEDED' } }),
      async () => {
        backup = (await gateway.query<{ backups: { nodes: { id: string }[] } }>('{ backups { nodes { id } } }')).backups.nodes[0]?.id ?? '';
        return { mutation: 'verifyBackup', argument: 'backup', input: backup as never, told: 'OPERATION_CHANGED', after: { state: 'SUCCEEDED' } };
      },
      () => ({ mutation: 'restoreVolume', input: { backup, host: 'beta', name: 'restored' }, told: 'OPERATION_CHANGED', after: { state: 'SUCCEEDED' } }),
      () => ({ mutation: 'measureVolumes', input: { hosts: ['beta'] }, told: 'OPERATION_CHANGED', after: { state: 'SUCCEEDED' } }),
      async () => {
        // That host is not asked again so soon: the operation waits.
        const { measureVolumes } = await gateway.query<{ measureVolumes: { operation: { id: string } } }>(
          'mutation { measureVolumes(input: { hosts: ["beta"] }) { operation { id } } }',
        );
        return {
          mutation: 'cancelOperation',
          argument: 'id',
          input: measureVolumes.operation.id as never,
          told: 'OPERATION_CHANGED',
          after: { cancelRequested: true },
        };
      },
      () => ({ mutation: 'deleteBackup', argument: 'backup', input: backup as never, told: 'BACKUP_REMOVED', before: { volumeName: 'told' }, after: null }),
      async () => ({
        mutation: 'applyPrune',
        input: { planId: await planned('renamed') },
        told: 'VOLUME_REMOVED',
        before: { driver: 'local', protected: false },
      }),
      () => ({
        mutation: 'removeVolumes',
        input: { volumes: [volume] },
        told: 'VOLUME_REMOVED',
        before: { labels: { a: '1' }, annotations: { owner: 'me' }, lastUsedBy: 'told' },
      }),
    ];
    const made: string[] = [];
    for (const step of steps) {
      const { mutation, input, argument = 'input', told, before, after } = await step();
      made.push(mutation);
      const { latestCursor } = await gateway.query<{ latestCursor: string }>('{ latestCursor }');
      const field = mutations[mutation];
      const type = String(field?.args.find(({ name }) => name === argument)?.type);
      const fields = String(field?.type).startsWith('RemovedPayload') ? 'removed' : '__typename';
      const document = `mutation ($value: ${type}) { done: ${mutation}(${argument}: $value) { ${fields} } }`;
      // Refused first, to one who may only read.
      const asViewer = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${VIEWER}` },
        body: JSON.stringify({ query: document, variables: { value: input } }),
      });
      expect(await asViewer.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
      await gateway.query(document, { value: input });
      await eventually(
        async () => {
          const { events } = await gateway.query<{ events: { nodes: { type: string; actor: string | null; attributes: Record<string, unknown> }[] } }>(
            `{ events(after: "${latestCursor}", first: 500) { nodes { type actor attributes } } }`,
          );
          expect(events.nodes.filter(({ type }) => type === 'CHANGE_REFUSED')).toMatchObject([
            { actor: 'viewer', attributes: { mutation, code: 'FORBIDDEN' } },
          ]);
          const entries = events.nodes.filter((event) => event.type === told && event.actor === 'admin').map(({ attributes }) => attributes);
          const expected = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
          expect(entries).toContainEqual(expect.objectContaining(deep(expected)));
        },
        { what: `${mutation} is journalled`, timeoutMs: 30_000 },
      );
    }
    expect([...made, ...NOT_HERE].sort()).toEqual(Object.keys(mutations).sort());
  });
});

/** Matches objects that have these parts and others. */
function deep(value: unknown): Record<string, unknown> {
  const matcher = (part: unknown): unknown => {
    if (Array.isArray(part)) return expect.arrayContaining(part.map(matcher));
    return typeof part === 'object' && part !== null ? expect.objectContaining(deep(part)) : part;
  };
  return Object.fromEntries(Object.entries(value as object).map(([key, part]) => [key, matcher(part)]));
}
