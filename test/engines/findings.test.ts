import { rm } from 'node:fs/promises';
import path from 'node:path';
import { IMAGE, type TestEngine } from '../harness/engines.js';
import { startStand, type Stand } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

interface ToldFinding {
  kind: string;
  message: string;
  since: string;
  hosts: { name: string }[];
  volumes: { name: string }[];
  containers: { name: string }[];
  share: { identity: string } | null;
}

let stand: Stand;

beforeAll(async () => {
  stand = await startStand(['alpha', 'beta'], { environment: { STOWAGE_SENSITIVE_PATHS: '/srv/keys' } });
});

afterAll(async () => {
  await stand.stop();
});

const FIELDS = 'kind message since hosts { name } volumes { name } containers { name } share { identity }';
const names = (list: { name: string }[]) =>
  list
    .map(({ name }) => name)
    .sort()
    .join(' ');

/** All findings, each as kind, hosts, volumes, containers and identity of the share. */
async function findings(variables: { kinds?: string[]; hosts?: string[] } = {}): Promise<string[]> {
  const { findings } = await stand.gateway.query<{ findings: { nodes: ToldFinding[]; totalCount: number } }>(
    `query ($kinds: [FindingKind!], $hosts: [String!]) { findings(first: 100, kinds: $kinds, hosts: $hosts) { nodes { ${FIELDS} } totalCount } }`,
    variables,
  );
  expect(findings.totalCount).toBe(findings.nodes.length);
  return findings.nodes
    .map(({ kind, hosts, volumes, containers, share }) => [kind, names(hosts), names(volumes), names(containers), share?.identity ?? ''].join(' | '))
    .sort();
}

