/** @alone What shows is given one second. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { IMAGE, type TestEngine } from '../harness/engines.js';
import { listenToEvents, readJournal } from '../harness/events.js';
import { briefly, readShares, type ShownShare } from '../harness/shares.js';
import { startStand, type Stand } from '../harness/stand.js';
import { makeTestFolder } from '../harness/test-folder.js';
import { eventually } from '../harness/wait.js';

/** Milliseconds after a change within which the shares that it makes or ends show. */
const SHOWN_MS = 1_000;

let stand: Stand;
let alpha: TestEngine;
/** A real directory in which the containers' directories lie. */
let base: string;

beforeAll(async () => {
  base = await makeTestFolder('binds');
  stand = await startStand(['alpha'], { environment: { STOWAGE_SENSITIVE_PATHS: `${base}/vault` } });
  alpha = stand.engine('alpha');
});

afterAll(async () => {
  await rm(base, { recursive: true, force: true });
  await stand.stop();
});

afterEach(async () => {
  await alpha.reset();
  await eventually(
    async () => {
      expect(await shares()).toEqual([]);
    },
    { what: 'no share is left' },
  );
});

/** The shares that a filter takes, with paths below the base as `BASE/…`. */
async function shares(filter: Record<string, unknown> = {}): Promise<ShownShare[]> {
  return (await readShares(stand.gateway, filter)).map((share) => ({ ...share, identity: share.identity.replace(base, 'BASE') }));
}

/** Waits until these are all the shares, each as kind, identity and containers. */
async function sharesAre(...expected: string[][]): Promise<void> {
  await eventually(
    async () => {
      expect(briefly(await shares())).toEqual(expected.sort());
    },
    { what: 'these are the shares', timeoutMs: SHOWN_MS },
  );
}

const create = (name: string, ...flags: string[]) => alpha.cli('create', '--name', name, '--network', 'none', ...flags, IMAGE, 'true');
const at = (...parts: string[]) => path.join(base, ...parts);

test('one directory in two containers is shared, from when the second one comes until it goes', async () => {
  const cursor = (await readJournal(stand.gateway)).at(-1)?.cursor;
  const told = listenToEvents(stand.gateway.client(), { after: cursor, filter: { types: ['SHARE_FORMED', 'SHARE_CHANGED', 'SHARE_DISSOLVED'] } });
  await create('one', '-v', `${at('srv')}:/data`);
  await create('two', '-v', `${at('srv')}:/data:ro`);
  await sharesAre(['BIND_PATH', 'BASE/srv', 'one two']);
  expect(await shares()).toMatchObject([{ crossHost: false, writers: 1, readers: 1, risks: [], volumes: [] }]);
  await create('three', '-v', `${at('srv')}/./:/elsewhere`);
  await sharesAre(['BIND_PATH', 'BASE/srv', 'one three two']);
  expect(await shares()).toMatchObject([{ writers: 2, readers: 1, risks: ['MULTIPLE_WRITERS'] }]);
  await alpha.cli('rm', 'two', 'three');
  await sharesAre();
  await eventually(
    () => {
      expect(told.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['SHARE_FORMED', 'SHARE_CHANGED', 'SHARE_DISSOLVED']));
    },
    {
      what: 'it is told',
    },
  );
  expect(told.events[0]?.type).toBe('SHARE_FORMED');
  expect(told.events.at(-1)?.type).toBe('SHARE_DISSOLVED');
  told.end();
});

test('a directory inside another one is shared with it, and one beside it is not', async () => {
  await create('outer', '-v', `${at('srv')}:/data`);
  await create('inner', '-v', `${at('srv', 'app', 'data')}:/data`);
  await create('beside', '-v', `${at('srv-2')}:/data`);
  await sharesAre(['BIND_PATH', 'BASE/srv', 'inner outer']);
  expect(await shares()).toMatchObject([{ writers: 2, risks: ['MULTIPLE_WRITERS'] }]);
  await create('deeper', '-v', `${at('srv', 'app', 'data', 'x')}:/data:ro`);
  await sharesAre(['BIND_PATH', 'BASE/srv', 'deeper inner outer'], ['BIND_PATH', 'BASE/srv/app/data', 'deeper inner']);
  // With the outer one gone the inner ones are what they have in common.
  await alpha.cli('rm', 'outer');
  await sharesAre(['BIND_PATH', 'BASE/srv/app/data', 'deeper inner']);
  expect(await shares()).toMatchObject([{ writers: 1, readers: 1, risks: [] }]);
});

test('two that write to different parts of what a third one only reads do not meet', async () => {
  await create('reader', '-v', `${at('srv')}:/data:ro`);
  await create('left', '-v', `${at('srv', 'left')}:/data`);
  await create('right', '-v', `${at('srv', 'right')}:/data`);
  await sharesAre(['BIND_PATH', 'BASE/srv', 'left reader right']);
  expect(await shares()).toMatchObject([{ writers: 2, readers: 1, risks: [] }]);
});

