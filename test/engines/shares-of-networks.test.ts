/** @alone Every engine of the machine asks its volume plugin; what shows is given one second. */
import { IMAGE, startEngines, type TestEngine } from '../harness/engines.js';
import { listenToEvents, readJournal } from '../harness/events.js';
import { briefly, readShares } from '../harness/shares.js';
import { startStand, type Stand } from '../harness/stand.js';
import { startVolumePlugin } from '../harness/volume-plugin.js';
import { eventually } from '../harness/wait.js';

const NAMES = ['alpha', 'beta', 'gamma'];
/** Milliseconds after a change within which the shares that it makes or ends show. */
const SHOWN_MS = 1_000;

let stand: Stand;

beforeAll(async () => {
  stand = await startStand(NAMES);
});

afterAll(async () => {
  await stand.stop();
});

afterEach(async () => {
  await Promise.all(stand.engines.map((engine) => engine.reset()));
  await eventually(
    async () => {
      expect(await shares()).toEqual([]);
    },
    { what: 'no share is left' },
  );
});

const shares = (filter: Record<string, unknown> = {}) => readShares(stand.gateway, filter);

/** Waits until these are all the shares, each as kind, identity and containers. */
async function sharesAre(...expected: string[][]): Promise<void> {
  await eventually(
    async () => {
      expect(briefly(await shares())).toEqual(expected.sort());
    },
    { what: 'these are the shares', timeoutMs: SHOWN_MS },
  );
}

/** A volume with options, and a container of it that is never started: no server is asked. */
async function mountOn(host: TestEngine, container: string, options: { type: string; o: string; device: string }, readOnly = false): Promise<void> {
  const opts = Object.entries(options).flatMap(([key, value]) => ['--opt', `${key}=${value}`]);
  await host.cli('volume', 'create', ...opts, `of-${container}`);
  await host.cli('create', '--name', container, '--network', 'none', '-v', `of-${container}:/data${readOnly ? ':ro' : ''}`, IMAGE, 'true');
}

test('one export on three hosts, however it is written, is one piece of storage', async () => {
  const [alpha, beta, gamma] = NAMES.map((name) => stand.engine(name)) as [TestEngine, TestEngine, TestEngine];
  const cursor = (await readJournal(stand.gateway)).at(-1)?.cursor;
  const told = listenToEvents(stand.gateway.client(), { after: cursor, filter: { types: ['SHARE_FORMED', 'SHARE_CHANGED', 'SHARE_DISSOLVED'] } });
  await mountOn(alpha, 'one', { type: 'nfs', o: 'addr=nas.example,rw', device: ':/export/media' });
  await mountOn(beta, 'two', { type: 'nfs4', o: 'nfsvers=4', device: 'NAS.example:/export/media/' }, true);
  await sharesAre(['NETWORK', 'nas.example:/export/media', 'one two']);
  expect(await shares()).toMatchObject([{ crossHost: true, hosts: ['alpha', 'beta'], volumes: ['of-one', 'of-two'], writers: 1, readers: 1, risks: [] }]);
  await mountOn(gamma, 'three', { type: 'nfs', o: 'rw,addr=nas.example', device: ':/export//media' });
  await sharesAre(['NETWORK', 'nas.example:/export/media', 'one three two']);
  expect(await shares({ crossHost: true, risks: ['CROSS_HOST_WRITERS'], hosts: ['gamma'] })).toMatchObject([
    { writers: 2, readers: 1, risks: ['MULTIPLE_WRITERS', 'CROSS_HOST_WRITERS'] },
  ]);
  const { containers } = await stand.gateway.query<{ containers: { nodes: unknown[] } }>(
    '{ containers(filter: { risks: [CROSS_HOST_WRITERS] }) { nodes { name shares { identity } } } }',
  );
  expect(containers.nodes).toEqual(['one', 'three', 'two'].map((name) => ({ name, shares: [{ identity: 'nas.example:/export/media' }] })));
  await beta.cli('rm', 'two');
  await gamma.cli('rm', 'three');
  await sharesAre();
  await eventually(
    () => {
      expect(told.events.map(({ type }) => type)).toEqual(['SHARE_FORMED', 'SHARE_CHANGED', 'SHARE_CHANGED', 'SHARE_DISSOLVED']);
    },
    {
      what: 'all of it is told',
    },
  );
  told.end();
});

