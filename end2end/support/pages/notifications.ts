/** The bell, the notification centre, and the channels in the settings. */

import { type Locator, expect } from '@playwright/test';
import { untilInteractive } from './interactive.ts';
import { PageObject } from './page-object.ts';

export class NotificationsPage extends PageObject {
  readonly bell = this.page.getByRole('banner').getByRole('link', { name: /^Notifications/ });
  readonly entries = this.page.locator('ol.notifications').getByRole('listitem');
  readonly markAll = this.page.getByRole('button', { name: 'Mark all as read' });

  readonly add = this.page.getByRole('button', { name: 'Add e-mail or webhook' });
  readonly dialog = this.page.getByRole('dialog', { name: 'Send notifications to' });
  readonly by = this.dialog.getByLabel('By');
  readonly address = this.dialog.getByLabel('Address');
  readonly url = this.dialog.getByLabel('URL');
  readonly submit = this.dialog.getByRole('button', { name: 'Add', exact: true });
  /** The new signing secret, while it is shown. */
  readonly secret = this.dialog.getByText(/^whsec_\S+$/);
  readonly done = this.dialog.getByRole('button', { name: 'Done' });
  readonly log = this.page.getByRole('table', { name: 'Sent lately' });
  readonly loadMore = this.page.getByRole('button', { name: 'Load more' });

  async open(): Promise<void> {
    await this.page.goto('/notifications');
    await untilInteractive(this.page);
  }

  async openChannels(): Promise<void> {
    await this.page.goto('/settings');
    await untilInteractive(this.page);
  }

  channel(target: string): Locator {
    return this.page.locator('ul.channels').getByRole('listitem').filter({ hasText: target });
  }

  async test(target: string): Promise<void> {
    await this.channel(target).getByRole('button', { name: `Test ${target}` }).click();
  }

  /** Presses Delete of a channel; what is asked then. */
  async askToDelete(target: string): Promise<Locator> {
    await this.channel(target).getByRole('button', { name: `Delete ${target}` }).click();
    const question = this.page.getByRole('alertdialog', { name: `Delete ${target}?` });
    await expect(question).toBeVisible();
    return question;
  }

  async delete(target: string): Promise<void> {
    const question = await this.askToDelete(target);
    await question.getByRole('button', { name: 'Delete' }).click();
    await expect(question).toBeHidden();
  }
}
