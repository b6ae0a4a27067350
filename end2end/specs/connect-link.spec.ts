/** A connect link: somebody else consents, in their own browser, without an account here. */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/looks.ts';
import { ACCOUNTS } from '../support/sandbox.ts';
import { EXAMPLE } from '../support/story.ts';

test('somebody without an account consents over a link, once', async ({ ui, api, visit, watch }) => {
  const { id } = await api.authorization(EXAMPLE.authorization);
  const link = () => api.do<{ connect_url: string }>('POST', `/authorizations/${id}/connect`);
  const { connect_url: url } = await link();

  const owner = await visit();
  await test.step('the link leads straight to the provider and back to a word of thanks', async () => {
    await owner.page.goto(url);
    await owner.provider.consentAs(ACCOUNTS.service);
    await owner.page.waitForURL(/\/connect\/done\?/);
    await expect(owner.page.getByRole('heading', { level: 1 })).toHaveText('You are done');
    await expectAccessible(owner.page);
  });

  await test.step('whoever sent it sees the account', async () => {
    await ui.editor.open(id);
    await ui.editor.expectStatus('Authorized', ACCOUNTS.service);
    expect((await api.authorization(EXAMPLE.authorization)).status).toBe('authorized');
  });

  await test.step('a second use is refused', async () => {
    watch.expect(/status of 400 .*\/connect\//);
    await owner.page.goto(url);
    await owner.notice.expect(/expired or was used/);
    await expectAccessible(owner.page);
  });
});

test('a link that is declined changes nothing', async ({ api, visit }) => {
  const { id } = await api.authorization(EXAMPLE.authorization);
  const link = await api.do<{ connect_url: string }>('POST', `/authorizations/${id}/connect`);
  const owner = await visit();
  await owner.page.goto(link.connect_url);
  await owner.provider.signIn(ACCOUNTS.service);
  await owner.provider.decline();
  await owner.page.waitForURL(/\/connect\/done\?/);
  await expect(owner.page.getByRole('heading', { level: 1 })).not.toHaveText('You are done');
  await expectAccessible(owner.page);
  expect((await api.authorization(EXAMPLE.authorization)).status).toBe('not_authorized');
});

test('S2: the link binds the consent to the browser that opened it', async ({ api, visit, sandbox, watch }) => {
  const { id } = await api.authorization(EXAMPLE.authorization);
  const link = await api.do<{ connect_url: string }>('POST', `/authorizations/${id}/connect`);
  const owner = await visit();
  const asked = owner.page.waitForRequest(/\/oauth2\/v2\.0\/authorize\?/);
  await owner.page.goto(link.connect_url);
  const callback = await sandbox.decide((await asked).url(), 'service', 'accept');

  watch.expect(/status of 400 .*\/callback\//);
  const attacker = await visit();
  await attacker.page.goto(callback);
  await attacker.notice.expect(/another browser/);
  expect((await sandbox.ledger()).totals.requests).toBe(0);
});
