/** The first minute: from the printed setup link to a signed-in administrator. */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';

const FIRST = {
  email: 'maria@fabrikam.example',
  name: 'Maria Santos',
  password: 'an umbrella for every weather',
  workspace: 'Fabrikam Integrations',
};

test.use({ server: { furnished: false }, signedIn: false });

test('the setup link makes the first administrator, once', async ({ page, ui, tokenry, visit }) => {
  await test.step('before it is used, only the link helps', async () => {
    await page.goto('/');
    await expect(ui.signIn.heading).toBeVisible();
    await expect(page.getByText('No account yet')).toBeVisible();
    await expectAccessible(page);
  });

  const link = tokenry.setupLink;
  await test.step('a password that is too short is refused, and nothing else typed is lost', async () => {
    await ui.setup.open(link);
    await expectAccessible(page);
    await ui.setup.fill({ ...FIRST, password: 'short' });
    await expect(ui.setup.password).toHaveAccessibleDescription(/at least 12 characters/i);
    await ui.setup.submit();
    await expect(page.getByRole('alert')).toContainText(/at least 12 characters/i);
    await expect(ui.setup.email).toHaveValue(FIRST.email);
    await expect(ui.setup.password).toHaveValue('');
    await expectAccessible(page);
  });

  await test.step('it signs the administrator in', async () => {
    await ui.setup.open(link);
    await ui.setup.fill(FIRST);
    await ui.setup.submit();
    await expect(ui.authorizations.heading).toBeVisible();
    await expect(ui.frame.header).toContainText(FIRST.workspace);
    await expect(page.getByRole('complementary', { name: 'Sandbox' })).toContainText('no real provider');
    await expectAccessible(page);
  });

  await test.step('a second use is refused', async () => {
    const somebodyElse = await visit();
    await somebodyElse.page.goto(link);
    await expect(somebodyElse.setup.spent).toBeVisible();
    await expect(somebodyElse.setup.email).toHaveCount(0);
    await expectAccessible(somebodyElse.page);
  });
});

test('signing out and in again', async ({ page, ui, tokenry }) => {
  await ui.setup.open(tokenry.setupLink);
  await ui.setup.fill(FIRST);
  await ui.setup.submit();
  await expect(ui.authorizations.heading).toBeVisible();

  await ui.authorizations.open();
  await ui.frame.account.click();
  await expect(ui.frame.accountMenu).toContainText(FIRST.email);
  await expectAccessible(page);
  await ui.frame.account.click();
  await ui.frame.signOut();
  await expect(ui.signIn.heading).toBeVisible();

  await test.step('what was open leads to the sign-in page, and from there back', async () => {
    await page.goto('/connectors');
    await expect(ui.signIn.heading).toBeVisible();
    await expectAccessible(page);
  });

  await test.step('a wrong password keeps the e-mail address', async () => {
    await ui.signIn.signIn({ email: FIRST.email, password: 'an umbrella for some weather' });
    await expect(ui.signIn.refusal).toBeVisible();
    await expect(ui.signIn.email).toHaveValue(FIRST.email);
    await expect(ui.signIn.password).toHaveValue('');
    await expectAccessible(page);
  });

  await test.step('an unknown address is refused in the same words', async () => {
    const words = await ui.signIn.refusal.innerText();
    await ui.signIn.signIn({ email: 'nobody@fabrikam.example', password: FIRST.password });
    await expect(ui.signIn.email).toHaveValue('nobody@fabrikam.example');
    await expect(ui.signIn.refusal).toHaveText(words);
  });

  await ui.signIn.signIn(FIRST);
  await expect(ui.frame.heading('Connectors')).toBeVisible();
});
