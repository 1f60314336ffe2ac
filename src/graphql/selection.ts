import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Columns, Table } from '../inventory/columns.js';

/** The types whose rows are read by columns, with their tables. */
const TABLES: Readonly<Record<string, Table>> = { Host: 'host', Volume: 'volume', Container: 'container', Mount: 'mount', Share: 'share' };

/** What fields need beside a column of their own name; a test compares every field, asked for alone, with all of them together. */
const FURTHER: Readonly<Record<string, readonly (readonly [Table, string])[]>> = { 'Volume.options': [['volume', 'sealedOptions']] };

type Info = Pick<GraphQLResolveInfo, 'operation' | 'fragments' | 'schema' | 'parentType'>;

/** By operation: a document that is used again is not looked through again. */
const KNOWN = new WeakMap<OperationDefinitionNode, Columns>();

/** The columns of each table that an operation can ask for, wherever in it. */
export function columnsOf(info: Info): Columns {
  let columns = KNOWN.get(info.operation);
  if (columns === undefined) KNOWN.set(info.operation, (columns = gather(info)));
  return columns;
}

function gather({ operation, fragments, schema, parentType }: Info): Columns {
  const columns = { host: new Set<string>(), volume: new Set<string>(), container: new Set<string>(), mount: new Set<string>(), share: new Set<string>() };
  const seen = new Set<string>();
  const note = (type: GraphQLNamedType, field: string) => {
    const table = TABLES[type.name];
    if (table !== undefined) columns[table].add(field);
    for (const [other, name] of FURTHER[`${type.name}.${field}`] ?? []) columns[other].add(name);
  };
  const walk = (type: GraphQLNamedType, set: SelectionSetNode) => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const field = 'getFields' in type ? type.getFields()[selection.name.value] : undefined;
        for (const possible of isAbstractType(type) ? schema.getPossibleTypes(type) : [type]) note(possible, selection.name.value);
        if (field !== undefined && selection.selectionSet !== undefined) walk(getNamedType(field.type), selection.selectionSet);
        continue;
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments[selection.name.value] : selection;
      if (fragment === undefined) continue;
      const named = fragment.typeCondition === undefined ? type : schema.getType(fragment.typeCondition.name.value);
      if (!isCompositeType(named)) continue;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (seen.has(selection.name.value)) continue;
        seen.add(selection.name.value);
      }
      walk(named, fragment.selectionSet);
    }
  };
  walk(parentType, operation.selectionSet);
  return columns;
}
