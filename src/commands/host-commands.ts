import path from 'node:path';
import { checkHostName, checkKeyValues, type KeyValue } from '../engine/names.js';
import { checkCredentials, formatEndpoint, parseEndpoint, type Credentials, type Endpoint } from '../engine/endpoint.js';
import { Engine } from '../engine/engine.js';
import { HostKeyCheck } from '../engine/host-key.js';
import { addHost, changeHost, findHost, listHosts, newHostId, removeHost, nameTaken, requireHost, unknownHost, type Host } from '../inventory/hosts.js';
import { giveBackOnHost, leaveHost } from '../operations/holds.js';
import { badInput, Problem, toShownProblem } from '../problems.js';
import { openCredentials, sealCredentials } from '../sync/host-credentials.js';
import type { CommandContext } from './context.js';

export interface NewHostRequest {
  readonly name: string;
  readonly endpoint: string;
  readonly labels: readonly KeyValue[];
  readonly credentials: Credentials;
}

export interface HostChangeRequest {
  readonly name: string;
  readonly newName?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly labels?: readonly KeyValue[] | undefined;
  /** In place of those that were there. */
  readonly credentials?: Credentials | undefined;
  readonly enabled?: boolean | undefined;
}

/** What became of one host. */
export interface HostOutcome {
  readonly host: Host;
  readonly error: Problem | null;
}

/**
 * Adds a host whose engine answers, and waits until its inventory is there.
 * @throws {Problem} BAD_USER_INPUT, CONFLICT, or why the engine cannot be reached; then nothing was added.
 */
export async function addHostCommand(context: CommandContext, request: NewHostRequest, actor: string, address?: string): Promise<Host> {
  checkHostName('name', request.name);
  const labels = checkKeyValues('labels', request.labels);
  const endpoint = parseEndpoint(request.endpoint, request.credentials);
  checkCredentials(endpoint, request.credentials);
  requireAllowedSocket(context, endpoint);
  if ((await findHost(context.database, request.name)) !== undefined) {
    throw nameTaken(request.name);
  }
  const sshHostKey = await tryToConnect(context, endpoint, request.credentials, undefined);
  const id = newHostId();
  const credentials = sealCredentials(context.sealer, request.credentials, id);
  const host = await addHost(context.database, { id, name: request.name, endpoint: formatEndpoint(endpoint), labels, credentials, sshHostKey }, actor, address);
  context.committed();
  await context.fleet.settle();
  return context.fleet.afterFirstTry(host.name);
}

/** Changes a host. A new endpoint or new keys are tried first. @throws {Problem} as {@link addHostCommand}, or NOT_FOUND. */
export async function updateHostCommand(context: CommandContext, request: HostChangeRequest, actor: string, address?: string): Promise<Host> {
  const host = await requireHost(context.database, request.name);
  refuseDeclared(host);
  if (request.newName !== undefined) checkHostName('newName', request.newName);
  const labels = request.labels === undefined ? undefined : checkKeyValues('labels', request.labels);
  const enabled = request.enabled ?? host.enabled;
  const connects = request.endpoint !== undefined || request.credentials !== undefined;
  // Keys that were sealed with another secret can be given anew.
  const credentials = request.credentials ?? openCredentials(context.sealer, host);
  const endpointText = request.endpoint ?? host.endpoint;
  const endpoint = parseEndpoint(endpointText, credentials);
  checkCredentials(endpoint, credentials);
  const isAnother = formatEndpoint(endpoint) !== host.endpoint;
  if (isAnother) requireAllowedSocket(context, endpoint);
  // An endpoint that is given anew is given with whatever answers there now.
  const known = request.endpoint === undefined ? host.sshHostKey : null;
  const sshHostKey = connects && enabled ? await tryToConnect(context, endpoint, credentials, known ?? undefined) : known;
  const change = {
    ...(request.newName === undefined ? {} : { name: request.newName }),
    ...(request.endpoint === undefined ? {} : { endpoint: formatEndpoint(endpoint), sshHostKey }),
    ...(labels === undefined ? {} : { labels }),
    ...(request.credentials === undefined ? {} : { credentials: sealCredentials(context.sealer, credentials, host.id) }),
    ...(enabled === host.enabled ? {} : { enabled }),
  };
  const changed = await changeHost(context.database, host.id, change, actor, address);
  context.committed();
  await context.fleet.settle();
  return context.fleet.afterFirstTry(changed.name);
}

