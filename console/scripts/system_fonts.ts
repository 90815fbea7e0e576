import type { Plugin } from 'vite';

/** Cloudscape's style sheets embed Open Sans; without its font faces they fall through to the system's fonts. */
export function systemFonts(): Plugin {
  return {
    name: 'system-fonts',
    enforce: 'pre',
    transform(code, id) {
      if (!/global-styles\/index\.css$/.test(id)) return null;
      return code.replace(/@font-face\s*\{[^}]*\}/g, '');
    },
  };
}
