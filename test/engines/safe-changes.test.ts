/** @alone Every engine of the machine asks its volume plugins, and waits for them. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSchema, isInputObjectType } from 'graphql';
import { v7 as newId } from 'uuid';
import type { Caller } from '../../src/access/caller.js';
import { removeContainerCommand, startContainerCommand, stopContainerCommand } from '../../src/commands/container-commands.js';
import type { CommandContext } from '../../src/commands/context.js';
import { runContainerCommand } from '../../src/commands/run-container.js';
import { createVolumesCommand } from '../../src/commands/volume-commands.js';
import { removeVolumesCommand } from '../../src/commands/volume-removal.js';
import { parseEndpoint } from '../../src/engine/endpoint.js';
import { Engine } from '../../src/engine/engine.js';
import { Problem } from '../../src/problems.js';
import type { HostLink } from '../../src/sync/fleet.js';
import { silent, startDatabase, testSealer, type TestDatabase } from '../harness/database.js';
import { IMAGE, startEngine, startEngines, VOLUME_IMAGE, type TestEngine } from '../harness/engines.js';
import { startFaultProxy, type FaultProxy } from '../harness/fault-proxy.js';
import { startGateway, TEST_SECRET, type Answer, type TestGateway } from '../harness/gateway.js';
import { finished, request } from '../harness/operations.js';
import { startRegistry, type TestRegistry } from '../harness/registry.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { createManagedPlugin, startVolumePlugin, type VolumePlugin } from '../harness/volume-plugin.js';
import { eventually } from '../harness/wait.js';

/** Secret of a token with the role OPERATOR. */
const OPERATOR = 'test-secret-of-an-operator';

let engines: TestEngine[];
let database: TestDatabase;
let proxy: FaultProxy;
let plugin: VolumePlugin;
let registry: TestRegistry;
/** Of backups, for all gateways. */
let store: string;
/** Of one database. The second one works on one host at a time. */
let gateways: TestGateway[] = [];

beforeAll(async () => {
  // One that fails to fetch a part of an image would try again for a minute.
  const fetching = startEngine({ name: 'alpha', extraFlags: ['--max-download-attempts=1'] });
  const others = startEngines(['beta', 'gamma']);
  [engines, database, plugin] = await Promise.all([Promise.all([fetching, others]).then((all) => all.flat()), startDatabase(), startVolumePlugin('global')]);
  registry = await startRegistry(engine('beta'), IMAGE);
  proxy = await startFaultProxy({ target: engine('gamma').socketPath });
  const hash = new Uint8Array(createHash('sha256').update(OPERATOR).digest());
  await database.database.accessToken.create({ data: { id: newId(), name: 'operator', role: 'OPERATOR', hash } });
  store = await makeTestFolder('store');
  gateways = [await start(), await start({ STOWAGE_PARALLEL_HOSTS: '1' })];
  await Promise.all(gateways.map((each) => hostsAre(each, 'ONLINE')));
});

afterAll(async () => {
  await Promise.all(gateways.map((each) => each.stop()));
  await proxy.close();
  await plugin.stop();
  await registry.stop();
  await Promise.all(engines.map((each) => each.stop()));
  await database.stop();
  await rm(store, { recursive: true, force: true });
  await proveNothingIsLeft();
});

afterEach(async () => {
  proxy.setMode('pass');
  plugin.mend();
  await Promise.all(engines.map((each) => each.reset()));
  await hostsAre(gateway(), 'ONLINE', undefined, 40_000);
  // What one test has left is not to be found by the next.
  await eventually(
    async () => {
      const left = await gateway().query('{ volumes { nodes { name host { name } } } containers { nodes { name host { name } } } }');
      expect(left).toEqual({ volumes: { nodes: [] }, containers: { nodes: [] } });
    },
    { what: 'the inventory is empty again' },
  );
});

function start(further: Record<string, string> = {}): Promise<TestGateway> {
  return startGateway({
    hosts: { alpha: engine('alpha').endpoint, beta: engine('beta').endpoint, gamma: proxy.endpoint },
    environment: {
      DATABASE_URL: database.url,
      STOWAGE_SECRET_KEY: 'the same secret for every gateway',
      STOWAGE_HOST_DEADLINE_SECONDS: '8',
      STOWAGE_ALLOWED_HOST_PATHS: '/usr/share,/srv/allowed',
      STOWAGE_BACKUPS: pathToFileURL(store).href,
      ...further,
    },
  });
}

