import { randomUUID } from 'node:crypto';
import { v7 as newId } from 'uuid';
import { ControlConnection } from '../../src/database/control-connection.js';
import { closeDatabase, openDatabase, type Database } from '../../src/database/client.js';
import { addHost, changeHost, markOnline, markUnreachable, newHostId, removeHost, writeFreshness, type Host } from '../../src/inventory/hosts.js';
import { LeaseLostError, outlastWriters, requireLease, type Lease } from '../../src/inventory/lease.js';
import { openLooks, requestLook } from '../../src/inventory/looks.js';
import { emptyPicture } from '../../src/inventory/picture.js';
import { applyChanges } from '../../src/inventory/store.js';
import { appendEntries } from '../../src/journal/append.js';
import { readHead } from '../../src/journal/read.js';
import { LeaseKeeper } from '../../src/sync/lease-keeper.js';
import { look, seeAll, volumeFacts } from '../inventory/engine-states.js';
import { holdLease, silent, testSealer } from '../harness/database.js';
import { ownDatabase } from '../harness/own-database.js';
import { eventually } from '../harness/wait.js';

const ENGINE = { id: 'X', version: '20.10.24', apiVersion: '1.41', os: 'linux', arch: 'amd64' };

const server = ownDatabase();

let host: Host;

beforeEach(async () => {
  host = await addHost(server.database, { id: newHostId(), name: 'alpha', endpoint: 'unix:///x', labels: {}, credentials: null }, 'test');
});

afterEach(async () => {
  await server.database.gateway.deleteMany();
  await server.database.host.deleteMany();
});

const writeVolume = (lease: Lease, name: string) =>
  applyChanges(
    server.database,
    testSealer,
    lease,
    { id: host.id, name: 'alpha' },
    look(emptyPicture({ id: host.id, name: 'alpha' }), seeAll({ volumes: new Map([[name, volumeFacts(name)]]), containers: new Map() }), newId),
  );
const volumes = async () => (await server.database.volume.findMany({ select: { name: true } })).map(({ name }) => name);

/** A gateway, as far as leases go. */
async function startKeeper() {
  const control = new ControlConnection(server.url, silent);
  let released: Promise<void> = Promise.resolve();
  const keeper: LeaseKeeper = new LeaseKeeper(control, silent, () => {
    if (keeper.surplus.length > 0) released = keeper.release(keeper.surplus);
  });
  await control.start();
  await keeper.start(false);
  const stop = async () => {
    await released;
    await keeper.stop();
    await control.stop();
  };
  /** Ends without giving anything up, long enough ago to count as dead. */
  const die = async () => {
    await control.stop();
    await keeper.stop();
    await server.database.gateway.deleteMany({ where: { id: keeper.gatewayId } });
  };
  return { keeper, stop, die };
}

describe('under a lease that another gateway has taken', () => {
  test('nothing of the inventory, the journal or the status is written', async () => {
    const lost = await holdLease(server.database, host.id);
    await writeVolume(lost, 'before');
    const held = await holdLease(server.database, host.id);
    const head = await readHead(server.database.readRows);
    await expect(writeVolume(lost, 'stale')).rejects.toBeInstanceOf(LeaseLostError);
    await expect(markOnline(server.database, lost, ENGINE, new Date())).rejects.toBeInstanceOf(LeaseLostError);
    await expect(markUnreachable(server.database, lost, 'gone')).rejects.toBeInstanceOf(LeaseLostError);
    expect(await volumes()).toEqual(['before']);
    expect(await readHead(server.database.readRows)).toBe(head);
    expect(await server.database.host.findFirst()).toMatchObject({ status: 'CONNECTING' });

    await markOnline(server.database, held, ENGINE, new Date(1_000));
    const later = new Date(2_000);
    await writeFreshness(server.database, [{ lease: lost, seenAt: later, syncedAt: later }]);
    expect((await server.database.host.findFirst())?.lastSeenAt).toEqual(new Date(1_000));
    await writeFreshness(server.database, [{ lease: held, seenAt: later, syncedAt: later }]);
    expect((await server.database.host.findFirst())?.lastSeenAt).toEqual(later);
    await writeVolume(held, 'after');
    expect((await volumes()).sort()).toEqual(['after', 'before']);
  });

  test('nothing is written after the host was removed, or was given another endpoint', async () => {
    const lease = await holdLease(server.database, host.id);
    await changeHost(server.database, host.id, { endpoint: 'unix:///y' }, 'test');
    await expect(writeVolume(lease, 'stale')).rejects.toBeInstanceOf(LeaseLostError);
    const next = await holdLease(server.database, host.id);
    await removeHost(server.database, host, 'test');
    await expect(writeVolume(next, 'stale')).rejects.toBeInstanceOf(LeaseLostError);
    expect(await volumes()).toEqual([]);
  });

  test('a write that has begun holds the lease until it is committed', async () => {
    const first = await startKeeper();
    const lease = first.keeper.held.get(host.id)?.lease as Lease;
    const write = beginWrite(server.database, lease);
    await write.begun;
    await first.die();
    const second = await startKeeper();
    expect(second.keeper.held.has(host.id)).toBe(false);
    write.goOn();
    expect(await write.outcome).toBe('written');
    await eventually(
      () => {
        expect(second.keeper.held.get(host.id)?.lease.epoch).toBe(lease.epoch + 1n);
      },
      { what: 'the lease is taken' },
    );
    await second.stop();
  });
});

