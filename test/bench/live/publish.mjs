// Journals events. Usage: node publish.mjs, with {url, count, perSecond} as JSON on its standard input; perSecond 0: all as
// fast as they commit. Prints the time of each commit, taken before it was asked for, as [[position, ms since 1970], ...].
import { setTimeout as delay } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import pg from 'pg';

const { url, count, perSecond, hosts } = JSON.parse(await text(process.stdin));
const client = new pg.Client({ connectionString: url });
await client.connect();
const now = () => performance.timeOrigin + performance.now();
const times = [];
const began = now();
for (let index = 0; index < count; index += 1) {
  if (perSecond > 0) {
    const wait = began + (index * 1000) / perSecond - now();
    if (wait > 1) await delay(wait);
  }
  await client.query('begin');
  await client.query(`select pg_advisory_xact_lock(7301846222), pg_notify('stowage_journal', '')`);
  const { rows } = await client.query({
    name: 'journal',
    text: `insert into journal (type, source, occurred_at, host_name, volume_name, container_name, attributes)
      values ('VOLUME_MOUNTED', 'ENGINE', now(), $1, $2, $3, '{}') returning position`,
    values: [hosts[index % hosts.length], `volume-of-some-application-${String(index)}`, `container-of-it-${String(index)}`],
  });
  const at = now();
  await client.query('commit');
  times.push([Number(rows[0].position), at]);
}
await client.end();
process.stdout.write(JSON.stringify(times));
