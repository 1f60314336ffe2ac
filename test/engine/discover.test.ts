import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { discoverEngine } from '../../src/engine/discover.js';
import { makeTestFolder } from '../harness/test-folder.js';

let home: string;

beforeEach(async () => {
  home = await makeTestFolder('home');
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

/** Writes a context as `docker context create` does. */
async function makeContext(name: string, endpoint: string, tls: Record<string, string> = {}): Promise<void> {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = path.join(home, '.docker/contexts/meta', id);
  await mkdir(meta, { recursive: true });
  await writeFile(path.join(meta, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker: { Host: endpoint, SkipTLSVerify: false } } }));
  const keys = path.join(home, '.docker/contexts/tls', id, 'docker');
  await mkdir(keys, { recursive: true });
  for (const [file, text] of Object.entries(tls)) await writeFile(path.join(keys, file), text);
}

const useContext = (name: string) => writeFile(path.join(home, '.docker/config.json'), JSON.stringify({ currentContext: name }));

test('DOCKER_HOST comes first, also in its short form', async () => {
  await makeContext('remote', 'tcp://remote.example:2376');
  await useContext('remote');
  expect(await discoverEngine({ HOME: home, DOCKER_HOST: 'unix:///run/mine.sock' })).toEqual({
    endpoint: 'unix:///run/mine.sock',
    credentials: {},
    source: 'DOCKER_HOST',
  });
  expect(await discoverEngine({ HOME: home, DOCKER_HOST: 'engine.example:2375' })).toMatchObject({ endpoint: 'tcp://engine.example:2375' });
});

test('DOCKER_HOST with DOCKER_TLS_VERIFY takes the keys of DOCKER_CERT_PATH', async () => {
  for (const name of ['ca', 'cert', 'key']) await writeFile(path.join(home, `${name}.pem`), `the ${name}`);
  const variables = { HOME: home, DOCKER_HOST: 'tcp://engine.example:2376', DOCKER_CERT_PATH: home };
  expect(await discoverEngine({ ...variables, DOCKER_TLS_VERIFY: '1' })).toMatchObject({
    credentials: { tls: { ca: 'the ca', cert: 'the cert', key: 'the key' } },
  });
  expect(await discoverEngine(variables)).toMatchObject({ credentials: {} });
});

test('then comes the current context of the docker client, with its keys', async () => {
  await makeContext('remote', 'tcp://remote.example:2376', { 'ca.pem': 'the ca', 'cert.pem': 'the cert', 'key.pem': 'the key' });
  await makeContext('other', 'ssh://me@other.example');
  await useContext('remote');
  expect(await discoverEngine({ HOME: home })).toEqual({
    endpoint: 'tcp://remote.example:2376',
    credentials: { tls: { ca: 'the ca', cert: 'the cert', key: 'the key' } },
    source: 'docker context remote',
  });
  expect(await discoverEngine({ HOME: home, DOCKER_CONTEXT: 'other' })).toEqual({
    endpoint: 'ssh://me@other.example',
    credentials: {},
    source: 'docker context other',
  });
});

test('then a socket in one of the usual places, and not a directory that was made in its place', async () => {
  const [runtime, folder] = [path.join(home, 'runtime'), path.join(home, '.docker/run')];
  await mkdir(path.join(runtime, 'docker.sock'), { recursive: true });
  await mkdir(folder, { recursive: true });
  const server = createServer().listen(path.join(folder, 'docker.sock'));
  try {
    await once(server, 'listening');
    // A machine that has an engine of its own has it in the first place.
    const found = await discoverEngine({ HOME: home, XDG_RUNTIME_DIR: runtime });
    expect(['unix:///var/run/docker.sock', `unix://${folder}/docker.sock`]).toContain(found?.endpoint);
  } finally {
    server.close();
  }
});

test('settings of the docker client that are broken count as none', async () => {
  await mkdir(path.join(home, '.docker'));
  await writeFile(path.join(home, '.docker/config.json'), '{ broken');
  const found = await discoverEngine({ HOME: home });
  expect([undefined, 'unix:///var/run/docker.sock']).toContain(found?.endpoint);
});
