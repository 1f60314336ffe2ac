/** What the command `stowage` ends with. They are told in its help and in docs/command-line.md. */
export const EXIT = {
  DONE: 0,
  /** What was asked for was refused, or went wrong. */
  FAILED: 1,
  /** The command line is not one that there is. */
  USAGE: 2,
  /** Settings are wrong; nothing was done. */
  SETTINGS: 3,
  /** The gateway or the database does not answer. */
  AWAY: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
