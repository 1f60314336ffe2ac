import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { runMigrations } from 'graphile-worker';
import { v7 as newId } from 'uuid';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { volumesAtWork } from '../../src/commands/volumes-at-work.js';
import { addHost, newHostId, type Host } from '../../src/inventory/hosts.js';
import { emptyPicture, type ContainerFacts, type VolumeFacts } from '../../src/inventory/picture.js';
import { applyChanges, writeSizes } from '../../src/inventory/store.js';
import { findVolume, type Volume } from '../../src/inventory/volumes.js';
import { deleteBackup } from '../../src/operations/backups.js';
import type { OperationContext } from '../../src/operations/context.js';
import { measuredSince } from '../../src/operations/measure.js';
import { openStore } from '../../src/operations/open-store.js';
import { runDuePolicies } from '../../src/operations/policies.js';
import { findWriters } from '../../src/operations/quiesce.js';
import { beginOperation, cancelOperation, requeueAbandoned, requestOperation, type NewOperation } from '../../src/operations/records.js';
import { OperationRunner } from '../../src/operations/runner.js';
import { sweep } from '../../src/operations/sweep.js';
import { Problem } from '../../src/problems.js';
import { openDatabase, closeDatabase } from '../../src/database/client.js';
import { bindMount, containerFacts, look, seeAll, volumeFacts, volumeMount } from '../inventory/engine-states.js';
import { holdLease, silent, startDatabase, testSealer, type TestDatabase } from '../harness/database.js';
import { problem } from '../harness/problem-matcher.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

// What operations do with PostgreSQL alone, without an engine.

let server: TestDatabase;
let folder: string;
let alpha: Host;
let beta: Host;

beforeAll(async () => {
  server = await startDatabase();
  await runMigrations({ connectionString: server.url });
  folder = await makeTestFolder('jobs');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await server.stop();
  await proveNothingIsLeft();
});

beforeEach(async () => {
  const add = (name: string) => addHost(server.database, { id: newHostId(), name, endpoint: `unix:///${name}`, labels: {}, credentials: null }, 'test');
  [alpha, beta] = [await add('alpha'), await add('beta')];
});

afterEach(async () => {
  await server.database.share.deleteMany();
  await server.database.host.deleteMany();
  await server.database.operation.deleteMany();
  await server.database.backup.deleteMany();
});

/** What a gateway works with, but for its hosts. */
function contextOf(backups: string, database = server.database): OperationContext {
  const parts = {
    database,
    installation: randomUUID(),
    log: silent,
    committed: () => undefined,
    ended: (_kind: string, _state: string) => undefined,
    perHost: 2,
    pace: undefined,
    measurePauseMs: 0,
    historyMs: 30 * 86_400_000,
    engineTimeoutMs: 20_000,
  };
  return { ...parts, backups: openStore(pathToFileURL(backups).href, undefined) } as OperationContext;
}

/** Writes that a host has just these volumes and containers. */
async function become(host: Host, volumes: readonly VolumeFacts[], containers: readonly ContainerFacts[] = []): Promise<void> {
  const seen = seeAll({ volumes: new Map(volumes.map((v) => [v.name, v])), containers: new Map(containers.map((c) => [c.engineId, c])) });
  await applyChanges(
    server.database,
    testSealer,
    await holdLease(server.database, host.id),
    host,
    look(emptyPicture({ id: host.id, name: host.name }), seen, newId),
  );
}

async function volumeOf(host: Host, name: string): Promise<Volume> {
  const volume = await findVolume(server.database, host.id, name);
  if (volume === undefined) throw new Error('no such volume');
  return volume;
}

