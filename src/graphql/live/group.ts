import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Entry, EntryFilter } from '../../journal/entry.js';
import { batchesOf, type Answer, type Batch, type Outlet } from './batch.js';
import { toShownProblem } from '../../problems.js';
import { callersOf, Member } from './member.js';

/** Entries that are executed and sent together, at most. */
export const MAX_GROUP_PAGE = 200;
/** Milliseconds until those who catch up try again when the database is away. */
const RETRY_MS = 250;
/** Entries that may wait for a group whose answers take long to make; past that it reads the journal again. */
const MAX_PENDING = 5_000;

/** What a group needs of the rooms around it. */
export interface GroupSurroundings {
  /** Position up to which entries were handed to groups. */
  handedOut(): bigint;
  pageAfter(position: bigint, filter: EntryFilter, limit: number): Promise<{ readonly entries: readonly Entry[]; readonly upTo: bigint }>;
  /** Makes answers of what is new when its turn has come, which is that of one of these callers. */
  liveInTurn<T>(callers: Iterable<string>, work: () => Promise<T>): Promise<T>;
  /** The same for reading and answering what others have missed: neither way holds up the other. */
  catchUpInTurn<T>(callers: Iterable<string>, work: () => Promise<T>): Promise<T>;
  /** Told of entries that all who are live were sent. */
  delivered(entries: readonly Entry[]): void;
  /** Told how long writing took, in milliseconds. */
  wrote(ms: number): void;
  /** Called when the last member has gone. */
  emptied(group: Group): void;
}

/** A part of what was read for those who catch up: all that there is after one position up to another. */
interface Slice {
  readonly from: bigint;
  readonly upTo: bigint;
  /** undefined: nothing of it is wanted. */
  readonly batch: Batch | undefined;
}

/**
 * Subscribers that ask the same thing and may see the same: each event is executed and written out once for all of them.
 * Members who have everything get what is handed out; the others catch up in pages, everyone at about the same place
 * together, and go over in one step when they have all that was handed out.
 */
export class Group {
  private readonly live = new Set<Member>();
  /** Those who catch up, in the order of their turns. */
  private readonly behind = new Set<Member>();
  /** Those who catch up and have not taken yet what was sent last. */
  private readonly draining = new Set<Member>();
  private pending: Entry[] = [];
  private inFlight: Entry | undefined;
  private sending = false;
  private catchingUp = false;

  constructor(
    readonly key: string,
    readonly filter: EntryFilter,
    private readonly answer: (entries: readonly Entry[]) => Promise<Answer[]>,
    private readonly surroundings: GroupSurroundings,
    /** Entries that are executed and sent together. */
    private readonly pageSize: number,
  ) {}

  /** Members who have all there is, and those who have not. */
  get counts(): { readonly live: number; readonly behind: number } {
    return { live: this.live.size, behind: this.behind.size + this.draining.size };
  }

  join(caller: string, outlet: Outlet, position: bigint): Member {
    const forget = (gone: Member) => {
      this.remove(gone);
    };
    const member = new Member(forget, caller, outlet, position);
    this.place(member);
    return member;
  }

  private remove(member: Member): void {
    this.live.delete(member);
    this.behind.delete(member);
    this.draining.delete(member);
    if (this.live.size === 0) this.forgetPending();
    if (this.live.size + this.behind.size + this.draining.size === 0) this.surroundings.emptied(this);
  }

  /** Takes an entry that the filter accepts; it is sent by {@link send}. */
  push(entry: Entry): void {
    if (this.live.size === 0) return;
    this.pending.push(entry);
    if (this.pending.length > MAX_PENDING) this.readAgain();
  }

  /** Sends what was pushed. */
  send(): void {
    if (!this.sending && this.pending.length > 0) void this.sendPending();
  }

  /** Has everyone catch up from the journal: something may be missing in what was pushed. */
  readAgain(): void {
    this.forgetPending();
    const members = [...this.live];
    this.live.clear();
    for (const member of members) this.behind.add(member);
    this.startCatchingUp();
  }

