/** The workspace's name, one's own password and sessions, and the colours. */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';
import { PEOPLE } from '../support/tokenry.ts';

test('the workspace is renamed', async ({ page, ui }) => {
  const { settings, frame } = ui;
  await settings.open();
  await expectAccessible(page);
  await settings.workspace.fill('  ');
  await settings.rename.click();
  await expect(settings.workspace).toHaveAccessibleDescription(/Give it a name/);
  await expectAccessible(page);
  await settings.workspace.fill('Contoso Integrations');
  await settings.currentPassword.fill('half a password');
  await settings.rename.click();
  await expect(frame.message('Workspace renamed')).toBeVisible();
  await expect(frame.header).toContainText('Contoso Integrations');
  await expect(settings.rename).toBeDisabled();
  await expect(settings.currentPassword).toHaveValue('half a password');
});

test('a new password, with which the other sessions end', async ({ page, ui, visit, watch }) => {
  const { settings, frame, signIn } = ui;
  const next = 'nine patient snails cross the road';
  const elsewhere = await visit('ada');
  await settings.open();
  await settings.currentPassword.fill('not the one that I have');
  await settings.newPassword.fill('short');
  await expect(settings.newPassword).toHaveAccessibleDescription(/at least 12 characters/i);
  await settings.newPassword.fill(next);
  watch.expect(/status of 4\d\d .*\/ui\/accounts\/change-password/);
  await settings.changePassword.click();
  await expect(page.getByRole('alert').or(page.locator('#old-password-error'))).toBeVisible();
  await expectAccessible(page);

  await settings.currentPassword.fill(PEOPLE.ada.password);
  await settings.changePassword.click();
  await expect(frame.message('Password changed')).toBeVisible();

  await test.step('S34: elsewhere one has to sign in again', async () => {
    await elsewhere.page.goto('/authorizations');
    await expect(elsewhere.signIn.heading).toBeVisible();
  });
  await frame.signOut();
  await signIn.signIn({ ...PEOPLE.ada, password: next });
  await expect(ui.authorizations.heading).toBeVisible();
});

test('S34: signing out everywhere ends every session', async ({ ui, visit }) => {
  const elsewhere = await visit('ada');
  await ui.settings.open();
  await ui.settings.signOutEverywhere.click();
  await expect(ui.signIn.heading).toBeVisible();
  await elsewhere.page.goto('/connectors');
  await expect(elsewhere.signIn.heading).toBeVisible();
});

test('the colours are remembered by the browser, and there from the first paint', async ({ page, ui }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await ui.settings.open();
  const light = await background();
  await page.getByRole('main').getByRole('radio', { name: 'Dark' }).check();
  await expect.poll(background).not.toBe(light);
  const dark = await background();
  await page.goto('/connectors', { waitUntil: 'commit' });
  await expect(ui.frame.heading('Connectors')).toBeVisible();
  expect(await background()).toBe(dark);
});
