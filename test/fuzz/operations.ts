import {
  getNamedType,
  getNullableType,
  GraphQLBoolean,
  GraphQLNonNull,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import type { Chance } from '../harness/random.js';

// Operations from the emitted schema: right in form, mostly, with anything in their arguments.

/** An operation as a client sends it. */
export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What is there, so that not every operation ends at a name that nobody has. */
export interface KnownThings {
  readonly hosts: readonly string[];
  /** Names of volumes, containers and images, as they can be. */
  readonly names: readonly string[];
  /** Global ids that the gateway has shown. */
  readonly ids: readonly string[];
  readonly cursors: readonly string[];
}

/** How deep fields are asked for below a root field. */
const MAX_DEPTH = 5;
/** How likely a value is of another type than the schema says. */
const WRONG_TYPE = 0.015;
/** How likely a text is one that nobody would think of. */
const STRANGE_TEXT = 0.12;
/** How likely an optional argument is given. */
const OPTIONAL = 0.35;
/** How likely arguments stand in variables. */
const IN_VARIABLES = 0.6;
/** How likely fields stand in a fragment, and a field or a fragment may be left out. */
const IN_FRAGMENT = 0.1;
const WITH_DIRECTIVE = 0.04;

const UUID = '0190a0a0-0000-7000-8000-000000000000';
const STRANGE = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '%',
    '_',
    '\\',
    '"',
    "'",
    "'; drop table host; --",
    '${1}',
    '{{7*7}}',
    '`id`',
    '../../../../etc/passwd',
    '/',
    '//',
    '.',
    '..',
    '-',
    '--help',
  ],
  ...[
    '\ud800',
    '\udfff x',
    '\u202e',
    '💥',
    'İ',
    'ﬃ',
    '\n',
    '\r\n',
    '\x1b[31m',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'null',
    'undefined',
    'NaN',
  ],
  ...[
    'Volume:x',
    `Volume:${UUID}`,
    `Host:${UUID}`,
    `Nothing:${UUID}`,
    `volume:${UUID}`,
    'LifecycleEvent:999999999999999999',
    'LifecycleEvent:-1',
    'Volume:',
    ':',
  ],
  ...[
    'j0',
    'j99999999999999999999',
    'j-1',
    'W10',
    Buffer.from('["volume NAME ASC",null,null]').toString('base64url'),
    Buffer.from('[[[]]]').toString('base64url'),
  ],
  ...[
    'P1D',
    'PT0S',
    'P99999999Y',
    '-P1D',
    'P',
    '* * * * *',
    '60 24 32 13 8',
    '0 0 31 2 *',
    '*/0 * * * *',
    '2026-13-45T99:99:99Z',
    '0',
    '-1',
    '1e400',
    '9223372036854775808',
  ],
  ...[
    'unix:///var/run/docker.sock',
    'unix://',
    'tcp://127.0.0.1:1',
    'tcp://169.254.169.254:80',
    'tcp://[::ffff:a9fe:a9fe]:2375',
    'ssh://-oProxyCommand=x@127.0.0.1:1',
    'http://127.0.0.1:1',
  ],
  ...['x'.repeat(300), 'é'.repeat(5_000), '💥'.repeat(2_000), '['.repeat(2_000), 'a,'.repeat(3_000)],
];
const NUMBERS = [0, 1, -1, 2, 10, 50, 500, 501, 2_147_483_647, -2_147_483_648, 2_147_483_648, 9_007_199_254_740_993, 1e308, 0.5, -0];

