/** What stands in place of a secret. */
export const MASK = '********';

/** Names of mount options whose value is a secret: `o=username=x,password=y` of CIFS, and what plugins call theirs. */
export const SECRET_MOUNT_OPTIONS = 'password|password2|pass|passwd|credentials?|secret|token';

/** A secret mount option inside a sentence: up to the next option, or to the reason at the end. */
const SECRET_IN_WORDS = new RegExp(`(^|[\\s,;"'(])((?:${SECRET_MOUNT_OPTIONS})\\s*=)(?:,,|[^,])*?(?=,(?!,)|: [^:,]*$|$)`, 'gi');
/** `user=name%password` of CIFS there. */
const PASSWORD_BEHIND_USER_IN_WORDS = /((?:^|[\s,;"'(])user(?:name)?\s*=[^,%]*%)(?:,,|[^,])*?(?=,(?!,)|: [^:,]*$|$)/gi;

/**
 * Words of an engine without passwords: one that cannot mount a volume tells all of its mount options, and masks only what
 * is called `password` up to the first comma.
 */
export function maskWords(words: string): string {
  return words
    .replace(SECRET_IN_WORDS, (_match, before: string, name: string) => `${before}${name}${MASK}`)
    .replace(PASSWORD_BEHIND_USER_IN_WORDS, `$1${MASK}`);
}
