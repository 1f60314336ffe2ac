import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Attributes, type Context, type Span, type Tracer } from '@opentelemetry/api';

/** Makes spans; undefined: nobody wants any, and nothing is paid for them. */
let tracer: Tracer | undefined;

/** Has spans made from now on; undefined ends it. */
export function traceWith(given: Tracer | undefined): void {
  tracer = given;
}

/** How a span begins. */
export interface SpanStart {
  readonly attributes?: Attributes;
  /** Whether it is a call to another server, or one that came from a client. */
  readonly kind?: 'client' | 'server';
  /** Headers that may name a span of another program as its parent (W3C Trace Context). */
  readonly headers?: unknown;
  /** Whether it begins a trace of its own, whatever is under way. */
  readonly root?: boolean;
}

const KINDS = { client: SpanKind.CLIENT, server: SpanKind.SERVER } as const;

/**
 * Does some work as a span, if spans are made: within it, further ones are its children. Names are of a small number, and
 * attributes hold no values that a caller has sent.
 * @throws whatever the work throws; the span tells of it by the error's name and code alone.
 */
export async function inSpan<T>(name: string, start: SpanStart, work: (span: Span | undefined) => Promise<T>): Promise<T> {
  if (tracer === undefined) return work(undefined);
  const parent: Context =
    start.headers !== undefined ? propagation.extract(ROOT_CONTEXT, start.headers) : start.root === true ? ROOT_CONTEXT : context.active();
  const options = { kind: start.kind === undefined ? SpanKind.INTERNAL : KINDS[start.kind], attributes: start.attributes ?? {} };
  return tracer.startActiveSpan(name, options, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      const { code } = error as { code?: unknown };
      span.setStatus({ code: SpanStatusCode.ERROR, message: typeof code === 'string' ? code : (error as Error).name });
      throw error;
    } finally {
      span.end();
    }
  });
}
