import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import {
  getNamedType,
  getNullableType,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  isCompositeType,
  isListType,
  Kind,
  Lexer,
  Source,
  TokenKind,
  type DocumentNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { getComplexity, type ComplexityEstimatorArgs } from 'graphql-query-complexity';
import { LRUCache } from 'lru-cache';
import type { Limits } from '../config.js';
import { badInput, Problem } from '../problems.js';

// What one document may ask for, so that none takes the gateway down; for HTTP and WebSocket alike.

/** What an entry of a list counts for that has no `first`: such lists are short, as a rule. */
const LIST_LENGTH = 5;
/** The same for lists, or for all of a type, that are longer. None of them has pages. */
const LIST_LENGTHS: Readonly<Record<string, number>> = { 'Query.hosts': 20, Impact: 500, PrunePlan: 500, '__Schema.types': 150, '__Type.fields': 10 };
/** How much cheaper an object of the schema is than one of the inventory: it is in memory. */
const SCHEMA_SHARE = 20;
/** Entries of a page where `first` is not given. */
const PAGE_LENGTH = 50;
/** What counting a list, or the rows of a host, costs: as much as so many objects. */
const COUNT_COST = 20;
/** Fields of an operation that are looked at, with fragments taken apart, before it counts as too large. */
const MAX_NODES = 20_000;
/** How graphql-query-complexity begins to say so. */
const TOO_MANY_NODES = 'Query exceeds the maximum allowed number of nodes';
/**
 * Brackets that may stand within each other for each level of fields: a field's own, of fragments within it, and of its
 * arguments.
 */
const BRACKETS_PER_FIELD = 4;
/** Costs that are remembered, and characters of what each is remembered by. */
const MAX_REMEMBERED = 1_000;
const MAX_REMEMBERED_LENGTH = 1_000;

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
  const found = error.source === undefined ? undefined : measureText(error.source.body).tokens;
  return new Problem('LIMIT_EXCEEDED', `The document has ${found === undefined ? 'more' : String(found)} tokens; the limit is ${limit} (STOWAGE_MAX_TOKENS).`);
}

/** The problem of a document that nests deeper than graphql-js can look into: what GraphQL says of depth counts fields only. */
function nestedTooDeep(nesting: number, limits: Limits): Problem {
  const limit = nestingLimit(limits);
  return new Problem(
    'LIMIT_EXCEEDED',
    `The document nests brackets ${String(nesting)} deep; the limit is ${String(limit)}, ${String(BRACKETS_PER_FIELD)} for each level of STOWAGE_MAX_DEPTH.`,
  );
}

const nestingLimit = ({ depth }: Limits) => depth * BRACKETS_PER_FIELD;

/**
 * To be asked before a document is parsed: parsing, checking and running it are recursive, and a document of nothing but
 * brackets would be the end of the stack.
 * @throws {Problem} LIMIT_EXCEEDED.
 */
export function checkNesting(text: unknown, limits: Limits): void {
  if (typeof text !== 'string') return;
  const limit = nestingLimit(limits);
  // No document is deeper than it has brackets; nearly all have too few to be looked at closely.
  let opened = 0;
  for (let index = 0; index < text.length && opened <= limit; index += 1) if (OPENING.has(text.charCodeAt(index))) opened += 1;
  if (opened <= limit) return;
  const { nesting } = measureText(text);
  if (nesting > limit) throw nestedTooDeep(nesting, limits);
}

/** Character codes of { [ (. */
const OPENING = new Set(['{', '[', '('].map((bracket) => bracket.charCodeAt(0)));
const OPENING_TOKENS = new Set<TokenKind>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING_TOKENS = new Set<TokenKind>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** Tokens of a text, and how deep its brackets nest, as far as it can be read; it has no number of tokens if not to its end. */
function measureText(text: string): { readonly tokens: number | undefined; readonly nesting: number } {
  const lexer = new Lexer(new Source(text));
  let [tokens, depth, nesting] = [0, 0, 0];
  try {
    for (let { kind } = lexer.advance(); kind !== TokenKind.EOF; { kind } = lexer.advance()) {
      tokens += 1;
      if (OPENING_TOKENS.has(kind)) nesting = Math.max(nesting, (depth += 1));
      else if (CLOSING_TOKENS.has(kind)) depth -= 1;
    }
  } catch {
    return { tokens: undefined, nesting };
  }
  return { tokens, nesting };
}

/**
 * What is wrong with the number of entries that is asked of a page, if anything: BAD_USER_INPUT for less than nothing,
 * LIMIT_EXCEEDED for more than a page may hold.
 */
export function pageProblem(first: number, { pageSize }: Limits): Problem | undefined {
  if (first < 0) return badInput(`first is ${String(first)}; it must be 0 or more.`);
  if (first <= pageSize) return undefined;
  return new Problem('LIMIT_EXCEEDED', `first is ${String(first)}; a page has at most ${String(pageSize)} entries (STOWAGE_MAX_PAGE). Go on with after.`);
}

