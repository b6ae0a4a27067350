/** The screenshots of the README. Written with UPDATE_SCREENSHOTS=1; otherwise they only have to be there. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from '../support/fixtures.ts';
import { APPS } from '../support/sandbox.ts';
import { EXAMPLE, consent, servedExample } from '../support/story.ts';

const SCHEMES = ['light', 'dark'] as const;
const file = (scheme: string) => resolve(`../docs/screenshot-${scheme}.png`);

test.use({ viewport: { width: 1280, height: 800 }, contextOptions: { reducedMotion: 'reduce' } });

test('screenshots', async ({ page, ui, api, sandbox }) => {
  test.skip(process.env['UPDATE_SCREENSHOTS'] !== '1', 'UPDATE_SCREENSHOTS=1 writes them');
  const connector = await api.createConnector('Sprint reports', `${sandbox.url}/contoso/`);
  const settings = { client_id: APPS.entra.clientId, client_secret: APPS.entra.secret, tenant: 'organizations' };
  const example = await servedExample(api, sandbox);
  const reports = await api.createAuthorization({
    name: 'Sprint reports',
    provider: 'azure-devops',
    settings,
    connectors: [connector.id],
    scopes: ['vso.work', 'vso.code'],
  });
  await consent(api, sandbox, reports.id);

  await ui.editor.open(example.id, 'scopes');
  await ui.editor.expectStatus('Authorized');
  await expect(ui.editor.title).toHaveText(EXAMPLE.authorization);
  for (const scheme of SCHEMES) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: file(scheme), animations: 'disabled' });
  }
});

test('the README has them', async () => {
  for (const scheme of SCHEMES) {
    expect((await stat(file(scheme))).size).toBeGreaterThan(10_000);
  }
});
