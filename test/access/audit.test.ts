import { Audit } from '../../src/access/audit.js';
import { silent } from '../harness/database.js';
import { ownDatabase } from '../harness/own-database.js';

const server = ownDatabase();

const written = async (address: string) => {
  const entries = await server.database.journalEntry.findMany({ where: { address } });
  return entries.map(({ type, attributes }) => ({ type, ...(attributes as Record<string, unknown>) }));
};

test('who is refused a thousand different things has some of them journalled, the rest counted, and hides nobody else', async () => {
  const audit = new Audit(server.database, silent, () => undefined);
  const refuse = (address: string, what: string) => {
    audit.note({ type: 'CALL_REFUSED', actor: undefined, address, attributes: { field: what } });
  };
  for (let index = 0; index < 1_000; index += 1) refuse('192.0.2.1', `field ${String(index)}`);
  refuse('192.0.2.2', 'another');
  await audit.stop();
  const entries = await written('192.0.2.1');
  expect(entries).toHaveLength(61);
  expect(entries).toContainEqual({ type: 'CALL_REFUSED', reason: 'others, more than are written within a minute', times: 940 });
  expect(await written('192.0.2.2')).toEqual([{ type: 'CALL_REFUSED', field: 'another' }]);
});

test('all addresses of one holder of IPv6 have the room of one', async () => {
  const audit = new Audit(server.database, silent, () => undefined);
  for (let index = 0; index < 100; index += 1) {
    audit.note({ type: 'CALL_REFUSED', actor: undefined, address: `2001:db8::${index.toString(16)}`, attributes: { field: 'one' } });
  }
  await audit.stop();
  expect(await written('2001:db8:0:0::/64')).toEqual([{ type: 'CALL_REFUSED', reason: 'others, more than are written within a minute', times: 40 }]);
});

test('of the same from one address the first is written at once, and the rest counted', async () => {
  const audit = new Audit(server.database, silent, () => undefined);
  for (let time = 0; time < 5; time += 1)
    audit.note({ type: 'SIGN_IN_FAILED', actor: undefined, address: '192.0.2.3', attributes: { reason: 'the token is not known' } });
  await audit.stop();
  const entry = { type: 'SIGN_IN_FAILED', reason: 'the token is not known' };
  const entries = await written('192.0.2.3');
  expect(entries).toHaveLength(2);
  // They are written side by side.
  expect(entries).toEqual(expect.arrayContaining([entry, { ...entry, times: 4 }]));
});

test('from more addresses than are counted apart, all that is not written is counted', async () => {
  const audit = new Audit(server.database, silent, () => undefined);
  for (let index = 0; index < 1_000; index += 1)
    audit.note({ type: 'SIGN_IN_FAILED', actor: undefined, address: `198.51.100.${String(index)}`, attributes: { reason: 'many' } });
  await audit.stop();
  const entries = await server.database.journalEntry.findMany({ where: { OR: [{ address: { startsWith: '198.51.100.' } }, { address: null }] } });
  const times = entries.map(({ attributes }) => (attributes as { times?: number }).times ?? 1);
  expect(times.reduce((sum, each) => sum + each, 0)).toBe(1_000);
  expect(entries.length).toBeLessThanOrEqual(601 + 200);
});
