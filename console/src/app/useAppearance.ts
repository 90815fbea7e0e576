import { useSyncExternalStore } from 'react';
import { densityChoice, isDark, onAppearance, themeChoice, type DensityChoice, type ThemeChoice } from './theme';

/** The choices as they are, wherever on the page, or in which tab, they were made. */
export function useAppearance(): { readonly theme: ThemeChoice; readonly density: DensityChoice; readonly dark: boolean } {
  return {
    theme: useSyncExternalStore(onAppearance, themeChoice),
    density: useSyncExternalStore(onAppearance, densityChoice),
    dark: useSyncExternalStore(onAppearance, isDark),
  };
}
