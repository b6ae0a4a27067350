/** The smaller pages: connectors, publications, API keys, settings. */

import { type Locator, expect } from '@playwright/test';
import { untilInteractive } from './interactive.ts';
import { PageObject } from './page-object.ts';

abstract class ListPage extends PageObject {
  protected abstract readonly path: string;

  async open(): Promise<void> {
    await this.page.goto(this.path);
    await untilInteractive(this.page);
  }

  row(name: string): Locator {
    return this.page.getByRole('row').filter({ hasText: name });
  }

  /** Presses Delete of a row, and again in the question. */
  async delete(name: string): Promise<void> {
    await this.row(name).getByRole('button', { name: `Delete ${name}` }).click();
    const question = this.page.getByRole('alertdialog', { name: `Delete ${name}?` });
    await question.getByRole('button', { name: 'Delete' }).click();
    await expect(question).toBeHidden();
  }
}

export class ConnectorsPage extends ListPage {
  protected readonly path = '/connectors';

  readonly add = this.page.getByRole('link', { name: 'Add', exact: true });
  readonly dialog = this.page.locator('dialog#connector-dialog');
  readonly name = this.dialog.getByLabel('Name');
  readonly baseUrl = this.dialog.getByLabel('Base URL');
  readonly timeout = this.dialog.getByLabel('Timeout in seconds');
  readonly save = this.dialog.getByRole('button', { name: 'Save' });
  readonly close = this.dialog.getByRole('button', { name: 'Close' });

  /** Opens the form of one. */
  async edit(name: string): Promise<void> {
    await this.row(name).getByRole('link', { name, exact: true }).click();
    await expect(this.dialog).toBeVisible();
  }
}

export class PublicationsPage extends ListPage {
  protected readonly path = '/publications';

  entry(number: number): Locator {
    const heading = this.page.getByRole('heading', { name: `Number ${number}`, exact: true });
    return this.page.getByRole('listitem').filter({ has: heading });
  }

  async restore(number: number): Promise<void> {
    await this.entry(number).getByRole('button', { name: `Restore number ${number}` }).click();
    const question = this.page.getByRole('alertdialog', { name: `Restore number ${number}?` });
    await question.getByRole('button', { name: 'Restore' }).click();
  }
}

export class ApiKeysPage extends ListPage {
  protected readonly path = '/api-keys';

  readonly create = this.page.getByRole('button', { name: 'Create', exact: true }).first();
  readonly dialog = this.page.getByRole('dialog', { name: 'Create an API key' });
  readonly name = this.dialog.getByLabel('Name');
  readonly lastDay = this.dialog.getByLabel('Last day');
  readonly submit = this.dialog.getByRole('button', { name: 'Create' });
  /** The new key, while it is shown. */
  readonly key = this.dialog.getByText(/^tky_\S+$/);
  readonly done = this.dialog.getByRole('button', { name: 'Done' });
}

export class SettingsPage extends ListPage {
  protected readonly path = '/settings';

  readonly workspace = this.page.getByLabel('Name', { exact: true });
  readonly rename = this.page.getByRole('button', { name: 'Rename' });
  readonly currentPassword = this.page.getByLabel('Current password');
  readonly newPassword = this.page.getByLabel('New password');
  readonly changePassword = this.page.getByRole('button', { name: 'Change password' });
  readonly signOutEverywhere = this.page.getByRole('button', { name: 'Sign out everywhere' });
}
