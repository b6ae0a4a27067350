/**
 * An OAuth 2.0 and OpenID Connect server that is not ours: npm's `oidc-provider`, certified, with
 * its own sign-in pages and nothing but standard behaviour. What works with the sandbox alone would
 * show here.
 */

import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type Page } from '@playwright/test';
import Provider from 'oidc-provider';
import { freePort } from './process.ts';

/** The client registration, as its owner would copy it into Tokenry. */
export const CLIENT = { id: 'tokenry-client', secret: 'an-independent-secret-of-32-bytes' };

/** Long enough to be used once. */
const ACCESS_TOKEN_SECONDS = 3;

export class IndependentProvider {
  /** Another host than Tokenry's, so that trips there and back are between sites. */
  readonly origin: string;
  /** Grant types of the token requests that it granted. */
  readonly granted: string[] = [];
  /** Grants that were revoked, with all tokens of theirs. */
  revoked = 0;
  private server: Server | undefined;

  private constructor(private readonly port: number) {
    this.origin = `http://localhost:${port}`;
  }

  /** Finds an address for one; it does not run yet. */
  static async plan(): Promise<IndependentProvider> {
    return new IndependentProvider(await freePort());
  }

  /** Starts it with Tokenry registered as a client. */
  async start(redirectUri: string): Promise<void> {
    const provider = new Provider(this.origin, {
      clients: [
        {
          client_id: CLIENT.id,
          client_secret: CLIENT.secret,
          redirect_uris: [redirectUri],
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
        },
      ],
      scopes: ['openid', 'offline_access', 'profile', 'email'],
      claims: { profile: ['name', 'preferred_username'], email: ['email'] },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({ sub: id, name: id, preferred_username: id, email: `${id}@independent.example` }),
      }),
      pkce: { required: () => true },
      rotateRefreshToken: true,
      ttl: { AccessToken: ACCESS_TOKEN_SECONDS },
      clockTolerance: 0,
      features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
      cookies: { keys: ['a key for the cookies of this test'] },
    });
    provider.on('grant.success', (context) => {
      this.granted.push(String(context.oidc.params?.['grant_type']));
    });
    provider.on('grant.revoked', () => {
      this.revoked += 1;
    });
    this.server = createServer(provider.callback()).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** What a resource server says to a token. */
  async accepts(token: string): Promise<boolean> {
    const answer = await fetch(`${this.origin}/me`, { headers: { authorization: `Bearer ${token}` } });
    return answer.ok;
  }

  /** Its pages: sign in as anybody, then consent. */
  async signIn(page: Page, login: string): Promise<void> {
    await page.getByPlaceholder('Enter any login').fill(login);
    await page.getByPlaceholder('and password').fill('any will do');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    this.server?.close();
  }
}
