import { MASK, SECRET_MOUNT_OPTIONS } from '../masking.js';
import type { Sealer } from '../sealing.js';
import type { TextRecord } from './picture.js';

/** Secret mount options, each up to the next option. */
const SECRET_MOUNT_OPTION = new RegExp(`(^|,)(\\s*(?:${SECRET_MOUNT_OPTIONS})\\s*=)(?:"[^"]*"|,,|[^,])*`, 'gi');
/** `user=name%password` of CIFS. */
const PASSWORD_BEHIND_USER = /((?:^|,)\s*user(?:name)?\s*=[^,%]*%)(?:,,|[^,])*/gi;
/** `//user:password@server/share` and URLs. */
const PASSWORD_IN_ADDRESS = /(\/\/[^/@\s:]*:)[^@/\s]*@/g;
const SECRET_OPTION_NAME = /pass(word|wd|phrase)?|secret|token|credential|private.?key|access.?key/i;

/** A volume's driver options with every password replaced: what all but ADMIN, every event and every log may show. */
export function maskOptions(options: TextRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, SECRET_OPTION_NAME.test(key) ? MASK : maskValue(value)]));
}

function maskValue(value: string): string {
  return value
    .replace(SECRET_MOUNT_OPTION, (_match, comma: string, name: string) => `${comma}${name}${MASK}`)
    .replace(PASSWORD_BEHIND_USER, `$1${MASK}`)
    .replace(PASSWORD_IN_ADDRESS, `$1${MASK}@`);
}

/** Driver options as they are stored: masked, and sealed beside that where a password is in them. */
export interface StoredOptions {
  readonly options: TextRecord;
  readonly sealedOptions: Uint8Array | null;
}

/** @param volumeId whose options they are: only with it they can be opened again. */
export function storeOptions(sealer: Sealer, volumeId: string, options: TextRecord): StoredOptions {
  const masked = maskOptions(options);
  const holdsSecret = Object.entries(options).some(([key, value]) => masked[key] !== value);
  return { options: masked, sealedOptions: holdsSecret ? sealer.seal(options, volumeId) : null };
}

/** The options as the engine told them; undefined when they were sealed with another key, or stored before there was one. */
export function openOptions(sealer: Sealer, volumeId: string, { options, sealedOptions }: StoredOptions): TextRecord | undefined {
  if (sealedOptions === null) return storeOptions(sealer, volumeId, options).sealedOptions === null ? options : undefined;
  try {
    return sealer.open(sealedOptions, volumeId) as TextRecord;
  } catch {
    return undefined;
  }
}
