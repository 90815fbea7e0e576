import { expect, it } from 'vitest';
import type { Diff } from '../../api/lists';
import { inverted } from './inverted';

const row = (Path: string, label: number) => ({ Index: 1, Labels: [label], Path });
const diff: Diff = {
  Added: 3, Removed: 1, Relabelled: 2, Moved: 0, Replaced: 0, Renumbered: 0, Total: 2,
  Flow: [{ From: 0, To: 1, Count: 2 }],
  Rows: [{ Kind: 'relabelled', A: row('a', 0), B: row('a', 1) }, { Kind: 'added', B: row('b', 2) }],
};

it('what one side has gained the other has lost', () => {
  const other = inverted(diff);
  expect(other).toMatchObject({ Added: 1, Removed: 3, Relabelled: 2, Flow: [{ From: 1, To: 0, Count: 2 }] });
  expect(other.Rows).toEqual([{ Kind: 'relabelled', A: row('a', 1), B: row('a', 0) }, { Kind: 'removed', A: row('b', 2) }]);
  expect(inverted(other)).toEqual(diff);
});
