import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/index.js';
import { ApiKey } from './api-key.entity.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysService } from './api-keys.service.js';
import { AuthGuard } from './auth.guard.js';
import { Authenticator } from './authenticator.js';
import { FailedAttempts } from './failed-attempts.js';
import { FirstStartLink } from './first-start-link.js';
import { JwtVerifier } from './jwt-verifier.js';
import { masterSecret } from './master-secret.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { RateLimits } from './rate-limits.service.js';
import { SecretKeys } from './secret-keys.js';
import { TokensController } from './tokens.controller.js';
import { UserTokens } from './user-tokens.js';

/** Closes every route of the application: callers, roles, keys, tokens, rate limits. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([ApiKey])],
  controllers: [ApiKeysController, TokensController],
  providers: [
    {
      provide: SecretKeys,
      inject: [AppConfig],
      useFactory: async ({ auth, data }: AppConfig) =>
        new SecretKeys(await masterSecret(auth.secretKey, data.dir)),
    },
    { provide: JwtVerifier, inject: [AppConfig], useFactory: ({ auth }: AppConfig) => new JwtVerifier(auth) },
    {
      provide: RateLimits,
      inject: [DataSource, AppConfig],
      useFactory: (dataSource: DataSource, { execution, database }: AppConfig) =>
        new RateLimits(dataSource, {
          perMinute: execution.rateLimitPerMinute,
          shared: database.url !== null,
        }),
    },
    { provide: FailedAttempts, useFactory: () => new FailedAttempts() },
    { provide: UserTokens, inject: [SecretKeys], useFactory: (keys: SecretKeys) => new UserTokens(keys) },
    ApiKeysService,
    Authenticator,
    FirstStartLink,
    // In this order: who asks, then how often.
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_GUARD, useClass: RateLimitGuard },
  ],
  exports: [SecretKeys, FirstStartLink, UserTokens, ApiKeysService],
})
export class AuthModule {}
