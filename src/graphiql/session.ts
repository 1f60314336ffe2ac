/** Who is signed in, and with what. */
export interface Session {
  /** Secret of the token; empty where the gateway asks for none. */
  readonly secret: string;
  readonly name: string;
  readonly role: string;
}

/** Address of the gateway's GraphQL, beside this page. */
export const GRAPHQL_URL = new URL('/graphql', window.location.href);

/** Where the secret is kept for this tab only; it goes with the tab, and so does what GraphiQL keeps. */
const KEPT_SECRET = 'stowage:secret';

/** The secret that this tab signed in with; undefined before that. */
export function keptSecret(): string | undefined {
  return window.sessionStorage.getItem(KEPT_SECRET) ?? undefined;
}

/** How the secret is sent, over HTTP and in the parameters of a WebSocket; nothing where there is none. */
export function authorizationOf(secret: string): Record<string, string> {
  return secret === '' ? {} : { authorization: `Bearer ${secret}` };
}

interface ViewerAnswer {
  readonly data?: { readonly viewer: { readonly name: string; readonly role: string } } | null;
  readonly errors?: readonly { readonly message: string }[];
}

/**
 * Asks the gateway who this is, and keeps the secret for this tab when it says so.
 * @throws {Error} with the gateway's words when it refuses, or when it does not answer.
 */
export async function signIn(secret: string): Promise<Session> {
  const response = await fetch(GRAPHQL_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorizationOf(secret) },
    body: JSON.stringify({ query: '{ viewer { name role } }' }),
  });
  const { data, errors } = (await response.json()) as ViewerAnswer;
  if (data === undefined || data === null) throw new Error(errors?.[0]?.message ?? `The gateway answered with status ${String(response.status)}.`);
  window.sessionStorage.setItem(KEPT_SECRET, secret);
  return { secret, ...data.viewer };
}

/** Forgets the secret, and all that was asked with it. */
export function signOut(): void {
  window.sessionStorage.clear();
}
