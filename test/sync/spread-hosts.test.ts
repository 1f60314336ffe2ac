import fc from 'fast-check';
import { spreadHosts, type WatchedHost } from '../../src/sync/spread-hosts.js';

const ids = (prefix: string, maxLength: number) =>
  fc.uniqueArray(fc.nat({ max: 99 }), { maxLength }).map((numbers) => numbers.map((number) => `${prefix}${String(number).padStart(2, '0')}`));

/** One after the other takes and gives up what it is told to, until nobody has anything to do. */
function settle(gateways: readonly string[], hosts: readonly WatchedHost[]): { hosts: WatchedHost[]; moves: number; rounds: number } {
  let now = hosts.map((host) => ({ ...host, holder: host.holder !== undefined && gateways.includes(host.holder) ? host.holder : undefined }));
  let moves = 0;
  for (let rounds = 0; ; rounds += 1) {
    let idle = true;
    for (const me of gateways) {
      const { take, giveUp } = spreadHosts(
        me,
        gateways.filter((other) => other !== me),
        now,
      );
      if (take.length > 0 || giveUp.length > 0) idle = false;
      moves += take.length;
      now = now.map(({ id, holder }) => ({ id, holder: take.includes(id) ? me : giveUp.includes(id) ? undefined : holder }));
    }
    if (idle) return { hosts: now, moves, rounds };
    if (rounds > 10) throw new Error(`no end: ${JSON.stringify(now)}`);
  }
}

const scene = fc.tuple(ids('g', 6), ids('h', 40), fc.infiniteStream(fc.nat())).map(([gateways, hosts, random]) => ({
  gateways: gateways.length === 0 ? ['g00'] : gateways,
  hosts: hosts.map((id): WatchedHost => ({ id, holder: [...gateways, undefined, 'gone'][(random.next().value ?? 0) % (gateways.length + 2)] })),
}));

test('from any state, all hosts come to be watched, and no gateway has two more than another', () => {
  fc.assert(
    fc.property(scene, ({ gateways, hosts }) => {
      const settled = settle(gateways, hosts);
      const counts = gateways.map((gateway) => settled.hosts.filter(({ holder }) => holder === gateway).length);
      expect(counts.reduce((a, b) => a + b, 0)).toBe(hosts.length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      expect(settled.rounds).toBeLessThanOrEqual(3);
    }),
  );
});

test('what is spread evenly stays where it is', () => {
  fc.assert(
    fc.property(scene, ({ gateways, hosts }) => {
      const settled = settle(gateways, hosts);
      for (const me of gateways) {
        expect(
          spreadHosts(
            me,
            gateways.filter((other) => other !== me),
            settled.hosts,
          ),
        ).toEqual({ take: [], giveUp: [] });
      }
    }),
  );
});

test('a gateway that comes last moves only the hosts that it gets', () => {
  fc.assert(
    fc.property(scene, ({ gateways, hosts }) => {
      const before = settle(gateways, hosts).hosts;
      const after = settle([...gateways, 'zz'], before);
      expect(after.moves).toBe(after.hosts.filter(({ holder }) => holder === 'zz').length);
    }),
  );
});
