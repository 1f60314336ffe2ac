import type { ProblemCode } from '../../src/problems.js';

/** For `toThrow`: a problem of this code whose message does not hold `secret`. */
export function problem(code: ProblemCode, secret?: string): Error {
  const message = secret === undefined ? (expect.any(String) as string) : (expect.not.stringContaining(secret) as string);
  return expect.objectContaining({ code, message }) as Error;
}
