-- Data as the first version of Stowage left it, in the tables of its one migration.
insert into host (id, name, endpoint, enabled, status, labels, engine, last_synced_at) values
  ('0190a0a0-0000-7000-8000-000000000001', 'alpha', 'unix:///nonexistent/alpha.sock', true, 'ONLINE', '{"site": "cellar"}',
   '{"id": "a", "version": "20.10.24", "apiVersion": "1.41", "os": "linux", "arch": "amd64"}', '2026-11-22T10:00:00Z'),
  ('0190a0a0-0000-7000-8000-000000000002', 'beta', 'tcp://192.0.2.1:2375', false, 'DISABLED', '{}', null, null);

insert into volume (id, host_id, name, driver, scope, mountpoint, options, labels, anonymous, state, created_at, first_seen_at, removed_at,
  last_mounted_at, last_used_by, size_bytes, size_measured_at, protected, annotations, share_count) values
  ('0190a0a0-0000-7000-8000-000000000011', '0190a0a0-0000-7000-8000-000000000001', 'data', 'local', 'local', '/var/lib/docker/volumes/data/_data',
   '{}', '{"team": "blue"}', false, 'IN_USE', '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', null, '2026-11-20T00:00:00Z', 'reader', 123456,
   '2026-11-21T00:00:00Z', true, '{"owner": "blue"}', 2),
  ('0190a0a0-0000-7000-8000-000000000012', '0190a0a0-0000-7000-8000-000000000001', 'logs', 'local', 'local', '/var/lib/docker/volumes/logs/_data',
   '{"type": "nfs", "device": ":/export/logs", "o": "addr=192.0.2.9,rw"}', '{}', false, 'IN_USE', null, '2026-11-01T00:00:00Z', null, null, null, null,
   null, false, '{}', 1),
  ('0190a0a0-0000-7000-8000-000000000013', '0190a0a0-0000-7000-8000-000000000001', 'gone', 'local', 'local', '/var/lib/docker/volumes/gone/_data',
   '{}', '{}', false, 'REMOVED', '2026-10-01T00:00:00Z', '2026-10-01T00:00:00Z', '2026-10-02T00:00:00Z', null, null, null, null, false, '{}', 0),
  ('0190a0a0-0000-7000-8000-000000000014', '0190a0a0-0000-7000-8000-000000000002', 'cache', 'local', 'local', '/var/lib/docker/volumes/cache/_data',
   '{}', '{}', false, 'DANGLING', '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', null, null, null, null, null, false, '{}', 0);

insert into container (id, host_id, engine_id, name, image, state, labels, compose_project, compose_service, created_at, started_at, first_seen_at) values
  ('0190a0a0-0000-7000-8000-000000000021', '0190a0a0-0000-7000-8000-000000000001', repeat('a', 64), 'writer', 'shop:1', 'RUNNING',
   '{"com.docker.compose.project": "shop"}', 'shop', 'writer', '2026-11-01T00:00:00Z', '2026-11-01T00:00:01Z', '2026-11-01T00:00:00Z'),
  ('0190a0a0-0000-7000-8000-000000000022', '0190a0a0-0000-7000-8000-000000000001', repeat('b', 64), 'reader', 'shop:1', 'EXITED',
   '{}', null, null, '2026-11-01T00:00:00Z', null, '2026-11-01T00:00:00Z');

insert into mount (id, container_id, volume_id, volume_name, type, source, destination, read_only, origin) values
  ('0190a0a0-0000-7000-8000-000000000031', '0190a0a0-0000-7000-8000-000000000021', '0190a0a0-0000-7000-8000-000000000011', 'data', 'VOLUME',
   '/var/lib/docker/volumes/data/_data', '/data', false, 'DECLARED'),
  ('0190a0a0-0000-7000-8000-000000000032', '0190a0a0-0000-7000-8000-000000000022', '0190a0a0-0000-7000-8000-000000000011', 'data', 'VOLUME',
   '/var/lib/docker/volumes/data/_data', '/data', true, 'DECLARED'),
  ('0190a0a0-0000-7000-8000-000000000033', '0190a0a0-0000-7000-8000-000000000021', '0190a0a0-0000-7000-8000-000000000012', 'logs', 'VOLUME',
   '/var/lib/docker/volumes/logs/_data', '/logs', false, 'DECLARED');

insert into share (id, kind, identity, host_id, volume_id, formed_at) values
  ('0190a0a0-0000-7000-8000-000000000041', 'VOLUME', 'data', '0190a0a0-0000-7000-8000-000000000001', '0190a0a0-0000-7000-8000-000000000011',
   '2026-11-01T00:00:00Z');
insert into share_mount (share_id, mount_id) values
  ('0190a0a0-0000-7000-8000-000000000041', '0190a0a0-0000-7000-8000-000000000031'),
  ('0190a0a0-0000-7000-8000-000000000041', '0190a0a0-0000-7000-8000-000000000032');

insert into journal (type, source, occurred_at, recorded_at, host_id, host_name, volume_id, volume_name, actor) values
  ('HOST_ADDED', 'GATEWAY', now(), now(), '0190a0a0-0000-7000-8000-000000000001', 'alpha', null, null, 'someone'),
  ('VOLUME_CREATED', 'ENGINE', now(), now(), '0190a0a0-0000-7000-8000-000000000001', 'alpha', '0190a0a0-0000-7000-8000-000000000011', 'data', null),
  ('VOLUME_REMOVED', 'ENGINE', now(), now(), '0190a0a0-0000-7000-8000-000000000001', 'alpha', '0190a0a0-0000-7000-8000-000000000013', 'gone', null);
