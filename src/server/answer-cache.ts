import { LRUCache } from 'lru-cache';
import type { OperationTold } from '../graphql/context.js';

/** An answer over HTTP, ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** What the log tells of it. */
  readonly operation: OperationTold | undefined;
  readonly problems: readonly string[];
}

/** An answer, and whether it holds until the inventory has another revision. */
export interface MadeAnswer {
  readonly answer: Answer;
  readonly keepable: boolean;
}

/** Requests that are remembered as such whose answers may be kept. */
const MAX_KNOWN = 10_000;

interface Kept {
  readonly revision: string;
  readonly answer: Answer;
}

/**
 * Keeps answers until the inventory changes. None is ever older than its request: before one is given out, the database
 * is asked which revision is in force (one question for all requests that came meanwhile), and an answer is kept under
 * the revision that was in force before it was read.
 */
export class AnswerCache {
  private readonly kept: LRUCache<string, Kept>;
  private readonly known = new LRUCache<string, true>({ max: MAX_KNOWN });
  private readonly making = new Map<string, Promise<MadeAnswer>>();

  /**
   * @param readRevision the revision in force at some moment after the call.
   * @param maxBytes of all answers that are kept together.
   */
  constructor(
    private readonly readRevision: () => Promise<string>,
    maxBytes: number,
  ) {
    this.kept = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ answer }, key) => answer.body.length + key.length + 1 });
  }

  /**
   * The answer to a request.
   * @param request all that its answer depends on, besides the inventory: what is asked, and who asks.
   */
  async answer(request: string, make: () => Promise<MadeAnswer>): Promise<Answer> {
    // Most requests come once: these are not worth the question.
    if (!this.known.has(request)) {
      const { answer, keepable } = await make();
      if (keepable) this.known.set(request, true);
      return answer;
    }
    const revision = await this.readRevision();
    const kept = this.kept.get(request);
    if (kept?.revision === revision) return kept.answer;
    const { answer, keepable } = await this.makeOnce(`${revision}\n${request}`, make);
    if (keepable) this.kept.set(request, { revision, answer });
    return answer;
  }

  /** Several requests for the same answer under the same revision have it made once. */
  private makeOnce(key: string, make: () => Promise<MadeAnswer>): Promise<MadeAnswer> {
    let making = this.making.get(key);
    if (making === undefined) {
      making = make().finally(() => this.making.delete(key));
      this.making.set(key, making);
    }
    return making;
  }
}
