import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { listTokens } from '../../access/tokens.js';
import { createTokenCommand, revokeTokenCommand } from '../../commands/token-commands.js';
import type { RequestContext } from '../context.js';
import { parseIdOf } from '../global-id.js';
import { toToken } from '../rows.js';
import { AccessToken } from '../types/access.js';
import { RemovedPayload } from '../types/common.js';
import { CreateTokenInput } from '../types/inputs.js';
import { TokenPayload } from '../types/payloads.js';
import { milliseconds } from './inputs.js';

@Resolver()
export class TokenResolver {
  @Query(() => [AccessToken], { description: 'All tokens, also those that have expired or were revoked, oldest first. For ADMIN with all hosts.' })
  async tokens(@Ctx() { services }: RequestContext): Promise<AccessToken[]> {
    return (await listTokens(services.commands.database)).map(toToken);
  }

  @Mutation(() => TokenPayload, { description: 'Makes a token. A host that it names and that is renamed is still the one that it is for.' })
  async createToken(
    @Ctx() { services, caller, address }: RequestContext,
    @Arg('input', () => CreateTokenInput) input: CreateTokenInput,
  ): Promise<TokenPayload> {
    const lifeMs = input.expiresIn === null || input.expiresIn === undefined ? null : milliseconds(input.expiresIn);
    const request = { name: input.name, role: input.role, hosts: input.hosts ?? null, lifeMs };
    const { token, secret } = await createTokenCommand(services.commands, request, caller, address);
    return { token: toToken(token), secret };
  }

  @Mutation(() => RemovedPayload, {
    description: 'Ends a token at once, also where something is open with it. `removed` is false for one that was revoked before.',
  })
  async revokeToken(@Ctx() { services, caller, address }: RequestContext, @Arg('id', () => ID) id: string): Promise<RemovedPayload> {
    return { removed: await revokeTokenCommand(services.commands, parseIdOf('AccessToken', id), caller, address) };
  }
}
