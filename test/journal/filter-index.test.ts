import fc from 'fast-check';
import { LIFECYCLE_EVENT_TYPES, matches, type Entry, type EntryFilter } from '../../src/journal/entry.js';
import { FilterIndex } from '../../src/journal/filter-index.js';

const some = (prefix: string) => fc.integer({ min: 0, max: 3 }).map((number) => `${prefix}${String(number)}`);
const types = fc.constantFrom(...LIFECYCLE_EVENT_TYPES.slice(0, 3), 'CHANGE_REFUSED' as const);
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });

const filters: fc.Arbitrary<EntryFilter> = fc.record({
  hosts: maybe(fc.array(some('host'), { maxLength: 3 })),
  types: maybe(fc.array(types, { maxLength: 3 })),
  volume: maybe(some('volume')),
  container: maybe(some('container')),
  hostIds: maybe(fc.uniqueArray(some('host-id'), { maxLength: 3 })),
  withoutAudit: maybe(fc.boolean()),
});

const entryOf = (parts: Partial<Entry>): Entry => ({
  position: 1n,
  type: 'VOLUME_CREATED',
  source: 'ENGINE',
  occurredAt: new Date(0),
  recordedAt: new Date(0),
  hostId: null,
  hostName: null,
  volumeId: null,
  volumeName: null,
  containerId: null,
  containerName: null,
  shareId: null,
  operationId: null,
  actor: null,
  address: null,
  otherHostIds: [],
  attributes: {},
  ...parts,
});

const entries = fc
  .record({
    type: types,
    hostName: fc.option(some('host')),
    volumeName: fc.option(some('volume')),
    containerName: fc.option(some('container')),
    hostId: fc.option(some('host-id')),
    otherHostIds: fc.array(some('host-id'), { maxLength: 2 }),
  })
  .map(entryOf);

test('the index finds exactly the filters that take an entry, each once, whatever was added and taken away', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ filter: filters, isGone: fc.boolean() }), { maxLength: 30 }), entries, (owners, entry) => {
      const index = new FilterIndex<{ filter: EntryFilter }>();
      for (const owner of owners) index.add(owner);
      for (const owner of owners) if (owner.isGone) index.delete(owner);
      const found: unknown[] = [];
      index.match(entry, (owner) => found.push(owner));
      const wanted = owners.filter(({ filter, isGone }) => !isGone && matches(entry, filter));
      expect(new Set(found)).toEqual(new Set(wanted));
      expect(found).toHaveLength(wanted.length);
    }),
    { numRuns: 500 },
  );
});

test('an entry is compared with none of a thousand filters for other volumes', () => {
  const index = new FilterIndex<{ filter: EntryFilter }>();
  for (let number = 0; number < 1_000; number += 1) index.add({ filter: { volume: `volume-${String(number)}`, hosts: ['alpha'] } });
  const compared = (volumeName: string) => index.match(entryOf({ hostName: 'alpha', volumeName }), () => undefined);
  expect(compared('another')).toBe(0);
  expect(compared('volume-7')).toBe(1);
});
