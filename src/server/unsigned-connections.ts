import { networkOf } from '../networks.js';

/**
 * Connections that have not signed in yet, by the address that they came from: bounded in all, and no address takes the room of
 * others. Addresses of one holder count as one.
 */
export class UnsignedConnections<Connection> {
  /** Oldest first. */
  private readonly byAddress = new Map<string, Set<Connection>>();
  private count = 0;

  /**
   * @param most how many there may be in all
   * @param giveUp ends one that has to make room
   */
  constructor(
    private readonly most: number,
    private readonly giveUp: (connection: Connection) => void,
  ) {}

  /**
   * Whether another one may come from an address. When there is no room, the oldest one of the address with the most of them makes
   * some, unless the newcomer's own address has as many.
   */
  makeRoomFor(newcomer: string): boolean {
    if (this.count < this.most) return true;
    const address = networkOf(newcomer);
    const own = this.byAddress.get(address) ?? new Set();
    let [largest, connections] = [address, own];
    for (const [other, theirs] of this.byAddress) if (theirs.size > connections.size) [largest, connections] = [other, theirs];
    const [oldest] = connections;
    if (oldest === undefined || connections.size <= own.size + 1) return false;
    this.remove(largest, oldest);
    this.giveUp(oldest);
    return true;
  }

  add(from: string, connection: Connection): void {
    const address = networkOf(from);
    const theirs = this.byAddress.get(address) ?? new Set();
    if (theirs.has(connection)) return;
    theirs.add(connection);
    this.byAddress.set(address, theirs);
    this.count += 1;
  }

  /** To be called when one has signed in or is gone; one that is not there is as good. */
  remove(from: string, connection: Connection): void {
    const address = networkOf(from);
    const theirs = this.byAddress.get(address);
    if (theirs?.delete(connection) !== true) return;
    this.count -= 1;
    if (theirs.size === 0) this.byAddress.delete(address);
  }
}
