import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readSettings, SettingsError } from '../src/config.js';
import { settingsSchema } from '../src/settings-schema.js';
import { variableOf } from '../src/settings-sources.js';
import { makeTestFolder } from './harness/test-folder.js';

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
    { name: 'a', endpoint: 'unix:///a.sock', labels: {}, enabled: true, credentials: {} },
    { name: 'b', endpoint: 'tcp://b:2376', labels: {}, enabled: true, credentials: {} },
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
  [{ DATABASE_URL: 'postgresql://stowage:secret@db:port/stowage' }, /DATABASE_URL: must be a PostgreSQL URL/],
  [{ STOWAGE_BIND: 'http://0.0.0.0' }, /STOWAGE_BIND/],
  [{ STOWAGE_BIND: '10.0.0.256' }, /STOWAGE_BIND/],
  [{ STOWAGE_METRICS_BIND: '0.0.0.0:9464' }, /STOWAGE_METRICS_BIND/],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /OTEL_EXPORTER_OTLP_ENDPOINT/],
  [{ STOWAGE_HOSTS: 'a=tcp://a,a=tcp://b' }, /STOWAGE_HOSTS: "a" stands there twice/],
  [{ STOWAGE_HOSTS: 'a=' }, /STOWAGE_HOSTS/],
  [{ STOWAGE_HOSTS: '__proto__=tcp://a' }, /STOWAGE_HOSTS: __proto__ can be the name of nothing/],
  [{ STOWAGE_HOSTS: 'unix:///a.sock' }, /STOWAGE_HOSTS/],
  [{ STOWAGE_HOSTS: 'a=http://a' }, /STOWAGE_HOSTS/],
  [{ STOWAGE_HOSTS: '-a=unix:///a.sock' }, /STOWAGE_HOSTS/],
  [{ STOWAGE_TLS_CERT: '/cert.pem' }, /STOWAGE_TLS_CERT.*STOWAGE_TLS_KEY/],
  [{ STOWAGE_JWT_ISSUER: 'i', STOWAGE_PORT: 'x' }, /STOWAGE_PORT[^]*STOWAGE_JWT_ISSUER.*STOWAGE_JWT_JWKS_URL and STOWAGE_JWT_AUDIENCE/],
  [{ STOWAGE_JWT_ROLES: 'admins=BOSS' }, /STOWAGE_JWT_ROLES/],
  [{ STOWAGE_TRUSTED_PROXIES: '10.0.0.0/33' }, /STOWAGE_TRUSTED_PROXIES/],
  [{ STOWAGE_ADMIN_TOKEN: 'short' }, /STOWAGE_ADMIN_TOKEN/],
  [{ STOWAGE_ADMIN_TOKEN: 'long enough, with a line end\r' }, /STOWAGE_ADMIN_TOKEN/],
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

