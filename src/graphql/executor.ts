import { execute, getOperationAST, GraphQLError, OperationTypeNode, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { nextTurn } from '../turns.js';
import { compileOperation, INTERPRETED_RUNS, type CompiledOperation } from './compile.js';
import type { RequestContext } from './context.js';

/** Documents whose compiled operations are kept, and the characters of their code. */
const MAX_COMPILED = 500;
const MAX_CODE_LENGTH = 8_000_000;

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

/** What was compiled of one document: null for what is not worth it, or cannot be. */
interface Compiled {
  readonly operations: Map<string, CompiledOperation | null>;
  readonly codeLength: number;
}

/** Runs an operation of a document that was validated. */
export type Executor = (execution: Execution) => Promise<ExecutionResult>;

/**
 * Runs queries that come again and again compiled (graphql-jit), which takes a fraction of the time; what comes now and then, and
 * mutations, run by graphql-js. Both give the same answers. Documents are told apart by identity: whoever parses keeps them.
 * @param interpretedRuns of a document before it is compiled.
 */
export function makeExecutor(schema: GraphQLSchema, interpretedRuns = INTERPRETED_RUNS): Executor {
  const runs = new WeakMap<DocumentNode, number>();
  const compiled = new LRUCache<DocumentNode, Compiled>({ max: MAX_COMPILED, maxSize: MAX_CODE_LENGTH, sizeCalculation: ({ codeLength }) => codeLength });

  const compile = (document: DocumentNode, operationName: string | undefined): CompiledOperation | null => {
    const known = compiled.get(document);
    const name = operationName ?? '';
    let operation = known?.operations.get(name);
    if (operation === undefined) {
      const isQuery = getOperationAST(document, operationName)?.operation === OperationTypeNode.QUERY;
      // What cannot be compiled is no error: graphql-js says what is wrong with it, if anything.
      operation = isQuery ? (compileOperation(schema, document, operationName) ?? null) : null;
      const operations = known?.operations ?? new Map<string, CompiledOperation | null>();
      operations.set(name, operation);
      compiled.set(document, { operations, codeLength: (known?.codeLength ?? 1) + name.length + (operation?.codeLength ?? 0) });
    }
    return operation;
  };

  return async ({ document, operationName, variables, context }) => {
    const before = runs.get(document) ?? 0;
    if (before >= interpretedRuns) {
      const operation = compile(document, operationName);
      if (operation !== null) return writtenInItsTurn(withOwnErrors(await operation.run(undefined, context, variables ?? {})), context);
    } else {
      runs.set(document, before + 1);
    }
    return writtenInItsTurn(await execute({ schema, document, operationName, variableValues: variables, contextValue: context }), context);
  };
}
