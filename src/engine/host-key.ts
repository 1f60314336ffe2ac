import { createHash } from 'node:crypto';
import { Problem } from '../problems.js';

/** Signatures that an ssh server may make with a key of each kind (RFC 8332 for RSA; its first one, with SHA-1, is not taken). */
const SIGNATURES: Readonly<Record<string, readonly string[]>> = { 'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'] };

/**
 * Knows an ssh server by its key, as OpenSSH does: the first one is taken, and from then on no other. Made for one
 * connection; {@link seen} is to be kept for the next.
 */
export class HostKeyCheck {
  private presented: string | undefined;
  private refused: string | undefined;

  /** @param known the key, as in known_hosts: kind and base64; undefined: whichever comes first. */
  constructor(private readonly known: string | undefined) {}

  /** The key of the server that is connected to; undefined before. */
  get seen(): string | undefined {
    return this.presented;
  }

  /** Kinds of keys to ask the server for, so that it does not present another of its own; undefined: any. */
  get kinds(): readonly string[] | undefined {
    const kind = (this.known ?? this.presented)?.split(' ')[0];
    return kind === undefined ? undefined : (SIGNATURES[kind] ?? [kind]);
  }

  /** Whether a server with this key, as it comes over the wire (RFC 4253, 6.6), is the right one. */
  accepts(key: Buffer): boolean {
    const text = `${readKind(key)} ${key.toString('base64')}`;
    const expected = this.known ?? this.presented;
    if (expected !== undefined && expected !== text) {
      this.refused = text;
      return false;
    }
    this.presented = text;
    return true;
  }

  /** Why the handshake has failed, if it was for the key. */
  problem(server: string): Problem | undefined {
    const expected = this.known ?? this.presented;
    if (expected === undefined) return undefined;
    if (this.refused !== undefined) {
      return new Problem(
        'HOST_UNREACHABLE',
        `The ssh server at ${server} has another host key than before: ${fingerprint(this.refused)} in place of ${fingerprint(expected)}. Someone may be in between; nothing was sent. If the server has a new key, give the host its endpoint anew with updateHost.`,
      );
    }
    return undefined;
  }
}

/** A key of known_hosts in the short form that `ssh-keygen -l` shows. */
export function fingerprint(known: string): string {
  const digest = createHash('sha256')
    .update(Buffer.from(known.split(' ')[1] ?? '', 'base64'))
    .digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

function readKind(key: Buffer): string {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0);
  return key.subarray(4, 4 + length).toString('latin1');
}
