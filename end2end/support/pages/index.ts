/** All page objects of one browser tab. A new page of the app gets a line here. */

import type { Page } from '@playwright/test';
import { AuthorizationsPage, NewAuthorizationPage } from './authorizations.ts';
import { EditorPage } from './editor.ts';
import { Frame } from './frame.ts';
import { NoticePage, SetupPage, SignInPage } from './front.ts';
import { ApiKeysPage, ConnectorsPage, PublicationsPage, SettingsPage } from './lists.ts';
import { NotificationsPage } from './notifications.ts';
import { ProviderPage } from './provider.ts';

export { untilInteractive } from './interactive.ts';

export class Ui {
  readonly frame: Frame;
  readonly signIn: SignInPage;
  readonly setup: SetupPage;
  readonly notice: NoticePage;
  readonly authorizations: AuthorizationsPage;
  readonly newAuthorization: NewAuthorizationPage;
  readonly editor: EditorPage;
  readonly provider: ProviderPage;
  readonly connectors: ConnectorsPage;
  readonly publications: PublicationsPage;
  readonly apiKeys: ApiKeysPage;
  readonly settings: SettingsPage;
  readonly notifications: NotificationsPage;

  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    this.frame = new Frame(page);
    this.signIn = new SignInPage(page);
    this.setup = new SetupPage(page);
    this.notice = new NoticePage(page);
    this.authorizations = new AuthorizationsPage(page);
    this.newAuthorization = new NewAuthorizationPage(page);
    this.editor = new EditorPage(page);
    this.provider = new ProviderPage(page);
    this.connectors = new ConnectorsPage(page);
    this.publications = new PublicationsPage(page);
    this.apiKeys = new ApiKeysPage(page);
    this.settings = new SettingsPage(page);
    this.notifications = new NotificationsPage(page);
  }
}
