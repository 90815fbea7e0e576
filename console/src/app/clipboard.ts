/** Copies by way of a selection, as pages did before there was an interface for it. */
function copySelected(text: string): boolean {
  const focused = document.activeElement;
  const holder = document.createElement('textarea');
  holder.value = text;
  holder.setAttribute('aria-hidden', 'true');
  holder.style.position = 'fixed';
  holder.style.opacity = '0';
  // Inside a dialog, which keeps the focus within itself.
  (focused?.closest('[role="dialog"]') ?? document.body).append(holder);
  holder.select();
  const copied = document.execCommand('copy');
  holder.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

/**
 * Browsers have navigator.clipboard only on secure pages (Clipboard API, section 5): over https or of this machine. A
 * console that is reached by plain http over the network gets one that copies as far as the browser lets it.
 */
export function provideClipboard(): void {
  if (navigator.clipboard as Clipboard | undefined) return;
  const writeText = (text: string): Promise<void> => (copySelected(text) ? Promise.resolve() : Promise.reject(new Error('The browser refuses to copy from a page without https.')));
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
}
