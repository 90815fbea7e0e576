/**
 * Colours that stay apart for colour-blind eyes (Okabe and Ito 2008, "Color universal design", darkened or lightened to
 * 3 : 1 against the background); a second round of curves is dashed.
 */
const light = ['#0072b2', '#b34d00', '#007a5a', '#a8437f', '#6b5b00', '#2b6f9e', '#7a4fbf', '#8a3324', '#39707a', '#5a6b00', '#b0305c', '#4a5a6a'];
const dark = ['#56b4e9', '#e69f00', '#3fd0a4', '#e08fc0', '#f0e442', '#9ad0f5', '#bfa3ff', '#ff9a86', '#8fd3dd', '#c3d86a', '#ff8fb0', '#b4c4d4'];
const dashes: readonly (readonly number[])[] = [[], [8, 4], [2, 3]];

export function colourOf(index: number, isDark: boolean): string {
  const palette = isDark ? dark : light;
  return palette[index % palette.length] ?? '#888888';
}

export function dashOf(index: number): number[] {
  return [...(dashes[Math.floor(index / light.length) % dashes.length] ?? [])];
}
