import type { Credentials } from '../engine/endpoint.js';
import type { Host } from '../inventory/hosts.js';
import type { Sealer } from '../sealing.js';

/** Keys of a host as they are stored, sealed to its id; null when it needs none. */
export function sealCredentials(sealer: Sealer, credentials: Credentials, hostId: string): Uint8Array<ArrayBuffer> | null {
  return credentials.tls === undefined && credentials.ssh === undefined ? null : sealer.seal(credentials, hostId);
}

/** Keys of a stored host. @throws {Problem} UNAVAILABLE when they were sealed with another key. */
export function openCredentials(sealer: Sealer, host: Host): Credentials {
  return host.credentials === null ? {} : (sealer.open(host.credentials, host.id) as Credentials);
}
