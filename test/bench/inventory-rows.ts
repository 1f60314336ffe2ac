import pg from 'pg';
import { Prisma } from '../../src/database/client.js';

/** How much of everything there is; spread evenly over the hosts. */
export interface InventorySize {
  readonly hosts: number;
  readonly volumes: number;
  readonly containers: number;
  /** Volume mounts: half as many again as volumes, at most. */
  readonly mounts: number;
}

/** Volumes of a compose project, and containers, about: a fourth of all are in one. */
const PROJECT_SIZE = 60;

/** What the figures of the issue and of the README are of. */
export const TWENTY_HOSTS: InventorySize = { hosts: 20, volumes: 20_000, containers: 10_000, mounts: 30_000 };

/**
 * Writes an inventory straight into the tables, as it would stand there after the hosts were watched: in seconds, where the
 * gateway's own way over events would take many minutes. The hosts are not enabled, so that no gateway looks for their engines, and stand there as they were when
 * they were watched.
 */
export async function fillInventory(url: string, size: InventorySize): Promise<void> {
  await unhurried(url, (write) => writeInventory(write, size));
}

async function writeInventory(write: Write, size: InventorySize): Promise<void> {
  const { hosts, volumes, containers, mounts } = size;
  await write(Prisma.sql`
    insert into host (id, name, endpoint, enabled, status, watched_since, compared_epoch, labels)
    select md5('host' || i)::uuid, 'host-' || i, 'unix:///run/docker-' || i || '.sock', false, 'ONLINE', now() - interval '30 years', 0, '{"zone": "north"}'
    from generate_series(0, ${hosts}::int - 1) i`);
  await write(Prisma.sql`insert into gateway (id, expires_at) values (md5('watcher')::uuid, now() + interval '30 years')`);
  await write(Prisma.sql`insert into lease (host_id, holder) select id, md5('watcher')::uuid from host`);
  await write(Prisma.sql`
    insert into volume (id, host_id, name, driver, scope, mountpoint, labels, anonymous, compose_project, state, created_at, created_at_fixed,
      first_seen_at, last_mounted_at, last_used_by, last_in_use_at, size_bytes, size_measured_at, protected, share_count)
    select md5('volume' || i)::uuid, md5('host' || i % ${hosts}::int)::uuid,
      case when ${dice(1, 10)} = 9 then md5('name' || i) || md5('of' || i)
        else (array['auth', 'billing', 'chat', 'docs', 'events', 'files', 'git', 'mail', 'orders', 'search', 'users', 'web'])[1 + ${dice(2, 12)}]
          || (array['_', '-', '.'])[1 + ${dice(3, 3)}]
          || (array['data', 'cache', 'postgres', 'media', 'logs', 'config', 'uploads', 'backup'])[1 + ${dice(4, 8)}] || '-' || substr(md5(i::text), 1, 8) end,
      case when ${dice(5, 20)} = 0 then 'nfs-plugin' else 'local' end, 'local', '/var/lib/docker/volumes/' || i || '/_data',
      jsonb_build_object('team', 'team-' || ${dice(6, 8)}, 'tier', (array['gold', 'silver', 'bronze'])[1 + ${dice(7, 3)}]),
      ${dice(1, 10)} = 9, case when ${dice(8, 4)} = 0 then 'project-' || ${dice(9, Math.ceil(volumes / PROJECT_SIZE / 4))} end,
      (case ${dice(10, 10)} when 0 then 'DANGLING' when 1 then 'IDLE' else 'IN_USE' end)::"VolumeState",
      '2026-01-01T00:00:00Z'::timestamptz + i * interval '61 seconds', true, '2026-02-01T00:00:00Z',
      case when ${dice(10, 10)} > 0 or ${dice(18, 3)} > 0 then '2026-03-01T00:00:00Z'::timestamptz + ${dice(11, 1_000_000)} * interval '17 seconds' end,
      case when ${dice(10, 10)} > 0 or ${dice(18, 3)} > 0 then 'app-' || i % ${containers}::int end, null,
      case when ${dice(12, 3)} = 0 then ${dice(13, 1_000_000)} * 50000 end, case when ${dice(12, 3)} = 0 then '2026-04-01T00:00:00Z'::timestamptz end,
      ${dice(14, 20)} = 0, 1
    from generate_series(0, ${volumes}::int - 1) i`);
  await write(Prisma.sql`
    insert into container (id, host_id, engine_id, name, image, state, labels, compose_project, compose_service, created_at, started_at, first_seen_at)
    select md5('container' || i)::uuid, md5('host' || i % ${hosts}::int)::uuid, md5('a' || i) || md5('b' || i), 'app-' || i || '.1', 'registry.example/app:' || i % 30,
      (case when ${dice(15, 10)} = 0 then 'EXITED' else 'RUNNING' end)::"ContainerState", '{"team": "team-1"}',
      case when ${dice(16, 4)} = 0 then 'project-' || ${dice(17, Math.ceil(containers / PROJECT_SIZE / 4))} end, case when ${dice(16, 4)} = 0 then 'web' end,
      '2026-03-01T00:00:00Z'::timestamptz + i * interval '1 second', '2026-03-01T00:00:01Z'::timestamptz + i * interval '1 second', '2026-03-01T00:00:01Z'
    from generate_series(0, ${containers}::int - 1) i`);
  await write(Prisma.sql`
    insert into mount (id, container_id, volume_id, volume_name, type, source, destination, read_only, propagation, origin)
    select md5('mount' || i)::uuid, md5('container' || i % ${containers}::int)::uuid, v.id, v.name, 'VOLUME', v.mountpoint,
      '/data/' || i / ${containers}::int, i % 5 = 0, '', 'DECLARED'
    from generate_series(0, ${volumes}::int - 1) i join volume v on v.id = md5('volume' || i)::uuid`);
  // Up to half of the volumes have a second container of their host.
  await write(Prisma.sql`
    insert into mount (id, container_id, volume_id, volume_name, type, source, destination, read_only, propagation, origin)
    select md5('second' || i)::uuid, md5('container' || (3 * i + ${hosts}::int) % ${containers}::int)::uuid, v.id, v.name, 'VOLUME', v.mountpoint,
      '/shared/' || i, i % 5 = 0, '', 'DECLARED'
    from generate_series(0, ${mounts}::int - ${volumes}::int - 1) i join volume v on v.id = md5('volume' || 3 * i % ${volumes}::int)::uuid`);
  await write(Prisma.sql`update volume set share_count = 2 where id in (select volume_id from mount where destination like '/shared/%')`);
  await write(Prisma.sql`
    insert into journal (type, source, occurred_at, host_id, host_name, volume_id, volume_name)
    select 'VOLUME_CREATED', 'ENGINE', created_at, host_id, 'host-' || i % 20, v.id, v.name
    from (select v.*, row_number() over (order by created_at) as i from volume v) v order by created_at`);
}

