/** A host with the living gateway that watches it, if any. */
export interface WatchedHost {
  readonly id: string;
  readonly holder: string | undefined;
}

/** What one gateway has to do so that all hosts are watched and spread evenly. */
export interface Spread {
  /** Hosts that nobody watches, to take. */
  readonly take: readonly string[];
  /** Hosts of its own, to give up. */
  readonly giveUp: readonly string[];
}

/**
 * Works out the part of one gateway. Each gateway decides for itself from the same rows, so it must come to what the
 * others expect: with `n` hosts and `g` gateways each has `n / g`, and the first ones by id one more while there is a
 * rest. Ids of gateways grow with time (UUID v7), so that hosts stay where they are when another gateway comes.
 */
export function spreadHosts(me: string, others: readonly string[], hosts: readonly WatchedHost[]): Spread {
  const rank = others.filter((other) => other < me).length;
  const gateways = others.length + 1;
  const quota = Math.floor(hosts.length / gateways) + (rank < hosts.length % gateways ? 1 : 0);
  const inOrder = [...hosts].sort((a, b) => (a.id < b.id ? -1 : 1));
  const mine = inOrder.filter(({ holder }) => holder === me);
  const free = inOrder.filter(({ holder }) => holder === undefined);
  // Gateways that look at the same moment begin at different places, so that they seldom reach for the same host.
  const start = free.length === 0 ? 0 : (rank * Math.ceil(free.length / gateways)) % free.length;
  return {
    take: [...free.slice(start), ...free.slice(0, start)].slice(0, Math.max(0, quota - mine.length)).map(({ id }) => id),
    giveUp: mine.slice(quota).map(({ id }) => id),
  };
}
