// An OpenID Connect provider as a process of its own, for tests. The first message that its parent sends has its port (0: any),
// and the private keys that it signs with, the first of them; it answers with its port.
import { once } from 'node:events';
import Provider from 'oidc-provider';

const [{ port, keys, audience }] = await once(process, 'message');
// Its own address is in what it signs, so that it must be known first.
const provider = new Provider(`http://127.0.0.1:${String(port)}`, {
  clients: [
    {
      client_id: 'tests',
      client_secret: 'a secret of tests',
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  jwks: { keys },
  clientAuthMethods: ['client_secret_post'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      getResourceServerInfo: (_context, _resource, client) => ({
        scope: 'all',
        audience,
        accessTokenTTL: 600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: keys[0].alg, kid: keys[0].kid } },
      }),
    },
  },
  extraTokenClaims: (context) => JSON.parse(context.oidc.body.wanted_claims ?? '{}'),
});
const server = provider.listen(port, '127.0.0.1', () => process.send('listening'));
process.once('SIGTERM', () => server.close(() => process.exit(0)));
process.on('disconnect', () => process.exit(0));
