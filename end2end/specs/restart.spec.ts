/** The server restarts, or time passes, while somebody is at the provider. */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';
import { letFlowsExpire } from '../support/later.ts';
import type { Ui } from '../support/pages/index.ts';
import { ACCOUNTS, APPS } from '../support/sandbox.ts';

const NAME = 'Sprint reports';

test.use({ server: { sandbox: 'beside' } });

/** A filled-in form, and the browser at the provider. */
async function atTheProvider({ authorizations, newAuthorization, editor, provider }: Ui): Promise<string> {
  await authorizations.open();
  await authorizations.add.click();
  await newAuthorization.choose(APPS.entra.provider);
  await editor.fillSettings({ name: NAME, appId: APPS.entra.clientId, secret: APPS.entra.secret });
  await editor.chooseScopes('vso.work');
  const { id } = editor;
  await editor.authorize();
  await provider.signIn(ACCOUNTS.service);
  await expect(provider.consent).toBeVisible();
  return id;
}

test('a restart in the middle of a consent loses nothing', async ({ ui, tokenry, api, sandbox }) => {
  const { editor, provider, frame } = ui;
  await atTheProvider(ui);
  await tokenry.restart();
  await provider.accept();

  await editor.expectReturn('done');
  await editor.expectStatus('Authorized', ACCOUNTS.service);
  await expect(editor.scope('vso.work')).toBeChecked();
  await editor.save();
  await frame.publish();

  await test.step('and one after publishing serves the same token', async () => {
    const { body: before } = await api.token(editor.id);
    await tokenry.restart();
    const { status, body: after } = await api.token(editor.id);
    expect(status).toBe(200);
    expect(after.access_token).toBe(before.access_token);
    expect((await sandbox.ledger()).totals.requests).toBe(1);
  });
});

test('S1: a consent that took too long is refused, and the form is still there', async ({
  page,
  ui,
  tokenry,
  watch,
  sandbox,
}) => {
  const { editor, provider, notice } = ui;
  const id = await atTheProvider(ui);
  await letFlowsExpire(tokenry);
  watch.expect(/status of 400 .*\/callback\//);
  await provider.accept();

  await notice.expect(/took (too long|longer than 10 minutes).*Start again with Authorize/);
  await expectAccessible(page);
  expect((await sandbox.ledger()).totals.requests).toBe(0);

  await test.step('started again, it works', async () => {
    await editor.open(id);
    await expect(editor.name).toHaveValue(NAME);
    await editor.authorize();
    await provider.signIn(ACCOUNTS.service);
    // The provider remembers the consent that was given.
    await editor.expectReturn('done');
    await editor.save();
  });
});
