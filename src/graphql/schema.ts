import { defaultFieldResolver, isObjectType, type GraphQLField, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { buildSchemaSync, type PubSub } from 'type-graphql';
import { badInput } from '../problems.js';
import type { RequestContext } from './context.js';
import { guardRoots, guardTypeFields } from './guards.js';
import { ContainerResolver, MountResolver } from './resolvers/container-resolver.js';
import { EventResolver } from './resolvers/event-resolver.js';
import { HostResolver } from './resolvers/host-resolver.js';
import { NodeResolver } from './resolvers/node-resolver.js';
import { FindingResolver } from './resolvers/finding-resolver.js';
import { ImpactResolver } from './resolvers/impact-resolver.js';
import { PruneResolver } from './resolvers/prune-resolver.js';
import { BackupResolver, VolumeContentResolver } from './resolvers/backup-resolver.js';
import { OperationResolver } from './resolvers/operation-resolver.js';
import { ShareResolver } from './resolvers/share-resolver.js';
import { TokenResolver } from './resolvers/token-resolver.js';
import { VolumeResolver } from './resolvers/volume-resolver.js';
import { formatId } from './global-id.js';
import { AccessToken } from './types/access.js';
import { Host, Container, Mount, Share, Volume } from './types/inventory.js';
import { LifecycleEvent } from './types/events.js';
import { Backup, Operation } from './types/operations.js';

/** type-graphql asks for one wherever there are subscriptions; all of ours read the journal instead. */
const NO_PUBSUB: PubSub = {
  publish: () => {
    throw new Error('events are published by the journal only');
  },
  subscribe: () => {
    throw new Error('subscriptions read the journal');
  },
};

/** The executable schema, with access decided at every field of query, mutation and subscription. */
export function makeSchema(): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [
      HostResolver,
      VolumeResolver,
      ContainerResolver,
      MountResolver,
      ShareResolver,
      EventResolver,
      FindingResolver,
      ImpactResolver,
      PruneResolver,
      NodeResolver,
      OperationResolver,
      BackupResolver,
      VolumeContentResolver,
      TokenResolver,
    ],
    orphanedTypes: [AccessToken, Host, Container, Mount, Share, Volume, LifecycleEvent, Backup, Operation],
    validate: false,
    pubSub: NO_PUBSUB,
  });
  makeIdsGlobal(schema);
  takeWhatWasRead(schema);
  guardTypeFields(schema);
  guardRoots(schema);
  guardArguments(schema);
  return schema;
}

/** Types whose objects are rows of the database, with a uuid as their id. */
const TYPES_OF_ROWS = ['Host', 'Volume', 'Container', 'Mount', 'Share'] as const;

function makeIdsGlobal(schema: GraphQLSchema): void {
  for (const name of TYPES_OF_ROWS) {
    const type = schema.getType(name);
    const id = isObjectType(type) ? type.getFields()['id'] : undefined;
    if (id === undefined) throw new Error(`${name} has no id`);
    id.resolve = (row: { readonly id: string }) => formatId(name, row.id);
  }
}

/** Relations whose rows may have been read in one statement with their object's. */
const READ_WITH = [
  ['Volume', 'host'],
  ['Volume', 'mounts'],
  ['Mount', 'container'],
] as const;

/** Spares what was read already the way through type-graphql to its resolver. */
function takeWhatWasRead(schema: GraphQLSchema): void {
  for (const [typeName, name] of READ_WITH) {
    const type = schema.getType(typeName);
    const field: GraphQLField<Record<string, unknown>, RequestContext> | undefined = isObjectType(type) ? type.getFields()[name] : undefined;
    const inner = field?.resolve;
    if (field === undefined || inner === undefined) throw new Error(`${typeName}.${name} has no resolver`);
    field.resolve = (source, args, context, info): unknown => source[name] ?? inner(source, args, context, info);
  }
}

/** Refuses what PostgreSQL cannot keep, null bytes and broken Unicode, in any argument of any field. */
function guardArguments(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values<GraphQLField<unknown, RequestContext>>(type.getFields())) {
      if (field.args.length === 0) continue;
      const key = field.subscribe === undefined ? 'resolve' : 'subscribe';
      const inner: Resolve = field[key] ?? defaultFieldResolver;
      field[key] = (source, args: Record<string, unknown>, context, info): unknown => {
        checkText(args, field.name);
        return inner(source, args, context, info);
      };
    }
  }
}

function checkText(value: unknown, place: string): void {
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed()) throw badInput(`${place} holds a null byte or broken Unicode.`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) checkText(part, Array.isArray(value) ? place : key);
  }
}

type Resolve = GraphQLFieldResolver<unknown, RequestContext>;
