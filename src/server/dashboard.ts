import type { FastifyInstance } from 'fastify';
import { servePage } from './static-files.js';

/** Addresses that the dashboard's own links lead to; whatever stands there is read by its script. */
const VIEWS = ['/volumes', '/volumes/:host/:name', '/map', '/operations', '/prune'];

/** Serves the dashboard at `/`. It asks for the token itself. */
export async function routeDashboard(app: FastifyInstance): Promise<void> {
  await servePage(app, { name: 'dashboard', prefix: '/', embedsStyles: false, views: VIEWS });
}
