import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { Component, type ReactNode } from 'react';
import { useI18n } from '../i18n/I18n';

function Broken({ error }: { error: Error }) {
  const { t } = useI18n();
  return (
    <Box padding="l">
      <Alert type="error" header={t('error.pageBroke')} action={<Button onClick={() => window.location.reload()}>{t('error.reload')}</Button>}>
        {error.message}
      </Alert>
    </Box>
  );
}

/** A fault of one page leaves the frame standing; `resetKey` is the page's address, so that going elsewhere starts anew. */
export class ErrorBoundary extends Component<{ children: ReactNode; resetKey: string }, { error: Error | null; key: string }> {
  override state: { error: Error | null; key: string } = { error: null, key: this.props.resetKey };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  static getDerivedStateFromProps(
    props: { resetKey: string },
    state: { error: Error | null; key: string },
  ): { error: Error | null; key: string } | null {
    return props.resetKey === state.key ? null : { error: null, key: props.resetKey };
  }

  override render(): ReactNode {
    return this.state.error ? <Broken error={this.state.error} /> : this.props.children;
  }
}
