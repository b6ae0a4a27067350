/** S17 in the browser: everything that reached it is searched for secrets. */

import { createHash } from 'node:crypto';
import { type BrowserContext, type Page, type Response, expect } from '@playwright/test';
import type { Ledger } from './sandbox.ts';

/** Bodies that hold no text are not searched, nor what has no end: live events hold kinds and ids. */
const TEXT = /json|html|text\/(?!event-stream)|javascript|xml/;

export class Leaks {
  /** What reached the browser, with where it came from. */
  private readonly captured: { where: string; text: string }[] = [];
  private readonly reading: Promise<void>[] = [];

  /** Captures every answer of `origin` to this browser from now on. */
  constructor(context: BrowserContext, origin: string) {
    context.on('response', (response) => {
      if (new URL(response.url()).origin === origin) {
        this.reading.push(this.capture(response));
      }
    });
  }

  /**
   * Fails if a secret is in an answer, in the page or in the browser's storage. Tokens are known by
   * the fingerprints in the provider's ledger, so that those which nobody was ever shown, refresh
   * tokens above all, are found too.
   */
  async expectNone(page: Page, secrets: readonly string[], ledger: Ledger): Promise<void> {
    await Promise.all(this.reading);
    this.captured.push({ where: 'the page', text: await page.content() }, ...(await stored(page)));
    expect(this.captured.length).toBeGreaterThan(20);
    const tokens = new Set(
      ledger.entries.flatMap((entry) => [entry.got_access, entry.got_refresh, entry.spent]),
    );
    const found = this.captured
      .filter(({ text }) => secrets.some((secret) => text.includes(secret)) || holds(text, tokens))
      .map(({ where }) => where);
    expect(found, 'no secret reaches the browser').toEqual([]);
  }

  private async capture(response: Response): Promise<void> {
    const where = `${response.request().method()} ${response.url()}`;
    const headers = await response.headersArray();
    this.captured.push({ where, text: headers.map(({ value }) => value).join('\n') });
    if (TEXT.test(response.headers()['content-type'] ?? '')) {
      // A redirect has no body, and a page that was left has taken its answers with it.
      const text = await response.text().catch(() => '');
      this.captured.push({ where, text });
    }
  }
}

/** Whether a word of the text is a token, going by the fingerprints of tokens. */
function holds(text: string, fingerprints: ReadonlySet<string | null>): boolean {
  const words = text.match(/[\w.~+/-]{16,}/g) ?? [];
  return words.some((word) => fingerprints.has(fingerprint(word)));
}

/** As the sandbox's ledger names tokens. */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16);
}

/** What scripts of the page can find stored in this browser. */
async function stored(page: Page): Promise<{ where: string; text: string }[]> {
  const stores = await page.evaluate(async () => ({
    localStorage: JSON.stringify(localStorage),
    sessionStorage: JSON.stringify(sessionStorage),
    indexedDB: JSON.stringify(await indexedDB.databases()),
    caches: JSON.stringify(await caches.keys()),
    cookies: document.cookie,
    history: JSON.stringify(history.state),
  }));
  return Object.entries(stores).map(([where, text]) => ({ where, text }));
}