describe('a policy', () => {
  const due = async (minutesAgo: number, keepLast = 2) => {
    await become(alpha, [volumeFacts('data')]);
    const { id: volumeId } = await volumeOf(alpha, 'data');
    const nextRunAt = new Date(Date.now() - minutesAgo * 60_000);
    const counts = { keepLast, keepDaily: 0, keepWeekly: 0 };
    await server.database.backupPolicy.create({ data: { volumeId, cron: '*/5 * * * *', quiesce: 'PAUSE', requestedBy: 'somebody', nextRunAt, ...counts } });
    return volumeId;
  };
  const asked = () => server.database.operation.findMany({ where: { kind: 'BACKUP' } });

  test('that is due is run once by two gateways, also when many of its times have passed while none was there', async () => {
    const volumeId = await due(60 * 24 * 30);
    const second = openDatabase(server.url);
    try {
      await Promise.all([server.database, second, server.database, second].map((database) => runDuePolicies(contextOf(folder, database))));
    } finally {
      await closeDatabase(second);
    }
    expect(await asked()).toMatchObject([
      { state: 'QUEUED', sourceVolumeId: volumeId, sourceName: 'data', requestedBy: 'somebody', input: { quiesce: 'PAUSE', byPolicy: true } },
    ]);
    const policy = await server.database.backupPolicy.findUniqueOrThrow({ where: { volumeId } });
    expect(policy.nextRunAt.getTime()).toBeGreaterThan(Date.now());
    await runDuePolicies(contextOf(folder));
    expect(await asked()).toHaveLength(1);
  });

  test('makes no second backup while its first is not over, and goes on afterwards', async () => {
    const volumeId = await due(1);
    await runDuePolicies(contextOf(folder));
    const again = () => server.database.backupPolicy.update({ where: { volumeId }, data: { nextRunAt: new Date(0) } });
    await again();
    await runDuePolicies(contextOf(folder));
    const [first] = await asked();
    await cancelOperation(server.database, first?.id ?? '', 'x');
    await again();
    await runDuePolicies(contextOf(folder));
    expect((await asked()).map(({ state }) => state).sort()).toEqual(['CANCELED', 'QUEUED']);
  });

  test('has only those containers made quiet that exist for whoever set it', async () => {
    const volumeId = await due(1);
    await server.database.backupPolicy.update({ where: { volumeId }, data: { visibleHostIds: [alpha.id] } });
    await runDuePolicies(contextOf(folder));
    expect(await asked()).toMatchObject([{ input: { quiesce: 'PAUSE', visibleHostIds: [alpha.id] } }]);
  });

  test('that cannot be run keeps no other from running', async () => {
    const volumeId = await due(2);
    await server.database.backupPolicy.update({ where: { volumeId }, data: { cron: 'no longer understood' } });
    await become(beta, [volumeFacts('other')]);
    const other = await volumeOf(beta, 'other');
    const counts = { keepLast: 1, keepDaily: 0, keepWeekly: 0 };
    await server.database.backupPolicy.create({
      data: { volumeId: other.id, cron: '* * * * *', quiesce: 'LIVE', requestedBy: 'x', nextRunAt: new Date(0), ...counts },
    });
    await runDuePolicies(contextOf(folder));
    expect((await asked()).map(({ sourceName }) => sourceName)).toEqual(['other']);
  });

  test('removes what it does not keep, from the store too, and never what was asked for one by one', async () => {
    const volumeId = await due(0, 2);
    const place = await mkdtemp(path.join(folder, 'store-'));
    const ids: string[] = [];
    for (const byPolicy of [true, false, true, true]) ids.push(await makeBackup(volumeId, { byPolicy, place }));
    await runDuePolicies(contextOf(place));
    const [first, ...others] = ids;
    expect((await server.database.backup.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id)).toEqual(others);
    expect((await readdir(place)).filter((name) => name.startsWith(first ?? ''))).toEqual([]);
    expect(await readdir(place)).toHaveLength(others.length * 2);
  });
});

