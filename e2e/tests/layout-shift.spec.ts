// Nothing that a person sees while a page loads may move: cumulative layout shift, as browsers measure it.
import { publish } from '../fixtures/http.ts';
import { RoomPage } from '../fixtures/room-page.ts';
import { expect, test } from '../fixtures/test.ts';

const FORMS = {
  phone: { viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1350, height: 940 }, deviceScaleFactor: 1, isMobile: false, hasTouch: false },
};

const MAX_SHIFT = 0.01;

declare global {
  interface Window {
    shift: number;
  }
}

for (const [name, form] of Object.entries(FORMS)) {
  test.describe(name, () => {
    test.use({ ...form, contextOptions: { reducedMotion: 'reduce' } });

    test.beforeEach(async ({ page }) => {
      await page.addInitScript(() => {
        window.shift = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) window.shift += (entry as PerformanceEntry & { value: number }).value;
        }).observe({ type: 'layout-shift', buffered: true });
      });
    });

    test('a room with 350 messages of history stays where it is while it loads', async ({ page, room, stoppable }) => {
      const texts = Array.from({ length: 350 }, (_, number) => `message ${number + 1}.${' more of it'.repeat(number % 40)}`);
      await publish(stoppable.url, room, 'Ada', texts);
      const ada = new RoomPage(page);
      await ada.open(room, stoppable.url);
      await expect(ada.message('message 350.')).toBeInViewport();
      expect(await page.evaluate(() => window.shift)).toBeLessThanOrEqual(MAX_SHIFT);
    });

    for (const path of ['/', '/rooms', '/rooms/nobody-was-here']) {
      test(`${path} stays where it is while it loads`, async ({ page }) => {
        await page.goto(path);
        await expect(page.locator('[data-state="live"]').first()).toBeVisible();
        if (path.startsWith('/rooms/')) await expect(page.getByText('No messages yet')).toBeVisible();
        expect(await page.evaluate(() => window.shift)).toBeLessThanOrEqual(MAX_SHIFT);
      });
    }
  });
}
