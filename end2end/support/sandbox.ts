/** The sandbox's control API: what a provider does behind a client's back, and what it really saw. */

/** One token request as the sandbox recorded it. */
export interface LedgerEntry {
  number: number;
  dialect: 'entra' | 'legacy' | 'oauth2';
  grant_type: string | null;
  /** First 16 hex digits of the SHA-256 of what was made or spent: the ledger holds no token. */
  spent: string | null;
  got_access: string | null;
  got_refresh: string | null;
  result: 'issued' | 'refused' | 'canned';
  error: string | null;
  reason: string | null;
  double_spend: boolean;
}

export interface Ledger {
  totals: {
    requests: number;
    issued: number;
    refused: number;
    double_spends: number;
    revocation_requests: number;
    revocations: number;
  };
  entries: LedgerEntry[];
}

/** An app registration, as a provider's portal would show it. */
export interface App {
  client_id: string;
  name: string;
  kind: 'entra' | 'legacy' | 'oauth2';
  secrets: string[];
  redirect_uris: string[];
  scopes: string[];
}

/** The apps that the sandbox has from the start. None of the secrets protects anything. */
export const APPS = {
  entra: {
    provider: 'Azure DevOps',
    clientId: '5a0c3f1e-7b2d-4e8a-9c64-2f10d7b3a911',
    secret: 'sandbox-entra-secret',
    name: 'Tokenry',
  },
  legacy: {
    provider: 'Azure DevOps (legacy app)',
    clientId: '8e2f64d0-31ac-4f7b-b5c8-9ad0174e6b25',
    secret: 'sandbox-legacy-secret',
    name: 'Tokenry (legacy app)',
  },
} as const;

/** The app for plain OAuth 2.0, which knows revocation. */
export const PLAIN = {
  clientId: 'd7b91a3c-64e8-4c05-93f2-0b8e5d2a7c16',
  secret: 'sandbox-oauth2-secret',
} as const;

/** Accounts that can sign in there. */
export const ACCOUNTS = {
  service: 'svc-integrations@contoso.example',
  personal: 'maya.personal@outlook.example',
  disabled: 'disabled@contoso.example',
} as const;

export class Sandbox {
  constructor(readonly url: string) {}

  ledger(): Promise<Ledger> {
    return this.ask<Ledger>('GET', 'ledger');
  }

  /** Changes how the token endpoints behave; `null` brings a switch's default back. */
  behave(patch: Record<string, unknown>): Promise<unknown> {
    return this.ask('POST', 'behaviour', patch);
  }

  register(app: App): Promise<unknown> {
    return this.ask('POST', 'apps', app);
  }

  account(
    name: keyof typeof ACCOUNTS,
    patch: { active?: boolean; locked?: boolean; consent_revoked?: boolean },
  ): Promise<unknown> {
    return this.ask('POST', `accounts/${name}`, patch);
  }

  /** The trip through the provider's pages at once; gives the address that the browser would be sent to. */
  async decide(
    authorizeUrl: string,
    account: keyof typeof ACCOUNTS,
    decision: 'accept' | 'decline',
  ): Promise<string> {
    const asked = { authorize_url: authorizeUrl, account, decision };
    return (await this.ask<{ location: string }>('POST', 'consent', asked)).location;
  }

  /** A call of the provider's REST API with a token, as a connector makes it. */
  call(path: string, token: string, method = 'GET'): Promise<Response> {
    return fetch(`${this.url}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  }

  private async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/_sandbox/${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!response.ok) {
      throw new Error(`${method} /_sandbox/${path}: ${response.status} ${await response.text()}`);
    }
    return (await response.json()) as T;
  }
}
