import { ROOT_FIELDS, type FieldRule } from '../../src/access/access-table.js';
import type { Caller } from '../../src/access/caller.js';
import { narrowArguments } from '../../src/access/permissions.js';

const caller: Caller = {
  ...{ id: 'some', name: 'some', role: 'OPERATOR' },
  hosts: [
    { name: 'alpha', id: 'a', enabled: true },
    { name: 'beta', id: 'b', enabled: false },
    { name: 'gone', id: undefined, enabled: false },
  ],
};
const [sync, measure] = ['syncHosts', 'measureVolumes'].map((name) => ROOT_FIELDS.Mutation[name] as FieldRule) as [FieldRule, FieldRule];

test('where all hosts are meant they are those that exist for the caller; what engines are asked for, those that are enabled', () => {
  expect(narrowArguments(caller, sync, {})).toEqual({ hosts: ['alpha', 'beta'] });
  expect(narrowArguments(caller, sync, { hosts: null })).toEqual({ hosts: ['alpha', 'beta'] });
  expect(narrowArguments(caller, measure, { input: {} })).toEqual({ input: { hosts: ['alpha'] } });
});

test('an empty list of hosts means none, and not all', () => {
  expect(narrowArguments(caller, sync, { hosts: [] })).toEqual({ hosts: [] });
  expect(narrowArguments(caller, measure, { input: { hosts: [] } })).toEqual({ input: { hosts: [] } });
});

test('a host that is named is taken as it is, and one that does not exist for the caller is refused', () => {
  expect(narrowArguments(caller, measure, { input: { hosts: ['beta'] } })).toEqual({ input: { hosts: ['beta'] } });
  expect(() => narrowArguments(caller, measure, { input: { hosts: ['alpha', 'other'] } })).toThrow('There is no host named "other".');
});
