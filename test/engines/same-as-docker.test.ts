import { IMAGE, VOLUME_IMAGE, type TestEngine } from '../harness/engines.js';
import { startStand, type Stand } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

const VOLUMES = 200;
const CONTAINERS = 60;

let stand: Stand;

beforeAll(async () => {
  stand = await startStand(['alpha', 'beta', 'gamma']);
}, 60_000);

afterAll(async () => {
  await stand.stop();
});

/** Fills an engine with what people make: options, labels, anonymous volumes, tmpfs, read-only mounts, binds. */
async function fill(engine: TestEngine): Promise<void> {
  // 44 of the containers bring an anonymous volume each.
  const named = VOLUMES - Math.ceil((CONTAINERS * 3) / 4);
  for (let first = 0; first < named; first += 20) {
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const number = first + index;
        if (number >= named) return;
        await engine.docker.createVolume({
          Name: `volume-${String(number)}`,
          Labels: number % 3 === 0 ? { team: `t${String(number % 5)}`, 'com.example/odd key': 'ü "quoted"\n' } : {},
          ...(number % 10 === 0 ? { DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: `size=${String(number + 1)}m` } } : {}),
        });
      }),
    );
  }
  for (let first = 0; first < CONTAINERS; first += 10) {
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const number = first + index;
        const anonymous = number % 4 !== 3;
        const container = await engine.docker.createContainer({
          name: `container-${String(number)}`,
          Image: anonymous ? VOLUME_IMAGE : IMAGE,
          Cmd: ['sleep', '1000'],
          Labels: number % 2 === 0 ? { 'com.docker.compose.project': `project-${String(number % 3)}`, 'com.docker.compose.service': 'web' } : {},
          HostConfig: {
            NetworkMode: 'none',
            Binds: [`volume-${String(number)}:/first${number % 2 === 0 ? ':ro' : ''}`, ...(number % 5 === 0 ? ['/usr/share:/share:ro'] : [])],
            Mounts: number % 6 === 0 ? [{ Type: 'volume', Source: `volume-${String(number + 1)}`, Target: '/second', ReadOnly: true }] : [],
            ...(number % 7 === 0 ? { Tmpfs: { '/scratch': 'size=1m' } } : {}),
          },
        });
        if (number % 12 === 0) await container.start();
      }),
    );
  }
}

interface DockerMount {
  Type: string;
  Name?: string;
  Source: string;
  Destination: string;
  RW: boolean;
}

/** What docker itself prints of an engine. */
async function askDocker(engine: TestEngine) {
  const names = (await engine.cli('volume', 'ls', '-q')).trim().split('\n');
  const ids = (await engine.cli('ps', '-aq', '--no-trunc')).trim().split('\n');
  const volumes = JSON.parse(await engine.cli('volume', 'inspect', ...names)) as {
    Name: string;
    Driver: string;
    Scope: string;
    Mountpoint: string;
    Options: Record<string, string> | null;
    Labels: Record<string, string> | null;
  }[];
  const containers = JSON.parse(await engine.cli('inspect', ...ids)) as {
    Id: string;
    Name: string;
    Config: { Image: string; Labels: Record<string, string> | null };
    State: { Status: string; StartedAt: string };
    HostConfig: { Tmpfs?: Record<string, string> };
    Mounts: DockerMount[];
  }[];
  return {
    volumes: volumes
      .map((volume) => ({
        name: volume.Name,
        driver: volume.Driver,
        scope: volume.Scope,
        mountpoint: volume.Mountpoint,
        options: pairs(volume.Options),
        labels: pairs(volume.Labels),
      }))
      .sort(byName),
    containers: containers
      .map((container) => ({
        engineId: container.Id,
        name: container.Name.slice(1),
        image: container.Config.Image,
        state: container.State.Status.toUpperCase(),
        labels: pairs(container.Config.Labels),
        startedAt: container.State.StartedAt.startsWith('0001') ? null : new Date(container.State.StartedAt).toISOString(),
        mounts: [
          ...container.Mounts.map((mount) => ({
            type: mount.Type.toUpperCase(),
            volume: mount.Name ?? null,
            source: mount.Source,
            destination: mount.Destination,
            readOnly: !mount.RW,
          })),
          ...Object.keys(container.HostConfig.Tmpfs ?? {}).map((destination) => ({ type: 'TMPFS', volume: null, source: null, destination, readOnly: false })),
        ].sort((a, b) => a.destination.localeCompare(b.destination)),
      }))
      .sort(byName),
  };
}

