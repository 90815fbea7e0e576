import { expect, it } from 'vitest';
import { percentile, shownAnswer } from './answers';

it('shows probabilities as scores, the likeliest first', () => {
  expect(shownAnswer('application/json', '[0.1, 0.7, 0.2]')).toEqual({
    kind: 'scores',
    scores: [
      { label: '1', score: 0.7 },
      { label: '2', score: 0.2 },
      { label: '0', score: 0.1 },
    ],
  });
});

it('shows predictions as rows', () => {
  expect(shownAnswer('application/json; charset=utf-8', '{"predictions":[{"score":1.5},{"score":2,"predicted_label":1}]}')).toEqual({
    kind: 'rows',
    columns: ['score', 'predicted_label'],
    rows: [
      ['1.5', ''],
      ['2', '1'],
    ],
  });
});

it('shows what it does not know as text', () => {
  expect(shownAnswer('text/csv', '1,2\n')).toEqual({ kind: 'text', text: '1,2\n' });
  expect(shownAnswer('application/json', '{broken')).toEqual({ kind: 'text', text: '{broken' });
});

it('takes percentiles by nearest rank', () => {
  const sample = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([percentile(sample, 0.5), percentile(sample, 0.99), percentile([7], 0.99), percentile([], 0.5)]).toEqual([50, 99, 7, undefined]);
});
