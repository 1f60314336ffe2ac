import 'reflect-metadata';
import fc from 'fast-check';
import { graphql } from 'graphql';
import { makeContext } from '../../src/graphql/context.js';
import { formatError } from '../../src/graphql/errors.js';
import { makeSchema } from '../../src/graphql/schema.js';
import { addHost, newHostId } from '../../src/inventory/hosts.js';
import { silent } from '../harness/database.js';
import { ownDatabase } from '../harness/own-database.js';
import { servicesFor } from '../harness/services.js';

const schema = makeSchema();
const server = ownDatabase();

beforeAll(async () => {
  await addHost(server.database, { id: newHostId(), name: 'alpha', endpoint: 'unix:///x', labels: {}, credentials: null }, 'test');
});

/** Codes of the problems that a document meets. */
async function codesOf(source: string, variableValues: Record<string, unknown>): Promise<string[]> {
  const services = servicesFor(server.database, server.url);
  const { errors } = await graphql({
    schema,
    source,
    variableValues,
    contextValue: makeContext(services, { id: 'test', name: 'test', role: 'ADMIN', hosts: null }),
  });
  return (errors ?? []).map((error) => String(formatError(error, silent).extensions?.['code']));
}

const DOCUMENT = `query ($text: String!, $list: [String!], $label: [LabelFilter!], $id: ID!, $after: String, $first: Int, $size: BigInt, $time: Duration, $field: VolumeOrderField!) {
  node(id: $id) { id }
  host(name: $text) { name volumes(filter: { search: $text }) { totalCount } }
  volume(host: "alpha", name: $text) { name }
  container(host: "alpha", name: $text) { name }
  volumes(first: $first, after: $after, filter: { hosts: $list, names: $list, search: $text, drivers: $list, labels: $label, composeProject: $text, minSizeBytes: $size, unusedFor: $time }, orderBy: { field: $field, direction: DESC }) { totalCount nodes { name } }
  containers(first: $first, after: $after, filter: { hosts: $list, search: $text, labels: $label, volume: $text }) { totalCount }
  shares(first: $first, after: $after, filter: { hosts: $list }) { totalCount }
  events(first: $first, after: $after, filter: { hosts: $list, volume: $text, container: $text }) { nodes { cursor } }
}`;

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\0', 'a\0b', '%', '_', '\\', "'; drop table host; --", '\ud800', '💥'.repeat(1_000), '__proto__'),
);
/** Cursors that were tampered with: right in form, with anything in them. */
const cursor = fc.oneof(
  text,
  fc
    .tuple(
      fc.constantFrom(
        'volume NAME DESC',
        'volume CREATED_AT DESC',
        'volume SIZE DESC',
        'volume LAST_MOUNTED_AT DESC',
        'volume SHARE_COUNT DESC',
        'container NAME',
      ),
      fc.oneof(text, fc.integer(), fc.constantFrom(null, '-infinity', 'infinity', '99999999999999999999', '2026-13-45 99:99:99+00')),
      fc.constantFrom('0190a0a0-0000-7000-8000-000000000000', 'x'),
    )
    .map((parts) => Buffer.from(JSON.stringify(parts)).toString('base64url')),
);

test("whatever the arguments of a query are, it is answered or refused with a problem that is the caller's, never INTERNAL", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        text,
        list: fc.option(fc.array(text, { maxLength: 3 })),
        label: fc.option(fc.array(fc.record({ key: text, value: fc.option(text) }), { maxLength: 3 })),
        id: fc.oneof(
          text,
          fc.constantFrom(
            'Volume:x',
            'Volume:0190a0a0-0000-7000-8000-000000000000',
            'LifecycleEvent:999999999999999999',
            'Nothing:0190a0a0-0000-7000-8000-000000000000',
          ),
        ),
        after: fc.option(cursor),
        first: fc.option(fc.oneof(fc.integer({ min: -5, max: 600 }), fc.integer())),
        size: fc.option(fc.oneof(fc.bigInt().map(String), fc.integer())),
        time: fc.option(fc.constantFrom('P1D', 'PT0S', 'P99999999Y', '-P1D', 'P1.5W', 'nonsense', 'P')),
        field: fc.constantFrom('NAME', 'CREATED_AT', 'SIZE', 'LAST_MOUNTED_AT', 'SHARE_COUNT'),
      }),
      async (variables) => {
        expect((await codesOf(DOCUMENT, variables)).filter((code) => code !== 'BAD_USER_INPUT' && code !== 'LIMIT_EXCEEDED')).toEqual([]);
      },
    ),
    { numRuns: 400 },
  );
}, 120_000);
