import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DomainError } from '../errors/index.js';
import { ApiProblems } from '../http/index.js';
import { CurrentService, ServiceKeyOnly } from './access.decorators.js';
import type { ServiceIdentity } from './identity.js';
import { CreateTokenBody, CreatedToken } from './tokens.dto.js';
import { userIdOfService } from './user-id.js';
import { UserTokens } from './user-tokens.js';

@ApiTags('Authentication')
@Controller('auth/tokens')
export class TokensController {
  constructor(private readonly tokens: UserTokens) {}

  @Post()
  @ServiceKeyOnly()
  @ApiOperation({
    operationId: 'createToken',
    summary: 'Make a short token for a user of a service',
    description:
      'A chat backend makes it for the browser of one of its users. It acts as that user in the namespace of ' +
      'the service key, never as an admin, and ends with the key at the latest.',
  })
  @ApiCreatedResponse({ description: 'The token; it is told only here.', type: CreatedToken })
  @ApiProblems(400)
  async create(
    @CurrentService() service: ServiceIdentity,
    @Body() body: CreateTokenBody,
  ): Promise<CreatedToken> {
    const id = userIdOfService(service.namespace, body.user_id);
    refuseOther(service, id);
    const source = { kind: 'service_key', keyId: service.keyId } as const;
    const { token, expiresAt } = await this.tokens.issue({ id, role: 'user' }, source, body.expires_in);
    return { token, expires_at: expiresAt.toISOString() };
  }
}

/** A request that names two users is a mistake of the service, and the wrong one of them could get the token. */
function refuseOther({ caller }: ServiceIdentity, id: string): void {
  if (caller === null || caller.id === id) return;
  throw new DomainError(
    'invalid',
    'user_id_mismatch',
    'X-User-Id and user_id name different users; leave the header out.',
  );
}
