/** People are told when something needs them: by the bell, by e-mail, by a signed webhook. */

import { expect, test as base } from '../support/fixtures.ts';
import { expectAccessible, expectToFit } from '../support/looks.ts';
import { Hook, MailServer, isSigned } from '../support/receivers.ts';
import { EXAMPLE, consent, servedExample } from '../support/story.ts';

const OPS = 'ops@contoso.example';

/** A Tokenry that may send: to a mail server and a webhook of the test's own. */
const test = base.extend<{ mail: MailServer; hook: Hook }>({
  mail: async ({}, use) => {
    const mail = await MailServer.start();
    await use(mail);
    await mail.close();
  },
  hook: async ({}, use) => {
    const hook = await Hook.start();
    await use(hook);
    await hook.close();
  },
  server: async ({ mail, hook }, use) => {
    await use({ egress: [hook.origin], mailPort: mail.port });
  },
});

test('a disabled account is told once, everywhere, with what depends on it', async ({
  page, ui, api, sandbox, mail, hook, watch,
}) => {
  test.slow();
  const { notifications, frame } = ui;
  const target = `${hook.origin}/tokenry`;

  await test.step('an address for e-mail', async () => {
    await notifications.openChannels();
    await notifications.add.click();
    await notifications.address.fill('nobody');
    await notifications.submit.click();
    await expect(notifications.address).toHaveAccessibleDescription(/Enter an e-mail address/);
    await expectAccessible(page);
    await notifications.address.fill(OPS);
    await notifications.submit.click();
    await expect(frame.message(`Added ${OPS}`)).toBeVisible();
    await expect(notifications.channel(OPS)).toContainText('Nothing was sent yet');
    await notifications.test(OPS);
    await expect(frame.message('The test arrived')).toBeVisible();
    expect(mail.messages.map(({ to }) => to)).toEqual([[OPS]]);
  });

  const secret = await test.step('S24: a webhook, not just anywhere', async () => {
    await notifications.add.click();
    await notifications.by.selectOption('Webhook');
    await notifications.url.fill('http://169.254.169.254/latest/');
    watch.expect(/status of 422 .*\/ui\/notifications\/add-channel/);
    await notifications.submit.click();
    await expect(notifications.url).toHaveAccessibleDescription(/does not send there/);
    await notifications.url.fill(target);
    await notifications.submit.click();
    await expect(notifications.secret).toBeVisible();
    await expectAccessible(page);
    const shown = await notifications.secret.innerText();
    await notifications.dialog.getByRole('button', { name: 'Copy signing secret' }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
    await notifications.done.click();
    return shown;
  });

  await test.step('a test that does not arrive says why', async () => {
    hook.status = 500;
    await notifications.test(target);
    await expect(frame.message('The test did not arrive')).toContainText('answered 500');
    hook.status = 204;
    await expect(notifications.log.getByRole('row').filter({ hasText: target })).toContainText('Given up');
    expect(hook.posted.every((posted) => isSigned(posted, secret))).toBe(true);
  });

  const { id } = await servedExample(api, sandbox);
  await ui.authorizations.open();
  await expect(notifications.bell).toHaveAccessibleName('Notifications');
  await sandbox.account('service', { active: false });
  await api.ask('POST', `/authorizations/${id}/refresh`);

  await test.step('the bell rings on the open page', async () => {
    await expect(notifications.bell).toHaveAccessibleName('Notifications, 1 unread');
    await expectAccessible(page);
  });

  await test.step('the page says what happened and what to do', async () => {
    await notifications.bell.click();
    await expect(frame.heading('Notifications')).toBeVisible();
    await expect(notifications.entries).toHaveCount(1);
    const entry = notifications.entries.first();
    await expect(entry).toContainText(`${EXAMPLE.authorization}: authorization cancelled (account disabled)`);
    await expect(entry).toContainText(`Connectors that depend on it: ${EXAMPLE.connector}`);
    await expect(entry).toContainText(/What to do: .*publish/);
    await expect(entry).toContainText('Unread');
    await expectAccessible(page);
    await expectToFit(page);
  });

  await test.step('it was sent, once, and signed', async () => {
    await expect.poll(() => mail.messages.length).toBe(2);
    const message = mail.messages[1]?.raw.replaceAll('=\r\n', '') ?? '';
    expect(message).toContain('Subject: [Tokenry] Contoso work items: authorization cancelled');
    expect(message).toContain(`- ${EXAMPLE.connector}`);
    await expect.poll(() => hook.posted.length).toBe(2);
    const posted = hook.posted[1];
    if (posted === undefined) {
      throw new Error('nothing was posted');
    }
    expect(isSigned(posted, secret)).toBe(true);
    expect(isSigned({ ...posted, body: `${posted.body} ` }, secret)).toBe(false);
    expect(JSON.parse(posted.body)).toMatchObject({
      type: 'authorization.cancelled',
      data: { connectors: [EXAMPLE.connector], authorization: { id } },
    });
  });

  await test.step('read, the bell is quiet, on the next page too', async () => {
    await notifications.markAll.click();
    await expect(notifications.bell).toHaveAccessibleName('Notifications');
    await expect(notifications.markAll).toBeDisabled();
    await expect(notifications.entries.first()).not.toContainText('Unread');
    await notifications.open();
    await expect(notifications.bell).toHaveAccessibleName('Notifications');
  });

  await test.step('it leads to the authorization, and a new consent is told as well', async () => {
    await page.getByRole('link', { name: `Open ${EXAMPLE.authorization}` }).click();
    await ui.editor.expectStatus('Not authorized', 'account disabled');
    await sandbox.account('service', { active: true });
    await consent(api, sandbox, id);
    await expect(notifications.bell).toHaveAccessibleName('Notifications, 1 unread');
    await notifications.open();
    await expect(notifications.entries.first()).toContainText(`${EXAMPLE.authorization} works again`);
  });

  await test.step('the log says what arrived', async () => {
    await notifications.openChannels();
    const arrived = notifications.log.getByRole('row').filter({ hasText: 'works again' });
    await expect(arrived.filter({ hasText: 'Arrived' })).toHaveCount(2);
    await expectAccessible(page);
    await notifications.delete(target);
    await expect(frame.message(`Deleted ${target}`)).toBeVisible();
    await expect(notifications.channel(target)).toBeHidden();
    await expect(notifications.log.getByRole('row').filter({ hasText: target })).toBeHidden();
  });
});

test('news close no question and fold no list', async ({ ui, api }) => {
  const { notifications, frame } = ui;
  const { id } = await api.do<{ id: string }>('POST', '/notification-channels', {
    kind: 'email',
    target: OPS,
  });
  const news = () => api.do('POST', `/notification-channels/${id}/test`);
  await notifications.openChannels();

  await test.step('a question that is open', async () => {
    const question = await notifications.askToDelete(OPS);
    await expect(question).toHaveAccessibleDescription(/its deliveries disappear from the log/);
    await news();
    await expect(notifications.channel(OPS)).toContainText('The last message arrived');
    await expect(question).toBeVisible();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await expect(question).toBeHidden();
  });

  await test.step('a log that was unfolded', async () => {
    for (let sent = 1; sent < 25; sent += 1) {
      await news();
    }
    await notifications.openChannels();
    const lines = notifications.log.getByRole('row').filter({ hasText: OPS });
    await expect(lines).toHaveCount(20);
    await notifications.loadMore.click();
    await expect(lines).toHaveCount(25);
    await expect(notifications.loadMore).toBeHidden();
    await news();
    // The oldest one makes room: that is how to see that it was read again.
    await expect(notifications.loadMore).toBeVisible();
    await expect(lines).toHaveCount(25);
    await notifications.loadMore.click();
    await expect(lines).toHaveCount(26);
  });

  await test.step('deleted all the same', async () => {
    await notifications.delete(OPS);
    await expect(frame.message(`Deleted ${OPS}`)).toBeVisible();
    await expect(notifications.channel(OPS)).toBeHidden();
    await expect(notifications.log).toBeHidden();
  });
});

base('with nothing to tell and no mail server, both are said', async ({ page, ui, watch }) => {
  const { notifications } = ui;
  await notifications.open();
  await expect(page.getByRole('heading', { name: 'Nothing to tell' })).toBeVisible();
  await expect(notifications.markAll).toBeDisabled();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'E-mail and webhooks' }).click();
  await expect(page.getByRole('heading', { name: 'Notifications', level: 2 })).toBeVisible();
  await notifications.add.click();
  await notifications.address.fill(OPS);
  watch.expect(/status of 422 .*\/ui\/notifications\/add-channel/);
  await notifications.submit.click();
  await expect(notifications.address).toHaveAccessibleDescription(/section \[smtp\]/);
  await expectAccessible(page);
});
