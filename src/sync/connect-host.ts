import type { Database } from '../database/client.js';
import type { AddressGuard } from '../engine/address-guard.js';
import { parseEndpoint, type Credentials } from '../engine/endpoint.js';
import { Engine } from '../engine/engine.js';
import { HostKeyCheck } from '../engine/host-key.js';
import { pinnedHostKey, pinHostKey } from '../inventory/hosts.js';
import { Problem } from '../problems.js';
import { refuseAnotherEngine, type KnownEngine } from './engine-identity.js';

/** What connections to hosts are made with. */
export interface ConnectContext {
  readonly database: Database;
  /** Where connections may lead. */
  readonly addresses: AddressGuard;
  /** Milliseconds for one call to an engine. */
  readonly engineTimeoutMs: number;
}

/** A host that is to be connected to. */
export interface ConnectedHost {
  readonly id: string;
  readonly endpoint: string;
  readonly engine: KnownEngine | undefined;
}

/**
 * Connects to the engine of a host that is known: to the one that it was before, over an ssh server that has the key that it
 * had before. The first key is written down.
 * @throws {Problem} why there is no connection.
 */
export async function connectHost(context: ConnectContext, host: ConnectedHost, credentials: Credentials, signal?: AbortSignal): Promise<Engine> {
  const endpoint = parseEndpoint(host.endpoint, credentials);
  const { database, addresses, engineTimeoutMs } = context;
  if (endpoint.kind !== 'ssh') {
    const engine = await Engine.connect(endpoint, credentials, engineTimeoutMs, signal, { addresses });
    refuseAnotherEngine(host.engine, engine);
    return engine;
  }
  const hostKey = new HostKeyCheck(await pinnedHostKey(database, host.id));
  const engine = await Engine.connect(endpoint, credentials, engineTimeoutMs, signal, { addresses, hostKey });
  refuseAnotherEngine(host.engine, engine);
  try {
    const seen = hostKey.seen ?? '';
    // Another gateway may have been faster.
    if ((await pinHostKey(database, host.id, host.endpoint, seen)) === seen) return engine;
  } catch (error) {
    engine.close();
    throw error;
  }
  engine.close();
  throw new Problem('HOST_UNREACHABLE', 'The endpoint or the host key of this host was changed a moment ago. Try again.');
}
