import { finished, perform, readOperation, request, succeed, type ToldOperation } from '../harness/operations.js';
import { IMAGE, type TestEngine } from '../harness/engines.js';
import { readJournal } from '../harness/events.js';
import { startStand, type Stand } from '../harness/stand.js';
import { describeVolume, fillOddly, inVolume } from '../harness/volume-trees.js';
import { eventually } from '../harness/wait.js';

let stand: Stand;
let alpha: TestEngine;
let beta: TestEngine;

beforeAll(async () => {
  stand = await startStand(['alpha', 'beta']);
  alpha = stand.engine('alpha');
  beta = stand.engine('beta');
});

afterAll(async () => {
  await stand.stop();
});

afterEach(async () => {
  await Promise.all(stand.engines.map((engine) => engine.reset()));
});

async function volumesOf(engine: TestEngine): Promise<string[]> {
  return (await engine.cli('volume', 'ls', '-q'))
    .split('\n')
    .filter((name) => name !== '')
    .sort();
}

/** Helpers that are left on an engine. */
async function helpersOf(engine: TestEngine): Promise<string> {
  return engine.cli('ps', '-aq', '--filter', 'label=io.stowage.helper');
}

describe('a tree of every kind of entry', () => {
  test('is the same after clone, move, backup and restore, by tools that are not ours', async () => {
    await fillOddly(alpha, 'origin', 2_000);
    const before = await describeVolume(alpha, 'origin');
    const clone = await succeed(stand.gateway, 'cloneVolume', { source: { host: 'alpha', name: 'origin' }, name: 'cloned' });
    expect(clone).toMatchObject({ kind: 'CLONE', target: { name: 'cloned', state: 'DANGLING' }, warnings: [] });
    expect(await describeVolume(alpha, 'cloned')).toBe(before);
    await succeed(stand.gateway, 'migrateVolume', { source: { host: 'alpha', name: 'cloned' }, toHost: 'beta', name: 'moved', removeSource: true });
    expect(await describeVolume(beta, 'moved')).toBe(before);
    expect(await volumesOf(alpha)).toEqual(['origin']);
    const { backup } = await succeed(stand.gateway, 'backupVolume', { volume: { host: 'beta', name: 'moved' } });
    await succeed(stand.gateway, 'restoreVolume', { backup: backup?.id, host: 'alpha', name: 'restored' });
    expect(await describeVolume(alpha, 'restored')).toBe(before);
    expect(await describeVolume(alpha, 'origin')).toBe(before);
    expect([await helpersOf(alpha), await helpersOf(beta)]).toEqual(['', '']);
  });
});

