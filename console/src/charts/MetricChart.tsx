import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMemo, useState } from 'react';
import type { Series } from '../api/mr';
import { duration } from '../base/format';
import { useI18n } from '../i18n/I18n';
import { PointsTable } from './PointsTable';
import { TimeChart, type NamedCurve, type TimeRange } from './TimeChart';
import { extentOf } from './groups';
import { curveOf, numbered, smoothed } from './tiles';
import { useTiles } from './useTiles';

interface Properties {
  readonly job: string;
  readonly title: string;
  /** Lines of the chart. */
  readonly series: readonly Series[];
  readonly labelOf: (series: Series) => string;
  /** Where the axis has its zero; times are shown from there on. */
  readonly origin: number;
  readonly range: TimeRange | null;
  readonly onRange: (range: TimeRange | null) => void;
  readonly smoothing: number;
  readonly logarithmic: boolean;
  readonly asTable: boolean;
  /** By the number of the point instead of its time. */
  readonly byNumber: boolean;
  readonly yRange?: readonly [number, number];
}

/** One chart of some series of a job, drawn from tiles. */
export function MetricChart({ job, title, series, labelOf, origin, range, onRange, smoothing, logarithmic, asTable, byNumber, yRange }: Properties) {
  const { t, tn, measure, number } = useI18n();
  const [pixels, setPixels] = useState(0);
  const tiles = useTiles(job, series, byNumber ? null : range, asTable ? Math.max(pixels, 800) : pixels);
  const curves = useMemo<readonly NamedCurve[]>(
    () =>
      series.map((one, index) => {
        const tile = tiles[index];
        const curve = tile ? curveOf(tile) : { xs: new Float64Array(), ys: new Float64Array() };
        const placed = byNumber ? numbered(curve, one.Points) : curve;
        return { label: labelOf(one), xs: placed.xs, ys: smoothed(placed.ys, smoothing) };
      }),
    [series, tiles, smoothing, labelOf, byNumber],
  );
  const timeLabel = byNumber ? t('chart.number') : t('chart.time');
  const formatX = (x: number): string => (byNumber ? number(Math.round(x)) : duration(x - origin));
  const exact = tiles.every((tile) => tile?.exact === true);
  const points = series.reduce((sum, one) => sum + one.Points, 0);
  const whole = useMemo<TimeRange>(() => extentOf(series, byNumber), [series, byNumber]);
  const summary = series
    .map((one) => t('chart.summary', { name: labelOf(one), last: measure(one.LastValue), min: measure(one.Min), max: measure(one.Max) }))
    .join('; ');
  return (
    <Container
      header={
        <Header
          variant="h3"
          description={
            <SpaceBetween direction="horizontal" size="xs">
              <Box variant="small">{tn('chart.points', points)}</Box>
              {exact && <Badge color="green">{t('chart.exact')}</Badge>}
            </SpaceBetween>
          }
          actions={range && <Button onClick={() => onRange(null)}>{t('chart.resetZoom')}</Button>}
        >
          {title}
        </Header>
      }
    >
      {asTable ? (
        <PointsTable curves={curves} label={title} timeLabel={timeLabel} formatX={formatX} />
      ) : (
        <TimeChart
          label={title}
          description={t('chart.description', { count: number(points), from: formatX((range ?? whole).from), to: formatX((range ?? whole).to), summary })}
          whole={whole}
          timeLabel={timeLabel}
          curves={curves}
          range={range}
          onRange={onRange}
          onWidth={setPixels}
          byNumber={byNumber}
          syncKey={byNumber ? `${job} by number` : job}
          logarithmic={logarithmic}
          formatX={formatX}
          formatY={measure}
          {...(yRange ? { yRange } : {})}
        />
      )}
    </Container>
  );
}
