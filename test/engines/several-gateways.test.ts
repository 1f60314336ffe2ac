import { addHost, newHostId } from '../../src/inventory/hosts.js';
import { trimJournal } from '../../src/journal/trim.js';
import { Sealer } from '../../src/sealing.js';
import { startDatabase, type TestDatabase } from '../harness/database.js';
import { startEngine, startEngines, IMAGE, type TestEngine } from '../harness/engines.js';
import { listenToEvents, readJournal, type ToldEvent } from '../harness/events.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

const NAMES = ['alpha', 'beta', 'gamma'];
/** Milliseconds within which another gateway must have taken over. */
const TAKEOVER_MS = 10_000;

let engines: TestEngine[];
let database: TestDatabase;
let gateways: TestGateway[] = [];

beforeAll(async () => {
  [engines, database] = await Promise.all([startEngines(NAMES), startDatabase()]);
});

afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.stop()));
  await database.stop();
  await proveNothingIsLeft();
});

beforeEach(async () => {
  gateways = [await start(), await start()];
  await Promise.all(gateways.map((gateway) => hostsAre(gateway, 'ONLINE')));
  await spreadOver(2);
});

afterEach(async () => {
  for (const gateway of gateways) gateway.process.kill('SIGCONT');
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await Promise.all(engines.map((engine) => engine.reset()));
  await database.database.host.deleteMany();
});

function start(): Promise<TestGateway> {
  const hosts = Object.fromEntries(engines.map((engine) => [engine.name, engine.endpoint]));
  return startGateway({ hosts, environment: { DATABASE_URL: database.url } });
}

