/** The REST API, used as a connector program uses it: with an API key and nothing else. */

export interface Token {
  access_token: string;
  token_type: string;
  expires_at: string | null;
  scopes: string[];
}

/** Problem details (RFC 9457), as far as tests look at them. */
export interface Problem {
  status: number;
  code: string;
  detail: string;
  reason?: string;
}

export interface Authorization {
  id: string;
  name: string;
  status: 'authorized' | 'not_authorized';
  reason: string;
  scopes: string[];
  connectors: string[];
  settings: Record<string, string>;
  version: number;
}

export interface Connector {
  id: string;
  name: string;
}

interface Answer<T> {
  status: number;
  body: T;
  headers: Headers;
}

export class Api {
  constructor(
    private readonly base: string,
    private readonly key: string,
  ) {}

  /** A request whose refusal is part of the story. */
  async ask<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? undefined : JSON.parse(text)) as T,
      headers: response.headers,
    };
  }

  /** A request that has to succeed. */
  async do<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
    const answer = await this.ask<T>(method, path, body, headers);
    if (answer.status >= 400) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  async authorizations(): Promise<Authorization[]> {
    return (await this.do<{ items: Authorization[] }>('GET', '/authorizations')).items;
  }

  async authorization(name: string): Promise<Authorization> {
    const found = (await this.authorizations()).find((one) => one.name === name);
    if (found === undefined) {
      throw new Error(`there is no authorization ${name}`);
    }
    return found;
  }

  createAuthorization(input: {
    name: string;
    provider: string;
    settings: Record<string, string>;
    connectors?: string[];
    scopes?: string[];
  }): Promise<Authorization> {
    return this.do('POST', '/authorizations', input);
  }

  /** Saves from elsewhere, on top of whatever is stored now. */
  async patchAuthorization(id: string, patch: Record<string, unknown>): Promise<Authorization> {
    const stored = await this.ask<Authorization>('GET', `/authorizations/${id}`);
    const etag = stored.headers.get('etag') ?? '';
    return this.do('PATCH', `/authorizations/${id}`, patch, { 'if-match': etag });
  }

  createConnector(name: string, baseUrl: string): Promise<Connector> {
    const input = { name, type: 'advanced_rest_api', config: { base_url: baseUrl } };
    return this.do('POST', '/connectors', input);
  }

  publish(): Promise<{ number: number; result: string }> {
    return this.do('POST', '/publish');
  }

  token(id: string): Promise<Answer<Token & Problem>> {
    return this.ask('GET', `/authorizations/${id}/token`);
  }
}