/**
 * Forgets a host. Its engine is not touched, but that containers are given back which an operation has left paused or stopped.
 * @throws {Problem} NOT_FOUND; CONFLICT while an operation works with it.
 */
export async function removeHostCommand(context: CommandContext, name: string, actor: string, address?: string): Promise<boolean> {
  const host = await requireHost(context.database, name);
  refuseDeclared(host);
  await giveBackOnHost(context.operations, host);
  const removed = await removeHost(context.database, host, actor, address, async (transaction) => {
    const notGivenBack = await leaveHost(transaction, host);
    return notGivenBack.length === 0 ? {} : { notGivenBack };
  });
  context.committed();
  await context.fleet.settle();
  return removed;
}

/** Compares hosts in full, now; all that are known when none are named. @throws {Problem} NOT_FOUND for an unknown name. */
export async function syncHostsCommand(context: CommandContext, names: readonly string[] | undefined): Promise<HostOutcome[]> {
  const hosts = names === undefined ? await listHosts(context.database) : await requireHosts(context, names);
  return Promise.all(
    hosts.map(async (host) => {
      const error = await problemOf(context, async () => {
        await context.fleet.of(host).syncNow();
      });
      return { host: (await findHost(context.database, host.name)) ?? host, error };
    }),
  );
}

/** All hosts of these names, in this order. @throws {Problem} NOT_FOUND for the first that is unknown; BAD_USER_INPUT for none. */
export async function requireHosts(context: CommandContext, names: readonly string[]): Promise<Host[]> {
  if (names.length === 0) throw badInput('hosts is empty; name at least one host.');
  const known = new Map((await listHosts(context.database)).map((host) => [host.name, host]));
  return names.map((name) => {
    const host = known.get(name);
    if (host === undefined) throw unknownHost(name);
    return host;
  });
}

/** Runs a step whose failure belongs to one host only; a defect is logged whole and shown as INTERNAL. */
export async function problemOf(context: CommandContext, step: () => Promise<void>): Promise<Problem | null> {
  try {
    await step();
    return null;
  } catch (error) {
    const { problem, unknown } = toShownProblem(error);
    if (unknown) context.log.error({ err: error }, 'a command failed');
    return problem;
  }
}

/** What a file declares is changed there, or the next start would undo it. @throws {Problem} CONFLICT. */
function refuseDeclared({ name, declaredIn }: Host): void {
  if (declaredIn === null) return;
  throw new Problem(
    'CONFLICT',
    `Host ${JSON.stringify(name)} is declared in ${declaredIn}. Change it there, and have the gateway read it again (SIGHUP, or start it anew).`,
  );
}

/** Returns the key of the ssh server that answered; null without one. @throws {Problem} why there is no connection. */
async function tryToConnect(context: CommandContext, endpoint: Endpoint, credentials: Credentials, knownKey: string | undefined): Promise<string | null> {
  const { addresses, engineTimeoutMs } = context;
  const hostKey = new HostKeyCheck(knownKey);
  const engine = await Engine.connect(endpoint, credentials, engineTimeoutMs, undefined, { addresses, hostKey });
  engine.close();
  return engine.sshHostKey ?? null;
}

/** A path leads to whatever listens on the gateway's machine, so that only its settings name one. @throws {Problem} FORBIDDEN. */
function requireAllowedSocket({ allowedSockets }: CommandContext, endpoint: Endpoint): void {
  if (endpoint.kind !== 'unix') return;
  const asked = path.posix.normalize(endpoint.socketPath);
  if (allowedSockets.some((allowed) => asked === path.posix.normalize(allowed) || asked.startsWith(`${path.posix.normalize(allowed).replace(/\/$/, '')}/`)))
    return;
  throw new Problem(
    'FORBIDDEN',
    'A socket of the machine that the gateway runs on is named by its settings only: in STOWAGE_HOSTS, or in STOWAGE_ALLOWED_SOCKETS for endpoints given here.',
  );
}
