import { describe, expect, it } from 'vitest';
import { duration, formatsOf } from './format';

describe('numbers and times', () => {
  it('are written as the language writes them', () => {
    expect(formatsOf('en').number(1234567.5)).toBe('1,234,567.5');
    expect(formatsOf('de').number(1234567.5)).toBe('1.234.567,5');
    expect(formatsOf('en').bytes(1234567)).toBe('1.2 MB');
    expect(formatsOf('de').bytes(1234567)).toBe('1,2 MB');
    expect(formatsOf('en').bytes(1)).toBe('1 byte');
    expect(formatsOf('en').milliseconds(1234.56)).toBe('1,234.6 ms');
    expect(formatsOf('de').milliseconds(1234.56)).toBe('1.234,6 ms');
    expect(formatsOf('en').relative(940, 1000)).toBe('1 minute ago');
    expect(formatsOf('ja').relative(940, 1000)).toBe('1 分前');
    expect(formatsOf('en').relative(1000 - 86400, 1000)).toBe('yesterday');
  });

  it('show small and large measurements with powers of ten', () => {
    const { measure } = formatsOf('en');
    expect(measure(0.731234567)).toBe('0.731235');
    expect(measure(0.0000123)).toBe('1.23E-5');
    expect(measure(0)).toBe('0');
    expect(measure(-2.5e12)).toBe('-2.5E12');
  });

  it('show durations as a clock', () => {
    expect(duration(41.9)).toBe('00:41');
    expect(duration(3600 + 62)).toBe('1:01:02');
    expect(duration(-1)).toBe('00:00');
  });
});
