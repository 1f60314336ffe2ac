import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { toShownProblem } from '../problems.js';
import { tooManyTokens } from './limits.js';

/** Apollo's own codes for a document or request that is wrong, and ours for them. */
const WRONG_REQUEST = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT', 'BAD_REQUEST', 'OPERATION_RESOLUTION_FAILURE']);
/** Apollo's codes that its clients act upon; they stay as they are. */
const KEPT_CODES = new Set(['PERSISTED_QUERY_NOT_FOUND', 'PERSISTED_QUERY_NOT_SUPPORTED']);

/** Codes of errors as clients are shown them. */
export function codesOf(errors: readonly GraphQLFormattedError[] | undefined): string[] {
  return (errors ?? []).map(({ extensions }) => String(extensions?.['code']));
}

/** Limits that are graphql-js's own and cannot be set, by the messages of its validation, and better words for them. */
const LIMITS_OF_GRAPHQL_JS: Readonly<Record<string, string>> = {
  'Maximum introspection depth exceeded': 'The query asks for lists of the schema within each other, 3 or more deep; the limit is 2.',
  'Validation aborted.': 'The query repeats the same fields so often that comparing them takes more than 500000 steps, the limit. Ask for each field once.',
};

/**
 * The one place where errors become what a client sees, over HTTP and WebSocket alike: code and message, never a stack.
 * @param requestId by which the log tells of an INTERNAL one, also to the client; undefined: nobody asked for it.
 */
export function formatError(error: unknown, log: Logger, requestId?: string): GraphQLFormattedError {
  const graphqlError = error instanceof GraphQLError ? error : undefined;
  const original = graphqlError?.originalError;
  const place = {
    ...(graphqlError?.locations === undefined ? {} : { locations: graphqlError.locations }),
    ...(graphqlError?.path === undefined ? {} : { path: graphqlError.path }),
  };
  const tooLong = graphqlError === undefined ? undefined : tooManyTokens(graphqlError);
  if (tooLong !== undefined) return { message: tooLong.message, extensions: { code: tooLong.code } };
  const tooMuch = graphqlError === undefined ? undefined : LIMITS_OF_GRAPHQL_JS[graphqlError.message];
  if (tooMuch !== undefined) return { message: tooMuch, ...place, extensions: { code: 'LIMIT_EXCEEDED' } };
  // An error of GraphQL itself speaks of the caller's document only.
  if (graphqlError !== undefined && (original === undefined || original instanceof GraphQLError)) {
    const code = graphqlError.extensions['code'];
    if (typeof code === 'string' && KEPT_CODES.has(code)) return { message: graphqlError.message, ...place, extensions: { code } };
    if (code === undefined || (typeof code === 'string' && WRONG_REQUEST.has(code))) {
      return { message: graphqlError.message, ...place, extensions: { code: 'BAD_USER_INPUT' } };
    }
  }
  const { problem, unknown } = toShownProblem(original ?? error);
  if (unknown) log.error({ err: original ?? error, path: graphqlError?.path, requestId }, 'a request failed');
  const further = problem.code === 'INTERNAL' && requestId !== undefined ? { requestId } : {};
  return { message: problem.message, ...place, extensions: { code: problem.code, ...further } };
}
