import { Problem } from '../problems.js';

/** A refusal that ends by itself: over HTTP it is a 429 with Retry-After. */
export class TooManyRequests extends Problem {
  constructor(
    message: string,
    /** Milliseconds until it is worth another try. */
    readonly retryMs: number,
  ) {
    super('LIMIT_EXCEEDED', `${message} Try again in ${String(Math.max(1, Math.ceil(retryMs / 1000)))} s.`);
  }
}
