import {
  getNamedType,
  isAbstractType,
  Kind,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Columns, Table } from '../inventory/columns.js';

/** The types whose rows are read by columns, with their tables. */
const TABLES: Readonly<Record<string, Table>> = { Host: 'host', Volume: 'volume', Container: 'container', Mount: 'mount', Share: 'share' };

/** What is read for a field that is no column of its own name. A test asks for every field alone and for all together. */
const BEHIND: Readonly<Record<string, readonly `${Table}.${string}`[]>> = {
  'Host.declared': ['host.declaredIn'],
  'Host.stats': ['host.id'],
  'Host.volumes': ['host.id'],
  'Host.containers': ['host.id'],
  'Volume.options': ['volume.options', 'volume.sealedOptions'],
  'Volume.files': ['volume.hostId', 'volume.name', 'host.name'],
  'Container.host': ['container.hostId'],
  'Container.mounts': ['container.id', 'mount.containerId'],
  'Container.shares': ['container.id'],
  'Container.risks': [
    'container.id',
    'mount.containerId',
    'mount.type',
    'mount.source',
    'share.kind',
    'share.identity',
    'share.multipleWriters',
    'share.crossHostWriters',
  ],
  'Mount.volume': ['mount.volumeId'],
  'Share.crossHost': ['share.hostId'],
  'Share.containers': ['mount.containerId'],
  'Share.volumes': ['mount.volumeId'],
  'Share.hosts': ['mount.containerId', 'container.hostId'],
  'Share.writers': ['mount.containerId', 'mount.readOnly'],
  'Share.readers': ['mount.containerId', 'mount.readOnly'],
  'Share.risks': ['share.kind', 'share.identity', 'share.multipleWriters', 'share.crossHostWriters'],
  'Impact.composeProjects': ['volume.composeProject', 'container.composeProject'],
  'Finding.hosts': ['volume.hostId', 'container.hostId'],
};

/** What the rows of a relation are found by, where they are not read in the statement of its object. */
const KEYS: Readonly<Record<string, readonly ['volume' | 'mount', string]>> = {
  'Volume.host': ['volume', 'hostId'],
  'Volume.mounts': ['mount', 'volumeId'],
  'Mount.container': ['mount', 'containerId'],
};

/** Fields that cursors are made for. */
const CURSORS = new Set(['cursor', 'startCursor', 'endCursor']);

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
  const keys = { volume: new Set<string>(), mount: new Set<string>() };
  let cursors = false;
  const note = (type: GraphQLNamedType, field: string) => {
    const table = TABLES[type.name];
    if (table !== undefined) columns[table].add(field);
    for (const place of BEHIND[`${type.name}.${field}`] ?? []) {
      const [behind, name] = place.split('.') as [Table, string];
      columns[behind].add(name);
    }
    const key = KEYS[`${type.name}.${field}`];
    if (key !== undefined) keys[key[0]].add(key[1]);
    if (CURSORS.has(field)) cursors = true;
  };
  const seen = new Set<string>();
  const walk = (type: GraphQLNamedType, set: SelectionSetNode) => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const field = 'getFields' in type ? type.getFields()[selection.name.value] : undefined;
        for (const possible of isAbstractType(type) ? schema.getPossibleTypes(type) : [type]) note(possible, selection.name.value);
        if (field !== undefined && selection.selectionSet !== undefined) walk(getNamedType(field.type), selection.selectionSet);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(conditionOf(selection) ?? type, selection.selectionSet);
      } else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments[selection.name.value];
        if (fragment !== undefined) walk(conditionOf(fragment) ?? type, fragment.selectionSet);
      }
    }
  };
  const conditionOf = ({ typeCondition }: Pick<InlineFragmentNode, 'typeCondition'>) =>
    typeCondition === undefined ? undefined : schema.getType(typeCondition.name.value);
  walk(parentType, operation.selectionSet);
  return { ...columns, keys, cursors };
}
