import { useSyncExternalStore } from 'react';
import { formatAge, formatMoment } from './words';

/** Milliseconds after which ages are written anew. */
const TICK_MS = 5_000;

let now = Date.now();
const watchers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** One clock for all ages of the page, which runs while any is shown. */
function watchClock(watcher: () => void): () => void {
  watchers.add(watcher);
  ticking ??= setInterval(() => {
    now = Date.now();
    for (const each of watchers) each();
  }, TICK_MS);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

/** Milliseconds since 1970, some seconds ago at most. */
export const useNow = (): number => useSyncExternalStore(watchClock, () => now);

/** How long ago something was; the moment itself shows under the pointer. Nothing without a moment. */
export function Age({ at, otherwise = 'never' }: { readonly at: string | null | undefined; readonly otherwise?: string }) {
  const current = useNow();
  if (at === null || at === undefined) return <span className="muted">{otherwise}</span>;
  return (
    <time dateTime={at} title={formatMoment(at)}>
      {formatAge(at, current)}
    </time>
  );
}
