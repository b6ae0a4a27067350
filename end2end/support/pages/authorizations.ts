/** The list of authorizations, and the choice of a provider for a new one. */

import { type Locator, expect } from '@playwright/test';
import { untilInteractive } from './interactive.ts';
import { PageObject } from './page-object.ts';

export class AuthorizationsPage extends PageObject {
  readonly heading = this.page.getByRole('heading', { level: 1, name: 'Authorizations' });
  readonly search = this.page.getByLabel('Search by name');
  readonly add = this.page.getByRole('link', { name: 'Add', exact: true });
  readonly showInactive = this.page.getByRole('button', { name: 'Show inactive' });
  readonly showActive = this.page.getByRole('button', { name: 'Show active' });

  async open(): Promise<void> {
    await this.page.goto('/authorizations');
    await untilInteractive(this.page);
    await expect(this.heading).toBeVisible();
  }

  row(name: string): Locator {
    const cell = this.page.getByRole('link', { name, exact: true });
    return this.page.getByRole('row').filter({ has: cell });
  }

  /** Opens the editor of one. */
  async edit(name: string): Promise<void> {
    await this.row(name).getByRole('link', { name, exact: true }).click();
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible();
  }

  async deactivate(name: string): Promise<void> {
    await this.row(name).getByRole('button', { name: `Deactivate ${name}` }).click();
    const question = this.page.getByRole('alertdialog', { name: `Deactivate ${name}?` });
    await question.getByRole('button', { name: 'Deactivate' }).click();
  }

  async activate(name: string): Promise<void> {
    await this.row(name).getByRole('button', { name: `Activate ${name}` }).click();
  }
}

export class NewAuthorizationPage extends PageObject {
  readonly heading = this.page.getByRole('heading', { level: 1, name: 'New authorization' });

  card(provider: string): Locator {
    const name = this.page.getByText(provider, { exact: true });
    return this.page.getByRole('button').filter({ has: name });
  }

  /** Chooses a provider; its editor opens with an empty form. */
  async choose(provider: string): Promise<void> {
    await expect(this.heading).toBeVisible();
    await this.card(provider).click();
    await this.page.waitForURL(/\/authorizations\/[0-9a-f-]{36}\/settings$/);
    await expect(this.page.getByLabel('Name', { exact: true })).toBeVisible();
  }
}
