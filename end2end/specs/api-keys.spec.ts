/** API keys: shown once, good for what they were made for, gone when deleted (S22). */

import { Api } from '../support/api.ts';
import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';

test('S22: a key is shown once and works until it is deleted', async ({ page, ui, tokenry }) => {
  const { apiKeys, frame } = ui;
  await apiKeys.open();
  await expect(apiKeys.row('Nightly import')).toContainText('tokens:read');
  await expectAccessible(page);

  await test.step('mistakes are told beside their fields', async () => {
    await apiKeys.create.click();
    await expect(apiKeys.name).toBeFocused();
    await apiKeys.dialog.getByRole('checkbox', { name: 'Read access tokens of published' }).uncheck();
    await apiKeys.submit.click();
    await expect(apiKeys.name).toHaveAccessibleDescription(/Give it a name/);
    await expect(apiKeys.dialog).toContainText('Choose at least one thing');
    await expectAccessible(page);
  });

  await test.step('a day that is half typed is no key for ever', async () => {
    await apiKeys.name.fill('Sprint report program');
    await apiKeys.dialog.getByRole('checkbox', { name: 'Read and change authorizations' }).check();
    await apiKeys.lastDay.pressSequentially('31');
    await expect(apiKeys.lastDay).toHaveValue('');
    await apiKeys.submit.click();
    await expect(apiKeys.lastDay).toHaveAccessibleDescription(/Fill in day, month and year/);
    await expect(apiKeys.lastDay).toBeFocused();
    await expectAccessible(page);
    await apiKeys.lastDay.fill('2099-12-31');
  });

  const key = await test.step('made and shown', async () => {
    await apiKeys.submit.click();
    await expect(apiKeys.key).toBeVisible();
    await expectAccessible(page);
    const shown = await apiKeys.key.innerText();
    await apiKeys.dialog.getByRole('button', { name: 'Copy API key' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
    return shown;
  });

  const program = new Api(tokenry.url, key);
  await test.step('it does what it was made for and nothing else', async () => {
    expect((await program.ask('GET', '/authorizations')).status).toBe(200);
    expect((await program.ask('POST', '/publish')).status).toBe(403);
  });

  await test.step('it is never shown again', async () => {
    await apiKeys.done.click();
    await expect(apiKeys.dialog).toBeHidden();
    await expect(apiKeys.row('Sprint report program')).toContainText(`${key.slice(0, 8)}…`);
    expect(await page.content()).not.toContain(key);
    await apiKeys.open();
    await expect(apiKeys.row('Sprint report program')).toContainText('ada@contoso.example');
    expect(await page.content()).not.toContain(key);
    await expectAccessible(page);
  });

  await test.step('deleted, it is refused', async () => {
    await apiKeys.delete('Sprint report program');
    await expect(frame.message('Deleted Sprint report program')).toBeVisible();
    await expect(apiKeys.row('Sprint report program')).toBeHidden();
    expect((await program.ask('GET', '/authorizations')).status).toBe(401);
  });
});