describe('the file', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await makeTestFolder('settings');
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const file = async (text: string) => {
    const name = path.join(folder, 'stowage.yaml');
    await writeFile(name, text);
    return name;
  };
  const faultsOf = (read: () => unknown): readonly string[] => {
    try {
      read();
    } catch (error) {
      if (error instanceof SettingsError) return error.faults.map((fault) => fault.replaceAll(`${folder}/`, ''));
      throw error;
    }
    throw new Error('the settings were taken');
  };

  test('gives every setting under the name of its variable, and a variable goes before it', async () => {
    const name = await file(`
databaseUrl: postgresql://stowage@db/stowage
dataDir: data
port: 4100
logLevel: warn
allowedHostPaths: []
trustedProxies: [10.0.0.0/8]
jwtRoles: { bosses: ADMIN }
maxDepth:
`);
    const settings = readSettings({ STOWAGE_PORT: '4200' }, name);
    expect(settings).toMatchObject({
      configFile: name,
      databaseUrl: 'postgresql://stowage@db/stowage',
      dataDir: path.join(folder, 'data'),
      port: 4200,
      logLevel: 'warn',
      allowedHostPaths: [],
      hosts: undefined,
      hostsFile: undefined,
    });
    expect(settings.web.trustedProxies).toEqual(['10.0.0.0/8']);
    expect(settings.limits.depth).toBe(15);
    expect(readSettings({ STOWAGE_CONFIG: name })).toEqual({ ...settings, port: 4100 });
  });

  test('declares hosts with labels and keys, which lie beside it, and says when volumes are backed up', async () => {
    await mkdir(path.join(folder, 'keys'));
    await writeFile(path.join(folder, 'keys/gamma'), 'the key of gamma');
    const name = await file(`
hosts:
  alpha: { endpoint: unix:///var/run/docker.sock, labels: { site: cellar } }
  gamma:
    endpoint: ssh://docker@gamma
    enabled: false
    ssh: { privateKey: keys/gamma, passphrase: open }
backupPolicies:
  - { volumes: ['db-*'], hosts: [alpha], cron: '0 3 * * *', quiesce: PAUSE, keepDaily: 7 }
`);
    const settings = readSettings({}, name);
    expect(settings.hostsFile).toBe(name);
    expect(settings.hosts).toEqual([
      { name: 'alpha', endpoint: 'unix:///var/run/docker.sock', labels: { site: 'cellar' }, enabled: true, credentials: {} },
      {
        name: 'gamma',
        endpoint: 'ssh://docker@gamma',
        labels: {},
        enabled: false,
        credentials: { ssh: { privateKey: 'the key of gamma', passphrase: 'open' } },
      },
    ]);
    expect(settings.backupPolicies).toEqual([
      { volumes: ['db-*'], hosts: ['alpha'], cron: '0 3 * * *', quiesce: 'PAUSE', keepLast: 7, keepDaily: 7, keepWeekly: 0 },
    ]);
    expect(readSettings({ STOWAGE_HOSTS: 'beta=tcp://beta:2375' }, name)).toMatchObject({ hosts: [{ name: 'beta' }], hostsFile: undefined });
  });

  test('and whatever is wrong in it, and in the environment, is told at once, with its place and what would be right', async () => {
    const name = await file(`
prot: 4000
maxDepth: deep
adminToken: 12345678901234567890
tlsKey: key.pem
hosts:
  alpha:
    endpoint: http://alpha
    label: { site: cellar }
  beta:
    endpoint: tcp://beta
    tls: { ca: missing.pem }
  "-c": { endpoint: tcp://c }
backupPolicies:
  - { volumes: [a], cron: sometimes }
`);
    expect(faultsOf(() => readSettings({ STOWAGE_AUTH: 'maybe' }, name))).toEqual([
      'stowage.yaml:2 prot: is no setting; did you mean port?',
      'stowage.yaml:9 hosts.alpha.label: is no setting; did you mean labels?',
      expect.stringMatching(/^stowage.yaml:8 hosts.alpha.endpoint: .* Use unix:\/\//),
      `stowage.yaml:12 hosts.beta.tls.ca: must name a file that can be read, and missing.pem cannot (ENOENT)`,
      expect.stringMatching(/^stowage.yaml:13 hosts.-c: the name "-c" is no name/),
      expect.stringMatching(/^stowage.yaml:15 backupPolicies\[0\].cron: cron "sometimes" is no cron expression/),
      'stowage.yaml:4 adminToken: must be a text; put it in quotes',
      'STOWAGE_AUTH: must be one of token, none',
      'stowage.yaml:3 maxDepth: must be a whole number from 1 to 100',
      'stowage.yaml:5 tlsKey: belongs together with STOWAGE_TLS_CERT, which is not set',
    ]);
    await file('hosts:\n  e:\n');
    expect(faultsOf(() => readSettings({}, name))).toEqual([expect.stringMatching(/^stowage.yaml:2 hosts.e: must be a map with an endpoint/)]);
  });

  test('must be there when it is named, and be YAML', async () => {
    expect(faultsOf(() => readSettings({}, path.join(folder, 'none.yaml')))).toEqual(['--config: none.yaml cannot be read (ENOENT)']);
    const name = await file('hosts:\n  a: { endpoint: tcp://a }\n  a: { endpoint: tcp://b }\n');
    expect(faultsOf(() => readSettings({ STOWAGE_CONFIG: name }))).toEqual([expect.stringMatching(/^stowage.yaml:3: is no YAML here: .*unique/)]);
    await file('- port');
    expect(faultsOf(() => readSettings({}, name))).toEqual(['stowage.yaml: must be a map of settings, such as "port: 4000"']);
    await file('');
    expect(readSettings({}, name).port).toBe(4000);
    await file('hosts:\n  __proto__: { endpoint: tcp://a }\nx-a:\n  - "__proto__": 1\n');
    expect(faultsOf(() => readSettings({}, name))).toEqual([2, 4].map((line) => `stowage.yaml:${String(line)}: __proto__ can be the name of nothing`));
    await file('hosts:\n  a: *nobody\n');
    expect(faultsOf(() => readSettings({}, name))).toEqual([expect.stringMatching(/^stowage.yaml: is no YAML that can be read: Unresolved alias/)]);
    const tenOf = (what: string) => `[${Array.from({ length: 10 }, () => what).join(', ')}]`;
    await file(`x-a: &a ${tenOf('x')}\nx-b: &b ${tenOf('*a')}\nx-c: &c ${tenOf('*b')}\nx-d: ${tenOf('*c')}\n`);
    expect(faultsOf(() => readSettings({}, name))).toEqual([expect.stringMatching(/^stowage.yaml: is no YAML that can be read: Excessive alias count/)]);
  });

  test('is not read on and on when something else was named', async () => {
    expect(faultsOf(() => readSettings({}, '/dev/zero'))).toEqual([expect.stringMatching(/^--config: \/dev\/zero is no file of settings: it has more than/)]);
    await writeFile(path.join(folder, 'stowage.yaml'), new Uint8Array([0x62, 0x69, 0x6e, 0x64, 0x3a, 0xff]));
    expect(faultsOf(() => readSettings({}, path.join(folder, 'stowage.yaml')))).toEqual(['--config: stowage.yaml is no text in UTF-8']);
  });

  test('may say once what several hosts have, as compose files do', async () => {
    const name = await file(`
x-cellar: &cellar { labels: { site: cellar } }
hosts:
  a: { <<: *cellar, endpoint: tcp://a }
  b: { <<: *cellar, endpoint: tcp://b }
`);
    expect(readSettings({}, name).hosts).toMatchObject(['a', 'b'].map((host) => ({ name: host, labels: { site: 'cellar' } })));
  });

  test.each(['max_depth', 'MaxDepth', 'STOWAGE_MAX_DEPTH', 'max-depth'])('%s is known for maxDepth', async (written) => {
    const name = await file(`${written}: 3\n`);
    expect(faultsOf(() => readSettings({}, name))).toEqual([`stowage.yaml:1 ${written}: is no setting; did you mean maxDepth?`]);
  });
});

