import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { GraphQLDateTimeISO, GraphQLISO8601Duration, GraphQLJSON } from 'graphql-scalars';

/** graphql-scalars' own, under the contract's name. */
export const DateTimeScalar = new GraphQLScalarType({
  ...GraphQLDateTimeISO.toConfig(),
  name: 'DateTime',
  description: 'A moment as RFC 3339 text in UTC, such as "2026-01-31T08:15:30.000Z".',
  // All times of the database are dates already: what else theirs looks at is looked at for nothing.
  serialize: (value) => (value instanceof Date ? value.toISOString() : GraphQLDateTimeISO.serialize(value)),
});

/** graphql-scalars' own would need BigInt.prototype to be changed, and writes text where the contract wants a number. */
export const BigIntScalar = new GraphQLScalarType<bigint, number | string>({
  name: 'BigInt',
  description: 'A whole number: a JSON number where that is exact (up to 2^53), else text of digits.',
  parseValue: readBigInt,
  parseLiteral: (node) => readBigInt(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined),
  serialize: (value) => {
    // What is rounded to an exact number is that number.
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(BigInt(value as bigint | number | string));
  },
});

function readBigInt(value: unknown): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,40}$/.test(value)) return BigInt(value);
  throw new GraphQLError('BigInt is a whole number, or text of its digits where a number would not be exact.');
}

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
