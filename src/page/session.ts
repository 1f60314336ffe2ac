/** Who is signed in. */
export interface Session {
  readonly name: string;
  readonly role: string;
  /** Whether there is a session to end; not where the gateway asks for no token. */
  readonly session: boolean;
}

/** Address of the gateway's GraphQL, beside this page. */
export const GRAPHQL_URL = new URL('/graphql', window.location.href);
const SESSION_URL = new URL('/session', window.location.href);

/** What the gateway asks of a page that is signed in by a cookie: no page of another origin can send it. */
export const CSRF_HEADERS: Record<string, string> = { 'x-stowage-csrf': '1' };

/** Who is signed in already; undefined: nobody. */
export async function currentSession(): Promise<Session | undefined> {
  const response = await fetch(SESSION_URL);
  if (!response.ok) return undefined;
  return ((await response.json()) as Session | null) ?? undefined;
}

/** Whether it is still the same one that is signed in. */
export const isSameSession = (session: Session, present: Session | undefined): boolean =>
  present !== undefined && present.name === session.name && present.role === session.role;

/**
 * Signs in with a token: the gateway keeps it in a cookie that no script can read.
 * @param probe a document of the page, to see whether this gateway answers it.
 * @throws {Error} with the gateway's words when it refuses, or when it does not answer.
 */
export async function signIn(secret: string, probe: string): Promise<Session> {
  const headers: Record<string, string> = secret === '' ? {} : { authorization: `Bearer ${asHeader(secret)}` };
  const response = await ask(SESSION_URL, { method: 'POST', headers });
  if (!response.ok) throw new Error(await refusalIn(response));
  const session = (await response.json()) as Session;
  const refused = await refusal(probe);
  if (refused !== undefined) throw new Error(refused);
  return session;
}

/** A secret as a header can hold it. No token has other signs: what it is then is for the gateway to say. */
function asHeader(secret: string): string {
  return /^[\x21-\x7e]+$/.test(secret) ? secret : encodeURIComponent(secret);
}

/**
 * Ends the session, and forgets all that was asked in it.
 * @throws {Error} with words when it may not have ended.
 */
export async function signOut(): Promise<void> {
  window.sessionStorage.clear();
  const problem = await refusalIn(await ask(SESSION_URL, { method: 'DELETE', headers: CSRF_HEADERS }));
  if (problem !== undefined) throw new Error(problem);
}

/** Why this gateway does not answer a document; undefined when it does. */
async function refusal(query: string): Promise<string | undefined> {
  const response = await ask(GRAPHQL_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...CSRF_HEADERS },
    body: JSON.stringify({ query }),
  });
  return refusalIn(response);
}

/** What an answer refuses; undefined: nothing. It may be no answer of the gateway's, but of what stands before it. */
async function refusalIn(response: Response): Promise<string | undefined> {
  const body = (await response.json().catch(() => undefined)) as { readonly errors?: readonly { readonly message: string }[] } | undefined;
  return body?.errors?.[0]?.message ?? (response.ok ? undefined : `The gateway answered with status ${String(response.status)}.`);
}

/** @throws {Error} with words when nobody answers. */
async function ask(address: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request);
  } catch {
    throw new Error('The gateway does not answer.');
  }
}
