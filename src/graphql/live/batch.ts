/** One answer of a subscription, as it is sent to everyone in a group. */
export interface Answer {
  readonly position: bigint;
  /** Its cursor, for transports that carry one beside the answer; undefined where the stream has none. */
  readonly cursor: string | undefined;
  /** GraphQL's result as JSON. */
  readonly json: string;
}

/** Characters of answers that are sent in one piece: what waits for a subscriber overshoots its limit by no more, but for one answer. */
const MAX_BATCH_LENGTH = 65_536;

/** Answers that are sent together, in order; what transports make of them is made once for all who need the same. */
export class Batch {
  private readonly made = new Map<string, unknown>();

  /** @param answers never empty, by rising position. */
  constructor(readonly answers: readonly Answer[]) {}

  /** What `make` gives, made when it is first asked for under that key. A key always goes with one type. */
  once<T>(key: string, make: () => T): T {
    let value = this.made.get(key) as T | undefined;
    if (value === undefined) {
      value = make();
      this.made.set(key, value);
    }
    return value;
  }

  /** Index of the first answer after a position; the number of answers when there is none. */
  firstAfter(position: bigint): number {
    const { answers } = this;
    if (answers[0] !== undefined && position < answers[0].position) return 0;
    const index = answers.findIndex((answer) => answer.position > position);
    return index < 0 ? answers.length : index;
  }

  /** Position of the last answer. */
  get end(): bigint {
    return this.answers.at(-1)?.position ?? 0n;
  }
}

/** Answers in batches that are not too long to be sent in one piece. */
export function batchesOf(answers: readonly Answer[]): Batch[] {
  const batches: Batch[] = [];
  let some: Answer[] = [];
  let length = 0;
  for (const answer of answers) {
    if (some.length > 0 && length + answer.json.length > MAX_BATCH_LENGTH) {
      batches.push(new Batch(some));
      some = [];
      length = 0;
    }
    some.push(answer);
    length += answer.json.length;
  }
  if (some.length > 0) batches.push(new Batch(some));
  return batches;
}

/** One subscription of one connection, as those see it who send to it. */
export interface Outlet {
  /** Sends the answers of a batch from an index on, at once. Ends the connection if too much waits for it already. */
  write(batch: Batch, from: number): void;
  /** Whether everything has left for the client's side. */
  readonly isDrained: boolean;
  /** Calls back once when that is so, or never when the connection ends first. */
  onceDrained(callback: () => void): void;
}
