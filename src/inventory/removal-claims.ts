import { v7 as newId } from 'uuid';
import { Prisma, type Database, type Transaction } from '../database/client.js';
import { Problem } from '../problems.js';

/** Seconds that a claim lasts beyond the call to the engine that it is for: until what the call did is in the inventory. */
const MARGIN_SECONDS = 30;
/** What says that an engine may still be removing a volume, so that the claim has to run out by itself. */
const UNCLEAR = new Set(['HOST_TIMEOUT', 'HOST_UNREACHABLE']);

/** A removal of volumes by an engine. */
export interface Removing {
  /** Milliseconds that the call to the engine takes at most. */
  readonly limitMs: number;
  /** The call to the engine. */
  readonly remove: () => Promise<unknown>;
  /** Has the inventory show what the call did, and tells whether it does. */
  readonly show: () => Promise<boolean>;
  /** Of one volume that is removed because its content was moved: the one that holds it now. */
  readonly successorId?: string;
}

/**
 * Has an engine remove volumes that are not protected. From the last look at their protection until the inventory shows that
 * they are gone, nobody can protect them: whoever was told that a volume is protected does not lose it to a removal that had
 * begun before. With a successor, what users set on the volume goes over to that in the moment in which the inventory shows that it
 * is gone, whoever finds it out.
 * @throws {Problem} VOLUME_PROTECTED, and what the two throw.
 */
export async function whileRemoving(database: Database, volumeIds: readonly string[], { limitMs, remove, show, successorId }: Removing): Promise<void> {
  const id = newId();
  await claim(database, id, volumeIds, limitMs / 1000 + MARGIN_SECONDS, successorId ?? null);
  let clear = false;
  try {
    try {
      await remove();
    } catch (error) {
      clear = !(error instanceof Problem && UNCLEAR.has(error.code));
      throw error;
    }
    clear = await show();
  } finally {
    // One that cannot be taken away runs out by itself, like one of which nobody knows whether the volumes are gone.
    if (clear) await database.removalClaim.deleteMany({ where: { id, volumeId: { in: [...volumeIds] } } }).catch(() => undefined);
  }
}

/** For whoever is about to protect a volume, with its row locked. @throws {Problem} CONFLICT. */
export async function refuseWhileRemoving(transaction: Transaction, volumeId: string): Promise<void> {
  const [claimed] = await transaction.$queryRaw<object[]>(
    Prisma.sql`select 1 from removal_claim where volume_id = ${volumeId}::uuid and until > clock_timestamp() limit 1`,
  );
  if (claimed === undefined) return;
  throw new Problem('CONFLICT', 'The volume is being removed at this moment. Ask for it once more in a moment: it is gone then, or can be protected.');
}

async function claim(database: Database, id: string, volumeIds: readonly string[], seconds: number, successorId: string | null): Promise<void> {
  await database.$transaction(async (transaction) => {
    const rows = await transaction.$queryRaw<{ protected: boolean }[]>(
      Prisma.sql`select protected from volume where id = any(${[...volumeIds]}::uuid[]) order by id for update`,
    );
    if (rows.some((row) => row.protected))
      throw new Problem('VOLUME_PROTECTED', 'The volume was protected meanwhile. Take the protection off first (updateVolume).');
    await transaction.$executeRaw(Prisma.sql`
      with past as (delete from removal_claim where until < clock_timestamp())
      insert into removal_claim (id, volume_id, until, successor_id)
      select ${id}::uuid, volume.id, clock_timestamp() + ${seconds} * interval '1 second', ${successorId}::uuid from volume where id = any(${[...volumeIds]}::uuid[])`);
  });
}
