import { execFile } from 'node:child_process';
import { appendFile, mkdir, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { generateIdentity } from 'age-encryption';
import { IMAGE, startEngine, type TestEngine } from '../harness/engines.js';
import { startGateway } from '../harness/gateway.js';
import { perform, succeed } from '../harness/operations.js';
import { hostsAre, startStand, type Stand } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { describeVolume, fillOddly, inVolume } from '../harness/volume-trees.js';
import { eventually } from '../harness/wait.js';

const run = promisify(execFile);

let stand: Stand;
let alpha: TestEngine;

beforeAll(async () => {
  stand = await startStand(['alpha'], { environment: { STOWAGE_MEASURE_PAUSE_SECONDS: '0' } });
  alpha = stand.engine('alpha');
});

afterAll(async () => {
  await stand.stop();
});

afterEach(async () => {
  await alpha.reset();
});

async function volumes(): Promise<string[]> {
  return (await alpha.cli('volume', 'ls', '-q'))
    .split('\n')
    .filter((name) => name !== '')
    .sort();
}

async function backUp(volume: string): Promise<{ id: string; file: string }> {
  const { backup } = await succeed(stand.gateway, 'backupVolume', { volume: { host: 'alpha', name: volume } });
  if (backup === null) throw new Error('no backup');
  return { id: backup.id, file: backup.location.slice('file://'.length) };
}

const RESTORE = 'mutation ($input: RestoreVolumeInput!) { restoreVolume(input: $input) { operation { id } } }';

describe('a backup', () => {
  test('is a tar that zstd and tar read, lies with its manifest, is listed, verified and deleted', async () => {
    await fillOddly(alpha, 'origin');
    const { id, file } = await backUp('origin');
    const { stdout } = await run('sh', ['-c', 'zstd -dc "$1" | tar -t --quoting-style=literal | head -3', 'sh', file]);
    expect(stdout.split('\n')[0]).toBe('volume/');
    const manifest = await run('sh', ['-c', 'zstd -dc "$1" | wc -l', 'sh', file.replace('.tar.zst', '.manifest.zst')]);
    expect(Number(manifest.stdout)).toBeGreaterThan(20);
    const list = `{ volume(host: "alpha", name: "origin") { backups { totalCount nodes { id volumeName host { name } } } } backups(host: "alpha", volume: "origin") { totalCount } }`;
    expect(await stand.gateway.query(list)).toMatchObject({
      volume: { backups: { totalCount: 1, nodes: [{ id, volumeName: 'origin', host: { name: 'alpha' } }] } },
      backups: { totalCount: 1 },
    });
    const verify = async () => {
      const { verifyBackup } = await stand.gateway.query<{ verifyBackup: { operation: { id: string } } }>(
        'mutation ($id: ID!) { verifyBackup(backup: $id) { operation { id } } }',
        { id },
      );
      return eventually(
        async () => {
          const { operation } = await stand.gateway.query<{ operation: { state: string } }>('query ($id: ID!) { operation(id: $id) { state } }', {
            id: verifyBackup.operation.id,
          });
          if (operation.state === 'QUEUED' || operation.state === 'RUNNING') throw new Error(operation.state);
          return operation.state;
        },
        { what: 'it is verified' },
      );
    };
    expect(await verify()).toBe('SUCCEEDED');
    const handle = await open(file, 'r+');
    await handle.write(Buffer.from([255]), 0, 1, 5_000);
    await handle.close();
    expect(await verify()).toBe('FAILED');
    expect(await stand.gateway.query('mutation ($id: ID!) { deleteBackup(backup: $id) { removed } }', { id })).toEqual({ deleteBackup: { removed: true } });
    expect(await readdir(path.dirname(file))).toEqual([]);
  });

  test.each<[string, (file: string, whole: Buffer) => Promise<void>]>([
    [
      'changed by one byte',
      (file, whole) => writeFile(file, Buffer.concat([whole.subarray(0, 4_000), Buffer.from([(whole[4_000] ?? 0) ^ 1]), whole.subarray(4_001)])),
    ],
    ['cut short', (file, whole) => truncate(file, whole.length - 1)],
    ['longer than it was', (file) => appendFile(file, Buffer.from('28b52ffd0058190000aa', 'hex'))],
    [
      'replaced by zeros that unpack to gigabytes',
      async (file) => {
        await rm(file);
        await run('sh', ['-c', 'head -c 2000000000 /dev/zero | zstd -q -o "$1"', 'sh', file]);
      },
    ],
    ['replaced by something else', (file) => writeFile(file, gzipSync('x'.repeat(100_000)))],
    ['gone', (file) => rm(file)],
    [
      'replaced by a tar that leads out',
      async (file) => {
        const folder = await makeTestFolder('hostile');
        await mkdir(path.join(folder, 'volume'));
        await writeFile(path.join(folder, 'escaped'), 'x');
        await run('sh', ['-c', 'cd "$1/volume" && tar -P -c ../escaped | zstd -q -f -o "$2"', 'sh', folder, file]);
        await rm(folder, { recursive: true });
      },
    ],
  ])('that is %s is refused, and what it was to replace is untouched', async (_what, damage) => {
    await inVolume(alpha, 'origin', 'dd if=/dev/urandom of=a bs=1k count=200 2>/dev/null; echo b >b');
    const { id, file } = await backUp('origin');
    await inVolume(alpha, 'target', 'echo precious >content');
    const before = await describeVolume(alpha, 'target');
    await damage(file, await readFile(file));
    const operation = await perform(stand.gateway, 'restoreVolume', { backup: id, host: 'alpha', name: 'target', overwrite: true });
    expect(operation.state).toBe('FAILED');
    expect(operation.error?.code).toMatch(/CONFLICT|LIMIT_EXCEEDED|NOT_FOUND/);
    expect(operation.error?.message).toMatch(/backup|archive/i);
    expect(await describeVolume(alpha, 'target')).toBe(before);
    expect(await volumes()).toEqual(['origin', 'target']);
  });

  test('tells beside itself whose it is, to whoever has the store alone, and no password', async () => {
    await alpha.cli('volume', 'create', '--label', 'team=blue', '--label', 'db.password=canary-label', 'told');
    await inVolume(alpha, 'told', 'echo one >a; echo two >b');
    const { id, file } = await backUp('told');
    const text = await readFile(file.replace('.tar.zst', '.json'), 'utf8');
    expect(text).not.toContain('canary');
    const { stdout: sum } = await run('sha256sum', [file]);
    const key = id.slice('Backup:'.length);
    expect(JSON.parse(text)).toMatchObject({
      format: 1,
      id: key,
      host: { name: 'alpha' },
      volume: { name: 'told', driver: 'local', options: {}, labels: { team: 'blue' } },
      archive: { name: `${key}.tar.zst`, compression: 'zstd', encryption: null, sizeBytes: (await stat(file)).size, sha256: sum.slice(0, 64) },
      manifest: { name: `${key}.manifest.zst` },
      ...{ contentBytes: 8, fileCount: 2, entryCount: 3, quiesce: 'LIVE', consistent: true, byPolicy: false },
    });
  });

  test('replaces a volume only with overwrite, never a used one, and takes an empty one', async () => {
    await fillOddly(alpha, 'origin');
    const before = await describeVolume(alpha, 'origin');
    const { id } = await backUp('origin');
    await inVolume(alpha, 'full', 'echo x >x');
    const kept = await describeVolume(alpha, 'full');
    expect(await perform(stand.gateway, 'restoreVolume', { backup: id, host: 'alpha', name: 'full' })).toMatchObject({
      state: 'FAILED',
      error: { code: 'CONFLICT' },
    });
    expect(await describeVolume(alpha, 'full')).toBe(kept);
    const user = (await alpha.cli('run', '-d', '--network', 'none', '-v', 'full:/v', IMAGE, 'sleep', '1000')).trim();
    expect(await stand.gateway.codeOf(RESTORE, { input: { backup: id, host: 'alpha', name: 'full', overwrite: true } })).toBe('VOLUME_IN_USE');
    await alpha.cli('rm', '-f', user);
    await succeed(stand.gateway, 'restoreVolume', { backup: id, host: 'alpha', name: 'full', overwrite: true });
    expect(await describeVolume(alpha, 'full')).toBe(before);
    await alpha.cli('volume', 'create', 'empty');
    await succeed(stand.gateway, 'restoreVolume', { backup: id, host: 'alpha', name: 'empty' });
    expect(await describeVolume(alpha, 'empty')).toBe(before);
    expect(await volumes()).toEqual(['empty', 'full', 'origin']);
  });

  test('that is encrypted is opened by age with its key, and by nothing without', async () => {
    const key = await generateIdentity();
    const gateway = await startGateway({ hosts: { alpha: alpha.endpoint }, environment: { STOWAGE_BACKUP_KEY: key } });
    try {
      await hostsAre(gateway, 'ONLINE');
      await fillOddly(alpha, 'secret');
      const { backup } = await succeed(gateway, 'backupVolume', { volume: { host: 'alpha', name: 'secret' } });
      const file = (backup?.location ?? '').slice('file://'.length);
      expect((await readFile(file)).subarray(0, 21).toString()).toBe('age-encryption.org/v1');
      // Which backup is whose is to be told also by whoever has lost the key.
      expect(JSON.parse(await readFile(file.replace('.tar.zst', '.json'), 'utf8'))).toMatchObject({
        volume: { name: 'secret' },
        archive: { encryption: 'age' },
      });
      await succeed(gateway, 'restoreVolume', { backup: backup?.id, host: 'alpha', name: 'opened' });
      expect(await describeVolume(alpha, 'opened')).toBe(await describeVolume(alpha, 'secret'));
      const damaged = await readFile(file);
      damaged[damaged.length - 10] = (damaged.at(-10) ?? 0) ^ 1;
      await writeFile(file, damaged);
      expect(await perform(gateway, 'restoreVolume', { backup: backup?.id, host: 'alpha', name: 'other' })).toMatchObject({
        state: 'FAILED',
        error: { code: 'CONFLICT' },
      });
    } finally {
      await gateway.stop();
    }
  });
});

test('a disk that is full fails the copy, keeps the source, and leaves no target', async () => {
  const folder = await makeTestFolder('small');
  await run('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', folder]);
  const small = await startEngine({ name: 'small', extraFlags: [`--data-root=${folder}`] }).catch(async (error: unknown) => {
    await run('umount', [folder]);
    throw error;
  });
  try {
    await stand.gateway.query('mutation ($input: AddHostInput!) { addHost(input: $input) { host { status } } }', {
      input: { name: 'small', endpoint: small.endpoint },
    });
    await inVolume(alpha, 'large', 'dd if=/dev/zero of=a bs=1M count=120 2>/dev/null');
    const operation = await perform(stand.gateway, 'migrateVolume', { source: { host: 'alpha', name: 'large' }, toHost: 'small', removeSource: true });
    expect(operation).toMatchObject({ state: 'FAILED', target: null, error: { code: 'ENGINE_ERROR' } });
    expect(operation.error?.message).toContain('disk of the target host is full');
    expect([await volumes(), (await small.cli('volume', 'ls', '-q')).trim(), (await small.cli('ps', '-aq')).trim()]).toEqual([['large'], '', '']);
  } finally {
    await stand.gateway.query('mutation { removeHost(input: { name: "small" }) { removed } }');
    await small.stop();
    await run('umount', ['-l', folder]);
    await rm(folder, { recursive: true, force: true });
  }
});

