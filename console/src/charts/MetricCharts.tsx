import Box from '@cloudscape-design/components/box';
import Grid from '@cloudscape-design/components/grid';
import Slider from '@cloudscape-design/components/slider';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { useCallback, useMemo, useState } from 'react';
import type { Series } from '../api/mr';
import { useI18n } from '../i18n/I18n';
import { MetricChart } from './MetricChart';
import { groupsOf } from './groups';
import type { TimeRange } from './TimeChart';

interface Properties {
  readonly job: string;
  readonly series: readonly Series[];
  readonly origin: number;
  readonly yRange?: readonly [number, number];
}

/** In a run of so many seconds points share their times; they are then told apart by number. */
const shortRun = 5;

/** Every metric of a job, charts that belong together side by side, with one zoom and one cursor for all. */
export function MetricCharts({ job, series, origin, yRange }: Properties) {
  const { t, number } = useI18n();
  // A stretch of time is no stretch of numbers: it holds for the axis that it was chosen on.
  const [zoom, setZoom] = useState<{ byNumber: boolean; range: TimeRange | null }>({ byNumber: false, range: null });
  const [smoothing, setSmoothing] = useState(0);
  const [logarithmic, setLogarithmic] = useState(false);
  const [asTable, setAsTable] = useState(false);
  const [chosen, setByNumber] = useState<boolean | null>(null);
  const byNumber = chosen ?? series.every((one) => one.Last - one.First < shortRun);
  const range = zoom.byNumber === byNumber ? zoom.range : null;
  const setRange = useCallback((next: TimeRange | null) => setZoom({ byNumber, range: next }), [byNumber]);
  const groups = useMemo(() => groupsOf(series), [series]);
  const hosts = new Set(series.map((one) => one.Host).filter((host) => host !== undefined)).size;
  const labelOf = useCallback((one: Series) => (one.Host !== undefined && hosts > 1 ? `${one.Name} · ${one.Host}` : one.Name), [hosts]);
  if (series.length === 0) return <Box color="text-body-secondary">{t('chart.noMetrics')}</Box>;
  return (
    <SpaceBetween size="l">
      <div className="mr-chart-controls">
        <label className="mr-slider">
          <span id="smoothing-label">{t('chart.smoothing')}</span>
          <Slider value={smoothing} min={0} max={0.95} step={0.05} valueFormatter={(value) => number(value)} onChange={({ detail }) => setSmoothing(detail.value)} ariaLabelledby="smoothing-label" />
        </label>
        <Toggle checked={logarithmic} onChange={({ detail }) => setLogarithmic(detail.checked)}>
          {t('chart.log')}
        </Toggle>
        <Toggle checked={asTable} onChange={({ detail }) => setAsTable(detail.checked)}>
          {t('chart.table')}
        </Toggle>
        <Toggle
          checked={byNumber}
          onChange={({ detail }) => setByNumber(detail.checked)}
        >
          {t('chart.byNumber')}
        </Toggle>
        <Box variant="small">{t('chart.hint')}</Box>
      </div>
      <Grid gridDefinition={groups.map(() => ({ colspan: { default: 12, m: groups.length === 1 ? 12 : 6 } }))}>
        {groups.map((group) => (
          <MetricChart
            key={group.title}
            job={job}
            title={group.title}
            series={group.series}
            labelOf={labelOf}
            origin={origin}
            range={range}
            onRange={setRange}
            smoothing={smoothing}
            logarithmic={logarithmic}
            asTable={asTable}
            byNumber={byNumber}
            {...(yRange ? { yRange } : {})}
          />
        ))}
      </Grid>
    </SpaceBetween>
  );
}