/** A backup that is there, with the operation that made it. */
async function makeBackup(volumeId: string, { byPolicy = false, place }: { byPolicy?: boolean; place: string }): Promise<string> {
  const id = newId();
  const { id: operation } = await requestOperation(server.database, { kind: 'BACKUP', requestedBy: 'x', input: {} });
  await server.database.operation.update({ where: { id: operation }, data: { state: 'SUCCEEDED', backupId: id } });
  const described = { sizeBytes: 1, contentBytes: 1, fileCount: 1, entryCount: 1, sha256: '', manifestSha256: '', location: '', encrypted: false };
  await server.database.backup.create({
    data: {
      id,
      hostId: alpha.id,
      hostName: 'alpha',
      volumeId,
      volumeName: 'data',
      createdAt: new Date(),
      quiesce: 'LIVE',
      consistent: true,
      byPolicy,
      ...described,
    },
  });
  for (const name of [`${id}.tar.zst`, `${id}.manifest.zst`]) await writeFile(path.join(place, name), 'x');
  return id;
}

describe('a backup that is deleted', () => {
  test('is gone from the store later when the store is away now, and is no more to be restored', async () => {
    await become(alpha, [volumeFacts('data')]);
    const place = await mkdtemp(path.join(folder, 'store-'));
    const id = await makeBackup((await volumeOf(alpha, 'data')).id, { place });
    // A file in the place of the folder: it cannot be reached.
    const away = path.join(place, `${id}.tar.zst`, 'x');
    await deleteBackup(contextOf(away), id, 'x');
    expect(await readdir(place)).toHaveLength(2);
    const restore: NewOperation = { kind: 'RESTORE', requestedBy: 'x', input: {}, backupId: id, target: { hostId: alpha.id, name: 'new' } };
    await expect(requestOperation(server.database, restore)).rejects.toThrow(problem('NOT_FOUND'));
    await sweep(contextOf(place));
    expect(await readdir(place)).toEqual([]);
    expect(await server.database.deletedBackup.count()).toBe(0);
  });

  test('is refused while it is to be read', async () => {
    const place = await mkdtemp(path.join(folder, 'store-'));
    const id = await makeBackup(newId(), { place });
    await requestOperation(server.database, { kind: 'VERIFY', requestedBy: 'x', input: {}, backupId: id });
    await expect(deleteBackup(contextOf(place), id, 'x')).rejects.toThrow(problem('CONFLICT'));
    expect(await readdir(place)).toHaveLength(2);
  });
});

describe('operations at once', () => {
  const clone = async (source: Host, target: Host) => {
    const { id } = await requestOperation(server.database, {
      kind: 'MIGRATE',
      requestedBy: 'x',
      input: {},
      source: { hostId: source.id, volumeId: newId(), name: 'a' },
      target: { hostId: target.id, name: 'b' },
    });
    return id;
  };
  const begin = (id: string) => beginOperation(server.database, id, 'worker', 2);

  test('are as many for each host as may be, whichever end of them it is, until one of them is over or left', async () => {
    const ids = [await clone(alpha, alpha), await clone(beta, alpha), await clone(alpha, beta)];
    const [first = '', second = '', third = ''] = ids;
    expect([await begin(first), await begin(second)]).toMatchObject([{ state: 'RUNNING' }, { state: 'RUNNING' }]);
    expect(await begin(third)).toBe('BUSY');
    expect((await server.database.operation.findUniqueOrThrow({ where: { id: third } })).state).toBe('QUEUED');
    const onBeta = await clone(beta, beta);
    expect(await begin(onBeta)).toMatchObject({ state: 'RUNNING' });
    // Left by a gateway that is gone: it holds nothing up.
    await server.database.operation.update({ where: { id: first }, data: { leaseUntil: new Date(0) } });
    await server.database.operation.update({ where: { id: onBeta }, data: { state: 'SUCCEEDED' } });
    expect(await begin(third)).toMatchObject({ state: 'RUNNING', attempt: 1 });
    expect(await begin(third)).toBeUndefined();
  });

  test('that measure hold up no copy, and are few', async () => {
    const measure = async () => (await requestOperation(server.database, { kind: 'MEASURE', requestedBy: 'x', input: { hostIds: [alpha.id] } })).id;
    const begun = [];
    for (let count = 0; count < 6; count += 1) begun.push(await begin(await measure()));
    expect(begun.filter((outcome) => outcome === 'BUSY')).toHaveLength(2);
    expect(await begin(await clone(alpha, beta))).toMatchObject({ state: 'RUNNING' });
  });
});

