import { describe, expect, it } from 'vitest';
import { advanced, goesOn, notBegun, type Progress } from './logSearch';

describe('the search of a log', () => {
  it('goes on where the service stopped until the log’s end', () => {
    const once = advanced(notBegun, { Matches: [], Next: 250_000 }, 1_000_000);
    expect(once).toEqual({ matches: [], next: 250_000 });
    expect(goesOn(once, 1_000_000, 0)).toBe(true);
    const twice = advanced(once, { Matches: [999_999] }, 1_000_000);
    expect(twice).toEqual({ matches: [999_999], next: 1_000_000 });
    expect(goesOn(twice, 1_000_000, 0)).toBe(false);
  });

  it('looks at new lines only when the log grows, and counts none of them twice', () => {
    const before: Progress = { matches: [3, 101], next: 100 };
    expect(goesOn(before, 100, 0)).toBe(false);
    expect(goesOn(before, 130, 0)).toBe(true);
    expect(advanced(before, { Matches: [101, 120] }, 130)).toEqual({ matches: [3, 101, 120], next: 130 });
  });

  it('rests while there are thousands of matches to come, and goes on when they have been seen', () => {
    const many: Progress = { matches: Array.from({ length: 5000 }, (_, i) => i), next: 5000 };
    expect(goesOn(many, 1_000_000, 0)).toBe(false);
    expect(goesOn(many, 1_000_000, 1)).toBe(true);
  });
});
