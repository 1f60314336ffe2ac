import {
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isListType,
  isNonNullType,
  isInputType,
  Kind,
  typeFromAST,
  type DocumentNode,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery, type CompilerOptions } from 'graphql-jit';

/** An operation as code. */
export interface CompiledOperation {
  /** Runs it, with what graphql-js calls the root value, the context and the values of the variables. */
  readonly run: CompiledQuery['query'];
  /** Characters of its code, a hundred times those of its document or more: fragments stand in it wherever they are used. */
  readonly codeLength: number;
}

/**
 * Fields of an operation that is compiled, with fragments taken apart, and characters of its code: each field takes some
 * kilobytes of code and a tenth of a millisecond, in which nobody else has a turn. Larger ones are for graphql-js.
 */
const MAX_FIELDS = 500;
const MAX_CODE_LENGTH = 2_000_000;

/**
 * Times that an operation is run by graphql-js before it is worth compiling: that takes as long as many runs, and memory for as
 * long as nothing else needs it.
 */
export const INTERPRETED_RUNS = 4;

/** Where graphql-jit leaves the code that it has made when it is asked for it with `debug`; its types have neither. */
const CODE = '__DO_NOT_USE_THIS_OR_YOU_WILL_BE_FIRED_compilation';
const WITH_CODE = { debug: true } as Partial<CompilerOptions>;

/**
 * Compiles an operation with graphql-jit, for answers that are those of graphql-js; undefined when it cannot be, or is
 * too large. graphql-jit by itself takes a variable in which a required field is absent for wrong, although the field has a default.
 */
export function compileOperation(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): CompiledOperation | undefined {
  const operation = getOperationAST(document, operationName);
  if (!operation || countFields(operation, document) > MAX_FIELDS) return undefined;
  const compiled = compileQuery(schema, document, operationName, WITH_CODE);
  if (!isCompiledQuery(compiled)) return undefined;
  const { query } = compiled;
  const code: unknown = (compiled as unknown as Readonly<Record<string, unknown>>)[CODE];
  if (typeof code !== 'string') throw new Error('graphql-jit does not tell of its code');
  const codeLength = code.length;
  if (codeLength > MAX_CODE_LENGTH) return undefined;
  const fills = new Map<string, Fill>();
  for (const { variable, type: node } of operation.variableDefinitions ?? []) {
    const type = typeFromAST(schema, node);
    const fill = isInputType(type) ? fillerOf(type, new Map()) : undefined;
    if (fill !== undefined) fills.set(variable.name.value, fill);
  }
  if (fills.size === 0) return { run: query, codeLength };
  return {
    codeLength,
    run: (root, context, variables) => {
      const filled: Record<string, unknown> = { ...variables };
      for (const [name, fill] of fills) if (filled[name] !== undefined) filled[name] = fill(filled[name]);
      return query(root, context, filled);
    },
  };
}

/** Fields of an operation with fragments taken apart; no more are counted than decide. */
function countFields({ selectionSet }: OperationDefinitionNode, { definitions }: DocumentNode): number {
  const fragments = new Map(definitions.flatMap((part) => (part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part] as const] : [])));
  let fields = 0;
  const walk = ({ selections }: SelectionSetNode) => {
    for (const selection of selections) {
      if (fields > MAX_FIELDS) return;
      if (selection.kind !== Kind.INLINE_FRAGMENT) fields += 1;
      const inner = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value)?.selectionSet : selection.selectionSet;
      if (inner !== undefined) walk(inner);
    }
  };
  walk(selectionSet);
  return fields;
}

/** Puts defaults into a value where required fields are absent; the value itself stays as it is. */
type Fill = (value: unknown) => unknown;

/** Undefined where there is nothing to fill in. `known` has what is worked out already: input types may hold each other. */
function fillerOf(type: GraphQLInputType, known: Map<GraphQLInputType, Fill | undefined>): Fill | undefined {
  const inner = getNullableType(type);
  if (isListType(inner)) {
    const fill = fillerOf(inner.ofType, known);
    // A single value counts as a list of it.
    return fill && ((value) => (Array.isArray(value) ? value.map(fill) : fill(value)));
  }
  if (!isInputObjectType(inner)) return undefined;
  if (known.has(inner)) return known.get(inner);
  const fields = new Map<GraphQLInputField, Fill | undefined>();
  const fill: Fill = (value) => {
    if (typeof value !== 'object' || value === null) return value;
    const filled: Record<string, unknown> = { ...value };
    for (const [{ name, defaultValue }, fillField] of fields) {
      if (filled[name] !== undefined) filled[name] = fillField === undefined ? filled[name] : fillField(filled[name]);
      else if (defaultValue !== undefined) filled[name] = defaultValue;
    }
    return filled;
  };
  known.set(inner, fill);
  for (const field of Object.values(inner.getFields())) {
    const fillField = fillerOf(field.type, known);
    if (fillField !== undefined || (isNonNullType(field.type) && field.defaultValue !== undefined)) fields.set(field, fillField);
  }
  if (fields.size > 0) return fill;
  known.set(inner, undefined);
  return undefined;
}
