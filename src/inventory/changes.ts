import type { NewEntry } from '../journal/entry.js';
import {
  dropContainer,
  putContainer,
  shareKey,
  type HostPicture,
  type KnownContainer,
  type KnownShare,
  type KnownVolume,
  type NetworkSpot,
} from './picture.js';

/** What follows from looking at an engine: rows to write and entries to journal, in this order, in one transaction. */
export interface Changes {
  /** New or changed. */
  readonly volumes: readonly KnownVolume[];
  readonly removedVolumes: readonly { readonly volume: KnownVolume; readonly at: number }[];
  readonly containers: readonly KnownContainer[];
  readonly removedContainers: readonly { readonly container: KnownContainer; readonly at: number }[];
  /** Formed or changed. */
  readonly shares: readonly KnownShare[];
  readonly dissolvedShares: readonly KnownShare[];
  /** Mounts of storage that several hosts can reach: new or moved ones, and those that are not there any more. */
  readonly networkSpots: readonly NetworkSpot[];
  readonly leftNetworkSpots: readonly NetworkSpot[];
  readonly entries: readonly NewEntry[];
}

/** Whether there is nothing to write. */
export function isEmpty(changes: Changes): boolean {
  return Object.values(changes).every((list: readonly unknown[]) => list.length === 0);
}

/** Brings the picture to where the changes lead. */
export function absorb(picture: HostPicture, changes: Changes): void {
  for (const { volume } of changes.removedVolumes) picture.volumes.delete(volume.name);
  for (const volume of changes.volumes) picture.volumes.set(volume.name, volume);
  for (const { container } of changes.removedContainers) dropContainer(picture, container.engineId);
  for (const container of changes.containers) {
    dropContainer(picture, container.engineId);
    putContainer(picture, container);
  }
  for (const spot of changes.leftNetworkSpots) picture.network.delete(spot.mountId);
  for (const spot of changes.networkSpots) picture.network.set(spot.mountId, spot);
  for (const share of changes.dissolvedShares) picture.shares.delete(shareKey(share));
  for (const share of changes.shares) picture.shares.set(shareKey(share), share);
}
