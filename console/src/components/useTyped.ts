import { useEffect, useRef, useState } from 'react';

/** How long typing rests before it is told. */
const rest = 300;

/**
 * Text that is typed here and kept elsewhere, such as in the address, which takes it up late: what is on the screen is
 * what was typed, and it is told once typing rests. A value that comes from elsewhere, as with the back button, is shown.
 */
export function useTyped(value: string, tell: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(value);
  const told = useRef(value);
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    if (text === told.current) return undefined;
    const timer = window.setTimeout(() => {
      told.current = text;
      latest.current(text);
    }, rest);
    return () => window.clearTimeout(timer);
  }, [text]);
  return [text, setText];
}
