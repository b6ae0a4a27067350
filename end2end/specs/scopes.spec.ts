/** Choosing as little as the integration needs. */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';

/** Azure DevOps, as Entra knows it. */
const RESOURCE = '499b84ac-1321-427f-aa17-267ca6975798';

test('the catalogue is searched in words and by code', async ({ page, ui }) => {
  const { editor } = ui;
  await ui.authorizations.open();
  await ui.authorizations.add.click();
  await ui.newAuthorization.choose('Azure DevOps');
  await editor.openTab('Scopes');
  const found = page.locator('#scope-found');
  await expect(found).toHaveText('86 scopes');
  await expect(editor.panel.getByRole('group', { name: 'Work Items' })).toBeVisible();

  await editor.findScope.fill('WORK items read');
  await expect(editor.scope('vso.work')).toBeVisible();
  await expect(editor.scope('vso.code')).toBeHidden();
  await expect(editor.panel.getByRole('group', { name: 'Code' })).toBeHidden();
  await editor.findScope.fill('vso.code_write');
  await expect(editor.scope('vso.code_write')).toBeVisible();
  await editor.findScope.fill('no such scope');
  await expect(found).toContainText('No scope matches');
  await expectAccessible(page);
});

test('covered, redundant, high-privilege and custom scopes', async ({ page, ui, api }) => {
  const { editor } = ui;
  await ui.authorizations.open();
  await ui.authorizations.add.click();
  await ui.newAuthorization.choose('Azure DevOps');
  await editor.fillSettings({
    name: 'Scopes',
    appId: '5a0c3f1e-7b2d-4e8a-9c64-2f10d7b3a911',
    secret: 'sandbox-entra-secret',
  });
  await editor.openTab('Scopes');
  await expect(editor.scopeSummary).toContainText('None yet');

  await test.step('a wider scope covers the ones inside it', async () => {
    await editor.scope('vso.work_write').check();
    await expect(editor.scope('vso.work')).toBeChecked();
    await expect(editor.scope('vso.work')).toBeDisabled();
    await expect(editor.scope('vso.work')).toHaveAccessibleDescription(/Covered by vso\.work_write/);
    await expect(editor.tab('Scopes')).toContainText('1');
    await expectAccessible(page);
  });

  await test.step('one that was chosen before is pointed out as not needed', async () => {
    await editor.scope('vso.code').check();
    await editor.scope('vso.code_write').check();
    await expect(editor.scopeSummary).toContainText('vso.code is part of vso.code_write');
    await expectAccessible(page);
    await editor.scopeSummary.getByRole('listitem').filter({ hasText: 'is part of' })
      .getByRole('button', { name: 'Remove vso.code' }).click();
    await expect(editor.scopeSummary).not.toContainText('is part of');
  });

  await test.step('high privilege and impersonation are warned of', async () => {
    await editor.scope('vso.tokens').check();
    await expect(editor.scopeSummary).toContainText('vso.tokens High privilege');
    await editor.addCustomScope('user_impersonation');
    await expect(editor.scopeSummary).toContainText('user_impersonation With it the integration may do everything');
    await expectAccessible(page);
    await editor.scopeSummary.getByRole('button', { name: 'Remove user_impersonation' }).click();
    await editor.scope('vso.tokens').uncheck();
    await expect(editor.scopeSummary).not.toContainText('vso.tokens');
    // Writing code is a high privilege too; only the two are gone.
    await expect(editor.scopeSummary).toContainText('vso.code_write High privilege');
  });

  await test.step('custom scopes, several at once; a malformed one is refused', async () => {
    await editor.addCustomScope('vso.brand_new https://graph.example/.default');
    await expect(editor.customScope).toHaveValue('');
    await expect(editor.scopeSummary).toContainText('vso.brand_new');
    await editor.addCustomScope('"quoted"');
    await expect(editor.customScope).toHaveAccessibleDescription(/can't contain/);
    await expect(editor.customScope).toHaveValue('"quoted"');
    await expectAccessible(page);
  });

  await test.step('the string that will be sent is shown', async () => {
    await expect(editor.scopeSummary).toContainText(
      `openid profile offline_access ${RESOURCE}/vso.work_write ${RESOURCE}/vso.code_write ` +
        `${RESOURCE}/vso.brand_new https://graph.example/.default`,
    );
  });

  await test.step('only what was chosen', async () => {
    await editor.panel.getByLabel('Chosen ones only').check();
    await expect(editor.panel.getByRole('checkbox', { name: /vso\./ })).toHaveCount(2);
    await editor.save();
  });
  expect((await api.authorization('Scopes')).scopes.toSorted()).toEqual([
    'https://graph.example/.default',
    'vso.brand_new',
    'vso.code_write',
    'vso.work_write',
  ]);
});
