import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';

const types: Readonly<Record<string, StatusIndicatorProps.Type>> = {
  Completed: 'success',
  InService: 'success',
  Failed: 'error',
  OutOfService: 'error',
  Stopped: 'stopped',
  MaxRuntimeExceeded: 'warning',
  MaxWaitTimeExceeded: 'warning',
  Interrupted: 'warning',
  Pending: 'pending',
  Starting: 'pending',
  Creating: 'in-progress',
};

/** A status word of the service, in its own words in every language, never by colour alone. */
export function StatusOf({ status }: { status: string }) {
  return <StatusIndicator type={types[status] ?? 'in-progress'}>{status}</StatusIndicator>;
}
