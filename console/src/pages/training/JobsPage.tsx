import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import PropertyFilter from '@cloudscape-design/components/property-filter';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
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
import { useI18n } from '../../i18n/I18n';
import { useLive, usePolling } from '../../live/useLive';
import { shapes } from '../../generated/sagemaker';
import { filterOf, queryOf, tokensOf } from './jobFilter';
import { StopJobs } from './StopJobs';

const pageSize = 50;
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
  const notify = useNotifications();
  const client = useQueryClient();
  const [search, change] = useAddress();
  const [selected, setSelected] = useState<readonly JobRow[]>([]);
  const [stopping, setStopping] = useState<readonly string[]>([]);
  const page = Math.max(1, Number(search['page'] ?? 1) || 1);
  const sort = search['sort'] ?? 'CreationTime';
  const descending = (search['order'] ?? 'desc') === 'desc';
  const filter = { name: search['name'], status: search['status'], algorithm: search['algorithm'], tag: search['tag'], after: search['after'], before: search['before'] };
  const ask = { ...queryOf(filter), sort, order: descending ? 'descending' : 'ascending', limit: pageSize, from: (page - 1) * pageSize };

  const jobs = useQuery({
    queryKey: ['jobs', ask],
    queryFn: ({ signal }) => listJobs(ask, signal),
    placeholderData: keepPreviousData,
    refetchInterval: usePolling(),
  });
  const catalogue = useQuery({ queryKey: ['catalogue'], queryFn: ({ signal }) => getCatalogue(signal), staleTime: Infinity });

  const pending = useRef<number | undefined>(undefined);
  useLive(['jobs'], (event) => {
    if (event.kind !== 'jobs' || pending.current !== undefined) return;
    pending.current = window.setTimeout(() => {
      pending.current = undefined;
      void client.invalidateQueries({ queryKey: ['jobs'] });
    }, refreshInterval);
  });

  const rows = jobs.data?.Jobs ?? [];
  const total = jobs.data?.Total ?? 0;
  const tokens = tokensOf(filter);
  // A row that was selected is shown as it is now.
  const chosen = selected.map((job) => rows.find((row) => row.Name === job.Name) ?? job);
  const [first, second] = chosen;

  const columns: TableProps.ColumnDefinition<JobRow>[] = [
    {
      id: 'name',
      header: t('jobs.name'),
      sortingField: 'Name',
      isRowHeader: true,
      minWidth: 210,
      cell: (job) => <RouteLink path={paths.job(job.Name)}>{job.Name}</RouteLink>,
    },
    {
      id: 'status',
      header: t('jobs.status'),
      sortingField: 'Status',
      minWidth: 240,
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
    { id: 'algorithm', header: t('jobs.algorithm'), sortingField: 'Algorithm', minWidth: 150, cell: (job) => job.Algorithm },
    { id: 'mode', header: t('jobs.mode'), minWidth: 90, cell: (job) => job.InputMode },
    {
      id: 'objective',
      header: t('jobs.objective'),
      minWidth: 170,
      cell: (job) =>
        job.Objective ? (
          <span className="mr-number">
            {job.Objective.Name} {measure(job.Objective.Value)}
          </span>
        ) : (
          '–'
        ),
    },
    {
      id: 'duration',
      header: t('jobs.duration'),
      minWidth: 110,
      cell: (job) => <Elapsed from={seconds(job.TrainingStartTime)} to={seconds(job.TrainingEndTime ?? (isRunning(job) ? undefined : job.ModifiedTime))} />,
    },
    { id: 'created', header: t('jobs.created'), sortingField: 'CreationTime', minWidth: 140, cell: (job) => <RelativeTime seconds={seconds(job.CreationTime)} /> },
  ];

  const stop = async (): Promise<void> => {
    const { done, refused } = await settled(stopping, (name) => call('sagemaker', 'StopTrainingJob', { TrainingJobName: name }));
    void client.invalidateQueries({ queryKey: ['jobs'] });
    if (done.length > 0) notify.success(tn('jobs.stopping', done.length));
    for (const { item, reason } of refused) notify.failure(t('jobs.stopFailed', { name: item }), reason);
  };

  return (
    <>
      <Table
        variant="full-page"
        stickyHeader
        wrapLines
        trackBy="Name"
        selectionType="multi"
        selectedItems={chosen}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        items={rows}
        loading={jobs.isPending}
        loadingText={t('common.loading')}
        columnDefinitions={columns}
        sortingColumn={columns.find((column) => column.sortingField === sort)}
        sortingDescending={descending}
        onSortingChange={({ detail }) => change({ sort: detail.sortingColumn.sortingField, order: detail.isDescending ? 'desc' : 'asc', page: undefined })}
        enableKeyboardNavigation
        ariaLabels={{
          tableLabel: t('nav.trainingJobs'),
          selectionGroupLabel: t('table.selection'),
          allItemsSelectionLabel: () => t('table.selectAll'),
          itemSelectionLabel: (_, job) => t('table.select', { name: job.Name }),
        }}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={jobs.data ? `(${number(total)})` : undefined}
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
        }
        filter={
          <PropertyFilter
            query={{ tokens, operation: 'and' }}
            hideOperations
            onChange={({ detail }) => change({ ...emptyFilter, ...filterOf(detail.tokens), page: undefined })}
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
        }
        pagination={
          <Pagination
            currentPageIndex={page}
            pagesCount={Math.max(1, Math.ceil(total / pageSize))}
            onChange={({ detail }) => change({ page: detail.currentPageIndex === 1 ? undefined : String(detail.currentPageIndex) })}
          />
        }
        empty={
          jobs.isError ? (
            <LoadError what={t('jobs.loadFailed')} error={jobs.error} onRetry={() => void jobs.refetch()} />
          ) : tokens.length > 0 ? (
            <Empty title={t('jobs.noMatch')} action={<Button onClick={() => change({ ...emptyFilter, page: undefined })}>{t('jobs.clearFilter')}</Button>} />
          ) : (
            <Empty title={t('jobs.none')} text={t('jobs.noneText')} action={<RouteButton path={paths.createJob}>{t('jobs.create')}</RouteButton>} />
          )
        }
      />
      {stopping.length > 0 && <StopJobs names={stopping} onConfirm={stop} onClose={() => setStopping([])} />}
    </>
  );
}

const emptyFilter = { name: undefined, status: undefined, algorithm: undefined, tag: undefined, after: undefined, before: undefined };
