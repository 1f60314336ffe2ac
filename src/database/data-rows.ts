import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { prepareValue } from 'pg/lib/utils.js';

// Rows as objects straight from the bytes of the database's answers. node-postgres makes a message, an array of strings and
// an array of values of each row, with a call into native code for each value: a quarter of the time of a usual answer.
// Everything but the rows of a RowQuery is still read by node-postgres itself. What is read here is the message DataRow of
// PostgreSQL's protocol 3.0 ("Message Formats"): its type, its length without that type, the number of values, and each
// value's length, or -1 for null, before its text.

const DATA_ROW = 0x44;
/** Bytes before a message's content: its type and its length. */
const HEADER_LENGTH = 5;
const TYPE_LENGTH = 1;

/** The parts of node-postgres' connection that what is submitted to a client uses, as its own pg-cursor does. */
interface Connection {
  readonly parsedStatements: Record<string, string | undefined>;
  readonly submittedNamedStatements: Record<string, string | undefined>;
  readonly stream: Duplex;
  attachListeners(stream: EventEmitter): void;
  parse(statement: { readonly name: string; readonly text: string }): void;
  bind(portal: { readonly statement: string; readonly values: readonly unknown[]; readonly valueMapper: (value: unknown) => unknown }): void;
  describe(object: { readonly type: 'P' }): void;
  execute(portal: object): void;
  close(object: { readonly type: 'S'; readonly name: string }): void;
  sync(): void;
  sendCopyFail(reason: string): void;
}

/** Who takes the rows that come over a connection, while there is someone. */
const takers = new WeakMap<object, RowQuery>();

/** A client of node-postgres that also runs a {@link RowQuery}. */
export class RowClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    // A connection that ends is told to the query that is under way, and to the pool; nobody else needs to hear of it.
    this.on('error', () => undefined);
    const { connection } = this as unknown as { readonly connection: Connection };
    const attach = connection.attachListeners.bind(connection);
    connection.attachListeners = (stream) => {
      const others = new EventEmitter();
      attach(others);
      stream.on(
        'data',
        takeRows(
          () => takers.get(connection),
          (bytes) => others.emit('data', bytes),
        ),
      );
      stream.on('end', () => others.emit('end'));
    };
  }
}

/** What hears the bytes that come, in any pieces: rows go to whoever takes them at that time, all other messages on, in their order. */
export function takeRows(takerNow: () => Pick<RowQuery, 'takeRows'> | undefined, goOn: (bytes: Buffer) => void): (bytes: Buffer) => void {
  let pieces: Buffer[] = [];
  let length = 0;
  /** Bytes that the next message needs, as far as is known. */
  let needed = HEADER_LENGTH;
  return (piece) => {
    pieces.push(piece);
    length += piece.length;
    if (length < needed) return;
    const bytes = pieces.length === 1 ? piece : Buffer.concat(pieces, length);
    let at = 0;
    let others = 0;
    let rows = -1;
    needed = HEADER_LENGTH;
    while (at + HEADER_LENGTH <= bytes.length) {
      const end = at + TYPE_LENGTH + bytes.readInt32BE(at + TYPE_LENGTH);
      if (end > bytes.length) {
        needed = end - at;
        break;
      }
      const isRow = bytes[at] === DATA_ROW;
      if (isRow && rows < 0 && takerNow() !== undefined) {
        if (at > others) goOn(bytes.subarray(others, at));
        rows = at;
      } else if (!isRow && rows >= 0) {
        takerNow()?.takeRows(bytes, rows, at);
        rows = -1;
        others = at;
      }
      at = end;
    }
    if (rows >= 0) takerNow()?.takeRows(bytes, rows, at);
    else if (at > others) goOn(bytes.subarray(others, at));
    const rest = bytes.subarray(at);
    pieces = rest.length === 0 ? [] : [rest];
    length = rest.length;
  };
}

/** Makes a row of its values. */
export type MakeRow = (values: readonly unknown[]) => unknown;

/** Makes a value of the text that PostgreSQL writes for it. */
type ReadValue = (bytes: Buffer, from: number, end: number, text: string, at: number) => unknown;

/** A statement, and what is known of its rows once it was run. */
export interface Statement {
  /** Under which name the server keeps it; none: it is planned anew. */
  readonly name: string;
  readonly text: string;
  rows?: { readonly make: MakeRow; readonly readers: readonly ReadValue[] };
}

/** Runs one statement and gathers its rows. The server describes its columns only when a connection has it for the first time. */
export class RowQuery implements pg.Submittable {
  readonly name: string;
  readonly text: string;
  readonly #rows: unknown[] = [];
  readonly #values: unknown[] = [];
  #failure: Error | undefined;

  /** `makerOf` tells how rows of these columns are made; `done` hears of the end, once. */
  constructor(
    private readonly statement: Statement,
    private readonly parameters: readonly unknown[],
    private readonly makerOf: (fields: readonly pg.FieldDef[]) => MakeRow,
    private readonly done: (error: Error | undefined, rows: unknown[]) => void,
  ) {
    this.name = statement.name;
    this.text = statement.text;
  }

