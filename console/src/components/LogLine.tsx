import { memo, type CSSProperties } from 'react';
import { paletteGround, paletteText, parseAnsi, type Span } from './ansi';

function styleOf({ foreground, background, bold }: Span): CSSProperties {
  const theme = (index: number): string => `var(--mr-ansi-${index})`;
  return {
    color: foreground === undefined ? undefined : foreground < 16 ? theme(foreground) : background === undefined ? paletteText(foreground) : paletteGround(foreground),
    backgroundColor: background === undefined ? undefined : background < 16 ? theme(background) : paletteGround(background),
    fontWeight: bold ? 700 : undefined,
  };
}

/** As the service compares: without regard to the case of ASCII letters, so that no place moves. */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Text with every place where `wanted` stands marked. */
function Marked({ text, wanted }: { text: string; wanted: string }) {
  if (wanted === '') return text;
  const parts: React.ReactNode[] = [];
  const [lower, sought] = [lowerAscii(text), lowerAscii(wanted)];
  let from = 0;
  for (let at = lower.indexOf(sought); at >= 0; at = lower.indexOf(sought, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  parts.push(text.slice(from));
  return parts;
}

/** One line of a log with its colours; what it holds is text, whatever it looks like. */
export const LogLine = memo(function LogLine({ text, wanted }: { text: string; wanted: string }) {
  return parseAnsi(text).map((span, index) => (
    <span key={index} style={styleOf(span)}>
      <Marked text={span.text} wanted={wanted} />
    </span>
  ));
});
