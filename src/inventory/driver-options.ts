import type { TextRecord } from './picture.js';

/** What stands in place of a secret. */
const MASK = '********';
/** Mount options whose value is a secret: `o=username=x,password=y` of CIFS, and what plugins call theirs. */
const SECRET_MOUNT_OPTION = /(^|,)(\s*(?:password|password2|pass|passwd|credentials?|secret|token)\s*=)(?:"[^"]*"|,,|[^,])*/gi;
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
