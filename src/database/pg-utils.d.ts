/** How node-postgres writes a parameter; its types do not have it. */
declare module 'pg/lib/utils.js' {
  export function prepareValue(value: unknown): unknown;
}
