import { v7 as newId } from 'uuid';
import { Prisma, type Database } from '../database/client.js';

/** Seconds that a change may take of which the gateway that watches its host is told; a killed gateway leaves its claims for so long. */
const CLAIM_SECONDS = 60;
/** Seconds after a change in which what is seen of its object is still taken for that change. */
const AFTERMATH_SECONDS = 2;

/** A change that is being made through some gateway. */
export interface ChangeClaim {
  readonly kind: 'volume' | 'container';
  /** Name of a volume; engine id of a container, or the name that a new one is given. */
  readonly key: string;
  /** Who makes it, for the journal. */
  readonly actor: string;
}

/**
 * Tells the gateway that watches a host, before anything is changed there, who changes what: it may hear of it from the engine
 * before the one that makes the change has its answer. Returns the ids for {@link releaseClaims}.
 */
export async function claimChanges(database: Database, hostId: string, claims: readonly ChangeClaim[]): Promise<string[]> {
  const rows = claims.map((claim) => ({ id: newId(), ...claim }));
  await database.$executeRaw(Prisma.sql`
    with past as (delete from change_claim where until < clock_timestamp())
    insert into change_claim (id, host_id, kind, key, actor, until)
    select r.id, host.id, r.kind, r.key, r.actor, clock_timestamp() + ${CLAIM_SECONDS} * interval '1 second'
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, kind text, key text, actor text), host where host.id = ${hostId}::uuid`);
  return rows.map(({ id }) => id);
}

/** Says that the changes are made. */
export async function releaseClaims(database: Database, ids: readonly string[]): Promise<void> {
  await database.$executeRaw(Prisma.sql`
    update change_claim set until = clock_timestamp() + ${AFTERMATH_SECONDS} * interval '1 second' where id = any(${[...ids]}::uuid[])`);
}

/** What is being changed on a host through other gateways. */
export function openClaims(database: Database, hostId: string): Promise<ChangeClaim[]> {
  return database.$queryRaw<ChangeClaim[]>(Prisma.sql`select kind, key, actor from change_claim where host_id = ${hostId}::uuid and until > clock_timestamp()`);
}
