/** Numbers, sizes and times as a language writes them. Times are seconds since the epoch. */
export interface Formats {
  number(value: number): string;
  /** A measured value: six significant digits, powers of ten where it is very small or large. */
  measure(value: number): string;
  percent(value: number): string;
  bytes(value: number): string;
  milliseconds(value: number): string;
  dateTime(seconds: number): string;
  /** "3 minutes ago", counted from `now`. */
  relative(seconds: number, now: number): string;
}

const steps: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
  [60, 'second'],
  [60, 'minute'],
  [24, 'hour'],
  [30, 'day'],
  [12, 'month'],
  [Number.POSITIVE_INFINITY, 'year'],
];

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

export function formatsOf(locale: string): Formats {
  const plain = new Intl.NumberFormat(locale);
  const measured = new Intl.NumberFormat(locale, { maximumSignificantDigits: 6 });
  const scientific = new Intl.NumberFormat(locale, { notation: 'scientific', maximumSignificantDigits: 4 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const milliseconds = new Intl.NumberFormat(locale, { style: 'unit', unit: 'millisecond', maximumFractionDigits: 1 });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  return {
    number: (value) => plain.format(value),
    measure: (value) => {
      const size = Math.abs(value);
      return size !== 0 && (size < 1e-4 || size >= 1e9) ? scientific.format(value) : measured.format(value);
    },
    percent: (value) => percent.format(value),
    bytes: (value) => {
      let unit = 0;
      let scaled = value;
      while (Math.abs(scaled) >= 1000 && unit < byteUnits.length - 1) {
        scaled /= 1000;
        ++unit;
      }
      return new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: byteUnits[unit] ?? 'byte',
        unitDisplay: unit === 0 ? 'long' : 'short',
        maximumFractionDigits: unit === 0 || scaled >= 100 ? 0 : 1,
      }).format(scaled);
    },
    milliseconds: (value) => milliseconds.format(value),
    dateTime: (seconds) => date.format(seconds * 1000),
    relative: (seconds, now) => {
      let amount = seconds - now;
      for (const [size, unit] of steps) {
        if (Math.abs(amount) < size) return relative.format(Math.round(amount), unit);
        amount /= size;
      }
      return date.format(seconds * 1000);
    },
  };
}

/** h:mm:ss, or m:ss below an hour, as clocks of running things show it in every language. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${two(minutes)}:${two(whole % 60)}`;
}
