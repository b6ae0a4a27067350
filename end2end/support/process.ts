/** Programs that a test starts: run to the end, or kept running and stopped. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type AddressInfo } from 'node:net';

/** How long a program may take to end after it was asked to, before it is killed. */
const PATIENCE_MS = 10_000;

/** A developer's own TOKENRY_* settings are none of the tests'. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('TOKENRY_'));
  return Object.fromEntries(own);
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs a program to its end and gives its standard output. Fails with its standard error. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, input = '' }: { cwd: string; input?: string },
): Promise<string> {
  const child = spawn(program, args, { cwd, env: environment(), stdio: 'pipe' });
  const output = collect(child);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output.all()}`);
  }
  return output.standard();
}

/** A program that runs until it is stopped. */
export class Daemon {
  private readonly output: ReturnType<typeof collect>;
  private readonly ended: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    this.output = collect(child);
    this.ended = once(child, 'close');
  }

  static start(program: string, args: readonly string[], cwd: string): Daemon {
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    return new Daemon(spawn(program, args, { cwd, env: environment(), stdio: [...stdio] }));
  }

  /** Standard output and standard error so far. */
  log(): string {
    return this.output.all();
  }

  /** Waits until `ready` holds of the standard output and this process still runs. */
  async until(ready: (output: string) => Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!(await ready(this.output.standard()))) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`${what} did not come up:\n${this.log()}`);
      }
      await new Promise((wake) => setTimeout(wake, 25));
    }
  }

  /** Asks the program to end, as an operator would, and waits for it. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      return;
    }
    this.child.kill('SIGTERM');
    const lastResort = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE_MS);
    await this.ended;
    clearTimeout(lastResort);
  }
}

function collect(child: ChildProcess) {
  let standard = '';
  let all = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    standard += text;
    all += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    all += text;
  });
  return { standard: () => standard, all: () => all };
}
