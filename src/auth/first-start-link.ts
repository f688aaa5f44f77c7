import { Injectable } from '@nestjs/common';
import { JwtVerifier } from './jwt-verifier.js';
import { localUserId } from './user-id.js';
import { UserTokens } from './user-tokens.js';

const lifetimeSeconds = 30 * 24 * 3600;

/** The way in when no issuer of tokens is configured: whoever can read the terminal is the admin `local`. */
@Injectable()
export class FirstStartLink {
  constructor(
    private readonly tokens: UserTokens,
    private readonly jwts: JwtVerifier,
  ) {}

  /**
   * A link to print once the service listens; null when an issuer is configured. The token stands in the fragment,
   * which browsers do not send: it reaches no log of a server or proxy. It counts for 30 days, or until an issuer
   * is configured.
   */
  async make(publicUrl: string): Promise<string | null> {
    if (this.jwts.configured) return null;
    const { token } = await this.tokens.issue(
      { id: localUserId, role: 'admin' },
      { kind: 'start_link' },
      lifetimeSeconds,
    );
    return `${publicUrl.replace(/\/+$/, '')}/#token=${token}`;
  }
}
