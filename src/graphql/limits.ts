import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import {
  getNamedType,
  getNullableType,
  GraphQLError,
  isCompositeType,
  isListType,
  Lexer,
  Source,
  TokenKind,
  type DocumentNode,
  type GraphQLSchema,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { getComplexity, type ComplexityEstimator } from 'graphql-query-complexity';
import { LRUCache } from 'lru-cache';
import type { Limits } from '../config.js';
import { Problem } from '../problems.js';

// What one document may ask for, so that none takes the gateway down; for HTTP and WebSocket alike.

/** What an entry of a list counts for that has no `first`: such lists are short, as a rule. */
const LIST_LENGTH = 5;
/** Entries of a page where `first` is not given. */
const PAGE_LENGTH = 50;
/** What counting a list, or the rows of a host, costs: as much as so many objects. */
const COUNT_COST = 20;
/** Fields of an operation that are looked at, with fragments taken apart, before it counts as too large. */
const MAX_NODES = 20_000;
/** Costs that are remembered. */
const MAX_REMEMBERED = 1_000;

/** The rules for a document that say so when it is too deep, or has too many aliases. */
export function limitRules({ depth, aliases }: Limits): ValidationRule[] {
  const asProblem = (what: string, setting: string, limit: number) => ({
    n: limit,
    propagateOnRejection: false,
    onReject: [
      (context: ValidationContext | null, error: GraphQLError) => {
        const found = /found (\d+)/.exec(error.message)?.[1] ?? 'more';
        context?.reportError(limitError(`The query has ${what} ${found}; the limit is ${String(limit)} (${setting}).`));
      },
    ],
  });
  return [
    maxDepthRule({ ...asProblem('a depth of', 'STOWAGE_MAX_DEPTH', depth), flattenFragments: true }),
    maxAliasesRule(asProblem('aliases, counted where fragments are used:', 'STOWAGE_MAX_ALIASES', aliases)),
  ];
}

/** The problem of a document that is longer than the limit, which graphql-js stops reading there. */
export function tooManyTokens(error: GraphQLError): Problem | undefined {
  const limit = /Document contains more th\w+ (\d+) tokens/.exec(error.message)?.[1];
  if (limit === undefined) return undefined;
  const found = error.source === undefined ? undefined : countTokens(error.source);
  return new Problem('LIMIT_EXCEEDED', `The document has ${found === undefined ? 'more' : String(found)} tokens; the limit is ${limit} (STOWAGE_MAX_TOKENS).`);
}

function countTokens(source: Source): number | undefined {
  const lexer = new Lexer(source);
  let count = 0;
  try {
    while (lexer.advance().kind !== TokenKind.EOF) count += 1;
  } catch {
    // What cannot be read has no number of tokens.
    return undefined;
  }
  return count;
}

/** One operation with its variables. */
export interface Priced {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
}

/** Refuses operations that would read too much. */
export class CostLimit {
  private readonly remembered = new LRUCache<string, number>({ max: MAX_REMEMBERED });
  private readonly numbers = new WeakMap<DocumentNode, number>();
  private documents = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly limits: Limits,
  ) {}

  /** @throws {Problem} LIMIT_EXCEEDED that names the limit and what the operation costs. */
  check(operation: Priced): void {
    const cost = this.costOf(operation);
    if (cost > this.limits.cost) throw new Problem('LIMIT_EXCEEDED', costMessage(String(cost), this.limits));
  }

  /** Roughly how many objects an operation reads at most, by its pages' sizes. */
  costOf(operation: Priced): number {
    const { document, operationName, variables } = operation;
    const key = this.keyOf(operation);
    let cost = key === undefined ? undefined : this.remembered.get(key);
    if (cost !== undefined) return cost;
    try {
      cost = getComplexity({
        schema: this.schema,
        query: document,
        estimators: [estimate],
        maxQueryNodes: MAX_NODES,
        ...(operationName === undefined ? {} : { operationName }),
        ...(variables === undefined ? {} : { variables: { ...variables } }),
      });
    } catch (error) {
      // Wrong variables: execution says what is wrong with them. Anything else is a document beyond all measure.
      if (error instanceof GraphQLError && !/maximum|limit|nodes/i.test(error.message)) return 0;
      throw new Problem('LIMIT_EXCEEDED', costMessage(`more than ${String(MAX_NODES)}`, this.limits), { cause: error });
    }
    if (key !== undefined) this.remembered.set(key, cost);
    return cost;
  }

  /** By document and variables; undefined for variables that are too long to remember. */
  private keyOf({ document, operationName, variables }: Priced): string | undefined {
    let number = this.numbers.get(document);
    if (number === undefined) this.numbers.set(document, (number = this.documents += 1));
    const text = variables === undefined ? '' : JSON.stringify(variables);
    return text.length > 1_000 ? undefined : `${String(number)} ${operationName ?? ''} ${text}`;
  }
}

const estimate: ComplexityEstimator = ({ type, field, args, childComplexity }) => {
  if (field.name.startsWith('__') || type.name.startsWith('__')) return 0;
  if (field.name === 'totalCount') return COUNT_COST;
  if (!isCompositeType(getNamedType(field.type))) return 0;
  if (field.args.some(({ name }) => name === 'first')) {
    const first: unknown = args['first'];
    return 1 + Math.max(typeof first === 'number' ? first : PAGE_LENGTH, 1) * childComplexity;
  }
  if (type.name.endsWith('Connection')) return childComplexity + (isListType(getNullableType(field.type)) ? 1 : 0);
  if (isListType(getNullableType(field.type))) return LIST_LENGTH * (1 + childComplexity);
  return (field.name === 'stats' ? COUNT_COST : 1) + childComplexity;
};

function costMessage(cost: string, limits: Limits): string {
  return `The query may read ${cost} objects; the limit is ${String(limits.cost)} (STOWAGE_MAX_COST). Ask for smaller pages, or for less within them.`;
}

function limitError(message: string): GraphQLError {
  return new GraphQLError(message, { originalError: new Problem('LIMIT_EXCEEDED', message) });
}
