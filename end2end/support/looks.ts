/** How a page looks to those who see it, and to those who do not. */

import { AxeBuilder } from '@axe-core/playwright';
import { type Page, expect } from '@playwright/test';

/** The rules that colours matter to; all others say the same in light and in dark. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** axe finds nothing, in light and in dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await settle(page);
    const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
    const { violations } = await (scheme === 'light' ? axe : axe.withRules(COLOUR_RULES)).analyze();
    const told = violations.map(({ id, help, nodes }) => ({
      id,
      help,
      where: nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary ?? ''}`),
    }));
    expect.soft(told, `axe in ${scheme} at ${page.url()}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/**
 * Until the page has been painted in its new colours: what is out of view too, which browsers put
 * off until somebody scrolls there.
 */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    if (document.adoptedStyleSheets.length === 0) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('* { content-visibility: visible !important }');
      document.adoptedStyleSheets.push(sheet);
    }
    for (let frame = 0; frame < 2; frame += 1) {
      await new Promise(requestAnimationFrame);
    }
  });
}

/** The page fits a telephone, and then has its window back. */
export async function expectToFitPhone(page: Page): Promise<void> {
  const window = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  await expectToFit(page);
  if (window !== null) {
    await page.setViewportSize(window);
  }
}

/** The page fits its window: nothing has to be scrolled sideways. */
export async function expectToFit(page: Page): Promise<void> {
  const sticking = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) {
      return [];
    }
    // What sticks out furthest down the tree is the culprit.
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > width + 0.5)
      .map((element) => `<${element.tagName.toLowerCase()} class="${element.className}">`)
      .slice(-3);
  });
  expect.soft(sticking, `nothing sticks out at ${page.url()}`).toEqual([]);
}
