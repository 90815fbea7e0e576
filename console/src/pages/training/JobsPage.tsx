import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Header from '@cloudscape-design/components/header';
import PropertyFilter from '@cloudscape-design/components/property-filter';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { call } from '../../api/aws';
import { getCatalogue, listJobs, type JobRow } from '../../api/mr';
import { useNotifications } from '../../app/Notifications';
import { useChrome } from '../../app/Page';
import { useAddress, useGo } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { settled } from '../../base/settled';
import { Empty } from '../../components/Empty';
import { LoadError } from '../../components/ErrorText';
import { RouteButton } from '../../components/RouteButton';
import { RouteLink } from '../../components/RouteLink';
import { StatusOf } from '../../components/StatusOf';
import { Elapsed, RelativeTime } from '../../components/Time';
import { useNarrow } from '../../components/useNarrow';
import { usePages, type Range } from '../../components/usePages';
import { WindowedTable, type TableColumn } from '../../components/WindowedTable';
import { useI18n } from '../../i18n/I18n';
import { useLive, usePolling } from '../../live/useLive';
import { shapes } from '../../generated/sagemaker';
import { filterOf, queryOf, tokensOf } from './jobFilter';
import { changedRows } from './liveRows';
import { StopJobs } from './StopJobs';

/** Events come as fast as jobs change; the table is asked for anew at most this often. */
const refreshInterval = 1000;

const isRunning = (job: JobRow): boolean => job.Status === 'InProgress' || job.Status === 'Stopping';

const seconds = (time: string | undefined): number | undefined => (time === undefined ? undefined : Date.parse(time) / 1000);

