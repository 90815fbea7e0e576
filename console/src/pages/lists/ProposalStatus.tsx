import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { ProposalState } from '../../api/lists';
import { useI18n } from '../../i18n/I18n';

const types: Readonly<Record<ProposalState, StatusIndicatorProps.Type>> = { Open: 'pending', Approved: 'success', Merged: 'success', Rejected: 'error', Withdrawn: 'stopped' };

export function ProposalStatus({ state }: { state: ProposalState }) {
  const { t } = useI18n();
  return <StatusIndicator type={types[state] ?? 'info'}>{types[state] === undefined ? state : t(`proposals.state.${state}`)}</StatusIndicator>;
}
