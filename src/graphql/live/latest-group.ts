import { Batch, type Answer, type Outlet } from './batch.js';
import { callersOf, Member } from './member.js';
import type { SharedStream } from './shared-stream.js';

/**
 * Subscribers that follow the present state of one thing, ask the same of it and may see the same: each change is executed
 * and written out once for all of them. Who joins is told the newest answer first; changes that come while an answer is
 * made go out as one.
 */
export class LatestGroup {
  private readonly members = new Set<Member>();
  private readonly stopStream: () => void;
  private latest: Batch | undefined;
  private next: { readonly item: unknown } | undefined;
  private isAnswering = false;
  private end: { readonly error: unknown } | undefined;

  constructor(
    stream: SharedStream<unknown>,
    /** Makes the answer when its turn has come, which is that of one of these callers. */
    private readonly answer: (item: unknown, callers: Iterable<string>) => Promise<Answer>,
    /** Called once, when nobody is to join it any more. */
    private readonly closed: () => void,
  ) {
    this.stopStream = stream.start({
      changed: (item) => {
        this.next = { item };
        if (!this.isAnswering) void this.answerNext();
      },
      ended: (error) => {
        this.end = { error };
        this.closed();
        if (!this.isAnswering) this.finish();
      },
    });
  }

  get size(): number {
    return this.members.size;
  }

  join(caller: string, outlet: Outlet): Member {
    const member = new Member(
      (gone) => {
        this.members.delete(gone);
        if (this.members.size > 0 || this.end !== undefined) return;
        this.stopStream();
        this.closed();
      },
      caller,
      outlet,
      0n,
    );
    this.members.add(member);
    if (this.latest !== undefined) outlet.write(this.latest, 0);
    return member;
  }

  private async answerNext(): Promise<void> {
    this.isAnswering = true;
    for (let { next } = this; next !== undefined; { next } = this) {
      this.next = undefined;
      try {
        this.latest = new Batch([await this.answer(next.item, callersOf(this.members))]);
        for (const { outlet } of this.members) outlet.write(this.latest, 0);
      } catch (error) {
        for (const member of [...this.members]) member.fail(error);
      }
    }
    this.isAnswering = false;
    if (this.end !== undefined) this.finish();
  }

  private finish(): void {
    const error = this.end?.error;
    for (const member of [...this.members]) {
      if (error === undefined) void member.return();
      else member.fail(error);
    }
  }
}
