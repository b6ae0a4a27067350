/** Another account than before signs in: it is asked about before it replaces the one in use. */

import type { Api } from '../support/api.ts';
import { expect, test } from '../support/fixtures.ts';
import { expectAccessible, expectToFitPhone } from '../support/looks.ts';
import { ACCOUNTS, type Sandbox } from '../support/sandbox.ts';
import { EXAMPLE, consent } from '../support/story.ts';

/** The example, authorized by the service account and open to every account. */
async function authorized(api: Api, sandbox: Sandbox): Promise<string> {
  const { id } = await api.authorization(EXAMPLE.authorization);
  // An app for organizations lets no personal account in; this tenant setting lets everybody.
  await api.patchAuthorization(id, { settings: { tenant: 'common' } });
  await consent(api, sandbox, id);
  return id;
}

test('in the form, Save waits for the answer', async ({ page, ui, api, sandbox }) => {
  const { editor, provider } = ui;
  const id = await authorized(api, sandbox);
  await editor.open(id);
  const question = page.getByRole('alertdialog', { name: 'Use another account?' });
  const notice = editor.notice('Another account signed in');

  await test.step('the question opens by itself and stays as a notice', async () => {
    await editor.authorize();
    await provider.consentAs(ACCOUNTS.personal);
    await editor.expectReturn('done');
    await expect(question).toContainText(`You signed in as ${ACCOUNTS.personal}`);
    await expect(question).toContainText(`acts for ${ACCOUNTS.service} so far`);
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect(question).toBeHidden();
    await expect(notice).toBeVisible();
    await expectToFitPhone(page);
    await editor.saveButton.click();
    await expect(question).toBeVisible();
  });

  await test.step('keeping the account gives the new consent up', async () => {
    await question.getByRole('button', { name: `Keep ${ACCOUNTS.service}` }).click();
    await expect(question).toBeHidden();
    await expect(notice).toBeHidden();
    await editor.expectStatus('Authorized', ACCOUNTS.service);
    await editor.save();
  });

  await test.step('using the new one replaces it with Save', async () => {
    await editor.authorize();
    // The provider remembers the consent.
    await provider.signIn(ACCOUNTS.personal);
    await editor.expectReturn('done');
    await question.getByRole('button', { name: `Use ${ACCOUNTS.personal}` }).click();
    await expect(question).toBeHidden();
    await expect(editor.notice('Another account than before')).toContainText('Saving replaces it');
    await expectAccessible(page);
    await editor.save();
    await editor.expectStatus('Authorized', ACCOUNTS.personal);
  });
});

test('over a connect link, the browser that consented is asked', async ({ ui, api, sandbox, visit }) => {
  const { editor } = ui;
  const id = await authorized(api, sandbox);
  await editor.open(id);
  const link = () => api.do<{ connect_url: string }>('POST', `/authorizations/${id}/connect`);
  const owner = await visit();
  const heading = owner.page.getByRole('heading', { level: 1 });

  await test.step('nothing is replaced before the answer, nor by “keep”', async () => {
    await owner.page.goto((await link()).connect_url);
    await owner.provider.consentAs(ACCOUNTS.personal);
    await expect(heading).toHaveText('Use another account?');
    await expect(owner.page.getByRole('main')).toContainText(ACCOUNTS.personal);
    await expect(owner.page.getByRole('main')).not.toContainText(ACCOUNTS.service);
    await expectAccessible(owner.page);
    await expectToFitPhone(owner.page);
    await editor.reload();
    await editor.expectStatus('Authorized', ACCOUNTS.service);
    await owner.page.getByRole('button', { name: /^Keep / }).click();
    await expect(heading).toHaveText('Nothing was replaced');
    await expectAccessible(owner.page);
  });

  await test.step('a clear yes replaces it', async () => {
    await owner.page.goto((await link()).connect_url);
    await owner.provider.signIn(ACCOUNTS.personal);
    await owner.page.getByRole('button', { name: `Use ${ACCOUNTS.personal}` }).click();
    await expect(heading).toHaveText('You are done');
    await editor.reload();
    await editor.expectStatus('Authorized', ACCOUNTS.personal);
  });
});
