import { BlockList, isIP, isIPv6 } from 'node:net';

/** One IP network, such as 10.0.0.0/8; a single address is one whose prefix is all of it. */
export interface Network {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  /** Bits that are fixed. */
  readonly prefix: number;
}

/** Reads `address` or `address/bits`; undefined for what is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined;
  const most = version === 4 ? 32 : 128;
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most)) return undefined;
  return { family: version === 4 ? 'ipv4' : 'ipv6', address, prefix: bits === undefined ? most : Number(bits) };
}

/** Some networks, to be asked for addresses. An IPv6 address that stands for one of IPv4 (::ffff:a.b.c.d) counts as that. */
export class Networks {
  private readonly list = new BlockList();

  constructor(networks: readonly Network[]) {
    for (const { address, prefix, family } of networks) this.list.addSubnet(address, prefix, family);
  }

  /** Whether an address, as numbers, lies in one of them. */
  has(address: string): boolean {
    const [plain = ''] = address.split('%');
    const version = isIP(plain);
    return version !== 0 && this.list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  }
}

/** The addresses of this machine for itself (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3). */
const LOOPBACK = new Networks([
  { family: 'ipv4', address: '127.0.0.0', prefix: 8 },
  { family: 'ipv6', address: '::1', prefix: 128 },
]);

/** Whether a host, as a name or an address without brackets, is this machine for sure: a name that anyone may register is not. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || LOOPBACK.has(host);
}

/** What stands for all addresses of one holder, who is to count once: with IPv6 whoever has one has 2^64 of them (RFC 6177). */
export function networkOf(told: string): string {
  const address = withoutPort(told);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  const filled = tail === undefined ? groups : [...groups, ...Array<string>(Math.max(0, 8 - groups.length - behind)).fill('0'), ...tail.split(':')];
  return `${filled
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/** An address without the port that some proxies name beside it in X-Forwarded-For: with each connection it is another one. */
function withoutPort(told: string): string {
  const [, inBrackets, plain] = /^(?:\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/.exec(told) ?? [];
  return inBrackets ?? plain ?? told;
}
