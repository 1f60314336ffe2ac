import 'reflect-metadata';
import { getIntrospectionQuery, GraphQLError, parse, specifiedRules, validate } from 'graphql';
import { readSettings } from '../../src/config.js';
import { checkText } from '../../src/graphql/document-text.js';
import { formatError } from '../../src/graphql/errors.js';
import { CostLimit, limitRules } from '../../src/graphql/limits.js';
import { makeSchema } from '../../src/graphql/schema.js';
import { silent } from '../harness/database.js';

const schema = makeSchema();
const { limits } = readSettings({});

/** What a document is refused with before it runs; undefined when it passes. */
function refusal(text: string, variables?: Record<string, unknown>, settings = limits): { code: unknown; message: string } | undefined {
  try {
    checkText(text, settings);
    const document = parse(text, { maxLexicalTokens: settings.tokens });
    const [error] = validate(schema, document, [...specifiedRules, ...limitRules(settings)]);
    if (error !== undefined) throw error;
    new CostLimit(schema, settings).check({ document, operationName: undefined, variables });
    return undefined;
  } catch (error) {
    const { message, extensions } = formatError(error instanceof GraphQLError ? error : error, silent);
    return { code: extensions?.['code'], message };
  }
}

const exceeds = (figure: RegExp) => ({ code: 'LIMIT_EXCEEDED', message: expect.stringMatching(figure) as string });
const repeat = (times: number, part: (index: number) => string) => Array.from({ length: times }, (_, index) => part(index)).join(' ');

test("what is usual passes: GraphiQL's introspection, a page of 500 with mounts and containers, all hosts with their counts", () => {
  for (const text of [
    getIntrospectionQuery({ descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true }),
    '{ volumes(first: 500) { totalCount pageInfo { endCursor hasNextPage } nodes { name host { name } mounts { destination container { name state } } shares { writers readers } } } }',
    '{ hosts { name status stats { volumes containers mounts sharedVolumes danglingVolumes sizeBytes } volumes(first: 20) { nodes { name } } } }',
    'subscription { events { cursor type hostName volumeName containerName volume { name host { name } mounts { container { name } } } } }',
    'mutation { createVolume(input: { hosts: ["a", "b"], name: "x" }) { results { host { name } volume { name mounts { container { name } } } created error { code message } } } }',
    '{ impact(host: "a") { containers { name host { name } } volumes { name } shares { identity } composeProjects } }',
  ])
    expect([text.slice(0, 60), refusal(text)]).toEqual([text.slice(0, 60), undefined]);
});

describe('depth', () => {
  const nested = (levels: number) => `{ hosts { ${'volumes(first: 1) { nodes { host { '.repeat(levels)} name ${'} } }'.repeat(levels)} } }`;

  test('counts fields within fields, and names its figure', () => {
    expect(refusal(nested(4))).toBeUndefined();
    expect(refusal(nested(5))).toEqual(exceeds(/depth of 17; the limit is 15 \(STOWAGE_MAX_DEPTH\)/));
    expect(refusal(nested(4), undefined, { ...limits, depth: 13 })).toEqual(exceeds(/limit is 13/));
  });

  test('is the same through fragments, named and not, and through a chain of them', () => {
    const chain = (length: number) =>
      `{ hosts { ...f0 } } ${repeat(length, (index) => `fragment f${String(index)} on Host { volumes(first: 1) { nodes { host { ... on Host { ...f${String(index + 1)} } } } } }`)} fragment f${String(length)} on Host { name }`;
    expect(refusal(chain(4))).toBeUndefined();
    expect(refusal(chain(5))).toEqual(exceeds(/depth of \d+; the limit is 15/));
    // Met at first where it is not deep.
    expect(refusal(`{ hosts { ...f2 volumes(first: 1) { nodes { host { ...f0 } } } } } ${chain(4).slice(chain(4).indexOf('fragment'))}`)).toEqual(
      exceeds(/depth of 17; the limit is 15/),
    );
  });

  test('brackets that are no fields do not get past it to the end of the stack', () => {
    expect(refusal(`{ hosts { ${'... { '.repeat(1_500)} name ${'}'.repeat(1_500)} } }`)).toEqual(exceeds(/brackets 1502 deep; the limit is 60/));
    expect(refusal(`{ volumes(filter: { names: ${'['.repeat(4_000)} ${']'.repeat(4_000)} }) { totalCount } }`)).toEqual(exceeds(/brackets 4003 deep/));
    expect(refusal(`query ($a: ${'['.repeat(3_000)}Int${']'.repeat(3_000)}) { hosts { name } }`)).toEqual(exceeds(/brackets 3001 deep/));
    // Many, but side by side, or in a text.
    expect(refusal(`{ volumes(filter: { search: "${'{'.repeat(500)}" }) { nodes { name } } }`)).toBeUndefined();
    expect(refusal(`{ hosts { ${'... { name } '.repeat(100)} } }`)).toBeUndefined();
  });
});

