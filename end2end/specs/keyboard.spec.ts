/** The main job without a mouse: every stop can be reached, is seen to have the focus, and works. */

import { type Locator, type Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { untilInteractive } from '../support/pages/index.ts';
import { ACCOUNTS, APPS } from '../support/sandbox.ts';
import { PEOPLE } from '../support/tokenry.ts';

/** More stops than any page has. */
const MOST = 150;

class Keyboard {
  constructor(private readonly page: Page) {}

  /** Presses Tab until a control has the focus, and checks that it shows. */
  async reach(target: Locator): Promise<void> {
    await expect(target).toBeVisible();
    for (let pressed = 0; pressed < MOST; pressed += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) {
        expect(await target.evaluate(showsFocus), `${target} shows the focus`).toBe(true);
        return;
      }
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`${target} cannot be reached with Tab`);
  }

  async press(target: Locator, key = 'Enter'): Promise<void> {
    await this.reach(target);
    await this.page.keyboard.press(key);
  }

  async type(target: Locator, text: string): Promise<void> {
    await this.reach(target);
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.type(text);
  }
}

/** An outline, or a shadow in place of one, on the element or on the frame around it. */
function showsFocus(element: Element): boolean {
  const isMarked = (one: Element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
  };
  return isMarked(element) || (element.parentElement !== null && isMarked(element.parentElement));
}

test.use({ signedIn: false });

test('from signing in to publishing', async ({ page, ui, sandbox, api }) => {
  const { signIn, authorizations, newAuthorization, editor, provider, frame } = ui;
  const keyboard = new Keyboard(page);

  await test.step('signing in', async () => {
    await signIn.open();
    await keyboard.type(signIn.email, PEOPLE.ada.email);
    await keyboard.type(signIn.password, PEOPLE.ada.password);
    await page.keyboard.press('Enter');
    await expect(authorizations.heading).toBeVisible();
    await untilInteractive(page);
  });

  await test.step('the first stop skips to the content', async () => {
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main')).toBeFocused();
  });

  await test.step('a new authorization; the focus goes to the new page', async () => {
    await keyboard.press(authorizations.add);
    await expect(newAuthorization.heading).toBeVisible();
    await expect(page.getByRole('main')).toBeFocused();
    await keyboard.press(newAuthorization.card('Azure DevOps'));
    await expect(editor.name).toBeVisible();
    await keyboard.type(editor.name, 'By keyboard');
    await keyboard.type(editor.appId, APPS.entra.clientId);
    await keyboard.type(editor.clientSecret, APPS.entra.secret);
  });

  await test.step('arrow keys move between the tabs', async () => {
    await page.keyboard.press('Shift+Tab');
    await expect(editor.appId).toBeFocused();
    await keyboard.reach(frame.account);
    await keyboard.reach(editor.tab('Settings'));
    await page.keyboard.press('ArrowRight');
    await expect(editor.tab('Connectors')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(editor.tab('Connectors')).toHaveAttribute('aria-selected', 'true');
    await expect(editor.tab('Connectors')).toBeFocused();
  });

  await test.step('a connector in a dialog that gives the focus back', async () => {
    const make = editor.panel.getByRole('button', { name: 'New Advanced REST API connector' });
    await keyboard.press(make);
    const dialog = page.getByRole('dialog', { name: 'New Advanced REST API connector' });
    await expect(dialog.getByLabel('Name')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(make).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.type('Work items API');
    await keyboard.type(dialog.getByLabel('Base URL'), sandbox.url);
    await page.keyboard.press('Enter');
    await expect(editor.chosenConnector('Work items API')).toBeVisible();
  });

  await test.step('scopes', async () => {
    await keyboard.reach(frame.account);
    await keyboard.reach(editor.tab('Connectors'));
    await page.keyboard.press('End');
    await page.keyboard.press(' ');
    await expect(editor.tab('Scopes')).toHaveAttribute('aria-selected', 'true');
    await keyboard.type(editor.findScope, 'vso.work');
    await keyboard.press(editor.scope('vso.work'), ' ');
    await expect(editor.scope('vso.work')).toBeChecked();
  });

  await test.step('consent', async () => {
    await keyboard.reach(frame.account);
    await keyboard.press(editor.authorizeButton);
    await keyboard.press(editor.beforeAuthorize.getByRole('button', { name: /^Continue to / }));
    await expect(provider.pick).toBeVisible();
    await keyboard.press(page.getByRole('button', { name: ACCOUNTS.service }));
    await expect(provider.consent).toBeVisible();
    await keyboard.press(page.getByRole('button', { name: 'Accept' }));
    await editor.expectReturn('done');
  });

  await test.step('save and publish', async () => {
    await keyboard.press(editor.saveButton);
    await editor.expectSaved();
    await keyboard.press(frame.publishButton);
    await expect(frame.publishPanel).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(frame.publishPanel).toBeHidden();
    await expect(frame.publishButton).toBeFocused();
    await page.keyboard.press('Enter');
    await keyboard.press(frame.publishPanel.getByRole('button', { name: 'Publish' }));
    await expect(frame.message('Published as number 1')).toBeVisible();
  });

  const { id } = await api.authorization('By keyboard');
  expect((await api.token(id)).status).toBe(200);
});