  /**
   * With nobody live what comes is not taken any more, so that what was taken before says nothing of what a member lacks who
   * goes over later: everyone is then measured by what was handed out.
   */
  private forgetPending(): void {
    this.pending = [];
    this.inFlight = undefined;
  }

  private async sendPending(): Promise<void> {
    this.sending = true;
    while (this.pending.length > 0) {
      const entries = this.pending.splice(0, this.pageSize);
      this.inFlight = entries[0];
      try {
        const answers = await this.surroundings.liveInTurn(callersOf(this.live), () => this.answer(entries));
        for (const batch of batchesOf(answers)) this.deliver(batch, this.live);
        this.surroundings.delivered(entries);
      } catch (error) {
        for (const member of this.live) member.fail(error);
      }
    }
    this.inFlight = undefined;
    this.sending = false;
  }

  private deliver(batch: Batch, members: Iterable<Member>): void {
    const { end } = batch;
    const began = performance.now();
    for (const member of members) {
      if (member.hasLeft || member.position >= end) continue;
      member.outlet.write(batch, batch.firstAfter(member.position));
      member.position = end;
    }
    this.surroundings.wrote(performance.now() - began);
  }

  /** Puts a member where it belongs: what it has decides whether what is still to be sent is all that it lacks. */
  private place(member: Member): void {
    const next = this.inFlight ?? this.pending[0];
    const base = next === undefined || this.live.size === 0 ? this.surroundings.handedOut() : next.position - 1n;
    if (member.position >= base) {
      this.live.add(member);
    } else {
      this.behind.add(member);
      this.startCatchingUp();
    }
  }

  private startCatchingUp(): void {
    if (!this.catchingUp && this.behind.size > 0) void this.catchUp();
  }

  private async catchUp(): Promise<void> {
    this.catchingUp = true;
    let slices: readonly Slice[] = [];
    for (let [next] = this.behind; next !== undefined; [next] = this.behind) {
      const { position } = next;
      let slice = slices.find(({ from, upTo }) => position >= from && position < upTo);
      if (slice === undefined) {
        const start = this.startOfPage(position);
        try {
          slices = await this.surroundings.catchUpInTurn(callersOf(this.behind), () => this.readSlices(start));
        } catch (error) {
          if (toShownProblem(error).problem.code === 'UNAVAILABLE') await delay(RETRY_MS);
          else for (const member of [...this.behind]) if (member.position === start) member.fail(error);
          continue;
        }
        slice = slices.find(({ upTo }) => position < upTo) ?? slices.at(-1);
      } else {
        // Others have their turn between the parts of one page, and what was sent has left where the client reads.
        await nextTurn();
      }
      if (slice !== undefined) this.deliverSlice(slice);
    }
    this.catchingUp = false;
  }

  /** Reads and executes one page, once for all who are at about its beginning. */
  private async readSlices(start: bigint): Promise<Slice[]> {
    const { entries, upTo } = await this.surroundings.pageAfter(start, this.filter, this.pageSize);
    const batches = entries.length === 0 ? [] : batchesOf(await this.answer(entries));
    const ends = batches.slice(0, -1).map(({ end }) => end);
    return [start, ...ends].map((from, index) => ({ from, upTo: ends[index] ?? upTo, batch: batches[index] }));
  }

  private deliverSlice({ from, upTo, batch }: Slice): void {
    const together = [...this.behind].filter(({ position }) => position >= from && position <= upTo);
    if (batch !== undefined) this.deliver(batch, together);
    for (const member of together) this.moveOn(member, upTo);
  }

  /** The first place from which one page serves those at about that position. */
  private startOfPage(position: bigint): bigint {
    let start = position;
    for (const member of this.behind) if (member.position < start && member.position >= position - BigInt(this.pageSize)) start = member.position;
    return start;
  }

  private moveOn(member: Member, position: bigint): void {
    if (!this.behind.delete(member)) return;
    if (position > member.position) member.position = position;
    if (member.outlet.isDrained) {
      this.place(member);
      return;
    }
    // Nothing is read for whom what was sent still waits.
    this.draining.add(member);
    member.outlet.onceDrained(() => {
      if (this.draining.delete(member)) this.place(member);
    });
  }
}
