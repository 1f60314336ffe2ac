import { Problem } from '../problems.js';

/** Lists and objects within each other that a JSON text may have; no argument of the schema comes near. */
const MAX_NESTING = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Refuses JSON that is nested deeper than anything is asked with: JSON.parse takes thousands of levels, and what walks the
 * values later on, such as JSON.stringify, runs out of stack with them. It goes by the text, and takes any text.
 * @throws {Problem} LIMIT_EXCEEDED.
 */
export function requireShallowJson(text: string): void {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = endOfString(text, index);
    } else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > MAX_NESTING) {
        throw new Problem('LIMIT_EXCEEDED', `The JSON that was sent has lists and objects within each other more than ${String(MAX_NESTING)} deep, the limit.`);
      }
    } else if (code === 0x5d || code === 0x7d) {
      depth -= 1;
    }
  }
}

/** Index of the quote that ends the string which begins at `start`; that of the text's end where there is none. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    // An odd number of backslashes makes the quote one of the string's own characters.
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
}
