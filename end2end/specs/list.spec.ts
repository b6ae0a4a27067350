/** The list of authorizations, searched as one types. */

import { expect, test } from '../support/fixtures.ts';
import { EXAMPLE } from '../support/story.ts';

test('the space between two words stays in the search field', async ({ page, ui }) => {
  const { authorizations } = ui;
  await authorizations.open();
  await authorizations.search.pressSequentially('contoso ');
  // By then the pause after typing is over, and the field shows what the address says.
  await expect(page).toHaveURL(/search=contoso(%20|\+)$/);
  await expect(authorizations.search).toHaveValue('contoso ');
  await authorizations.search.pressSequentially('work');
  await expect(page).toHaveURL(/search=contoso(%20|\+)work$/);
  await expect(authorizations.search).toHaveValue('contoso work');
  await expect(authorizations.row(EXAMPLE.authorization)).toBeVisible();
});
