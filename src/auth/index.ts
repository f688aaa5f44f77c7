export {
  AdminOnly,
  CurrentCaller,
  CurrentService,
  OptionalCaller,
  Public,
  ServiceKeyOnly,
  type Access,
} from './access.decorators.js';
export { ApiKey, type ApiKeyKind } from './api-key.entity.js';
export { ApiKeysService } from './api-keys.service.js';
export { AuthGuard } from './auth.guard.js';
export { AuthModule } from './auth.module.js';
export type { Caller, Role } from './caller.js';
export { FirstStartLink } from './first-start-link.js';
export { IsUserId, IsUserName } from './is-user-name.decorator.js';
export { RateLimit } from './rate-limit.entity.js';
export { RateLimited } from './rate-limit.guard.js';
export { SecretKeys, type KeyPurpose } from './secret-keys.js';
export { isUserId } from './user-id.js';
export { UserTokens } from './user-tokens.js';
