import { Prisma, type Database, type Transaction } from '../database/client.js';

// How answers that were kept are known to be still true. All that answers show of the inventory changes either with an
// entry of the journal or with the number of its host in the table `revision`, both in the transaction of the change.

/**
 * Notes that something of a host was changed that answers show, whether or not it is journalled. To be called in the
 * transaction of the change, before what it journals. When a host was last seen and compared does not count.
 */
export async function noteRevision(transaction: Transaction, hostId: string): Promise<void> {
  await transaction.$executeRaw(Prisma.sql`
    insert into revision (host_id, number) values (${hostId}::uuid, 1) on conflict (host_id) do update set number = revision.number + 1`);
}

const REVISION = Prisma.sql`
  select concat_ws(' ', coalesce((select max(position) from journal), 0), coalesce((select position from journal_trim), 0), coalesce((select sum(number) from revision), 0)) as revision`;

/**
 * Tells which revision of the inventory is in force: as long as it is the same, nothing that answers show has changed. Asks
 * the database, with one question for all who ask at the same time.
 */
export class RevisionReader {
  private running: Promise<unknown> = Promise.resolve();
  private next: Promise<string> | undefined;

  constructor(private readonly database: Database) {}

  /** The revision in force at some moment after this call: whatever was committed before it is in it. */
  read(): Promise<string> {
    // A question that is on its way may have been answered before this call; the next one cannot.
    this.next ??= this.ask(this.running);
    return this.next;
  }

  private async ask(running: Promise<unknown>): Promise<string> {
    await running;
    this.next = undefined;
    const asking = this.database.readNow<{ revision: string }>(REVISION);
    this.running = asking.catch(() => undefined);
    const [row] = await asking;
    if (row === undefined) throw new Error('a statement that always gives one row gave none');
    return row.revision;
  }
}
