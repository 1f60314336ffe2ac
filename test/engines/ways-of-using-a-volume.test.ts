/** @alone What shows is given one second. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { IMAGE, VOLUME_IMAGE } from '../harness/engines.js';
import { startStand, type Stand } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

/** What this issue promises for a change on an engine to show in queries. */
const SHOWS_WITHIN_MS = 1_000;

let stand: Stand;

beforeAll(async () => {
  stand = await startStand(['alpha', 'beta', 'gamma']);
});

afterAll(async () => {
  await stand.stop();
});

afterEach(async () => {
  await Promise.all(stand.engines.map((engine) => engine.reset()));
});

const VOLUME = `query ($host: String!, $name: String!) {
  volume(host: $host, name: $name) {
    id name state driver scope mountpoint anonymous shareCount lastMountedAt lastUsedBy removedAt
    mounts { type source destination readOnly origin container { name state } volume { name } }
    shares { kind identity crossHost writers readers risks hosts { name } volumes { name } containers { name } mounts { destination } }
  }
}`;

interface VolumeAnswer {
  volume: {
    id: string;
    state: string;
    mountpoint: string;
    shareCount: number;
    lastMountedAt: string | null;
    lastUsedBy: string | null;
    removedAt: string | null;
    mounts: { type: string; source: string; destination: string; readOnly: boolean; origin: string; container: { name: string; state: string } }[];
    shares: { kind: string; identity: string; writers: number; readers: number; containers: { name: string }[]; hosts: { name: string }[] }[];
  } | null;
}

/** The volume as soon as it is as `check` wants it. */
async function volumeOnce(host: string, name: string, check: (volume: NonNullable<VolumeAnswer['volume']>) => void) {
  return eventually(
    async () => {
      const { volume } = await stand.gateway.query<VolumeAnswer>(VOLUME, { host, name });
      if (volume === null) throw new Error('it is not there');
      check(volume);
      return volume;
    },
    { what: `volume ${name} of ${host} is as expected`, timeoutMs: SHOWS_WITHIN_MS, intervalMs: 20 },
  );
}

const run = (...args: string[]) => ['run', '-d', '--network', 'none', ...args];

test('a created volume that two containers mount is shown with both mounts, their share, and its use outlives them', async () => {
  const alpha = stand.engine('alpha');
  await alpha.cli('volume', 'create', 'my-data-volume');
  await volumeOnce('alpha', 'my-data-volume', (volume) => {
    expect(volume).toMatchObject({ state: 'DANGLING', shareCount: 0, mounts: [], shares: [], lastMountedAt: null });
  });
  await alpha.cli(...run('--name', 'writer', '-v', 'my-data-volume:/data', IMAGE, 'sh', '-c', 'echo kept > /data/note; sleep 1000'));
  await alpha.cli(...run('--name', 'reader', '-v', 'my-data-volume:/data:ro', IMAGE, 'sleep', '1000'));
  const shared = await volumeOnce('alpha', 'my-data-volume', (volume) => {
    expect(volume.state).toBe('IN_USE');
    expect(volume.shareCount).toBe(2);
    expect(volume.lastUsedBy).toBe('reader');
  });
  const inspected = JSON.parse(await alpha.cli('volume', 'inspect', 'my-data-volume')) as { Mountpoint: string }[];
  const source = inspected[0]?.Mountpoint;
  expect(shared.mounts.sort((a, b) => a.container.name.localeCompare(b.container.name))).toEqual([
    {
      type: 'VOLUME',
      source,
      destination: '/data',
      readOnly: true,
      origin: 'DECLARED',
      container: { name: 'reader', state: 'RUNNING' },
      volume: { name: 'my-data-volume' },
    },
    {
      type: 'VOLUME',
      source,
      destination: '/data',
      readOnly: false,
      origin: 'DECLARED',
      container: { name: 'writer', state: 'RUNNING' },
      volume: { name: 'my-data-volume' },
    },
  ]);
  expect(shared.shares).toHaveLength(1);
  expect(shared.shares[0]).toMatchObject({
    kind: 'VOLUME',
    identity: 'my-data-volume',
    crossHost: false,
    writers: 1,
    readers: 1,
    risks: [],
    hosts: [{ name: 'alpha' }],
  });
  expect(shared.shares[0]?.containers.map(({ name }) => name).sort()).toEqual(['reader', 'writer']);

  await alpha.cli('stop', '-t', '0', 'writer', 'reader');
  await volumeOnce('alpha', 'my-data-volume', (volume) => {
    expect(volume.state).toBe('IDLE');
  });
  await alpha.cli('rm', 'writer', 'reader');
  const kept = await volumeOnce('alpha', 'my-data-volume', (volume) => {
    expect(volume.state).toBe('DANGLING');
  });
  expect(kept).toMatchObject({
    id: shared.id,
    shareCount: 0,
    mounts: [],
    shares: [],
    lastMountedAt: shared.lastMountedAt,
    lastUsedBy: 'reader',
    removedAt: null,
  });
  expect(await alpha.cli('run', '--rm', '--network', 'none', '-v', 'my-data-volume:/data', IMAGE, 'cat', '/data/note')).toBe('kept\n');
});

