/** The screenshots of the README: always taken, written with UPDATE_SCREENSHOTS=1; otherwise they have to be there. */

import { stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from '../support/fixtures.ts';
import { APPS } from '../support/sandbox.ts';
import { EXAMPLE, consent, servedExample } from '../support/story.ts';

const SCHEMES = ['light', 'dark'] as const;
const file = (scheme: string) => resolve(`../docs/screenshot-${scheme}.png`);

test.use({ viewport: { width: 1280, height: 800 }, contextOptions: { reducedMotion: 'reduce' } });

test('screenshots', async ({ page, ui, api, sandbox }) => {
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
    const shot = await page.screenshot({ animations: 'disabled' });
    if (process.env['UPDATE_SCREENSHOTS'] === '1') await writeFile(file(scheme), shot);
    expect((await stat(file(scheme))).size, 'written with UPDATE_SCREENSHOTS=1').toBeGreaterThan(10_000);
  }
});
