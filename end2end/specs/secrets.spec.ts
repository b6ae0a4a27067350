/** A client secret is replaced before it expires, and nobody consents again. */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible, expectToFitPhone } from '../support/looks.ts';
import { APPS } from '../support/sandbox.ts';
import { EXAMPLE, authorizedExample } from '../support/story.ts';

const NEW = 'the-next-secret-of-the-app';
/** What is said of a day of which only a part was typed. */
const HALF = 'Fill in day, month and year, or clear it.';
/** A year from now: shown as a day. */
const LAST_DAY = new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10);

test('a second secret takes over from the first', async ({ page, ui, api, sandbox, tokenry }) => {
  const { editor, frame } = ui;
  const { id } = await authorizedExample(api, sandbox);
  await editor.open(id);
  const list = page.getByRole('list', { name: 'Client secrets, tried in this order' });
  const row = (end: string) => list.getByRole('listitem').filter({ hasText: `ends in …${end}` });

  await test.step('with one secret there is nothing to see of all this', async () => {
    await expect(list).toBeHidden();
    await expect(page.getByRole('button', { name: 'Add another secret' })).toBeVisible();
  });

  await test.step('the next one is added, before the old one expires', async () => {
    await page.getByRole('button', { name: 'Add another secret' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add another secret' });
    await dialog.getByRole('button', { name: 'Add secret' }).click();
    await expect(dialog).toContainText('Fill in the secret.');
    await dialog.getByLabel('Secret', { exact: true }).fill(NEW);
    await dialog.getByLabel('Expires on').pressSequentially('12');
    await dialog.getByRole('button', { name: 'Add secret' }).click();
    await expect(dialog).toContainText(HALF);
    await dialog.getByLabel('Expires on').fill(LAST_DAY);
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Add secret' }).click();
    await expect(dialog).toBeHidden();
    await expect(frame.message('Secret added.')).toBeVisible();
    await expect(list.getByRole('listitem')).toHaveCount(2);
    await expect(row('-app')).toContainText(`expires on ${LAST_DAY}`);
    await editor.expectSaved();
    expect(await page.content()).not.toContain(NEW);
    await expectAccessible(page);
    await expectToFitPhone(page);
  });

  await test.step('when the provider takes the old one no more, the other one is in use', async () => {
    await sandbox.register({
      client_id: APPS.entra.clientId,
      name: APPS.entra.name,
      kind: 'entra',
      secrets: [NEW],
      redirect_uris: [`${tokenry.url}/callback/azure-devops`],
      scopes: ['openid', 'profile', 'offline_access', 'vso.work', 'vso.project'],
    });
    await api.do('POST', `/authorizations/${id}/refresh`);
    await editor.reload();
    await editor.expectStatus('Authorized');
    await expect(row('-app')).toContainText('in use');
    await expect(row('-app')).toContainText('worked last on');
  });

  await test.step('it is put first, and the old one removed', async () => {
    await row('-app').getByRole('button', { name: /^Make first/ }).click();
    await expect(list.getByRole('listitem').first()).toContainText('…-app');
    await expect(editor.secretExpiry).toHaveValue(LAST_DAY);
    await editor.expectSaved();
    await row('cret').getByRole('button', { name: /^Remove/ }).click();
    const question = page.getByRole('alertdialog', { name: 'Remove this secret?' });
    await expect(question).toContainText('ends in …cret');
    await expectAccessible(page);
    await question.getByRole('button', { name: 'Remove' }).click();
    await expect(list).toBeHidden();
    await expect(editor.panel).toContainText('ends in …-app');
  });
  expect((await api.authorization(EXAMPLE.authorization)).status).toBe('authorized');
});

test('a last day that is half typed is not taken for none', async ({ page, ui, api }) => {
  const { editor } = ui;
  const { id } = await api.authorization(EXAMPLE.authorization);
  await editor.open(id);
  await editor.secretExpiry.pressSequentially('12');
  await editor.name.fill('Sprint reports');
  await editor.saveButton.click();
  await expect(editor.errorSummary).toBeFocused();
  await expect(editor.panel).toContainText(HALF);
  await expectAccessible(page);
  expect((await api.authorizations()).map(({ name }) => name)).toEqual([EXAMPLE.authorization]);

  await editor.secretExpiry.fill(LAST_DAY);
  await expect(editor.panel).not.toContainText(HALF);
  await editor.save();
  await editor.reload();
  await expect(editor.secretExpiry).toHaveValue(LAST_DAY);
});