/** What is rare in an inventory, beside what {@link fillInventory} makes. */
export async function fillWithExceptions(url: string, size: InventorySize): Promise<void> {
  await unhurried(url, (write) => writeExceptions(write, size));
}

async function writeExceptions(write: Write, size: InventorySize): Promise<void> {
  // A twentieth more volumes and containers that are history.
  await write(Prisma.sql`
    insert into volume (id, host_id, name, driver, scope, mountpoint, labels, anonymous, state, created_at, created_at_fixed, first_seen_at, removed_at)
    select md5('gone' || i)::uuid, md5('host' || i % ${size.hosts}::int)::uuid, 'gone-' || substr(md5(i::text), 1, 8), 'local', 'local', '/gone', '{"team": "team-1"}',
      false, 'REMOVED', '2025-01-01T00:00:00Z'::timestamptz + i * interval '61 seconds', true, '2025-02-01T00:00:00Z', '2025-03-01T00:00:00Z'
    from generate_series(0, ${size.volumes}::int / 20 - 1) i`);
  await write(Prisma.sql`
    insert into container (id, host_id, engine_id, name, image, state, labels, created_at, first_seen_at, removed_at)
    select md5('left' || i)::uuid, md5('host' || i % ${size.hosts}::int)::uuid, md5('c' || i) || md5('d' || i), 'left-' || i, 'registry.example/app:1', 'REMOVED',
      '{}', '2025-03-01T00:00:00Z', '2025-03-01T00:00:01Z', '2025-03-02T00:00:00Z'
    from generate_series(0, ${size.containers}::int / 20 - 1) i`);
  await write(Prisma.sql`update volume set name = 'web_data' where id = md5('volume42')::uuid`);
  await write(Prisma.sql`update mount set volume_name = 'web_data' where volume_id = md5('volume42')::uuid`);
  await write(Prisma.sql`update journal set volume_name = 'web_data' where volume_id = md5('volume42')::uuid`);
  // A few that are like no other.
  await write(Prisma.sql`
    update volume set driver = 'rare-driver', compose_project = 'rare-project', labels = labels || '{"rare": "yes"}', size_bytes = 900000000000, size_measured_at = now()
    where id in (select md5('volume' || i * 300)::uuid from generate_series(1, 5) i)`);
  await write(Prisma.sql`
    update container set state = 'DEAD', compose_project = 'rare-project', labels = labels || '{"rare": "yes"}'
    where id in (select md5('container' || i * 150)::uuid from generate_series(1, 5) i)`);
  // Every third container has a directory of its host, a few have the engine's socket, one a sensitive path.
  await write(Prisma.sql`
    insert into mount (id, container_id, type, source, destination, read_only, propagation, origin)
    select md5('bind' || i)::uuid, md5('container' || i * 3)::uuid, 'BIND',
      case when i in (7, 70) then '/var/run/docker.sock' when i = 77 then '/etc/shadow' else '/srv/app-' || i end, '/bound', false, 'rprivate', 'DECLARED'
    from generate_series(0, ${size.containers}::int / 3 - 1) i`);
  // Volumes that two containers mount are shared; a hundredth of the shares is of a path, a few reach over hosts.
  await write(Prisma.sql`
    insert into share (id, kind, identity, host_id, volume_id, formed_at, multiple_writers)
    select md5('share' || v.id)::uuid, 'VOLUME', v.name, v.host_id, v.id, '2026-03-01T00:00:02Z', true
    from volume v where v.removed_at is null and v.share_count >= 2`);
  await write(Prisma.sql`
    insert into share_mount (share_id, mount_id) select s.id, m.id from share s join mount m on m.volume_id = s.volume_id`);
  await write(Prisma.sql`
    insert into share (id, kind, identity, host_id, formed_at, multiple_writers)
    select md5('path' || i)::uuid, 'BIND_PATH', case when i = 3 then '/etc/rare' else '/srv/shared-' || i end, md5('host' || i % ${size.hosts}::int)::uuid,
      '2026-03-01T00:00:02Z', false
    from generate_series(0, ${size.volumes}::int / 200 - 1) i`);
  await write(Prisma.sql`
    insert into share (id, kind, identity, formed_at, cross_host_writers, space, path)
    select md5('network' || i)::uuid, 'NETWORK', 'nas.example:/export/' || i, '2026-03-01T00:00:02Z', i = 2, 'nfs nas.example', 'export/' || i
    from generate_series(0, 9) i`);
  await write(Prisma.sql`
    insert into journal (type, source, occurred_at, host_id, host_name, container_name)
    select 'HOST_ONLINE', 'GATEWAY'::"EventSource", now(), md5('host1')::uuid, 'host-1', null union all
    select 'CONTAINER_RENAMED', 'ENGINE'::"EventSource", now(), md5('host1')::uuid, 'host-1', 'rare-container'`);
}

/** A whole number from 0 to `sides` - 1 for row `i`, as if thrown, and the same each time; `throwing` tells the throws of a row apart. */
function dice(throwing: number, sides: number): Prisma.Sql {
  return Prisma.sql`(abs(hashint8(i::bigint * 64 + ${Prisma.raw(String(throwing))})::bigint) % ${Prisma.raw(String(sides))})`;
}

type Write = (statement: Prisma.Sql) => Promise<unknown>;

/** Writes over a connection that takes its time, then has the database look at what is there. */
async function unhurried(url: string, work: (write: Write) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(({ text, values }) => client.query(text, values));
    for (const table of ['host', 'volume', 'container', 'mount', 'share', 'share_mount', 'journal']) await client.query(`vacuum analyze ${table}`);
  } finally {
    await client.end();
  }
}
