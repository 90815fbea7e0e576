/** A stretch of a log line that looks the same. Colours are indices of the 256-colour palette (ECMA-48 SGR, xterm's extension). */
export interface Span {
  readonly text: string;
  readonly foreground?: number;
  readonly background?: number;
  readonly bold?: boolean;
}

interface Style {
  foreground?: number;
  background?: number;
  bold?: boolean;
}

// CSI sequences; OSC up to BEL or ST; other two-character escapes. Only "m" (SGR) changes how text looks.
const escape = /\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])/g;

function apply(style: Style, codes: readonly number[]): void {
  for (let i = 0; i < codes.length; ++i) {
    const code = codes[i] ?? 0;
    if (code === 0) {
      delete style.foreground;
      delete style.background;
      delete style.bold;
    } else if (code === 1) style.bold = true;
    else if (code === 22) delete style.bold;
    else if (code >= 30 && code <= 37) style.foreground = code - 30;
    else if (code >= 90 && code <= 97) style.foreground = code - 90 + 8;
    else if (code >= 40 && code <= 47) style.background = code - 40;
    else if (code >= 100 && code <= 107) style.background = code - 100 + 8;
    else if (code === 39) delete style.foreground;
    else if (code === 49) delete style.background;
    else if (code === 38 || code === 48) {
      const colour = codes[i + 2];
      // 38;5;n is a palette colour; 38;2;r;g;b is skipped whole.
      if (codes[i + 1] === 5 && colour !== undefined && colour <= 255) {
        if (code === 38) style.foreground = colour;
        else style.background = colour;
      }
      i += codes[i + 1] === 5 ? 2 : 4;
    }
  }
}

/** What a terminal leaves on the line: a carriage return begins it anew, as progress bars do. */
function afterReturns(line: string): string {
  const trimmed = line.replace(/\r+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1);
}

/** A log line as spans of plain text; other control characters are shown as their pictures, never obeyed. */
export function parseAnsi(line: string): Span[] {
  const spans: Span[] = [];
  const style: Style = {};
  const text = afterReturns(line);
  let from = 0;
  const push = (to: number): void => {
    if (to > from) {
      const plain = text.slice(from, to).replace(/[\x00-\x08\x0b-\x1f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)));
      spans.push({ text: plain, ...style });
    }
  };
  for (const match of text.matchAll(escape)) {
    push(match.index);
    from = match.index + match[0].length;
    if (match[2] === 'm') apply(style, (match[1] ?? '').split(';').map(Number));
  }
  push(text.length);
  return spans;
}

type Rgb = readonly [number, number, number];

/** Colour of the 6x6x6 cube and the grey ramp (16 to 255); the first sixteen are the theme's. */
function paletteColour(index: number): Rgb {
  if (index >= 232) {
    const grey = 8 + 10 * (index - 232);
    return [grey, grey, grey];
  }
  const level = (value: number): number => (value === 0 ? 0 : 55 + 40 * value);
  const cube = index - 16;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)];
}

/** Relative luminance (WCAG 2.2, its definition). */
function luminance([r, g, b]: Rgb): number {
  const linear = (value: number): number => (value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

export function contrast(a: Rgb, b: Rgb): number {
  const [bright, dim] = [Math.max(luminance(a), luminance(b)), Math.min(luminance(a), luminance(b))];
  return (bright + 0.05) / (dim + 0.05);
}

/** What logs stand on (--mr-log-background), and what text becomes where its own colour cannot be read there. */
const grounds = {
  light: { ground: [251, 252, 252], towards: [0, 0, 0] },
  dark: { ground: [16, 23, 31], towards: [255, 255, 255] },
} as const satisfies Record<string, { ground: Rgb; towards: Rgb }>;

/** WCAG 2.2, 1.4.3 */
const readable = 4.5;

/** A palette colour as text on the theme's ground: as near to the colour as can be read. */
export function textColour(index: number, theme: keyof typeof grounds): Rgb {
  const { ground, towards } = grounds[theme];
  const colour = paletteColour(index);
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = colour.map((value, i) => Math.round(value + ((towards[i] ?? 0) - value) * share)) as unknown as Rgb;
    if (contrast(mixed, ground) >= readable) return mixed;
  }
  return towards;
}

const css = (colour: Rgb): string => `rgb(${colour.join(' ')})`;

/** As CSS: of text on the log's own ground made readable in either theme, of a ground as it is. */
export const paletteText = (index: number): string => `light-dark(${css(textColour(index, 'light'))}, ${css(textColour(index, 'dark'))})`;
export const paletteGround = (index: number): string => css(paletteColour(index));
