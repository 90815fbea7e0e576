import { expect, it } from 'vitest';
import { configurationFor, isOwnConfiguration } from './configurations';

it('an endpoint has a configuration of its own that is known by its name', () => {
  const now = Date.parse('2026-11-28T12:00:00Z');
  for (const endpoint of ['food', 'a'.repeat(54), 'a'.repeat(63)]) {
    const configuration = configurationFor(endpoint, now);
    expect(configuration.length).toBeLessThanOrEqual(63);
    expect(configuration).toMatch(/^[a-z0-9](-*[a-z0-9])*$/);
    expect(isOwnConfiguration(configuration, endpoint)).toBe(true);
    expect(configurationFor(endpoint, now + 1)).not.toBe(configuration);
  }
});

it('a configuration that somebody else named is not taken for one', () => {
  expect(isOwnConfiguration('food', 'food')).toBe(false);
  expect(isOwnConfiguration('food-config', 'food')).toBe(false);
  expect(isOwnConfiguration('food-two-mhjlzk40', 'food')).toBe(false);
});