test('an export inside another one is shared with it, and one beside it or of another server is not', async () => {
  const [alpha, beta, gamma] = NAMES.map((name) => stand.engine(name)) as [TestEngine, TestEngine, TestEngine];
  await mountOn(alpha, 'whole', { type: 'nfs', o: 'addr=nas.example', device: ':/export' });
  await mountOn(beta, 'part', { type: 'nfs', o: 'addr=nas.example', device: ':/export/media' });
  await mountOn(gamma, 'beside', { type: 'nfs', o: 'addr=nas.example', device: ':/exports' });
  await mountOn(gamma, 'elsewhere', { type: 'nfs', o: 'addr=other.example', device: ':/export' });
  await sharesAre(['NETWORK', 'nas.example:/export', 'part whole']);
});

test('a Windows share is one in any case, and what two volumes of one host mount belongs to that host', async () => {
  const alpha = stand.engine('alpha');
  await mountOn(alpha, 'lower', { type: 'cifs', o: 'username=me,password=hunter2', device: '//nas/media' });
  await mountOn(alpha, 'upper', { type: 'cifs', o: 'username=me,password=hunter2', device: '//NAS/Media' });
  await sharesAre(['NETWORK', '//nas/media', 'lower upper']);
  expect(await shares({ crossHost: false })).toMatchObject([{ hosts: ['alpha'], risks: ['MULTIPLE_WRITERS'] }]);
  expect(await shares({ crossHost: true })).toEqual([]);
});

test('what a host shared ends when the host is removed, and is found again when it comes back', async () => {
  const [alpha, beta] = [stand.engine('alpha'), stand.engine('beta')];
  await mountOn(alpha, 'one', { type: 'nfs', o: 'addr=nas.example', device: ':/export' });
  await mountOn(beta, 'two', { type: 'nfs', o: 'addr=nas.example', device: ':/export' });
  await sharesAre(['NETWORK', 'nas.example:/export', 'one two']);
  await stand.gateway.query('mutation { removeHost(input: { name: "beta" }) { removed } }');
  await sharesAre();
  await stand.gateway.query('mutation ($endpoint: String!) { addHost(input: { name: "beta", endpoint: $endpoint }) { host { status } } }', {
    endpoint: beta.endpoint,
  });
  await sharesAre(['NETWORK', 'nas.example:/export', 'one two']);
});

test('a volume of a driver with scope global is one on all hosts', async () => {
  const plugin = await startVolumePlugin('global');
  // Engines of their own, since they would wait for the driver when it is gone.
  const engines = await startEngines(['delta', 'epsilon']);
  try {
    for (const engine of engines) {
      await engine.cli('volume', 'create', '-d', plugin.name, 'everywhere');
      await engine.cli('create', '--name', `on-${engine.name}`, '--network', 'none', '-v', 'everywhere:/data', IMAGE, 'true');
      await stand.gateway.query('mutation ($input: AddHostInput!) { addHost(input: $input) { host { status } } }', {
        input: { name: engine.name, endpoint: engine.endpoint },
      });
    }
    await sharesAre(['NETWORK', 'everywhere', 'on-delta on-epsilon']);
    expect(await shares()).toMatchObject([{ crossHost: true, hosts: ['delta', 'epsilon'] }]);
  } finally {
    for (const { name } of engines) await stand.gateway.send('mutation ($name: String!) { removeHost(input: { name: $name }) { removed } }', { name });
    await Promise.all(engines.map((engine) => engine.stop()));
    await plugin.stop();
  }
});

