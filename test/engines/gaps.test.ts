import { startDatabase } from '../harness/database.js';
import { startEngine, IMAGE, type TestEngine } from '../harness/engines.js';
import { readJournal, type ToldEvent } from '../harness/events.js';
import { startFaultProxy, type FaultProxy } from '../harness/fault-proxy.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { readAll } from '../harness/lists.js';
import { shiftedClock } from '../harness/shifted-clock.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { startUpgradableEngine } from '../harness/upgradable-engine.js';
import { eventually } from '../harness/wait.js';

/** Milliseconds after the end of a fault within which the inventory is true again. */
const CAUGHT_UP_MS = 5_000;
/** Milliseconds within which a link that fell silent is found. */
const SILENCE_FOUND_MS = 30_000;
const HOUR_MS = 3_600_000;

let engine: TestEngine;
let proxy: FaultProxy;

beforeAll(async () => {
  engine = await startEngine({ name: 'alpha' });
});

afterAll(async () => {
  await engine.stop();
  await proveNothingIsLeft();
});

beforeEach(async () => {
  proxy = await startFaultProxy({ target: engine.socketPath });
});

afterEach(async () => {
  await proxy.close();
  await engine.reset();
});

interface KnownVolume {
  id: string;
  name: string;
  state: string;
}

const volumesOf = (gateway: TestGateway, states: string[] = ['IN_USE', 'IDLE', 'DANGLING']) =>
  readAll<KnownVolume>(gateway, 'volumes', 'id name state', { filter: { states } });

/** Waits until the gateway knows just the volumes that the engine has. */
async function isTrue(gateway: TestGateway, timeoutMs = CAUGHT_UP_MS): Promise<void> {
  await eventually(
    async () => {
      const there = (await engine.docker.listVolumes()).Volumes.map(({ Name }) => Name).sort();
      expect((await volumesOf(gateway)).map(({ name }) => name).sort()).toEqual(there);
    },
    { what: 'the inventory is true', timeoutMs },
  );
}

/** Runs with a gateway that watches the engine, ONLINE, and stops it. */
async function withGateway(use: (gateway: TestGateway) => Promise<void>, endpoint = proxy.endpoint, environment: Record<string, string> = {}): Promise<void> {
  const gateway = await startGateway({ hosts: { alpha: endpoint }, environment });
  try {
    await hostsAre(gateway, 'ONLINE');
    await use(gateway);
  } finally {
    await gateway.stop();
  }
}

const create = (...names: string[]) => Promise.all(names.map((name) => engine.docker.createVolume({ Name: name })));
const remove = (...names: string[]) => Promise.all(names.map((name) => engine.docker.getVolume(name).remove()));
/** Does something while the gateway hears nothing of the engine. */
async function cutAndMend(gateway: TestGateway, work: () => Promise<unknown>): Promise<void> {
  proxy.setMode('reset');
  await hostsAre(gateway, 'UNREACHABLE');
  await work();
  proxy.setMode('pass');
  await hostsAre(gateway, 'ONLINE');
}

const lastCursor = async (gateway: TestGateway) => (await readJournal(gateway)).at(-1)?.cursor;
const about = (events: ToldEvent[], volume: string) => events.filter(({ volumeName }) => volumeName === volume);

test('more than an engine remembers happens while its connection is cut, and all of it is found', async () => {
  await withGateway(async (gateway) => {
    const early = Array.from({ length: 100 }, (_, index) => `early-${String(index)}`);
    await create(...early);
    await isTrue(gateway);
    const cursor = await lastCursor(gateway);
    proxy.setMode('reset');
    const late = Array.from({ length: 400 }, (_, index) => `late-${String(index)}`);
    await remove(...early.slice(0, 50));
    await create(...late);
    await hostsAre(gateway, 'UNREACHABLE');
    expect(await volumesOf(gateway)).toHaveLength(early.length);
    proxy.setMode('pass');
    await isTrue(gateway);
    const told = await readJournal(gateway, cursor);
    const named = (type: string) => told.filter((event) => event.type === type).map(({ volumeName }) => volumeName);
    expect(named('VOLUME_CREATED').sort()).toEqual([...late].sort());
    expect(named('VOLUME_REMOVED').sort()).toEqual(early.slice(0, 50).sort());
  });
}, 60_000);