export function JobsPage() {
  const { t, tn, measure, number } = useI18n();
  useChrome({
    title: t('nav.trainingJobs'),
    crumbs: [{ text: t('nav.trainingJobs') }],
    contentType: 'table',
    help: (
      <>
        <p>{t('jobs.help.what')}</p>
        <p>{t('jobs.help.filter')}</p>
      </>
    ),
  });
  const go = useGo();
  const narrow = useNarrow();
  const notify = useNotifications();
  const client = useQueryClient();
  const [search, change] = useAddress();
  const [selected, setSelected] = useState<ReadonlyMap<string, JobRow>>(new Map());
  const [stopping, setStopping] = useState<readonly string[]>([]);
  const [range, setRange] = useState<Range>({ first: 0, end: 0 });
  const sort = search['sort'] ?? 'CreationTime';
  const descending = (search['order'] ?? 'desc') === 'desc';
  const filter = { name: search['name'], status: search['status'], algorithm: search['algorithm'], tag: search['tag'], after: search['after'], before: search['before'] };
  const ask = { ...queryOf(filter), sort, order: descending ? 'descending' : 'ascending' };
  const subject = JSON.stringify(ask);
  const start = /^\d{1,7}$/.test(search['row'] ?? '') ? Number(search['row']) : 0;

  const polling = usePolling();
  const jobs = usePages<JobRow>(
    ['jobs', 'rows', subject],
    range,
    async (from, limit, signal) => {
      const page = await listJobs({ ...ask, from, limit }, signal);
      return { Total: page.Total, Rows: page.Jobs };
    },
    polling,
  );
  const catalogue = useQuery({ queryKey: ['catalogue'], queryFn: ({ signal }) => getCatalogue(signal), staleTime: Infinity });

  const pending = useRef<number | undefined>(undefined);
  useLive(['jobs'], (event) => {
    if (event.kind !== 'jobs') return;
    // What is on the screen changes at once; whether it still belongs there, and where, the daemon says.
    const changed = changedRows(event.data);
    if (changed.size > 0) client.setQueriesData<{ Total: number; Rows: readonly JobRow[] }>({ queryKey: ['jobs', 'rows'] }, (page) => page && { ...page, Rows: page.Rows.map((row) => changed.get(row.Name) ?? row) });
    if (pending.current !== undefined) return;
    pending.current = window.setTimeout(() => {
      pending.current = undefined;
      void client.invalidateQueries({ queryKey: ['jobs'] });
    }, refreshInterval);
  });

  const total = jobs.total ?? 0;
  const tokens = tokensOf(filter);
  // A row that was selected is shown as it is now.
  const current = new Map<string, JobRow>();
  for (let position = range.first; position < range.end; ++position) {
    const row = jobs.at(position);
    if (row) current.set(row.Name, row);
  }
  const chosen = [...selected.values()].map((job) => current.get(job.Name) ?? job);
  const [first, second] = chosen;
  const names = useMemo(() => new Set(selected.keys()), [selected]);
  const select = (rows: readonly JobRow[], on: boolean): void => {
    const next = new Map(selected);
    for (const row of rows) {
      if (on) next.set(row.Name, row);
      else next.delete(row.Name);
    }
    setSelected(next);
  };

  const columns: readonly TableColumn<JobRow>[] = [
    {
      id: 'name',
      header: t('jobs.name'),
      sortedBy: 'Name',
      width: narrow ? 140 : 185,
      cell: (job) => <RouteLink path={paths.job(job.Name)}>{job.Name}</RouteLink>,
    },
    {
      id: 'status',
      header: t('jobs.status'),
      sortedBy: 'Status',
      width: narrow ? 160 : 220,
      cell: (job) => (
        <>
          <StatusOf status={job.SecondaryStatus} />
          {job.FailureReason !== undefined && (
            <Box variant="small" color="text-status-error" display="block">
              <span className="mr-reason" title={job.FailureReason}>
                {job.FailureReason}
              </span>
            </Box>
          )}
        </>
      ),
    },
    { id: 'algorithm', header: t('jobs.algorithm'), sortedBy: 'Algorithm', width: 150, cell: (job) => job.Algorithm },
    { id: 'mode', header: t('jobs.mode'), width: 110, cell: (job) => job.InputMode },
    {
      id: 'objective',
      header: t('jobs.objective'),
      width: 175,
      cell: (job) =>
        job.Objective ? (
          <>
            <span className="mr-number">{measure(job.Objective.Value)}</span>
            <Box variant="small" display="block">
              <span className="mr-reason" title={job.Objective.Name}>
                {job.Objective.Name}
              </span>
            </Box>
          </>
        ) : (
          '–'
        ),
    },
    {
      id: 'duration',
      header: t('jobs.duration'),
      width: 90,
      cell: (job) => <Elapsed from={seconds(job.TrainingStartTime)} to={seconds(job.TrainingEndTime ?? (isRunning(job) ? undefined : job.ModifiedTime))} />,
    },
    { id: 'created', header: t('jobs.created'), sortedBy: 'CreationTime', width: 130, cell: (job) => <RelativeTime seconds={seconds(job.CreationTime)} /> },
  ];

  const stop = async (): Promise<void> => {
    const { done, refused } = await settled(stopping, (name) => call('sagemaker', 'StopTrainingJob', { TrainingJobName: name }));
    void client.invalidateQueries({ queryKey: ['jobs'] });
    if (done.length > 0) notify.success(tn('jobs.stopping', done.length));
    for (const { item, reason } of refused) notify.failure(t('jobs.stopFailed', { name: item }), reason);
  };

  return (
    <>
      <SpaceBetween size="s">
          <Header
            variant="h1"
            counter={jobs.total !== undefined ? `(${number(total)})` : undefined}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <ButtonDropdown
                  items={[
                    { id: 'stop', text: t('jobs.stop'), disabled: !chosen.some(isRunning), disabledReason: t('jobs.stopNone') },
                    { id: 'clone', text: t('jobs.clone'), disabled: chosen.length !== 1, disabledReason: t('jobs.cloneOne') },
                    { id: 'compare', text: t('jobs.compare'), disabled: chosen.length !== 2, disabledReason: t('jobs.compareTwo') },
                  ]}
                  disabled={chosen.length === 0}
                  onItemClick={({ detail }) => {
                    if (detail.id === 'stop') setStopping(chosen.filter(isRunning).map((job) => job.Name));
                    if (detail.id === 'clone' && first) go(paths.cloneJob(first.Name));
                    if (detail.id === 'compare' && first && second) go(paths.compareJobs(first.Name, second.Name));
                  }}
                >
                  {t('common.actions')}
                </ButtonDropdown>
                <RouteButton path={paths.createJob} variant="primary">
                  {t('jobs.create')}
                </RouteButton>
              </SpaceBetween>
            }
          >
            {t('nav.trainingJobs')}
          </Header>
          <PropertyFilter
            query={{ tokens, operation: 'and' }}
            hideOperations
            onChange={({ detail }) => change({ ...emptyFilter, ...filterOf(detail.tokens), row: undefined })}
            filteringPlaceholder={t('jobs.filter')}
            filteringAriaLabel={t('jobs.filter')}
            countText={tn('jobs.total', total)}
            filteringProperties={[
              { key: 'name', propertyLabel: t('jobs.name'), groupValuesLabel: t('jobs.name'), operators: [':'], defaultOperator: ':' },
              { key: 'status', propertyLabel: t('jobs.status'), groupValuesLabel: t('jobs.status'), operators: ['='] },
              { key: 'algorithm', propertyLabel: t('jobs.algorithm'), groupValuesLabel: t('jobs.algorithm'), operators: ['='] },
              { key: 'tag', propertyLabel: t('jobs.tag'), groupValuesLabel: t('jobs.tag'), operators: ['='] },
              { key: 'created', propertyLabel: t('jobs.createdDay'), groupValuesLabel: t('jobs.createdDay'), operators: ['>=', '<='], defaultOperator: '>=' },
            ]}
            filteringOptions={[
              ...shapes.TrainingJobStatus.enum.map((value) => ({ propertyKey: 'status', value })),
              ...(catalogue.data?.Algorithms ?? []).map((algorithm) => ({ propertyKey: 'algorithm', value: algorithm.Name })),
            ]}
          />
        {jobs.error && <LoadError what={t('jobs.loadFailed')} error={jobs.error} onRetry={jobs.refetch} />}
        {jobs.total === undefined && !jobs.error && <StatusIndicator type="loading">{t('common.loading')}</StatusIndicator>}
        {jobs.total === 0 &&
          (tokens.length > 0 ? (
            <Empty title={t('jobs.noMatch')} action={<Button onClick={() => change({ ...emptyFilter, row: undefined })}>{t('jobs.clearFilter')}</Button>} />
          ) : (
            <Empty title={t('jobs.none')} text={t('jobs.noneText')} action={<RouteButton path={paths.createJob}>{t('jobs.create')}</RouteButton>} />
          ))}
        {total > 0 && (
          <WindowedTable
            label={t('nav.trainingJobs')}
            total={total}
            columns={columns}
            at={jobs.at}
            nameOf={(job) => job.Name}
            onRange={setRange}
            sort={sort}
            descending={descending}
            onSort={(by, down) => change({ sort: by, order: down ? 'desc' : 'asc', row: undefined })}
            selected={names}
            onSelect={select}
            selectLabel={(name) => t('table.select', { name })}
            selectionHeader={t('table.selection')}
            start={start}
            onStart={(row) => change({ row: row === 0 ? undefined : String(row) })}
            subject={subject}
          />
        )}
      </SpaceBetween>
      {stopping.length > 0 && <StopJobs names={stopping} onConfirm={stop} onClose={() => setStopping([])} />}
    </>
  );
}

const emptyFilter = { name: undefined, status: undefined, algorithm: undefined, tag: undefined, after: undefined, before: undefined };