function engine(name: string): TestEngine {
  const found = engines.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no engine ${name}`);
  return found;
}

/** The gateway of each host, by name, and the fencing numbers. */
async function leases(): Promise<{ host: string; holder: string | null; epoch: bigint }[]> {
  const rows = await database.database.lease.findMany({ include: { host: true }, orderBy: { host: { name: 'asc' } } });
  return rows.map(({ host, holder, epoch }) => ({ host: host.name, holder, epoch }));
}

/** Waits until all hosts are watched, by so many gateways, evenly. */
async function spreadOver(count: number, timeoutMs = TAKEOVER_MS): Promise<void> {
  await eventually(
    async () => {
      const alive = await database.database.$queryRaw<{ id: string }[]>`select id from gateway where expires_at > clock_timestamp()`;
      const holders = (await leases()).map(({ holder }) => holder);
      const counts = alive.map(({ id }) => holders.filter((holder) => holder === id).length);
      expect(alive).toHaveLength(count);
      expect(counts.reduce((a, b) => a + b, 0)).toBe(NAMES.length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    },
    { what: `the hosts are spread over ${String(count)} gateways`, timeoutMs },
  );
}

/** Index of the gateway that watches a host: the one whose log says so last. */
function watcherOf(host: string): number {
  const last = gateways.map((gateway) =>
    Math.max(
      -1,
      ...gateway
        .output()
        .split('\n')
        .filter((line) => line.includes('"the host is online"') && line.includes(`"host":"${host}"`))
        .map((line) => (JSON.parse(line) as { time: number }).time),
    ),
  );
  return last.indexOf(Math.max(...last));
}

const volumesOf = async (gateway: TestGateway, host: string): Promise<string[]> => {
  const { volumes } = await gateway.query<{ volumes: { nodes: { name: string }[] } }>(
    'query ($hosts: [String!]) { volumes(filter: { hosts: $hosts }) { nodes { name } } }',
    { hosts: [host] },
  );
  return volumes.nodes.map(({ name }) => name).sort();
};

async function shows(gateway: TestGateway, host: string, names: string[], timeoutMs: number): Promise<void> {
  await eventually(
    async () => {
      expect(await volumesOf(gateway, host)).toEqual(names);
    },
    { what: `${host} shows ${names.join(', ')}`, timeoutMs },
  );
}

test('a third gateway gets its part, and gives it back when it stops', async () => {
  const third = await start();
  gateways.push(third);
  await spreadOver(3);
  expect(await third.stop()).toBe(0);
  await spreadOver(2);
  await engine('gamma').cli('volume', 'create', 'seen');
  for (const gateway of gateways.slice(0, 2)) await shows(gateway, 'gamma', ['seen'], 2_000);
}, 60_000);

test('whichever gateway is asked for a change, it shows in its answer and in the next query of any gateway', async () => {
  for (const [index, gateway] of gateways.entries()) {
    const name = `made-${String(index)}`;
    const made = await gateway.query<{ createVolume: { results: unknown[] } }>(
      `mutation ($name: String) { createVolume(input: { hosts: ["alpha", "beta", "gamma"], name: $name }) { results { created error { code message } volume { name state } } } }`,
      { name },
    );
    expect(made.createVolume.results).toEqual(NAMES.map(() => ({ created: true, error: null, volume: { name, state: 'DANGLING' } })));
    for (const host of NAMES) {
      const run = await gateway.query<Record<string, unknown>>(
        `mutation ($host: String!, $image: String!, $name: String!) {
          runContainer(input: { host: $host, image: $image, name: "user", command: ["sleep", "1000"], network: "none", mounts: [{ type: VOLUME, source: $name, destination: "/data" }] }) {
            container { name state mounts { volume { name state } } }
          }
        }`,
        { host, image: IMAGE, name },
      );
      expect(run['runContainer']).toEqual({ container: { name: 'user', state: 'RUNNING', mounts: [{ volume: { name, state: 'IN_USE' } }] } });
      const refused = await gateway.query<{ removeVolumes: { results: { error: { code: string; message: string } | null }[] } }>(
        'mutation ($host: String!, $name: String!) { removeVolumes(input: { volumes: [{ host: $host, name: $name }] }) { results { removed error { code message } } } }',
        { host, name },
      );
      expect(refused.removeVolumes.results).toMatchObject([{ removed: false, error: { code: 'VOLUME_IN_USE' } }]);
      expect(refused.removeVolumes.results[0]?.error?.message).toContain('user');
      await gateway.query('mutation ($host: String!) { removeContainer(input: { container: { host: $host, name: "user" }, force: true }) { removed } }', {
        host,
      });
    }
    const removed = await gateway.query<{ removeVolumes: { results: unknown[] } }>(
      'mutation ($volumes: [VolumeRef!]!) { removeVolumes(input: { volumes: $volumes }) { results { removed error { code message } } } }',
      { volumes: NAMES.map((host) => ({ host, name })) },
    );
    expect(removed.removeVolumes.results).toEqual(NAMES.map(() => ({ removed: true, error: null })));
    for (const other of gateways) expect(await Promise.all(NAMES.map((host) => volumesOf(other, host)))).toEqual([[], [], []]);
  }
}, 60_000);

test('hosts can be added, changed, switched off and removed through any gateway', async () => {
  const extra = await startEngine({ name: 'delta' });
  try {
    await extra.cli('volume', 'create', 'there');
    for (const [index, gateway] of gateways.entries()) {
      const other = gateways[1 - index];
      const added = await gateway.query<{ addHost: unknown }>(
        'mutation ($endpoint: String!) { addHost(input: { name: "delta", endpoint: $endpoint }) { host { status volumes { nodes { name } } } } }',
        { endpoint: extra.endpoint },
      );
      expect(added.addHost).toEqual({ host: { status: 'ONLINE', volumes: { nodes: [{ name: 'there' }] } } });
      const renamed = await other?.query<{ updateHost: unknown }>(
        'mutation { updateHost(input: { name: "delta", newName: "epsilon", enabled: false }) { host { name status } } }',
      );
      expect(renamed?.updateHost).toEqual({ host: { name: 'epsilon', status: 'DISABLED' } });
      expect(await gateway.query('mutation { syncHosts(hosts: ["epsilon"]) { results { error { code } } } }')).toEqual({
        syncHosts: { results: [{ error: { code: 'HOST_DISABLED' } }] },
      });
      const enabled = await gateway.query<{ updateHost: unknown }>('mutation { updateHost(input: { name: "epsilon", enabled: true }) { host { status } } }');
      expect(enabled.updateHost).toEqual({ host: { status: 'ONLINE' } });
      await extra.cli('volume', 'create', 'later');
      await shows(gateway, 'epsilon', ['later', 'there'], 2_000);
      await extra.cli('volume', 'rm', 'later');
      expect(await other?.query('mutation { removeHost(input: { name: "epsilon" }) { removed } }')).toEqual({ removeHost: { removed: true } });
      expect(await gateway.query('{ hosts { name } }')).toEqual({ hosts: NAMES.map((name) => ({ name })) });
    }
  } finally {
    await extra.stop();
  }
}, 60_000);

test.each(['killed', 'frozen'] as const)(
  'when a gateway is %s, another one watches its hosts within ten seconds',
  async (how) => {
    const victim = watcherOf('alpha');
    const other = gateways[1 - victim] as TestGateway;
    const before = await leases();
    if (how === 'killed') await gateways[victim]?.kill();
    else gateways[victim]?.process.kill('SIGSTOP');
    await Promise.all(engines.map((each) => each.cli('volume', 'create', 'meanwhile')));
    await Promise.all(NAMES.map((host) => shows(other, host, ['meanwhile'], TAKEOVER_MS)));
    const after = await leases();
    for (const [index, { epoch, holder }] of after.entries()) {
      const moved = before[index]?.holder !== holder;
      expect(epoch - (before[index]?.epoch ?? 0n)).toBe(moved ? 1n : 0n);
    }
    await spreadOver(1);
  },
  60_000,
);

test('a gateway that wakes up after another one took over writes nothing of what it saw', async () => {
  const victim = gateways[watcherOf('alpha')] as TestGateway;
  const other = gateways.find((gateway) => gateway !== victim) as TestGateway;
  const start = (await readJournal(other)).at(-1)?.cursor;
  victim.process.kill('SIGSTOP');
  // Told to the sleeper, too: it hears of them when it wakes up.
  const names = Array.from({ length: 30 }, (_, index) => `volume-${String(index).padStart(2, '0')}`);
  for (const name of names) await engine('alpha').docker.createVolume({ Name: name });
  await shows(other, 'alpha', names, TAKEOVER_MS);
  victim.process.kill('SIGCONT');
  await eventually(
    () => {
      expect(victim.output()).toContain('the lease of the host is lost');
    },
    { what: 'the sleeper notices', timeoutMs: 5_000 },
  ).catch(() => undefined);
  await spreadOver(2);
  for (const name of names) await engine('alpha').docker.getVolume(name).remove();
  for (const gateway of gateways) await shows(gateway, 'alpha', [], 5_000);
  const told = (await readJournal(other, start)).filter(({ hostName, volumeName }) => hostName === 'alpha' && volumeName !== null);
  for (const type of ['VOLUME_CREATED', 'VOLUME_REMOVED']) {
    expect(
      told
        .filter((event) => event.type === type)
        .map(({ volumeName }) => volumeName)
        .sort(),
    ).toEqual(names);
  }
}, 60_000);

test('a subscriber goes from one gateway to the other in the middle of a burst, and is told everything once and in order', async () => {
  const after = (await readJournal(gateways[0] as TestGateway)).at(-1)?.cursor;
  const filter = { types: ['VOLUME_CREATED', 'VOLUME_REMOVED'] };
  // It lasts as long as there are listeners to come, however slow they are.
  let isGoingOn = true;
  const making = Promise.all(
    engines.map(async ({ docker }) => {
      let count = 0;
      for (; isGoingOn; count += 1) {
        await docker.createVolume({ Name: `burst-${String(count)}` });
        if (count % 2 === 0) await docker.getVolume(`burst-${String(count)}`).remove();
      }
      return count;
    }),
  );
  const told: ToldEvent[] = [];
  const listenTo = async (gateway: TestGateway) => {
    const listener = listenToEvents(gateway.client(), { after: told.at(-1)?.cursor ?? after, filter });
    await eventually(
      () => {
        expect(listener.events.length).toBeGreaterThan(5);
      },
      { what: 'some events', timeoutMs: 20_000, intervalMs: 5 },
    );
    return listener;
  };
  let counts: number[];
  try {
    for (let round = 0; round < 6; round += 1) {
      const listener = await listenTo(gateways[round % 2] as TestGateway);
      listener.end();
      told.push(...listener.events);
    }
    // One gateway dies with its subscriber; the other goes on.
    const dying = await listenTo(gateways[1] as TestGateway);
    await gateways[1]?.kill();
    told.push(...dying.events);
  } finally {
    isGoingOn = false;
    counts = await making;
  }
  const rest = listenToEvents((gateways[0] as TestGateway).client(), { after: told.at(-1)?.cursor, filter });
  for (const [index, host] of NAMES.entries()) {
    await eventually(
      async () => {
        const { volumes } = await (gateways[0] as TestGateway).query<{ volumes: { totalCount: number } }>(
          'query ($hosts: [String!]) { volumes(filter: { hosts: $hosts }) { totalCount } }',
          { hosts: [host] },
        );
        // Each second one was removed, beginning with the first.
        expect(volumes.totalCount).toBe(Math.floor((counts[index] ?? 0) / 2));
      },
      { what: `${host} is known again`, timeoutMs: 20_000 },
    );
  }
  const journal = (await readJournal(gateways[0] as TestGateway, after)).filter(({ type }) => filter.types.includes(type));
  await eventually(
    () => {
      expect(told.length + rest.events.length).toBe(journal.length);
    },
    { what: 'all is told' },
  );
  expect([...told, ...rest.events]).toEqual(journal);
}, 120_000);

test('a host whose keys were sealed with another secret says so', async () => {
  const [gateway] = gateways as [TestGateway];
  const id = newHostId();
  const [{ name, endpoint }] = engines as [TestEngine];
  const credentials = new Sealer('the secret of another gateway').seal({ tls: { ca: 'x', cert: 'y', key: 'z' } }, id);
  await addHost(database.database, { id, name: 'sealed', endpoint, labels: {}, credentials }, 'test');
  await eventually(
    async () => {
      expect(await gateway.query('{ host(name: "sealed") { status statusReason } }')).toMatchObject({
        host: { status: 'UNREACHABLE', statusReason: expect.stringContaining('STOWAGE_SECRET_KEY') as string },
      });
    },
    { what: `the reason shows, for another way to ${name}`, timeoutMs: 5_000 },
  );
  // Whichever gateway is asked, and whether it watches the host or not.
  for (const asked of gateways) {
    expect(await asked.query('mutation { syncHosts(hosts: ["sealed"]) { results { error { code message } } } }')).toEqual({
      syncHosts: { results: [{ error: { code: 'UNAVAILABLE', message: expect.stringContaining('STOWAGE_SECRET_KEY') as string } }] },
    });
  }
});

test("a gateway that reaches another machine's engine at a host's endpoint changes nothing there", async () => {
  const other = gateways[1 - watcherOf('alpha')] as TestGateway;
  await engine('alpha').cli('volume', 'create', 'precious');
  await shows(other, 'alpha', ['precious'], 2_000);
  // To the host belongs an engine of another machine than the one that this gateway finds at its endpoint.
  await database.database.host.updateMany({ where: { name: 'alpha' }, data: { engine: { id: 'other', name: 'machine-2' } } });
  const { removeVolumes } = await other.query<{ removeVolumes: { results: unknown[] } }>(
    'mutation { removeVolumes(input: { volumes: [{ host: "alpha", name: "precious" }] }) { results { removed error { code } } } }',
  );
  expect(removeVolumes.results).toEqual([{ removed: false, error: { code: 'HOST_UNREACHABLE' } }]);
  const { createVolume } = await other.query<{ createVolume: { results: unknown[] } }>(
    'mutation { createVolume(input: { hosts: ["alpha"], name: "stray" }) { results { created error { code } } } }',
  );
  expect(createVolume.results).toEqual([{ created: false, error: { code: 'HOST_UNREACHABLE' } }]);
  expect((await engine('alpha').docker.listVolumes()).Volumes.map(({ Name }) => Name)).toEqual(['precious']);
});

test('a cursor older than the journal is answered with CURSOR_EXPIRED, in the query and in the subscription', async () => {
  const gateway = gateways[0] as TestGateway;
  const journal = await readJournal(gateway);
  const [first, second] = journal;
  const kept = journal[2];
  await database.database.$executeRaw`update journal set recorded_at = now() - interval '40 days' where position <= ${BigInt((kept?.cursor ?? 'j0').slice(1))}`;
  expect(await trimJournal(database.database, 30 * 86_400_000)).toBe(3);
  for (const expired of [first?.cursor, second?.cursor]) {
    expect(await gateway.codeOf('query ($after: String) { events(after: $after) { nodes { type } } }', { after: expired })).toBe('CURSOR_EXPIRED');
    // Of what another has trimmed a gateway hears a moment later.
    await eventually(
      async () => {
        const refused = listenToEvents(gateway.client(), { after: expired });
        await eventually(
          () => {
            expect(refused.isOver() || refused.events.length > 0).toBe(true);
          },
          { what: 'an answer' },
        );
        refused.end();
        expect(JSON.stringify(refused.problems)).toContain('"code":"CURSOR_EXPIRED"');
        expect(refused.events).toEqual([]);
      },
      { what: 'the refusal' },
    );
  }
  expect(await readJournal(gateway, kept?.cursor)).toEqual(journal.slice(3));
  const listener = listenToEvents(gateway.client(), { after: kept?.cursor });
  await eventually(
    () => {
      expect(listener.events).toEqual(journal.slice(3));
    },
    { what: 'the rest' },
  );
  listener.end();
});

test('a mutation under way comes to its end when its host goes to another watcher', async () => {
  const watching = gateways[watcherOf('alpha')] as TestGateway;
  await engine('alpha').cli('run', '-d', '--name', 'stubborn', '--network', 'none', IMAGE, 'sh', '-c', 'trap "" TERM; while :; do sleep 1; done');
  await eventually(
    async () => {
      expect(await watching.query('{ container(host: "alpha", name: "stubborn") { state } }')).toEqual({ container: { state: 'RUNNING' } });
    },
    { what: 'it is known' },
  );
  const timesOnline = () => watching.output().split('the host is online').length;
  const before = timesOnline();
  const stopping = watching.query(
    'mutation { stopContainer(input: { container: { host: "alpha", name: "stubborn" }, timeoutSeconds: 60 }) { container { state } } }',
  );
  // As when another gateway takes it.
  await database.database.lease.updateMany({ where: { host: { name: 'alpha' } }, data: { epoch: { increment: 1 } } });
  await eventually(
    () => {
      expect(timesOnline()).toBeGreaterThan(before);
    },
    { what: 'it is watched anew' },
  );
  await engine('alpha').cli('kill', 'stubborn');
  expect(await stopping).toEqual({ stopContainer: { container: { state: 'EXITED' } } });
}, 30_000);
