import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Credentials } from './endpoint.js';
import { asRecord, asText } from './json-values.js';

/** An engine that the docker client of this user would talk to. */
export interface DiscoveredEngine {
  readonly endpoint: string;
  readonly credentials: Credentials;
  /** How it was found, for the log. */
  readonly source: string;
}

/**
 * Finds the local engine as the docker client does: DOCKER_HOST, else the current context, else a socket in one of the
 * usual places. undefined: there is none.
 */
export async function discoverEngine(variables: Readonly<Record<string, string | undefined>>): Promise<DiscoveredEngine | undefined> {
  return (await fromDockerHost(variables)) ?? (await fromContext(variables)) ?? (await fromSocket(variables));
}

async function fromDockerHost(variables: Readonly<Record<string, string | undefined>>): Promise<DiscoveredEngine | undefined> {
  const host = variables['DOCKER_HOST'];
  if (host === undefined || host === '') return undefined;
  const endpoint = host.includes('://') ? host : `tcp://${host}`;
  const verified = variables['DOCKER_TLS_VERIFY'] !== undefined && variables['DOCKER_TLS_VERIFY'] !== '';
  const folder = variables['DOCKER_CERT_PATH'] ?? dockerFolder(variables);
  const credentials = verified && endpoint.startsWith('tcp://') ? await readTls(folder) : {};
  return { endpoint, credentials, source: 'DOCKER_HOST' };
}

async function fromContext(variables: Readonly<Record<string, string | undefined>>): Promise<DiscoveredEngine | undefined> {
  const folder = dockerFolder(variables);
  const config = await readJson(path.join(folder, 'config.json'));
  const name = variables['DOCKER_CONTEXT'] ?? asText(config['currentContext']);
  if (name === '' || name === 'default') return undefined;
  // The docker client names the folder of a context by the hash of its name.
  const id = createHash('sha256').update(name).digest('hex');
  const meta = await readJson(path.join(folder, 'contexts', 'meta', id, 'meta.json'));
  const endpoint = asText(asRecord(asRecord(meta['Endpoints'])['docker'])['Host']);
  if (endpoint === '') return undefined;
  return { endpoint, credentials: await readTls(path.join(folder, 'contexts', 'tls', id, 'docker')), source: `docker context ${name}` };
}

async function fromSocket(variables: Readonly<Record<string, string | undefined>>): Promise<DiscoveredEngine | undefined> {
  const runtime = variables['XDG_RUNTIME_DIR'];
  const candidates = [
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [path.join(runtime, 'docker.sock')]),
    path.join(variables['HOME'] ?? homedir(), '.docker', 'run', 'docker.sock'),
  ];
  for (const candidate of candidates) {
    // An engine makes a directory of a socket that is not there, when a container is to mount it.
    const found = await stat(candidate).catch(() => undefined);
    if (found?.isSocket() === true) return { endpoint: `unix://${candidate}`, credentials: {}, source: 'the default socket' };
  }
  return undefined;
}

function dockerFolder(variables: Readonly<Record<string, string | undefined>>): string {
  return variables['DOCKER_CONFIG'] ?? path.join(variables['HOME'] ?? homedir(), '.docker');
}

async function readTls(folder: string): Promise<Credentials> {
  const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(path.join(folder, name), 'utf8').catch(() => undefined)));
  if (ca === undefined && cert === undefined && key === undefined) return {};
  return { tls: { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) } };
}

async function readJson(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return asRecord(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}
