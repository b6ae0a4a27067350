/** What is around every page of a signed-in person: navigation, Publish, account, messages. */

import { type Locator, expect } from '@playwright/test';
import { untilInteractive } from './interactive.ts';
import { PageObject } from './page-object.ts';

export type PageName = 'Authorizations' | 'Connectors' | 'Publications' | 'API keys' | 'Settings';

export class Frame extends PageObject {
  readonly header = this.page.getByRole('banner');
  readonly account = this.header.getByRole('button', { name: 'Account' });
  readonly accountMenu = this.page.locator('#account-menu');
  readonly messages = this.page.getByRole('region', { name: 'Messages' });
  readonly publishButton = this.header.getByRole('button', { name: /^Publish/ });
  readonly publishPanel = this.page.getByRole('dialog', { name: 'Publish' });
  readonly connection = this.page.getByText('The server cannot be reached.', { exact: true });

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { level: 1, name });
  }

  /** Follows the navigation. */
  async goTo(name: PageName): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
    await expect(this.heading(name)).toBeVisible();
  }

  /** Loads an address. */
  async load(path: string): Promise<void> {
    await this.page.goto(path);
    await untilInteractive(this.page);
  }

  /** A message at the edge of the page. */
  message(title: string | RegExp): Locator {
    return this.messages.locator('.toast').filter({ hasText: title });
  }

  async signOut(): Promise<void> {
    await this.account.click();
    await this.accountMenu.getByRole('button', { name: 'Sign out', exact: true }).click();
  }

  async openPublish(): Promise<void> {
    await this.publishButton.click();
    await expect(this.publishPanel).toBeVisible();
  }

  /** Answers the pop-over; how it went is a message. */
  async confirmPublish(): Promise<void> {
    await this.publishPanel.getByRole('button', { name: 'Publish' }).click();
  }

  async publish(): Promise<void> {
    await this.openPublish();
    await this.confirmPublish();
    await expect(this.publishPanel).toBeHidden();
    await expect(this.publishButton).toHaveText('Published');
  }
}
