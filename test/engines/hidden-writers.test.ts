/** @alone Every engine of the machine asks its volume plugin, and waits for it. */
import { rm } from 'node:fs/promises';
import { IMAGE, startEngines, type TestEngine } from '../harness/engines.js';
import { startGateway, TEST_SECRET, type TestGateway } from '../harness/gateway.js';
import { finished } from '../harness/operations.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { startVolumePlugin, type VolumePlugin } from '../harness/volume-plugin.js';
import { eventually } from '../harness/wait.js';

// Storage that is one on two hosts, one of which a token is not for.

/** It lives as long as the engines: one that had a driver waits for it whenever it looks for a volume that is not there. */
let plugin: VolumePlugin;
let engines: TestEngine[];
let beta: TestEngine;
let gateway: TestGateway;
let folder: string;

beforeAll(async () => {
  [engines, plugin, folder] = await Promise.all([startEngines(['alpha', 'beta']), startVolumePlugin('global'), makeTestFolder('store')]);
  beta = engines[1] as TestEngine;
  gateway = await startGateway({
    hosts: Object.fromEntries(engines.map(({ name, endpoint }) => [name, endpoint])),
    environment: { STOWAGE_BACKUPS: `file://${folder}/backups` },
  });
  await hostsAre(gateway, 'ONLINE');
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(engines.map((engine) => engine.stop()));
  await plugin.stop();
  await rm(folder, { recursive: true, force: true });
  await proveNothingIsLeft();
});

const stateOf = async (id: string) => (await beta.cli('inspect', '-f', '{{.State.Status}}', id)).trim();

test('containers of hosts that are hidden from a token are not paused for it, and it is told no name of them', async () => {
  for (const engine of engines) await engine.cli('volume', 'create', '-d', plugin.name, 'everywhere');
  const writer = (await beta.cli('run', '-d', '--name', 'secret-name', '--network', 'none', '-v', 'everywhere:/v', IMAGE, 'sleep', '1000')).trim();
  const { createToken } = await gateway.query<{ createToken: { secret: string } }>(
    'mutation { createToken(input: { name: "for alpha", role: OPERATOR, hosts: ["alpha"] }) { secret } }',
  );
  const asked = async (secret: string) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({
        query: 'mutation { backupVolume(input: { volume: { host: "alpha", name: "everywhere" }, quiesce: PAUSE }) { operation { id } } }',
      }),
    });
    const { data } = (await response.json()) as { data: { backupVolume: { operation: { id: string } } } };
    return finished(gateway, data.backupVolume.operation.id);
  };
  await eventually(
    async () => {
      const { containers } = await gateway.query<{ containers: { totalCount: number } }>('{ containers(filter: { hosts: ["beta"] }) { totalCount } }');
      expect(containers.totalCount).toBe(1);
    },
    { what: 'the writer is known' },
  );
  const since = String(Date.now() / 1000);
  const refused = await asked(createToken.secret);
  expect(refused).toMatchObject({ state: 'FAILED', backup: null, error: { code: 'FORBIDDEN' } });
  expect(refused.error?.message).not.toMatch(/secret-name|beta/);
  expect(await stateOf(writer)).toBe('running');
  const now = String(Math.ceil(Date.now() / 1000));
  expect(await beta.cli('events', '--since', since, '--until', now, '--filter', 'event=pause')).toBe('');
  expect(await asked(TEST_SECRET)).toMatchObject({ state: 'SUCCEEDED', backup: { consistent: true } });
});
