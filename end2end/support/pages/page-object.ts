import type { Page } from '@playwright/test';

/** A page, or a part of one, with names for what a person finds on it. */
export abstract class PageObject {
  constructor(protected readonly page: Page) {}
}