describe('measurements of one host', () => {
  const signal = new AbortController().signal;
  /** Whom no measurement before its own will do for. */
  const asked = (hostId: string, pauseMs: number) => ({ hostId, pauseMs, at: new Date(Date.now() + 60_000) });

  test('take turns over all gateways, with the pause between two, and those of others go on beside', async () => {
    const second = openDatabase(server.url);
    try {
      let [now, most] = [0, 0];
      const ended: number[] = [];
      const began: number[] = [];
      const measure = async () => {
        began.push(Date.now());
        most = Math.max(most, (now += 1));
        await delay(50);
        now -= 1;
        ended.push(Date.now());
      };
      let other = false;
      await Promise.all([
        ...[server.database, second, second].map((database) => measuredSince(database, asked(alpha.id, 300), signal, measure)),
        measuredSince(second, asked(beta.id, 300), signal, () => {
          other = true;
          return Promise.resolve();
        }),
      ]);
      expect([most, began.length, other]).toEqual([1, 3, true]);
      // Its end is noted after it: 10 ms for two clocks of one machine.
      expect((began[1] ?? 0) - (ended[0] ?? 0)).toBeGreaterThanOrEqual(290);
      expect((began[2] ?? 0) - (ended[1] ?? 0)).toBeGreaterThanOrEqual(290);
    } finally {
      await closeDatabase(second);
    }
  });

  test('are one for all who asked before it began, and another for those who asked later, or when it failed', async () => {
    let measurements = 0;
    let ended: () => void = () => undefined;
    const measure = () => {
      measurements += 1;
      return new Promise<void>((resolve) => {
        ended = resolve;
      });
    };
    const ask = async (work = measure) => {
      const [{ now }] = await server.database.$queryRaw<[{ now: Date }]>`select clock_timestamp() as now`;
      return { done: measuredSince(server.database, { hostId: alpha.id, at: now, pauseMs: 0 }, signal, work) };
    };
    const failed = await ask(() => Promise.reject(new Error('the engine is away')));
    await expect(failed.done).rejects.toThrow('away');
    const first = await ask();
    await eventually(
      () => {
        expect(measurements).toBe(1);
      },
      { what: 'the first measures' },
    );
    const later = await Promise.all([ask(), ask(), ask()]);
    ended();
    await first.done;
    await eventually(
      () => {
        expect(measurements).toBe(2);
      },
      { what: 'one measures for the others' },
    );
    ended();
    await Promise.all(later.map(({ done }) => done));
    expect(measurements).toBe(2);
  });

  test('go on when a gateway has died in the middle of one, and wait for nobody who is canceled', async () => {
    await server.database.measurement.create({ data: { hostId: alpha.id, holder: randomUUID(), leaseUntil: new Date(Date.now() + 60_000) } });
    const ending = new AbortController();
    const waiting = measuredSince(server.database, asked(alpha.id, 0), ending.signal, () => Promise.reject(new Error('it is not its turn')));
    ending.abort(new Error('canceled'));
    await expect(waiting).rejects.toThrow(/abort/);
    await server.database.measurement.update({ where: { hostId: alpha.id }, data: { leaseUntil: new Date(Date.now() - 1) } });
    let measured = false;
    await measuredSince(server.database, asked(alpha.id, 0), signal, () => {
      measured = true;
      return Promise.resolve();
    });
    expect(measured).toBe(true);
  });
});

