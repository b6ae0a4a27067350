/** The pages in front of the application. */

import { expect } from '@playwright/test';
import { untilInteractive } from './interactive.ts';
import { PageObject } from './page-object.ts';

export class SignInPage extends PageObject {
  readonly heading = this.page.getByRole('heading', { level: 1, name: 'Sign in' });
  readonly email = this.page.getByLabel('E-mail');
  readonly password = this.page.getByLabel('Password');
  readonly refusal = this.page.getByRole('alert');

  async open(): Promise<void> {
    await this.page.goto('/sign-in');
    await untilInteractive(this.page);
  }

  async signIn({ email, password }: { email: string; password: string }): Promise<void> {
    await this.email.fill(email);
    await this.password.fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }
}

export class SetupPage extends PageObject {
  readonly heading = this.page.getByRole('heading', { level: 1, name: 'Set up Tokenry' });
  readonly spent = this.page.getByRole('heading', { name: 'This setup link does not work' });
  readonly email = this.page.getByLabel('E-mail');
  readonly password = this.page.getByLabel('Password');

  async open(link: string): Promise<void> {
    await this.page.goto(link);
    await untilInteractive(this.page);
  }

  async fill(of: { email: string; name: string; password: string; workspace: string }): Promise<void> {
    await this.email.fill(of.email);
    await this.page.getByLabel('Your name').fill(of.name);
    await this.password.fill(of.password);
    await this.page.getByLabel('Workspace name').fill(of.workspace);
  }

  async submit(): Promise<void> {
    await this.page.getByRole('button', { name: 'Create administrator' }).click();
  }
}

/** What the server says by itself when a consent cannot be continued. */
export class NoticePage extends PageObject {
  async expect(text: RegExp): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(this.page.getByRole('main')).toContainText(text);
    await expect(this.page.getByRole('link', { name: 'Back to Tokenry' })).toBeVisible();
  }
}
