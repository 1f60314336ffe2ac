// Mercurius with its JIT: resolvers by hand, and all that a page needs read by one prepared statement, also by hand.
// Usage: node mercurius.mjs DATABASE_URL. Prints the address of its GraphQL endpoint.
import fastify from 'fastify';
import mercurius from 'mercurius';
import pg from 'pg';

const [, , connectionString] = process.argv;
const pool = new pg.Pool({ connectionString, max: 15 });

const schema = `
  type Host { name: String! status: String! }
  type Container { name: String! state: String! }
  type Mount { destination: String! readOnly: Boolean! container: Container! }
  type Volume {
    id: ID! name: String! driver: String! state: String! createdAt: String sizeBytes: Float
    host: Host! mounts: [Mount!]!
  }
  type VolumeConnection { nodes: [Volume!]! }
  type Query { volumes(first: Int!): VolumeConnection! }
`;

const PAGE = `
  select json_build_object('id', v.id, 'name', v.name, 'driver', v.driver, 'state', v.state, 'createdAt', v.created_at, 'sizeBytes', v.size_bytes,
    'host', json_build_object('name', h.name, 'status', h.status),
    'mounts', coalesce((
      select json_agg(json_build_object('destination', m.destination, 'readOnly', m.read_only,
        'container', json_build_object('name', c.name, 'state', c.state)) order by m.container_id, m.destination)
      from mount m join container c on c.id = m.container_id
      where m.volume_id = v.id and c.removed_at is null), '[]')) as volume
  from (select * from volume where removed_at is null order by name collate "C", id limit $1) v
  join host h on h.id = v.host_id
  order by v.name collate "C", v.id`;

const resolvers = {
  Query: {
    async volumes(_root, { first }) {
      const { rows } = await pool.query({ name: 'page', text: PAGE, values: [first] });
      return { nodes: rows.map(({ volume }) => volume) };
    },
  },
};

const app = fastify();
app.register(mercurius, { schema, resolvers, jit: 1, graphiql: false });
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`http://127.0.0.1:${String(app.server.address().port)}/graphql\n`);
