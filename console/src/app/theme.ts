import { applyDensity, applyMode, Density, Mode } from '@cloudscape-design/global-styles';

export type ThemeChoice = 'system' | 'light' | 'dark';
export type DensityChoice = 'comfortable' | 'compact';

const themeKey = 'millrace.theme';
const densityKey = 'millrace.density';
const systemDark = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

export function themeChoice(): ThemeChoice {
  const stored = window.localStorage.getItem(themeKey);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function densityChoice(): DensityChoice {
  return window.localStorage.getItem(densityKey) === 'compact' ? 'compact' : 'comfortable';
}

export function isDark(): boolean {
  const choice = themeChoice();
  return choice === 'system' ? systemDark.matches : choice === 'dark';
}

/** Puts the choices on the page: at start, when they change, and when the system's own theme does. */
export function applyAppearance(): void {
  applyMode(isDark() ? Mode.Dark : Mode.Light);
  applyDensity(densityChoice() === 'compact' ? Density.Compact : Density.Comfortable);
  document.documentElement.style.colorScheme = isDark() ? 'dark' : 'light';
  listeners.forEach((listener) => listener());
}

systemDark.addEventListener('change', applyAppearance);
window.addEventListener('storage', (event) => {
  if (event.key === themeKey || event.key === densityKey) applyAppearance();
});

export function chooseTheme(choice: ThemeChoice): void {
  window.localStorage.setItem(themeKey, choice);
  applyAppearance();
}

export function chooseDensity(choice: DensityChoice): void {
  window.localStorage.setItem(densityKey, choice);
  applyAppearance();
}

/** For what is drawn on a canvas and has to be drawn anew. */
export function onAppearance(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
