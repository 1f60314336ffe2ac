import { driverNamed, readLoadedDrivers, readManagedDrivers } from '../../src/engine/volume-drivers.js';

/** As the API's reference shows it (v1.41, GET /plugins), with further plugins in it and without what is not read. */
const PLUGINS = [
  {
    Id: '5724e2c8652da337ab2eedd19fc6fc0ec908e4bd907c7421bf6a8dfc70c4c078',
    Name: 'tiborvass/sample-volume-plugin:1',
    Enabled: true,
    Config: { Interface: { Types: [{ Prefix: 'docker', Capability: 'VolumeDriver', Version: '1.0' }], Socket: 'plugins.sock' } },
  },
  // As engines write it.
  { Name: 'vieux/sshfs:latest', Enabled: true, Config: { Interface: { Types: ['docker.volumedriver/1.0'], Socket: 'sshfs.sock' } } },
  { Name: 'asleep:latest', Enabled: false, Config: { Interface: { Types: ['docker.authz/1.0', 'docker.volumedriver/1.0'] } } },
  { Name: 'weave:latest', Enabled: true, Config: { Interface: { Types: ['docker.networkdriver/1.0'] } } },
  { Name: 'broken', Enabled: true, Config: null },
];

test('plugins that an engine runs are volume drivers when they say so, enabled or not', () => {
  expect(readManagedDrivers(PLUGINS)).toEqual([
    { name: 'tiborvass/sample-volume-plugin:1', enabled: true },
    { name: 'vieux/sshfs:latest', enabled: true },
    { name: 'asleep:latest', enabled: false },
  ]);
  for (const nonsense of [undefined, null, {}, 'x', [null, 7]]) expect(readManagedDrivers(nonsense)).toEqual([]);
});

test('other drivers are those that the engine has loaded', () => {
  expect(readLoadedDrivers({ Plugins: { Volume: ['local', 'nas'], Network: ['bridge'] } })).toEqual([
    { name: 'local', enabled: true },
    { name: 'nas', enabled: true },
  ]);
  expect(readLoadedDrivers({ Plugins: { Volume: null } })).toEqual([]);
});

test.each([
  ['vieux/sshfs', 'vieux/sshfs:latest'],
  ['vieux/sshfs:latest', 'vieux/sshfs:latest'],
  ['tiborvass/sample-volume-plugin:1', 'tiborvass/sample-volume-plugin:1'],
  ['tiborvass/sample-volume-plugin', undefined],
  ['registry.example:5000/nas', undefined],
  ['nas', 'nas'],
  ['both', 'both:latest'],
])('%s is the driver %s', (asked, name) => {
  const others = ['local', 'nas', 'both', 'both:latest'].map((each) => ({ name: each, enabled: true }));
  expect(driverNamed([...readManagedDrivers(PLUGINS), ...others], asked)?.name).toBe(name);
});
