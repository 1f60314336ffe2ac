import { SingleBar } from 'cli-progress';
import { StowageError } from '../client/client.js';
import { SettingsError } from '../config.js';
import { Problem, toShownProblem } from '../problems.js';
import { EXIT, type ExitCode } from './exit-codes.js';

/** Spaces between columns, as the docker client has them. */
const GAP = 3;

/** Why something could not be printed, where that matters. */
let unwritten: Error | undefined;
// Whoever reads may have enough before all is written (head, less): that is no failure of the command. Without a listener
// it would end the process, a gateway's too.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unwritten ??= error;
  });
}

/**
 * Waits until all that was printed is with its reader: a pipe takes 64 kB at a time, and what is not taken is lost at the process's
 * end. Gives the exit code, which is another one when what was done could not be told, as on a full disk.
 */
export async function allWritten(code: ExitCode): Promise<ExitCode> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength === 0) continue;
    await new Promise<void>((resolve) => {
      stream.write('', () => {
        resolve();
      });
    });
  }
  // Files are written at once, and what went wrong with them is told a moment later.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  if (unwritten === undefined || code !== EXIT.DONE) return code;
  return new Output(false).failure(new Problem('UNAVAILABLE', `It was done, and could not be printed: ${unwritten.message}`));
}

/** How commands tell what they did: in words, or as one JSON value on stdout with --json. */
export class Output {
  constructor(readonly json: boolean) {}

  /** What came of the command. */
  result(value: unknown, words: string): void {
    process.stdout.write(`${this.json ? JSON.stringify(value, writeBigInts) : words}\n`);
  }

  /** Why nothing did, on stderr; gives the exit code for it. */
  failure(error: unknown): ExitCode {
    const { code, message, exit, faults } = explain(error);
    process.stderr.write(`${this.json ? JSON.stringify({ error: { code, message, ...(faults === undefined ? {} : { faults }) } }) : message}\n`);
    return exit;
  }

  /** A bar on stderr, where somebody sees it. */
  progress(title: string): Progress {
    return new Progress(title, !this.json && process.stderr.isTTY);
  }
}

/** A bar that grows with bytes; nothing where nobody looks. */
export class Progress {
  private bar: SingleBar | undefined;
  private total = 0;

  constructor(
    private readonly title: string,
    private readonly isShown: boolean,
  ) {}

  /** @param total bytes in all; undefined while they are not known. */
  update(done: number, total: number | undefined): void {
    if (!this.isShown) return;
    this.total = Math.max(total ?? 0, done);
    if (this.bar === undefined) {
      const figures = total === undefined ? '{done}' : '[{bar}] {percentage}% {done} of {all}';
      this.bar = new SingleBar({ format: `${this.title} ${figures}`, clearOnComplete: true, etaBuffer: 1 });
      this.bar.start(this.total, done, this.payload(done));
    }
    this.bar.setTotal(this.total);
    this.bar.update(done, this.payload(done));
  }

  end(): void {
    this.bar?.stop();
  }

  private payload(done: number): object {
    return { done: showBytes(done), all: showBytes(this.total) };
  }
}

/** Rows under a head, in columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd((widths[column] ?? 0) + GAP))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

/** Bytes in the units of the docker client (powers of 1000). */
export function showBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const figure = bytes / 1000 ** power;
  return `${power === 0 || figure >= 100 ? String(Math.round(figure)) : figure.toPrecision(3)} ${units[power] ?? ''}`;
}

/** A time to the second; a dash for none. */
export function showTime(time: string | Date | null | undefined): string {
  return time === null || time === undefined ? '-' : `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** A command line that is none. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message.replace(/^error: /, ''));
  }
}

interface Explanation {
  readonly code: string;
  readonly message: string;
  readonly exit: ExitCode;
  readonly faults?: readonly string[];
}

function explain(error: unknown): Explanation {
  if (error instanceof UsageError) return { code: 'USAGE', message: error.message, exit: EXIT.USAGE };
  if (error instanceof SettingsError) return { code: 'SETTINGS', message: error.message, exit: EXIT.SETTINGS, faults: error.faults };
  if (error instanceof Problem) return { code: error.code, message: error.message, exit: EXIT.FAILED };
  if (error instanceof StowageError) {
    return { code: error.code, message: error.message, exit: error.code === 'UNAVAILABLE' ? EXIT.AWAY : EXIT.FAILED };
  }
  // What fetch throws when no connection comes about holds the reason as its cause.
  if (error instanceof TypeError && error.message === 'fetch failed' && error.cause instanceof Error) {
    return { code: 'UNAVAILABLE', message: `No gateway answers there: ${wordsOf(error.cause)}`, exit: EXIT.AWAY };
  }
  const { problem, unknown } = toShownProblem(error);
  if (!unknown) return { code: problem.code, message: `The database does not answer: ${wordsOf(error)}`, exit: EXIT.AWAY };
  return { code: 'INTERNAL', message: error instanceof Error ? (error.stack ?? error.message) : String(error), exit: EXIT.FAILED };
}

/** An error's own words; where several addresses were tried, those of each. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join('; ');
  return error instanceof Error ? error.message.trim() || error.name : String(error);
}

function writeBigInts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
