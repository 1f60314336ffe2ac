/**
 * Every problem that a user can meet. One code each, with what it means; `docs/problems.md` is made from this table.
 * A message says what was wrong and what to do; it never holds a stack, a secret or SQL.
 */
export const PROBLEM_MEANINGS = {
  UNAUTHENTICATED: 'No token was sent, or it is not valid (any more).',
  FORBIDDEN: 'The token is valid, but its role or its hosts do not allow this.',
  BAD_USER_INPUT: 'An argument is not what it should be. The message names it and says what would be right.',
  NOT_FOUND: 'There is no such host, volume, container, token or operation, or none that you may see.',
  CONFLICT: 'What is there already differs from what was asked for. The message says in what.',
  VOLUME_IN_USE:
    'A container, running or not, still refers to the volume, an operation reads or writes it, or a plan spares it by now. The message says which.',
  VOLUME_PROTECTED: 'The volume is protected by the gateway. Take the protection off first (updateVolume).',
  HOST_UNREACHABLE: 'The engine of this host cannot be reached, or it refused the connection.',
  HOST_TIMEOUT: 'The engine did not answer before the deadline. Whether it did what was asked is not known, unless the message says that it was not tried.',
  HOST_DISABLED: 'The host is disabled. Enable it with updateHost first.',
  ENGINE_ERROR: 'The engine was reached and refused. The message holds its words.',
  PLAN_STALE: 'The prune plan is too old, used already, or of another caller. Make a new one.',
  LIMIT_EXCEEDED: 'A limit of the gateway was exceeded. The message names the limit and your figure.',
  CURSOR_EXPIRED: 'Events after that cursor are not kept any more. Query the inventory anew and go on from a new cursor.',
  UNAVAILABLE: 'The gateway cannot answer now, e.g. because its database is away. Try again.',
  INTERNAL: 'A defect of the gateway. It is logged in full with the request id.',
} as const;

/** Code of a {@link Problem}, as it stands in `error { code }` and in `errors[].extensions.code`. */
export type ProblemCode = keyof typeof PROBLEM_MEANINGS;

/** An error that is meant for users: its code and message are shown as they are. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly code: ProblemCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Shorthand for the most frequent one: an argument that is not what it should be. */
export function badInput(message: string): Problem {
  return new Problem('BAD_USER_INPUT', message);
}

/** Prisma's codes for a database that is away or has no time (its error reference), and Node's for a link that is. */
const AWAY_CODES = new Set([
  ...['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037'],
  ...['EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT'],
]);

/**
 * SQLSTATEs (PostgreSQL, appendix A) by which a database says that it cannot do now what it could at another time: the
 * classes of connections, lacking resources, an operator's intervention and its machine's input and output; a
 * transaction that was held up, rolled back for another one, or tried on a standby.
 */
const AWAY_SQLSTATE = /^(08|53|57|58)[0-9A-Z]{3}$|^(25006|25P03|25P04|40001|40P01|55P03)$/;

/** Words of errors that carry no code. */
const AWAY_WORDS =
  /can't reach database server|connection (terminated|timeout)|timeout exceeded when trying to connect|not queryable|DatabaseNotReachable|ConnectionClosed|SocketTimeout/i;

/** How deep the causes of an error are looked through. */
const MAX_CAUSES = 6;

function isDatabaseAway(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > MAX_CAUSES) return false;
  const { name, code, errorCode, originalCode, message, cause, meta } = error as Partial<Record<string, unknown>>;
  if (name === 'PrismaClientInitializationError') return true;
  for (const known of [code, errorCode, originalCode]) if (typeof known === 'string' && (AWAY_CODES.has(known) || AWAY_SQLSTATE.test(known))) return true;
  if (error instanceof Error && typeof message === 'string' && AWAY_WORDS.test(message)) return true;
  // What the driver said stands beside Prisma's own code, which is one and the same for all of SQL's.
  const { driverAdapterError } = (meta ?? {}) as { driverAdapterError?: unknown };
  return isDatabaseAway(driverAdapterError, depth + 1) || isDatabaseAway(cause, depth + 1);
}

/**
 * What a user is shown of any thrown value: a Problem as it is, an absent database as UNAVAILABLE, anything else as
 * INTERNAL without its words. `unknown` is true when the caller must log the original whole.
 */
export function toShownProblem(error: unknown): { problem: Problem; unknown: boolean } {
  if (error instanceof Problem) return { problem: error, unknown: false };
  if (isDatabaseAway(error)) {
    return { problem: new Problem('UNAVAILABLE', 'The database of the gateway does not answer now. Try again.', { cause: error }), unknown: false };
  }
  return {
    problem: new Problem('INTERNAL', 'Something went wrong inside the gateway. Its log has the details.', { cause: error }),
    unknown: true,
  };
}