test('sizes are measured by the engine, and tell their time', async () => {
  await inVolume(alpha, 'sized', 'dd if=/dev/zero of=a bs=1k count=100 2>/dev/null');
  await alpha.cli('volume', 'create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', 'unmeasured');
  await succeed(stand.gateway, 'measureVolumes', { hosts: ['alpha'] });
  const { sized, unmeasured } = await stand.gateway.query<
    Record<'sized' | 'unmeasured', { sizeBytes: number | null; sizeMeasuredAt: string; sizeUnknownBecause: string | null }>
  >(
    `{ sized: volume(host: "alpha", name: "sized") { sizeBytes sizeMeasuredAt sizeUnknownBecause }
       unmeasured: volume(host: "alpha", name: "unmeasured") { sizeBytes sizeMeasuredAt sizeUnknownBecause } }`,
  );
  expect(sized).toMatchObject({ sizeBytes: 102_400, sizeUnknownBecause: null });
  expect(Date.now() - Date.parse(sized.sizeMeasuredAt)).toBeLessThan(60_000);
  expect(unmeasured.sizeBytes).toBeNull();
  expect(unmeasured.sizeUnknownBecause).toContain('does not measure');
});

test('what a volume held at each measurement is kept, oldest first', async () => {
  await inVolume(alpha, 'growing', 'dd if=/dev/zero of=a bs=1k count=100 2>/dev/null');
  await succeed(stand.gateway, 'measureVolumes', { hosts: ['alpha'] });
  await inVolume(alpha, 'growing', 'dd if=/dev/zero of=b bs=1k count=300 2>/dev/null');
  await succeed(stand.gateway, 'measureVolumes', { hosts: ['alpha'] });
  type Sizes = { nodes: { measuredAt: string; sizeBytes: number }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  const SIZES = `query ($first: Int, $after: String, $newestFirst: Boolean) { volume(host: "alpha", name: "growing") { sizeMeasuredAt
    sizes(first: $first, after: $after, newestFirst: $newestFirst) { nodes { measuredAt sizeBytes } pageInfo { hasNextPage endCursor } } } }`;
  const read = async (variables: Record<string, unknown> = {}) =>
    (await stand.gateway.query<{ volume: { sizeMeasuredAt: string; sizes: Sizes } }>(SIZES, variables)).volume;
  const { sizes, sizeMeasuredAt } = await read();
  expect(sizes.nodes.map(({ sizeBytes }) => sizeBytes)).toEqual([102_400, 409_600]);
  expect(sizes.nodes[1]?.measuredAt).toBe(sizeMeasuredAt);
  for (const newestFirst of [false, true]) {
    const first = (await read({ first: 1, newestFirst })).sizes;
    const second = (await read({ first: 1, newestFirst, after: first.pageInfo.endCursor })).sizes;
    const inOrder = newestFirst ? sizes.nodes.toReversed() : sizes.nodes;
    expect([...first.nodes, ...second.nodes]).toEqual(inOrder);
    expect([first, second].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, false]);
  }
});

