/** Unsaved edits: nobody loses them by accident, neither to a navigation, nor to a reload, nor to a colleague. */

import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';
import { type Ui, untilInteractive } from '../support/pages/index.ts';
import { ACCOUNTS, APPS } from '../support/sandbox.ts';
import { EXAMPLE } from '../support/story.ts';

const RENAMED = 'Contoso boards';

async function edit({ authorizations, editor }: Ui): Promise<void> {
  await authorizations.open();
  await authorizations.edit(EXAMPLE.authorization);
  await editor.name.fill(RENAMED);
}

test('a link that leads away asks first', async ({ page, ui, api }) => {
  const { editor, frame } = ui;
  await edit(ui);

  await test.step('not between the tabs of the form', async () => {
    await editor.openTab('Scopes');
    await editor.openTab('Settings');
    await expect(editor.leaveQuestion).toBeHidden();
  });

  await test.step('Stay', async () => {
    await frame.header.getByRole('link', { name: 'Tokenry' }).click();
    await expect(editor.leaveQuestion).toContainText('If you discard them:');
    await expectAccessible(page);
    await editor.leaveQuestion.getByRole('button', { name: 'Stay' }).click();
    await expect(editor.name).toHaveValue(RENAMED);
    await expect(page).toHaveURL(/\/settings$/);
  });

  await test.step('Keep draft', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Connectors', exact: true }).click();
    await editor.leaveQuestion.getByRole('button', { name: 'Keep draft' }).click();
    await expect(frame.heading('Connectors')).toBeVisible();
    await frame.goTo('Authorizations');
    await ui.authorizations.row(EXAMPLE.authorization).getByRole('link').click();
    await expect(editor.name).toHaveValue(RENAMED);
    await editor.expectDraftKept();
  });

  await test.step('Discard', async () => {
    await frame.header.getByRole('link', { name: 'Tokenry' }).click();
    await editor.leaveQuestion.getByRole('button', { name: 'Discard' }).click();
    await expect(ui.authorizations.heading).toBeVisible();
    await ui.authorizations.edit(EXAMPLE.authorization);
    await expect(editor.name).toHaveValue(EXAMPLE.authorization);
    await editor.expectSaved();
  });
  expect((await api.authorization(EXAMPLE.authorization)).name).toBe(EXAMPLE.authorization);
});

test('so does the Back button', async ({ page, ui }) => {
  const { editor } = ui;
  await edit(ui);
  await page.goBack();
  await expect(editor.leaveQuestion).toBeVisible();
  await expect(page).toHaveURL(/\/settings$/);
  await editor.leaveQuestion.getByRole('button', { name: 'Stay' }).click();
  await expect(editor.name).toHaveValue(RENAMED);
  await page.goBack();
  await editor.leaveQuestion.getByRole('button', { name: 'Keep draft' }).click();
  await expect(ui.authorizations.heading).toBeVisible();
});

test('closing the page asks only while the server lacks something', async ({ page, ui }) => {
  const { editor } = ui;
  await ui.authorizations.open();
  await ui.authorizations.edit(EXAMPLE.authorization);
  const asked: string[] = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });

  await editor.name.click();
  await editor.name.pressSequentially(' and more');
  await page.reload();
  expect(asked).toEqual(['beforeunload']);

  await untilInteractive(page);
  await editor.name.click();
  await editor.name.pressSequentially(' again');
  await editor.expectDraftKept();
  await editor.reload();
  expect(asked).toEqual(['beforeunload']);
});

