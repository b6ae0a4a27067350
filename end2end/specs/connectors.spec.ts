/** Connectors: made, changed and deleted, each mistake told at its field. */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';
import { EXAMPLE } from '../support/story.ts';

test('a connector from its making to its end', async ({ page, ui, watch }) => {
  const { connectors, frame } = ui;
  await connectors.open();
  await expect(connectors.row(EXAMPLE.connector)).toContainText(EXAMPLE.authorization);
  await expectAccessible(page);

  await test.step('mistakes are told beside their fields', async () => {
    await connectors.add.click();
    await expect(connectors.name).toBeFocused();
    await connectors.baseUrl.fill('dev.azure.com/contoso');
    await connectors.timeout.fill('601');
    await connectors.save.click();
    await expect(connectors.name).toBeFocused();
    await expect(connectors.name).toHaveAccessibleDescription(/Give it a name/);
    await expect(connectors.baseUrl).toHaveAccessibleDescription(/whole address/);
    await expect(connectors.timeout).toHaveAccessibleDescription(/1 to 600 seconds/);
    await expectAccessible(page);
    await connectors.baseUrl.fill('https://dev.azure.com/contoso/?x=y');
    await connectors.name.fill('Contoso pipelines');
    await connectors.save.click();
    await expect(connectors.baseUrl).toBeFocused();
    await expect(connectors.baseUrl).toHaveAccessibleDescription(/Leave the query/);
  });

  await test.step('a name that is taken', async () => {
    watch.expect(/status of 422 .*\/ui\/connectors\/create/);
    await connectors.name.fill(EXAMPLE.connector.toUpperCase());
    await connectors.baseUrl.fill('https://dev.azure.com/contoso/');
    await connectors.timeout.fill('30');
    await connectors.save.click();
    await expect(connectors.name).toHaveAttribute('aria-invalid', 'true');
    await expectAccessible(page);
  });

  await test.step('made', async () => {
    await connectors.name.fill('Contoso pipelines');
    await connectors.save.click();
    await expect(frame.message('Saved Contoso pipelines')).toBeVisible();
    await expect(connectors.row('Contoso pipelines')).toContainText('Not used yet');
    await expect(connectors.dialog).toBeHidden();
  });

  await test.step('changed, at an address of its own', async () => {
    await page.getByRole('link', { name: 'Contoso pipelines' }).click();
    await expect(page).toHaveURL(/\/connectors\?edit=[0-9a-f-]{36}$/);
    await expect(connectors.timeout).toHaveValue('30');
    await connectors.baseUrl.fill('https://dev.azure.com/contoso/pipelines/');
    await connectors.save.click();
    await expect(connectors.row('Contoso pipelines')).toContainText('contoso/pipelines/');
    await expect(connectors.dialog).toBeHidden();
  });

  await test.step('one in use cannot be deleted', async () => {
    await connectors.row(EXAMPLE.connector).getByRole('button', { name: /^Delete/ }).click();
    await expect(page.getByRole('alertdialog')).toContainText('Take it off there first');
    await expectAccessible(page);
    watch.expect(/status of 409 .*\/ui\/connectors\//);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await expect(frame.message(`${EXAMPLE.connector} was not deleted`)).toContainText(EXAMPLE.authorization);
    await expect(connectors.row(EXAMPLE.connector)).toBeVisible();
  });

  await test.step('deleted', async () => {
    await connectors.delete('Contoso pipelines');
    await expect(frame.message('Deleted Contoso pipelines')).toBeVisible();
    await expect(connectors.row('Contoso pipelines')).toBeHidden();
  });
});

test('after a conflict the form is there again with what somebody else saved', async ({ ui, visit, watch }) => {
  const { connectors, frame } = ui;
  await connectors.open();
  await connectors.edit(EXAMPLE.connector);
  await connectors.timeout.fill('20');

  const { connectors: elsewhere } = await visit('ada');
  await elsewhere.open();
  await elsewhere.edit(EXAMPLE.connector);
  await elsewhere.timeout.fill('45');
  await elsewhere.save.click();
  await expect(elsewhere.dialog).toBeHidden();

  watch.expect(/status of 412 .*\/ui\/connectors\/update/);
  await connectors.save.click();
  await expect(connectors.dialog.getByRole('alert')).toContainText('Somebody else changed it meanwhile');
  await connectors.close.click();
  await expect(connectors.dialog).toBeHidden();
  await connectors.edit(EXAMPLE.connector);
  await expect(connectors.timeout).toHaveValue('45');
  await connectors.timeout.fill('20');
  await connectors.save.click();
  await expect(frame.message(`Saved ${EXAMPLE.connector}`)).toBeVisible();
  await expect(connectors.dialog).toBeHidden();
});

test('an authorization with several connectors, one taken off again', async ({ page, ui, api }) => {
  await api.createConnector('Contoso pipelines', 'https://dev.azure.com/contoso/pipelines/');
  const { authorizations, editor } = ui;
  await authorizations.open();
  await authorizations.edit(EXAMPLE.authorization);
  await editor.addConnector('Contoso pipelines');
  await expect(editor.tab('Connectors')).toContainText('2');
  await expectAccessible(page);
  await editor.chosenConnector(EXAMPLE.connector).getByRole('button', { name: /^Remove/ }).click();
  await expect(editor.chosenConnector(EXAMPLE.connector)).toBeHidden();
  await editor.save();
  const stored = await api.authorization(EXAMPLE.authorization);
  expect(stored.connectors).toHaveLength(1);

  await test.step('a connector that two authorizations have is pointed out', async () => {
    await authorizations.open();
    await authorizations.add.click();
    await ui.newAuthorization.choose('Azure DevOps');
    await editor.addConnector('Contoso pipelines');
    await expect(editor.chosenConnector('Contoso pipelines')).toContainText(
      `Also used by ${EXAMPLE.authorization}`,
    );
    await expectAccessible(page);
  });
});
