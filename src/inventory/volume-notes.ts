import { maskOptions } from './driver-options.js';
import type { TextRecord } from './picture.js';

/** What users note about a volume, as the journal tells it: passwords in annotations are not told. */
export function describeNotes(volume: { readonly protected: boolean; readonly annotations: unknown }): {
  readonly protected: boolean;
  readonly annotations: TextRecord;
} {
  // As it is stored: a record of texts.
  return { protected: volume.protected, annotations: maskOptions(volume.annotations as TextRecord) };
}
