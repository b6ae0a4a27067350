/** Every page fits a small phone and a large monitor, in light and in dark. */

import { expect, test } from '../support/fixtures.ts';
import { expectAccessible, expectToFit } from '../support/looks.ts';
import { untilInteractive } from '../support/pages/index.ts';
import { servedExample } from '../support/story.ts';

const SCREENS = [
  { what: 'a phone', viewport: { width: 320, height: 640 } },
  { what: 'a large monitor', viewport: { width: 1920, height: 1080 } },
];

/** A name nobody would choose, and that the form allows. */
const LONG = `${'Contoso-'.repeat(11)}work-items`;

for (const { what, viewport } of SCREENS) {
  test.describe(`on ${what}`, () => {
    test.use({ viewport });

    test('the pages', async ({ page, ui, api, sandbox }) => {
      test.slow();
      const { id } = await servedExample(api, sandbox);
      await api.createConnector(LONG, `https://dev.azure.com/${'contoso'.repeat(20)}/`);
      await api.patchAuthorization(id, { name: LONG });
      const pages = [
        '/overview',
        '/authorizations',
        '/authorizations?search=nothing-like-it',
        '/authorizations?inactive=true',
        '/authorizations/new',
        `/authorizations/${id}/settings`,
        `/authorizations/${id}/connectors`,
        `/authorizations/${id}/scopes`,
        '/connectors',
        '/connectors?edit=new',
        '/publications',
        '/notifications',
        '/api-keys',
        '/settings',
        '/connect/done?flow=done',
      ];
      for (const path of pages) {
        await test.step(path, async () => {
          await page.goto(path);
          await untilInteractive(page);
          await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
          await expectToFit(page);
          await expectAccessible(page);
        });
      }

      await test.step('the publish pop-over', async () => {
        await ui.authorizations.open();
        await ui.frame.openPublish();
        await expectToFit(page);
        await expectAccessible(page);
        await page.keyboard.press('Escape');
      });
    });

    test('the front pages', async ({ page, visit, watch }) => {
      const { page: outside, signIn } = await visit();
      await outside.setViewportSize(viewport);
      await signIn.open();
      await expectToFit(outside);
      await expectAccessible(outside);
      watch.expect(/status of 40\d /);
      for (const path of ['/setup?token=none', '/nothing/here', '/callback/azure-devops']) {
        await outside.goto(path);
        await expect(outside.getByRole('heading', { level: 1 })).toBeVisible();
        await expectToFit(outside);
        await expectAccessible(outside);
      }
      await page.close();
    });
  });
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 320, height: 640 } });

  test('the navigation is behind a button', async ({ page, ui }) => {
    await ui.authorizations.open();
    const menu = page.getByRole('navigation', { name: 'Menu' });
    await menu.getByText('Authorizations').first().click();
    await expect(menu.getByRole('link', { name: 'API keys' })).toBeVisible();
    await expectToFit(page);
    await expectAccessible(page);
    await menu.getByRole('link', { name: 'API keys' }).click();
    await expect(ui.frame.heading('API keys')).toBeVisible();
    await expect(menu.getByRole('link', { name: 'API keys' })).toBeHidden();
  });
});