describe('aliases', () => {
  test('are counted where fragments are used, and named with their figure', () => {
    expect(refusal(`{ ${repeat(50, (index) => `a${String(index)}: viewer { name }`)} }`)).toBeUndefined();
    expect(refusal(`{ ${repeat(51, (index) => `a${String(index)}: viewer { name }`)} }`)).toEqual(
      exceeds(/aliases.* 51; the limit is 50 \(STOWAGE_MAX_ALIASES\)/),
    );
    expect(refusal(`{ ${'...x '.repeat(20)} } fragment x on Query { ${repeat(50, (index) => `a${String(index)}: viewer { name }`)} }`)).toEqual(
      exceeds(/aliases.* 1000; the limit is 50/),
    );
    expect(refusal('{ a: viewer { name } }', undefined, { ...limits, aliases: 0 })).toEqual(exceeds(/aliases.* 1; the limit is 0/));
  });
});

describe('tokens', () => {
  test('are counted to the end, and named with their figure', () => {
    expect(refusal(`{ ${'hosts { name } '.repeat(2_000)} }`)).toEqual(exceeds(/has 8002 tokens; the limit is 5000 \(STOWAGE_MAX_TOKENS\)/));
    expect(refusal('{ hosts { name status id } }', undefined, { ...limits, tokens: 7 })).toEqual(exceeds(/has 8 tokens; the limit is 7/));
  });

  test('within them, directives by the thousand and fields that repeat are refused, and soon', () => {
    expect(refusal(`{ hosts { name ${'@include(if: true) '.repeat(700)} } }`)).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(refusal(`{ hosts { name ${'@no '.repeat(2_000)} } }`)).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(refusal(`{ ${'hosts { name } '.repeat(1_200)} }`)).toEqual(exceeds(/repeats the same fields.*limit/));
  });

  test('fragments in circles are refused, however they close', () => {
    expect(refusal('{ hosts { ...a } } fragment a on Host { ...b } fragment b on Host { ...a }')).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(refusal('{ hosts { ...a } } fragment a on Host { volumes { nodes { host { ...a } } } }')).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

test.each([
  'subscription { events @skip(if: true) { cursor } }',
  'subscription ($no: Boolean = false) { events @ include(if: $no) { cursor } }',
  'subscription { ... @include(if: true) { events { cursor } } }',
  'subscription { ...A @skip(if: false) } fragment A on Subscription { events { cursor } }',
  'subscription { ...A } fragment A on Subscription { ... { events @include(if: false) { cursor } } }',
])('%s is refused: a subscription of nothing never starts', (text) => {
  expect(refusal(text)).toEqual({ code: 'BAD_USER_INPUT', message: 'Anonymous Subscription must not use @skip or @include at its top level.' });
});

test('what a subscription tells of its field may be left out, and all of a query', () => {
  expect(refusal('subscription { events { cursor @skip(if: true) ... @include(if: false) { type } } }')).toBeUndefined();
  expect(refusal('{ hosts @skip(if: true) { name } }')).toBeUndefined();
});

describe('cost', () => {
  const HEAVY = 'nodes { mounts { container { mounts { container { mounts { id } } } } } }';

  test('is that of pages times what each entry leads to', () => {
    expect(refusal(`{ volumes(first: 500) { ${HEAVY} } }`)).toEqual(exceeds(/may read 93001 objects; the limit is 20000 \(STOWAGE_MAX_COST\)/));
    expect(refusal(`{ volumes(first: 100) { ${HEAVY} } }`)).toBeUndefined();
    expect(refusal('{ hosts { name } }', undefined, { ...limits, cost: 20 })).toBeUndefined();
    expect(refusal('{ hosts { name } }', undefined, { ...limits, cost: 19 })).toEqual(exceeds(/may read 20 objects; the limit is 19/));
  });

  test.each([
    ['variables', `query ($n: Int) { volumes(first: $n) { ${HEAVY} } }`, { n: 500 }],
    ['defaults of variables', `query ($n: Int = 500) { volumes(first: $n) { ${HEAVY} } }`, {}],
    ['fragments', `{ ...a } fragment a on Query { volumes(first: 500) { ...b } } fragment b on VolumeConnection { ${HEAVY} }`, {}],
    ['@include', `query ($yes: Boolean!) { volumes(first: 500) @include(if: $yes) { ${HEAVY} } }`, { yes: true }],
    ['@skip with a default', `query ($no: Boolean = false) { volumes(first: 500) @skip(if: $no) { ${HEAVY} } }`, {}],
    ['aliases', `{ ${repeat(50, (index) => `a${String(index)}: volumes(first: 500) { nodes { name } }`)} }`, {}],
    ['edges', `{ volumes(first: 500) { edges { node { mounts { container { mounts { container { mounts { id } } } } } } } } }`, {}],
    ['pages within lists', '{ hosts { volumes(first: 500) { nodes { events(first: 10) { nodes { id } } } } } }', {}],
    [
      'counts',
      `{ ${repeat(50, (index) => `a${String(index)}: volumes(filter: { search: "x" }) { totalCount nodes { id host { id } } }`)} containers(first: 500) { nodes { host { volumes { totalCount } } } } }`,
      {},
    ],
    ['the answer of a mutation', `mutation { syncHosts { results { host { volumes(first: 500) { ${HEAVY} } } } } }`, {}],
    ['events', `subscription { events { host { volumes(first: 500) { ${HEAVY} } } } }`, {}],
    ['lists of an impact', '{ impact(host: "a") { containers { mounts { container { mounts { container { id } } } } } } }', {}],
    ['the schema', `{ ${repeat(40, (index) => `a${String(index)}: __schema { types { fields { name type { fields { name } } } } }`)} }`, {}],
    ['an argument that fails elsewhere', `query ($n: String = "x") { host(name: $n) { name } volumes(first: 500) { ${HEAVY} } }`, { n: 'x' }],
  ])('%s do not get past it', (_by, text, variables) => {
    expect(refusal(text, variables)).toEqual(exceeds(/may read \d+ objects; the limit is 20000/));
  });

  test('what is left out costs nothing', () => {
    expect(refusal(`query ($no: Boolean!) { viewer { name } volumes(first: 500) @include(if: $no) { ${HEAVY} } }`, { no: false })).toBeUndefined();
  });

  test('an argument or directive that fails does not make the rest free', () => {
    expect(refusal(`query ($n: String = "x") { host(name: $n) { name } volumes(first: 500) { ${HEAVY} } }`, { n: null })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    expect(refusal(`query ($b: Boolean = true) { hosts @include(if: $b) { name } volumes(first: 500) { ${HEAVY} } }`, { b: null })).toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  test('fragments that double are counted no longer than they need to be', () => {
    const doubling = repeat(200, (index) => `fragment f${String(index)} on Host { ...f${String(index + 1)} ...f${String(index + 1)} }`);
    expect(refusal(`{ hosts { ...f0 } } ${doubling} fragment f200 on Host { name }`)).toEqual(exceeds(/more than 20000 fields.*STOWAGE_MAX_COST/));
  });

  test('lists of the schema within each other are refused', () => {
    expect(refusal('{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }')).toEqual(exceeds(/the limit is 2/));
    expect(refusal('{ __type(name: "Query") { fields { type { interfaces { possibleTypes { fields { name } } } } } } }')).toEqual(exceeds(/the limit is 2/));
  });
});

describe('pages', () => {
  test.each([
    ['{ volumes(first: 501) { nodes { name } } }', {}, 501],
    ['query ($n: Int) { volumes(first: $n) { nodes { name } } }', { n: 2_147_483_647 }, 2_147_483_647],
    ['{ hosts { containers(first: 100000) { totalCount } } }', {}, 100_000],
    ['{ hosts { ...a } } fragment a on Host { volumes(first: 600) { pageInfo { endCursor } } }', {}, 600],
  ])('%j with %j is refused by its size', (text, variables, figure) => {
    expect(refusal(text, variables)).toEqual(exceeds(new RegExp(`first is ${String(figure)}; a page has at most 500 entries \\(STOWAGE_MAX_PAGE\\)`)));
  });

  test('less than nothing and more than an Int are wrong input', () => {
    expect(refusal('{ volumes(first: -1) { nodes { name } } }')).toEqual({ code: 'BAD_USER_INPUT', message: 'first is -1; it must be 0 or more.' });
    expect(refusal('{ volumes(first: 99999999999) { nodes { name } } }')).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(refusal('{ volumes(first: 0) { nodes { name } } }')).toBeUndefined();
    expect(refusal('{ volumes(first: null) { nodes { name } } }')).toBeUndefined();
  });

  test('as long as is set', () => {
    expect(refusal('{ volumes(first: 11) { nodes { name } } }', undefined, { ...limits, pageSize: 10 })).toEqual(exceeds(/at most 10 entries/));
  });
});

test('a refusal is remembered by its variables, not by its document alone', () => {
  const costLimit = new CostLimit(schema, limits);
  const document = parse('query ($n: Int) { volumes(first: $n) { nodes { mounts { container { mounts { container { mounts { id } } } } } } } }');
  const check = (n: number) => {
    costLimit.check({ document, operationName: undefined, variables: { n } });
  };
  for (let round = 0; round < 2; round += 1) {
    expect(() => {
      check(500);
    }).toThrow(/STOWAGE_MAX_COST/);
    expect(() => {
      check(5);
    }).not.toThrow();
  }
});
