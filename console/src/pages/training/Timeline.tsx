import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Steps, { type StepsProps } from '@cloudscape-design/components/steps';
import type { SecondaryStatusTransition } from '../../generated/sagemaker';
import { Elapsed } from '../../components/Time';
import { useI18n } from '../../i18n/I18n';

const ends = /^(Completed|Failed|Stopped|MaxRuntimeExceeded|MaxWaitTimeExceeded)$/;

function statusOf(transition: SecondaryStatusTransition): StepsProps.Status {
  if (transition.Status === 'Failed') return 'error';
  if (transition.Status === 'Stopped') return 'stopped';
  if (/Exceeded|Interrupted/.test(transition.Status)) return 'warning';
  return transition.EndTime === undefined && transition.Status !== 'Completed' ? 'in-progress' : 'success';
}

/** What the job went through, with the time of each. */
export function Timeline({ transitions, narrow }: { transitions: readonly SecondaryStatusTransition[]; narrow: boolean }) {
  const { t, dateTime } = useI18n();
  return (
    <Container header={<Header variant="h2">{t('job.timeline')}</Header>}>
      <Steps
        orientation={narrow ? 'vertical' : 'horizontal'}
        ariaLabel={t('job.timeline')}
        steps={transitions.map((transition) => ({
          status: statusOf(transition),
          header: (
            <>
              {transition.Status}{' '}
              {!ends.test(transition.Status) && <Elapsed from={transition.StartTime} to={transition.EndTime} />}
            </>
          ),
          details: (
            <>
              {transition.StatusMessage}
              <br />
              <small>{dateTime(transition.StartTime)}</small>
            </>
          ),
        }))}
      />
    </Container>
  );
}
