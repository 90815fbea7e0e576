import { useEffect } from 'react';

/** Where the user is writing, a letter is a letter. */
function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** How long after `g` its second key may come. */
const sequenceTime = 1500;

/** Keys of the whole console: single ones ("/", "?") and sequences of two ("g j"). */
export function useShortcuts(shortcuts: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    let first = '';
    let pressed = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
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
