import { register } from 'node:module';
import type { Plugin } from 'vite';

// The theming modules are written for bundlers: they import folders and names without a suffix.
const bundlerResolution = `export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error.code === 'ERR_UNSUPPORTED_DIR_IMPORT') return next(specifier + '/index.js', context);
    if (error.code === 'ERR_MODULE_NOT_FOUND') return next(specifier + '.js', context);
    throw error;
  }
}`;

const teal = { light: '#0b6e63', dark: '#4fc9b4' };
const tealStrong = { light: '#084f47', dark: '#7fdccb' };
const tealFaint = { light: '#e6f4f1', dark: '#0d302c' };

/** Our accent in place of Cloudscape's blue; contrast of each pair is at least 4.5 : 1. */
const tokens = {
  fontFamilyBase: 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", "Noto Sans CJK JP", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace',
  colorTextAccent: teal,
  colorTextLinkDefault: teal,
  colorTextLinkHover: tealStrong,
  colorBackgroundButtonPrimaryDefault: teal,
  colorBackgroundButtonPrimaryHover: tealStrong,
  colorBackgroundButtonPrimaryActive: tealStrong,
  colorTextButtonPrimaryDefault: { light: '#ffffff', dark: '#06201d' },
  colorTextButtonPrimaryHover: { light: '#ffffff', dark: '#06201d' },
  colorTextButtonPrimaryActive: { light: '#ffffff', dark: '#06201d' },
  colorBorderButtonNormalDefault: teal,
  colorBorderButtonNormalHover: tealStrong,
  colorBorderButtonNormalActive: tealStrong,
  colorTextButtonNormalDefault: teal,
  colorTextButtonNormalHover: tealStrong,
  colorTextButtonNormalActive: tealStrong,
  colorBackgroundButtonNormalHover: tealFaint,
  colorBackgroundButtonNormalActive: tealFaint,
  colorBackgroundControlChecked: teal,
  colorBackgroundToggleCheckedDisabled: tealFaint,
  colorBackgroundSegmentActive: teal,
  colorTextSegmentActive: { light: '#ffffff', dark: '#06201d' },
  colorTextSegmentHover: tealStrong,
  colorBorderItemFocused: teal,
  colorBorderItemSelected: teal,
  colorBackgroundItemSelected: tealFaint,
  colorBackgroundLayoutToggleSelectedDefault: teal,
  colorBackgroundLayoutToggleSelectedHover: tealStrong,
  colorBackgroundLayoutToggleSelectedActive: tealStrong,
} as const;

const id = 'virtual:millrace-theme.css';

/** The theme as a style sheet made at build time: the generator itself is larger than the first page may be. */
export function theme(): Plugin {
  return {
    name: 'theme',
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load: async (source) => {
      if (source !== `\0${id}`) return null;
      register(`data:text/javascript,${encodeURIComponent(bundlerResolution)}`);
      const { generateThemeStylesheet } = await import('@cloudscape-design/components/theming');
      return generateThemeStylesheet({ theme: { tokens, referenceTokens: { color: { primary: { seed: teal.light } } } } });
    },
  };
}