test('what someone should look at is listed as long as it is so, and no longer', async () => {
  const [alpha, beta] = ['alpha', 'beta'].map((name) => stand.engine(name)) as [TestEngine, TestEngine];
  const nfs = (engine: TestEngine, name: string, o: string) =>
    engine.cli('volume', 'create', '--opt', 'type=nfs', '--opt', `o=${o}`, '--opt', 'device=:/export/media', name);
  const mount = (engine: TestEngine, name: string, ...mounts: string[]) =>
    engine.cli('create', '--name', name, '--network', 'none', ...mounts.flatMap((each) => ['-v', each]), IMAGE, 'true');
  await nfs(alpha, 'media', 'addr=nas.example,rw,nfsvers=4');
  await nfs(beta, 'films', 'nfsvers=3,addr=NAS.example');
  await nfs(beta, 'same', 'nfsvers=4,rw,addr=nas.example');
  await mount(alpha, 'player', 'media:/m');
  await mount(beta, 'cutter', 'films:/m');
  await mount(alpha, 'root', '/var/run/docker.sock:/var/run/docker.sock:ro');
  await mount(alpha, 'keys', '/srv/keys/tls:/keys', '/etc/localtime:/etc/localtime');
  await mount(alpha, 'one', 'data:/d');
  await mount(alpha, 'two', 'data:/d');
  await mount(alpha, 'reader', 'data:/d:ro');
  await alpha.cli('volume', 'create', '--opt', 'type=cifs', '--opt', 'o=username=u,password=geheim', '--opt', 'device=//nas/x', 'windows');
  const all = [
    'CROSS_HOST_WRITERS | alpha beta | films media | cutter player | nas.example:/export/media',
    'ENGINE_SOCKET | alpha |  | root | ',
    'MULTIPLE_WRITERS | alpha beta | films media | cutter player | nas.example:/export/media',
    'MULTIPLE_WRITERS | alpha | data | one reader two | data',
    'OPTION_DRIFT | alpha beta | films media same |  | ',
    'PLAIN_SECRET | alpha | windows |  | ',
    'SENSITIVE_PATH | alpha |  | keys | ',
  ].sort();
  await eventually(
    async () => {
      expect(await findings()).toEqual(all);
    },
    { what: 'all of it is found' },
  );
  const ofBeta = all.filter((line) => line.includes('beta'));
  expect(await findings({ hosts: ['beta'] })).toEqual(ofBeta);
  expect(await findings({ kinds: ['PLAIN_SECRET', 'ENGINE_SOCKET'] })).toEqual(all.filter((line) => /^(PLAIN_SECRET|ENGINE_SOCKET)/.test(line)));
  expect(await findings({ kinds: [] })).toEqual([]);
  expect(await findings({ hosts: ['nobody'] })).toEqual([]);

  const paged: ToldFinding[] = [];
  for (let after: string | null = null, more = true; more;) {
    const { findings }: { findings: { nodes: ToldFinding[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } = await stand.gateway.query(
      `query ($after: String) { findings(first: 3, after: $after) { nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    paged.push(...findings.nodes);
    after = findings.pageInfo.endCursor;
    more = findings.pageInfo.hasNextPage;
  }
  expect(paged).toHaveLength(all.length);
  expect(JSON.stringify(paged)).not.toContain('geheim');
  for (const { message, since } of paged) expect([message.length > 20, Date.parse(since) > Date.parse('2020-01-01')]).toEqual([true, true]);

  await alpha.cli('rm', 'player', 'root', 'keys', 'two');
  await alpha.cli('volume', 'rm', 'media', 'windows');
  await eventually(
    async () => {
      expect(await findings()).toEqual(['OPTION_DRIFT | beta | films same |  | ']);
    },
    { what: 'none outlives its cause' },
  );
  await beta.cli('rm', 'cutter');
  await beta.cli('volume', 'rm', 'films');
  await eventually(
    async () => {
      expect(await findings()).toEqual([]);
    },
    { what: 'nothing is left' },
  );
});

test('a volume that its host lost under a container is found missing, until there is one again', async () => {
  const beta = stand.engine('beta');
  await beta.cli('create', '--name', 'holder', '--network', 'none', '-v', 'precious:/data', '-v', 'other:/other', IMAGE, 'true');
  await eventually(
    async () => {
      const { volumes } = await stand.gateway.query<{ volumes: { nodes: { name: string }[] } }>(
        '{ volumes(first: 10, filter: { hosts: ["beta"], names: ["precious", "other"] }) { nodes { name } } }',
      );
      expect(names(volumes.nodes)).toBe('other precious');
    },
    { what: 'both volumes are known' },
  );
  expect(await findings({ kinds: ['STORAGE_MISSING'] })).toEqual([]);
  // An engine forgets a volume of its own driver when the directory is gone at its start.
  await beta.kill();
  await rm(path.join(beta.dataRoot, 'volumes/precious'), { recursive: true });
  await beta.start();
  await eventually(
    async () => {
      expect(await findings({ kinds: ['STORAGE_MISSING'] })).toEqual(['STORAGE_MISSING | beta | precious | holder | ']);
    },
    { what: 'it is found missing', timeoutMs: 30_000 },
  );
  await beta.cli('volume', 'create', 'precious');
  await eventually(
    async () => {
      expect(await findings({ kinds: ['STORAGE_MISSING'] })).toEqual([]);
    },
    { what: 'it is there again' },
  );
  await beta.cli('rm', 'holder');
});

test('one name on several hosts with other options is found, and one with the same options in another order is not', async () => {
  const [alpha, beta] = [stand.engine('alpha'), stand.engine('beta')];
  const nfs = (engine: TestEngine, name: string, device: string, o: string) =>
    engine.cli('volume', 'create', '--opt', 'type=nfs', '--opt', `o=${o}`, '--opt', `device=${device}`, name);
  await alpha.cli('volume', 'create', '--opt', 'type=tmpfs', '--opt', 'device=tmpfs', '--opt', 'o=size=1m', 'settings');
  await beta.cli('volume', 'create', 'settings');
  await nfs(alpha, 'films', ':/export/films', 'addr=nas.example,rw,nfsvers=4');
  await nfs(beta, 'films', 'nas.example:/export/films/', 'nfsvers=4,addr=nas.example,rw');
  await nfs(alpha, 'music', ':/export/music', 'addr=nas.example');
  await nfs(beta, 'music', ':/export/musik', 'addr=nas.example');
  await eventually(
    async () => {
      expect(await findings({ kinds: ['OPTION_DRIFT'] })).toEqual([
        'OPTION_DRIFT | alpha beta | music music |  | ',
        'OPTION_DRIFT | alpha beta | settings settings |  | ',
      ]);
    },
    { what: 'both are found' },
  );
  await beta.cli('volume', 'rm', 'settings', 'music');
  await eventually(
    async () => {
      expect(await findings({ kinds: ['OPTION_DRIFT'] })).toEqual([]);
    },
    { what: 'none outlives its cause' },
  );
});
