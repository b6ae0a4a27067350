/** The sandbox's own pages: what a person sees at the provider. */

import { expect } from '@playwright/test';
import { PageObject } from './page-object.ts';

export class ProviderPage extends PageObject {
  readonly pick = this.page.getByRole('heading', { name: 'Pick an account' });
  readonly consent = this.page.getByRole('heading', { name: 'Permissions requested' });
  readonly refusal = this.page.getByRole('alert');

  async signIn(email: string): Promise<void> {
    await expect(this.pick).toBeVisible();
    await this.page.getByRole('button', { name: email }).click();
  }

  async expectConsent(app: string, scopes: readonly string[]): Promise<void> {
    await expect(this.consent).toBeVisible();
    await expect(this.page.getByText(`${app} would like to:`)).toBeVisible();
    const permissions = this.page.getByRole('list', { name: 'Permissions' });
    for (const scope of scopes) {
      await expect(permissions.getByText(scope, { exact: true })).toBeVisible();
    }
  }

  async accept(): Promise<void> {
    await this.page.getByRole('button', { name: 'Accept' }).click();
  }

  async decline(): Promise<void> {
    await this.page.getByRole('button', { name: 'Decline' }).click();
  }

  /** The whole trip. */
  async consentAs(email: string): Promise<void> {
    await this.signIn(email);
    await expect(this.consent).toBeVisible();
    await this.accept();
  }
}
