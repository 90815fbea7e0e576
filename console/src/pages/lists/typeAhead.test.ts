import { describe, expect, it } from 'vitest';
import { parseLabels, readTyped } from './typeAhead';

const few = [
  { Label: 0, Name: 'cat', Count: 5 },
  { Label: 1, Name: 'dog', Count: 7 },
  { Label: 2, Name: 'caterpillar', Count: 1 },
];
const many = Array.from({ length: 13 }, (_, label) => ({ Label: label, Count: 1 }));

describe('what is typed over a grid', () => {
  it('is a label at once where no other begins with its digits', () => {
    expect(readTyped('1', few, 'class')).toMatchObject({ labels: [1], settled: true });
    expect(readTyped('5', many, 'class')).toMatchObject({ labels: [5], settled: true });
  });

  it('waits where another digit could follow', () => {
    expect(readTyped('1', many, 'class')).toMatchObject({ labels: [1], settled: false });
    expect(readTyped('12', many, 'class')).toMatchObject({ labels: [12], settled: true });
  });

  it('may be a label that no row has yet, but then waits for Enter', () => {
    expect(readTyped('7', few, 'class')).toMatchObject({ labels: [7], settled: false, candidates: [] });
  });

  it('finds classes by the beginning of their names first, then by any part', () => {
    expect(readTyped('Cat', few, 'class').candidates.map((one) => one.Label)).toEqual([0, 2]);
    expect(readTyped('pill', few, 'class')).toMatchObject({ labels: [2], settled: false });
    expect(readTyped('fox', few, 'class')).toMatchObject({ labels: null, candidates: [] });
  });

  it('is numbers where rows have several labels, and waits for Enter', () => {
    expect(readTyped('cat', few, 'columns').labels).toBeNull();
    expect(readTyped('0.5 1', [], 'boxes')).toMatchObject({ labels: [0.5, 1], settled: false });
  });
});

it('labels are numbers with spaces, commas or semicolons between', () => {
  expect(parseLabels(' 1, 0;0.25 ')).toEqual([1, 0, 0.25]);
  expect(parseLabels('one')).toBeNull();
  expect(parseLabels(' ')).toBeNull();
});
