/** Putting an authorization aside, ending its consent, and finding it again. */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';
import { ACCOUNTS } from '../support/sandbox.ts';
import { EXAMPLE, servedExample } from '../support/story.ts';

const NAME = EXAMPLE.authorization;

test('deactivating can be undone, and takes effect by publishing', async ({ page, ui, api, sandbox }) => {
  const { id } = await servedExample(api, sandbox);
  const { authorizations, frame } = ui;
  await authorizations.open();

  await test.step('Undo', async () => {
    await authorizations.row(NAME).getByRole('button', { name: `Deactivate ${NAME}` }).click();
    await expect(page.getByRole('alertdialog')).toContainText('after the next publish');
    await expectAccessible(page);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Deactivate' }).click();
    await expect(authorizations.row(NAME)).toBeHidden();
    const done = frame.message(`Deactivated ${NAME}`);
    await expectAccessible(page);
    await done.getByRole('button', { name: 'Undo' }).click();
    await expect(authorizations.row(NAME)).toBeVisible();
  });

  await test.step('deactivated and published, connectors get nothing', async () => {
    await authorizations.deactivate(NAME);
    await expect(authorizations.row(NAME)).toBeHidden();
    expect((await api.token(id)).status).toBe(200);
    await frame.publish();
    const { status, body } = await api.token(id);
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'not_published' });
  });

  await test.step('it waits among the inactive ones, with its consent', async () => {
    await authorizations.showInactive.click();
    await expect(page).toHaveURL(/inactive=true/);
    await expect(authorizations.row(NAME)).toContainText('Authorized');
    await expectAccessible(page);
    await authorizations.activate(NAME);
    await expect(authorizations.row(NAME)).toBeHidden();
    await expect(page.getByRole('heading', { name: 'Nothing is inactive' })).toBeVisible();
    await authorizations.showActive.click();
    await expect(authorizations.row(NAME)).toBeVisible();
    await frame.publish();
    expect((await api.token(id)).status).toBe(200);
  });
});

test('deauthorizing tells what is still served, and publishing ends it', async ({ page, ui, api, sandbox }) => {
  const { id } = await servedExample(api, sandbox);
  const { editor, frame } = ui;
  await editor.open(id);
  await editor.expectStatus('Authorized', ACCOUNTS.service);
  await editor.deauthorizeButton.click();
  await expect(page.getByRole('alertdialog', { name: 'Deauthorize?' })).toContainText('Publication 1');
  await expectAccessible(page);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Deauthorize' }).click();

  await editor.expectStatus('Not authorized', 'deauthorized');
  await expect(editor.deauthorizeButton).toBeHidden();
  await expect(editor.publishNeeded).toBeVisible();
  await expect(editor.notice('Publish needed')).toContainText('still get tokens as of publication 1');
  await expectAccessible(page);

  // It is as the banner says.
  expect((await api.token(id)).status).toBe(200);

  await test.step('the banner leads to the publication', async () => {
    await page.getByRole('button', { name: 'Review and publish' }).click();
    await expect(frame.publishPanel).toContainText(NAME);
    await frame.confirmPublish();
    await expect(frame.message('Published as number 2')).toContainText(/not authorized/i);
    await expect(editor.publishNeeded).toBeHidden();
  });
  const { status, body } = await api.token(id);
  expect({ status, code: body.code, reason: body.reason }).toEqual({
    status: 409,
    code: 'not_authorized',
    reason: 'cancelled',
  });

  await test.step('authorized again and published, it is served again', async () => {
    await editor.authorize();
    await ui.provider.signIn(ACCOUNTS.service);
    await editor.expectReturn('done');
    await editor.save();
    await frame.publish();
    expect((await api.token(id)).status).toBe(200);
  });
});

test('the account was deactivated: the list says so, and what to do', async ({ page, ui, api, sandbox }) => {
  await sandbox.behave({ token_lifetime_seconds: 10 });
  const { id } = await servedExample(api, sandbox);
  await sandbox.account('service', { active: false });
  // Nobody has to ask: the next refresh finds out.
  await expect(async () => {
    const { status, body } = await api.token(id);
    expect({ status, reason: body.reason }).toEqual({ status: 409, reason: 'cancelled' });
  }).toPass({ timeout: 20_000 });

  await ui.authorizations.open();
  await expect(ui.authorizations.row(NAME)).toContainText('Not authorized');
  await expect(ui.authorizations.row(NAME)).toContainText('account disabled');
  await expectAccessible(page);
  await ui.editor.open(id);
  await ui.editor.expectStatus('Not authorized', 'account disabled');
  await expect(ui.editor.bar).toContainText('service account');
  await expect(ui.editor.notice('The last refresh failed')).toContainText('50057');
  await expectAccessible(page);

  await test.step('authorized again, the banner promises no token of the consent that is over', async () => {
    await sandbox.account('service', { active: true });
    await ui.editor.authorize();
    await ui.provider.signIn(ACCOUNTS.service);
    await ui.editor.expectReturn('done');
    await ui.editor.save();
    const banner = ui.editor.notice('Publish needed');
    await expect(banner).toContainText(/connectors get no token .*publication 1 \(account disabled\)/);
    await expectAccessible(page);
    expect((await api.token(id)).status).toBe(409);
    await ui.frame.publish();
    expect((await api.token(id)).status).toBe(200);
  });
});

test('searching the list', async ({ page, ui, api }) => {
  const settings = { client_id: '5a0c3f1e-7b2d-4e8a-9c64-2f10d7b3a911', client_secret: 'x' };
  for (const name of ['Fabrikam builds', 'Fabrikam releases']) {
    await api.createAuthorization({ name, provider: 'azure-devops', settings });
  }
  const { authorizations } = ui;
  await authorizations.open();
  await expect(page.getByText('3 authorizations')).toBeVisible();
  await authorizations.search.fill('FABRIKAM b');
  await expect(page.getByText('1 authorization', { exact: true })).toBeVisible();
  await expect(authorizations.row('Fabrikam builds')).toBeVisible();
  await expect(authorizations.row('Fabrikam releases')).toBeHidden();
  await expect(page).toHaveURL(/search=/);

  await authorizations.search.fill('nothing like it');
  await expect(page.getByRole('heading', { name: /Nothing matches/ })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Clear search' }).click();
  await expect(page.getByText('3 authorizations')).toBeVisible();
  await expect(authorizations.search).toHaveValue('');
});
