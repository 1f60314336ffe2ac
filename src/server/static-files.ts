import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Where `npm run build` puts the static files of pages, each in a folder of its own. */
const PAGES = fileURLToPath(new URL('../pages/', import.meta.url));
/** What `scripts/build-pages.mjs` writes beside them: the documents that the dashboard sends. It is not served. */
export const DOCUMENTS_OF_PAGES = path.join(PAGES, 'documents.json');
/** Vite's folder for files with a hash of their content in the name: they never change. */
const HASHED_FILES = `${path.sep}assets${path.sep}`;
/** Seconds that a browser may keep those without asking. */
const YEAR_SECONDS = 31_536_000;

/** A page that `scripts/build-pages.mjs` makes. */
export interface Page {
  /** Name of its folder in src and in dist/pages. */
  readonly name: string;
  /** Path under which it is served, with a slash at both ends. */
  readonly prefix: string;
  /** Whether its scripts make style elements, and its style sheets hold fonts, as GraphiQL's do. Scripts are files in any case. */
  readonly embedsStyles: boolean;
  /** Routes that are answered with its index.html, beside its files: its script shows what is asked for. */
  readonly views?: readonly string[];
}

/**
 * Serves the files of a page, and nothing else: there is one route for each file that is there at start, so that no path
 * leads out of the folder. They hold no secret and are open to all.
 * @throws when the page was not built.
 */
export async function servePage(app: FastifyInstance, { name, prefix, embedsStyles, views = [] }: Page): Promise<void> {
  const policy = contentSecurityPolicy(embedsStyles);
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: true };
    });
    scope.addHook('onRequest', async (_request, reply) => {
      reply.headers({
        'content-security-policy': policy,
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
    });
    await scope.register(fastifyStatic, {
      root: path.join(PAGES, name),
      prefix,
      // From the prefix without its slash at the end, of which there is none at the root.
      redirect: prefix !== '/',
      wildcard: false,
      globIgnore: ['**/*.gz'],
      preCompressed: true,
      cacheControl: false,
      setHeaders: (reply, file) => {
        reply.setHeader('cache-control', file.includes(HASHED_FILES) ? `public, max-age=${String(YEAR_SECONDS)}, immutable` : 'no-cache');
      },
    });
    for (const view of views) scope.get(view, (_request, reply) => reply.sendFile('index.html'));
  });
}

/** Everything from this origin, no inline script, in no frame (Content Security Policy Level 3). */
function contentSecurityPolicy(embedsStyles: boolean): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "connect-src 'self'",
    `font-src 'self'${embedsStyles ? ' data:' : ''}`,
    `img-src 'self'${embedsStyles ? ' data:' : ''}`,
    `style-src 'self'${embedsStyles ? " 'unsafe-inline'" : ''}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
