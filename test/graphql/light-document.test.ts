import 'reflect-metadata';
import { execute, Kind, parse, print, visit, type ASTNode, type DocumentNode, type ExecutionResult } from 'graphql';
import { compileOperation } from '../../src/graphql/compile.js';
import { lighten, sizeOf } from '../../src/graphql/light-document.js';
import { makeSchema } from '../../src/graphql/schema.js';

const schema = makeSchema();
const DOCUMENT = `
  query places($id: ID!, $filter: VolumeFilter) {
    node(id: $id) { ...names }
    later:
      volumes(filter: $filter, first: 3) { nodes { name } }
  }
  fragment names on Node { id }`;

function lightened(text: string): DocumentNode {
  const document = parse(text);
  lighten(document);
  return document;
}

test('a document that is kept holds no token, and is printed and placed as before', () => {
  const [whole, light] = [parse(DOCUMENT), lightened(DOCUMENT)];
  expect(print(light)).toBe(print(whole));
  const places = (document: ASTNode) => {
    const found: unknown[] = [];
    visit(document, {
      enter: ({ kind, loc }) => {
        if (kind !== Kind.NAME) found.push([kind, loc?.start, loc?.end, loc?.startToken.line, loc?.startToken.column, loc?.source.body.length]);
      },
    });
    return found;
  };
  expect(places(light)).toEqual(places(whole));
  const tokens = new Set<unknown>();
  visit(light, {
    enter: ({ loc }) => {
      for (const part of Object.values(loc ?? {})) if (typeof part === 'object' && part !== null && 'prev' in part) tokens.add(part);
    },
  });
  expect(tokens.size).toBe(0);
});

test('its size is that of its nodes, and of its text where that is long', () => {
  expect(sizeOf(lightened('{ viewer { name } }'))).toBe(9);
  expect(sizeOf(lightened(`{ host(name: "${'x'.repeat(10_000)}") { name } }`))).toBeGreaterThan(100);
});

test.each([
  ['a variable that is not of its type', { id: null }],
  ['another one, inside', { id: 'x', filter: { nothing: 1 } }],
  ['a field that fails', { id: 'x' }],
])('errors have the same places, by graphql-js and compiled: %s', async (_what, variables) => {
  const run = (document: DocumentNode): Promise<ExecutionResult>[] => [
    // Without a context every resolver fails.
    Promise.resolve(execute({ schema, document, variableValues: variables })),
    Promise.resolve(compileOperation(schema, document, undefined)?.run(undefined, undefined, variables) ?? { errors: [] }),
  ];
  const placesOf = async (document: DocumentNode) => (await Promise.all(run(document))).map(({ errors }) => errors?.map(({ locations }) => locations));
  const places = await placesOf(parse(DOCUMENT));
  expect(await placesOf(lightened(DOCUMENT))).toEqual(places);
  for (const some of places) expect(some?.flat()).toContainEqual({ line: expect.any(Number) as number, column: expect.any(Number) as number });
});

test('an operation of many fields is not compiled, however short its document', () => {
  const fragments = Array.from(
    { length: 6 },
    (_, index) =>
      `fragment f${String(index)} on Volume { id host { volumes { nodes { ...f${String(index + 1)} } } } mounts { volume { ...f${String(index + 1)} } } }`,
  );
  const text = (first: number) => `{ volumes { nodes { ...f${String(first)} } } } ${fragments.join(' ')} fragment f6 on Volume { id }`;
  expect(compileOperation(schema, parse(text(3)), undefined)).toMatchObject({ codeLength: expect.any(Number) as number });
  expect(compileOperation(schema, parse(text(0)), undefined)).toBeUndefined();
});
