import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { DOCUMENTS_OF_PAGES, servePage } from './static-files.js';

/** Addresses that the dashboard's own links lead to; whatever stands there is read by its script. */
const VIEWS = ['/volumes', '/volumes/:host/:name', '/map', '/operations', '/prune', '/hosts', '/tokens'];

/** Serves the dashboard at `/`. It asks for the token itself. */
export async function routeDashboard(app: FastifyInstance): Promise<void> {
  await servePage(app, { name: 'dashboard', prefix: '/', embedsStyles: false, views: VIEWS });
}

/** The texts of the documents that the dashboard sends, and no others. @throws when the page was not built. */
export async function readDashboardDocuments(): Promise<readonly string[]> {
  return JSON.parse(await readFile(DOCUMENTS_OF_PAGES, 'utf8')) as string[];
}