test('a host is watched without a gap over cuts and other gateways that its engine can tell all of, and anew when it cannot', async () => {
  const server = await startDatabase();
  const environment = { DATABASE_URL: server.url, STOWAGE_SECRET_KEY: 'the same for each' };
  const watchedSince = async () => (await server.database.host.findFirstOrThrow()).watchedSince;
  const forget = () => create(...Array.from({ length: 300 }, (_, index) => `filler-${String(index)}`));
  try {
    let since: Date | null = null;
    await withGateway(
      async (gateway) => {
        since = await watchedSince();
        expect(since).not.toBeNull();
        await create('kept');
        await isTrue(gateway);
        await cutAndMend(gateway, () => engine.cli('run', '--rm', '--network', 'none', '-v', 'kept:/x', IMAGE, 'true'));
        await isTrue(gateway);
        expect(await watchedSince()).toEqual(since);
        const { volume } = await gateway.query<{ volume: { lastMountedAt: string | null } }>('{ volume(host: "alpha", name: "kept") { lastMountedAt } }');
        expect(volume.lastMountedAt).not.toBeNull();
      },
      proxy.endpoint,
      environment,
    );
    await create('between');
    await withGateway(
      async (gateway) => {
        await isTrue(gateway);
        expect(await watchedSince()).toEqual(since);
        const began = new Date();
        // The engine forgets this use while nobody hears of it.
        await cutAndMend(gateway, async () => {
          await engine.cli('run', '--rm', '--network', 'none', '-v', 'between:/x', IMAGE, 'true');
          await forget();
        });
        await isTrue(gateway);
        expect((await watchedSince())?.getTime()).toBeGreaterThan(began.getTime());
        since = await watchedSince();
      },
      proxy.endpoint,
      environment,
    );
    await engine.reset();
    await forget();
    await withGateway(
      async () => {
        // It stands there as ONLINE from before.
        await eventually(
          async () => {
            expect((await watchedSince())?.getTime()).toBeGreaterThan(since?.getTime() ?? Infinity);
          },
          { what: 'it is watched anew' },
        );
      },
      proxy.endpoint,
      environment,
    );
  } finally {
    await server.stop();
  }
}, 90_000);

test('a link on which nothing comes any more is found, the host is shown as away, and nothing of it counts as removed', async () => {
  await withGateway(async (gateway) => {
    await create('kept', 'going');
    await isTrue(gateway);
    proxy.setMode('blackhole');
    await remove('going');
    await hostsAre(gateway, 'UNREACHABLE', 'alpha', SILENCE_FOUND_MS);
    expect((await volumesOf(gateway)).map(({ name }) => name).sort()).toEqual(['going', 'kept']);
    await create('made');
    proxy.setMode('pass');
    await hostsAre(gateway, 'ONLINE', 'alpha', CAUGHT_UP_MS);
    await isTrue(gateway);
  });
}, 90_000);

test('an event stream that is dead while new connections work is found by asking, not by waiting for an event', async () => {
  await withGateway(async (gateway) => {
    proxy.abandon();
    await create('unheard');
    await isTrue(gateway, SILENCE_FOUND_MS);
  });
}, 60_000);

test('events that come late are a sign that some were lost, and everything is listed', async () => {
  await withGateway(async (gateway) => {
    const lists = () => proxy.requestLines().filter((line) => line.includes('/containers/json')).length;
    const before = lists();
    const began = Date.now();
    proxy.setMode('slow', { bytesPerSecond: 15_000 });
    await create(...Array.from({ length: 150 }, (_, index) => `slow-${String(index)}`));
    // No connection ends for it, and no comparison is due.
    await eventually(
      () => {
        expect(lists()).toBeGreaterThan(before);
      },
      { what: 'everything is listed', timeoutMs: 12_000 },
    );
    expect(gateway.output()).toContain('events were lost; listing everything');
    await eventually(
      async () => {
        const { host } = await gateway.query<{ host: { watchedSince: string } }>('{ host(name: "alpha") { watchedSince } }');
        expect(Date.parse(host.watchedSince)).toBeGreaterThan(began);
      },
      { what: 'it is watched anew', timeoutMs: 12_000 },
    );
    expect(gateway.output()).not.toContain('cannot be reached');
    proxy.setMode('pass');
    await isTrue(gateway);
  });
}, 60_000);

