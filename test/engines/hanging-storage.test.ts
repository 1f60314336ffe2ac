/** @alone Every engine of the machine asks its volume plugin, and waits for it. */
import { startEngine, IMAGE, type TestEngine } from '../harness/engines.js';
import { readJournal } from '../harness/events.js';
import { startGateway, type TestGateway } from '../harness/gateway.js';
import { readAll } from '../harness/lists.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { startVolumePlugin, type VolumePlugin } from '../harness/volume-plugin.js';
import { eventually } from '../harness/wait.js';

/** Milliseconds within which everything else shows that happens on the host. */
const SHOWN_MS = 4_000;
/** Seconds that the gateway waits for an answer of an engine. */
const ENGINE_TIMEOUT_SECONDS = 6;
/** Seconds that one change on a host may take. */
const HOST_DEADLINE_SECONDS = 2;

let plugin: VolumePlugin;
let engine: TestEngine;
let gateway: TestGateway;

beforeAll(async () => {
  plugin = await startVolumePlugin('global');
  engine = await startEngine({ name: 'alpha' });
  gateway = await startGateway({
    hosts: { alpha: engine.endpoint },
    environment: { STOWAGE_ENGINE_TIMEOUT_SECONDS: String(ENGINE_TIMEOUT_SECONDS), STOWAGE_HOST_DEADLINE_SECONDS: String(HOST_DEADLINE_SECONDS) },
  });
  await hostsAre(gateway, 'ONLINE');
});

afterAll(async () => {
  await gateway.stop();
  await engine.stop();
  await plugin.stop();
  await proveNothingIsLeft();
});

const RUN = 'mutation ($input: RunContainerInput!) { runContainer(input: $input) { container { engineId state } } }';

const stateOf = async (name: string) =>
  (await gateway.query<{ container: { state: string } | null }>('query ($name: String!) { container(host: "alpha", name: $name) { state } }', { name }))
    .container?.state;

test('a storage server that hangs holds up what waits for it, and nothing else of its host', async () => {
  await engine.cli('volume', 'create', '-d', plugin.name, 'remote');
  // More than are looked at together.
  const stuck = Array.from({ length: 12 }, (_, index) => `stuck-${String(index)}`);
  await Promise.all(stuck.map((name) => engine.cli('run', '-d', '--name', name, '--network', 'none', '-v', 'remote:/data', IMAGE, 'sleep', '600')));
  await eventually(
    async () => {
      expect(await Promise.all(stuck.map(stateOf))).toEqual(stuck.map(() => 'RUNNING'));
    },
    { what: 'all are known' },
  );
  plugin.hang('Mount');
  // The engine tells that they have stopped, and then holds them until their volume is mounted: whoever asks for one of
  // them waits with it (moby/moby#41427).
  const restarting = stuck.map((name) => engine.docker.getContainer(name).restart({ t: 0 }));
  await eventually(
    async () => {
      await expect(engine.docker.getContainer('stuck-0').inspect({ abortSignal: AbortSignal.timeout(300) })).rejects.toThrow();
    },
    { what: 'the engine does not answer for it' },
  );
  const run = { host: 'alpha', name: 'new', image: IMAGE, network: 'none', command: ['sleep', '600'], idempotencyKey: 'held up' };
  const running = { ...run, mounts: [{ type: 'VOLUME', source: 'remote', destination: '/data' }] };
  const started = gateway.send<{ runContainer: { container: { engineId: string; state: string } } }>(RUN, { input: running });
  const refused = gateway.codeOf('mutation { stopContainer(input: { container: { host: "alpha", name: "stuck-0" } }) { container { state } } }');
  for (const round of ['1', '2', '3']) {
    await engine.cli('volume', 'create', `near-${round}`);
    await engine.cli('run', '-d', '--name', `free-${round}`, '--network', 'none', '-v', `near-${round}:/data`, IMAGE, 'sleep', '600');
    await eventually(
      async () => {
        expect(await stateOf(`free-${round}`)).toBe('RUNNING');
      },
      { what: 'another container shows', timeoutMs: SHOWN_MS },
    );
    const began = performance.now();
    const { createVolume } = await gateway.query<{ createVolume: { results: { created: boolean; error: unknown }[] } }>(
      'mutation ($name: String!) { createVolume(input: { hosts: ["alpha"], name: $name }) { results { created error { code } } } }',
      { name: `made-${round}` },
    );
    expect(createVolume.results).toEqual([{ created: true, error: null }]);
    expect(performance.now() - began).toBeLessThan(SHOWN_MS);
  }
  expect(await refused).toBe('HOST_TIMEOUT');
  expect((await started).errors).toMatchObject([{ message: expect.stringContaining('was made and is there') as string, extensions: { code: 'HOST_TIMEOUT' } }]);
  expect(await gateway.query('{ hosts { status } }')).toEqual({ hosts: [{ status: 'ONLINE' }] });

  plugin.mend();
  await Promise.all(restarting);
  await eventually(
    async () => {
      expect(await Promise.all(stuck.map(stateOf))).toEqual(stuck.map(() => 'RUNNING'));
    },
    { what: 'what was held up goes on' },
  );
  const { data } = await gateway.send<{ runContainer: { container: { engineId: string; state: string } } }>(RUN, { input: running });
  expect(data.runContainer.container.state).toBe('RUNNING');
  expect(await engine.cli('ps', '-a', '--no-trunc', '--filter', 'name=new', '--format', '{{.ID}}')).toBe(`${data.runContainer.container.engineId}\n`);
  await engine.reset();
}, 60_000);

