import type { Logger } from 'pino';
import type { ControlConnection } from '../database/control-connection.js';
import type { Database } from '../database/client.js';
import { answerLook, forgetLook, LOOKS_CHANNEL, openLooks, requestLook, takeAnswer, type LookRequest } from '../inventory/looks.js';
import { Problem, toShownProblem } from '../problems.js';
import { WatchEndedError, type HostSync } from './host-sync.js';

/** Milliseconds after which one asks again without having been woken: notifications are lost with their connection. */
const POLL_INTERVAL_MS = 250;
/** Milliseconds to wait for the gateway that watches the host; long enough for another one to take over. */
const ANSWER_LIMIT_MS = 15_000;

/** What a gateway watches. */
interface Watchers {
  readonly hostIds: readonly string[];
  /** The loop of a host, or why there is none; undefined for one that this gateway does not watch. */
  watcher(hostId: string): HostSync | Problem | undefined;
}

/**
 * Lets a gateway have a host looked at that another gateway watches: a change that was made through the first shows in the
 * inventory before its caller is answered, whichever gateway was asked.
 */
export class LookExchange {
  private readonly wakers = new Set<() => void>();
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Database,
    control: ControlConnection,
    private readonly log: Logger,
    private readonly watchers: Watchers,
  ) {
    control.listen(LOOKS_CHANNEL, () => {
      this.wake();
      this.serve();
    });
  }

  /**
   * Resolves when the gateway that watches the host has looked and committed.
   * @throws {Problem} why it could not, or HOST_TIMEOUT when none did in time.
   */
  async ask(request: Omit<LookRequest, 'id'>): Promise<void> {
    const id = await requestLook(this.database, request);
    const until = performance.now() + ANSWER_LIMIT_MS;
    while (!(await takeAnswer(this.database, id))) {
      if (performance.now() > until) {
        await forgetLook(this.database, id);
        throw new Problem('HOST_TIMEOUT', 'The gateway that watches this host has not looked in time. What was asked may be done all the same.');
      }
      await this.woken();
    }
  }

  /** Works off what other gateways ask of this one; called from time to time, too, since notifications can be lost. */
  serve(): void {
    void this.answerAll().catch((error: unknown) => {
      this.log.debug({ err: error }, 'requests to look cannot be read now');
    });
  }

  /** Resolves when nothing is being answered any more. */
  async settle(): Promise<void> {
    await Promise.all(this.underWay.values());
  }

  private async answerAll(): Promise<void> {
    const { hostIds } = this.watchers;
    if (hostIds.length === 0) return;
    for (const request of await openLooks(this.database, hostIds)) {
      const watcher = this.watchers.watcher(request.hostId);
      if (watcher === undefined || this.underWay.has(request.id)) continue;
      const answering = this.answer(watcher, request)
        .catch((error: unknown) => {
          this.log.debug({ err: error }, 'a request to look cannot be answered now');
        })
        .finally(() => this.underWay.delete(request.id));
      this.underWay.set(request.id, answering);
    }
  }

  private async answer(watcher: HostSync | Problem, { id, kind, key, actor }: LookRequest): Promise<void> {
    let problem: Problem | undefined;
    try {
      if (watcher instanceof Problem) throw watcher;
      await (kind === 'all' ? watcher.syncNow() : watcher.look(kind, key, actor ?? undefined));
    } catch (error) {
      // The next gateway that watches the host answers.
      if (error instanceof WatchEndedError) return;
      problem = toShownProblem(error).problem;
    }
    await answerLook(this.database, id, problem);
  }

  private wake(): void {
    const wakers = [...this.wakers];
    this.wakers.clear();
    for (const waker of wakers) waker();
  }

  private async woken(): Promise<void> {
    await new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.wakers.delete(finish);
        resolve();
      };
      const timer = setTimeout(finish, POLL_INTERVAL_MS);
      this.wakers.add(finish);
    });
  }
}
