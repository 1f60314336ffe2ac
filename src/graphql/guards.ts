import { defaultFieldResolver, isObjectType, type GraphQLField, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { ROOT_FIELDS, TYPE_FIELDS } from '../access/access-table.js';
import { audited } from '../access/audit.js';
import { authorize, idsToSee, mayRead, narrowArguments } from '../access/permissions.js';
import { refusedChange } from '../commands/refusals.js';
import { badInput, Problem } from '../problems.js';
import { readOnly, type RequestContext } from './context.js';
import { parseId } from './global-id.js';
import { journalled } from './journalled.js';
import { columnsOf } from './selection.js';

// The one place where the access table is enforced: in the schema itself, so that every transport goes through it.

type Resolve = GraphQLFieldResolver<unknown, RequestContext>;
type Root = keyof typeof ROOT_FIELDS;
const ROOTS = Object.keys(ROOT_FIELDS) as Root[];

/** Fields of query, mutation and subscription that nobody decided about: they are refused, and must not be published. */
export function undecidedFields(schema: GraphQLSchema): string[] {
  return ROOTS.flatMap((root) => {
    const type = schema.getType(root);
    const names = isObjectType(type) ? Object.keys(type.getFields()) : [];
    return names.filter((name) => !Object.hasOwn(ROOT_FIELDS[root], name)).map((name) => `${root}.${name}`);
  });
}

/** Wraps every field of query, mutation and subscription, so that none can be reached without a decision. */
export function guardRoots(schema: GraphQLSchema): void {
  for (const root of ROOTS) {
    const type = schema.getType(root);
    if (!isObjectType(type)) continue;
    for (const field of Object.values<GraphQLField<unknown, RequestContext>>(type.getFields())) {
      const key = root === 'Subscription' ? 'subscribe' : 'resolve';
      const inner: Resolve = field[key] ?? defaultFieldResolver;
      field[key] = (source, args: Readonly<Record<string, unknown>>, context, info): unknown => {
        const decide = () => authorize(context.caller, root, field.name);
        const rule = root === 'Mutation' ? auditedChange(context, field.name, args, decide) : auditedCall(context, `${root}.${field.name}`, decide);
        const run = (): unknown => {
          const narrowed = narrowArguments(context.caller, rule, args);
          readOnly(context, columnsOf(info));
          const seen = requireSeen(context, idsToSee(rule, args));
          return seen === undefined ? inner(source, narrowed, context, info) : seen.then(() => inner(source, narrowed, context, info));
        };
        return root === 'Mutation' ? journalled(context, field.name, args, run) : run();
      };
      if (root === 'Subscription') refuseWithoutEvent(field);
    }
  }
}

/** Wraps the fields of types that not everyone may read. */
export function guardTypeFields(schema: GraphQLSchema): void {
  for (const [place, { otherwise }] of Object.entries(TYPE_FIELDS)) {
    const [typeName = '', name = ''] = place.split('.');
    const type = schema.getType(typeName);
    const field: GraphQLField<unknown, RequestContext> | undefined = isObjectType(type) ? type.getFields()[name] : undefined;
    if (field === undefined) throw new Error(`the access table has a rule for ${place}, which is not there`);
    const inner: Resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = (source, args, context, info): unknown => {
      if (auditedCall(context, place, () => mayRead(context.caller, place))) return inner(source, args, context, info);
      return otherwise === 'LAST_PART' ? lastPart(inner(source, args, context, info)) : null;
    };
  }
}

/** What is behind the last slash of a path. @throws {TypeError} for what is no text: the table has rules of this kind for texts only. */
function lastPart(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('only a text has a last part');
  return value.slice(value.lastIndexOf('/') + 1);
}

/** Decides, and has a refusal journalled. */
function auditedCall<T>({ caller, address, services }: RequestContext, field: string, decide: () => T): T {
  return audited(services.audit, decide, ({ code }) => ({ type: 'CALL_REFUSED', actor: caller.name, address, attributes: { field, code } }));
}

/**
 * The same of a mutation that the caller may not use at all, with what it was to change. Only so many of them are written, unlike
 * of changes that are refused to those who may make some: who may make none could fill the journal.
 */
function auditedChange<T>({ caller, address, services }: RequestContext, mutation: string, args: Readonly<Record<string, unknown>>, decide: () => T): T {
  return audited(services.audit, decide, ({ code }) => ({
    type: 'CHANGE_REFUSED',
    actor: caller.name,
    address,
    attributes: refusedChange(mutation, code, args['input'] ?? args),
  }));
}

/** Makes sure that what ids stand for is in the caller's view, where there is anything that is not. @throws {Problem} NOT_FOUND. */
function requireSeen({ caller, loaders }: RequestContext, ids: readonly string[]): Promise<unknown> | undefined {
  if (caller.hosts === null || ids.length === 0) return undefined;
  const require = async (id: string) => {
    const { type, key } = parseId(id);
    // Of another type: what is done with it says so.
    if (type !== 'Backup' && type !== 'Operation') return;
    const row = type === 'Backup' ? await loaders.backup.load(key) : await loaders.operation.load(key);
    if (row === null) throw new Problem('NOT_FOUND', `There is no such ${type.toLowerCase()}.`);
  };
  return Promise.all(ids.map(require));
}

/** Run like a query, over plain HTTP, a subscription has no event to show. */
function refuseWithoutEvent(field: GraphQLField<unknown, RequestContext>): void {
  const inner: Resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = (source, args, context, info): unknown => {
    if (source === undefined || source === null) throw badInput(`Subscription.${field.name} runs over WebSocket only.`);
    return inner(source, args, context, info);
  };
}
