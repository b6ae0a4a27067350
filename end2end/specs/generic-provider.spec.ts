/** OAuth 2.0 with any provider, shown against a server that is not ours. */

import { expect, test as base } from '../support/fixtures.ts';
import { CLIENT, IndependentProvider } from '../support/independent.ts';
import { expectAccessible } from '../support/looks.ts';

const test = base.extend<{ independent: IndependentProvider }>({
  independent: async ({}, use) => {
    const independent = await IndependentProvider.plan();
    await use(independent);
    await independent.stop();
  },
  // The operator has to let the server call an address inside.
  server: async ({ independent }, use) => use({ egress: [independent.origin] }),
});

test('the generic provider, from the form to a token that outlives its expiry', async ({
  page,
  context,
  ui,
  api,
  watch,
  tokenry,
  independent,
}) => {
  const { authorizations, newAuthorization, editor, frame } = ui;
  watch.tolerate(independent.origin);
  // Its pages ask for a font on the internet, which tests have no use for.
  await context.route(/fonts\.googleapis\.com/, (route) => route.fulfill({ contentType: 'text/css', body: '' }));

  await authorizations.open();
  await authorizations.add.click();
  await newAuthorization.choose('OAuth 2.0');
  await test.step('the form, with a redirect URI of its own (S3)', async () => {
    await editor.name.fill('Independent');
    await page.getByLabel('Login URL').fill(`${independent.origin}/auth`);
    await page.getByLabel('Access Token URL').fill(`${independent.origin}/token`);
    await page.getByLabel('Revocation URL').fill(`${independent.origin}/token/revocation`);
    await page.getByLabel('Issuer').fill(independent.origin);
    await page.getByLabel('Client ID').fill(CLIENT.id);
    await editor.clientSecret.fill(CLIENT.secret);
    await expect(page.getByLabel('Login query parameters')).toHaveValue('response_type=code');
    await expect(page.getByLabel('Request offline_access scope')).toBeChecked();
    await expect(editor.redirectUri).toHaveValue(`${tokenry.url}/callback/oauth2/${editor.id}`);
    await expectAccessible(page);
    await editor.openTab('Scopes');
    await editor.addCustomScope('openid profile email');
    await expectAccessible(page);
    await editor.openTab('Settings');
  });
  await independent.start(await editor.redirectUri.inputValue());

  await test.step('consent on its pages', async () => {
    await editor.authorizeButton.click();
    await editor.beforeAuthorize.getByRole('button', { name: 'Continue to localhost' }).click();
    await independent.signIn(page, 'importer');
    await editor.expectReturn('done');
    await editor.expectStatus('Authorized', 'importer');
    await expect(editor.name).toHaveValue('Independent');
    await expect(editor.notice('The provider gave no refresh token')).toBeHidden();
    await expectAccessible(page);
  });

  await editor.save();
  await frame.publish();
  const { id } = await api.authorization('Independent');

  const first = await test.step('the token opens the provider’s API', async () => {
    const { status, body } = await api.token(id);
    expect(status).toBe(200);
    expect(await independent.accepts(body.access_token)).toBe(true);
    return body.access_token;
  });

  await test.step('after it has expired there is a new one, without anybody', async () => {
    await expect.poll(() => independent.accepts(first)).toBe(false);
    const { status, body } = await api.token(id);
    expect(status).toBe(200);
    expect(body.access_token).not.toBe(first);
    expect(await independent.accepts(body.access_token)).toBe(true);
    expect(independent.granted[0]).toBe('authorization_code');
    expect(independent.granted.slice(1).every((grant) => grant === 'refresh_token')).toBe(true);
    expect(independent.granted.length).toBeGreaterThan(1);
  });

  await test.step('S16: deauthorized and published, the provider knows of it', async () => {
    await editor.deauthorize();
    await editor.expectStatus('Not authorized', 'deauthorized');
    expect(independent.revoked).toBe(0);
    await frame.publish();
    await expect.poll(() => independent.revoked).toBe(1);
  });
});

test('an address that the operator did not allow is not called', async ({ page, ui, watch }) => {
  const { editor, authorizations, newAuthorization } = ui;
  await authorizations.open();
  await authorizations.add.click();
  await newAuthorization.choose('OAuth 2.0');
  await editor.name.fill('Inside');
  await page.getByLabel('Login URL').fill('http://169.254.169.254/authorize');
  await page.getByLabel('Access Token URL').fill('http://169.254.169.254/token');
  await page.getByLabel('Client ID').fill('x');
  watch.expect(/status of 4\d\d /);
  await editor.saveButton.click();
  await expect(editor.errorSummary).toContainText('Access Token URL');
  await expect(page.getByLabel('Access Token URL')).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page);
});
