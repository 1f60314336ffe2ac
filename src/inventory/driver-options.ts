import type { TextRecord } from './picture.js';

/** What stands in place of a secret. */
const MASK = '********';
/** Mount options whose value is a secret: `o=username=x,password=y` of CIFS, and what plugins call theirs. */
const SECRET_MOUNT_OPTION = /(^|,)(\s*(?:password|password2|pass|passwd|credentials?|secret|token)\s*=)[^,]*/gi;
const SECRET_OPTION_NAME = /pass(word|wd|phrase)?|secret|token|credential|private.?key|access.?key/i;

/** A volume's driver options with every password replaced: what all but ADMIN, every event and every log may show. */
export function maskOptions(options: TextRecord): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [
      key,
      SECRET_OPTION_NAME.test(key) ? MASK : value.replace(SECRET_MOUNT_OPTION, (_match, comma: string, name: string) => `${comma}${name}${MASK}`),
    ]),
  );
}