test("a bind mount that reaches into a volume's own directory shares it", async () => {
  await create('user', '-v', 'data:/data');
  const { Mountpoint } = await alpha.docker.getVolume('data').inspect();
  await create('intruder', '-v', `${path.dirname(Mountpoint)}:/x`);
  await eventually(
    async () => {
      expect((await shares()).map(({ kind, containers, volumes }) => [kind, containers, volumes])).toEqual([['BIND_PATH', ['intruder', 'user'], ['data']]]);
    },
    {
      what: 'they share',
      timeoutMs: SHOWN_MS,
    },
  );
  const { volume } = await stand.gateway.query<{ volume: { shares: unknown[] } }>('{ volume(host: "alpha", name: "data") { shareCount shares { kind } } }');
  expect(volume).toEqual({ shareCount: 1, shares: [{ kind: 'BIND_PATH' }] });
  const shared = await stand.gateway.query('{ volumes(filter: { shared: true }) { nodes { name } } host(name: "alpha") { stats { sharedVolumes } } }');
  expect(shared).toEqual({ volumes: { nodes: [{ name: 'data' }] }, host: { stats: { sharedVolumes: 1 } } });
});

test('a volume that binds a directory is shared with a bind mount of it, with another such volume, and with itself as the volume it is', async () => {
  const bound = async (name: string, options: string) => {
    await alpha.cli('volume', 'create', '--opt', 'type=none', '--opt', `o=${options}`, '--opt', `device=${at('shared')}`, name);
  };
  await bound('first', 'bind');
  await bound('second', 'bind,ro');
  await create('by-first', '-v', 'first:/data');
  await create('by-path', '-v', `${at('shared')}:/data:ro`);
  await sharesAre(['BIND_PATH', 'BASE/shared', 'by-first by-path']);
  await create('by-second', '-v', 'second:/data');
  await sharesAre(['BIND_PATH', 'BASE/shared', 'by-first by-path by-second']);
  // What a read-only volume gives is only read.
  expect(await shares()).toMatchObject([{ writers: 2, risks: [], volumes: ['first', 'second'] }]);
  await create('again', '-v', 'first:/data');
  await sharesAre(['BIND_PATH', 'BASE/shared', 'again by-first by-path by-second'], ['VOLUME', 'first', 'again by-first']);
});

test('one container, one volume, and memory are shared with nobody', async () => {
  await create('twice', '-v', `${at('srv')}:/a`, '-v', `${at('srv')}:/b`);
  await create('memory-1', '--tmpfs', '/data', '--mount', 'type=tmpfs,destination=/more');
  await create('memory-2', '--tmpfs', '/data', '--mount', 'type=tmpfs,destination=/more');
  await create('user', '-v', 'data:/data');
  await eventually(
    async () => {
      const { containers } = await stand.gateway.query<{ containers: { totalCount: number } }>('{ containers { totalCount } }');
      expect(containers.totalCount).toBe(4);
    },
    { what: 'all containers are known' },
  );
  expect(await shares()).toEqual([]);
  // Two containers of one volume share that volume, and no path.
  await create('other', '-v', 'data:/data');
  await sharesAre(['VOLUME', 'data', 'other user']);
});

test('who has the socket of an engine or a sensitive directory is found, alone or among others', async () => {
  await create('socket', '-v', '/var/run/docker.sock:/var/run/docker.sock');
  await create('etc', '-v', '/etc:/host-etc:ro');
  await create('time', '-v', '/etc/localtime:/etc/localtime:ro');
  await create('vault-1', '-v', `${at('vault', 'keys')}:/keys:ro`);
  await create('vault-2', '-v', `${at('vault', 'keys')}:/keys:ro`);
  await create('plain', '-v', `${at('srv')}:/data`);
  const found = async (risk: string) => {
    const { containers } = await stand.gateway.query<{ containers: { nodes: { name: string; risks: string[] }[] } }>(
      'query ($risks: [ShareRisk!]) { containers(filter: { risks: $risks }) { nodes { name risks } } }',
      { risks: [risk] },
    );
    for (const container of containers.nodes) expect(container.risks).toContain(risk);
    return containers.nodes.map(({ name }) => name);
  };
  await sharesAre(['BIND_PATH', '/etc', 'etc time'], ['BIND_PATH', 'BASE/vault/keys', 'vault-1 vault-2']);
  await eventually(
    async () => {
      expect(await found('ENGINE_SOCKET')).toEqual(['socket']);
    },
    { what: 'the socket is found' },
  );
  expect(await found('SENSITIVE_PATH')).toEqual(['etc', 'vault-1', 'vault-2']);
  expect(await found('MULTIPLE_WRITERS')).toEqual([]);
  const sensitive = await shares({ risks: ['SENSITIVE_PATH'] });
  expect(sensitive.map(({ identity }) => identity).sort()).toEqual(['/etc', 'BASE/vault/keys']);
  expect(sensitive.map(({ risks }) => risks)).toEqual([['SENSITIVE_PATH'], ['SENSITIVE_PATH']]);
  expect(await shares({ risks: ['ENGINE_SOCKET', 'MULTIPLE_WRITERS'] })).toEqual([]);
  expect(await shares({ kinds: ['BIND_PATH'], hosts: ['alpha'], crossHost: false })).toHaveLength(2);
  expect(await shares({ crossHost: true })).toEqual([]);
});