test('a variable that is nearly a setting is told of, and what orchestrators make of names of services is not', () => {
  expect(readSettings({ STOWAGE_PROT: '4000', STOWAGE_SERVICE_HOST: '10.0.0.1', STOWAGE_URL: 'http://a' }).warnings).toEqual([
    'STOWAGE_PROT is no setting; did you mean STOWAGE_PORT?',
  ]);
});

test('every setting is in docs/settings.md, and what that names is a setting', async () => {
  const docs = await readFile(new URL('../docs/settings.md', import.meta.url), 'utf8');
  const told = new Set([...docs.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) => cell.match(/\b(STOWAGE_[A-Z_]+|DATABASE_URL)\b/g) ?? []));
  const variables = Object.keys(settingsSchema('.'))
    .filter((key) => key !== 'backupPolicies')
    .map(variableOf);
  expect([...told].sort()).toEqual(variables.sort());
});

test('the file in docs/operating.md is right, but for the keys, which are not there', async () => {
  const docs = await readFile(new URL('../docs/operating.md', import.meta.url), 'utf8');
  const folder = await makeTestFolder('settings');
  try {
    const name = path.join(folder, 'stowage.yaml');
    await writeFile(name, /```yaml\n([^]*?)```/.exec(docs)?.[1] ?? '');
    expect(() => readSettings({}, name)).toThrow(
      expect.objectContaining({ faults: Array.from({ length: 4 }, () => expect.stringMatching(/keys\/\S+ cannot \(ENOENT\)$/) as string) }) as Error,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
