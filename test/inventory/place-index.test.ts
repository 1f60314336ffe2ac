import fc from 'fast-check';
import { PlaceIndex, sharesTouched, type Spot } from '../../src/inventory/place-index.js';
import { isWithin } from '../../src/inventory/storage-place.js';

const component = fc.constantFrom('a', 'b', 'ab');
const path = fc.array(component, { maxLength: 4 });

/** Mounts by containers c0 to c5, each with one or two spots. */
const mounts = fc
  .array(
    fc.record({
      container: fc.nat({ max: 5 }),
      volume: fc.constantFrom(null, null, 'v1', 'v2'),
      paths: fc.array(fc.tuple(path, fc.boolean()), { minLength: 1, maxLength: 2 }),
      readOnly: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((list) =>
    list.map(({ container, volume, paths, readOnly }, index): readonly Spot[] =>
      paths.map(([at, anchor]) => ({
        mountId: `m${String(index).padStart(2, '0')}`,
        containerId: `c${String(container)}`,
        hostId: 'h',
        volumeId: volume,
        readOnly,
        path: at,
        anchor: anchor || volume === null,
      })),
    ),
  );

/** What is shared, worked out by comparing everything with everything. */
function byComparingAll(spots: readonly Spot[]): Record<string, string[]> {
  const shares: Record<string, string[]> = {};
  for (const { path: top, anchor } of spots) {
    if (!anchor) continue;
    const members = spots.filter((spot) => isWithin(spot.path, top));
    const volumes = new Set(members.map(({ volumeId }) => volumeId));
    const onlyOneVolume = volumes.size === 1 && !volumes.has(null);
    if (new Set(members.map(({ containerId }) => containerId)).size < 2 || onlyOneVolume) continue;
    shares[`/${top.join('/')}`] = [...new Set(members.map(({ mountId }) => mountId))].sort();
  }
  return shares;
}

/** Takes mounts in and out one by one, and keeps what is shared up to date by what each step touches. */
class Kept {
  readonly index = new PlaceIndex();
  readonly shares: Record<string, string[]> = {};

  change(mountId: string, spots: readonly Spot[]): void {
    for (const { path: at, members } of sharesTouched(this.index, new Map([[mountId, spots]]))) {
      const key = `/${at.join('/')}`;
      if (members === null) Reflect.deleteProperty(this.shares, key);
      else this.shares[key] = members.map((spot) => spot.mountId).sort();
    }
    this.index.remove(mountId);
    for (const spot of spots) this.index.add(spot);
  }
}

const idOf = (spots: readonly Spot[]) => spots[0]?.mountId ?? '';

test('what is shared is the same when mounts come one by one, in whatever order, as when all are compared with all', () => {
  fc.assert(
    fc.property(mounts, fc.infiniteStream(fc.nat()), (all, random) => {
      const kept = new Kept();
      const rest = [...all];
      while (rest.length > 0) {
        const [next] = rest.splice((random.next().value ?? 0) % rest.length, 1);
        if (next !== undefined) kept.change(idOf(next), next);
      }
      expect(kept.shares).toEqual(byComparingAll(all.flat()));
    }),
  );
});

test('the same holds while mounts come and go, and nothing is left of them in the end', () => {
  fc.assert(
    fc.property(mounts, fc.array(fc.nat(), { maxLength: 30 }), (all, steps) => {
      const kept = new Kept();
      const there = new Set<readonly Spot[]>();
      for (const step of steps) {
        const mount = all[step % Math.max(1, all.length)];
        if (mount === undefined) return;
        if (there.delete(mount)) kept.change(idOf(mount), []);
        else {
          there.add(mount);
          kept.change(idOf(mount), mount);
        }
        expect(kept.shares).toEqual(byComparingAll([...there].flat()));
      }
      for (const mount of there) kept.change(idOf(mount), []);
      expect(kept.shares).toEqual({});
      expect(kept.index.within([])).toEqual([]);
    }),
  );
});

test('all at once leads to the same as one by one', () => {
  fc.assert(
    fc.property(mounts, (all) => {
      const shares: Record<string, string[]> = {};
      for (const { path: at, members } of sharesTouched(new PlaceIndex(), new Map(all.map((spots) => [idOf(spots), spots])))) {
        if (members !== null) shares[`/${at.join('/')}`] = members.map((spot) => spot.mountId).sort();
      }
      expect(shares).toEqual(byComparingAll(all.flat()));
    }),
  );
});

test('two mounts meet in a share if and only if one lies in the other, whichever is asked', () => {
  fc.assert(
    fc.property(path, path, (a, b) => {
      const spot = (mountId: string, at: readonly string[]): Spot => ({
        mountId,
        containerId: `of ${mountId}`,
        hostId: 'h',
        volumeId: null,
        readOnly: false,
        path: at,
        anchor: true,
      });
      const meet = (first: Spot, second: Spot) =>
        sharesTouched(new PlaceIndex(), new Map([first, second].map((each) => [each.mountId, [each]]))).some(({ members }) => members !== null);
      expect(meet(spot('x', a), spot('y', b))).toBe(isWithin(a, b) || isWithin(b, a));
      expect(meet(spot('x', a), spot('y', b))).toBe(meet(spot('y', b), spot('x', a)));
    }),
  );
});
