import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/** Playwright's own downloads are not used: the browser is the system's. */
function chromium(): string {
  const candidates = [
    process.env['CHROMIUM_PATH'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  const found = candidates.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (found === undefined) {
    throw new Error('No Chromium found: install it, or set CHROMIUM_PATH to its program.');
  }
  return found;
}

/** Chromium's sandbox does not work for root, which is who runs in containers. */
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

export default defineConfig({
  testDir: 'specs',
  outputDir: 'test-results',
  forbidOnly: process.env['CI'] !== undefined,
  // A test that passes only the second time hides a fault.
  retries: 0,
  workers: 2,
  fullyParallel: true,
  // Generous: a story is long, and a machine that builds beside it is slow.
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: process.env['CI'] === undefined ? 'list' : [['list'], ['html', { open: 'never' }]],
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    colorScheme: 'light',
    // Colours are compared while nothing is fading.
    contextOptions: { reducedMotion: 'reduce' },
    permissions: ['clipboard-read', 'clipboard-write'],
    // A trace makes every step half as slow again: ask for one with --trace retain-on-failure.
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium(),
      args: [
        ...asRoot,
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
