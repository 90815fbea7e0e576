import './lists.css';
import Autosuggest from '@cloudscape-design/components/autosuggest';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useState } from 'react';
import { getImpact, type Impact, type Pair } from '../../api/lists';
import { listJobs } from '../../api/mr';
import { Page } from '../../app/Page';
import { useAddress } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { LoadError } from '../../components/ErrorText';
import { RouteLink } from '../../components/RouteLink';
import { useI18n } from '../../i18n/I18n';
import { DraftCounts } from './ChangeCounts';
import { FlowMatrix } from './FlowMatrix';
import { StoreAddress } from './StoreAddress';
import { useClasses } from './useClasses';
import { useList } from './useList';

function JobField({ label, value, onChange }: { label: string; value: string; onChange: (name: string) => void }) {
  const { t } = useI18n();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const wanted = useDeferredValue(text);
  const jobs = useQuery({ queryKey: ['impact-jobs', wanted], queryFn: ({ signal }) => listJobs({ name: wanted, limit: 20 }, signal), staleTime: 5000 });
  return (
    <FormField label={label} stretch>
      <Autosuggest
        value={text}
        options={(jobs.data?.Jobs ?? []).map((job) => ({ value: job.Name, description: job.Status }))}
        filteringType="manual"
        enteredTextLabel={(entered) => entered}
        statusType={jobs.isPending ? 'loading' : 'finished'}
        placeholder={t('impact.chooseJob')}
        empty={t('search.nothing')}
        onChange={({ detail }) => setText(detail.value)}
        onSelect={({ detail }) => onChange(detail.value)}
        onBlur={() => onChange(text)}
      />
    </FormField>
  );
}

/** B minus A with its sign, where both have the number. */
function Difference({ pair }: { pair: Pair<number> }) {
  const { measure } = useI18n();
  if (pair.A === undefined || pair.B === undefined) return <>–</>;
  const difference = pair.B - pair.A;
  return <span className="mr-number">{difference > 0 ? `+${measure(difference)}` : measure(difference).replace('-', '−')}</span>;
}

/** What a change of the data did: two jobs, how their lists differ, and how their results do. */
export function ImpactPage() {
  const { t } = useI18n();
  const [search, change] = useAddress();
  const [a, b] = [search['a'] ?? '', search['b'] ?? ''];
  const impact = useQuery({ queryKey: ['impact', a, b], enabled: a !== '' && b !== '', retry: false, queryFn: ({ signal }) => getImpact(a, b, signal) });
  return (
    <Page title={t('nav.impact')} crumbs={[{ text: t('nav.impact') }]} description={t('impact.description')} help={<p>{t('impact.help')}</p>}>
      <SpaceBetween size="l">
        <div className="mr-impact-jobs">
          <JobField label={t('impact.before')} value={a} onChange={(name) => change({ a: name })} />
          <JobField label={t('impact.after')} value={b} onChange={(name) => change({ b: name })} />
        </div>
        {a !== '' && b !== '' && (impact.isError ? <LoadError what={t('impact.failed')} error={impact.error} onRetry={() => void impact.refetch()} /> : impact.data ? <Results a={a} b={b} impact={impact.data} /> : <Spinner size="large" />)}
      </SpaceBetween>
    </Page>
  );
}

/** How the lists of one channel differ. */
function ListImpact({ of }: { of: Impact['Lists'][number] }) {
  const { t } = useI18n();
  const { names } = useClasses(useList(of.B.Id).data);
  return (
    <div>
      <Box variant="h3">{of.Channel}</Box>
      <div className="mr-facts">
        <span>
          <StoreAddress uri={of.A.Source} /> v{of.A.Version} → {of.B.Source !== of.A.Source && <StoreAddress uri={of.B.Source} />} v{of.B.Version}
        </span>
        <DraftCounts counts={of.Diff} />
        <RouteLink path={paths.diff(`${of.A.Id}@${of.A.Version}`, `${of.B.Id}@${of.B.Version}`)}>{t('impact.seePictures')}</RouteLink>
      </div>
      <FlowMatrix flow={of.Diff.Flow} names={names} />
    </div>
  );
}

