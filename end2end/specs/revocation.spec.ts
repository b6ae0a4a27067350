/** A consent ends at the provider too, or a person learns that it does not (S16). */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible, expectToFitPhone } from '../support/looks.ts';
import { PLAIN } from '../support/sandbox.ts';
import { authorizedExample, consent } from '../support/story.ts';

test('S16: a provider that is down is told later, and the page says when it was', async ({
  page,
  ui,
  api,
  sandbox,
}) => {
  const { editor } = ui;
  const { id } = await api.createAuthorization({
    name: 'Plain OAuth',
    provider: 'oauth2',
    settings: {
      authorization_url: `${sandbox.url}/oidc/authorize`,
      token_url: `${sandbox.url}/oidc/token`,
      revocation_url: `${sandbox.url}/oidc/revoke`,
      client_id: PLAIN.clientId,
      client_secret: PLAIN.secret,
    },
    scopes: ['vso.work'],
  });
  await consent(api, sandbox, id);
  await editor.open(id);
  await editor.expectStatus('Authorized');

  await sandbox.behave({ revocation_status: 503 });
  await editor.deauthorize();
  const pending = editor.notice('Revocation pending');
  await expect(pending).toContainText('next attempt');
  await editor.expectStatus('Not authorized', 'Revocation pending');
  await expectAccessible(page);
  await expectToFitPhone(page);

  await sandbox.behave({ revocation_status: null });
  await expect(editor.notice('Revoked at the provider')).toBeVisible({ timeout: 20_000 });
  await expectAccessible(page);
  const { totals } = await sandbox.ledger();
  expect(totals.revocations).toBe(1);
});

test('where apps cannot revoke, the page says what a person can do', async ({ page, ui, api, sandbox }) => {
  const { editor, frame } = ui;
  const { id } = await authorizedExample(api, sandbox);
  await editor.open(id);
  await editor.deauthorize();
  await expect(frame.message('The provider does not offer revocation.')).toBeVisible();
  const told = editor.notice('The provider does not offer revocation');
  await expect(told.first()).toContainText('myapps.microsoft.com');
  await expectAccessible(page);
});
