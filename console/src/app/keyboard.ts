import { useEffect } from 'react';

/** Where the user is writing or choosing from a list by its first letters, a letter is a letter. */
function takesLetters(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return true;
  return target.closest('[role="listbox"], [role="menu"], [aria-haspopup="listbox"], [aria-expanded="true"][aria-haspopup]') !== null;
}

/** A dialog asks for an answer; the page behind it is not to go away meanwhile. */
function isUnderDialog(): boolean {
  return [...document.querySelectorAll('[role="dialog"]')].some((dialog) => dialog.getClientRects().length > 0);
}

/** How long after `g` its second key may come. */
const sequenceTime = 1500;

/** Keys of the whole console: single ones ("/", "?") and sequences of two ("g j"). */
export function useShortcuts(shortcuts: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    let first = '';
    let pressed = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || takesLetters(event.target) || isUnderDialog()) return;
      const sequence = first !== '' && event.timeStamp - pressed < sequenceTime ? `${first} ${event.key}` : event.key;
      const action = shortcuts[sequence] ?? shortcuts[event.key];
      first = event.key;
      pressed = event.timeStamp;
      if (!action) return;
      first = '';
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [shortcuts]);
}
