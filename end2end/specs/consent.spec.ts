/** Trips to the provider that do not end as hoped. What was typed is never lost, and no token is asked for. */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';
import { type Ui, untilInteractive } from '../support/pages/index.ts';
import { ACCOUNTS, APPS, type Sandbox } from '../support/sandbox.ts';
import { EXAMPLE } from '../support/story.ts';

const NAME = 'Sprint reports';

/** A form that was filled in and never saved. */
async function fillIn(ui: Ui, { provider, clientId, secret }: { provider: string; clientId: string; secret: string }) {
  await ui.authorizations.open();
  await ui.authorizations.add.click();
  await ui.newAuthorization.choose(provider);
  await ui.editor.fillSettings({ name: NAME, appId: clientId, secret });
  await ui.editor.chooseScopes('vso.work', 'vso.project');
  await ui.editor.openTab('Settings');
}

/** Leaves for the provider, and gives the address that it was asked at. */
async function authorize({ page, editor, provider }: Ui): Promise<string> {
  const asked = page.waitForRequest(/\/oauth2\/(v2\.0\/)?authorize\?/);
  await editor.authorize();
  await expect(provider.pick).toBeVisible();
  return (await asked).url();
}

async function tokenRequests(sandbox: Sandbox): Promise<number> {
  return (await sandbox.ledger()).totals.requests;
}

for (const [dialect, app] of Object.entries(APPS)) {
  test(`declined at ${app.provider}`, async ({ page, ui, sandbox }) => {
    const { editor, provider } = ui;
    await fillIn(ui, app);
    await editor.authorize();
    await provider.signIn(ACCOUNTS.service);
    await provider.decline();

    await editor.expectReturn('failed');
    await expect(editor.notice('The provider gave no consent')).toContainText('declined');
    await editor.expectStatus('Not authorized');
    await expect(editor.name).toHaveValue(NAME);
    await expectAccessible(page);
    expect(await tokenRequests(sandbox)).toBe(0);

    await test.step('a second attempt may end well', async () => {
      await editor.authorize();
      await provider.consentAs(ACCOUNTS.service);
      await editor.expectReturn('done');
      await expect(editor.notice('The provider gave no consent')).toBeHidden();
      await editor.save();
    });
  });

  test(`a wrong client secret at ${app.provider}`, async ({ page, ui, sandbox }) => {
    const { editor, provider } = ui;
    await fillIn(ui, { ...app, secret: 'copied-the-id-instead' });
    await editor.authorize();
    await provider.consentAs(ACCOUNTS.service);

    await editor.expectReturn('failed');
    await expect(editor.notice('The provider gave no consent')).toContainText(/client secret/i);
    await editor.expectStatus('Not authorized');
    await expectAccessible(page);

    await test.step('it leads to the field, where a new secret is put in', async () => {
      await editor.openTab('Connectors');
      await page.getByRole('button', { name: 'Go to the field' }).click();
      await expect(editor.tab('Settings')).toHaveAttribute('aria-selected', 'true');
      await expect(editor.name).toHaveValue(NAME);
      await expect(editor.panel).toContainText(/does not accept .*client secret/);
      await page.getByRole('button', { name: 'Replace the stored secret' }).click();
      await editor.clientSecret.fill(app.secret);
      await editor.authorize();
      await provider.signIn(ACCOUNTS.service);
      if (dialect === 'legacy') {
        // Entra remembers the consent; the legacy pages ask every time.
        await provider.accept();
      }
      await editor.expectReturn('done');
      await editor.save();
    });
    const { entries } = await sandbox.ledger();
    expect(entries.map(({ result }) => result)).toEqual(['refused', 'issued']);
  });
}

test('the redirect URI is not registered', async ({ page, ui, tokenry, sandbox, watch }) => {
  const { editor, provider } = ui;
  const app = {
    client_id: '7f3d0a52-1c4e-4b8f-9a60-d2e95b17c834',
    name: 'Sprint reports app',
    kind: 'entra' as const,
    secrets: ['a-secret-of-its-own'],
    redirect_uris: [],
    scopes: ['openid', 'profile', 'offline_access', 'vso.work', 'vso.project'],
  };
  await sandbox.register(app);
  await fillIn(ui, { provider: 'Azure DevOps', clientId: app.client_id, secret: 'a-secret-of-its-own' });
  watch.expect(/status of 400 .*\/oauth2\/v2.0\/authorize/);
  await editor.authorize();
  await expect(provider.refusal).toBeVisible();
  await expect(page.getByText('AADSTS50011')).toBeVisible();

  await test.step('back in Tokenry nothing is lost', async () => {
    await page.goBack();
    await expect(editor.bar).toBeVisible();
    await untilInteractive(page);
    await editor.expectDraftKept();
    await expect(editor.tab('Scopes')).toContainText('2');
    await expect(editor.name).toHaveValue(NAME);
    await expect(editor.appId).toHaveValue(app.client_id);
    await expectAccessible(page);
  });

  await test.step('registered as shown, it works', async () => {
    const registered = await editor.redirectUri.inputValue();
    expect(registered).toBe(`${tokenry.url}/callback/azure-devops`);
    await sandbox.register({ ...app, redirect_uris: [registered] });
    await editor.authorize();
    await provider.consentAs(ACCOUNTS.service);
    await editor.expectReturn('done');
    await editor.save();
  });
});

