/**
 * The main job, in both dialects: from + Add to a connector's call with a fresh token, and no secret
 * in the browser on the way (S17).
 */

import { expect, test } from '../support/fixtures.ts';
import { Leaks, fingerprint } from '../support/leaks.ts';
import { expectAccessible } from '../support/looks.ts';
import { ACCOUNTS, APPS } from '../support/sandbox.ts';
import { EXAMPLE } from '../support/story.ts';

const NAME = 'Sprint reports';
const WORK_ITEM = '/contoso/Fabrikam/_apis/wit/workitems/1';

for (const [dialect, app] of Object.entries(APPS)) {
  test(`from + Add to a connector's call: ${app.provider}`, async ({ page, context, ui, tokenry, sandbox, api }) => {
    const { authorizations, editor, provider, frame } = ui;
    const leaks = new Leaks(context, tokenry.url);

    await test.step('a new authorization at the provider', async () => {
      await authorizations.open();
      await expectAccessible(page);
      await authorizations.add.click();
      await expect(ui.newAuthorization.heading).toBeVisible();
      await expectAccessible(page);
      await ui.newAuthorization.choose(app.provider);
      await editor.expectStatus('Not authorized', 'nobody has consented yet');
      await expectAccessible(page);
      if (dialect === 'legacy') {
        await expect(editor.notice('is on its way out')).toBeVisible();
      }
    });

    await test.step('settings, with the redirect URI to register', async () => {
      await editor.fillSettings({ name: NAME, appId: app.clientId, secret: app.secret });
      const callback = dialect === 'legacy' ? 'azure-devops-legacy' : 'azure-devops';
      const uri = `${tokenry.url}/callback/${callback}`;
      await expect(editor.redirectUri).toHaveValue(uri);
      await expect(editor.redirectUri).toHaveAttribute('readonly');
      await page.getByRole('button', { name: 'Copy redirect URI' }).click();
      await expect(page.getByText('Copied', { exact: true })).toBeVisible();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(uri);
    });

    await test.step('scopes and a connector', async () => {
      await editor.chooseScopes('vso.work', 'vso.project');
      await expect(page).toHaveURL(/\/scopes$/);
      await expectAccessible(page);
      await editor.createConnector('Work items API', sandbox.url);
      await expect(page).toHaveURL(/\/connectors$/);
      await expectAccessible(page);
    });

    await test.step('the risk of a personal account is told before leaving', async () => {
      await editor.authorizeButton.click();
      await expect(editor.beforeAuthorize).toContainText('service account');
      await expect(editor.beforeAuthorize).toContainText('the integration stops working');
      await expectAccessible(page);
      await editor.beforeAuthorize.getByRole('button', { name: /^Continue to / }).click();
    });

    await test.step('consent at the provider', async () => {
      await provider.signIn(ACCOUNTS.service);
      await provider.expectConsent(app.name, ['vso.work', 'vso.project']);
      await provider.accept();
    });

    await test.step('back at the same tab, with everything that was typed', async () => {
      await editor.expectReturn('done');
      await expect(editor.tab('Connectors')).toHaveAttribute('aria-selected', 'true');
      await expect(editor.notice('Authorized, not saved yet')).toContainText(ACCOUNTS.service);
      await editor.expectStatus('Authorized', ACCOUNTS.service);
      await expect(editor.chosenConnector('Work items API')).toBeVisible();
      await expectAccessible(page);
      await editor.openTab('Scopes');
      await expect(editor.scope('vso.work')).toBeChecked();
      await editor.openTab('Settings');
      await expect(editor.name).toHaveValue(NAME);
      expect((await api.authorizations()).map(({ name }) => name)).not.toContain(NAME);
    });

    await test.step('saved, and not served before it is published', async () => {
      await editor.save();
      await editor.expectStatus('Authorized', ACCOUNTS.service);
      await expect(editor.publishNeeded).toBeVisible();
      await expectAccessible(page);
      expect(await api.authorization(NAME)).toMatchObject({ status: 'authorized', reason: 'healthy' });
      const { status, body } = await api.token(editor.id);
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'not_published' });
    });

    await test.step('published', async () => {
      await frame.openPublish();
      await expect(frame.publishPanel).toContainText('Never published yet');
      await expect(frame.publishPanel).toContainText(NAME);
      await expectAccessible(page);
      await frame.confirmPublish();
      // The example of the sandbox is published too, and nobody has authorized it.
      await expect(frame.message('Published as number 1')).toContainText(EXAMPLE.authorization);
      await expectAccessible(page);
      await expect(frame.publishButton).toHaveText('Published');
      await expect(editor.publishNeeded).toBeHidden();
    });

    const token = await test.step('a connector reads the token and makes its call', async () => {
      const { status, body } = await api.token(editor.id);
      expect(status).toBe(200);
      expect(body.token_type).toBe('Bearer');
      expect(body.scopes.join(' ')).toContain('vso.work');
      const item = await sandbox.call(WORK_ITEM, body.access_token);
      expect(item.status).toBe(200);
      // What was not asked for, the token cannot do.
      const change = await sandbox.call(WORK_ITEM, body.access_token, 'PATCH');
      expect([401, 403]).toContain(change.status);
      return body.access_token;
    });

    await test.step('the provider saw one token request, in its own dialect', async () => {
      const { entries } = await sandbox.ledger();
      expect(entries).toHaveLength(1);
      expect(entries[0]).toMatchObject({ dialect, result: 'issued', got_access: fingerprint(token) });
    });

    await test.step('S17: no secret has reached the browser', async () => {
      await frame.goTo('Publications');
      await expectAccessible(page);
      await frame.goTo('API keys');
      await authorizations.open();
      await expect(authorizations.row(NAME)).toContainText(ACCOUNTS.service);
      await expectAccessible(page);
      await editor.open((await api.authorization(NAME)).id);
      await expect(editor.panel).toContainText('Set, ends in …');
      await expectAccessible(page);
      await leaks.expectNone(page, [app.secret, token], await sandbox.ledger());
    });
  });
}
