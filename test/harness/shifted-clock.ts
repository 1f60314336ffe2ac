/**
 * NODE_OPTIONS for a gateway whose clock differs from everyone else's by so many milliseconds: to it, every engine has a
 * clock that is wrong by as much the other way.
 */
export function shiftedClock(shiftMs: number): string {
  const source = `const real = Date; globalThis.Date = new Proxy(real, {
    construct: (target, given) => given.length === 0 ? new real(real.now() + (${String(shiftMs)})) : Reflect.construct(target, given),
    get: (target, key) => key === 'now' ? () => real.now() + (${String(shiftMs)}) : Reflect.get(target, key),
  });`;
  return `--import=data:text/javascript,${encodeURIComponent(source)}`;
}
