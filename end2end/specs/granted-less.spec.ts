/** The provider grants less than was asked for (S13). */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';
import { ACCOUNTS } from '../support/sandbox.ts';
import { EXAMPLE } from '../support/story.ts';

test('S13: what is missing is shown, before and after saving', async ({ page, ui, sandbox }) => {
  const { authorizations, editor, provider } = ui;
  await sandbox.behave({ withheld_scopes: ['vso.work'] });
  await authorizations.open();
  await authorizations.edit(EXAMPLE.authorization);
  await editor.authorize();
  await provider.consentAs(ACCOUNTS.service);
  await editor.expectReturn('done');
  const notice = editor.notice('Granted is not what was asked for');
  await expect(notice).toContainText('Missing: vso.work');
  await expectAccessible(page);
  await editor.save();
  await editor.reload();
  await expect(notice).toContainText('Missing: vso.work');
});