function pairs(record: Record<string, string> | null): { key: string; value: string }[] {
  return Object.entries(record ?? {})
    .map(([key, value]) => ({ key, value }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}

const PAGE = `query ($host: String!, $volumesAfter: String, $containersAfter: String) {
  host(name: $host) {
    volumes(first: 70, after: $volumesAfter) { pageInfo { hasNextPage endCursor } nodes { name driver scope mountpoint options { key value } labels { key value } } }
    containers(first: 70, after: $containersAfter) {
      pageInfo { hasNextPage endCursor }
      nodes { engineId name image state startedAt labels { key value } mounts { type source destination readOnly volume { name } } }
    }
  }
}`;

interface PageAnswer {
  host: {
    volumes: { pageInfo: PageInfo; nodes: { name: string }[] };
    containers: { pageInfo: PageInfo; nodes: { name: string; mounts: { destination: string; volume: { name: string } | null }[] }[] };
  };
}
interface PageInfo {
  hasNextPage: boolean;
  endCursor: string | null;
}

/** What the gateway answers of a host, page by page. */
async function askGateway(host: string) {
  const volumes: PageAnswer['host']['volumes']['nodes'] = [];
  const containers: PageAnswer['host']['containers']['nodes'] = [];
  let volumesAfter: string | null = null;
  let containersAfter: string | null = null;
  for (let more = true; more;) {
    const answer: PageAnswer = await stand.gateway.query(PAGE, { host, volumesAfter, containersAfter });
    const page = answer.host;
    volumes.push(...page.volumes.nodes);
    containers.push(...page.containers.nodes);
    volumesAfter = page.volumes.pageInfo.endCursor;
    containersAfter = page.containers.pageInfo.endCursor;
    more = page.volumes.pageInfo.hasNextPage;
  }
  return {
    volumes: volumes.sort(byName),
    containers: containers
      .filter((container, index) => containers.findIndex(({ name }) => name === container.name) === index)
      .map((container) => ({
        ...container,
        mounts: container.mounts.map((mount) => ({ ...mount, volume: mount.volume?.name ?? null })).sort((a, b) => a.destination.localeCompare(b.destination)),
      }))
      .sort(byName),
  };
}

test(`what docker prints of 3 hosts with ${String(VOLUMES)} volumes and ${String(CONTAINERS)} containers each is what the gateway answers`, async () => {
  await Promise.all(stand.engines.map(fill));
  for (const engine of stand.engines) {
    const docker = await askDocker(engine);
    expect(docker.volumes).toHaveLength(VOLUMES);
    expect(docker.containers).toHaveLength(CONTAINERS);
    await eventually(
      async () => {
        expect(await askGateway(engine.name)).toEqual(docker);
      },
      { what: `${engine.name} is told as docker tells it`, timeoutMs: 5_000 },
    );
  }
  const { hosts } = await stand.gateway.query<{ hosts: { name: string; stats: Record<string, number> }[] }>(
    '{ hosts { name stats { volumes containers mounts sharedVolumes danglingVolumes } } }',
  );
  for (const { stats } of hosts) {
    // Ten containers mount a second volume, which is their neighbour's first; twelve bind a directory, nine have a tmpfs.
    expect(stats).toEqual({ volumes: 200, containers: 60, mounts: 60 + 45 + 10 + 12 + 9, sharedVolumes: 10, danglingVolumes: 200 - 45 - 60 });
  }
}, 120_000);

test('a full comparison of the same engines finds nothing more to tell', async () => {
  const before = await stand.gateway.query<{ events: { nodes: { cursor: string }[] } }>(
    '{ events(first: 500, filter: { types: [HOST_ONLINE] }) { nodes { cursor } } }',
  );
  const lastCursor = async () => {
    let after: string | null | undefined = before.events.nodes.at(-1)?.cursor;
    for (;;) {
      const { events }: { events: { pageInfo: PageInfo } } = await stand.gateway.query(
        'query ($after: String) { events(first: 500, after: $after) { pageInfo { hasNextPage endCursor } } }',
        { after },
      );
      after = events.pageInfo.endCursor ?? after;
      if (!events.pageInfo.hasNextPage) return after;
    }
  };
  const cursor = await lastCursor();
  const { syncHosts } = await stand.gateway.query<{ syncHosts: { results: { error: unknown }[] } }>(
    'mutation { syncHosts { results { host { name } error { code message } } } }',
  );
  expect(syncHosts.results.map(({ error }) => error)).toEqual([null, null, null]);
  expect(await lastCursor()).toBe(cursor);
});
