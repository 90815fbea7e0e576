import './lists.css';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { approveProposal, closeProposal, diffProposal, getProposal, type DiffRow, type Proposal } from '../../api/lists';
import { imagesOf } from '../../api/listImages';
import { useNotifications } from '../../app/Notifications';
import { Page } from '../../app/Page';
import { useParam } from '../../app/useRoute';
import { paths } from '../../base/paths';
import { Confirm } from '../../components/Confirm';
import { LoadError } from '../../components/ErrorText';
import { RouteLink } from '../../components/RouteLink';
import { RelativeTime } from '../../components/Time';
import { useI18n } from '../../i18n/I18n';
import { currentSession } from '../../session/session';
import { DraftCounts } from './ChangeCounts';
import { Comments } from './Comments';
import { DiffView } from './DiffView';
import { MergeDialog } from './MergeDialog';
import { ProposalStatus } from './ProposalStatus';
import { RejectDialog } from './RejectDialog';
import { useClasses } from './useClasses';
import { useList } from './useList';

/** The user that every installation has. */
const operator = 'operator';

export function ProposalPage() {
  const { t } = useI18n();
  const number = Number(useParam('number'));
  const proposal = useQuery({ queryKey: ['proposal', number], queryFn: ({ signal }) => getProposal(number, signal), refetchInterval: 5000 });
  const title = t('proposals.one', { number });
  if (!proposal.data) {
    return (
      <Page title={title} crumbs={[{ text: t('nav.proposals'), path: paths.proposals() }, { text: title }]}>
        {proposal.isError ? <LoadError what={t('proposals.loadFailed')} error={proposal.error} onRetry={() => void proposal.refetch()} /> : <Spinner size="large" />}
      </Page>
    );
  }
  return <Review proposal={proposal.data} />;
}

/** A proposed change: its pictures, what others say of it, and the verdict. */
function Review({ proposal }: { proposal: Proposal }) {
  const { t, tn } = useI18n();
  const client = useQueryClient();
  const notify = useNotifications();
  const [dialog, setDialog] = useState<'reject' | 'merge' | 'withdraw' | null>(null);
  const [row, setRow] = useState<DiffRow | null>(null);
  const [busy, setBusy] = useState(false);
  const list = useList(proposal.List);
  const { names } = useClasses(list.data);
  const root = imagesOf(proposal.List, proposal.Source);
  const session = currentSession();
  const user = session.kind === 'signed-in' ? session.session.User : '';
  const mine = user === proposal.Author;
  // Everybody else; and the operator, who may be alone (whether so, the daemon knows).
  const mayApprove = !mine || user === operator;
  const waiting = proposal.State === 'Open' || proposal.State === 'Approved';
  const title = `#${proposal.Number} ${proposal.Title}`;
  const update = (next: Proposal): void => {
    client.setQueryData(['proposal', proposal.Number], next);
    for (const key of ['proposals', 'lists', 'list', 'list-rows', 'list-history']) void client.invalidateQueries({ queryKey: [key] });
  };
  const approve = async (): Promise<void> => {
    setBusy(true);
    try {
      update(await approveProposal(proposal.Number));
      notify.success(t('proposals.approved'));
    } catch (error) {
      notify.failure(t('proposals.approveFailed'), error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Page
      title={title}
      crumbs={[{ text: t('nav.proposals'), path: paths.proposals() }, { text: `#${proposal.Number}` }]}
      help={<p>{t('proposals.help')}</p>}
      description={<span className="mr-wrap">{proposal.Message}</span>}
      actions={
        waiting && (
          <SpaceBetween direction="horizontal" size="xs">
            {mine && <Button onClick={() => setDialog('withdraw')}>{t('proposals.withdraw')}</Button>}
            {!mine && <Button onClick={() => setDialog('reject')}>{t('proposals.reject')}</Button>}
            {mayApprove && (
              <Button loading={busy} variant={proposal.State === 'Open' ? 'primary' : 'normal'} disabled={proposal.Approvals.includes(user)} disabledReason={t('proposals.approvedAlready')} onClick={() => void approve()}>
                {t('proposals.approve')}
              </Button>
            )}
            <Button variant={proposal.State === 'Approved' ? 'primary' : 'normal'} onClick={() => setDialog('merge')}>
              {t('proposals.merge')}
            </Button>
          </SpaceBetween>
        )
      }
    >
      <SpaceBetween size="l">
        <Container>
          <KeyValuePairs
            columns={4}
            items={[
              { label: t('jobs.status'), value: <ProposalStatus state={proposal.State} /> },
              { label: t('lists.list'), value: <RouteLink path={paths.list(proposal.List)}>{`${proposal.Source} v${proposal.Base}`}</RouteLink> },
              {
                label: t('proposals.author'),
                value: (
                  <>
                    {proposal.Author} · <RelativeTime seconds={Date.parse(proposal.When) / 1000} />
                  </>
                ),
              },
              { label: t('proposals.approvals'), value: proposal.Approvals.length === 0 ? t('proposals.noApprovals') : proposal.Approvals.join(', ') },
              { label: t('lists.changes'), value: <DraftCounts counts={proposal.Changes} /> },
            ]}
          />
        </Container>
        <Container header={<Header variant="h2" description={t('proposals.rowHint')}>{t('lists.changes')}</Header>}>
          <DiffView
            source={`proposal ${proposal.Number}`}
            fetchDiff={(kind, from, limit, signal) => diffProposal(proposal.Number, kind, from, limit, signal)}
            rootA={root}
            rootB={root}
            names={names}
            onRow={setRow}
          />
        </Container>
        <Container header={<Header variant="h2" counter={`(${tn('proposals.comments', proposal.Comments.length)})`}>{t('proposals.discussion')}</Header>}>
          {proposal.Comments.length === 0 && <Box color="text-body-secondary">{t('proposals.noComments')}</Box>}
          <Comments proposal={proposal} row={row} onRow={setRow} onChanged={update} />
        </Container>
      </SpaceBetween>
      {dialog === 'reject' && <RejectDialog proposal={proposal} onClose={() => setDialog(null)} onDone={update} />}
      {dialog === 'merge' && <MergeDialog proposal={proposal} names={names} onClose={() => setDialog(null)} onDone={update} />}
      {dialog === 'withdraw' && (
        <Confirm title={t('proposals.withdrawTitle')} action={t('proposals.withdraw')} onClose={() => setDialog(null)} onConfirm={async () => update(await closeProposal(proposal.Number))}>
          {t('proposals.withdrawText', { title })}
        </Confirm>
      )}
    </Page>
  );
}
