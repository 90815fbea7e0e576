import { describe, expect, it } from 'vitest';
import { paletteColour, parseAnsi } from './ansi';

describe('a log line', () => {
  it('without escapes is one span', () => {
    expect(parseAnsi('<b>plain & simple</b>')).toEqual([{ text: '<b>plain & simple</b>' }]);
  });

  it('is cut where its look changes', () => {
    expect(parseAnsi('a\x1b[1;31mred\x1b[0m b')).toEqual([{ text: 'a' }, { text: 'red', foreground: 1, bold: true }, { text: ' b' }]);
    expect(parseAnsi('\x1b[38;5;208mo\x1b[48;2;1;2;3mx\x1b[m!')).toEqual([{ text: 'o', foreground: 208 }, { text: 'x', foreground: 208 }, { text: '!' }]);
  });

  it('loses escapes that move the cursor or set titles', () => {
    expect(parseAnsi('\x1b[2K\x1b[1Gdone\x1b]0;title\x07')).toEqual([{ text: 'done' }]);
  });

  it('shows what the last carriage return left', () => {
    expect(parseAnsi('10 %\r50 %\r100 %\r')).toEqual([{ text: '100 %' }]);
  });

  it('shows other control characters as pictures', () => {
    expect(parseAnsi('a\x07b\x00')).toEqual([{ text: 'a␇b␀' }]);
  });
});

it('colours of the cube and of the grey ramp are those of xterm', () => {
  expect([paletteColour(16), paletteColour(208), paletteColour(231), paletteColour(232), paletteColour(255)]).toEqual([
    'rgb(0 0 0)', 'rgb(255 135 0)', 'rgb(255 255 255)', 'rgb(8 8 8)', 'rgb(238 238 238)',
  ]);
});
