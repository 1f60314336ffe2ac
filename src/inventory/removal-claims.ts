import { v7 as newId } from 'uuid';
import { Prisma, type Database, type Transaction } from '../database/client.js';
import { Problem } from '../problems.js';

/** Seconds that a claim lasts beyond the call to the engine that it is for. */
const MARGIN_SECONDS = 5;
/** What says that an engine may still be removing a volume, so that the claim has to run out by itself. */
const UNCLEAR = new Set(['HOST_TIMEOUT', 'HOST_UNREACHABLE']);

/**
 * Has an engine remove volumes that are not protected. From the last look at their protection until the engine has answered
 * nobody can protect them: whoever was told that a volume is protected does not lose it to a removal that had begun before.
 * `limitMs`: milliseconds that the call to the engine takes at most.
 * @throws {Problem} VOLUME_PROTECTED, and what the removal throws.
 */
export async function whileRemoving<T>(database: Database, volumeIds: readonly string[], limitMs: number, remove: () => Promise<T>): Promise<T> {
  const id = newId();
  await claim(database, id, volumeIds, limitMs / 1000 + MARGIN_SECONDS);
  let unclear = false;
  try {
    return await remove();
  } catch (error) {
    unclear = error instanceof Problem && UNCLEAR.has(error.code);
    throw error;
  } finally {
    if (!unclear) await database.removalClaim.deleteMany({ where: { id, volumeId: { in: [...volumeIds] } } });
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

async function claim(database: Database, id: string, volumeIds: readonly string[], seconds: number): Promise<void> {
  await database.$transaction(async (transaction) => {
    const rows = await transaction.$queryRaw<{ protected: boolean }[]>(
      Prisma.sql`select protected from volume where id = any(${[...volumeIds]}::uuid[]) order by id for update`,
    );
    if (rows.some((row) => row.protected))
      throw new Problem('VOLUME_PROTECTED', 'The volume was protected meanwhile. Take the protection off first (updateVolume).');
    await transaction.$executeRaw(Prisma.sql`
      with past as (delete from removal_claim where until < clock_timestamp())
      insert into removal_claim (id, volume_id, until)
      select ${id}::uuid, volume.id, clock_timestamp() + ${seconds} * interval '1 second' from volume where id = any(${[...volumeIds]}::uuid[])`);
  });
}