  submit(given: pg.Connection): void {
    // Its published type lacks most of it.
    const connection = given as unknown as Connection;
    const { name, text, rows } = this.statement;
    takers.set(connection, this);
    connection.stream.cork();
    try {
      const isNew = name === '' || (connection.parsedStatements[name] ?? connection.submittedNamedStatements[name]) === undefined;
      if (isNew) {
        connection.parse({ name, text });
        if (name !== '') connection.submittedNamedStatements[name] = text;
      }
      try {
        connection.bind({ statement: name, values: this.parameters, valueMapper: prepareValue });
      } catch (error) {
        this.#failure = error as Error;
        connection.sync();
        return;
      }
      if (isNew || rows === undefined) connection.describe({ type: 'P' });
      connection.execute({});
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
  }

  handleRowDescription({ fields }: { readonly fields: readonly pg.FieldDef[] }): void {
    this.statement.rows = { make: this.makerOf(fields), readers: fields.map(({ dataTypeID }) => readerOf(dataTypeID)) };
  }

  /** Takes the whole rows that stand between two places, one after the other. */
  takeRows(bytes: Buffer, from: number, end: number): void {
    const { rows } = this.statement;
    if (this.#failure !== undefined) return;
    try {
      if (rows === undefined) throw new Error('rows came that nobody described');
      // One text for all: parts of it cost no call into native code. What is not ASCII is read from the bytes.
      const text = bytes.toString('latin1', from, end);
      for (let at = from; at < end;) {
        const next = at + TYPE_LENGTH + bytes.readInt32BE(at + TYPE_LENGTH);
        this.#rows.push(rows.make(this.readValues(rows.readers, bytes, at + HEADER_LENGTH, text, from)));
        at = next;
      }
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  private readValues(readers: readonly ReadValue[], bytes: Buffer, start: number, text: string, from: number): readonly unknown[] {
    const values = this.#values;
    let at = start + 2;
    for (let index = 0; index < readers.length; index += 1) {
      const length = bytes.readInt32BE(at);
      at += 4;
      if (length < 0) {
        values[index] = null;
        continue;
      }
      values[index] = (readers[index] as ReadValue)(bytes, at, at + length, text, at - from);
      at += length;
    }
    return values;
  }

  handleCommandComplete(): void {
    // It tells the number of rows, which is known.
  }

  handleEmptyQuery(): void {
    // It has no rows.
  }

  handlePortalSuspended(): void {
    // No statement is run in parts.
  }

  handleCopyData(): void {
    // Nothing is copied.
  }

  handleCopyInResponse(connection: pg.Connection): void {
    (connection as unknown as Connection).sendCopyFail('nothing is copied here');
  }

  handleError(error: Error, connection: pg.Connection): void {
    takers.delete(connection);
    this.done(this.#failure ?? error, []);
  }

  handleReadyForQuery(connection: pg.Connection): void {
    takers.delete(connection);
    this.done(this.#failure, this.#rows);
  }
}

/** PostgreSQL's numbers of its types (catalog pg_type). */
const BOOL = 16;
const INT8 = 20;
const TIMESTAMPTZ = 1184;
const TEXTS: readonly number[] = [25, 1042, 1043, 2950];

// Its types know only the names of built-in types, and name no type of what a parser gives.
const parserOf = pg.types.getTypeParser as (oid: number, format: 'text') => (value: string) => unknown;

const readText: ReadValue = (bytes, from, end, text, at) => {
  let all = 0;
  for (let index = from; index < end; index += 1) all |= bytes[index] as number;
  return all < 0x80 ? text.slice(at, at + end - from) : bytes.toString('utf8', from, end);
};

const parseAnyTime = parserOf(TIMESTAMPTZ, 'text');
/** Characters of a time of a session in UTC, 2026-01-31 08:15:30+00, and of the end of its seconds. */
const UTC_LENGTH = 22;
const SECONDS_END = 19;

const readTime: ReadValue = (bytes, from, end, text, at) => {
  const length = end - from;
  const isUsual =
    length >= UTC_LENGTH &&
    length <= UTC_LENGTH + 4 &&
    bytes[from + 4] === 0x2d &&
    bytes[end - 3] === 0x2b &&
    bytes[end - 2] === 0x30 &&
    bytes[end - 1] === 0x30;
  if (!isUsual) return parseAnyTime(text.slice(at, at + length));
  const digits = (place: number) => ((bytes[from + place] as number) - 48) * 10 + (bytes[from + place + 1] as number) - 48;
  const seconds = Date.UTC(digits(0) * 100 + digits(2), digits(5) - 1, digits(8), digits(11), digits(14), digits(17));
  return new Date(length === UTC_LENGTH ? seconds : seconds + Number(text.slice(at + SECONDS_END, at + length - 3)) * 1000);
};

/** How values of a type are read: as node-postgres does, but bigint as BigInt, as Prisma's client does. */
function readerOf(type: number): ReadValue {
  if (TEXTS.includes(type)) return readText;
  if (type === BOOL) return (bytes, from) => bytes[from] === 0x74;
  if (type === INT8) return (_bytes, from, end, text, at) => BigInt(text.slice(at, at + end - from));
  if (type === TIMESTAMPTZ) return readTime;
  const parse = parserOf(type, 'text');
  return (bytes, from, end, text, at) => parse(readText(bytes, from, end, text, at) as string);
}