test('a draft survives a reload, a restart and a change of the browser', async ({ ui, visit, tokenry }) => {
  const { editor } = ui;
  await edit(ui);
  await editor.openTab('Settings');
  await editor.secretExpiry.fill('2031-05-17');
  await editor.chooseScopes('vso.code');
  await editor.expectDraftKept();
  const { id } = editor;

  const expectDraft = async (there: Ui) => {
    await expect(there.editor.name).toHaveValue(RENAMED);
    await expect(there.editor.secretExpiry).toHaveValue('2031-05-17');
    await there.editor.openTab('Scopes');
    await expect(there.editor.scope('vso.code')).toBeChecked();
    await there.editor.expectDraftKept();
  };
  await editor.open(id);
  await expectDraft(ui);
  await tokenry.restart();
  await editor.open(id);
  await expectDraft(ui);

  const atHome = await visit('ada');
  await atHome.editor.open(id);
  await expectDraft(atHome);

  await test.step('a draft is its author’s alone', async () => {
    const colleague = await visit('grace');
    await colleague.editor.open(id);
    await expect(colleague.editor.name).toHaveValue(EXAMPLE.authorization);
    await colleague.editor.expectSaved();
  });
});

test('a new form that is still blank can be left without a question', async ({ ui }) => {
  await ui.authorizations.open();
  await ui.authorizations.add.click();
  await ui.newAuthorization.choose('Azure DevOps');
  await ui.frame.header.getByRole('link', { name: 'Tokenry' }).click();
  await expect(ui.authorizations.heading).toBeVisible();
  await expect(ui.editor.leaveQuestion).toBeHidden();
});

