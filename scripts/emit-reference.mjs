// Writes docs/schema-reference.md from schema.graphql: what can be asked, changed and watched, and every type of it.
import { readFileSync, writeFileSync } from 'node:fs';
import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';

const schema = buildSchema(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'));
const ROOTS = [
  ['Query', 'Queries', schema.getQueryType()],
  ['Mutation', 'Mutations', schema.getMutationType()],
  ['Subscription', 'Subscriptions', schema.getSubscriptionType()],
];
const rootNames = ROOTS.map(([name]) => name);

const inOneLine = (text) => (text ?? '').replace(/\s+/g, ' ').trim().replaceAll('|', '\\|').replaceAll('<', '&lt;');
/** A type with a link to its section; those that GraphQL itself knows have none. */
function linked(type) {
  const named = getNamedType(type);
  return isSpecifiedScalarType(named) ? `\`${String(type)}\`` : `[\`${String(type)}\`](#${named.name.toLowerCase()})`;
}
const argumentsOf = (field) =>
  field.args
    .map(({ name, type, defaultValue, description }) => {
      const preset = defaultValue === undefined ? '' : `, unless given \`${JSON.stringify(defaultValue).replaceAll('"', '')}\``;
      return `\`${name}\` ${linked(type)}${preset}${description ? `: ${inOneLine(description)}` : ''}`;
    })
    .join('<br>');
const table = (heads, rows) => [`| ${heads.join(' | ')} |`, `|${'---|'.repeat(heads.length)}`, ...rows.map((row) => `| ${row.join(' | ')} |`), ''].join('\n');
const fieldsOf = (type) => Object.values(type.getFields());
const fieldTable = (type) =>
  table(
    ['field', 'type', 'arguments', 'what it is'],
    fieldsOf(type).map((field) => [`\`${field.name}\``, linked(field.type), argumentsOf(field), inOneLine(field.description)]),
  );

function section(type) {
  const head = `### ${type.name}\n\n${type.description ? `${type.description.trim()}\n\n` : ''}`;
  if (isEnumType(type))
    return (
      head +
      table(
        ['value', 'meaning'],
        type.getValues().map(({ name, description }) => [`\`${name}\``, inOneLine(description)]),
      )
    );
  if (isInputObjectType(type)) {
    const rows = fieldsOf(type).map(({ name, type: of, defaultValue, description }) => [
      `\`${name}\``,
      linked(of),
      defaultValue === undefined ? '' : `\`${JSON.stringify(defaultValue).replaceAll('"', '')}\``,
      inOneLine(description),
    ]);
    return head + table(['field', 'type', 'unless given', 'what it is'], rows);
  }
  if (isScalarType(type)) return head;
  const interfaces = type.getInterfaces().map(linked);
  return `${head}${interfaces.length === 0 ? '' : `Implements ${interfaces.join(', ')}.\n\n`}${fieldTable(type)}`;
}

const types = Object.values(schema.getTypeMap())
  .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type) && !rootNames.includes(type.name))
  .sort((a, b) => a.name.localeCompare(b.name, 'en'));
const groups = [
  ['Objects', isObjectType],
  ['Interfaces', isInterfaceType],
  ['Inputs', isInputObjectType],
  ['Enums', isEnumType],
  ['Scalars', isScalarType],
];

const parts = [
  '# Schema reference\n',
  'Made from `schema.graphql` by `npm run schema`. How lists are paged, and what ids and cursors are, is told in [concepts.md](concepts.md); what a code of',
  'a problem means in [problems.md](problems.md); who may call what in [security.md](security.md).\n',
  ...ROOTS.map(([, title, type]) => `## ${title}\n\n${fieldTable(type)}`),
  ...groups.map(([title, belongs]) => `## ${title}\n\n${types.filter(belongs).map(section).join('\n')}`),
];
writeFileSync(
  new URL('../docs/schema-reference.md', import.meta.url),
  `${parts
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`,
);