test('a directory of a volume is listed by pages, and no helper is left', async () => {
  await inVolume(
    alpha,
    'browsed',
    'mkdir d && for i in 1 2 3 4 5; do echo hello >d/f$i; done && ln -s f1 d/link && chmod 600 d/f1 && mkdir d/sub && echo x >d/sub/hidden',
  );
  const FILES = `query ($path: String, $first: Int, $after: String) { volume(host: "alpha", name: "browsed") { files(path: $path, first: $first, after: $after) {
    nodes { name type sizeBytes mode linkTarget } complete pageInfo { hasNextPage endCursor } } } }`;
  type Page = { volume: { files: { nodes: { name: string }[]; complete: boolean; pageInfo: { hasNextPage: boolean; endCursor: string } } } };
  const first = (await stand.gateway.query<Page>(FILES, { path: '/d', first: 3 })).volume.files;
  expect(first.nodes).toEqual([
    { name: 'f1', type: 'FILE', sizeBytes: 6, mode: 0o600, linkTarget: null },
    { name: 'f2', type: 'FILE', sizeBytes: 6, mode: 0o644, linkTarget: null },
    { name: 'f3', type: 'FILE', sizeBytes: 6, mode: 0o644, linkTarget: null },
  ]);
  expect(first.pageInfo.hasNextPage).toBe(true);
  const second = (await stand.gateway.query<Page>(FILES, { path: 'd/', first: 10, after: first.pageInfo.endCursor })).volume.files;
  expect(second.nodes.map(({ name }) => name)).toEqual(['f4', 'f5', 'link', 'sub']);
  // A cursor says where in the order it is, also when what it was made of has gone.
  await inVolume(alpha, 'browsed', 'rm d/f3');
  const third = (await stand.gateway.query<Page>(FILES, { path: 'd/', first: 2, after: first.pageInfo.endCursor })).volume.files;
  expect(third.nodes.map(({ name }) => name)).toEqual(['f4', 'f5']);
  expect(second).toMatchObject({ complete: true, pageInfo: { hasNextPage: false } });
  // In the order of bytes, with names that are no text.
  await inVolume(alpha, 'browsed', String.raw`mkdir odd && cd odd && touch "$(printf 'a\377')" "$(printf 'a\376')" "$(printf '\303\251')" z Z`);
  const names: string[] = [];
  for (let after: string | undefined, page = 0; page < 5; page += 1) {
    const { nodes, pageInfo } = (await stand.gateway.query<Page>(FILES, { path: '/odd', first: 1, after })).volume.files;
    names.push(...nodes.map(({ name }) => name));
    after = pageInfo.endCursor;
  }
  expect(names).toEqual(['Z', 'a\ufffd', 'a\ufffd', 'z', 'é']);
  expect(await stand.gateway.codeOf(FILES, { path: '/nowhere' })).toBe('NOT_FOUND');
  expect(await stand.gateway.codeOf(FILES, { path: '../..' })).toBe('BAD_USER_INPUT');
  expect((await alpha.cli('ps', '-aq')).trim()).toBe('');
});

