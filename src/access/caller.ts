import type { Role } from '../generated/prisma/enums.js';

/** Who asks, as found from the token. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  /** Names of the hosts that exist for this caller; null: all. */
  readonly hosts: readonly string[] | null;
}
