import { execute, getOperationAST, GraphQLError, OperationTypeNode, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import { nextTurn } from '../turns.js';
import { compileQuery } from './compile.js';
import type { RequestContext } from './context.js';

/** Compiled operations that are kept, and the characters of their documents. */
const MAX_COMPILED = 500;
const MAX_COMPILED_LENGTH = 125_000;

/** Objects from which on an answer counts as large: making it, and writing it out, take several milliseconds each. */
const LARGE_COST = 2_000;

/** One operation of a document, with what it is run with. */
export interface Execution {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Record<string, unknown> | undefined;
  readonly context: RequestContext;
}

/**
 * graphql-jit's errors lack parts that those of graphql-js always have (extensions), and cannot be changed: Apollo fails
 * while it formats them, and shows none of their words.
 */
export function withOwnErrors(result: ExecutionResult): ExecutionResult {
  if (result.errors === undefined) return result;
  const errors = result.errors.map(({ message, path, locations, originalError }) =>
    Object.assign(new GraphQLError(message, { path, originalError }), { locations }),
  );
  return { ...result, errors };
}

/** Whoever is given a large answer writes it out at once: that waits until others had their turn after it was made. */
async function writtenInItsTurn(result: ExecutionResult, { outcome }: RequestContext): Promise<ExecutionResult> {
  if (outcome.cost >= LARGE_COST) await nextTurn();
  return result;
}

/** Runs an operation of a document that was validated. */
export type Executor = (execution: Execution) => Promise<ExecutionResult>;

/**
 * Runs queries that come again compiled (graphql-jit), which takes a fraction of the time; what comes once, and mutations,
 * run by graphql-js. Both give the same answers. Documents are told apart by identity: whoever parses keeps them.
 */
export function makeExecutor(schema: GraphQLSchema): Executor {
  const seen = new WeakSet<DocumentNode>();
  const compiled = new LRUCache<DocumentNode, Map<string, CompiledQuery | null>>({
    max: MAX_COMPILED,
    maxSize: MAX_COMPILED_LENGTH,
    sizeCalculation: (_operations, { loc }) => (loc?.source.body.length ?? 0) + 1,
  });

  const compile = (document: DocumentNode, operationName: string | undefined): CompiledQuery | null => {
    let operations = compiled.get(document);
    if (operations === undefined) compiled.set(document, (operations = new Map()));
    const name = operationName ?? '';
    let query = operations.get(name);
    if (query === undefined) {
      const isQuery = getOperationAST(document, operationName)?.operation === OperationTypeNode.QUERY;
      const result = isQuery ? compileQuery(schema, document, operationName) : null;
      // What cannot be compiled is no error: graphql-js says what is wrong with it, if anything.
      query = result !== null && isCompiledQuery(result) ? result : null;
      operations.set(name, query);
    }
    return query;
  };

  return async ({ document, operationName, variables, context }) => {
    if (seen.has(document)) {
      const query = compile(document, operationName);
      if (query !== null) return writtenInItsTurn(withOwnErrors(await query.query(undefined, context, variables ?? {})), context);
    } else {
      seen.add(document);
    }
    return writtenInItsTurn(await execute({ schema, document, operationName, variableValues: variables, contextValue: context }), context);
  };
}