/** A write that stands still in the middle, with every lock that it takes. */
function beginWrite(database: Database, lease: Lease) {
  let goOn: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (goOn = resolve));
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const outcome = database
    .$transaction(
      async (transaction) => {
        await requireLease(transaction, lease);
        await appendEntries(transaction, [{ type: 'HOST_ONLINE', source: 'GATEWAY', occurredAt: 0, attributes: {} }]);
        begin();
        await told;
      },
      { timeout: 60_000 },
    )
    .then(
      () => 'written',
      () => 'refused',
    );
  return { begun, goOn, outcome };
}

test('a gateway that is frozen in the middle of a write holds nobody up for long', async () => {
  const frozen = openDatabase(server.url);
  const first = await startKeeper();
  const write = beginWrite(frozen, first.keeper.held.get(host.id)?.lease as Lease);
  await write.begun;
  await first.die();
  const second = await startKeeper();
  expect(second.keeper.held.has(host.id)).toBe(false);
  await eventually(
    () => {
      expect(second.keeper.held.has(host.id)).toBe(true);
    },
    { what: 'the lease is taken', timeoutMs: 10_000 },
  );
  await writeVolume(second.keeper.held.get(host.id)?.lease as Lease, 'after');
  write.goOn();
  expect(await write.outcome).toBe('refused');
  expect(await volumes()).toEqual(['after']);
  await second.stop();
  await closeDatabase(frozen);
}, 60_000);

test('one gateway takes all hosts, two share them, and a lease that is given up is taken at once', async () => {
  for (const name of ['beta', 'gamma']) {
    await addHost(server.database, { id: newHostId(), name, endpoint: 'unix:///x', labels: {}, credentials: null }, 'test');
  }
  const first = await startKeeper();
  expect(first.keeper.held.size).toBe(3);
  const second = await startKeeper();
  await eventually(
    () => {
      expect([first.keeper.held.size, second.keeper.held.size]).toEqual([2, 1]);
    },
    { what: 'they share', timeoutMs: 5_000 },
  );
  await first.stop();
  // Nothing has to expire for it.
  await eventually(
    () => {
      expect(second.keeper.held.size).toBe(3);
    },
    { what: 'the other takes all', timeoutMs: 2_000 },
  );
  await second.stop();
});

test('what a gateway left that died is taken after its time, and at once when nobody else can use the database', async () => {
  const epoch = async () => (await server.database.lease.findFirst())?.epoch;
  const gatewayId = randomUUID();
  const leaveBehind = async () => {
    await server.database.lease.upsert({ where: { hostId: host.id }, create: { hostId: host.id, holder: gatewayId }, update: { holder: gatewayId } });
    await server.database
      .$executeRaw`insert into gateway (id, expires_at) values (${gatewayId}::uuid, clock_timestamp() + interval '3 s') on conflict (id) do update set expires_at = excluded.expires_at`;
  };
  await leaveBehind();
  const second = await startKeeper();
  expect(second.keeper.held.size).toBe(0);
  await eventually(
    () => {
      expect(second.keeper.held.size).toBe(1);
    },
    { what: 'it expires' },
  );
  expect(await epoch()).toBe(1n);
  await second.stop();
  await leaveBehind();
  const control = new ControlConnection(server.url, silent);
  const alone = new LeaseKeeper(control, silent, () => undefined);
  await control.start();
  await alone.start(true);
  expect(alone.held.get(host.id)?.lease.epoch).toBe(2n);
  await alone.stop();
  await control.stop();
});

test('the control connection comes back by itself, and what waits for the database is told when it is away', async () => {
  const control = new ControlConnection(server.url, silent);
  let woken = 0;
  control.listen('stowage_test', () => (woken += 1));
  await expect(control.query('select 1', [])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await control.start();
  expect(control.isUp).toBe(true);
  await eventually(
    async () => {
      await server.database.$executeRaw`select pg_notify('stowage_test', '')`;
      expect(woken).toBeGreaterThan(1);
    },
    { what: 'it is woken' },
  );
  await server.database.$executeRaw`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'stowage control'`;
  const before = woken;
  await eventually(
    async () => {
      await server.database.$executeRaw`select pg_notify('stowage_test', '')`;
      expect(woken).toBeGreaterThan(before + 1);
    },
    { what: 'it is woken again' },
  );
  expect(control.isUp).toBe(true);
  await control.stop();
});

test('a gateway that does not know whether its write was committed waits until that is decided', async () => {
  const lease = await holdLease(server.database, host.id);
  let commit: () => void = () => undefined;
  let locked: () => void = () => undefined;
  const isLocked = new Promise<void>((resolve) => {
    locked = resolve;
  });
  let committed = false;
  const writing = server.database
    .$transaction(async (transaction) => {
      await requireLease(transaction, lease);
      locked();
      await new Promise<void>((resolve) => {
        commit = resolve;
      });
    })
    .then(() => {
      committed = true;
    });
  await isLocked;
  const waiting = outlastWriters(server.database, lease).then(() => committed);
  await eventually(
    async () => {
      expect(await server.database.$queryRaw`select 1 from pg_locks where not granted`).not.toEqual([]);
    },
    { what: 'it waits for the lock' },
  );
  commit();
  await writing;
  expect(await waiting).toBe(true);
  await holdLease(server.database, host.id);
  await expect(outlastWriters(server.database, lease)).rejects.toBeInstanceOf(LeaseLostError);
});

test('a look at a host that was removed meanwhile is refused as such', async () => {
  const request = { kind: 'volume', key: 'x', actor: null } as const;
  await requestLook(server.database, { ...request, hostId: host.id });
  expect(await openLooks(server.database, [host.id])).toHaveLength(1);
  await expect(requestLook(server.database, { ...request, hostId: newHostId() })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
