/** The real server: `tokenry serve`, on free ports and with a data folder of its own. */

import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Daemon, freePort, run } from './process.ts';

const BINARY = resolve(process.env['TOKENRY_BIN'] ?? '../target/debug/tokenry');

/** Who can sign in to a furnished server. */
export const PEOPLE = {
  ada: { email: 'ada@contoso.example', password: 'seven brown otters paddle north' },
  grace: { email: 'grace@contoso.example', password: 'four quiet herons watch the tide' },
} as const;

export type Person = keyof typeof PEOPLE;

/** How a test wants its server. */
export interface ServerOptions {
  /** There are accounts already; otherwise the server prints a setup link. */
  furnished: boolean;
  /**
   * `inside`: one process with `--sandbox`, as people try it first, with its example.
   * `beside`: the sandbox is a process of its own, which outlives a restart of the server.
   */
  sandbox: 'inside' | 'beside';
  /** Further origins that the server may call. */
  egress: string[];
  /** Port of a mail server on this machine. */
  mailPort?: number;
}

/** A data folder with accounts and an API key in it. Made once, copied for every test. */
export interface Furniture {
  folder: string;
  apiKey: string;
}

export async function furnish(): Promise<Furniture> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenry-furniture-'));
  const config = join(folder, 'tokenry.toml');
  await writeFile(config, toml({ data_dir: join(folder, 'data') }));
  const admin = (args: string[], input?: string) =>
    run(BINARY, ['--config', config, 'admin', ...args], {
      cwd: folder,
      ...(input === undefined ? {} : { input }),
    });
  for (const { email, password } of Object.values(PEOPLE)) {
    await admin(['create-user', '--email', email, '--password-stdin'], password);
  }
  const scopes = 'manage,publish,tokens:read,call';
  const key = await admin(['create-api-key', '--name', 'Nightly import', '--scopes', scopes]);
  return { folder, apiKey: key.trim() };
}

/** A running server. */
export class Tokenry {
  readonly url: string;
  readonly sandboxUrl: string;

  private constructor(
    private readonly folder: string,
    port: number,
    sandboxPort: number,
    private readonly options: ServerOptions,
    private readonly sandbox: Daemon | undefined,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
  }

  private server: Daemon | undefined;
  private logs = '';

  static async start(options: ServerOptions, furniture: Furniture): Promise<Tokenry> {
    const folder = await mkdtemp(join(tmpdir(), 'tokenry-'));
    if (options.furnished) {
      await cp(join(furniture.folder, 'data'), join(folder, 'data'), { recursive: true });
    }
    const [port, sandboxPort] = [await freePort(), await freePort()];
    const beside = options.sandbox === 'beside';
    await writeFile(join(folder, 'tokenry.toml'), configuration(folder, port, sandboxPort, options));
    const sandbox = beside ? Daemon.start(BINARY, ['sandbox'], folder) : undefined;
    const tokenry = new Tokenry(folder, port, sandboxPort, options, sandbox);
    await sandbox?.until(() => answers(tokenry.sandboxUrl), 'the sandbox');
    await tokenry.begin();
    return tokenry;
  }

  /** The one-time link on standard output that makes the first account. */
  get setupLink(): string {
    const link = /http\S+\/setup\?token=\S+/.exec(this.log)?.[0];
    if (link === undefined) {
      throw new Error(`no setup link was printed:\n${this.log}`);
    }
    return link;
  }

  /** Everything the server printed and logged, over all its lives. */
  get log(): string {
    return this.logs + (this.server?.log() ?? '');
  }

  /** Starts the server on the data it had before. */
  async begin(): Promise<void> {
    const args = this.options.sandbox === 'inside' ? ['serve', '--sandbox'] : ['serve'];
    this.server = Daemon.start(BINARY, args, this.folder);
    await this.server.until(
      async (output) => output.includes('is ready at') && (await answers(`${this.url}/healthz`)),
      'the server',
    );
  }

  /** Stops the server; its data stays. */
  async end(): Promise<void> {
    await this.server?.stop();
    this.logs = this.log;
    this.server = undefined;
  }

  async restart(): Promise<void> {
    await this.end();
    await this.begin();
  }

  /** The database file. Only to be touched between `end` and `begin`. */
  get database(): string {
    return join(this.folder, 'data', 'tokenry.db');
  }

  /** Stops everything and deletes the data. */
  async close(): Promise<void> {
    await this.end();
    await this.sandbox?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

function configuration(
  folder: string,
  port: number,
  sandboxPort: number,
  { sandbox, egress, mailPort }: ServerOptions,
): string {
  const sandboxOrigin = `http://127.0.0.1:${sandboxPort}`;
  const beside = sandbox === 'beside';
  return toml({
    listen: `127.0.0.1:${port}`,
    sandbox_listen: `127.0.0.1:${sandboxPort}`,
    data_dir: join(folder, 'data'),
    egress: { allow: beside ? [sandboxOrigin, ...egress] : egress },
    ...(mailPort !== undefined && {
      smtp: { host: '127.0.0.1', port: mailPort, tls: 'none', from: 'Tokenry <tokenry@contoso.example>' },
    }),
    ...(beside && {
      providers: {
        'azure-devops': { bases: { login: sandboxOrigin } },
        'azure-devops-legacy': { bases: { login: sandboxOrigin } },
      },
    }),
  });
}

type Value = string | number | readonly string[] | { readonly [key: string]: Value };

/** The little TOML that is needed: strings, numbers, lists of strings, tables written inline. */
function toml(table: Readonly<Record<string, Value>>): string {
  const write = (value: Value): string => {
    if (typeof value === 'string' || typeof value === 'number' || Array.isArray(value)) {
      return JSON.stringify(value);
    }
    const entries = Object.entries(value).map(([key, inner]) => `${key} = ${write(inner)}`);
    return `{ ${entries.join(', ')} }`;
  };
  return Object.entries(table).map(([key, value]) => `${key} = ${write(value)}\n`).join('');
}
