/** How authorizations are doing: followed as it happens, without anybody reloading. */

import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { expectAccessible, expectToFit, expectToFitPhone } from '../support/looks.ts';
import { untilInteractive } from '../support/pages/index.ts';
import { APPS } from '../support/sandbox.ts';
import { EXAMPLE, consent, servedExample } from '../support/story.ts';

const NAME = EXAMPLE.authorization;
const DISABLED = { active: false };

/** Proof that the page was not loaded anew. */
async function mark(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => document.body.setAttribute('data-marked', ''));
  return () => expect(page.locator('body[data-marked]')).toHaveCount(1);
}

test('the editor follows what happens, and keeps what is being typed', async ({ page, ui, api, sandbox }) => {
  const { id } = await servedExample(api, sandbox);
  const { editor } = ui;
  await editor.open(id);
  const health = page.getByRole('region', { name: 'Health' });
  await expect(health).toContainText('Not refreshed yet');
  await expect(health.getByRole('img')).toHaveAccessibleName(/Timeline of the last 30 days: 0 refreshes/);
  const notReloaded = await mark(page);
  await editor.name.fill('Half a na');
  await editor.name.focus();

  await test.step('a refresh shows', async () => {
    await api.do('POST', `/authorizations/${id}/refresh`);
    await expect(health).toContainText('Last refreshed just now');
    await expect(health).toContainText(/Next refresh in \d+ minutes/);
    await expect(health).toContainText(/Token expires in/);
    await expect(health.getByRole('img')).toHaveAccessibleName(/: 1 refresh, 0 failures, 1 authorization/);
  });

  await test.step('the account is disabled: the end of the consent shows', async () => {
    await sandbox.account('service', DISABLED);
    await api.do('POST', `/authorizations/${id}/refresh`);
    await editor.expectStatus('Not authorized', 'account disabled');
    await expect(health).toContainText('What to do: Re-authorize it with an active account');
    await expect(health).toContainText('Last error: invalid_grant');
    await expect(health.getByRole('button', { name: 'Copy correlation id' })).toBeVisible();
    await expect(health).toContainText('Not refreshed any more');
  });

  await test.step('the table says the same', async () => {
    await health.getByText('As a table').click();
    const events = health.getByRole('table', { name: 'What happened, newest first' });
    await expect(events.getByRole('row')).toHaveCount(3);
    await expect(events.getByRole('row').nth(1)).toContainText('Not authorized: account disabled (invalid_grant)');
    await expect(events.getByRole('row').nth(2)).toContainText('Authorized by svc-integrations@contoso.example');
    const days = health.getByRole('table', { name: 'Refreshes by day (UTC)' });
    await expect(days.getByRole('row')).toHaveCount(31);
    await expect(days.getByRole('row').nth(1).getByRole('cell')).toHaveText(['1', '1']);
    await expectAccessible(page);
  });

  await expect(editor.name).toHaveValue('Half a na');
  await notReloaded();
});

test('the list and the overview follow too', async ({ page, ui, visit, api, sandbox }) => {
  const { id } = await servedExample(api, sandbox);
  const { authorizations } = ui;
  await authorizations.open();
  const row = authorizations.row(NAME);
  const cell = row.getByRole('cell').filter({ has: page.locator('.health-cell') });
  await expect(cell).toHaveText('Not refreshed yet');
  const deactivate = row.getByRole('button', { name: `Deactivate ${NAME}` });
  await deactivate.focus();
  const notReloaded = await mark(page);

  const other = await visit('ada');
  await other.frame.load('/overview');
  await expect(other.frame.heading('Overview')).toBeVisible();
  await expect(other.page.getByText('All is well')).toBeVisible();
  await expect(other.page.getByRole('link', { name: 'Working' })).toContainText('1');
  await expectAccessible(other.page);

  await test.step('a refresh', async () => {
    await api.do('POST', `/authorizations/${id}/refresh`);
    await expect(cell).toHaveText('Refreshed just now');
    await expect(other.page.getByText('1 refreshed, none failed')).toBeVisible();
  });

  await test.step('the account is disabled', async () => {
    await sandbox.account('service', DISABLED);
    await api.do('POST', `/authorizations/${id}/refresh`);
    await expect(row).toContainText('account disabled');
    await expect(cell).toContainText('Stopped');
    const first = other.page.getByRole('region', { name: 'Needs attention first' }).getByRole('listitem').first();
    await expect(first).toContainText(NAME);
    await expect(first).toContainText('Cancelled: account disabled');
    await expect(first.getByRole('link', { name: `Re-authorize ${NAME}` })).toBeVisible();
    await expectAccessible(other.page);
  });

  await test.step('something new appears by itself', async () => {
    await api.createAuthorization({
      name: 'Made by a program',
      provider: 'azure-devops',
      settings: {
        client_id: '5a0c3f1e-7b2d-4e8a-9c64-2f10d7b3a911',
        client_secret: 'sandbox-entra-secret',
      },
      scopes: ['vso.work'],
    });
    await expect(authorizations.row('Made by a program')).toBeVisible();
  });
  await expect(deactivate, 'what has the focus keeps it').toBeFocused();
  await notReloaded();

  await test.step('from a count to its list, and to the timeline', async () => {
    await other.page.getByRole('link', { name: 'Cancelled' }).click();
    await expect(other.page).toHaveURL(/state=cancelled/);
    await expect(other.authorizations.row(NAME)).toBeVisible();
    await expect(other.authorizations.row('Made by a program')).toHaveCount(0);
    await expectAccessible(other.page);
    await other.authorizations.row(NAME).getByRole('link', { name: /^Stopped/ }).click();
    await expect(other.page.getByRole('region', { name: 'Health' })).toBeInViewport();
  });
});

