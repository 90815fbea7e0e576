import { expect, it } from 'vitest';
import { parseRows } from './table';

it('reads quoted fields, line ends of either kind and a last line without one', () => {
  expect(parseRows('a,"b,""c"""\r\n1,2\n3', ',', 10, false)).toEqual([['a', 'b,"c"'], ['1', '2'], ['3']]);
});

it('leaves out the line that a piece of a file cuts', () => {
  expect(parseRows('1\t2\n3\t', '\t', 10, true)).toEqual([['1', '2']]);
});

it('stops at its limit', () => {
  expect(parseRows('1\n2\n3\n', ',', 2, false)).toHaveLength(2);
});
