import type { FastifyInstance } from 'fastify';
import { servePage } from './static-files.js';

/** Serves GraphiQL, as an npm package with nothing from elsewhere, at `/graphiql`. It asks for the token itself. */
export async function routeGraphiql(app: FastifyInstance): Promise<void> {
  await servePage(app, { name: 'graphiql', prefix: '/graphiql/', embedsStyles: true });
}