test('an engine that crashes and comes back is caught up with, and its containers with it', async () => {
  await withGateway(async (gateway) => {
    await engine.cli('run', '-d', '--name', 'worker', '--network', 'none', '-v', 'data:/data', IMAGE, 'sleep', '1000');
    await isTrue(gateway);
    const [before] = await volumesOf(gateway);
    await engine.kill();
    await hostsAre(gateway, 'UNREACHABLE');
    expect(await volumesOf(gateway)).toMatchObject([{ name: 'data', state: 'IN_USE' }]);
    await engine.start();
    await create('afterwards');
    await isTrue(gateway);
    const { container } = await gateway.query<{ container: { state: string } }>('{ container(host: "alpha", name: "worker") { state } }');
    const [state] = (await engine.docker.getContainer('worker').inspect()).State.Running ? ['RUNNING'] : ['EXITED'];
    expect(container.state).toBe(state);
    expect((await volumesOf(gateway)).find(({ name }) => name === 'data')?.id).toBe(before?.id);
  });
}, 120_000);

describe('a volume that is removed and made again while nobody listens', () => {
  test('with other labels is another volume, and the first one is history', async () => {
    await withGateway(async (gateway) => {
      await engine.cli('volume', 'create', '--label', 'made=first', 'again');
      await isTrue(gateway);
      const [first] = await volumesOf(gateway);
      proxy.setMode('reset');
      await remove('again');
      await engine.cli('volume', 'create', '--label', 'made=second', 'again');
      // The engine forgets that it told of it.
      for (let round = 0; round < 15; round += 1) {
        await create(...Array.from({ length: 10 }, (_, index) => `filler-${String(index)}`));
        await remove(...Array.from({ length: 10 }, (_, index) => `filler-${String(index)}`));
      }
      await hostsAre(gateway, 'UNREACHABLE');
      proxy.setMode('pass');
      await hostsAre(gateway, 'ONLINE');
      const [second] = await volumesOf(gateway);
      expect(second?.id).not.toBe(first?.id);
      expect(await volumesOf(gateway, ['REMOVED'])).toEqual([{ ...first, state: 'REMOVED' }]);
    });
  }, 60_000);

  test('just so is another volume as long as the engine remembers its end', async () => {
    await withGateway(async (gateway) => {
      await create('again');
      await isTrue(gateway);
      const [first] = await volumesOf(gateway);
      proxy.setMode('reset');
      await remove('again');
      await create('again');
      await hostsAre(gateway, 'UNREACHABLE');
      proxy.setMode('pass');
      await eventually(
        async () => {
          expect((await volumesOf(gateway, ['REMOVED'])).map(({ id }) => id)).toEqual([first?.id]);
        },
        {
          what: 'the first one is history',
          timeoutMs: CAUGHT_UP_MS,
        },
      );
      expect((await volumesOf(gateway)).map(({ name }) => name)).toEqual(['again']);
    });
  }, 60_000);
});

test('volumes that are removed and made again at once, over and over, are as many volumes', async () => {
  await withGateway(async (gateway) => {
    const cursor = await lastCursor(gateway);
    const rounds = 40;
    let known: string | undefined;
    for (let round = 0; round < rounds; round += 1) {
      await create('again');
      // Sometimes the gateway has seen it, sometimes not.
      if (round % 4 === 0)
        known = await eventually(
          async () => {
            const [volume] = await volumesOf(gateway);
            expect(volume?.name).toBe('again');
            expect(volume?.id).not.toBe(known);
            return volume?.id;
          },
          { what: 'it is known, and not for the one before' },
        );
      await remove('again');
    }
    await create('again');
    // By name the inventory is true before it has heard of the last removal and creation, so the journal is waited for.
    let told: string[] = [];
    await eventually(
      async () => {
        told = about(await readJournal(gateway, cursor), 'again').map(({ type }) => type);
        // One that came and went between two looks is not told.
        expect(told.length).toBeGreaterThan(rounds / 4);
        expect(told.at(-1)).toBe('VOLUME_CREATED');
      },
      { what: 'the last creation is told' },
    );
    await isTrue(gateway);
    // What is told alternates, and begins and ends with a creation.
    expect(told).toEqual(told.map((_, index) => (index % 2 === 0 ? 'VOLUME_CREATED' : 'VOLUME_REMOVED')));
  });
}, 60_000);

