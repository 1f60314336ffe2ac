// The journal as the peers read it: woken by the commit, one read for all subscribers, as JSON with the benchmark's fields.
import pg from 'pg';

const READ = `select position, type, source, occurred_at, recorded_at, host_name, volume_name, container_name
  from journal where position > $1 order by position limit 500`;

/** Calls `hear` with each event, in order. */
export async function followJournal(url, hear) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let { seen } = (await client.query('select coalesce(max(position), 0) as seen from journal')).rows[0];
  let reading = false;
  let again = false;
  const read = async () => {
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    do {
      again = false;
      const { rows } = await client.query({ name: 'read', text: READ, values: [seen] });
      for (const row of rows) {
        seen = row.position;
        hear({
          cursor: `j${row.position}`,
          type: row.type,
          source: row.source,
          occurredAt: row.occurred_at,
          recordedAt: row.recorded_at,
          hostName: row.host_name,
          volumeName: row.volume_name,
          containerName: row.container_name,
        });
      }
      if (rows.length === 500) again = true;
    } while (again);
    reading = false;
  };
  client.on('notification', read);
  await client.query('listen stowage_journal');
  await read();
}