describe('a copy', () => {
  test('never writes to its source, shows no helper in the inventory, and is in the journal', async () => {
    await inVolume(alpha, 'quiet', 'echo one >a');
    const before = await eventually(
      async () => {
        const { volume } = await stand.gateway.query<{ volume: { id: string; lastMountedAt: string | null } | null }>(
          '{ volume(host: "alpha", name: "quiet") { id lastMountedAt lastUsedBy } }',
        );
        expect(volume?.lastMountedAt ?? null).not.toBeNull();
        return volume;
      },
      { what: 'its use by who has filled it is known' },
    );
    await stand.gateway.query('mutation { syncHosts { results { error { code } } } }');
    const cursor = (await readJournal(stand.gateway)).at(-1)?.cursor;
    const { id } = await succeed(stand.gateway, 'cloneVolume', { source: { host: 'alpha', name: 'quiet' }, name: 'copy', labels: [{ key: 'a', value: '1' }] });
    const { volume, copy, containers } = await stand.gateway.query<{
      volume: unknown;
      copy: { labels: { key: string; value: string }[] };
      containers: { totalCount: number };
    }>(`{ volume(host: "alpha", name: "quiet") { id lastMountedAt lastUsedBy } copy: volume(host: "alpha", name: "copy") { labels { key value } }
      containers { totalCount } }`);
    expect(volume).toEqual(before);
    expect(copy.labels).toContainEqual({ key: 'a', value: '1' });
    expect(containers.totalCount).toBe(0);
    const told = await readJournal(stand.gateway, cursor);
    expect(told.map(({ type, volumeName }) => [type, volumeName])).toEqual([
      ['OPERATION_CHANGED', 'quiet'],
      ['OPERATION_CHANGED', 'quiet'],
      ['VOLUME_CREATED', 'copy'],
      ['OPERATION_CHANGED', 'quiet'],
    ]);
    const { events } = await stand.gateway.query<{ events: { nodes: { operation: { id: string } | null; attributes: { state: string } }[] } }>(
      'query ($after: String) { events(after: $after, filter: { types: [OPERATION_CHANGED] }) { nodes { operation { id } attributes } } }',
      { after: cursor },
    );
    expect(events.nodes.map(({ operation, attributes }) => [operation?.id, attributes.state])).toEqual([
      [id, 'QUEUED'],
      [id, 'RUNNING'],
      [id, 'SUCCEEDED'],
    ]);
  });

  test('is asked for once by a key, and refused into what is there, from what is not, and of another than was meant', async () => {
    await inVolume(alpha, 'source', 'echo one >a');
    await alpha.cli('volume', 'create', 'taken');
    const input = { source: { host: 'alpha', name: 'source' }, name: 'once', idempotencyKey: 'k' };
    expect(await request(stand.gateway, 'cloneVolume', input)).toBe(await request(stand.gateway, 'cloneVolume', input));
    const CLONE = 'mutation ($input: CloneVolumeInput!) { cloneVolume(input: $input) { operation { id } } }';
    const codeOf = (further: Record<string, unknown>) =>
      stand.gateway.codeOf(CLONE, { input: { source: { host: 'alpha', name: 'source' }, name: 'other', ...further } });
    expect(await codeOf({ name: 'taken' })).toBe('CONFLICT');
    expect(await codeOf({ name: '../x' })).toBe('BAD_USER_INPUT');
    expect(await codeOf({ source: { host: 'alpha', name: 'absent' } })).toBe('NOT_FOUND');
    expect(await codeOf({ source: { host: 'alpha', name: 'source', id: 'Volume:00000000-0000-7000-8000-000000000000' } })).toBe('CONFLICT');
    expect(await codeOf({ labels: [{ key: 'io.stowage.nonce', value: 'x' }] })).toBe('BAD_USER_INPUT');
    const MIGRATE = 'mutation ($input: MigrateVolumeInput!) { migrateVolume(input: $input) { operation { id } } }';
    const holder = await alpha.cli('create', '-v', 'source:/v', IMAGE, 'true');
    expect(await stand.gateway.codeOf(MIGRATE, { input: { source: { host: 'alpha', name: 'source' }, toHost: 'beta', removeSource: true } })).toBe(
      'VOLUME_IN_USE',
    );
    await alpha.cli('rm', holder.trim());
  });

  test('is named anew by renameVolume, with its labels', async () => {
    await alpha.cli('volume', 'create', '--label', 'team=blue', 'old-name');
    await inVolume(alpha, 'old-name', 'echo one >a');
    const before = await describeVolume(alpha, 'old-name');
    await succeed(stand.gateway, 'renameVolume', { volume: { host: 'alpha', name: 'old-name' }, newName: 'new-name' });
    expect(await volumesOf(alpha)).toEqual(['new-name']);
    expect(await describeVolume(alpha, 'new-name')).toBe(before);
    expect(await alpha.cli('volume', 'inspect', '-f', '{{.Labels.team}}', 'new-name')).toBe('blue\n');
    // In place of one with options there would be another thing under its name.
    await alpha.cli('volume', 'create', '--opt', 'type=tmpfs', '--opt', 'device=tmpfs', 'in-memory');
    const RENAME = 'mutation ($input: RenameVolumeInput!) { renameVolume(input: $input) { operation { id } } }';
    const input = { volume: { host: 'alpha', name: 'in-memory' }, newName: 'other' };
    await eventually(
      async () => {
        expect(await stand.gateway.codeOf(RENAME, { input })).toBe('CONFLICT');
      },
      { what: 'it is known, and refused' },
    );
    expect(await volumesOf(alpha)).toEqual(['in-memory', 'new-name']);
  });

  test('that takes the place of its source has its policy, notes and backups, and so has what a restore puts in the place of another', async () => {
    await inVolume(alpha, 'first', 'echo one >a');
    const SET = `mutation ($volume: VolumeRef!) {
      setBackupPolicy(input: { volume: $volume, cron: "0 3 1 1 *", keepLast: 5 }) { policy { keepLast } }
      updateVolume(input: { volume: $volume, annotations: [{ key: "owner", value: "blue" }] }) { volume { id } } }`;
    await eventually(() => stand.gateway.query(SET, { volume: { host: 'alpha', name: 'first' } }), { what: 'it is set' });
    const { backup } = await succeed(stand.gateway, 'backupVolume', { volume: { host: 'alpha', name: 'first' } });
    const HELD = `query ($host: String!, $name: String!) { volume(host: $host, name: $name) {
      annotations { key value } backupPolicy { cron keepLast } backups { nodes { id volumeName volume { name } } } } }`;
    const held = async (host: string, name: string) => (await stand.gateway.query<{ volume: unknown }>(HELD, { host, name })).volume;
    const all = (name: string) => ({
      annotations: [{ key: 'owner', value: 'blue' }],
      backupPolicy: { cron: '0 3 1 1 *', keepLast: 5 },
      backups: { nodes: [{ id: backup?.id, volumeName: 'first', volume: { name } }] },
    });
    await succeed(stand.gateway, 'renameVolume', { volume: { host: 'alpha', name: 'first' }, newName: 'second' });
    expect(await held('alpha', 'second')).toEqual(all('second'));
    // A copy beside is another volume.
    await succeed(stand.gateway, 'migrateVolume', { source: { host: 'alpha', name: 'second' }, toHost: 'beta', name: 'beside' });
    expect(await held('beta', 'beside')).toEqual({ annotations: [], backupPolicy: null, backups: { nodes: [] } });
    await succeed(stand.gateway, 'migrateVolume', { source: { host: 'alpha', name: 'second' }, toHost: 'beta', removeSource: true });
    expect(await held('beta', 'second')).toEqual(all('second'));
    await inVolume(beta, 'second', 'echo changed >a');
    await succeed(stand.gateway, 'restoreVolume', { backup: backup?.id, host: 'beta', name: 'second', overwrite: true });
    expect(await held('beta', 'second')).toEqual(all('second'));
    expect(await inVolume(beta, 'second', 'cat a')).toBe('one\n');
  });

  test('that is canceled leaves the source whole and no target', async () => {
    await inVolume(alpha, 'large', 'dd if=/dev/zero of=a bs=1M count=300 2>/dev/null');
    const id = await request(stand.gateway, 'migrateVolume', { source: { host: 'alpha', name: 'large' }, toHost: 'beta', removeSource: true });
    await eventually(
      async () => {
        if ((await volumesOf(beta)).length === 0) throw new Error('not begun');
      },
      { what: 'the copy has begun', intervalMs: 5 },
    );
    await stand.gateway.query('mutation ($id: ID!) { cancelOperation(id: $id) { operation { id } } }', { id });
    expect(await finished(stand.gateway, id)).toMatchObject({ state: 'CANCELED', error: null, target: null });
    expect([await volumesOf(alpha), await volumesOf(beta), await helpersOf(alpha), await helpersOf(beta)]).toEqual([['large'], [], '', '']);
  });

  test('tells its progress, which never goes back, until it ends', async () => {
    await inVolume(alpha, 'followed', 'dd if=/dev/urandom of=a bs=1M count=100 2>/dev/null');
    const id = await request(stand.gateway, 'cloneVolume', { source: { host: 'alpha', name: 'followed' }, name: 'copy' });
    const told: ToldOperation[] = [];
    await new Promise<void>((resolve, reject) => {
      stand.gateway.client().subscribe<{ operation: ToldOperation }>(
        { query: 'subscription ($id: ID!) { operation(id: $id) { state bytesDone } }', variables: { id } },
        {
          next: ({ data }) => {
            if (data) told.push(data.operation);
          },
          error: reject,
          complete: resolve,
        },
      );
    });
    expect(told.at(-1)).toMatchObject({ state: 'SUCCEEDED', bytesDone: 100 * 1024 * 1024 });
    for (const [index, { bytesDone }] of told.entries()) expect(bytesDone).toBeGreaterThanOrEqual(told[index - 1]?.bytesDone ?? 0);
  });
});

