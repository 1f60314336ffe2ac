import { readSettings, SettingsError } from '../src/config.js';

test('with no variables everything has its default, and an empty variable counts as none', () => {
  const settings = readSettings({});
  expect(settings).toMatchObject({
    bind: '127.0.0.1',
    port: 4000,
    auth: 'token',
    hosts: undefined,
    databaseUrl: undefined,
    logLevel: 'info',
    resyncIntervalMs: 300_000,
  });
  expect(readSettings({ DATABASE_URL: '', STOWAGE_HOSTS: '', STOWAGE_PORT: '' })).toEqual(settings);
});

test('hosts are read with their names', () => {
  expect(readSettings({ STOWAGE_HOSTS: 'a=unix:///a.sock, b=tcp://b:2376' }).hosts).toEqual([
    { name: 'a', endpoint: 'unix:///a.sock' },
    { name: 'b', endpoint: 'tcp://b:2376' },
  ]);
});

test('host paths that ADMIN may mount are all, some or none', () => {
  expect(readSettings({}).allowedHostPaths).toBeUndefined();
  expect(readSettings({ STOWAGE_ALLOWED_HOST_PATHS: '/srv/data, /mnt' }).allowedHostPaths).toEqual(['/srv/data', '/mnt']);
  expect(readSettings({ STOWAGE_ALLOWED_HOST_PATHS: 'none' }).allowedHostPaths).toEqual([]);
});

test('registries that engines may pull from are those by default, some, any or none', () => {
  expect(readSettings({}).allowedRegistries).toBeUndefined();
  expect(readSettings({ STOWAGE_ALLOWED_REGISTRIES: 'docker.io, ghcr.io,registry:5000,[::1]:5000' }).allowedRegistries).toEqual([
    'docker.io',
    'ghcr.io',
    'registry:5000',
    '[::1]:5000',
  ]);
  expect(readSettings({ STOWAGE_ALLOWED_REGISTRIES: '*' }).allowedRegistries).toEqual(['*']);
  expect(readSettings({ STOWAGE_ALLOWED_REGISTRIES: 'none' }).allowedRegistries).toEqual([]);
});

test.each([
  [{ STOWAGE_ALLOWED_REGISTRIES: 'ghcr.io/team' }, /STOWAGE_ALLOWED_REGISTRIES/],
  [{ STOWAGE_ALLOWED_REGISTRIES: 'https://ghcr.io' }, /STOWAGE_ALLOWED_REGISTRIES/],
  [{ STOWAGE_ALLOWED_HOST_PATHS: '/srv,data' }, /STOWAGE_ALLOWED_HOST_PATHS/],
  [{ STOWAGE_PORT: '70000' }, /STOWAGE_PORT/],
  [{ STOWAGE_PORT: '4e3' }, /STOWAGE_PORT/],
  [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL/],
  [{ STOWAGE_HOSTS: 'a=' }, /STOWAGE_HOSTS/],
  [{ STOWAGE_HOSTS: 'unix:///a.sock' }, /STOWAGE_HOSTS/],
  [{ STOWAGE_ADMIN_TOKEN: 'short' }, /STOWAGE_ADMIN_TOKEN/],
  [{ STOWAGE_SENSITIVE_PATHS: 'srv/keys' }, /STOWAGE_SENSITIVE_PATHS/],
  [{ STOWAGE_SENSITIVE_PATHS: `/srv,/${'a'.repeat(4_095)}` }, /STOWAGE_SENSITIVE_PATHS/],
  [{ STOWAGE_SENSITIVE_PATHS: `/${'ü'.repeat(2_048)}` }, /STOWAGE_SENSITIVE_PATHS/],
  [{ STOWAGE_LOG_LEVEL: 'loud' }, /STOWAGE_LOG_LEVEL/],
  [{ STOWAGE_AUTH: 'none', STOWAGE_BIND: '0.0.0.0' }, /loopback/],
  [{ STOWAGE_AUTH: 'none', STOWAGE_BIND: '127.evil.example' }, /loopback/],
  [{ STOWAGE_PORT: 'x', STOWAGE_AUTH: 'y' }, /STOWAGE_PORT[^]*STOWAGE_AUTH/],
])('%j is refused with the name of what is wrong', (variables, named) => {
  expect(() => readSettings(variables)).toThrow(SettingsError);
  expect(() => readSettings(variables)).toThrow(named);
});

test('a wrong secret is not repeated', () => {
  expect(() => readSettings({ STOWAGE_ADMIN_TOKEN: 'hunter2' })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('hunter2') as string }) as Error,
  );
});
