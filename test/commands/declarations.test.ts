import { v7 as newId } from 'uuid';
import { applyHostSettings } from '../../src/commands/declared-hosts.js';
import type { BackupPolicySetting, HostSetting } from '../../src/config.js';
import { addHost, changeHost, findHost, newHostId } from '../../src/inventory/hosts.js';
import { applyChanges, loadPicture } from '../../src/inventory/store.js';
import { readEntries } from '../../src/journal/read.js';
import { DeclaredPolicies, type PolicyDeclaration } from '../../src/operations/declared-policies.js';
import { writeBackupPolicy } from '../../src/operations/policy-writes.js';
import { openCredentials } from '../../src/sync/host-credentials.js';
import { holdLease, silent, testSealer } from '../harness/database.js';
import { ownDatabase } from '../harness/own-database.js';
import { problem } from '../harness/problem-matcher.js';
import { eventually } from '../harness/wait.js';
import { look, seeAll, volumeFacts } from '../inventory/engine-states.js';

// What a file of settings declares, and what becomes of it in the database.

const FILE = '/etc/stowage.yaml';

const server = ownDatabase();

afterEach(async () => {
  await server.database.host.deleteMany();
});

const declared = (name: string, change: Partial<HostSetting> = {}): HostSetting => ({
  ...{ name, endpoint: `tcp://${name}:2375`, labels: {}, enabled: true, credentials: {} },
  ...change,
});
const apply = (hosts: readonly HostSetting[] | undefined, hostsFile: string | null = FILE) =>
  applyHostSettings({ database: server.database, sealer: testSealer, log: silent, committed: () => undefined }, { hosts, hostsFile: hostsFile ?? undefined });
/** Adds a host as the API does. */
const added = (name: string) =>
  addHost(server.database, { id: newHostId(), name, endpoint: `tcp://${name}:2375`, labels: { by: 'hand' }, credentials: null }, 'someone');
const hosts = async () =>
  (await server.database.host.findMany({ orderBy: { name: 'asc' } })).map(({ name, endpoint, labels, enabled, status, declaredIn }) => ({
    ...{ name, endpoint, labels, enabled, status, declaredIn },
  }));
const journalled = async () => (await readEntries(server.database.readRows, 0n, 1_000)).at(-1)?.position ?? 0n;