describe('who writes a volume', () => {
  const running = (letter: string, mount: ContainerFacts['mounts'][number], state: ContainerFacts['state'] = 'RUNNING') =>
    containerFacts(letter.repeat(64), { name: letter, state, mounts: [mount] });
  const nfs = (name: string, device: string, o = 'addr=nas.example,rw') => volumeFacts(name, { options: { type: 'nfs', o, device } });
  const bound = (name: string, device: string) => volumeFacts(name, { options: { type: 'none', o: 'bind', device } });
  const writers = async (host: Host, name: string) => (await findWriters(server.database, await volumeOf(host, name))).map((writer) => writer.name);
  const MOUNTPOINT = volumeFacts('data').mountpoint;

  test('is found through binds of its mountpoint, of what is in it and of what it is in, and through volumes of the same directory', async () => {
    await become(
      alpha,
      [volumeFacts('data'), bound('same', MOUNTPOINT), bound('inside', `${MOUNTPOINT}/sub/`), bound('beside', `${MOUNTPOINT}-not`)],
      [
        running('a', volumeMount('data')),
        running('b', bindMount(MOUNTPOINT)),
        running('c', bindMount(`${MOUNTPOINT}/sub`), 'PAUSED'),
        running('d', bindMount('/var/lib/docker'), 'RESTARTING'),
        running('e', volumeMount('same')),
        running('f', volumeMount('inside')),
        // These do not write it.
        running('0', bindMount(MOUNTPOINT, '/x', true)),
        running('1', volumeMount('data', '/x', true)),
        running('2', volumeMount('data'), 'EXITED'),
        running('3', volumeMount('beside')),
        running('4', bindMount(`${MOUNTPOINT}-not`)),
      ],
    );
    await become(beta, [], [running('5', bindMount(MOUNTPOINT))]);
    expect(await writers(alpha, 'data')).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test('is found for a volume that no container mounts: by the directory that it binds', async () => {
    await become(alpha, [bound('of-srv', '/srv/data')], [running('a', bindMount('/srv/data')), running('b', bindMount('/srv/other'))]);
    expect(await writers(alpha, 'of-srv')).toEqual(['a']);
  });

  test('is found on other hosts by the same export, or one around or in it', async () => {
    await become(alpha, [nfs('here', ':/export/media')]);
    await become(
      beta,
      [
        nfs('there', 'NAS.example:/export/media/'),
        nfs('around', ':/export'),
        nfs('read-only', ':/export/media', 'addr=nas.example,ro'),
        nfs('else', ':/export/else'),
      ],
      [running('a', volumeMount('there')), running('b', volumeMount('around')), running('c', volumeMount('read-only')), running('d', volumeMount('else'))],
    );
    expect(await writers(alpha, 'here')).toEqual(['a', 'b']);
  });
});

test('an operation that a worker fetched, and died before it began it, is free for others', async () => {
  const { id } = await requestOperation(server.database, { kind: 'VERIFY', requestedBy: 'test', input: {} });
  const lock = (ago: string) =>
    server.database.$executeRaw`update graphile_worker._private_jobs set locked_by = 'dead', locked_at = now() - ${ago}::interval where key = ${id}`;
  const lockedBy = async () =>
    (await server.database.$queryRaw<{ worker: string | null }[]>`select locked_by as worker from graphile_worker.jobs where key = ${id}`)[0]?.worker;
  await lock('5 seconds');
  await requeueAbandoned(server.database);
  expect(await lockedBy()).toBe('dead');
  await lock('2 minutes');
  await requeueAbandoned(server.database);
  expect(await lockedBy()).toBeNull();
});

describe('what an operation makes', () => {
  test('is at work as well as what it reads, until it is over', async () => {
    await become(alpha, [volumeFacts('data'), volumeFacts('free')]);
    const source = await volumeOf(alpha, 'data');
    const { id } = await requestOperation(server.database, {
      kind: 'CLONE',
      requestedBy: 'test',
      input: {},
      source: { hostId: alpha.id, volumeId: source.id, name: 'data' },
      target: { hostId: beta.id, name: 'copy' },
    });
    await become(beta, [
      volumeFacts('copy'),
      volumeFacts('stowage-restore-1', { labels: { 'io.stowage.operation': id } }),
      volumeFacts('of-another', { labels: { 'io.stowage.operation': randomUUID() } }),
    ]);
    const volumes = [
      source,
      await volumeOf(alpha, 'free'),
      ...(await Promise.all(['copy', 'stowage-restore-1', 'of-another'].map((name) => volumeOf(beta, name)))),
    ];
    const atWork = async () => {
      const words = await volumesAtWork(
        server.database,
        volumes.map((volume) => volume.id),
      );
      return volumes.map((volume) => words.get(volume.id) !== undefined);
    };
    expect(await atWork()).toEqual([true, false, true, true, false]);
    await server.database.operation.update({ where: { id }, data: { state: 'FAILED' } });
    expect(await atWork()).toEqual([false, false, false, false, false]);
  });

  test('beside a volume that it has replaced stays when it cannot go on, is named, and is swept by nobody', async () => {
    const { id } = await requestOperation(server.database, {
      kind: 'RESTORE',
      requestedBy: 'test',
      input: { overwrite: true },
      target: { hostId: alpha.id, name: 'data' },
    });
    // As it is when the gateway dies after it has removed the old volume.
    const aside = { kind: 'volume', hostId: alpha.id, name: 'stowage-restore-2', nonce: 'n' };
    await server.database.operation.update({ where: { id }, data: { verified: true, attempt: 1, leftovers: [aside] } });
    const link = { withEngine: () => Promise.reject(new Problem('HOST_UNREACHABLE', 'The engine is away.')) };
    const runner = new OperationRunner({ ...contextOf(folder), fleet: { of: () => link } as unknown as OperationContext['fleet'] }, server.url);
    await runner.start();
    try {
      await eventually(
        async () => {
          expect(await server.database.operation.findUniqueOrThrow({ where: { id } })).toMatchObject({
            state: 'FAILED',
            problemCode: 'HOST_UNREACHABLE',
            problemMessage: expect.stringMatching(/whole in volume "stowage-restore-2", and in the backup/) as string,
            leftovers: [],
          });
        },
        { what: 'it has failed' },
      );
    } finally {
      await runner.stop();
    }
  });
});

describe('sizes that were measured', () => {
  const HOUR_MS = 3_600_000;
  const DAY_MS = 24 * HOUR_MS;

  test('stay all for an hour, one an hour for a day, one a day as long as the journal, and go with their host', async () => {
    await become(alpha, [volumeFacts('data')]);
    await become(beta, [volumeFacts('data')]);
    const [own, other] = [(await volumeOf(alpha, 'data')).id, (await volumeOf(beta, 'data')).id];
    const noon = (daysAgo: number) => Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2 - daysAgo * DAY_MS;
    const hour = (hoursAgo: number) => Math.floor(Date.now() / HOUR_MS) * HOUR_MS - hoursAgo * HOUR_MS;
    const times = {
      tooOld: [noon(40), noon(31)],
      firstOfDays: [noon(29), noon(5)],
      lastOfDays: [noon(29) + 5 * HOUR_MS, noon(5) + 1],
      firstOfHours: [hour(5) + 1, hour(3) + 60_000],
      lastOfHours: [hour(5) + 50_000, hour(3) + 70_000],
      justNow: [Date.now() - 60_000, Date.now() - 30_000],
    };
    const rows = (volumeId: string) =>
      Object.values(times)
        .flat()
        .map((time) => ({ volumeId, measuredAt: new Date(time), sizeBytes: 1n }));
    await server.database.volumeSize.createMany({ data: [...rows(own), ...rows(other)] });
    await writeSizes(server.database, alpha.id, new Map([['data', 7]]), new Date(), 30 * DAY_MS);
    const kept = async (volumeId: string) => await server.database.volumeSize.findMany({ where: { volumeId }, orderBy: { measuredAt: 'asc' } });
    const { sizeMeasuredAt } = await volumeOf(alpha, 'data');
    const expected = [...times.lastOfDays, ...times.lastOfHours, ...times.justNow].sort((a, b) => a - b);
    const found = await kept(own);
    expect(found.map(({ measuredAt }) => measuredAt.getTime())).toEqual([...expected, sizeMeasuredAt?.getTime()]);
    expect(found.at(-1)?.sizeBytes).toBe(7n);
    expect(await kept(other)).toHaveLength(Object.values(times).flat().length);
    await server.database.host.delete({ where: { id: alpha.id } });
    expect(await kept(own)).toEqual([]);
  });
});
