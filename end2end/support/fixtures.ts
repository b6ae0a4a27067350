/**
 * What every spec starts from: a Tokenry of its own with its sandbox, a browser that is watched,
 * and the pages as objects. Specs import `test` and `expect` from here.
 */

import { rm, writeFile } from 'node:fs/promises';
import { type BrowserContext, expect, test as base } from '@playwright/test';
import { Api } from './api.ts';
import { Ui } from './pages/index.ts';
import { Sandbox } from './sandbox.ts';
import {
  type Furniture,
  PEOPLE,
  type Person,
  type ServerOptions,
  Tokenry,
  furnish,
} from './tokenry.ts';
import { Watch } from './watch.ts';

interface Fixtures {
  /** How the server is started; `test.use({ server: { … } })` changes it for a spec. */
  server: Partial<ServerOptions>;
  /** Ada is signed in when the test begins. Needs a furnished server. */
  signedIn: boolean;
  tokenry: Tokenry;
  sandbox: Sandbox;
  /** The REST API with a key that may do everything. */
  api: Api;
  watch: Watch;
  /** The pages of the test's first browser tab. */
  ui: Ui;
  /** Another browser, with cookies of its own; somebody is signed in there or nobody is. */
  visit: (who?: Person) => Promise<Ui>;
}

export const test = base.extend<Fixtures, { furniture: Furniture }>({
  furniture: [
    async ({}, use) => {
      const furniture = await furnish();
      await use(furniture);
      await rm(furniture.folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  server: [{}, { option: true }],
  signedIn: [true, { option: true }],

  tokenry: async ({ server, furniture }, use, info) => {
    const defaults: ServerOptions = { furnished: true, sandbox: 'inside', egress: [] };
    const options = { ...defaults, ...server };
    const tokenry = await Tokenry.start(options, furniture);
    await use(tokenry);
    await tokenry.close();
    if (info.status !== info.expectedStatus) {
      await writeFile(info.outputPath('server.log'), tokenry.log);
    }
  },

  sandbox: async ({ tokenry }, use) => use(new Sandbox(tokenry.sandboxUrl)),
  api: async ({ tokenry, furniture }, use) => use(new Api(tokenry.url, furniture.apiKey)),
  baseURL: async ({ tokenry }, use) => use(tokenry.url),

  watch: async ({ tokenry }, use) => {
    const watch = new Watch([tokenry.url, tokenry.sandboxUrl]);
    await use(watch);
    watch.verify();
  },

  context: async ({ context, watch, tokenry, signedIn, server }, use) => {
    await watch.over(context);
    if (signedIn && server.furnished !== false) {
      await signIn(context, tokenry, 'ada');
    }
    await use(context);
  },

  ui: async ({ page }, use) => use(new Ui(page)),

  visit: async ({ browser, contextOptions, baseURL, watch, tokenry }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (who) => {
      const context = await browser.newContext({
        ...contextOptions,
        ...(baseURL !== undefined && { baseURL }),
      });
      opened.push(context);
      await watch.over(context);
      if (who !== undefined) {
        await signIn(context, tokenry, who);
      }
      return new Ui(await context.newPage());
    });
    await Promise.all(opened.map((context) => context.close()));
  },
});

/** Sends the sign-in form without its page, which has a spec of its own. */
async function signIn(context: BrowserContext, { url }: Tokenry, who: Person): Promise<void> {
  const response = await context.request.post(`${url}/ui/accounts/sign-in`, {
    form: { ...PEOPLE[who], next: '' },
    headers: { origin: url, accept: 'text/html' },
    maxRedirects: 0,
  });
  expect(response.headers()['location']).toBe('/authorizations');
}

export { expect };