/** One operation with its variables. */
export interface Priced {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
}

/** What one operation asks for. */
interface Measure {
  /** Roughly how many objects it reads at most, by its pages' sizes. */
  readonly cost: number;
  /** What is wrong with it apart from that. */
  readonly problem: Problem | undefined;
}

/** Refuses operations that would read too much, before anything is read for them. */
export class CostLimit {
  private readonly remembered = new LRUCache<string, Measure>({ max: MAX_REMEMBERED });
  private readonly numbers = new WeakMap<DocumentNode, number>();
  private documents = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly limits: Limits,
  ) {}

  /**
   * Gives what an operation costs: roughly how many objects it may read.
   * @throws {Problem} that names the limit and what the operation costs, or the page that is too large.
   */
  check(operation: Priced): number {
    const key = this.keyOf(operation);
    let measure = key === undefined ? undefined : this.remembered.get(key);
    if (measure === undefined) {
      measure = this.measure(operation);
      if (key !== undefined) this.remembered.set(key, measure);
    }
    const { cost, problem } = measure;
    if (problem !== undefined) throw problem;
    if (cost > this.limits.cost) {
      const objects = `${String(cost)} objects; the limit is ${String(this.limits.cost)} (STOWAGE_MAX_COST)`;
      throw new Problem('LIMIT_EXCEEDED', `The query may read ${objects}. Ask for smaller pages, or for less within them.`);
    }
    return cost;
  }

  private measure({ document, operationName, variables }: Priced): Measure {
    const operation = getOperationAST(document, operationName);
    // Execution refuses the whole of these, with words for what is wrong.
    if (!operation || getVariableValues(this.schema, operation.variableDefinitions ?? [], variables ?? {}).errors !== undefined) {
      return { cost: 0, problem: undefined };
    }
    let problem: Problem | undefined;
    const estimators = [
      (field: ComplexityEstimatorArgs): number => {
        const first: unknown = field.args['first'];
        if (typeof first === 'number') problem ??= pageProblem(first, this.limits);
        return estimate(field);
      },
    ];
    try {
      const cost = getComplexity({
        schema: this.schema,
        query: { ...document, definitions: document.definitions.filter((part) => part === operation || part.kind === Kind.FRAGMENT_DEFINITION) },
        estimators,
        maxQueryNodes: MAX_NODES,
        ...(variables === undefined ? {} : { variables: { ...variables } }),
      });
      return { cost, problem };
    } catch (error) {
      if (error instanceof GraphQLError && !error.message.startsWith(TOO_MANY_NODES)) {
        // An argument that its field would refuse. It must not hide what the rest costs.
        return { cost: 0, problem: badInput(error.message) };
      }
      const fields = `The query has more than ${String(MAX_NODES)} fields, counted where fragments are used, and so may read more than that`;
      return {
        cost: 0,
        problem: new Problem('LIMIT_EXCEEDED', `${fields}; the limit is ${String(this.limits.cost)} objects (STOWAGE_MAX_COST).`, { cause: error }),
      };
    }
  }

  /** By document and variables; undefined for what is too long to remember: names of operations may be, too. */
  private keyOf({ document, operationName, variables }: Priced): string | undefined {
    let number = this.numbers.get(document);
    if (number === undefined) this.numbers.set(document, (number = this.documents += 1));
    const text = variables === undefined ? '' : JSON.stringify(variables);
    const key = `${String(number)} ${operationName ?? ''} ${text}`;
    return key.length > MAX_REMEMBERED_LENGTH ? undefined : key;
  }
}

function estimate({ type, field, args, childComplexity }: ComplexityEstimatorArgs): number {
  if (type.name.startsWith('__')) return isCompositeType(getNamedType(field.type)) ? listLength(type.name, field) * (1 + childComplexity) : 0;
  if (field.name.startsWith('__')) return Math.ceil(childComplexity / SCHEMA_SHARE);
  if (field.name === 'totalCount') return COUNT_COST;
  if (!isCompositeType(getNamedType(field.type))) return 0;
  if (field.args.some(({ name }) => name === 'first')) {
    const first: unknown = args['first'];
    return 1 + Math.max(typeof first === 'number' ? first : PAGE_LENGTH, 1) * childComplexity;
  }
  if (type.name.endsWith('Connection')) return childComplexity + (isListType(getNullableType(field.type)) ? 1 : 0);
  if (isListType(getNullableType(field.type))) return listLength(type.name, field) * (1 + childComplexity);
  return (field.name === 'stats' ? COUNT_COST : 1) + childComplexity;
}

function listLength(typeName: string, field: { readonly name: string; readonly type: GraphQLOutputType }): number {
  if (!isListType(getNullableType(field.type))) return 1;
  return LIST_LENGTHS[`${typeName}.${field.name}`] ?? LIST_LENGTHS[typeName] ?? LIST_LENGTH;
}

function limitError(message: string): GraphQLError {
  return new GraphQLError(message, { originalError: new Problem('LIMIT_EXCEEDED', message) });
}
