/** Chance that is the same in each run with the same seed. */
export interface Chance {
  /** From 0 to below 1. */
  readonly number: () => number;
  /** A whole number, both ends included. */
  readonly between: (low: number, high: number) => number;
  /** One of these. @throws {Error} for none. */
  readonly oneOf: <T>(list: readonly T[]) => T;
  /** True with this probability. */
  readonly chance: (probability: number) => boolean;
}

/** Numbers by mulberry32. */
export function seededChance(seed: number): Chance {
  let state = seed;
  const number = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (low: number, high: number) => low + Math.floor(number() * (high - low + 1));
  return {
    number,
    between,
    oneOf(list) {
      const found = list[between(0, list.length - 1)];
      if (found === undefined) throw new Error('there is nothing to choose from');
      return found;
    },
    chance: (probability) => number() < probability,
  };
}