test('a host directory that is bound into a container is shown with its path', async () => {
  const alpha = stand.engine('alpha');
  const directory = await mkdtemp(path.join(os.tmpdir(), 'stowage-test-bind-'));
  await writeFile(path.join(directory, 'greeting'), 'hello');
  try {
    await alpha.cli(...run('--name', 'bound', '-v', `${directory}:/host:ro`, '--tmpfs', '/scratch', IMAGE, 'sleep', '1000'));
    const container = await eventually(
      async () => {
        const answer = await stand.gateway.query<{ container: { state: string; mounts: unknown[] } | null }>(
          '{ container(host: "alpha", name: "bound") { state image mounts { type source destination readOnly propagation origin volume { name } } } }',
        );
        if (answer.container?.state !== 'RUNNING') throw new Error(JSON.stringify(answer));
        return answer.container;
      },
      { what: 'the container shows', timeoutMs: SHOWS_WITHIN_MS },
    );
    expect(container.mounts).toEqual([
      { type: 'BIND', source: directory, destination: '/host', readOnly: true, propagation: 'rprivate', origin: 'DECLARED', volume: null },
      { type: 'TMPFS', source: null, destination: '/scratch', readOnly: false, propagation: null, origin: 'DECLARED', volume: null },
    ]);
  } finally {
    await alpha.cli('rm', '-f', 'bound');
    await rm(directory, { recursive: true });
  }
});

test('--volumes-from shows which container the mounts came from, and the share of both', async () => {
  const beta = stand.engine('beta');
  await beta.cli(...run('--name', 'donor', VOLUME_IMAGE, 'sleep', '1000'));
  await beta.cli(...run('--name', 'taker', '--volumes-from', 'donor:ro', IMAGE, 'sleep', '1000'));
  interface Answer {
    container: {
      volumesFrom: { name: string }[];
      mounts: {
        destination: string;
        readOnly: boolean;
        origin: string;
        volume: { name: string; anonymous: boolean; shares: { containers: { name: string }[] }[] };
      }[];
    } | null;
  }
  const taker = await eventually(
    async () => {
      const { container } = await stand.gateway.query<Answer>(
        '{ container(host: "beta", name: "taker") { volumesFrom { name } mounts { destination readOnly origin volume { name anonymous shares { containers { name } } } } } }',
      );
      if (container?.mounts[0]?.volume.shares.length !== 1) throw new Error(JSON.stringify(container));
      return container;
    },
    { what: 'the share forms', timeoutMs: SHOWS_WITHIN_MS },
  );
  expect(taker.volumesFrom).toEqual([{ name: 'donor' }]);
  expect(taker.mounts).toHaveLength(1);
  expect(taker.mounts[0]).toMatchObject({ destination: '/data', readOnly: true, origin: 'VOLUMES_FROM', volume: { anonymous: true } });
  expect(taker.mounts[0]?.volume.shares[0]?.containers.map(({ name }) => name).sort()).toEqual(['donor', 'taker']);
  const { container: donor } = await stand.gateway.query<Answer>(
    '{ container(host: "beta", name: "donor") { volumesFrom { name } mounts { destination readOnly origin volume { name anonymous shares { containers { name } } } } } }',
  );
  expect(donor?.mounts[0]).toMatchObject({ readOnly: false, origin: 'ANONYMOUS', volume: { name: taker.mounts[0]?.volume.name } });
  expect(donor?.volumesFrom).toEqual([]);
});

test('one name on three hosts is three volumes', async () => {
  await Promise.all(stand.engines.map((engine) => engine.cli('volume', 'create', 'same-name')));
  const ids = await eventually(
    async () => {
      const { volumes } = await stand.gateway.query<{ volumes: { totalCount: number; nodes: { id: string; host: { name: string } }[] } }>(
        '{ volumes(filter: { names: ["same-name"] }) { totalCount nodes { id host { name } } } }',
      );
      expect(volumes.totalCount).toBe(3);
      expect(volumes.nodes.map(({ host }) => host.name).sort()).toEqual(['alpha', 'beta', 'gamma']);
      return volumes.nodes.map(({ id }) => id);
    },
    { what: 'all three show', timeoutMs: SHOWS_WITHIN_MS },
  );
  expect(new Set(ids).size).toBe(3);
  await stand.engine('beta').cli('volume', 'rm', 'same-name');
  await eventually(
    async () => {
      const { volumes } = await stand.gateway.query<{ volumes: { nodes: { host: { name: string } }[] } }>(
        '{ volumes(filter: { names: ["same-name"] }) { nodes { host { name } } } }',
      );
      expect(volumes.nodes.map(({ host }) => host.name).sort()).toEqual(['alpha', 'gamma']);
    },
    { what: 'only the removed one is gone', timeoutMs: SHOWS_WITHIN_MS },
  );
});

test('a job that is over before anyone can look at it still counts as a use of its volume', async () => {
  const gamma = stand.engine('gamma');
  await gamma.cli('volume', 'create', 'nightly');
  await gamma.cli('run', '--rm', '--name', 'backup-job', '--network', 'none', '-v', 'nightly:/data', IMAGE, 'true');
  await volumeOnce('gamma', 'nightly', (volume) => {
    expect(volume).toMatchObject({ state: 'DANGLING', lastUsedBy: 'backup-job' });
  });
});
