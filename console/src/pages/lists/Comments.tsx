import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { commentProposal, type DiffRow, type Proposal } from '../../api/lists';
import { useNotifications } from '../../app/Notifications';
import { RelativeTime } from '../../components/Time';
import { useI18n } from '../../i18n/I18n';

interface Properties {
  readonly proposal: Proposal;
  /** The row that the next comment is about. */
  readonly row: DiffRow | null;
  readonly onRow: (row: DiffRow | null) => void;
  readonly onChanged: (proposal: Proposal) => void;
}

/** What is said of a proposal or of one of its rows. */
export function Comments({ proposal, row, onRow, onChanged }: Properties) {
  const { t } = useI18n();
  const notify = useNotifications();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const about = row?.B ?? row?.A;
  const send = async (): Promise<void> => {
    setBusy(true);
    try {
      onChanged(await commentProposal(proposal.Number, text, about?.Path));
      setText('');
      onRow(null);
    } catch (error) {
      notify.failure(t('proposals.commentFailed'), error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <ol className="mr-comments">
        {proposal.Comments.map((comment, index) => (
          <li key={index}>
            <div className="mr-line-facts">
              <strong>{comment.Who}</strong>
              <RelativeTime seconds={Date.parse(comment.When) / 1000} />
              {comment.Path !== undefined && <span className="mr-wrap">{comment.Path}</span>}
            </div>
            <div className="mr-wrap">{comment.Text}</div>
          </li>
        ))}
      </ol>
      <FormField
        label={about ? t('proposals.commentOn', { path: about.Path }) : t('proposals.comment')}
        secondaryControl={
          about && (
            <Button variant="link" onClick={() => onRow(null)}>
              {t('proposals.commentWhole')}
            </Button>
          )
        }
        stretch
      >
        <Textarea value={text} rows={3} onChange={({ detail }) => setText(detail.value)} />
      </FormField>
      <div className="mr-comment-send">
        <Button loading={busy} disabled={text.trim() === ''} onClick={() => void send()}>
          {t('proposals.send')}
        </Button>
      </div>
    </>
  );
}