test('what stands still without a server, an export, or a host', async () => {
  const [alpha, beta] = NAMES.map((name) => stand.engine(name)) as [TestEngine, TestEngine];
  await mountOn(alpha, 'one', { type: 'nfs', o: 'addr=nas.example,rw', device: ':/export/media' });
  await mountOn(beta, 'two', { type: 'nfs', o: 'addr=nas.example', device: ':/export/media/films' }, true);
  await mountOn(beta, 'other', { type: 'nfs', o: 'addr=nas.example', device: ':/export/mediators' });
  await mountOn(alpha, 'windows', { type: 'cifs', o: 'username=x', device: '//nas.example/Media' });
  await alpha.cli('volume', 'create', '--opt', 'type=nfs', '--opt', 'o=addr=nas.example', '--opt', 'device=:/export/media/unused', 'unused');
  await alpha.cli('create', '--name', 'web', '--network', 'none', '--label', 'com.docker.compose.project=shop', '-v', '/srv/shop/data:/data', IMAGE, 'true');
  await alpha.cli('volume', 'create', '--opt', 'type=none', '--opt', 'o=bind', '--opt', 'device=/srv/shop', 'shop');
  await sharesAre(['NETWORK', 'nas.example:/export/media', 'one two']);
  await eventually(
    async () => {
      expect(await impact({ host: 'alpha' })).toEqual({
        containers: ['one', 'web', 'windows'],
        volumes: ['of-one', 'of-windows', 'shop', 'unused'],
        shares: ['nas.example:/export/media'],
        composeProjects: ['shop'],
      });
    },
    { what: 'all of it is known' },
  );
  const media = { containers: ['one', 'two'], volumes: ['of-one', 'of-two', 'unused'], shares: ['nas.example:/export/media'], composeProjects: [] };
  for (const storage of ['nas.example:/export/media', 'NAS.example:/export//media/']) expect(await impact({ storage })).toEqual(media);
  expect(await impact({ storage: 'nas.example:/export/media/films' })).toEqual({ ...media, volumes: ['of-one', 'of-two'] });
  expect(await impact({ storage: 'Nas.Example' })).toEqual({
    ...media,
    containers: ['one', 'other', 'two', 'windows'],
    volumes: ['of-one', 'of-other', 'of-two', 'of-windows', 'unused'],
  });
  expect(await impact({ storage: '//NAS.example/media' })).toEqual({ containers: ['windows'], volumes: ['of-windows'], shares: [], composeProjects: [] });
  expect(await impact({ storage: '/srv/shop' })).toEqual({ containers: ['web'], volumes: ['shop'], shares: [], composeProjects: ['shop'] });
  expect(await impact({ storage: '/srv/shop/data/today' })).toEqual({ containers: ['web'], volumes: ['shop'], shares: [], composeProjects: ['shop'] });
  expect(await impact({ storage: 'of-one' })).toEqual({ ...media, containers: ['one'], volumes: ['of-one'] });
  for (const storage of ['/srv/sho', 'nas.example:/export/med', 'nas', '', '//', '%%', 'x\\y'])
    expect([storage, await stand.gateway.codeOf(IMPACT, { storage })]).toEqual([storage, 'NOT_FOUND']);
  expect(await stand.gateway.codeOf(IMPACT, { host: 'nobody' })).toBe('NOT_FOUND');
  for (const both of [{}, { host: 'alpha', storage: 'nas.example' }]) expect(await stand.gateway.codeOf(IMPACT, both)).toBe('BAD_USER_INPUT');
});

const IMPACT =
  'query ($host: String, $storage: String) { impact(host: $host, storage: $storage) { containers { name } volumes { name } shares { identity } composeProjects } }';

/** What stands still, by name. */
async function impact(without: { host?: string; storage?: string }) {
  interface Named {
    name: string;
  }
  const answer = await stand.gateway.query<{ impact: { containers: Named[]; volumes: Named[]; shares: { identity: string }[]; composeProjects: string[] } }>(
    IMPACT,
    without,
  );
  return {
    containers: answer.impact.containers.map(({ name }) => name),
    volumes: answer.impact.volumes.map(({ name }) => name),
    shares: answer.impact.shares.map(({ identity }) => identity),
    composeProjects: answer.impact.composeProjects,
  };
}