describe('hosts', () => {
  test('are added as they are declared, with keys, and nothing is written when nothing has changed', async () => {
    const tls = { ca: '-----BEGIN CERTIFICATE-----' };
    const file = [declared('a', { labels: { site: 'cellar' }, credentials: { tls } }), declared('b', { enabled: false })];
    await apply(file);
    expect(await hosts()).toEqual([
      { name: 'a', endpoint: 'tcp://a:2375', labels: { site: 'cellar' }, enabled: true, status: 'CONNECTING', declaredIn: FILE },
      { name: 'b', endpoint: 'tcp://b:2375', labels: {}, enabled: false, status: 'DISABLED', declaredIn: FILE },
    ]);
    const row = await findHost(server.database, 'a');
    if (row === undefined) throw new Error('there is no a');
    expect(openCredentials(testSealer, row)).toEqual({ tls });
    const before = await journalled();
    await apply(file);
    expect(await journalled()).toBe(before);
  });

  test('are changed as the declaration changes, also keys, which are not shown', async () => {
    await apply([declared('a', { credentials: { ssh: { privateKey: 'old' } }, endpoint: 'ssh://a' })]);
    const before = await journalled();
    await apply([declared('a', { credentials: { ssh: { privateKey: 'the new key' } }, endpoint: 'ssh://a', labels: { site: 'roof' } })]);
    const row = await findHost(server.database, 'a');
    if (row === undefined) throw new Error('there is no a');
    expect(openCredentials(testSealer, row)).toEqual({ ssh: { privateKey: 'the new key' } });
    expect(row.labels).toEqual({ site: 'roof' });
    const [entry] = await readEntries(server.database.readRows, before, 10);
    expect(entry).toMatchObject({ type: 'HOST_UPDATED', actor: 'settings', attributes: { keys: 'replaced' } });
    expect(JSON.stringify(entry?.attributes)).not.toContain('the new key');
    // Sealed with a key that is lost, they are sealed anew.
    await server.database.host.updateMany({ data: { credentials: new Uint8Array(40) } });
    await apply([declared('a', { credentials: { ssh: { privateKey: 'the new key' } }, endpoint: 'ssh://a', labels: { site: 'roof' } })]);
    const again = await findHost(server.database, 'a');
    expect(again === undefined ? undefined : openCredentials(testSealer, again)).toEqual({ ssh: { privateKey: 'the new key' } });
  });

  test('that are declared no more are not watched, and keep what is known of them; named again, they are watched again', async () => {
    await apply([declared('a'), declared('b')]);
    const id = (await findHost(server.database, 'b'))?.id;
    await apply([declared('a')]);
    expect(await hosts()).toMatchObject([
      { name: 'a', enabled: true, declaredIn: FILE },
      { name: 'b', enabled: false, status: 'DISABLED', declaredIn: null },
    ]);
    await apply([declared('a'), declared('b')]);
    expect(await findHost(server.database, 'b')).toMatchObject({ id, enabled: true, declaredIn: FILE });
    await apply([]);
    expect(await hosts()).toMatchObject([{ enabled: false }, { enabled: false }]);
  });

  test('that were added through the API are left alone, unless the file names them', async () => {
    await added('mine');
    await added('taken');
    await apply([declared('taken', { endpoint: 'tcp://elsewhere:2375' })]);
    expect(await hosts()).toMatchObject([
      { name: 'mine', labels: { by: 'hand' }, enabled: true, declaredIn: null },
      { name: 'taken', endpoint: 'tcp://elsewhere:2375', labels: {}, declaredIn: FILE },
    ]);
    await apply([]);
    expect(await hosts()).toMatchObject([
      { name: 'mine', enabled: true },
      { name: 'taken', enabled: false },
    ]);
  });

  test("are the API's again, as they are, when no file declares hosts any more", async () => {
    await apply([declared('a')]);
    await apply(undefined, null);
    expect(await hosts()).toMatchObject([{ name: 'a', enabled: true, declaredIn: null }]);
  });

  test('of STOWAGE_HOSTS are added when they are not known, and left as they are when they are', async () => {
    const a = await added('a');
    await changeHost(server.database, a.id, { enabled: false }, 'someone');
    await apply([declared('a', { endpoint: 'tcp://elsewhere:2375' }), declared('b')], null);
    await apply([declared('b')], null);
    expect(await hosts()).toMatchObject([
      { name: 'a', endpoint: 'tcp://a:2375', enabled: false, declaredIn: null },
      { name: 'b', enabled: true, declaredIn: null },
    ]);
  });

  test('may be taken up by two gateways at once', async () => {
    const file = Array.from({ length: 8 }, (_, index) => declared(`h${String(index)}`));
    await Promise.all([apply(file), apply(file)]);
    expect((await hosts()).map(({ name, declaredIn }) => [name, declaredIn])).toEqual(file.map(({ name }) => [name, FILE]));
  });
});

