import {
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isListType,
  isNonNullType,
  isInputType,
  typeFromAST,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import { compileQuery as compileAsItIs, isCompiledQuery, type CompiledQuery } from 'graphql-jit';

/**
 * Compiles an operation with graphql-jit, for answers that are those of graphql-js. graphql-jit by itself takes a variable
 * in which a required field is absent for wrong, although the field has a default.
 */
export function compileQuery(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): CompiledQuery | ExecutionResult {
  const compiled = compileAsItIs(schema, document, operationName);
  if (!isCompiledQuery(compiled)) return compiled;
  const inner = compiled.query;
  const fills = new Map<string, Fill>();
  for (const { variable, type: node } of getOperationAST(document, operationName)?.variableDefinitions ?? []) {
    const type = typeFromAST(schema, node);
    const fill = isInputType(type) ? fillerOf(type, new Map()) : undefined;
    if (fill !== undefined) fills.set(variable.name.value, fill);
  }
  if (fills.size === 0) return compiled;
  compiled.query = (root, context, variables) => {
    const filled: Record<string, unknown> = { ...variables };
    for (const [name, fill] of fills) if (filled[name] !== undefined) filled[name] = fill(filled[name]);
    return inner(root, context, filled);
  };
  return compiled;
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