test('S2: finished in another browser, it is refused before any token is asked for', async ({
  ui,
  visit,
  watch,
  sandbox,
}) => {
  await ui.authorizations.open();
  await ui.authorizations.edit(EXAMPLE.authorization);
  const asked = await authorize(ui);
  const callback = await sandbox.decide(asked, 'service', 'accept');

  watch.expect(/status of 400 .*\/callback\//);
  for (const who of ['ada', 'grace', undefined] as const) {
    const elsewhere = await visit(who);
    await elsewhere.page.goto(callback);
    await elsewhere.notice.expect(/another browser or by somebody else/);
    await expectAccessible(elsewhere.page);
    // S10: whatever comes of it, the code is not kept in a cache.
    const again = await elsewhere.page.request.get(callback, { maxRedirects: 0 });
    expect(again.headers()['cache-control']).toBe('no-store');
  }
  expect(await tokenRequests(sandbox)).toBe(0);

  await test.step('in the browser that began it, it still works', async () => {
    // The provider remembers the consent that was given above.
    await ui.provider.signIn(ACCOUNTS.service);
    await ui.editor.expectReturn('done');
    await ui.editor.expectStatus('Authorized', ACCOUNTS.service);
  });
});

test('S1: a state works once', async ({ page, ui, watch, sandbox }) => {
  await ui.authorizations.open();
  await ui.authorizations.edit(EXAMPLE.authorization);
  await authorize(ui);
  const back = page.waitForRequest(/\/callback\/azure-devops\?/);
  await ui.provider.consentAs(ACCOUNTS.service);
  const callback = (await back).url();
  await ui.editor.expectReturn('done');
  await ui.editor.save();
  expect(await tokenRequests(sandbox)).toBe(1);

  watch.expect(/status of 400 .*\/callback\//);
  await page.goto(callback);
  await ui.notice.expect(/was used already/);
  await expectAccessible(page);
  expect(await tokenRequests(sandbox)).toBe(1);
});

test('coming back with nothing that was asked for is refused', async ({ page, ui, watch, sandbox }) => {
  watch.expect(/status of 400 .*\/callback\//);
  for (const query of ['', '?code=c', '?state=made-up&code=c', '?state=a&state=b&code=c']) {
    await page.goto(`/callback/azure-devops${query}`);
    await ui.notice.expect(/Start again with Authorize/);
  }
  expect(await tokenRequests(sandbox)).toBe(0);
});

test('an account that may not sign in makes room for one that may', async ({ page, ui }) => {
  const { editor, provider } = ui;
  await ui.authorizations.open();
  await ui.authorizations.edit(EXAMPLE.authorization);
  await editor.authorize();
  await provider.signIn(ACCOUNTS.disabled);
  await expect(provider.refusal).toBeVisible();
  await page.goBack();
  await provider.signIn(ACCOUNTS.service);
  await provider.accept();
  await editor.expectReturn('done');
});

test('a personal account is warned of after it consented', async ({ page, ui }) => {
  const { editor, provider } = ui;
  await ui.authorizations.open();
  await ui.authorizations.edit(EXAMPLE.authorization);
  // An app for organizations lets no personal account in; this tenant setting lets everybody.
  await editor.tenant.fill('common');
  await editor.authorize();
  await provider.consentAs(ACCOUNTS.personal);
  await editor.expectReturn('done');
  await expect(editor.notice("This looks like a person's own account")).toContainText('service account');
  await editor.expectStatus('Authorized', '(personal account)');
  await expectAccessible(page);
});

test('a scope that the app is not registered for is told at the scopes', async ({ page, ui, tokenry, sandbox }) => {
  const { editor } = ui;
  await sandbox.register({
    client_id: APPS.entra.clientId,
    name: APPS.entra.name,
    kind: 'entra',
    secrets: [APPS.entra.secret],
    redirect_uris: [`${tokenry.url}/callback/azure-devops`],
    scopes: ['openid', 'profile', 'offline_access', 'vso.work'],
  });
  await fillIn(ui, APPS.entra);
  await editor.authorize();
  await editor.expectReturn('failed');
  await expect(editor.notice('The provider gave no consent')).toContainText(/scope/i);
  await page.getByRole('button', { name: 'Go to the field' }).click();
  await expect(editor.tab('Scopes')).toHaveAttribute('aria-selected', 'true');
  await editor.scope('vso.project').uncheck();
  await editor.authorize();
  await ui.provider.consentAs(ACCOUNTS.service);
  await editor.expectReturn('done');
  await editor.save();
  expect(await tokenRequests(sandbox)).toBe(1);
});

test('only an administrator may consent, and there is a link for them', async ({ page, ui, visit, sandbox }) => {
  const { authorizations, editor, provider } = ui;
  await sandbox.behave({ admin_consent_required: true });
  await authorizations.open();
  await authorizations.edit(EXAMPLE.authorization);
  await editor.authorize();
  await provider.consentAs(ACCOUNTS.service);
  await editor.expectReturn('failed');
  const notice = editor.notice('The provider gave no consent');
  await expect(notice).toContainText('An administrator of the directory has to consent');
  await expect(notice.getByRole('button', { name: 'Copy link to the admin consent page' })).toBeVisible();
  const link = notice.getByRole('link', { name: 'Open the admin consent page' });
  const address = await link.getAttribute('href');
  await expectAccessible(page);

  await test.step('the administrator, without an account here, is told that it is done', async () => {
    const administrator = await visit();
    await administrator.page.goto(address ?? '');
    await administrator.page.waitForURL(/\/connect\/done\?/);
    const told = administrator.page.getByRole('heading', { level: 1 });
    await expect(told).toHaveText('Consent was given for your organization');
    await expectAccessible(administrator.page);
  });

  await test.step('authorizing again works', async () => {
    await editor.authorize();
    await provider.consentAs(ACCOUNTS.service);
    await editor.expectReturn('done');
    await expect(notice).toBeHidden();
    await editor.save();
  });
});