describe('writers', () => {
  const REWRITE = 'while true; do dd if=/dev/urandom of=/v/file bs=1M count=20 2>/dev/null; done';

  test.each(['PAUSE', 'STOP'])('are quiet with %s while a volume is read, and go on afterwards', async (quiesce) => {
    await inVolume(alpha, 'written', 'dd if=/dev/urandom of=other bs=1M count=100 2>/dev/null');
    const writer = (await alpha.cli('run', '-d', '--network', 'none', '-v', 'written:/v', IMAGE, 'sh', '-c', REWRITE)).trim();
    const reader = (await alpha.cli('run', '-d', '--network', 'none', '-v', 'written:/v:ro', IMAGE, 'sleep', '1000')).trim();
    const states = new Set<string>();
    const id = await request(stand.gateway, 'backupVolume', { volume: { host: 'alpha', name: 'written' }, quiesce });
    const operation = await eventually(
      async () => {
        states.add((await alpha.cli('inspect', '-f', '{{.State.Status}}', writer, reader)).replace('\n', ' ').trim());
        const now = await readOperation(stand.gateway, id);
        if (now.state === 'QUEUED' || now.state === 'RUNNING') throw new Error(now.state);
        return now;
      },
      { what: 'the backup is made', timeoutMs: 50_000, intervalMs: 5 },
    );
    expect(operation).toMatchObject({ state: 'SUCCEEDED', warnings: [], backup: { consistent: true } });
    expect(states).toContain(quiesce === 'PAUSE' ? 'paused running' : 'exited running');
    expect(await alpha.cli('inspect', '-f', '{{.State.Status}}', writer, reader)).toBe('running\nrunning\n');
  });

  test('are found through a bind of the volume and through another volume of the same directory, and keep it from being replaced or removed', async () => {
    await inVolume(alpha, 'reached', 'dd if=/dev/urandom of=other bs=1M count=60 2>/dev/null');
    const mountpoint = (await alpha.cli('volume', 'inspect', '-f', '{{.Mountpoint}}', 'reached')).trim();
    await alpha.cli('volume', 'create', '--opt', 'type=none', '--opt', 'o=bind', '--opt', `device=${mountpoint}`, 'same');
    const write = (mount: string) => alpha.cli('run', '-d', '--network', 'none', '-v', mount, IMAGE, 'sh', '-c', REWRITE);
    const bound = (await write(`${mountpoint}:/v`)).trim();
    const { backup } = await succeed(stand.gateway, 'backupVolume', { volume: { host: 'alpha', name: 'reached' }, quiesce: 'PAUSE' });
    expect(backup?.consistent).toBe(true);
    const live = await perform(stand.gateway, 'backupVolume', { volume: { host: 'alpha', name: 'reached' } });
    expect(live.state === 'FAILED' || live.backup?.consistent === false).toBe(true);
    const input = { source: { host: 'alpha', name: 'reached' }, toHost: 'beta', removeSource: true };
    expect(await perform(stand.gateway, 'migrateVolume', input)).toMatchObject({ state: 'FAILED', error: { code: 'VOLUME_IN_USE' }, target: null });
    const restore = { backup: backup?.id, host: 'alpha', name: 'reached', overwrite: true };
    expect(await perform(stand.gateway, 'restoreVolume', restore)).toMatchObject({ state: 'FAILED', error: { code: 'VOLUME_IN_USE' } });
    await alpha.cli('rm', '-f', bound);
    const other = (await write('same:/v')).trim();
    const again = await succeed(stand.gateway, 'backupVolume', { volume: { host: 'alpha', name: 'reached' }, quiesce: 'PAUSE' });
    expect(again.backup?.consistent).toBe(true);
    expect(await alpha.cli('inspect', '-f', '{{.State.Status}}', other)).toBe('running\n');
    await alpha.cli('rm', '-f', other);
    expect([await volumesOf(alpha), await volumesOf(beta)]).toEqual([['reached', 'same'], []]);
  });

  test('that their engine would remove when they stop are not stopped', async () => {
    await alpha.cli('volume', 'create', 'passing');
    const writer = (await alpha.cli('run', '-d', '--rm', '--network', 'none', '-v', 'passing:/v', IMAGE, 'sleep', '1000')).trim();
    const refused = await perform(stand.gateway, 'backupVolume', { volume: { host: 'alpha', name: 'passing' }, quiesce: 'STOP' });
    expect(refused).toMatchObject({ state: 'FAILED', backup: null, error: { code: 'CONFLICT' } });
    expect(refused.error?.message).toContain('--rm');
    expect(await alpha.cli('inspect', '-f', '{{.State.Status}}', writer)).toBe('running\n');
  });

  test('of a volume that is not complete keep it: it is not removed from under them, then or later', async () => {
    await inVolume(alpha, 'large', 'dd if=/dev/zero of=a bs=1M count=400 2>/dev/null');
    const id = await request(stand.gateway, 'cloneVolume', { source: { host: 'alpha', name: 'large' }, name: 'filling' });
    await eventually(() => alpha.cli('volume', 'inspect', 'filling'), { what: 'the copy has begun', intervalMs: 5 });
    const user = (await alpha.cli('run', '-d', '--network', 'none', '-v', 'filling:/v', IMAGE, 'sh', '-c', 'echo mine >/v/mine; sleep 1000')).trim();
    await stand.gateway.query('mutation ($id: ID!) { cancelOperation(id: $id) { operation { id } } }', { id }).catch(() => undefined);
    const ended = await finished(stand.gateway, id);
    expect(['FAILED', 'CANCELED']).toContain(ended.state);
    expect(ended.error?.message).toMatch(/"filling".*stays/);
    await alpha.cli('rm', '-f', user);
    expect(await inVolume(alpha, 'filling', 'cat mine')).toBe('mine\n');
    expect([await volumesOf(alpha), await helpersOf(alpha)]).toEqual([['filling', 'large'], '']);
  });

  test('that nobody stopped are told of: no backup counts as consistent that is not', async () => {
    const writer = (await alpha.cli('run', '-d', '--network', 'none', '-v', 'busy:/v', IMAGE, 'sh', '-c', REWRITE)).trim();
    // What is read twice before the first byte is written is consistent: there is nothing in it.
    await eventually(() => alpha.cli('exec', writer, 'test', '-s', '/v/file'), { what: 'it is written', intervalMs: 20 });
    for (let round = 0; round < 3; round += 1) {
      const live = await perform(stand.gateway, 'backupVolume', { volume: { host: 'alpha', name: 'busy' }, quiesce: 'LIVE' });
      expect(live.state === 'FAILED' || live.backup?.consistent === false).toBe(true);
      const paused = await succeed(stand.gateway, 'backupVolume', { volume: { host: 'alpha', name: 'busy' }, quiesce: 'PAUSE' });
      expect(paused.backup?.consistent).toBe(true);
    }
  });
});
