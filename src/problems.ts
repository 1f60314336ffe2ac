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
  VOLUME_IN_USE: 'A container, running or not, still refers to the volume. The message names the containers.',
  VOLUME_PROTECTED: 'The volume is protected by the gateway. Take the protection off first (updateVolume).',
  HOST_UNREACHABLE: 'The engine of this host cannot be reached, or it refused the connection.',
  HOST_TIMEOUT: 'The engine did not answer before the deadline. Whether it did what was asked is not known.',
  HOST_DISABLED: 'The host is disabled. Enable it with updateHost first.',
  ENGINE_ERROR: 'The engine was reached and refused. The message holds its words.',
  PLAN_STALE: 'The prune plan is too old, used already, or of another caller. Make a new one.',
  LIMIT_EXCEEDED: 'A limit of the gateway was exceeded. The message names the limit and your figure.',
  CURSOR_EXPIRED: 'Events after that cursor are not kept any more. Query the inventory anew and go on from a new cursor.',
  UNAVAILABLE: 'The gateway cannot answer now, e.g. because its database is away. Try again.',
  NOT_IMPLEMENTED: 'This part of the schema is not built yet.',
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

/** Codes and names by which Prisma and node-postgres say that the database is away or has no time. */
const DATABASE_AWAY = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', '57014']);

function isDatabaseAway(error: unknown): boolean {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 4; cause = cause.cause, depth += 1) {
    const { code, errorCode } = cause as { code?: unknown; errorCode?: unknown };
    if (cause.name === 'PrismaClientInitializationError') return true;
    if ((typeof code === 'string' && DATABASE_AWAY.has(code)) || (typeof errorCode === 'string' && DATABASE_AWAY.has(errorCode))) return true;
    if (
      /can't reach database server|connection (terminated|timeout)|timeout exceeded when trying to connect|DatabaseNotReachable|ConnectionClosed/i.test(
        cause.message,
      )
    )
      return true;
  }
  return false;
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