test('discarding a form that was never saved leaves nothing of it, nor of its consent', async ({ page, ui, api, watch }) => {
  const { editor, provider, frame } = ui;
  await ui.authorizations.open();
  await ui.authorizations.add.click();
  await ui.newAuthorization.choose(APPS.entra.provider);
  await editor.fillSettings({ name: RENAMED, appId: APPS.entra.clientId, secret: APPS.entra.secret });
  await editor.authorize();
  await provider.consentAs(ACCOUNTS.service);
  await editor.expectReturn('done');
  const { id } = editor;

  await editor.discardButton.click();
  const question = page.getByRole('alertdialog', { name: 'Discard your edits?' });
  await expect(question).toContainText('nothing of it remains');
  await expect(question).toContainText('The consent that was just given is not saved');
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Discard draft' }).click();
  await expect(ui.authorizations.heading).toBeVisible();
  await expect(ui.authorizations.row(RENAMED)).toBeHidden();
  expect(await api.authorizations()).toHaveLength(1);

  watch.expect(/status of 404 .*\/authorizations\//);
  await frame.load(`/authorizations/${id}/settings`);
  await expect(page.getByRole('heading', { name: 'Not found' })).toBeVisible();
  await expectAccessible(page);
});

test('errors stand beside their fields and in a summary that leads to them', async ({ page, ui }) => {
  const { editor } = ui;
  await ui.authorizations.open();
  await ui.authorizations.add.click();
  await ui.newAuthorization.choose('Azure DevOps');
  await editor.appId.fill('not a guid');
  await editor.openTab('Scopes');
  await editor.authorizeButton.click();

  await expect(editor.errorSummary).toContainText('3 things need your attention');
  await expect(editor.errorSummary).toBeFocused();
  await expect(editor.beforeAuthorize).toBeHidden();
  await expectAccessible(page);

  await editor.errorSummary.getByRole('link', { name: /App ID/ }).click();
  await expect(editor.tab('Settings')).toHaveAttribute('aria-selected', 'true');
  await expect(editor.appId).toBeFocused();
  await expect(editor.appId).toHaveAccessibleDescription(/looks like/);
  await expect(editor.name).toHaveAccessibleDescription(/Give it a name/);
  await expectAccessible(page);

  await editor.appId.fill('5a0c3f1e-7b2d-4e8a-9c64-2f10d7b3a911');
  await editor.name.fill(EXAMPLE.authorization);
  await editor.clientSecret.fill('anything');
  await expect(editor.errorSummary).toBeHidden();
});

test('a name that is taken is told at its field', async ({ page, ui, watch }) => {
  const { editor } = ui;
  await ui.authorizations.open();
  await ui.authorizations.add.click();
  await ui.newAuthorization.choose('Azure DevOps');
  await editor.fillSettings({
    name: EXAMPLE.authorization.toUpperCase(),
    appId: '5a0c3f1e-7b2d-4e8a-9c64-2f10d7b3a911',
    secret: 'anything',
  });
  watch.expect(/status of 422 .*\/ui\/editor\/save/);
  await editor.saveButton.click();
  await expect(editor.errorSummary).toContainText(/name/i);
  await expect(editor.name).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(page);
  await editor.name.fill('Another one');
  await editor.save();
});

test.describe('two people edit the same authorization', () => {
  /** Both type over the same version; the colleague is the first to save. A form nobody touched would follow. */
  async function bothEdit(mine: Ui, visit: (who: 'grace') => Promise<Ui>): Promise<Ui> {
    await mine.authorizations.open();
    await mine.authorizations.edit(EXAMPLE.authorization);
    await mine.editor.name.fill('My name, half');
    const colleague = await visit('grace');
    await colleague.editor.open(mine.editor.id);
    await colleague.editor.chooseScopes('vso.code');
    await colleague.editor.openTab('Settings');
    await colleague.editor.name.fill('The colleague’s name');
    await colleague.editor.save();
    return colleague;
  }

  const choice = (page: Page, field: string, whose: 'Mine' | 'Theirs') =>
    page.getByRole('group', { name: field }).getByRole('radio', { name: new RegExp(`^${whose}`) });

  test('the later one chooses field by field', async ({ page, ui, visit, watch, api }) => {
    const { editor } = ui;
    await bothEdit(ui, visit);
    watch.expect(/status of 412 /);
    await editor.name.fill('My name');
    await editor.saveButton.click();

    await expect(editor.conflict).toBeVisible();
    await expect(editor.conflict).toContainText('My name');
    await expect(editor.conflict).toContainText('The colleague’s name');
    await expectAccessible(page);
    // What was changed here only is proposed to stay, what was changed there only is taken over.
    await expect(choice(page, 'Name', 'Mine')).toBeChecked();
    await expect(choice(page, 'Scopes', 'Theirs')).toBeChecked();
    await editor.conflict.getByRole('button', { name: 'Save this choice' }).click();
    await editor.expectSaved();

    const stored = await api.authorization('My name');
    expect(stored.scopes).toContain('vso.code');
  });

  test('the later one keeps everything of their own', async ({ page, ui, visit, watch, api }) => {
    const { editor } = ui;
    await bothEdit(ui, visit);
    watch.expect(/status of 412 /);
    await editor.name.fill('My name');
    await editor.saveButton.click();
    await choice(page, 'Scopes', 'Mine').check();
    await editor.conflict.getByRole('button', { name: 'Keep mine and save' }).click();
    await editor.expectSaved();
    expect((await api.authorization('My name')).scopes).not.toContain('vso.code');
  });

  test('the later one takes theirs', async ({ ui, visit, watch, api }) => {
    const { editor } = ui;
    await bothEdit(ui, visit);
    watch.expect(/status of 412 /);
    await editor.name.fill('My name');
    await editor.saveButton.click();
    await editor.conflict.getByRole('button', { name: 'Take theirs, discard mine' }).click();
    await expect(editor.name).toHaveValue('The colleague’s name');
    await editor.expectSaved();
    await editor.openTab('Scopes');
    await expect(editor.scope('vso.code')).toBeChecked();
    expect((await api.authorizations()).map(({ name }) => name)).not.toContain('My name');
  });

  test('deciding later loses nothing, over a reload too', async ({ page, ui, visit, watch }) => {
    const { editor } = ui;
    await bothEdit(ui, visit);
    watch.expect(/status of 412 /);
    await editor.name.fill('My name');
    await editor.saveButton.click();
    await editor.conflict.getByRole('button', { name: 'Decide later' }).click();
    await editor.expectDraftKept();
    await editor.reload();
    await expect(editor.name).toHaveValue('My name');
    await expect(editor.notice('Somebody else saved meanwhile')).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Compare both versions' }).click();
    await expect(editor.conflict).toContainText('The colleague’s name');
  });
});
