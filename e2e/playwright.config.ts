import { defineConfig } from '@playwright/test';

import { chromium } from './fixtures/chromium.ts';

const inCi = process.env['CI'] === 'true';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // Primes come once a second: most of a test is waiting for them, so two at a time do not crowd.
  workers: 2,
  fullyParallel: true,
  forbidOnly: inCi,
  // A test that passes only at its second try hides a defect.
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    trace: 'retain-on-failure',
    launchOptions: chromium(),
    contextOptions: { reducedMotion: 'reduce' },
  },
});