describe('backup policies', () => {
  const policy = (volumes: string[], change: Partial<BackupPolicySetting> = {}): BackupPolicySetting => ({
    ...{ volumes, cron: '0 3 * * *', quiesce: 'LIVE', keepLast: 7, keepDaily: 0, keepWeekly: 0 },
    ...change,
  });

  /** Writes that a host has just these volumes. */
  async function seen(name: string, ...volumes: string[]): Promise<void> {
    const host = (await findHost(server.database, name)) ?? (await added(name));
    const lease = await holdLease(server.database, host.id);
    const picture = await loadPicture(server.database, testSealer, host);
    const facts = new Map(volumes.map((volume) => [volume, volumeFacts(volume)]));
    await applyChanges(server.database, testSealer, lease, host, look(picture, seeAll({ volumes: facts, containers: new Map() }), newId));
  }

  /** Policies by the names of host and volume. */
  const policies = async () => {
    const rows = await server.database.backupPolicy.findMany({ include: { volume: { include: { host: true } } } });
    return Object.fromEntries(rows.map((row) => [`${row.volume.host.name}/${row.volume.name}`, `${row.cron} ${row.quiesce} ${String(row.keepLast)}`]));
  };

  async function withDeclared(declaration: PolicyDeclaration, use: (declarations: DeclaredPolicies) => Promise<void>): Promise<void> {
    const declarations = new DeclaredPolicies(server.database, declaration, silent, () => undefined);
    declarations.start();
    try {
      await use(declarations);
    } finally {
      await declarations.stop();
    }
  }

  const become = (expected: Record<string, string>) =>
    eventually(
      async () => {
        expect(await policies()).toEqual(expected);
      },
      { what: 'the policies are as they are declared' },
    );

  test('are given to the volumes that match, the first that does, and change with the declaration', async () => {
    await seen('alpha', 'db-one', 'db_two', 'other');
    await seen('beta', 'db-one');
    const first = policy(['db-*'], { hosts: ['alpha'], quiesce: 'PAUSE' });
    await withDeclared({ policies: [first, policy(['db*'])], file: FILE }, async (declarations) => {
      await become({ 'alpha/db-one': '0 3 * * * PAUSE 7', 'alpha/db_two': '0 3 * * * LIVE 7', 'beta/db-one': '0 3 * * * LIVE 7' });
      const before = await server.database.backupPolicy.findMany({ orderBy: { volumeId: 'asc' } });
      await seen('alpha', 'db-one', 'db_two', 'db-three');
      declarations.replace({ policies: [{ ...first, keepLast: 3 }, policy(['db*'])], file: FILE });
      await become({
        ...{ 'alpha/db-one': '0 3 * * * PAUSE 3', 'alpha/db-three': '0 3 * * * PAUSE 3' },
        ...{ 'alpha/db_two': '0 3 * * * LIVE 7', 'beta/db-one': '0 3 * * * LIVE 7' },
      });
      // What has not changed is not written again.
      const after = await server.database.backupPolicy.findMany();
      expect(after).toEqual(expect.arrayContaining(before.filter(({ quiesce }) => quiesce === 'LIVE')));
      declarations.replace({ policies: [policy(['db_two'])], file: FILE });
      await become({ 'alpha/db_two': '0 3 * * * LIVE 7' });
    });
  });

  test("of the API stay where none is declared, and cannot be set where one is; they are the API's again when the file says nothing of them", async () => {
    await seen('alpha', 'one', 'two');
    const host = await findHost(server.database, 'alpha');
    const volume = async (name: string) => (await server.database.volume.findFirstOrThrow({ where: { name } })).id;
    const set = async (name: string, keepLast: number | null) => {
      const subject = { host: { id: host?.id ?? '', name: 'alpha' }, volume: { id: await volume(name), name }, actor: 'someone', declaredIn: null };
      const terms = { cron: '0 4 * * *', quiesce: 'LIVE' as const, keepDaily: 0, keepWeekly: 0, visibleHostIds: [] };
      await writeBackupPolicy(server.database, subject, keepLast === null ? null : { ...terms, keepLast });
    };
    await set('one', 1);
    await set('two', 1);
    await withDeclared({ policies: [policy(['two'])], file: FILE }, async (declarations) => {
      await become({ 'alpha/one': '0 4 * * * LIVE 1', 'alpha/two': '0 3 * * * LIVE 7' });
      await expect(set('two', null)).rejects.toThrow(problem('CONFLICT'));
      await expect(set('two', 5)).rejects.toThrow(/declared in the gateway's file of settings/);
      await set('one', null);
      declarations.replace({ policies: undefined, file: FILE });
      await eventually(() => set('two', 2), { what: "the policy is the API's" });
      await become({ 'alpha/two': '0 4 * * * LIVE 2' });
    });
  });
});
