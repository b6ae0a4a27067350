/** The editor of one authorization. */

import { type Locator, expect } from '@playwright/test';
import { untilInteractive } from './interactive.ts';
import { PageObject } from './page-object.ts';

export type TabName = 'Settings' | 'Connectors' | 'Scopes';

export class EditorPage extends PageObject {
  readonly title = this.page.getByRole('heading', { level: 1 });
  readonly bar = this.page.getByRole('region', { name: 'Status and actions' });
  readonly panel = this.page.getByRole('tabpanel');

  readonly name = this.page.getByLabel('Name', { exact: true });
  readonly appId = this.page.getByLabel('App ID', { exact: true });
  readonly clientSecret = this.page.getByLabel(/^Client secret( \(optional\))?$/);
  readonly secretExpiry = this.page.getByLabel('Client secret expires on');
  readonly tenant = this.page.getByLabel('Tenant');
  readonly redirectUri = this.page.getByLabel('Redirect URI');

  readonly authorizeButton = this.bar.getByRole('button', { name: /^(Authorize|Re-authorize)$/ });
  readonly deauthorizeButton = this.bar.getByRole('button', { name: 'Deauthorize' });
  readonly saveButton = this.bar.getByRole('button', { name: 'Save' });
  readonly discardButton = this.bar.getByRole('button', { name: 'Discard draft' });

  readonly beforeAuthorize = this.page.getByRole('dialog', { name: /^Before you (re-)?authorize$/ });
  readonly leaveQuestion = this.page.getByRole('alertdialog', { name: 'You have unsaved edits' });
  readonly conflict = this.page.getByRole('dialog', { name: 'Somebody else saved meanwhile' });
  readonly errorSummary = this.page.getByRole('alert').filter({ hasText: /needs? your attention/ });
  readonly publishNeeded = this.panelFreeText('Publish needed');

  /** The id that the address names. */
  get id(): string {
    const id = /\/authorizations\/([0-9a-f-]{36})/.exec(this.page.url())?.[1];
    if (id === undefined) {
      throw new Error(`${this.page.url()} is no editor`);
    }
    return id;
  }

  async open(id: string, tab: Lowercase<TabName> = 'settings'): Promise<void> {
    await this.page.goto(`/authorizations/${id}/${tab}`);
    await untilInteractive(this.page);
    await expect(this.bar).toBeVisible();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await untilInteractive(this.page);
  }

  tab(name: TabName): Locator {
    return this.page.getByRole('tab', { name: new RegExp(`^${name}`) });
  }

  async openTab(name: TabName): Promise<void> {
    await this.tab(name).click();
    await expect(this.tab(name)).toHaveAttribute('aria-selected', 'true');
  }

  async fillSettings(of: { name: string; appId: string; secret: string }): Promise<void> {
    await this.openTab('Settings');
    await this.name.fill(of.name);
    await this.appId.fill(of.appId);
    await this.clientSecret.fill(of.secret);
  }

  /** Puts an existing connector on the list. */
  async addConnector(name: string): Promise<void> {
    await this.openTab('Connectors');
    const picker = this.panel.getByRole('combobox', { name: 'Connector' });
    await picker.selectOption({ label: `${name} (Advanced REST API)` });
    await this.panel.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(this.chosenConnector(name)).toBeVisible();
  }

  /** Makes a connector in place; it is put on the list. */
  async createConnector(name: string, baseUrl: string): Promise<void> {
    await this.openTab('Connectors');
    await this.panel.getByRole('button', { name: 'New Advanced REST API connector' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'New Advanced REST API connector' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('Base URL').fill(baseUrl);
    await dialog.getByRole('button', { name: 'Create and add' }).click();
    await expect(this.chosenConnector(name)).toBeVisible();
  }

  chosenConnector(name: string): Locator {
    const list = this.page.getByRole('list', { name: 'Chosen connectors' });
    return list.getByRole('listitem').filter({ hasText: name });
  }

  /** The checkbox of a scope of the catalogue. */
  scope(code: string): Locator {
    const end = code.replaceAll('.', '\\.');
    return this.panel.getByRole('checkbox', { name: new RegExp(`(^|\\s)${end}$`) });
  }

  readonly findScope = this.page.getByLabel('Find a scope');
  readonly customScope = this.page.getByLabel('Custom scope');
  readonly scopeSummary = this.page.getByRole('complementary', { name: /^Chosen: / });

  async chooseScopes(...codes: string[]): Promise<void> {
    await this.openTab('Scopes');
    for (const code of codes) {
      await this.findScope.fill(code);
      // One that a chosen scope contains is ticked and cannot be chosen.
      await expect(this.scope(code)).toBeEnabled();
      await this.scope(code).check();
    }
    await this.findScope.fill('');
  }

  async addCustomScope(text: string): Promise<void> {
    await this.customScope.fill(text);
    await this.panel.getByRole('button', { name: 'Add', exact: true }).click();
  }

  async expectStatus(status: 'Authorized' | 'Not authorized', more?: string | RegExp): Promise<void> {
    await expect(this.bar.getByText(status, { exact: true })).toBeVisible();
    if (more !== undefined) {
      await expect(this.bar).toContainText(more);
    }
  }

  /** Leaves for the provider; what it shows is another page object's. */
  async authorize(): Promise<void> {
    await this.authorizeButton.click();
    await expect(this.beforeAuthorize).toBeVisible();
    await this.beforeAuthorize.getByRole('button', { name: /^Continue to / }).click();
  }

  /** The browser is back from the provider. */
  async expectReturn(outcome: 'done' | 'failed'): Promise<void> {
    await this.page.waitForURL(new RegExp(`/authorizations/[0-9a-f-]{36}/\\w+\\?flow=${outcome}$`));
    await untilInteractive(this.page);
  }

  /** What stands above the form: a result, a warning. */
  notice(title: string): Locator {
    return this.page.locator('.banner').filter({ hasText: title });
  }

  async save(): Promise<void> {
    await this.saveButton.click();
    await this.expectSaved();
  }

  async expectSaved(): Promise<void> {
    await expect(this.bar.getByText('All saved')).toBeVisible();
    await expect(this.saveButton).toBeDisabled();
  }

  async expectDraftKept(): Promise<void> {
    await expect(this.bar.getByText('Unsaved edits · kept as a draft')).toBeVisible();
  }

  async deauthorize(): Promise<void> {
    await this.deauthorizeButton.click();
    const question = this.page.getByRole('alertdialog', { name: 'Deauthorize?' });
    await question.getByRole('button', { name: 'Deauthorize' }).click();
    await expect(question).toBeHidden();
  }

  private panelFreeText(text: string): Locator {
    return this.page.getByRole('main').getByText(text, { exact: true });
  }
}
