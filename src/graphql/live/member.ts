import type { ExecutionResult } from 'graphql';
import type { Outlet } from './batch.js';

/**
 * One subscriber of a group. To the transport it is a stream that brings nothing and lives as long as the subscription:
 * answers go past it, straight to the outlet, so that a subscriber costs one promise for its life and none for an event.
 */
export class Member implements AsyncGenerator<ExecutionResult, undefined> {
  private settle: { readonly resolve: (end: IteratorReturnResult<undefined>) => void; readonly reject: (reason: unknown) => void } | undefined;
  private failure: { readonly reason: Error } | undefined;
  hasLeft = false;

  constructor(
    /** Has the group forget it. */
    private readonly forget: (member: Member) => void,
    /** Id of the caller whose it is. */
    readonly caller: string,
    readonly outlet: Outlet,
    /** Position up to which it has everything. */
    public position: bigint,
  ) {}

  next(): Promise<IteratorReturnResult<undefined>> {
    if (this.failure !== undefined) return Promise.reject(this.failure.reason);
    if (this.hasLeft) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.leave();
    this.settle?.resolve(END);
    return Promise.resolve(END);
  }

  throw(reason: unknown): Promise<IteratorReturnResult<undefined>> {
    this.fail(reason);
    return Promise.resolve(END);
  }

  /** Ends it with an error that the client is told. */
  fail(reason: unknown): void {
    if (this.hasLeft) return;
    this.leave();
    this.failure = { reason: reason instanceof Error ? reason : new Error(String(reason)) };
    this.settle?.reject(reason);
  }

  private leave(): void {
    if (this.hasLeft) return;
    this.hasLeft = true;
    this.forget(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.return().then(() => undefined);
  }
}

/** Ids of the callers of members, some of them more than once. */
export function* callersOf(members: Iterable<Member>): Generator<string, undefined> {
  for (const { caller } of members) yield caller;
}

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };
