import type { Chance } from '../harness/random.js';

// Documents that are short to send and long to answer, each larger than any limit of the gateway.

/** A document that is to be refused at once, whoever sends it. */
export interface Bomb {
  readonly name: string;
  readonly text: string;
}

const times = (count: number, make: (index: number) => string) => Array.from({ length: count }, (_, index) => make(index)).join(' ');

const KINDS: Readonly<Record<string, (size: number) => string>> = {
  depth: (size) => `{ hosts ${'{ volumes { nodes { host '.repeat(size)}{ id }${' } } }'.repeat(size)} }`,
  'brackets alone': (size) => '{'.repeat(size * 40),
  'lists in arguments': (size) => `{ host(name: ${'['.repeat(size * 20)}${']'.repeat(size * 20)}) { id } }`,
  'objects in arguments': (size) => `{ volumes(filter: ${'{a: '.repeat(size * 20)}1${'}'.repeat(size * 20)}) { totalCount } }`,
  aliases: (size) => `{ ${times(size * 4, (index) => `a${String(index)}: viewer { name }`)} }`,
  'one field again and again': (size) => `{ ${times(size * 20, () => 'viewer { name }')} }`,
  'one field again and again, deeper': (size) => `{ hosts { ${times(size * 8, () => 'volumes { nodes { id name } }')} } }`,
  'fragments in a circle': (size) =>
    `{ hosts { ...f0 } } ${times(size, (index) => `fragment f${String(index)} on Host { name ...f${String((index + 1) % size)} }`)}`,
  'a fragment in itself': () => 'fragment f on Host { volumes { nodes { host { ...f } } } } { hosts { ...f } }',
  'fragments that double': (size) =>
    `{ hosts { ...f0 } } ${times(Math.min(size, 60), (index) => `fragment f${String(index)} on Host { ...f${String(index + 1)} ...f${String(index + 1)} }`)} fragment f${String(Math.min(size, 60))} on Host { name }`,
  'directives by the thousand': (size) => `{ viewer ${times(size * 20, () => '@include(if: true)')} { name } }`,
  'directives that nobody knows': (size) => `{ viewer ${times(size * 20, (index) => `@d${String(index)}`)} { name } }`,
  'fields that nobody knows': (size) => `{ ${times(size * 20, (index) => `nothing${String(index)}`)} }`,
  'variables by the thousand': (size) => `query (${times(size * 8, (index) => `$v${String(index)}: Int`)}) { viewer { name } }`,
  'operations by the thousand': (size) => times(size * 8, (index) => `query q${String(index)} { viewer { name } }`),
  'introspection of introspection': (size) => `{ __schema { types { fields { type ${'{ ofType '.repeat(size)}{ name }${' }'.repeat(size)} } } } }`,
  'the schema for each type of the schema': () => '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
  'pages of pages': () =>
    '{ volumes(first: 500) { nodes { containers { host { volumes(first: 500) { nodes { containers { host { volumes(first: 500) { nodes { id } } } } } } } } } } }',
  'pages without end': () => '{ volumes(first: 2147483647) { nodes { id } } }',
  'conflicts of fields': (size) =>
    `{ ${times(size * 4, (index) => `a: ${index % 2 === 0 ? 'hosts' : 'findings'} { ${index % 2 === 0 ? 'id' : 'totalCount'} }`)} }`,
  'a long string': (size) => `{ host(name: "${'x'.repeat(size * 400)}") { id } }`,
  'a long block string': (size) => `{ host(name: """${'\n'.repeat(size * 100)}""") { id } }`,
  'a long name': (size) => `{ ${'n'.repeat(size * 400)} }`,
  'a long number': (size) => `{ volumes(first: ${'9'.repeat(size * 100)}) { totalCount } }`,
  'comments only': (size) => '# nothing\n'.repeat(size * 50),
  commas: (size) => `{${','.repeat(size * 400)}viewer { name } }`,
  subscriptions: (size) => `subscription { ${times(size, (index) => `a${String(index)}: events { cursor }`)} }`,
};

/** The kinds of bombs. */
export const BOMB_KINDS = Object.keys(KINDS);

/** A bomb of some size. */
export function makeBomb(chance: Chance, kind = chance.oneOf(BOMB_KINDS)): Bomb {
  return { name: kind, text: KINDS[kind]?.(chance.oneOf([20, 100, 400])) ?? '' };
}