test('directories of many volumes are read a few at a time on their host', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `many-${String(index).padStart(2, '0')}`);
  for (const name of names) await inVolume(alpha, name, `echo ${name} >${name}`);
  await eventually(
    async () => {
      const { volumes: known } = await stand.gateway.query<{ volumes: { totalCount: number } }>('{ volumes { totalCount } }');
      expect(known.totalCount).toBe(names.length);
    },
    { what: 'all are known' },
  );
  const since = (await alpha.cli('info', '-f', '{{.SystemTime}}')).trim();
  const { volumes: read } = await stand.gateway.query<{ volumes: { nodes: { files: { nodes: { name: string }[] } }[] } }>(
    '{ volumes(orderBy: { field: NAME, direction: ASC }) { nodes { files { nodes { name } } } } }',
  );
  expect(read.nodes.flatMap(({ files }) => files.nodes.map(({ name }) => name))).toEqual(names);
  const until = (await alpha.cli('info', '-f', '{{.SystemTime}}')).trim();
  const events = await alpha.cli(
    ...['events', '--since', since, '--until', until, '--filter', 'type=container', '--filter', 'label=io.stowage.helper', '--format', '{{.Action}}'],
  );
  let [now, most] = [0, 0];
  for (const action of events.split('\n')) {
    if (action === 'create') most = Math.max(most, (now += 1));
    if (action === 'destroy') now -= 1;
  }
  expect([now, most]).toEqual([0, 4]);
});