test('refreshing at once, and what came of it', async ({ page, ui, api, sandbox }) => {
  const { id } = await servedExample(api, sandbox);
  const { editor, frame } = ui;
  await editor.open(id);
  const health = page.getByRole('region', { name: 'Health' });
  const refresh = health.getByRole('button', { name: 'Refresh now' });
  await editor.name.fill('Half a na');

  await test.step('a new token', async () => {
    await refresh.press('Enter');
    await expect(frame.message('Refreshed.')).toBeVisible();
    await expect(health).toContainText('Last refreshed just now');
    await expect(health.getByRole('img')).toHaveAccessibleName(/: 1 refresh, 0 failures/);
    await expect(refresh).toBeFocused();
    await expectAccessible(page);
  });

  await test.step('none, and why', async () => {
    await sandbox.account('service', DISABLED);
    await refresh.press('Enter');
    await expect(frame.message('Not refreshed')).toContainText('account disabled');
    await editor.expectStatus('Not authorized', 'account disabled');
    await expect(health.getByRole('img')).toHaveAccessibleName(/: 1 refresh, 1 failure/);
    await expect(refresh).toBeHidden();
    await expectAccessible(page);
  });
  await expect(editor.name).toHaveValue('Half a na');
});

test('when an answer was lost, refreshing is at hand where the state is told', async ({ page, ui, api, sandbox }) => {
  const name = 'Legacy reports';
  const { id } = await api.createAuthorization({
    name,
    provider: 'azure-devops-legacy',
    settings: { client_id: APPS.legacy.clientId, client_secret: APPS.legacy.secret },
    scopes: ['vso.work'],
  });
  await consent(api, sandbox, id);
  const { editor, frame } = ui;
  /** An answer that says nothing of what became of the refresh token. */
  const loseAnswer = async () => {
    await sandbox.behave({ answer: { status: 502, count: 1 } });
    await api.do('POST', `/authorizations/${id}/refresh`);
  };

  await test.step('in the editor', async () => {
    await loseAnswer();
    await editor.open(id);
    await editor.expectStatus('Not authorized');
    await expectAccessible(page);
    await expectToFitPhone(page);
    await editor.bar.getByRole('button', { name: 'Refresh now' }).press('Enter');
    await expect(frame.message('Refreshed.')).toBeVisible();
    await editor.expectStatus('Authorized');
    await expect(editor.bar.getByRole('button', { name: 'Refresh now' })).toBeHidden();
  });

  await test.step('on the overview', async () => {
    await loseAnswer();
    await frame.load('/overview');
    const first = page.getByRole('region', { name: 'Needs attention first' });
    const entry = first.getByRole('listitem').filter({ hasText: name });
    await expectAccessible(page);
    await entry.getByRole('button', { name: `Refresh ${name}` }).press('Enter');
    await expect(frame.message('Refreshed.')).toBeVisible();
    await expect(entry).toBeHidden();
    await expect(first.getByRole('heading', { name: 'Needs attention first' })).toBeFocused();
  });
});

test('on a phone', async ({ page, ui, api, sandbox }) => {
  const { id } = await servedExample(api, sandbox);
  await page.setViewportSize({ width: 360, height: 780 });
  await api.do('POST', `/authorizations/${id}/refresh`);
  await sandbox.account('service', DISABLED);
  await api.do('POST', `/authorizations/${id}/refresh`);
  for (const path of ['/', '/authorizations', `/authorizations/${id}/settings#health`]) {
    await page.goto(path);
    await untilInteractive(page);
    await expectToFit(page);
    await expectAccessible(page);
  }
  await expect(page.getByRole('region', { name: 'Health' })).toBeInViewport();
  await page.goto('/');
  await expect(ui.frame.heading('Overview')).toBeVisible();
});

test('a form that nobody has touched follows what a colleague saves', async ({ page, ui, api }) => {
  const { id } = await api.authorization(NAME);
  await ui.editor.open(id);
  const notReloaded = await mark(page);
  await api.patchAuthorization(id, { name: 'Renamed by a program' });
  await expect(ui.editor.name).toHaveValue('Renamed by a program');
  await ui.editor.expectSaved();
  await notReloaded();
});
