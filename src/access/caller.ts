import type { Role } from '../generated/prisma/enums.js';

/** A host that exists for a caller. */
export interface VisibleHost {
  readonly name: string;
  /** undefined: no host has that name now. */
  readonly id: string | undefined;
  readonly enabled: boolean;
}

/** Who asks, as found from the token. */
export interface Caller {
  /** Tells callers apart, who may have the same name: the token's id, or what stands for it where there is none. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The hosts that exist for this caller, by name; null: all. */
  readonly hosts: readonly VisibleHost[] | null;
}