test.each([
  ['an hour ahead', -HOUR_MS],
  ['an hour behind', HOUR_MS],
])(
  'an engine whose clock is %s is watched like any other',
  async (_what, shiftMs) => {
    await withGateway(
      async (gateway) => {
        const cursor = await lastCursor(gateway);
        await create('live');
        await eventually(
          async () => {
            expect(about(await readJournal(gateway, cursor), 'live')).toMatchObject([{ type: 'VOLUME_CREATED', source: 'ENGINE' }]);
          },
          {
            what: 'what happens is told',
            timeoutMs: 3_000,
          },
        );
        // What was missed is told by the engine itself, with its own time: the stream goes on where it was.
        proxy.setMode('reset');
        await create('missed');
        await remove('live');
        await hostsAre(gateway, 'UNREACHABLE');
        proxy.setMode('pass');
        await isTrue(gateway);
        const told = await readJournal(gateway, cursor);
        expect(about(told, 'missed')).toMatchObject([{ type: 'VOLUME_CREATED', source: 'ENGINE' }]);
        expect(about(told, 'live').map(({ type }) => type)).toEqual(['VOLUME_CREATED', 'VOLUME_REMOVED']);
        for (const { occurredAt } of [...about(told, 'missed'), ...about(told, 'live')])
          expect(Math.abs(Date.parse(occurredAt) - Date.now())).toBeLessThan(HOUR_MS / 2);
      },
      proxy.endpoint,
      { NODE_OPTIONS: shiftedClock(shiftMs) },
    );
  },
  60_000,
);

test('an engine that is upgraded is spoken to in its new version, and its volumes stay the same', async () => {
  const old = { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12', volumesCreatedAt: '2026-01-01T00:00:00Z' };
  const upgradable = await startUpgradableEngine(engine.socketPath, '1.41', old);
  try {
    await withGateway(async (gateway) => {
      await create('lasting');
      await isTrue(gateway);
      const before = await volumesOf(gateway);
      const cursor = await lastCursor(gateway);
      upgradable.upgrade({ Version: '29.1.0', ApiVersion: '1.52', MinAPIVersion: '1.44', volumesCreatedAt: '2026-02-02T00:00:00Z' });
      await eventually(
        async () => {
          expect(await gateway.query('{ host(name: "alpha") { status engine { version apiVersion } } }')).toEqual({
            host: { status: 'ONLINE', engine: { version: '29.1.0', apiVersion: '1.51' } },
          });
        },
        { what: 'the new version shows' },
      );
      expect(upgradable.askedVersions()).toEqual(['1.51']);
      await gateway.query('mutation { syncHosts { results { error { code } } } }');
      expect(await volumesOf(gateway)).toEqual(before);
      expect((await readJournal(gateway, cursor)).filter(({ volumeName }) => volumeName !== null)).toEqual([]);
      // From now on another CreatedAt means another volume.
      upgradable.upgrade({ Version: '29.1.1', ApiVersion: '1.52', MinAPIVersion: '1.44', volumesCreatedAt: '2026-03-03T00:00:00Z' });
      await eventually(
        async () => {
          expect((await volumesOf(gateway)).map(({ id }) => id)).not.toEqual(before.map(({ id }) => id));
        },
        {
          what: 'it is another one',
        },
      );
    }, upgradable.endpoint);
  } finally {
    await upgradable.close();
  }
}, 60_000);

test("when another machine's engine answers at a host's endpoint, nothing of the host counts as removed until someone says that it is right", async () => {
  const version = { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12' };
  const other = await startEngine({ name: 'other' });
  const here = await startUpgradableEngine(engine.socketPath, '1.41', { ...version, identity: { ID: 'first', Name: 'machine-1' } });
  const there = await startUpgradableEngine(other.socketPath, '1.41', { ...version, identity: { ID: 'second', Name: 'machine-2' } });
  const link = await startFaultProxy({ target: here.endpoint.slice('unix://'.length) });
  try {
    await withGateway(async (gateway) => {
      await create('mine');
      await isTrue(gateway);
      link.retarget(there.endpoint.slice('unix://'.length));
      link.setMode('reset');
      link.setMode('pass');
      await eventually(
        async () => {
          expect(await gateway.query('{ host(name: "alpha") { status statusReason } }')).toMatchObject({
            host: {
              status: 'UNREACHABLE',
              statusReason: expect.stringContaining('Another engine answers at this endpoint: that of machine-2 in place of machine-1') as string,
            },
          });
        },
        { what: 'the other engine is found out' },
      );
      expect(await volumesOf(gateway)).toMatchObject([{ name: 'mine' }]);
      await gateway.query('mutation ($endpoint: String!) { updateHost(input: { name: "alpha", endpoint: $endpoint }) { host { status } } }', {
        endpoint: link.endpoint,
      });
      await hostsAre(gateway, 'ONLINE');
      expect(await volumesOf(gateway)).toEqual([]);
    }, link.endpoint);
  } finally {
    await link.close();
    await here.close();
    await there.close();
    await other.stop();
  }
}, 60_000);
