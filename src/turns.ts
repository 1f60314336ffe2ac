const waiting: (() => void)[] = [];

/**
 * Resolves when it is the caller's turn to use the processor for some milliseconds. Turns come one to a round of the event
 * loop, so that small answers get theirs between the steps of large ones, however many of these are in work.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(giveTurn);
  });
}

function giveTurn(): void {
  waiting.shift()?.();
  // What a turn does is done when this is called again: an immediate that is set here comes in the next round.
  if (waiting.length > 0) setImmediate(giveTurn);
}