test('volumes that hang while they are removed cost their own results, and those after them are removed', async () => {
  // As many as are removed at once.
  const stuck = Array.from({ length: 8 }, (_, index) => `stuck-${String(index)}`);
  await Promise.all(stuck.map((name) => engine.cli('volume', 'create', '-d', plugin.name, name)));
  const free = ['free-1', 'free-2'];
  await Promise.all(free.map((name) => engine.cli('volume', 'create', name)));
  plugin.hang('Remove');
  const { removeVolumes } = await gateway.query<{ removeVolumes: { results: { removed: boolean; error: { code: string } | null }[] } }>(
    'mutation ($volumes: [VolumeRef!]!) { removeVolumes(input: { volumes: $volumes }) { results { removed error { code } } } }',
    { volumes: [...stuck, ...free].map((name) => ({ host: 'alpha', name })) },
  );
  expect(removeVolumes.results).toEqual([
    ...stuck.map(() => ({ removed: false, error: { code: 'HOST_TIMEOUT' } })),
    ...free.map(() => ({ removed: true, error: null })),
  ]);
  plugin.mend();
  await eventually(
    async () => {
      expect(await engine.cli('volume', 'ls', '-q')).toBe('');
    },
    { what: 'the engine has removed what hung' },
  );
  await engine.reset();
});

test('volumes of a driver that answers with an error are never taken for removed', async () => {
  const volumesAre = (...names: string[]) =>
    eventually(
      async () => {
        const known = await readAll<{ name: string }>(gateway, 'volumes', 'name', { filter: { states: ['IN_USE', 'IDLE', 'DANGLING'] } });
        expect(known.map(({ name }) => name).sort()).toEqual(names);
      },
      { what: `the volumes are ${names.join(', ')}` },
    );
  const compare = () => gateway.query('mutation { syncHosts { results { error { code } } } }');
  await engine.cli('volume', 'create', '-d', plugin.name, 'remote');
  await engine.cli('volume', 'create', 'near');
  await volumesAre('near', 'remote');
  const cursor = (await readJournal(gateway)).at(-1)?.cursor;
  plugin.breakDown();
  expect((await engine.docker.listVolumes()).Warnings.join(' ')).toContain(plugin.name);
  await compare();
  await engine.cli('volume', 'rm', 'near');
  await volumesAre('remote');
  plugin.mend();
  await compare();
  expect((await readJournal(gateway, cursor)).map(({ type, volumeName }) => [type, volumeName])).toEqual([['VOLUME_REMOVED', 'near']]);
  await engine.cli('volume', 'rm', 'remote');
  await volumesAre();
});