/** Makes random operations of a schema. */
export class OperationMaker {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly known: KnownThings,
  ) {}

  /** One operation with one to three fields of its root. */
  make(chance: Chance, root: 'query' | 'mutation' | 'subscription'): Operation {
    const type = { query: this.schema.getQueryType(), mutation: this.schema.getMutationType(), subscription: this.schema.getSubscriptionType() }[root];
    const fields = Object.values(type?.getFields() ?? {});
    const variables = new OperationParts();
    const count = root === 'query' ? chance.between(1, 3) : 1;
    const parts = Array.from({ length: count }, (_, index) => `f${String(index)}: ${this.field(chance, chance.oneOf(fields), MAX_DEPTH, variables)}`);
    const selected = this.inFragments(chance, type?.name ?? '', parts.join(' '), variables);
    const head = variables.declared.length === 0 ? '' : ` (${variables.declared.join(', ')})`;
    return { query: [`${root}${head} { ${selected} }`, ...variables.fragments].join(' '), variables: variables.values };
  }

  /** The same fields, now and then in a fragment, with a name or without. */
  private inFragments(chance: Chance, type: string, fields: string, variables: OperationParts): string {
    if (!chance.chance(IN_FRAGMENT)) return fields;
    const directives = this.directives(chance, variables);
    if (chance.chance(0.5)) return `...${chance.chance(0.5) ? ` on ${type}` : ''}${directives} { ${fields} }`;
    const name = `F${String(variables.fragments.length)}`;
    variables.fragments.push(`fragment ${name} on ${type} { ${fields} }`);
    return `...${name}${directives}`;
  }

  private directives(chance: Chance, variables: OperationParts): string {
    if (!chance.chance(WITH_DIRECTIVE)) return '';
    const [name, value] = [chance.oneOf(['skip', 'include']), chance.chance(0.5)];
    return ` @${name}(if: ${chance.chance(IN_VARIABLES) ? variables.add(new GraphQLNonNull(GraphQLBoolean), value) : String(value)})`;
  }

  private field(chance: Chance, field: GraphQLField<unknown, unknown>, depth: number, variables: OperationParts): string {
    const given = field.args.filter((argument) => (isNonNullType(argument.type) ? !chance.chance(0.01) : chance.chance(OPTIONAL)));
    const args = given.map((argument) => `${argument.name}: ${this.argument(chance, argument, variables)}`);
    const type = getNamedType(field.type);
    const selection = isAbstractType(type)
      ? this.everyKind(chance, depth, variables)
      : isObjectType(type)
        ? this.selection(chance, type, depth, variables)
        : '';
    return `${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`}${this.directives(chance, variables)}${selection}`;
  }

  private selection(chance: Chance, type: GraphQLObjectType, depth: number, variables: OperationParts): string {
    const fields = Object.values(type.getFields()).filter((field) => depth > 1 || !isObjectType(getNamedType(field.type)));
    const wanted = fields.filter((field) => chance.chance(isObjectType(getNamedType(field.type)) ? 0.25 : 0.5));
    const parts = wanted.map((field) => this.field(chance, field, depth - 1, variables));
    const inside = parts.length === 0 ? '' : this.inFragments(chance, type.name, parts.join(' '), variables);
    return ` { ${['__typename', ...(type.getFields()['id'] === undefined ? [] : ['id']), inside].join(' ')} }`;
  }

  private everyKind(chance: Chance, depth: number, variables: OperationParts): string {
    const nodes = Object.values(this.schema.getTypeMap()).filter((type) => isObjectType(type) && type.getInterfaces().length > 0) as GraphQLObjectType[];
    const type = chance.oneOf(nodes);
    return ` { id ... on ${type.name} ${this.selection(chance, type, depth - 1, variables)} }`;
  }

  private argument(chance: Chance, argument: GraphQLArgument, variables: OperationParts): string {
    const value = this.value(chance, argument, argument.type, 0);
    return chance.chance(IN_VARIABLES) ? variables.add(argument.type, value) : literal(value, argument.type);
  }

  private value(chance: Chance, place: GraphQLArgument | GraphQLInputField, type: GraphQLInputType, depth: number): unknown {
    if (chance.chance(WRONG_TYPE)) return chance.oneOf<unknown>([null, true, 7, 0.5, 'x', [], {}, [[[null]]], { a: { b: [1] } }, STRANGE.at(-1)]);
    if (!isNonNullType(type) && chance.chance(0.1)) return null;
    const inner = getNullableType(type);
    if (isListType(inner)) {
      const length = chance.chance(0.03) ? 400 : chance.between(0, 3);
      return Array.from({ length }, () => this.value(chance, place, inner.ofType, depth + 1));
    }
    if (isInputObjectType(inner)) {
      const fields = Object.values(inner.getFields()).filter((field) => (isNonNullType(field.type) ? !chance.chance(0.01) : chance.chance(OPTIONAL)));
      return Object.fromEntries(fields.map((field) => [field.name, this.value(chance, field, field.type, depth + 1)]));
    }
    if (isEnumType(inner)) return chance.oneOf(inner.getValues()).name;
    return this.scalar(chance, place.name, inner.toString());
  }

  private scalar(chance: Chance, place: string, type: string): unknown {
    const { hosts, names, ids, cursors } = this.known;
    if (type === 'Boolean') return chance.chance(0.5);
    if (type === 'Int') return place === 'first' && chance.chance(0.8) ? chance.between(0, 20) : chance.oneOf(NUMBERS);
    if (type === 'BigInt') return chance.oneOf<unknown>([...NUMBERS, '12', '-5', '9'.repeat(40)]);
    if (chance.chance(STRANGE_TEXT)) return chance.oneOf(STRANGE);
    if (type === 'ID') return chance.oneOf(ids);
    if (type === 'Duration') return chance.oneOf(['P1D', 'PT1S', 'P30D', 'PT0S', '-P1D', 'P99999999Y']);
    if (place === 'host' || place === 'hosts' || place === 'toHost') return chance.oneOf(hosts);
    if (place === 'after') return chance.oneOf(cursors);
    if (place === 'destination' || place === 'source') return chance.oneOf([...names, '/data', '/mnt', '/etc', '/']);
    if (place === 'cron') return chance.oneOf(['* * * * *', '0 3 * * *', '61 * * * *', '@daily', '* * *']);
    if (place === 'endpoint') return chance.oneOf(['tcp://127.0.0.1:1', 'ssh://root@127.0.0.1:1', 'unix:///nothing.sock', 'tcp://0x7f.1:1', 'ftp://x']);
    if (place === 'path') return chance.oneOf(['/', '.', 'a/b', '../..', '/etc/passwd', '']);
    return chance.oneOf(names);
  }
}

/** What an operation has beside its fields. */
class OperationParts {
  readonly declared: string[] = [];
  readonly fragments: string[] = [];
  readonly values: Record<string, unknown> = {};

  add(type: GraphQLInputType, value: unknown): string {
    const name = `v${String(this.declared.length)}`;
    this.declared.push(`$${name}: ${type.toString()}`);
    this.values[name] = value;
    return `$${name}`;
  }
}

/** A value as it stands in a document. A lone surrogate has no form there that UTF-8 could carry: it is written as an escape. */
function literal(value: unknown, type: GraphQLInputType): string {
  const inner = getNullableType(type);
  if (Array.isArray(value)) {
    const item = isListType(inner) ? inner.ofType : inner;
    return `[${value.map((entry) => literal(entry, item)).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields: Readonly<Record<string, GraphQLInputField>> = isInputObjectType(inner) ? inner.getFields() : {};
    return `{${Object.entries(value)
      .map(([name, entry]) => `${name}: ${literal(entry, fields[name]?.type ?? inner)}`)
      .join(', ')}}`;
  }
  if (isEnumType(inner) && typeof value === 'string' && /^[A-Z_]+$/.test(value)) return value;
  return JSON.stringify(value);
}
