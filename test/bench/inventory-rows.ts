import type { Database } from '../../src/database/client.js';

/** How much of everything there is; spread evenly over the hosts. */
export interface InventorySize {
  readonly hosts: number;
  readonly volumes: number;
  readonly containers: number;
  /** Volume mounts: the first volumes have one more than the last ones. */
  readonly mounts: number;
}

/** What the figures of the issue and of the README are of. */
export const TWENTY_HOSTS: InventorySize = { hosts: 20, volumes: 20_000, containers: 10_000, mounts: 30_000 };

/**
 * Writes an inventory straight into the tables, as it would stand there after the hosts were watched: in seconds, where the
 * gateway's own way over events would take many minutes. The hosts are DISABLED, so that no gateway looks for their engines.
 */
export async function fillInventory(database: Database, size: InventorySize): Promise<void> {
  const { hosts, volumes, containers, mounts } = size;
  await database.$executeRaw`
    insert into host (id, name, endpoint, enabled, status, labels)
    select md5('host' || i)::uuid, 'host-' || i, 'unix:///run/docker-' || i || '.sock', false, 'DISABLED', '{"zone": "north"}'
    from generate_series(0, ${hosts}::int - 1) i`;
  await database.$executeRaw`insert into lease (host_id) select id from host`;
  await database.$executeRaw`
    insert into volume (id, host_id, name, driver, scope, mountpoint, labels, anonymous, compose_project, state, created_at, created_at_fixed,
      first_seen_at, last_mounted_at, last_used_by, last_in_use_at, size_bytes, size_measured_at, protected, share_count)
    select md5('volume' || i)::uuid, md5('host' || i % ${hosts}::int)::uuid,
      (array['data', 'cache', 'postgres', 'media', 'logs', 'config', 'uploads', 'backup'])[1 + i % 8] || '-' || substr(md5(i::text), 1, 8),
      case when i % 50 = 0 then 'nfs-plugin' else 'local' end, 'local', '/var/lib/docker/volumes/' || i || '/_data',
      jsonb_build_object('team', 'team-' || i % 40, 'tier', (array['gold', 'silver', 'bronze'])[1 + i % 3]),
      i % 10 = 9, case when i % 4 = 0 then 'project-' || i % 500 end,
      (case i % 10 when 0 then 'DANGLING' when 1 then 'IDLE' else 'IN_USE' end)::"VolumeState",
      '2026-01-01T00:00:00Z'::timestamptz + i * interval '61 seconds', true, '2026-02-01T00:00:00Z',
      case when i % 10 > 0 then '2026-03-01T00:00:00Z'::timestamptz + (i * 7919 % 1000000) * interval '17 seconds' end,
      case when i % 10 > 0 then 'app-' || i % ${containers}::int end, null,
      case when i % 3 = 0 then (i::bigint * 104729) % 50000000000 end, case when i % 3 = 0 then '2026-04-01T00:00:00Z'::timestamptz end,
      i % 97 = 0, 1 + (i < ${mounts}::int - ${volumes}::int)::int
    from generate_series(0, ${volumes}::int - 1) i`;
  await database.$executeRaw`
    insert into container (id, host_id, engine_id, name, image, state, labels, compose_project, compose_service, created_at, started_at, first_seen_at)
    select md5('container' || i)::uuid, md5('host' || i % ${hosts}::int)::uuid, md5('a' || i) || md5('b' || i), 'app-' || i, 'registry.example/app:' || i % 30,
      (case when i % 10 = 0 then 'EXITED' else 'RUNNING' end)::"ContainerState", '{"team": "team-1"}',
      case when i % 4 = 0 then 'project-' || i % 500 end, case when i % 4 = 0 then 'web' end,
      '2026-03-01T00:00:00Z'::timestamptz + i * interval '1 second', '2026-03-01T00:00:01Z'::timestamptz + i * interval '1 second', '2026-03-01T00:00:01Z'
    from generate_series(0, ${containers}::int - 1) i`;
  await database.$executeRaw`
    insert into mount (id, container_id, volume_id, volume_name, type, source, destination, read_only, propagation, origin)
    select md5('mount' || i)::uuid, md5('container' || i % ${containers}::int)::uuid, v.id, v.name, 'VOLUME', v.mountpoint,
      '/data/' || i / ${containers}::int, i % 5 = 0, '', 'DECLARED'
    from generate_series(0, ${mounts}::int - 1) i join volume v on v.id = md5('volume' || i % ${volumes}::int)::uuid`;
  await database.$executeRaw`
    insert into journal (type, source, occurred_at, host_id, host_name, volume_id, volume_name)
    select 'VOLUME_CREATED', 'ENGINE', created_at, host_id, 'host-' || i % 20, v.id, v.name
    from (select v.*, row_number() over (order by created_at) as i from volume v) v order by created_at`;
  for (const table of ['host', 'volume', 'container', 'mount', 'share', 'share_mount', 'journal']) await database.$executeRawUnsafe(`vacuum analyze ${table}`);
}
