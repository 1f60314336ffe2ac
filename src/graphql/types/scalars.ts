import { GraphQLScalarType } from 'graphql';
import { GraphQLBigInt, GraphQLDateTimeISO, GraphQLISO8601Duration, GraphQLJSON } from 'graphql-scalars';

/** graphql-scalars' own, under the contract's name. */
export const DateTimeScalar = new GraphQLScalarType({
  ...GraphQLDateTimeISO.toConfig(),
  name: 'DateTime',
  description: 'A moment as RFC 3339 text in UTC, such as "2026-01-31T08:15:30.000Z".',
});

/** The library's gives numbers or bigints; here values are always bigint, and written as a number only where exact. */
const libraryBigInt = GraphQLBigInt.toConfig();
export const BigIntScalar = new GraphQLScalarType<bigint, number | string>({
  name: 'BigInt',
  description: 'A whole number: a JSON number where that is exact (up to 2^53), else text of digits.',
  parseValue: (value) => BigInt(libraryBigInt.parseValue(value)),
  parseLiteral: (node, variables) => BigInt(libraryBigInt.parseLiteral(node, variables)),
  serialize: (value) => {
    const number = BigInt(value as bigint | number | string);
    return number >= BigInt(Number.MIN_SAFE_INTEGER) && number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : String(number);
  },
});

export const DurationScalar = new GraphQLScalarType({
  ...GraphQLISO8601Duration.toConfig(),
  name: 'Duration',
  description: 'A length of time as ISO 8601 text, such as "P30D" or "PT6H".',
});

export const JsonScalar = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  name: 'JSON',
  description: 'Any JSON value.',
});