function Results({ a, b, impact }: { a: string; b: string; impact: Impact }) {
  const { t, measure } = useI18n();
  const shown = (value: number | undefined): React.ReactNode => <span className="mr-number">{value === undefined ? '–' : measure(value)}</span>;
  // Each metric has a scale of its own: a hundred pictures more say nothing about a recall.
  const widest = new Map<string, number>();
  for (const one of impact.Classes) widest.set(one.Metric, Math.max(widest.get(one.Metric) ?? 1e-12, Math.abs((one.B ?? 0) - (one.A ?? 0))));
  return (
    <SpaceBetween size="l">
      <Box>
        <RouteLink path={paths.job(a)}>{a}</RouteLink> → <RouteLink path={paths.job(b)}>{b}</RouteLink>
      </Box>
      <Container header={<Header variant="h2">{t('impact.lists')}</Header>}>
        {impact.Lists.length === 0 && <Box color="text-body-secondary">{t('impact.noLists')}</Box>}
        <SpaceBetween size="l">
          {impact.Lists.map((one) => (
            <ListImpact key={one.Channel} of={one} />
          ))}
        </SpaceBetween>
      </Container>
      <Table
        header={<Header variant="h2">{t('impact.metrics')}</Header>}
        items={[...impact.Metrics]}
        trackBy="Name"
        contentDensity="compact"
        ariaLabels={{ tableLabel: t('impact.metrics') }}
        columnDefinitions={[
          { id: 'name', header: t('common.name'), cell: (one) => one.Name, isRowHeader: true },
          { id: 'a', header: a, cell: (one) => shown(one.A) },
          { id: 'b', header: b, cell: (one) => shown(one.B) },
          { id: 'd', header: t('impact.difference'), cell: (one) => <Difference pair={one} /> },
        ]}
        empty={t('impact.noMetrics')}
      />
      <Table
        header={
          <Header variant="h2" description={t('impact.classesHint')}>
            {t('impact.classes')}
          </Header>
        }
        items={[...impact.Classes]}
        trackBy={(one) => `${one.Class} ${one.Metric}`}
        contentDensity="compact"
        ariaLabels={{ tableLabel: t('impact.classes') }}
        columnDefinitions={[
          { id: 'class', header: t('lists.class'), cell: (one) => one.Class, isRowHeader: true },
          { id: 'metric', header: t('impact.metric'), cell: (one) => one.Metric },
          { id: 'a', header: a, cell: (one) => shown(one.A) },
          { id: 'b', header: b, cell: (one) => shown(one.B) },
          { id: 'd', header: t('impact.difference'), cell: (one) => <Difference pair={one} /> },
          {
            id: 'bar',
            header: t('impact.change'),
            cell: (one) => {
              const difference = (one.B ?? 0) - (one.A ?? 0);
              if (one.A === undefined || one.B === undefined) return '–';
              const share = (50 * Math.abs(difference)) / (widest.get(one.Metric) ?? 1);
              return (
                <div className="mr-bar" aria-hidden>
                  <div className={difference < 0 ? 'mr-bar-worse' : 'mr-bar-fill'} style={{ position: 'absolute', insetInlineStart: `${difference < 0 ? 50 - share : 50}%`, inlineSize: `${share}%` }} />
                  <div className="mr-bar-even" style={{ insetInlineStart: '50%' }} />
                </div>
              );
            },
          },
        ]}
        empty={t('impact.noClasses')}
      />
      <Table
        header={<Header variant="h2">{t('impact.parameters')}</Header>}
        items={[...impact.Parameters]}
        trackBy="Name"
        wrapLines
        contentDensity="compact"
        ariaLabels={{ tableLabel: t('impact.parameters') }}
        columnDefinitions={[
          { id: 'name', header: t('common.name'), cell: (one) => one.Name, isRowHeader: true },
          { id: 'a', header: a, cell: (one) => one.A ?? '–' },
          { id: 'b', header: b, cell: (one) => one.B ?? '–' },
        ]}
        empty={t('compare.same')}
      />
    </SpaceBetween>
  );
}
