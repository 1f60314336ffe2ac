import {
  getNamedType,
  getOperationAST,
  isObjectType,
  OperationTypeNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';

// Which answers may be kept until the inventory changes: those that show nothing else.

/** Types of what changes without a revision of the inventory. */
const UNKEPT_TYPES = new Set([
  'Operation',
  'OperationConnection',
  'Backup',
  'BackupConnection',
  'BackupPolicy',
  'File',
  'FileConnection',
  'PrunePlan',
  'AccessToken',
]);
/** Fields that change all the time. */
const UNKEPT_FIELDS = new Set(['Host.lastSeenAt', 'Host.lastSyncedAt']);
/** A filter whose answer changes with the clock. */
const CLOCK_FILTER = 'unusedFor';

/** By document and name of the operation: a document that comes again is not looked through again. */
const KNOWN = new WeakMap<DocumentNode, Map<string | undefined, boolean>>();

/** Whether an operation's answer is the same for the same caller as long as the inventory has the same revision. */
export function isKeepable(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined, variables: unknown): boolean {
  let operations = KNOWN.get(document);
  if (operations === undefined) KNOWN.set(document, (operations = new Map<string | undefined, boolean>()));
  let keepable = operations.get(operationName);
  if (keepable === undefined) operations.set(operationName, (keepable = showsInventoryOnly(schema, document, operationName)));
  return keepable && !JSON.stringify(variables ?? null).includes(CLOCK_FILTER);
}

function showsInventoryOnly(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): boolean {
  if (getOperationAST(document, operationName)?.operation !== OperationTypeNode.QUERY) return false;
  let keepable = true;
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: (field) => {
        const parent = types.getParentType();
        const type = types.getType();
        const inner = type === null || type === undefined ? undefined : getNamedType(type);
        if (inner === undefined || UNKEPT_TYPES.has(inner.name)) keepable = false;
        if (isObjectType(parent) && UNKEPT_FIELDS.has(`${parent.name}.${field.name.value}`)) keepable = false;
      },
      InlineFragment: ({ typeCondition }) => {
        if (typeCondition !== undefined && UNKEPT_TYPES.has(typeCondition.name.value)) keepable = false;
      },
      FragmentDefinition: ({ typeCondition }) => {
        if (UNKEPT_TYPES.has(typeCondition.name.value)) keepable = false;
      },
      ObjectField: ({ name }) => {
        if (name.value === CLOCK_FILTER) keepable = false;
      },
    }),
  );
  return keepable;
}
