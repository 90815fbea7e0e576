import { describe, expect, it } from 'vitest';
import { contrast, paletteGround, parseAnsi, textColour } from './ansi';

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
  expect([paletteGround(16), paletteGround(208), paletteGround(231), paletteGround(232), paletteGround(255)]).toEqual([
    'rgb(0 0 0)', 'rgb(255 135 0)', 'rgb(255 255 255)', 'rgb(8 8 8)', 'rgb(238 238 238)',
  ]);
});

it('every colour of the palette can be read as text in both themes, and those that can be are left as they are', () => {
  for (let index = 16; index < 256; ++index) {
    expect(contrast(textColour(index, 'light'), [251, 252, 252]), `${index} in light`).toBeGreaterThanOrEqual(4.5);
    expect(contrast(textColour(index, 'dark'), [16, 23, 31]), `${index} in dark`).toBeGreaterThanOrEqual(4.5);
  }
  expect(textColour(18, 'light')).toEqual([0, 0, 135]);
  expect(textColour(208, 'dark')).toEqual([255, 135, 0]);
});
