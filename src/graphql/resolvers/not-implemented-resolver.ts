import { Arg, ID, Mutation, Query, Resolver } from 'type-graphql';
import { Problem } from '../../problems.js';
import { AccessToken } from '../types/access.js';
import { RemovedPayload } from '../types/common.js';
import { CreateTokenInput } from '../types/inputs.js';
import { TokenPayload } from '../types/payloads.js';

function notYet(field: string): Problem {
  return new Problem('NOT_IMPLEMENTED', `${field} is in the schema but not built yet. See "Not yet" in the README.`);
}

/** What the schema promises and is not built yet. It says so, and never invents an answer. */
@Resolver()
export class NotImplementedResolver {
  @Query(() => [AccessToken])
  tokens(): AccessToken[] {
    throw notYet('tokens');
  }

  @Mutation(() => TokenPayload)
  createToken(@Arg('input', () => CreateTokenInput) _input: CreateTokenInput): TokenPayload {
    throw notYet('createToken');
  }

  @Mutation(() => RemovedPayload)
  revokeToken(@Arg('id', () => ID) _id: string): RemovedPayload {
    throw notYet('revokeToken');
  }
}
