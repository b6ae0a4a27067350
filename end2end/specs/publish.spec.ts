/** What connectors get changes by publishing, and by nothing else. */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';
import { EXAMPLE, authorizedExample, servedExample } from '../support/story.ts';

test('issues are told before and after, each with the way to what it is about', async ({ page, ui }) => {
  const { frame, editor } = ui;
  await ui.authorizations.open();
  await expect(page.getByRole('status').filter({ hasText: 'Publish needed' })).toBeVisible();

  await frame.openPublish();
  await expect(frame.publishPanel).toContainText('Detected issues');
  await expect(frame.publishPanel).toContainText(/not authorized/i);
  await expectAccessible(page);

  await test.step('Escape and Cancel publish nothing', async () => {
    await page.keyboard.press('Escape');
    await expect(frame.publishPanel).toBeHidden();
    await frame.openPublish();
    await frame.publishPanel.getByRole('button', { name: 'Cancel' }).click();
    await expect(frame.publishPanel).toBeHidden();
    await expect(frame.publishButton).toHaveText('Publish');
  });

  await frame.openPublish();
  await frame.confirmPublish();
  const warning = frame.message('Published as number 1');
  await expect(warning).toContainText('Warning');
  await expect(warning).toContainText(/not authorized/i);
  await expectAccessible(page);
  await warning.getByRole('link', { name: EXAMPLE.authorization }).first().click();
  await expect(editor.title).toHaveText(EXAMPLE.authorization);
  await expect(warning).toBeVisible();
});

test('a publication without issues, and then there is nothing to publish', async ({ page, ui, api, sandbox }) => {
  await authorizedExample(api, sandbox);
  const { frame, publications } = ui;
  await ui.authorizations.open();
  await frame.openPublish();
  await expect(frame.publishPanel).not.toContainText('Detected issues');
  await frame.confirmPublish();
  await expect(frame.message('Published as number 1')).toContainText('Success');
  await expect(frame.publishButton).toBeDisabled();
  await expect(frame.publishButton).toHaveText('Published');

  await publications.open();
  await expect(frame.publishButton).toBeDisabled();
  await expect(frame.publishButton).toHaveAttribute('title', 'Nothing to publish');
  await expect(publications.entry(1)).toContainText('Current');
  await expect(publications.entry(1)).toContainText('1 authorization, 1 connector');
  await expect(publications.entry(1)).toContainText('ada@contoso.example');
  await expectAccessible(page);
});

test('unchanged: a colleague was faster', async ({ page, ui, api, sandbox, watch }) => {
  await authorizedExample(api, sandbox);
  const { frame } = ui;
  await ui.authorizations.open();
  await frame.openPublish();
  await api.publish();
  watch.expect(/status of 409 .*\/ui\/publish\/publish/);
  await frame.confirmPublish();
  await expect(frame.message('Publish failed (unchanged)')).toBeVisible();
  await expectAccessible(page);
  await expect(frame.publishButton).toBeDisabled();
});

test.describe('before anything is configured', () => {
  test.use({ server: { sandbox: 'beside' } });

  test('empty: there is nothing to publish, and the empty pages say what to do', async ({ page, ui, api, watch }) => {
    const { frame, authorizations, connectors, publications, apiKeys } = ui;
    await authorizations.open();
    await expect(page.getByRole('link', { name: 'Add authorization' })).toBeVisible();
    await expect(frame.publishButton).toBeDisabled();
    await expectAccessible(page);
    await connectors.open();
    await expect(page.getByRole('heading', { name: 'No connector yet' })).toBeVisible();
    await expectAccessible(page);
    await publications.open();
    await expect(page.getByRole('heading', { name: 'Nothing published yet' })).toBeVisible();
    await expectAccessible(page);
    await apiKeys.open();
    await expectAccessible(page);

    await test.step('what there was is gone by the time somebody publishes', async () => {
      const connector = await api.createConnector('Short-lived', 'https://example.com/');
      await connectors.open();
      await frame.openPublish();
      await api.do('DELETE', `/connectors/${connector.id}`);
      watch.expect(/status of 409 .*\/ui\/publish\/publish/);
      await frame.confirmPublish();
      await expect(frame.message('Publish failed (empty)')).toBeVisible();
      await expectAccessible(page);
    });
  });
});

test('an earlier publication is brought back', async ({ page, ui, api, sandbox }) => {
  const example = await servedExample(api, sandbox);
  await api.patchAuthorization(example.id, { name: 'Renamed since' });
  await api.publish();

  const { frame, publications } = ui;
  await publications.open();
  await expect(publications.entry(2)).toContainText('Current');
  await publications.restore(1);
  await expect(frame.message('Published as number 3')).toBeVisible();
  await expect(publications.entry(3)).toContainText('Current');
  await expect(publications.entry(3)).toContainText('brought back number 1');
  await expectAccessible(page);
  // The form keeps the new name; what is served has the old one.
  await expect(frame.publishButton).toBeEnabled();
  expect((await api.token(example.id)).status).toBe(200);
});

test('edits reach connectors only when they are published', async ({ ui, api, sandbox }) => {
  const example = await servedExample(api, sandbox);
  const { editor, frame } = ui;
  await editor.open(example.id);
  await editor.chooseScopes('vso.code');
  await expect(editor.notice('Scopes were added since the consent')).toContainText('vso.code');
  await editor.save();
  await expect(editor.publishNeeded).toBeVisible();
  const { body } = await api.token(example.id);
  expect(body.scopes.join(' ')).not.toContain('vso.code');

  await editor.authorize();
  await ui.provider.accept();
  await editor.expectReturn('done');
  await editor.save();
  await test.step('the token of the publication stays until then', async () => {
    const { status, body: still } = await api.token(example.id);
    expect(status).toBe(200);
    expect(still.scopes.join(' ')).not.toContain('vso.code');
  });
  await frame.publish();
  const { body: now } = await api.token(example.id);
  expect(now.scopes.join(' ')).toContain('vso.code');
});
