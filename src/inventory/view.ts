import { Prisma, type Database } from '../database/client.js';
import { AUDIT_TYPES } from '../journal/entry.js';

// Who may see some hosts only is shown what there would be without the others.

/** A host that is in a view. */
interface ViewedHost {
  readonly name: string;
  /** undefined: no host has that name now. */
  readonly id: string | undefined;
}

/**
 * The database as it is for a caller for whom these hosts exist only; null: all of it. Each statement that reads rows is put
 * behind subqueries that bear the names of the tables and leave out what is of other hosts, so that no statement can forget
 * to: the one place where hosts are hidden from reading. PostgreSQL takes them into the statement, and uses its indexes as
 * ever. Nothing but `readRows` is to be had of it: any other way would go past.
 */
export function viewOf(database: Database, hosts: readonly ViewedHost[] | null): Database {
  if (hosts === null) return database;
  const ids = hosts.flatMap(({ id }) => id ?? []);
  const tables = tablesFor(
    ids,
    hosts.map(({ name }) => name),
  );
  const readRows: Database['readRows'] = (statement, options) => {
    const { text } = statement;
    const named = tables.filter(({ when }) => text.includes(when));
    const list = Prisma.join(named.map(({ name, rows }) => Prisma.sql`${Prisma.raw(name)} as not materialized (${rows})`));
    return database.readRows(named.length === 0 ? statement : Prisma.sql`with ${list} ${statement}`, options);
  };
  return new Proxy(database, {
    get: (_target, property) => {
      if (property === 'readRows') return readRows;
      // Asked for by `await`.
      if (property === 'then') return undefined;
      throw new Error(`a view of the database has no ${String(property)}: read with readRows`);
    },
  });
}

/** What stands in place of a table. */
interface Replacement {
  readonly name: string;
  /** The text that a statement has in it when it may read the table. */
  readonly when: string;
  readonly rows: Prisma.Sql;
}

/** In this order: each knows the tables themselves by the names of those that come after it. */
function tablesFor(ids: readonly string[], names: readonly string[]): readonly Replacement[] {
  const list = Prisma.sql`${[...ids]}::uuid[]`;
  const [only] = ids;
  // For one host an equality, whose index keeps the order of what comes behind it.
  const seen = (column: string) => {
    const id = Prisma.raw(column);
    return ids.length === 1 && only !== undefined ? Prisma.sql`${id} = ${only}::uuid` : Prisma.sql`${id} = any(${list})`;
  };
  const replacement = (name: string, rows: Prisma.Sql, when = name): Replacement => ({ name, when, rows });
  const backupSeen = Prisma.sql`(${seen('b.host_id')}
    or (b.host_name = any(${[...names]}::text[]) and not exists (select 1 from host where host.id = b.host_id)))`;
  return [
    // What concerns any hidden host is hidden, since what is told of it may name that host.
    replacement(
      'operation',
      Prisma.sql`select * from operation o
        where (o.source_host_id is null or ${seen('o.source_host_id')}) and (o.target_host_id is null or ${seen('o.target_host_id')})
          and not exists (select 1 from backup b where b.id = o.backup_id and not ${backupSeen})
          and case o.kind
            when 'MEASURE' then array(select jsonb_array_elements_text(o.input -> 'hostIds'))::uuid[] <@ ${list}
            when 'VERIFY' then exists (select 1 from backup b where b.id = o.backup_id)
            else true end`,
    ),
    replacement('backup', Prisma.sql`select * from backup b where ${backupSeen}`),
    replacement(
      'journal',
      Prisma.sql`select * from journal j
        where ${seen('j.host_id')} and coalesce(j.other_host_ids, '{}') <@ ${list} and j.type <> all(${[...AUDIT_TYPES]}::text[])`,
    ),
    // Shares that reach over hosts, as they are among those that are seen: as place-index.ts and share-risks.ts decide.
    replacement(
      'share_seen',
      Prisma.sql`select s.id, seen.host_id, seen.multiple_writers, seen.cross_host_writers
        from share s cross join lateral (
          select case when count(distinct n.host_id) = 1 then min(n.host_id::text)::uuid end as host_id,
            bool_or(n.path = s.path) and count(distinct n.container_id) >= 2 and count(distinct n.volume_id) >= 2 as is_shared,
            coalesce(bool_or(n.path = s.path) filter (where not n.read_only), false)
              and count(distinct n.container_id) filter (where not n.read_only) >= 2 as multiple_writers,
            coalesce(bool_or(n.path = s.path) filter (where not n.read_only), false)
              and count(distinct n.host_id) filter (where not n.read_only) >= 2 as cross_host_writers
          from share_mount sm join network_spot n on n.mount_id = sm.mount_id where sm.share_id = s.id and ${seen('n.host_id')}
        ) seen where s.host_id is null and seen.is_shared`,
      'share',
    ),
    replacement(
      'share_mount',
      Prisma.sql`select sm.* from share_mount sm join share s on s.id = sm.share_id
        where ${seen('s.host_id')} or (s.host_id is null and s.id in (select share_seen.id from share_seen)
          and exists (select 1 from network_spot n where n.mount_id = sm.mount_id and ${seen('n.host_id')}))`,
    ),
    replacement(
      'share',
      Prisma.sql`select s.id, s.kind, s.identity, s.host_id, s.volume_id, s.formed_at, s.multiple_writers, s.cross_host_writers, s.space, s.path
        from share s where ${seen('s.host_id')}
        union all
        select s.id, s.kind, s.identity, share_seen.host_id, s.volume_id, s.formed_at, share_seen.multiple_writers, share_seen.cross_host_writers, s.space, s.path
        from share s join share_seen on share_seen.id = s.id`,
    ),
    replacement('network_spot', Prisma.sql`select * from network_spot n where ${seen('n.host_id')}`),
    replacement('mount', Prisma.sql`select m.* from mount m where exists (select 1 from container c where c.id = m.container_id and ${seen('c.host_id')})`),
    replacement('container', Prisma.sql`select * from container c where ${seen('c.host_id')}`),
    replacement(
      'backup_policy',
      Prisma.sql`select * from backup_policy p where exists (select 1 from volume v where v.id = p.volume_id and ${seen('v.host_id')})`,
    ),
    replacement('volume_size', Prisma.sql`select * from volume_size z where exists (select 1 from volume v where v.id = z.volume_id and ${seen('v.host_id')})`),
    replacement('volume', Prisma.sql`select * from volume v where ${seen('v.host_id')}`),
    replacement('host', Prisma.sql`select * from host h where ${seen('h.id')}`),
  ];
}