function engine(name: string): TestEngine {
  const found = engines.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no engine ${name}`);
  return found;
}

const gateway = () => gateways[0] as TestGateway;
const other = () => gateways[1] as TestGateway;

async function send<Data>(document: string, input: unknown, { through = gateway(), secret = TEST_SECRET } = {}): Promise<Answer<Data>> {
  const response = await fetch(`${through.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify({ query: document, variables: { input } }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: Answer<Data>['errors'] };
  return { status: response.status, data, errors };
}

type Sending = Parameters<typeof send>[2];
interface Result {
  readonly name: string;
  readonly host: { readonly name: string };
  readonly created: boolean;
  readonly removed: boolean;
  readonly volume: { readonly id: string; readonly name: string } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const CREATE =
  'mutation ($input: CreateVolumeInput!) { done: createVolume(input: $input) { results { host { name } created volume { id name } error { code message } } } }';
const REMOVE = 'mutation ($input: RemoveVolumeInput!) { done: removeVolumes(input: $input) { results { host { name } name removed error { code message } } } }';
const APPLY = 'mutation ($input: ApplyPruneInput!) { done: applyPrune(input: $input) { results { host { name } name removed error { code message } } } }';
const UPDATE = 'mutation ($input: UpdateVolumeInput!) { done: updateVolume(input: $input) { volume { id protected annotations { key value } } } }';
const REMOVE_CONTAINER = 'mutation ($input: RemoveContainerInput!) { done: removeContainer(input: $input) { removed } }';
const START = 'mutation ($input: ContainerRef!) { done: startContainer(container: $input) { container { state } } }';
const STOP = 'mutation ($input: StopContainerInput!) { done: stopContainer(input: $input) { container { state } } }';
const RUN = 'mutation ($input: RunContainerInput!) { done: runContainer(input: $input) { container { id name engineId state mounts { destination } } } }';

async function results(document: string, input: unknown, sending?: Sending): Promise<Result[]> {
  const { data, errors } = await send<{ done: { results: Result[] } }>(document, input, sending);
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data.done.results;
}

async function codeOf(document: string, input: unknown, sending?: Sending): Promise<string | undefined> {
  const { data, errors } = await send<{ done?: { results?: Result[] } } | null>(document, input, sending);
  return errors?.[0]?.extensions.code ?? data?.done?.results?.[0]?.error?.code;
}

/** All that an engine has, and all that docker tells of it. */
async function stateOf(...names: string[]): Promise<string> {
  const all = await Promise.all(
    names.map(async (name) => {
      const one = engine(name);
      const inspected = async (kind: 'volume' | 'container', list: string) => {
        const found = list.split('\n').filter((each) => each !== '');
        return found.length === 0 ? '' : one.cli(kind, 'inspect', ...found.sort());
      };
      return [await inspected('volume', await one.cli('volume', 'ls', '-q')), await inspected('container', await one.cli('ps', '-aq', '--no-trunc'))];
    }),
  );
  return JSON.stringify(all);
}

/** Does something that is to be refused, and proves that the engines are as before. */
async function refused(document: string, input: unknown, sending?: Sending): Promise<string | undefined> {
  const before = await stateOf('alpha', 'beta', 'gamma');
  const code = await codeOf(document, input, sending);
  expect(await stateOf('alpha', 'beta', 'gamma')).toBe(before);
  return code;
}

const sleeper = { image: IMAGE, network: 'none', command: ['sleep', '1000'] };

describe('an idempotency key', () => {
  test('with a gateway killed in the middle of three hosts: asked again, all three are made, one each', async () => {
    const doomed = await start();
    await hostsAre(doomed, 'ONLINE');
    const input = { hosts: ['alpha', 'gamma', 'beta'], name: 'thrice', idempotencyKey: 'killed in the middle' };
    proxy.setMode('stall');
    const lost = send(CREATE, input, { through: doomed }).catch(() => 'cut');
    for (const name of ['alpha', 'beta']) {
      await eventually(
        async () => {
          expect(await engine(name).cli('volume', 'ls', '-q')).toContain('thrice');
        },
        { what: `${name} has it` },
      );
    }
    await doomed.kill();
    expect(await lost).toBe('cut');
    await doomed.stop();
    proxy.setMode('pass');
    await hostsAre(gateway(), 'ONLINE', 'gamma', 40_000);
    const again = await results(CREATE, input);
    expect(again.map(({ host, created, error }) => [host.name, created, error])).toEqual([
      ['alpha', true, null],
      ['gamma', true, null],
      ['beta', true, null],
    ]);
    for (const one of engines) expect(await one.cli('volume', 'ls', '-q')).toBe('thrice\n');
    expect(await results(CREATE, input, { through: other() })).toEqual(again);
    expect(await refused(CREATE, { ...input, name: 'other' })).toBe('CONFLICT');
  });

  test('at the same moment through two gateways makes one container, and every caller hears of it', async () => {
    const input = { ...sleeper, host: 'alpha', idempotencyKey: 'at once' };
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        send<{ done: { container: { engineId: string } } }>(RUN, input, { through: index % 2 === 0 ? gateway() : other() }),
      ),
    );
    const ids = new Set(answers.map(({ data }) => data.done.container.engineId));
    expect(ids.size).toBe(1);
    expect((await engine('alpha').cli('ps', '-a', '-q', '--no-trunc')).trim().split('\n')).toEqual([...ids]);
  });

  test('at the same moment through two gateways makes one operation, by every mutation that takes it', async () => {
    const schema = buildSchema(await readFile(fileURLToPath(new URL('../../schema.graphql', import.meta.url)), 'utf8'));
    const keyed = Object.values(schema.getTypeMap()).filter((type) => isInputObjectType(type) && 'idempotencyKey' in type.getFields());
    const source = { host: 'beta', name: 'source' };
    await results(CREATE, { hosts: ['beta'], name: 'source' });
    let backup: string | undefined;
    const steps: [string, () => Record<string, unknown>][] = [
      ['cloneVolume', () => ({ source, name: 'cloned' })],
      ['renameVolume', () => ({ volume: { host: 'beta', name: 'cloned' }, newName: 'renamed' })],
      ['migrateVolume', () => ({ source, toHost: 'alpha' })],
      ['backupVolume', () => ({ volume: source })],
      ['restoreVolume', () => ({ backup, host: 'beta', name: 'restored' })],
    ];
    // The others are shown above.
    const inputs = ['createVolume', 'runContainer', ...steps.map(([mutation]) => mutation)].map(
      (name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`,
    );
    expect(keyed.map(({ name }) => name).sort()).toEqual(inputs.sort());
    for (const [mutation, input] of steps) {
      const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
      const document = `mutation ($input: ${type}!) { done: ${mutation}(input: $input) { operation { id } } }`;
      const asked = { ...input(), idempotencyKey: `${mutation} at once` };
      const answers = await Promise.all(
        [gateway(), other(), gateway(), other()].map((through) => send<{ done: { operation: { id: string } } }>(document, asked, { through })),
      );
      const ids = new Set(answers.map(({ data }) => data.done.operation.id));
      expect(ids.size).toBe(1);
      const done = await finished(gateway(), [...ids][0] ?? '');
      expect(done.state).toBe('SUCCEEDED');
      backup = done.backup?.id ?? backup;
      expect(await database.database.operation.count({ where: { kind: done.kind as never } })).toBe(1);
    }
    expect(await engine('alpha').cli('volume', 'ls', '-q')).toBe('source\n');
    expect(await engine('beta').cli('volume', 'ls', '-q')).toBe('renamed\nrestored\nsource\n');
  });

  test('of a host that did not answer asks that one again, and no other', async () => {
    const input = { hosts: ['alpha', 'gamma'], name: 'later', idempotencyKey: 'one was away' };
    proxy.setMode('blackhole');
    const first = await results(CREATE, input);
    expect(first[0]).toMatchObject({ created: true, error: null });
    expect(['HOST_TIMEOUT', 'HOST_UNREACHABLE']).toContain(first[1]?.error?.code);
    proxy.setMode('pass');
    await hostsAre(gateway(), 'ONLINE', 'gamma', 40_000);
    await engine('alpha').cli('volume', 'rm', 'later');
    const second = await results(CREATE, input);
    expect(second[0]?.volume?.id).toBe(first[0]?.volume?.id);
    expect(second[1]).toMatchObject({ created: true, error: null });
    expect(await engine('alpha').cli('volume', 'ls', '-q')).toBe('');
  });
});

test('a volume that one call names twice is removed by none', async () => {
  await results(CREATE, { hosts: ['alpha'], name: 'twice' });
  const reference = { host: 'alpha', name: 'twice' };
  expect(await refused(REMOVE, { volumes: [reference, { host: 'beta', name: 'twice' }, reference] })).toBe('BAD_USER_INPUT');
});

test('a host that hangs costs its own result only', async () => {
  proxy.setMode('stall');
  const made = await results(CREATE, { hosts: ['gamma', 'alpha'], name: 'beside' });
  expect(made.map(({ host, created, error }) => [host.name, created, error?.code])).toEqual([
    ['gamma', false, 'HOST_TIMEOUT'],
    ['alpha', true, undefined],
  ]);
});

test('no more hosts are worked on at once than STOWAGE_PARALLEL_HOSTS says', async () => {
  // So that the gateway is connected to both.
  await results(CREATE, { hosts: ['gamma', 'alpha'], name: 'before' }, { through: other() });
  const known = proxy.requestLines().length;
  proxy.setMode('stall');
  const making = results(CREATE, { hosts: ['gamma', 'alpha'], name: 'in-turn' }, { through: other() });
  await eventually(
    () => {
      expect(proxy.requestLines().slice(known).join()).toContain('/volumes/create');
    },
    { what: 'the first host is asked' },
  );
  // A whole call through the other gateway takes longer than asking the second host would.
  await results(CREATE, { hosts: ['alpha'], name: 'meanwhile' });
  expect(await engine('alpha').cli('volume', 'ls', '-q')).toBe('before\nmeanwhile\n');
  proxy.setMode('pass');
  expect((await making).map(({ created }) => created)).toEqual([true, true]);
});

test('a plugin that an engine runs is a driver by its name with or without the tag, once it is enabled', async () => {
  const name = 'stowage-test/driver';
  const managed = await createManagedPlugin(engine('alpha'), name);
  try {
    const input = { hosts: ['alpha'], name: 'managed', driver: name };
    const [disabled] = await results(CREATE, input);
    expect(disabled?.error).toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining('is disabled') as string });
    await managed.enable();
    expect(await results(CREATE, input)).toMatchObject([{ created: true, error: null }]);
    expect(await engine('alpha').cli('volume', 'inspect', '--format', '{{.Driver}}', 'managed')).toBe(`${name}:latest\n`);
    for (const driver of [name, `${name}:latest`]) expect(await results(CREATE, { ...input, driver })).toMatchObject([{ created: false, error: null }]);
    expect(await codeOf(CREATE, { ...input, driver: `${name}:1` })).toBe('BAD_USER_INPUT');
    expect(await results(REMOVE, { volumes: [{ host: 'alpha', name: 'managed' }] })).toMatchObject([{ removed: true, error: null }]);
  } finally {
    await managed.remove();
  }
});

describe('host paths', () => {
  const bind = (device: string) => [
    { key: 'type', value: 'none' },
    { key: 'o', value: 'bind' },
    { key: 'device', value: device },
  ];
  const run = (further: Record<string, unknown>) => ({ ...sleeper, host: 'alpha', name: 'reaching', ...further });
  const mount = (type: string, source: string) => ({ mounts: [{ type, source, destination: '/here' }] });
  const asOperator = { secret: OPERATOR };

  test.each([
    ['a volume that binds one', CREATE, { hosts: ['alpha'], name: 'reaching', driverOptions: bind('/usr/share') }],
    [
      'a volume of a server',
      CREATE,
      {
        hosts: ['alpha'],
        name: 'reaching',
        driverOptions: [
          { key: 'type', value: 'nfs' },
          { key: 'device', value: ':/x' },
        ],
      },
    ],
    ['a bind mount', RUN, run(mount('BIND', '/usr/share'))],
    ["a bind mount of the engine's socket", RUN, run(mount('BIND', '/var/run/docker.sock'))],
    ['the network of the host', RUN, run({ network: 'host' })],
  ])('%s is FORBIDDEN to OPERATOR, and nothing is made', async (_what, document, input) => {
    expect(await refused(document, input, asOperator)).toBe('FORBIDDEN');
  });

  test.each([
    ['a volume', CREATE, { hosts: ['alpha'], name: 'reaching', driverOptions: bind('/etc') }],
    ['a volume by a spelling', CREATE, { hosts: ['alpha'], name: 'reaching', driverOptions: bind('/usr/share/../../etc') }],
    ['a bind mount', RUN, run(mount('BIND', '/etc'))],
    ['a bind mount by a spelling', RUN, run(mount('BIND', '/usr/share/../../etc'))],
    ["a bind mount of the engine's socket", RUN, run(mount('BIND', '/var/run/docker.sock'))],
  ])('outside of the list are FORBIDDEN to ADMIN, too: %s', async (_what, document, input) => {
    expect(await refused(document, input)).toBe('FORBIDDEN');
  });

  test('of a volume or container that is there count for every later mount of it', async () => {
    const alpha = engine('alpha');
    await alpha.cli('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', 'device=/etc', 'plain-looking');
    await alpha.cli('create', '--name', 'donor', '--network', 'none', '-v', '/etc:/etc-of-host', IMAGE, 'true');
    const { Id } = JSON.parse((await alpha.cli('inspect', '--format', '{{json .}}', 'donor')).trim()) as { Id: string };
    for (const sending of [asOperator, {}]) {
      expect(await refused(RUN, run(mount('VOLUME', 'plain-looking')), sending)).toBe('FORBIDDEN');
      expect(await refused(RUN, run({ volumesFrom: ['donor'] }), sending)).toBe('FORBIDDEN');
      expect(await refused(RUN, run({ volumesFrom: [`${Id}:ro`] }), sending)).toBe('FORBIDDEN');
      // The engine takes the beginning of an id for the container.
      expect(await refused(RUN, run({ volumesFrom: [Id.slice(0, 12)] }), sending)).toBe('NOT_FOUND');
    }
  });

  test('or privileges of a container that another hand made keep OPERATOR from starting it, and not from stopping it', async () => {
    const alpha = engine('alpha');
    await alpha.cli('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', 'device=/usr/share', 'plain-looking');
    await alpha.cli('run', '-d', '--name', 'on-host', '--network', 'host', IMAGE, 'sleep', '1000');
    const ways = [
      ['-v', '/usr/share:/x'],
      ['-v', 'plain-looking:/x'],
      ['--privileged'],
      ['--cap-add', 'SYS_ADMIN'],
      ['--device', '/dev/null:/dev/x'],
      ['--device-cgroup-rule', 'c 1:3 rwm'],
      ['--pid', 'host'],
      ['--ipc', 'host'],
      ['--uts', 'host'],
      ['--security-opt', 'seccomp=unconfined'],
      ['--security-opt', 'systempaths=unconfined'],
      ['--network', 'container:on-host'],
      ['--pid', 'container:on-host'],
    ];
    const made = ways.map((way, index) => ({ way, name: `strong-${String(index)}` }));
    await Promise.all(
      made.map(({ way, name }) =>
        alpha.cli('create', '--name', name, ...(way.includes('--network') ? [] : ['--network', 'none']), ...way, IMAGE, 'sleep', '1000'),
      ),
    );
    const before = await stateOf('alpha');
    for (const { way, name } of made) expect([way, await codeOf(START, { host: 'alpha', name }, asOperator)]).toEqual([way, 'FORBIDDEN']);
    expect(await stateOf('alpha')).toBe(before);
    const container = { host: 'alpha', name: 'strong-3' };
    expect(await codeOf(START, container)).toBeUndefined();
    expect(await codeOf(STOP, { container, timeoutSeconds: 0 }, asOperator)).toBeUndefined();
  });

  test('outside of the list keep ADMIN, too, from starting a container; one that has nothing of its host is open to OPERATOR', async () => {
    const alpha = engine('alpha');
    await alpha.cli('create', '--name', 'outside', '--network', 'none', '-v', '/etc:/x', IMAGE, 'true');
    expect(await refused(START, { host: 'alpha', name: 'outside' })).toBe('FORBIDDEN');
    const plain = ['--network', 'none', '-v', 'own:/x', '--cap-add', 'NET_RAW', '--security-opt', 'no-new-privileges'];
    await alpha.cli('create', '--name', 'plain', ...plain, IMAGE, 'sleep', '1000');
    expect(await codeOf(START, { host: 'alpha', name: 'plain' }, asOperator)).toBeUndefined();
  });

  test('inside of the list are open to ADMIN, and plain volumes to OPERATOR', async () => {
    expect(await codeOf(RUN, run({ mounts: [{ type: 'BIND', source: '/usr/./share/', destination: '/share', readOnly: true }] }))).toBeUndefined();
    expect(
      await codeOf(
        CREATE,
        {
          hosts: ['beta'],
          name: 'own',
          driverOptions: [
            { key: 'type', value: 'tmpfs' },
            { key: 'device', value: 'tmpfs' },
          ],
        },
        asOperator,
      ),
    ).toBeUndefined();
    expect(await codeOf(RUN, { ...sleeper, host: 'beta', mounts: [{ type: 'VOLUME', source: 'own', destination: '/here' }] }, asOperator)).toBeUndefined();
  });
});

describe('a protected volume', () => {
  const reference = { host: 'beta', name: 'precious' };
  const protect = async (further: Record<string, unknown> = {}) => {
    await results(CREATE, { hosts: ['beta'], name: 'precious' });
    return send<{ done: { volume: { id: string } } }>(UPDATE, { volume: reference, protected: true, ...further });
  };

  test('is not removed, with or without force, until its protection is taken off', async () => {
    await protect();
    for (const force of [false, true]) expect(await refused(REMOVE, { volumes: [reference], force })).toBe('VOLUME_PROTECTED');
    await send(UPDATE, { volume: reference, protected: false });
    expect(await results(REMOVE, { volumes: [reference] })).toMatchObject([{ removed: true, error: null }]);
  });

  test('and annotations are found by filters, told with what they were before, and kept as history', async () => {
    const { data } = await protect({
      annotations: [
        { key: 'owner', value: 'blue' },
        { key: 'password', value: 'hunter2' },
      ],
    });
    const { id } = data.done.volume;
    const found = '{ volumes(filter: { protected: true, annotations: [{ key: "owner", value: "blue" }] }) { nodes { id name } } }';
    expect(await gateway().query(found)).toEqual({ volumes: { nodes: [{ id, name: 'precious' }] } });
    expect(await gateway().query(found.replace('blue', 'red'))).toEqual({ volumes: { nodes: [] } });
    const { events } = await gateway().query<{ events: { nodes: { actor: string; attributes: unknown }[] } }>(
      '{ events(filter: { types: [VOLUME_UPDATED], volume: "precious" }, first: 500) { nodes { actor attributes } } }',
    );
    expect(events.nodes.at(-1)).toMatchObject({
      actor: 'admin',
      attributes: { before: { protected: false, annotations: {} }, after: { protected: true, annotations: { owner: 'blue' } } },
    });
    expect(JSON.stringify(events)).not.toContain('hunter2');
    expect(await codeOf(UPDATE, { volume: { ...reference, id: id.replace(/.$/, (end) => (end === '0' ? '1' : '0')) }, protected: false })).toBe('CONFLICT');
    await engine('beta').cli('volume', 'rm', 'precious');
    await eventually(
      async () => {
        const lost = await gateway().query<{ events: { nodes: { attributes: unknown; volume: { id: string } }[] } }>(
          '{ events(filter: { types: [PROTECTED_VOLUME_REMOVED], volume: "precious" }) { nodes { attributes volume { id protected annotations { key } } } } }',
        );
        expect(lost.events.nodes.filter(({ volume }) => volume.id === id)).toMatchObject([
          { attributes: { protected: true }, volume: { protected: true, annotations: [{ key: 'owner' }, { key: 'password' }] } },
        ]);
      },
      { what: 'the journal tells of the removal by another hand' },
    );
  });

  test('can be protected while its host is away', async () => {
    await results(CREATE, { hosts: ['beta'], name: 'precious' });
    await engine('beta').kill();
    await hostsAre(gateway(), 'UNREACHABLE', 'beta');
    expect(await codeOf(UPDATE, { volume: reference, protected: true })).toBeUndefined();
    await engine('beta').start();
  });
});

describe('a volume of a driver with scope global', () => {
  const reference = { host: 'alpha', name: 'everywhere' };
  const make = async () => {
    await results(CREATE, { hosts: ['alpha', 'beta'], name: 'everywhere', driver: plugin.name });
  };

  test('is not removed while a container of another host refers to it, even one that nobody was told of', async () => {
    await make();
    await engine('beta').cli('create', '--name', 'far', '--network', 'none', '--volume-driver', plugin.name, '-v', 'everywhere:/data', IMAGE, 'true');
    for (const force of [false, true]) {
      const [result] = await results(REMOVE, { volumes: [reference], force });
      expect(result?.error).toMatchObject({ code: 'VOLUME_IN_USE', message: expect.stringContaining('far on host beta') as string });
    }
    expect(await engine('alpha').cli('volume', 'ls', '-q')).toContain('everywhere');
    await engine('beta').cli('rm', 'far');
    expect(await results(REMOVE, { volumes: [reference] })).toMatchObject([{ removed: true, error: null }]);
  });

  test('is not removed while a host is away that could know, unless forced; nor planned to be pruned', async () => {
    await make();
    await engine('beta').kill();
    await hostsAre(gateway(), 'UNREACHABLE', 'beta');
    expect(await codeOf(REMOVE, { volumes: [reference] })).toBe('HOST_UNREACHABLE');
    const { prunePlan } = await gateway().query<{ prunePlan: { remove: unknown[]; spare: { reason: string }[] } }>(
      '{ prunePlan(filter: { hosts: ["alpha"] }) { remove { name } spare { reason } } }',
    );
    expect(prunePlan).toMatchObject({ remove: [], spare: [{ reason: expect.stringContaining('beta is not known now') as string }] });
    expect(await results(REMOVE, { volumes: [reference], force: true })).toMatchObject([{ removed: true }]);
    await engine('beta').start();
  });

  test('whose driver fails to remove it is told as not removed, also with force, and stands in the inventory as its engine has it', async () => {
    await make();
    const { volume: before } = await gateway().query<{ volume: { id: string } }>('{ volume(host: "alpha", name: "everywhere") { id } }');
    plugin.fail('Remove');
    for (const force of [false, true]) {
      const [result] = await results(REMOVE, { volumes: [reference], force });
      expect(result).toMatchObject({ removed: false, error: { code: 'ENGINE_ERROR', message: expect.stringContaining('is away') as string } });
      const there = (await engine('alpha').cli('volume', 'ls', '-q')).split('\n').filter((name) => name !== '');
      expect(there).toEqual(['everywhere']);
      const { volumes } = await gateway().query<{ volumes: unknown }>('{ volumes(filter: { hosts: ["alpha"] }) { nodes { id name } } }');
      expect(volumes).toEqual({ nodes: there.map((name) => ({ id: before.id, name })) });
    }
    plugin.mend();
    expect(await results(REMOVE, { volumes: [reference] })).toMatchObject([{ removed: true, error: null }]);
  });

  test('that another hand removes on one host goes from the inventory of all, without a word of the other engines', async () => {
    await make();
    await engine('alpha').cli('volume', 'rm', 'everywhere');
    await eventually(
      async () => {
        expect(await gateway().query('{ volumes { nodes { name host { name } } } }')).toEqual({ volumes: { nodes: [] } });
      },
      { what: 'it is gone everywhere' },
    );
  });

  test('that is removed on a host that was not known to have it goes from the inventory of all', async () => {
    await make();
    await engine('gamma').cli('volume', 'rm', 'everywhere');
    await eventually(
      async () => {
        expect(await gateway().query('{ volumes { nodes { name host { name } } } }')).toEqual({ volumes: { nodes: [] } });
      },
      { what: 'it is gone everywhere' },
    );
  });

  test('is protected on all hosts when it is on one', async () => {
    await make();
    await send(UPDATE, { volume: { host: 'beta', name: 'everywhere' }, protected: true });
    expect(await refused(REMOVE, { volumes: [reference], force: true })).toBe('VOLUME_PROTECTED');
    await send(UPDATE, { volume: { host: 'beta', name: 'everywhere' }, protected: false });
  });
});

describe('a prune', () => {
  interface Plan {
    readonly id: string;
    readonly remove: readonly { readonly name: string }[];
    readonly spare: readonly { readonly reason: string; readonly volume: { readonly name: string } }[];
  }
  async function plan(filter: Record<string, unknown>, sending?: Sending): Promise<Plan> {
    const document = 'query ($input: VolumeFilter) { prunePlan(filter: $input) { id remove { name } spare { reason volume { name } } } }';
    const { data, errors } = await send<{ prunePlan: Plan }>(document, filter, sending);
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data.prunePlan;
  }
  const known = (count: number, containerCount = 3) =>
    eventually(
      async () => {
        const { volumes, containers } = await gateway().query<{ volumes: { totalCount: number }; containers: { totalCount: number } }>(
          '{ volumes { totalCount } containers { totalCount } }',
        );
        expect([volumes.totalCount, containers.totalCount]).toEqual([count, containerCount]);
      },
      { what: 'all of it is known' },
    );

  test('plans what would go and says why the rest is spared; applied, just that goes, over hosts', async () => {
    const alpha = engine('alpha');
    for (const name of ['free', 'guarded', 'bound']) await alpha.cli('volume', 'create', '--label', 'pruned=yes', name);
    await engine('beta').cli('volume', 'create', '--label', 'pruned=yes', 'free-too');
    await alpha.cli('run', '-d', '--name', 'runs', '--network', 'none', '-v', 'used:/data', IMAGE, 'sleep', '1000');
    await alpha.cli('create', '--name', 'stopped', '--network', 'none', '-v', 'idle:/data', IMAGE, 'true');
    const mountpoint = (await alpha.cli('volume', 'inspect', '--format', '{{.Mountpoint}}', 'bound')).trim();
    await alpha.cli('create', '--name', 'binder', '--network', 'none', '-v', `${mountpoint}:/data`, IMAGE, 'true');
    await known(6);
    await send(UPDATE, { volume: { host: 'alpha', name: 'guarded' }, protected: true });
    const made = await plan({});
    expect(made.remove.map(({ name }) => name)).toEqual(['free', 'free-too']);
    expect(Object.fromEntries(made.spare.map(({ volume, reason }) => [volume.name, reason]))).toEqual({
      bound: 'its directory is bound by binder',
      guarded: 'it is protected',
      idle: 'stopped container refers to it: stopped',
      used: 'in use by runs',
    });
    expect((await plan({ labels: [{ key: 'pruned' }], hosts: ['alpha'] })).remove.map(({ name }) => name)).toEqual(['free']);
    expect((await plan({ anonymous: true })).spare.find(({ volume }) => volume.name === 'free')?.reason).toContain('named');
    expect((await plan({ unusedFor: 'P1D' })).spare.find(({ volume }) => volume.name === 'free')?.reason).toContain('not known');
    expect(await refused(APPLY, { planId: made.id }, { secret: OPERATOR })).toBe('PLAN_STALE');
    await send(UPDATE, { volume: { host: 'alpha', name: 'guarded' }, protected: false });
    expect((await results(APPLY, { planId: made.id })).map(({ host, name, removed }) => [host.name, name, removed])).toEqual([
      ['alpha', 'free', true],
      ['beta', 'free-too', true],
    ]);
    expect((await alpha.cli('volume', 'ls', '-q')).trim().split('\n')).toEqual(['bound', 'guarded', 'idle', 'used']);
    expect(await refused(APPLY, { planId: made.id })).toBe('PLAN_STALE');
  });

  test('spares what came into use, was protected or was made anew between the plan and its application', async () => {
    const alpha = engine('alpha');
    for (const name of ['now-bound', 'now-used', 'now-guarded', 'made-anew']) await alpha.cli('volume', 'create', name);
    for (const name of ['one', 'two', 'three']) await alpha.cli('create', '--name', name, '--network', 'none', IMAGE, 'true');
    await known(4);
    const made = await plan({ hosts: ['alpha'] });
    expect(made.remove).toHaveLength(4);
    await alpha.cli('create', '--name', 'quick', '--network', 'none', '-v', 'now-used:/data', IMAGE, 'true');
    await send(UPDATE, { volume: { host: 'alpha', name: 'now-guarded' }, protected: true });
    await alpha.cli('volume', 'rm', 'made-anew');
    await alpha.cli('volume', 'create', 'made-anew');
    // The engine would remove this one: to bind its directory is no reference.
    const mountpoint = (await alpha.cli('volume', 'inspect', '--format', '{{.Mountpoint}}', 'now-bound')).trim();
    await alpha.cli('create', '--name', 'binder', '--network', 'none', '-v', `${mountpoint}:/data`, IMAGE, 'true');
    const before = await stateOf('alpha');
    expect((await results(APPLY, { planId: made.id })).map(({ name, error }) => [name, error?.code])).toEqual([
      ['made-anew', 'CONFLICT'],
      ['now-bound', 'VOLUME_IN_USE'],
      ['now-guarded', 'VOLUME_PROTECTED'],
      ['now-used', 'VOLUME_IN_USE'],
    ]);
    expect(await stateOf('alpha')).toBe(before);
    await send(UPDATE, { volume: { host: 'alpha', name: 'now-guarded' }, protected: false });
  });

  const reasons = async (filter: Record<string, unknown>) => Object.fromEntries((await plan(filter)).spare.map(({ volume, reason }) => [volume.name, reason]));
  const mountpointOf = async (name: string) => (await engine('alpha').cli('volume', 'inspect', '--format', '{{.Mountpoint}}', name)).trim();
  /** A volume that is itself a directory of the host. */
  const bindVolume = (name: string, device: string) =>
    engine('alpha').cli('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', `device=${device}`, name);
  const binding = (name: string, mount: string, ...further: string[]) =>
    engine('alpha').cli('run', '-d', '--name', name, '--network', 'none', ...further, '-v', mount, IMAGE, 'sleep', '1000');

  test('spares what containers reach by another way than its name: not for what only reads all of the host', async () => {
    const alpha = engine('alpha');
    for (const name of ['whole', 'part', 'plain']) await alpha.cli('volume', 'create', name);
    const exports = ['-o', 'type=nfs', '-o', 'o=addr=127.0.0.1'];
    await alpha.cli('volume', 'create', ...exports, '-o', 'device=:/a', 'export');
    await alpha.cli('volume', 'create', ...exports, '-o', 'device=:/a/b', 'in-export');
    await bindVolume('alias', await mountpointOf('whole'));
    const make = (name: string, mount: string) => alpha.cli('create', '--name', name, '--network', 'none', '-v', mount, IMAGE, 'true');
    await make('by-alias', 'alias:/x');
    await make('by-part', `${await mountpointOf('part')}/sub:/x`);
    await make('by-export', 'in-export:/x');
    await known(6);
    const own = { alias: 'stopped container refers to it: by-alias', 'in-export': 'stopped container refers to it: by-export' };
    const reached = {
      whole: 'its storage is in use through volume alias, by by-alias',
      part: 'its directory is bound by by-part',
      export: 'its storage is in use through volume in-export, by by-export',
    };
    const made = await plan({ hosts: ['alpha'] });
    expect(made.remove.map(({ name }) => name)).toEqual(['plain']);
    expect(await reasons({ hosts: ['alpha'] })).toEqual({ ...own, ...reached });
    // What watches a host.
    await binding('monitor', '/:/rootfs:ro');
    await known(6, 4);
    expect((await plan({ hosts: ['alpha'] })).remove.map(({ name }) => name)).toEqual(['plain']);
    const volumes = (await mountpointOf('plain')).replace('/plain/_data', '');
    await binding('keeper', `${volumes}:/volumes`);
    await known(6, 5);
    const around = `it lies in ${volumes}, which keeper can write to`;
    expect(await reasons({ hosts: ['alpha'] })).toMatchObject({ plain: around });
    // The plan is older: the second look tells.
    const before = await stateOf('alpha');
    expect(await results(APPLY, { planId: made.id })).toMatchObject([
      { name: 'plain', removed: false, error: { code: 'VOLUME_IN_USE', message: expect.stringContaining(around) as string } },
    ]);
    expect(await stateOf('alpha')).toBe(before);
    // One that is stopped writes nothing, and refers to no volume.
    await alpha.cli('kill', 'keeper');
    await binding('root', '/:/rootfs');
    await eventually(
      async () => {
        expect(await reasons({ names: ['plain'] })).toEqual({ plain: 'it lies in /, which root can write to' });
      },
      { what: 'it is known' },
    );
    // Who names one volume means it: only what mounts its own directory holds that up.
    for (const name of ['whole', 'part']) {
      for (const force of [false, true]) expect(await refused(REMOVE, { volumes: [{ host: 'alpha', name }], force })).toBe('VOLUME_IN_USE');
    }
    const removed = await results(REMOVE, { volumes: ['plain', 'export'].map((name) => ({ host: 'alpha', name })) });
    expect(removed.map(({ name, error }) => [name, error])).toEqual([
      ['plain', null],
      ['export', null],
    ]);
  });

  test('spares what a container reaches by way of volumes that no container names, also where one holds its own directory', async () => {
    const alpha = engine('alpha');
    await alpha.cli('volume', 'create', 'origin');
    await alpha.cli('volume', 'create', 'apart');
    const origin = await mountpointOf('origin');
    await bindVolume('between', `${origin}/sub`);
    await bindVolume('beyond', await mountpointOf('between'));
    await bindVolume('everything', origin.replace('/origin/_data', ''));
    await alpha.cli('create', '--name', 'reader', '--network', 'none', '-v', 'beyond:/x:ro', IMAGE, 'true');
    await known(5, 1);
    const through = 'its storage is in use through volume beyond, by reader';
    expect(await reasons({ hosts: ['alpha'] })).toEqual({
      beyond: 'stopped container refers to it: reader',
      ...{ between: through, origin: through, everything: through },
    });
    expect((await plan({ hosts: ['alpha'] })).remove.map(({ name }) => name)).toEqual(['apart']);
  });

  test('by time since the last use spares what was used, and what may have been used unseen', async () => {
    const alpha = engine('alpha');
    const remote = async (name: string) => {
      await results(CREATE, { hosts: ['alpha', 'beta'], name, driver: plugin.name });
    };
    for (const name of ['worked', 'rested']) await alpha.cli('volume', 'create', name);
    await remote('far');
    await alpha.cli('run', '--rm', '--network', 'none', '-v', 'worked:/x', IMAGE, 'true');
    await engine('beta').cli('run', '--rm', '--network', 'none', '--volume-driver', plugin.name, '-v', 'far:/x', IMAGE, 'true');
    const { database: rows } = database;
    const [hour, day] = [new Date(Date.now() - 3_600_000), new Date(Date.now() - 86_400_000)];
    const ofAlpha = async (filter: Record<string, unknown>) => reasons({ hosts: ['alpha'], ...filter });
    const found = async (unusedFor: string) => {
      const { volumes } = await gateway().query<{ volumes: { nodes: { name: string }[] } }>(
        `{ volumes(filter: { hosts: ["alpha"], unusedFor: "${unusedFor}" }) { nodes { name } } }`,
      );
      return volumes.nodes.map(({ name }) => name);
    };
    const unknown = 'whether it was used too recently is not known';
    await eventually(
      async () => {
        expect(await ofAlpha({ unusedFor: 'PT30M' })).toEqual({
          worked: expect.stringMatching(/^used too recently: last at /) as string,
          far: expect.stringMatching(/^used too recently: last at /) as string,
          rested: expect.stringContaining(`${unknown}: it was first seen at`) as string,
        });
      },
      { what: 'the uses are known' },
    );
    // As if all of it had been there for long; alpha is not watched for so long.
    await rows.volume.updateMany({ data: { firstSeenAt: day } });
    await rows.host.updateMany({ data: { watchedSince: hour } });
    expect((await ofAlpha({ unusedFor: 'PT30M' }))['rested']).toBeUndefined();
    expect(await found('PT30M')).toEqual(['rested']);
    expect((await ofAlpha({ unusedFor: 'PT2H' }))['rested']).toBe(`${unknown}: its host is watched without a gap only since ${hour.toISOString()}`);
    expect(await found('PT2H')).toEqual([]);
    // A gateway that has just begun to watch it knows only what was known before.
    const { comparedEpoch } = await rows.host.findUniqueOrThrow({ where: { name: 'alpha' } });
    await rows.host.updateMany({ where: { name: 'alpha' }, data: { comparedEpoch: -1n } });
    expect((await ofAlpha({}))['rested']).toBe('its host alpha was not looked at yet, so that its use is not known now');
    expect(await found('PT30M')).toEqual([]);
    await rows.host.updateMany({ where: { name: 'alpha' }, data: { comparedEpoch } });
    // Of what all hosts share, that is so of each.
    await rows.volume.updateMany({ data: { lastInUseAt: null, lastMountedAt: null } });
    expect((await ofAlpha({ unusedFor: 'PT30M' }))['far']).toBeUndefined();
    await rows.host.updateMany({ where: { name: 'beta' }, data: { watchedSince: new Date() } });
    expect((await ofAlpha({ unusedFor: 'PT30M' }))['far']).toContain(unknown);
    await rows.host.updateMany({ where: { name: 'alpha' }, data: { watchedSince: null } });
    expect((await ofAlpha({ unusedFor: 'PT30M' }))['rested']).toBe(`${unknown}: its host was not watched yet`);
    await results(REMOVE, { volumes: [{ host: 'alpha', name: 'far' }] });
  });

  test('spares what is being copied, and nobody removes it meanwhile', async () => {
    const gamma = engine('gamma');
    await gamma.cli('run', '--rm', '--network', 'none', '-v', 'moving:/x', IMAGE, 'dd', 'if=/dev/urandom', 'of=/x/file', 'bs=1M', 'count=4');
    // The container is known later than the volume, and is gone later still.
    await eventually(
      async () => {
        const { volume } = await gateway().query<{ volume: { lastMountedAt: string | null; state: string } }>(
          '{ volume(host: "gamma", name: "moving") { lastMountedAt state } }',
        );
        expect(volume).toEqual({ lastMountedAt: expect.any(String) as string, state: 'DANGLING' });
      },
      { what: 'it is known, and that it was used' },
    );
    const made = await plan({ names: ['moving'] });
    expect(made.remove).toHaveLength(1);
    proxy.setMode('slow', { bytesPerSecond: 200_000 });
    const operation = await request(gateway(), 'cloneVolume', { source: { host: 'gamma', name: 'moving' }, name: 'copied' });
    const reference = { host: 'gamma', name: 'moving' };
    for (const force of [false, true]) {
      expect(await results(REMOVE, { volumes: [reference], force })).toMatchObject([
        { removed: false, error: { code: 'VOLUME_IN_USE', message: expect.stringContaining('is being copied') as string } },
      ]);
    }
    expect(await reasons({ names: ['moving'] })).toEqual({ moving: 'is being copied' });
    expect(await results(APPLY, { planId: made.id })).toMatchObject([{ removed: false, error: { code: 'VOLUME_IN_USE' } }]);
    expect(await gamma.cli('volume', 'ls', '-q', '--filter', 'name=moving')).toBe('moving\n');
    proxy.setMode('pass');
    expect(await finished(gateway(), operation)).toMatchObject({ state: 'SUCCEEDED' });
  });

  test('is stale after 15 minutes, and for what is no plan', async () => {
    await engine('alpha').cli('volume', 'create', 'kept');
    const made = await plan({ hosts: ['alpha'] });
    await database.database.prunePlan.update({ where: { id: made.id }, data: { expiresAt: new Date(Date.now() - 1) } });
    for (const planId of [made.id, newId(), 'x']) expect(await refused(APPLY, { planId })).toBe('PLAN_STALE');
  });

  test('of a host that is away is spared', async () => {
    await engine('alpha').cli('volume', 'create', 'unreachable');
    await eventually(
      async () => {
        expect((await plan({ names: ['unreachable'] })).remove).toHaveLength(1);
      },
      { what: 'it is known' },
    );
    await engine('alpha').kill();
    await hostsAre(gateway(), 'UNREACHABLE', 'alpha');
    expect(await plan({ names: ['unreachable'] })).toMatchObject({
      remove: [],
      spare: [{ reason: expect.stringContaining('alpha is unreachable') as string }],
    });
    await engine('alpha').start();
  });
});

test('every refused change is in the journal with who asked, for what, and the code, and no secret is in it', async () => {
  await results(CREATE, {
    hosts: ['alpha'],
    name: 'taken',
    driverOptions: [
      { key: 'o', value: 'size=1m' },
      { key: 'type', value: 'tmpfs' },
      { key: 'device', value: 'tmpfs' },
    ],
  });
  const { data } = await send<{ latestCursor: string }>('{ latestCursor }', undefined);
  await codeOf(CREATE, { hosts: ['alpha'], name: 'taken', labels: [{ key: 'password', value: 'canary-1' }] });
  await codeOf(
    RUN,
    { ...sleeper, host: 'alpha', name: 'bound', env: [{ key: 'PASSWORD', value: 'canary-2' }], mounts: [{ type: 'BIND', source: '/x', destination: '/x' }] },
    { secret: OPERATOR },
  );
  await codeOf(
    'mutation ($input: AddHostInput!) { done: addHost(input: $input) { host { name } } }',
    { name: 'new', endpoint: 'tcp://h:1', tls: { key: 'canary-3' } },
    { secret: OPERATOR },
  );
  await codeOf(REMOVE, { volumes: [{ host: 'alpha', name: 'nothing' }] });
  // An engine repeats the options of a volume that it cannot mount, and knows few names of passwords.
  const o = 'username=u%canary-4,pass=canary-5,password2=a,,canary-6,vers=3.0';
  const driverOptions = Object.entries({ type: 'cifs', device: '//127.0.0.1/x', o }).map(([key, value]) => ({ key, value }));
  await results(CREATE, { hosts: ['beta'], name: 'windows', driverOptions });
  const mounting = await send(RUN, { ...sleeper, host: 'beta', name: 'mounting', mounts: [{ type: 'VOLUME', source: 'windows', destination: '/x' }] });
  expect(mounting.errors?.[0]?.message).toContain('vers=3.0');
  expect(JSON.stringify(mounting)).not.toMatch(/canary/);
  for (const each of gateways) expect(each.output()).not.toMatch(/canary/);
  const { events } = await gateway().query<{ events: { nodes: { actor: string; hostName: string | null; attributes: { mutation: string; code: string } }[] } }>(
    `{ events(filter: { types: [CHANGE_REFUSED] }, after: "${data.latestCursor}", first: 500) { nodes { actor hostName volumeName attributes } } }`,
  );
  expect(events.nodes.map(({ actor, hostName, attributes }) => [actor, hostName, attributes.mutation, attributes.code])).toEqual([
    ['admin', 'alpha', 'createVolume', 'CONFLICT'],
    ['operator', 'alpha', 'runContainer', 'FORBIDDEN'],
    ['operator', null, 'addHost', 'FORBIDDEN'],
    ['admin', 'alpha', 'removeVolumes', 'NOT_FOUND'],
    ['admin', 'beta', 'runContainer', 'ENGINE_ERROR'],
  ]);
  expect(JSON.stringify(await database.database.$queryRaw`select attributes from journal`)).not.toMatch(/canary/);
  expect(JSON.stringify(await database.database.idempotentCall.findMany())).not.toMatch(/canary/);
});

describe('containers', () => {
  test('with an anonymous volume are removed with it, and without it when not asked for', async () => {
    const gamma = engine('gamma');
    for (const removeAnonymousVolumes of [false, true]) {
      await send(RUN, { ...sleeper, image: VOLUME_IMAGE, host: 'gamma', name: 'short' });
      await send(REMOVE_CONTAINER, {
        container: { host: 'gamma', name: 'short' },
        force: true,
        removeAnonymousVolumes,
      });
      expect((await gamma.cli('volume', 'ls', '-q')).trim().split('\n').filter(Boolean)).toHaveLength(1);
    }
  });

  test('are not removed with an anonymous volume that is protected', async () => {
    const gamma = engine('gamma');
    await send(RUN, { ...sleeper, image: VOLUME_IMAGE, host: 'gamma', name: 'holder' });
    const name = (await gamma.cli('volume', 'ls', '-q')).trim();
    await send(UPDATE, { volume: { host: 'gamma', name }, protected: true });
    const removal = { container: { host: 'gamma', name: 'holder' }, force: true };
    expect(await refused(REMOVE_CONTAINER, { ...removal, removeAnonymousVolumes: true })).toBe('VOLUME_PROTECTED');
    await send(REMOVE_CONTAINER, removal);
    expect(await gamma.cli('volume', 'ls', '-q')).toBe(`${name}\n`);
  });

  test('with --rm are not stopped or started with an anonymous volume that is protected, and removed without it', async () => {
    const gamma = engine('gamma');
    const container = { host: 'gamma', name: 'passing' };
    await gamma.cli('run', '-d', '--rm', '--name', 'passing', '--network', 'none', VOLUME_IMAGE, 'sleep', '1000');
    const name = (await gamma.cli('volume', 'ls', '-q')).trim();
    await send(UPDATE, { volume: { host: 'gamma', name }, protected: true });
    for (const [document, input] of [
      [STOP, { container, timeoutSeconds: 0 }],
      [START, container],
      [REMOVE_CONTAINER, { container, force: true, removeAnonymousVolumes: true }],
    ] as const) {
      expect(await refused(document, input)).toBe('VOLUME_PROTECTED');
    }
    const { errors } = await send(STOP, { container, timeoutSeconds: 0 });
    expect(errors?.[0]?.message).toContain(name);
    expect(await codeOf(REMOVE_CONTAINER, { container, force: true })).toBeUndefined();
    expect(await gamma.cli('volume', 'ls', '-q')).toBe(`${name}\n`);
  });

  test('with --rm are gone with their anonymous volumes when it is told that they were stopped', async () => {
    const gamma = engine('gamma');
    // Its engine says that it has stopped, and then takes its time to remove so many files.
    const fill = 'mkdir /many && cd /many && seq 10000 | xargs touch && touch /full && exec sleep 1000';
    await gamma.cli('run', '-d', '--rm', '--name', 'passing', '--network', 'none', VOLUME_IMAGE, 'sh', '-c', fill);
    await eventually(() => gamma.cli('exec', 'passing', 'test', '-e', '/full'), { what: 'its own files are written' });
    const { data } = await send<{ done: unknown }>(STOP, { container: { host: 'gamma', name: 'passing' }, timeoutSeconds: 0 });
    expect(data.done).toEqual({ container: { state: 'REMOVED' } });
    expect(await gateway().query('{ volumes { nodes { name } } containers { nodes { name } } }')).toEqual({
      volumes: { nodes: [] },
      containers: { nodes: [] },
    });
    expect(await gamma.cli('ps', '-aq')).toBe('');
    expect(await gamma.cli('volume', 'ls', '-q')).toBe('');
  });

  test('that are refused by the engine leave no volume behind that was made for them, and all that was there', async () => {
    const alpha = engine('alpha');
    await alpha.cli('volume', 'create', 'there');
    await alpha.cli('create', '--name', 'donor', '--network', 'none', '-v', '/own', IMAGE, 'true');
    const volumes = ['there', 'fresh'].map((source) => ({ type: 'VOLUME', source, destination: `/${source}` }));
    const run = { ...sleeper, image: VOLUME_IMAGE, host: 'alpha', volumesFrom: ['donor'], mounts: volumes };
    expect(await refused(RUN, { ...run, command: ['/no/such/program'] })).toBe('BAD_USER_INPUT');
    const missing = { type: 'BIND', source: '/srv/allowed/not-there', destination: '/x' };
    expect(await refused(RUN, { ...run, mounts: [...volumes, missing] })).toBe('BAD_USER_INPUT');
  });

  test('that reach a path of the host by what was made after the first look are not started', async () => {
    // So that the gateway is connected.
    await results(CREATE, { hosts: ['gamma'], name: 'before' });
    const known = proxy.requestLines().length;
    proxy.setMode('stall');
    const answer = codeOf(RUN, { ...sleeper, host: 'gamma', name: 'reaching', mounts: [{ type: 'VOLUME', source: 'sly', destination: '/x' }] });
    await eventually(
      () => {
        expect(proxy.requestLines().slice(known).join()).toContain('/volumes/sly');
      },
      { what: 'the gateway looks whether there is such a volume' },
    );
    await engine('gamma').cli('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', 'device=/etc', 'sly');
    proxy.setMode('pass');
    expect(await answer).toBe('FORBIDDEN');
    expect(await engine('gamma').cli('ps', '-aq')).toBe('');
    expect(await engine('gamma').cli('volume', 'ls', '-q')).toBe('before\nsly\n');
  });

  test('through any gateway are journalled with who made, started, stopped and removed them, and so are volumes', async () => {
    const { data } = await send<{ latestCursor: string }>('{ latestCursor }', undefined);
    const hosts = ['alpha', 'beta', 'gamma'];
    for (const through of [gateway(), other()]) {
      const name = through === gateway() ? 'one' : 'two';
      await results(CREATE, { hosts, name }, { through });
      await Promise.all(
        hosts.map(async (host) => {
          const container = { host, name };
          await send(RUN, { ...sleeper, ...container, mounts: [{ type: 'VOLUME', source: `${name}-own`, destination: '/x' }] }, { through });
          await send(
            'mutation ($input: StopContainerInput!) { stopContainer(input: $input) { container { id } } }',
            { container, timeoutSeconds: 0 },
            { through },
          );
          await send(REMOVE_CONTAINER, { container }, { through });
        }),
      );
      await results(REMOVE, { volumes: hosts.flatMap((host) => [name, `${name}-own`].map((volume) => ({ host, name: volume }))) }, { through });
    }
    const { events } = await gateway().query<{ events: { nodes: { type: string; actor: string | null }[] } }>(
      `{ events(after: "${data.latestCursor}", first: 500) { nodes { type actor hostName } } }`,
    );
    const counts = Object.fromEntries(
      ['VOLUME_CREATED', 'CONTAINER_CREATED', 'CONTAINER_STARTED', 'CONTAINER_STOPPED', 'CONTAINER_REMOVED', 'VOLUME_REMOVED'].map((type) => [
        type,
        events.nodes.filter((event) => event.type === type && event.actor === 'admin').length,
      ]),
    );
    expect(counts).toEqual({
      VOLUME_CREATED: 12,
      CONTAINER_CREATED: 6,
      CONTAINER_STARTED: 6,
      CONTAINER_STOPPED: 6,
      CONTAINER_REMOVED: 6,
      VOLUME_REMOVED: 12,
    });
  });

  test.each([
    ['NPIPE', '\\\\.\\pipe\\docker', 'FORBIDDEN'],
    ['CLUSTER', 'some-volume', 'BAD_USER_INPUT'],
    ['IMAGE', 'some/image', 'BAD_USER_INPUT'],
  ])('a %s mount goes to the engine, and what that cannot do is told', async (type, source, code) => {
    expect([code, 'NOT_FOUND']).toContain(await refused(RUN, { ...sleeper, host: 'alpha', mounts: [{ type, source, destination: '/here' }] }));
  });
});

describe('what an engine has done is told as done when the inventory cannot show it: ', () => {
  const caller: Caller = { id: 'some', name: 'some', role: 'ADMIN', hosts: null };
  const reference = { host: 'beta', name: 'unseen' };
  let connected: Engine;
  let context: CommandContext;

  beforeAll(async () => {
    connected = await Engine.connect(parseEndpoint(engine('beta').endpoint, {}), {}, 10_000);
    const link: HostLink = {
      withEngine: (work) => work(connected),
      // A look before a change has no actor.
      look: (_kind, _key, actor) => (actor === undefined ? Promise.resolve() : Promise.reject(new Problem('HOST_UNREACHABLE', 'It is away now.'))),
      syncNow: () => Promise.resolve(),
    };
    const parts = { database: database.database, fleet: { of: () => link }, log: silent, sealer: testSealer, committed: () => undefined };
    context = { ...parts, parallelHosts: 3, hostDeadlineMs: 10_000, engineTimeoutMs: 10_000, pullDeadlineMs: 10_000 } as unknown as CommandContext;
  });

  afterAll(() => {
    connected.close();
  });

  const isKnown = (kind: 'volume' | 'container') =>
    eventually(
      async () => {
        const found = await gateway().query<Record<string, unknown>>(`{ found: ${kind}(host: "beta", name: "unseen") { name } }`);
        expect(found['found']).not.toBeNull();
      },
      { what: `the ${kind} is known` },
    );

  test('volumes are made and removed', async () => {
    const request = { hosts: ['beta'], name: 'unseen', driver: 'local', driverOptions: [], labels: [], caller, idempotencyKey: 'unseen' };
    expect(await createVolumesCommand(context, request)).toMatchObject([{ created: true, error: null }]);
    await isKnown('volume');
    expect(await createVolumesCommand(context, request)).toMatchObject([{ created: true, error: null, volume: { name: 'unseen' } }]);
    const removed = await removeVolumesCommand(context, [{ ...reference, id: undefined }], { force: false, caller });
    expect(removed).toMatchObject([{ removed: true, error: null }]);
    expect(await engine('beta').cli('volume', 'ls', '-q')).toBe('');
  });

  test('containers are made, started, stopped and removed', async () => {
    const parts = { command: ['sleep', '1000'], entrypoint: undefined, env: [], labels: [], mounts: [], volumesFrom: [], network: 'none' };
    const request = { ...reference, ...parts, image: IMAGE, start: true, caller, idempotencyKey: 'unseen container' };
    // The gateways may be quicker than this.
    const made = await runContainerCommand(context, request).catch((error: unknown) => error);
    if (made instanceof Problem) expect(made).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('was made') as string });
    await isKnown('container');
    expect(await runContainerCommand(context, request)).toMatchObject({ name: 'unseen' });
    expect(await engine('beta').cli('ps', '-q')).toMatch(/^\w+\n$/);
    expect(await stopContainerCommand(context, reference, 0, 'some')).toMatchObject({ state: 'EXITED' });
    expect(await startContainerCommand(context, reference, caller)).toMatchObject({ state: 'RUNNING' });
    await removeContainerCommand(context, reference, { force: true, removeAnonymousVolumes: true, actor: 'some' });
    expect(await engine('beta').cli('ps', '-aq')).toBe('');
  });
});

describe('an image that is not there', () => {
  // In the order of ids: the engine's own says nothing.
  const images = async () => (await engine('alpha').cli('image', 'ls', '-aq', '--no-trunc')).trim().split('\n').sort();

  test('is pulled, once for two who ask at the same moment', async () => {
    const image = registry.image('whole', 'pulled');
    const input = { ...sleeper, host: 'alpha', image, idempotencyKey: 'one pull' };
    const answers = await Promise.all(
      [gateway(), other()].map((through) => send<{ done: { container: { engineId: string; state: string } } }>(RUN, input, { through })),
    );
    const [id] = answers.map(({ data }) => data.done.container.engineId);
    expect(answers.map(({ data }) => data.done.container)).toMatchObject([{ engineId: id, state: 'RUNNING' }, { engineId: id }]);
    expect(await engine('alpha').cli('ps', '--no-trunc', '--format', '{{.ID}} {{.Image}}')).toBe(`${String(id)} ${image}\n`);
    await engine('alpha').reset();
    await engine('alpha').cli('image', 'rm', image);
  });

  test('is not pulled for OPERATOR from a registry that nobody allowed, and the registry is not asked', async () => {
    const input = { ...sleeper, host: 'alpha', name: 'pulling', image: registry.image('hanging') };
    expect(await refused(RUN, input, { secret: OPERATOR })).toBe('FORBIDDEN');
    expect(registry.waiting()).toBe(0);
  });

  test.each([
    ['whose connection is cut in the middle', 'cut', ''],
    ['that is another one than its registry says', 'forged', ''],
    ['whose registry asks for credentials', 'private', 'pull it on the host first'],
  ] as const)('and %s is NOT_FOUND with the reason, and nothing is made', async (_what, behaviour, words) => {
    const before = await images();
    const input = {
      ...sleeper,
      host: 'alpha',
      name: 'pulling',
      image: registry.image(behaviour),
      mounts: [{ type: 'VOLUME', source: 'fresh', destination: '/x' }],
    };
    const stateBefore = await stateOf('alpha');
    const { errors } = await send(RUN, input);
    expect(errors).toMatchObject([{ message: expect.stringMatching(`cannot pull it: .*${words}`) as string, extensions: { code: 'NOT_FOUND' } }]);
    expect(await stateOf('alpha')).toBe(stateBefore);
    expect(await images()).toEqual(before);
  });

  test('and whose registry hangs is waited for until its deadline', async () => {
    const connected = await Engine.connect(parseEndpoint(engine('alpha').endpoint, {}), {}, 10_000);
    try {
      const pulling = connected.pullImage(registry.image('hanging'), 1_000);
      await eventually(
        () => {
          expect(registry.waiting()).toBe(1);
        },
        { what: 'the engine asks the registry' },
      );
      await expect(pulling).rejects.toMatchObject({ code: 'HOST_TIMEOUT' });
    } finally {
      connected.close();
    }
  });
});
