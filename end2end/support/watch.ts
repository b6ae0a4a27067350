/**
 * Listens to what a browser complains about. A console error or warning (a hydration mismatch is
 * one), an uncaught error or a request to somebody else's server fails the test, unless the story
 * says that it belongs there.
 */

import { type BrowserContext, type ConsoleMessage, type Request, expect } from '@playwright/test';

export class Watch {
  private readonly complaints: string[] = [];
  private readonly expected: RegExp[] = [];
  private readonly others = new Set<string>();

  /** `own`: the origins that Tokenry and its sandbox are at. */
  constructor(private readonly own: readonly string[]) {}

  /** Watches all pages of a browser, and lets tests know when a page has become interactive. */
  async over(context: BrowserContext): Promise<void> {
    context.on('console', (message) => this.onConsole(message));
    context.on('weberror', (error) => this.complaints.push(`uncaught: ${error.error().stack ?? error.error().message}`));
    context.on('request', (request) => this.onRequest(request));
    await context.addInitScript(announceInteractive);
  }

  /** A complaint that the story brings with it, such as the answer to a refused request. */
  expect(complaint: RegExp): void {
    this.expected.push(complaint);
  }

  /** Another server that the browser is sent to; what its own pages do is its own matter. */
  tolerate(origin: string): void {
    this.others.add(origin);
  }

  /** Fails if there was anything to complain about. */
  verify(): void {
    const unexpected = this.complaints.filter(
      (complaint) => !this.expected.some((pattern) => pattern.test(complaint)),
    );
    expect(unexpected, 'the browser has nothing to complain about').toEqual([]);
  }

  private onConsole(message: ConsoleMessage): void {
    const from = origin(message.location().url);
    const loud = message.type() === 'error' || message.type() === 'warning';
    if (loud && !this.others.has(from)) {
      this.complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  }

  private onRequest(request: Request): void {
    const to = origin(request.url());
    const known = this.own.includes(to) || this.others.has(to) || !request.url().startsWith('http');
    if (!known && !this.others.has(askedBy(request))) {
      this.complaints.push(`foreign origin: ${request.method()} ${request.url()}`);
    }
  }
}

function origin(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/** The origin of the page that a request comes from. A navigation has none yet. */
function askedBy(request: Request): string {
  if (request.isNavigationRequest()) {
    return '';
  }
  return origin(request.frame().url());
}

declare global {
  interface Window {
    /** The web app has taken over this document. */
    interactive?: boolean;
  }
}

/**
 * Runs in every document before its own scripts. The app takes over in the microtasks after its
 * WASM was instantiated, so by the next task it has.
 */
function announceInteractive(): void {
  const instantiate = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...args) => {
    const result = await instantiate(...args);
    setTimeout(() => {
      window.interactive = true;
    }, 0);
    return result;
  };
}
