import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { isLoopback, Networks, type Network } from '../networks.js';
import { Problem } from '../problems.js';
import { quote } from './names.js';

/** Finds the addresses of a name, as node:dns's own `lookup` with `all`. */
export type Lookup = (name: string) => Promise<readonly LookupAddress[]>;

/** Where no engine is and what answers has nothing to fear from strangers: never meant, unless the settings name it. */
const SPECIAL: readonly { readonly what: string; readonly networks: readonly Network[] }[] = [
  // RFC 3927; RFC 4291, 2.5.6. Clouds answer there with the keys of the machine that asks.
  { what: 'link-local', networks: [v4('169.254.0.0', 16), v6('fe80::', 10)] },
  // What clouds use beside that: Alibaba, Azure, Oracle, AWS, Google, Scaleway.
  {
    what: "of a cloud's own services",
    networks: [
      v4('100.100.100.200', 32),
      v4('168.63.129.16', 32),
      v4('192.0.0.192', 32),
      v6('fd00:ec2::254', 128),
      v6('fd20:ce::254', 128),
      v6('fd00:42::42', 128),
    ],
  },
  // RFC 1122, 3.2.1.3; RFC 5771; RFC 1112. Systems take the first one for themselves.
  { what: 'no address of one machine', networks: [v4('0.0.0.0', 8), v4('224.0.0.0', 4), v4('240.0.0.0', 4), v6('ff00::', 8)] },
  // RFC 6052, 8215, 3056, 4380, 4291, 2765: each holds an address of IPv4 that another machine goes on to.
  {
    what: 'a way around to another address',
    networks: [v6('64:ff9b::', 96), v6('64:ff9b:1::', 48), v6('2002::', 16), v6('2001::', 32), v6('::', 96), v6('::ffff:0:0:0', 96)],
  },
];

/**
 * Decides which addresses engines may have. Every connection asks it with the address itself, and connects to just that
 * one: a name is looked up once for each connection, so that it cannot have led to another address when it was checked.
 */
export class AddressGuard {
  private readonly allowed: Networks | undefined;
  private readonly special: readonly { readonly what: string; readonly refused: Networks; readonly exempt: Networks }[];

  /** @param allowed all that engines may be in; undefined: anything but what no engine is in. */
  constructor(
    allowed?: readonly Network[],
    private readonly lookup: Lookup = lookupAll,
  ) {
    this.allowed = allowed === undefined ? undefined : new Networks(allowed);
    this.special = SPECIAL.map(({ what, networks }) => ({
      what,
      refused: new Networks(networks),
      // 0.0.0.0/0 does not mean them: who does names them, or a part of them.
      exempt: new Networks((allowed ?? []).filter((one) => networks.some((network) => lies(one, network)))),
    }));
  }

  /**
   * The addresses that a host name, or an address, leads to and that are allowed.
   * @throws {Problem} FORBIDDEN when none of them is; what the lookup throws.
   */
  async resolve(host: string): Promise<readonly LookupAddress[]> {
    const version = isIP(host);
    const found = version === 0 ? await this.lookup(host) : [{ address: host, family: version }];
    const refusals = found.map(({ address }) => this.refusal(address));
    const allowed = found.filter((_address, index) => refusals[index] === undefined);
    if (allowed.length > 0) return allowed;
    const led = version === 0 ? `${quote(host)} leads to ${found[0]?.address ?? 'nothing'}, which` : host;
    throw new Problem('FORBIDDEN', `No connection was made: ${led} is ${refusals[0] ?? 'no address'} (STOWAGE_ALLOWED_NETWORKS).`);
  }

  /** What is wrong with an address; undefined when it is allowed. */
  private refusal(address: string): string | undefined {
    const special = isLoopback(address) ? undefined : this.special.find(({ refused, exempt }) => refused.has(address) && !exempt.has(address));
    if (special !== undefined) return special.what;
    return this.allowed?.has(address) === false ? 'in none of the allowed networks' : undefined;
  }
}

function v4(address: string, prefix: number): Network {
  return { family: 'ipv4', address, prefix };
}

function v6(address: string, prefix: number): Network {
  return { family: 'ipv6', address, prefix };
}

/** Whether a network lies wholly in another. */
function lies(inner: Network, outer: Network): boolean {
  return inner.family === outer.family && inner.prefix >= outer.prefix && new Networks([outer]).has(inner.address);
}

function lookupAll(name: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(name, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}
