import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startEngines, type TestEngine } from '../harness/engines.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

let engines: TestEngine[];
let folder: string;
let config: string;
let gateway: TestGateway;

beforeAll(async () => {
  folder = await makeTestFolder('declared');
  config = path.join(folder, 'stowage.yaml');
  engines = await startEngines(['alpha', 'beta']);
  await declare('alpha', 'beta');
  gateway = await startGateway({ environment: { STOWAGE_CONFIG: config } });
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(engines.map((engine) => engine.stop()));
  await rm(folder, { recursive: true, force: true });
  await proveNothingIsLeft();
});

/** Writes a file that declares these engines, and backups of volumes whose names begin with db. */
async function declare(...names: string[]): Promise<void> {
  const lines = engines
    .filter(({ name }) => names.includes(name))
    .map(({ name, endpoint }) => `  ${name}: { endpoint: "${endpoint}", labels: { site: cellar } }`);
  await writeFile(config, `hosts:\n${lines.join('\n')}\nbackupPolicies:\n  - { volumes: ['db-*'], cron: '0 3 * * *' }\nlogLevel: info\n`);
}

const HOSTS = '{ hosts { name status declared declaredIn labels { key value } volumes { nodes { name backupPolicy { cron declared } } } } }';

test('hosts of the file are watched; SIGHUP takes the file up anew, and what is wrong with it then changes nothing', async () => {
  await hostsAre(gateway, 'ONLINE');
  await engines[0]?.cli('volume', 'create', 'db-one');
  await engines[1]?.cli('volume', 'create', 'kept');
  await eventually(
    async () => {
      expect(JSON.stringify(await gateway.query(HOSTS))).toMatch(/db-one.*kept/);
    },
    { what: 'the volumes show' },
  );

  await writeFile(config, 'hosts: { alpha: { endpoint: nowhere } }\n');
  gateway.process.kill('SIGHUP');
  await eventually(
    () => {
      expect(gateway.output()).toMatch(/cannot be taken up/);
    },
    { what: 'the fault is logged' },
  );
  expect(gateway.output()).toMatch(/hosts\.alpha\.endpoint/);
  await hostsAre(gateway, 'ONLINE');

  await declare('alpha');
  gateway.process.kill('SIGHUP');
  await hostsAre(gateway, 'DISABLED', 'beta');
  await eventually(
    async () => {
      expect(await gateway.query(HOSTS)).toEqual({
        hosts: [
          {
            name: 'alpha',
            status: 'ONLINE',
            declared: true,
            declaredIn: config,
            labels: [{ key: 'site', value: 'cellar' }],
            volumes: { nodes: [{ name: 'db-one', backupPolicy: { cron: '0 3 * * *', declared: true } }] },
          },
          {
            name: 'beta',
            status: 'DISABLED',
            declared: false,
            declaredIn: null,
            labels: [{ key: 'site', value: 'cellar' }],
            volumes: { nodes: [{ name: 'kept', backupPolicy: null }] },
          },
        ],
      });
    },
    { what: 'what is known of beta stays, and the policy is given' },
  );
});

test('what the file declares is changed there and not through the API, which may remove what it declares no more', async () => {
  const change = 'mutation ($input: UpdateHostInput!) { updateHost(input: $input) { host { name } } }';
  expect((await gateway.send(change, { input: { name: 'alpha', labels: [] } })).errors).toMatchObject([
    { extensions: { code: 'CONFLICT' }, message: expect.stringContaining(`declared in ${config}`) as string },
  ]);
  expect(await gateway.codeOf('mutation { removeHost(input: { name: "alpha" }) { removed } }')).toBe('CONFLICT');
  const refused = await gateway.send(
    'mutation { setBackupPolicy(input: { volume: { host: "alpha", name: "db-one" }, keepLast: 3, cron: "0 4 * * *" }) { policy { cron } } }',
  );
  // OPERATOR may ask for it, too, and is not told where the gateway has its file.
  expect(refused.errors).toMatchObject([{ extensions: { code: 'CONFLICT' }, message: expect.not.stringContaining(config) as string }]);
  expect(await gateway.query('mutation { removeHost(input: { name: "beta" }) { removed } }')).toEqual({ removeHost: { removed: true } });
});
