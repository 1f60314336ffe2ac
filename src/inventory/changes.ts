import type { NewEntry } from '../journal/entry.js';
import { dropContainer, putContainer, shareKey, type HostPicture, type KnownContainer, type KnownShare, type KnownVolume } from './picture.js';

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
  for (const share of changes.dissolvedShares) picture.shares.delete(shareKey(share));
  for (const share of changes.shares) picture.shares.set(shareKey(share), share);
}
