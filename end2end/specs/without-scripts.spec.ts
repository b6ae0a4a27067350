/** What works before, or without, the web app's WASM. */

import { expect, test } from '../support/fixtures.ts';
import { PEOPLE } from '../support/tokenry.ts';

test.use({ javaScriptEnabled: false, signedIn: false });

test('signing in and out, and looking around', async ({ page, ui }) => {
  await page.goto('/');
  await expect(ui.signIn.heading).toBeVisible();

  await ui.signIn.signIn({ ...PEOPLE.ada, password: 'not my password at all' });
  await expect(ui.signIn.refusal).toContainText(/password/i);
  await expect(ui.signIn.email).toHaveValue(PEOPLE.ada.email);
  await expect(ui.signIn.password).toHaveValue('');

  await ui.signIn.signIn(PEOPLE.ada);
  await expect(ui.authorizations.heading).toBeVisible();
  await expect(ui.authorizations.row('Contoso work items')).toContainText('Not authorized');

  await ui.frame.goTo('Connectors');
  await expect(ui.connectors.row('Contoso REST API')).toBeVisible();
  await ui.frame.goTo('Settings');
  await ui.frame.goTo('Publications');
  await ui.frame.goTo('API keys');
  await ui.frame.goTo('Authorizations');

  await ui.authorizations.search.fill('contoso');
  await ui.authorizations.search.press('Enter');
  await expect(page).toHaveURL(/\?search=contoso$/);
  await expect(ui.authorizations.row('Contoso work items')).toBeVisible();

  await ui.authorizations.edit('Contoso work items');
  await expect(ui.editor.appId).toHaveValue('5a0c3f1e-7b2d-4e8a-9c64-2f10d7b3a911');
  await ui.editor.openTab('Scopes');
  await expect(ui.editor.scope('vso.work')).toBeChecked();

  // The account menu is a native pop-over, the button in it a plain form.
  await ui.frame.signOut();
  await expect(ui.signIn.heading).toBeVisible();
  await page.goto('/connectors');
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fconnectors$/);
});
