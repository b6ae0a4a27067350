import type { Page } from '@playwright/test';

/**
 * Waits until the web app has taken over the document that is shown. Before that a page can be read
 * and its plain forms can be sent, but its buttons do nothing.
 */
export async function untilInteractive(page: Page): Promise<void> {
  await page.waitForFunction(() => window.interactive === true);
}
