/** The server goes away while somebody is typing, and comes back. */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';
import { EXAMPLE } from '../support/story.ts';

test('nothing that was typed is lost', async ({ page, ui, tokenry, api, watch }) => {
  const { authorizations, editor, frame } = ui;
  await authorizations.open();
  await authorizations.edit(EXAMPLE.authorization);
  await editor.name.fill('Typed before');
  await editor.expectDraftKept();

  watch.expect(/ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)/);
  await tokenry.end();
  await test.step('it says so, and that what was typed is still here', async () => {
    await editor.name.fill('Typed meanwhile');
    await expect(frame.connection).toBeVisible();
    await expect(editor.bar).toContainText('nothing you typed is lost');
    await expectAccessible(page);
  });

  await test.step('Save does not pretend', async () => {
    await editor.saveButton.click();
    await expect(editor.notice('The server cannot be reached')).toBeVisible();
    await expect(editor.name).toHaveValue('Typed meanwhile');
    await expectAccessible(page);
  });

  await tokenry.begin();
  await test.step('it is back: the draft is kept without anybody doing anything', async () => {
    await expect(frame.connection).toBeHidden();
    await expect(editor.name).toHaveValue('Typed meanwhile');
    await expect(editor.bar).toContainText('kept as a draft', { timeout: 40_000 });
    await editor.save();
  });
  expect((await api.authorization('Typed meanwhile')).name).toBe('Typed meanwhile');
});

test('a session that has ended is told without losing the form', async ({ page, ui, visit, watch }) => {
  const { authorizations, editor } = ui;
  await authorizations.open();
  await authorizations.edit(EXAMPLE.authorization);
  const atHome = await visit('ada');
  await atHome.settings.open();
  await atHome.settings.signOutEverywhere.click();
  await expect(atHome.signIn.heading).toBeVisible();

  watch.expect(/status of 401 /);
  await editor.name.fill('Typed without a session');
  await editor.saveButton.click();
  await expect(editor.notice('Your session has ended')).toBeVisible();
  await expect(editor.name).toHaveValue('Typed without a session');
  await expectAccessible(page);

  await test.step('signed in in another tab, it can be saved', async () => {
    const [tab] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('link', { name: 'Sign in in another tab' }).click(),
    ]);
    await tab.getByLabel('E-mail').fill('ada@contoso.example');
    await tab.getByLabel('Password').fill('seven brown otters paddle north');
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await expect(tab.getByRole('heading', { level: 1, name: 'Authorizations' })).toBeVisible();
    await tab.close();
    await editor.save();
  });
});
