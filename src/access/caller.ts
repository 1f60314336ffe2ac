import type { Role } from '../generated/prisma/enums.js';

/** Who asks, as found from the token. */
export interface Caller {
  /** Tells callers apart, who may have the same name: the token's id, or what stands for it where there is none. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Names of the hosts that exist for this caller; null: all. */
  readonly hosts: readonly string[] | null;
}
